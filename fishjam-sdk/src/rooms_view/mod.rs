//! A live local picture of all rooms, kept right by the notifier and, where events cannot tell, by the API.

mod changes;
mod inbox;
mod picture;
mod unreadable;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{task::AbortHandle, time::Instant};

pub use changes::{RoomChange, RoomChanges};
use inbox::{Inbox, Next};
use picture::Picture;
use unreadable::UnreadableRooms;

use crate::{
    ConnectionState, FishjamClient, FishjamNotifier, Overflow, Room, RoomId,
    backoff::Backoff,
    error::{Error, ErrorKind, Result},
    events::{Event, Notification},
    notifier::queue::{Items, Limits, Queue},
};

/// How many events may wait while the API is read; if more come, everything is read again.
const EVENTS: usize = 16 * 1024;
/// How many changes may wait for each consumer.
const CHANGES: usize = 1024;
/// The maximum size of the changes that may wait for each consumer, in bytes.
const CHANGE_BYTES: usize = 16 * 1024 * 1024;
/// The waits between attempts to read the API.
const RETRY: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(15) };
/// How long everything, once read, is not read again: gaps may come thick and fast.
const RESPITE: Duration = Duration::from_millis(200);
/// How many events are taken in before the API is read, however many more wait.
const BURST: usize = 4096;

/// All rooms with their peers and tracks, as they are now.
///
/// The view follows the notifications of a [`FishjamNotifier`] and reads from the API what they do not tell: the
/// settings of a new room, the metadata of a new peer, and everything after a gap. It needs no polling and stays right
/// across lost connections; until a lost connection is restored and everything is read again,
/// [`is_live`](Self::is_live) is false and it shows what was last known. A consumer of the same notifier that lets its
/// queue overflow with [`Overflow::Wait`] holds the view up as well.
///
/// A room that the SDK cannot read stays as the view last knew it, and so does not count as deleted. After further events
/// of the room, the view reads it again, at intervals that grow to 60 seconds. The view logs the unreadable rooms when the
/// set of these rooms changes.
///
/// What a peer is [subscribed](crate::Peer::subscriptions) to is never told by the service, nor is that the tracks of a
/// room are to be [forwarded](FishjamClient::forward_room_tracks) as long as it has none: that is as old as the last
/// reading of the room.
///
/// Cloning is cheap and clones show the same picture; dropping the last one ends the task behind it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let (id, token) = (emulator.url(), emulator.token());
/// use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomChange, RoomOptions, RoomsView};
/// use futures_util::StreamExt;
///
/// let fishjam = FishjamClient::new(id, token)?;
/// let view = RoomsView::start(&fishjam, &FishjamNotifier::new(id, token)?).await?;
/// let mut changes = view.changes();
///
/// let room = fishjam.create_room(RoomOptions::new()).await?;
/// assert!(matches!(changes.next().await, Some(Ok(RoomChange::Room(changed))) if changed == room));
/// assert_eq!(view.get(&room.id), Some(room));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RoomsView(Arc<Following>);

/// Ends the task when the last handle goes.
struct Following {
    shared: Arc<Shared>,
    notifier: FishjamNotifier,
    task: AbortHandle,
}

struct Shared {
    shown: Mutex<Shown>,
    inbox: Inbox,
}

#[derive(Default)]
struct Shown {
    picture: Picture,
    consumers: Vec<Arc<Queue<Items<RoomChange>>>>,
    /// How the view ended; `Ok` if the program dropped its last handle.
    ended: Option<Result<()>>,
}

impl RoomsView {
    /// Begins to follow; returns when the picture is complete.
    ///
    /// The view becomes one of the notifier's consumers and never slows the others down.
    ///
    /// # Errors
    ///
    /// Those of [`FishjamNotifier::events`] and of [`FishjamClient::get_all_rooms`].
    pub async fn start(fishjam: &FishjamClient, notifier: &FishjamNotifier) -> Result<Self> {
        let events = notifier.subscribe_with(EVENTS, Overflow::DropOldest)?;
        notifier.wait_ready().await?;
        let shared = Arc::new(Shared { shown: Mutex::default(), inbox: Inbox::new(events, EVENTS) });
        // The events that wait meanwhile may be older or newer than this; either way they do no harm.
        let rooms = fishjam.get_all_rooms_with_unreadable().await?;
        let mut unreadable = UnreadableRooms::default();
        unreadable.record(&rooms);
        shared.shown().picture.replace(rooms);
        let follower = Follower {
            fishjam: fishjam.clone(),
            shared: Arc::clone(&shared),
            doubt: Doubt::default(),
            unreadable,
            failure: None,
            not_before: Instant::now(),
        };
        let task = tokio::spawn(follower.follow()).abort_handle();
        Ok(Self(Arc::new(Following { shared, notifier: notifier.clone(), task })))
    }

    /// The room as it is now, if there is one with this id.
    #[must_use]
    pub fn get(&self, id: impl Into<RoomId>) -> Option<Room> {
        self.0.shared.shown().picture.get(&id.into()).cloned()
    }

    /// All rooms as they are now, in the order of their ids.
    #[must_use]
    pub fn list(&self) -> Vec<Room> {
        self.0.shared.shown().picture.rooms().cloned().collect()
    }

    /// The changes from now on.
    ///
    /// Each consumer has its own queue, with the limits of [`RoomChanges`].
    #[must_use]
    pub fn changes(&self) -> RoomChanges {
        let queue =
            Arc::new(Queue::new(Limits { items: CHANGES, bytes: CHANGE_BYTES, overflow: Overflow::DropOldest }));
        let mut shown = self.0.shared.shown();
        match shown.ended.clone() {
            Some(end) => queue.end(end.err()),
            None => {
                shown.consumers.retain(|consumer| !consumer.is_abandoned());
                shown.consumers.push(Arc::clone(&queue));
            }
        }
        RoomChanges(queue.reader())
    }

    /// Whether the picture follows what happens; not so from the loss of a connection, or of a notification, until
    /// everything is read again.
    ///
    /// A loss that has been told but waits for this view to have time for it counts already.
    #[must_use]
    pub fn is_live(&self) -> bool {
        // In this order: the connection is ready again only after the gap is told.
        self.0.notifier.state() == ConnectionState::Ready && self.0.shared.inbox.is_live()
    }

    /// Waits until the picture [is live](Self::is_live).
    ///
    /// # Errors
    ///
    /// Returns the reason of the end if the view or its notifier has ended or ends meanwhile.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_live(&self) -> Result<()> {
        let shared = &self.0.shared;
        let mut changes = shared.inbox.changes();
        loop {
            changes.borrow_and_update();
            if self.is_live() {
                return Ok(());
            }
            if let Some(Err(error)) = shared.shown().ended.clone() {
                return Err(error);
            }
            // The view can end while its notifier still waits for a connection.
            tokio::select! {
                biased;
                _ = changes.changed() => continue,
                ready = self.0.notifier.wait_ready() => ready?,
            }
            if !self.is_live() {
                let _ = changes.changed().await;
            }
        }
    }
}

impl Shared {
    /// Ends the view. Only the first end counts.
    fn end(&self, end: Result<()>) {
        let mut shown = self.shown();
        if shown.ended.is_some() {
            return;
        }
        shown.ended = Some(end.clone());
        let consumers = std::mem::take(&mut shown.consumers);
        drop(shown);
        // The view must not count as live when a consumer sees the end.
        self.inbox.close();
        consumers.into_iter().for_each(|consumer| consumer.end(end.clone().err()));
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    /// Tells the consumers what these rooms are like now.
    fn announce(&mut self, changed: impl IntoIterator<Item = RoomId>) {
        self.consumers.retain(|consumer| !consumer.is_abandoned());
        for id in changed {
            let change = match self.picture.get(&id) {
                _ if self.consumers.is_empty() => return,
                Some(room) => RoomChange::Room(room.clone()),
                None => RoomChange::Gone(id),
            };
            for consumer in &self.consumers {
                // A queue that drops its oldest has room for everything.
                let _ = consumer.push(change.clone());
            }
        }
    }
}

/// The task behind a view.
struct Follower {
    fishjam: FishjamClient,
    shared: Arc<Shared>,
    doubt: Doubt,
    unreadable: UnreadableRooms,
    /// The failed reads of the API since the last successful one.
    failure: Option<Failure>,
    /// When the API may be read next.
    not_before: Instant,
}

/// Failed reads of the API in a row.
struct Failure {
    since: Instant,
    attempts: u32,
}

/// What is known to be wrong with the picture.
#[derive(Debug, Default)]
struct Doubt {
    everything: bool,
    rooms: BTreeSet<RoomId>,
}

impl Doubt {
    fn is_any(&self) -> bool {
        self.everything || !self.rooms.is_empty()
    }
}

impl Follower {
    async fn follow(mut self) {
        let error = loop {
            if let Err(error) = self.turn().await {
                break error;
            }
        };
        self.shared.end(Err(error));
    }

    /// Takes in what waits, so that a room that changed often is read once; then reads what is in doubt, when it may.
    async fn turn(&mut self) -> Result<()> {
        for _ in 0..BURST {
            let Some(next) = self.shared.inbox.next().now_or_never() else { break };
            self.take(next)?;
        }
        self.doubt.rooms.append(&mut self.unreadable.take_due(Instant::now()));
        let not_before = if self.doubt.is_any() {
            if self.not_before <= Instant::now() {
                return self.clear().await;
            }
            Some(self.not_before)
        } else {
            self.shared.inbox.settle();
            self.unreadable.next_read()
        };
        let pause = async {
            match not_before {
                Some(not_before) => tokio::time::sleep_until(not_before).await,
                None => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            next = self.shared.inbox.next() => next,
            () = pause => return Ok(()),
        };
        self.take(next)
    }

    fn take(&mut self, next: Next) -> Result<()> {
        match next {
            // It may have said anything, so anything may be wrong.
            Some(Ok(Event::Notification(Notification::Unknown(unknown)))) if unknown.malformed => self.distrust(),
            Some(Ok(Event::Notification(notification))) => {
                let mut shown = self.shared.shown();
                let changed = shown.picture.apply(&notification);
                if let (Notification::RoomDeleted(_) | Notification::RoomCrashed(_), Some(id)) =
                    (&notification, notification.room_id())
                {
                    self.doubt.rooms.remove(id);
                    self.unreadable.remove(id);
                }
                let stale = shown.picture.take_stale();
                self.doubt.rooms.extend(stale.into_iter().filter(|id| !self.unreadable.postpone(id)));
                shown.announce(changed);
            }
            Some(Ok(Event::Gap(_) | Event::Dropped(_))) => self.distrust(),
            Some(Err(error)) => return Err(error),
            None => return Err(Error::new(ErrorKind::Closed).message_text("the notifier was closed")),
        }
        Ok(())
    }

    fn distrust(&mut self) {
        self.doubt.everything = true;
        self.shared.inbox.distrust();
    }

    /// Reads from the API what is in doubt; what does not work stays in doubt, unless it never will work.
    async fn clear(&mut self) -> Result<()> {
        let outcome = if self.doubt.everything { self.read_all().await } else { self.read_rooms().await };
        match outcome {
            Ok(()) => {
                self.log_success();
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Unauthorized => Err(error),
            Err(error) => {
                let failures = self.log_failure(&error);
                self.not_before = Instant::now() + RETRY.wait(failures, fastrand::f64());
                self.shared.inbox.distrust();
                Ok(())
            }
        }
    }

    /// Logs a failed read: the first one as a warning. Returns the number of failed reads in a row.
    fn log_failure(&mut self, error: &Error) -> u32 {
        let error = format_args!("{error:#}");
        let failure = self.failure.get_or_insert_with(|| Failure { since: Instant::now(), attempts: 0 });
        failure.attempts = failure.attempts.saturating_add(1);
        if failure.attempts == 1 {
            tracing::warn!(error, "failed to read rooms; retrying");
        } else {
            tracing::debug!(error, attempts = failure.attempts, "failed to read rooms again");
        }
        failure.attempts
    }

    /// Logs the recovery, if reads failed before and nothing is left to be read.
    fn log_success(&mut self) {
        if !self.doubt.is_any()
            && let Some(Failure { since, attempts }) = self.failure.take()
        {
            let (duration, attempts) = (since.elapsed(), attempts.saturating_add(1));
            tracing::info!(?duration, attempts, "read rooms after failed attempts");
        }
    }

    async fn read_all(&mut self) -> Result<()> {
        let rooms = self.fishjam.get_all_rooms_with_unreadable().await?;
        self.unreadable.record(&rooms);
        self.not_before = Instant::now() + RESPITE;
        self.doubt = Doubt::default();
        let mut shown = self.shared.shown();
        let changed = shown.picture.replace(rooms);
        shown.announce(changed);
        Ok(())
    }

    /// One room that cannot be read does not keep the others from being read.
    async fn read_rooms(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        for id in self.doubt.rooms.clone() {
            let room = match self.fishjam.get_room(&id).await {
                Ok(room) => Some(room),
                // No request can be made of an id like that, or the service takes none: it would be refused for ever.
                Err(error)
                    if error.is_not_found()
                        || matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::BadRequest) =>
                {
                    None
                }
                // The list distinguishes a room that cannot be read from responses that are not the server's. If the last
                // list had this unreadable room, the next list would only cost the account another request.
                Err(error) if error.kind() == ErrorKind::Decode => {
                    let listed = self.unreadable.record_failure(id.clone(), Instant::now(), fastrand::f64());
                    self.doubt.everything |= !listed;
                    self.doubt.rooms.remove(&id);
                    continue;
                }
                Err(error) => {
                    outcome = Err(error);
                    continue;
                }
            };
            self.doubt.rooms.remove(&id);
            self.unreadable.remove(&id);
            let mut shown = self.shared.shown();
            if shown.picture.replace_room(&id, room) {
                shown.announce([id]);
            }
        }
        outcome
    }
}

/// The task can end without an error of its own: it panics, or its runtime shuts down.
impl Drop for Follower {
    fn drop(&mut self) {
        let reason = "the task of the rooms view ended; its runtime may have shut down";
        self.shared.end(Err(Error::new(ErrorKind::Closed).message_text(reason)));
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // Before the task ends, so that the changes end without an error.
        self.shared.end(Ok(()));
        self.task.abort();
    }
}

impl fmt::Debug for RoomsView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rooms = self.0.shared.shown().picture.rooms().count();
        f.debug_struct("RoomsView").field("rooms", &rooms).field("live", &self.is_live()).finish()
    }
}
