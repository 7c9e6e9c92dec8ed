//! A live local picture of all rooms, kept right by the notifier and, where events cannot tell, by the API.

mod changes;
mod picture;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, StreamExt};
use tokio::{sync::watch, task::AbortHandle};

pub use changes::{RoomChange, RoomChanges};
use picture::Picture;

use crate::{
    EventStream, FishjamClient, FishjamNotifier, Overflow, Room, RoomId,
    backoff::Backoff,
    error::{Error, ErrorKind, Result},
    events::Event,
    notifier::queue::Queue,
};

/// How many events may wait while the API is read; if more come, everything is read again.
const EVENTS: usize = 16 * 1024;
/// How many changes may wait for each consumer.
const CHANGES: usize = 1024;
/// The waits between attempts to read the API.
const RETRY: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(15) };

/// All rooms with their peers and tracks, as they are now.
///
/// The view follows the notifications of a [`FishjamNotifier`] and reads from the API what they do not tell: the
/// settings of a new room, the metadata of a new peer, and everything after a gap. It needs no polling and stays right
/// across lost connections; while it catches up, [`is_live`](Self::is_live) is false and it shows what was last known.
/// What a peer is [subscribed](crate::Peer::subscriptions) to is never told by the service, so that field is as old as
/// the last reading of its room.
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
    task: AbortHandle,
}

struct Shared {
    shown: Mutex<Shown>,
    live: watch::Sender<bool>,
}

#[derive(Default)]
struct Shown {
    picture: Picture,
    consumers: Vec<Arc<Queue<RoomChange>>>,
    ended: Option<Error>,
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
        let shared = Arc::new(Shared { shown: Mutex::default(), live: watch::Sender::new(true) });
        // The events that wait meanwhile may be older or newer than this; either way they do no harm.
        let rooms = fishjam.get_all_rooms().await?;
        shared.shown().picture.replace(rooms);
        let follower = Follower { fishjam: fishjam.clone(), events, shared: Arc::clone(&shared), failures: 0 };
        let task = tokio::spawn(follower.follow()).abort_handle();
        Ok(Self(Arc::new(Following { shared, task })))
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
    #[must_use]
    pub fn changes(&self) -> RoomChanges {
        let queue = Arc::new(Queue::new(CHANGES, Overflow::DropOldest));
        let mut shown = self.0.shared.shown();
        match shown.ended.clone() {
            Some(error) => queue.end(Some(error)),
            None => shown.consumers.push(Arc::clone(&queue)),
        }
        RoomChanges(queue)
    }

    /// Whether the picture follows what happens; not so while a lost connection is restored or the API is read.
    #[must_use]
    pub fn is_live(&self) -> bool {
        *self.0.shared.live.borrow()
    }

    /// Waits until the picture [is live](Self::is_live). Cancel safe.
    ///
    /// # Errors
    ///
    /// Why the view follows no longer, if the notifier has ended.
    pub async fn wait_live(&self) -> Result<()> {
        let _ = self.0.shared.live.subscribe().wait_for(|live| *live || self.0.shared.shown().ended.is_some()).await;
        match self.0.shared.shown().ended.clone() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Shared {
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
    events: EventStream,
    shared: Arc<Shared>,
    /// Readings of the API in a row that did not work.
    failures: u32,
}

/// What is known to be wrong with the picture.
#[derive(Debug, Default)]
struct Doubt {
    everything: bool,
    rooms: BTreeSet<RoomId>,
}

impl Follower {
    async fn follow(mut self) {
        let mut doubt = Doubt::default();
        let error = loop {
            // All that waits is taken in before anything is read: a room that changed often is read once.
            let next = match self.events.next().now_or_never() {
                Some(next) => next,
                None if doubt.everything || !doubt.rooms.is_empty() => {
                    self.clear(&mut doubt).await;
                    continue;
                }
                None => {
                    self.shared.live.send_if_modified(|live| !std::mem::replace(live, true));
                    self.events.next().await
                }
            };
            match next {
                Some(Ok(Event::Notification(notification))) => {
                    let mut shown = self.shared.shown();
                    let changed = shown.picture.apply(&notification);
                    doubt.rooms.append(&mut shown.picture.take_stale());
                    shown.announce(changed);
                }
                Some(Ok(Event::Gap(_) | Event::Dropped(_))) => {
                    self.shared.live.send_replace(false);
                    doubt.everything = true;
                }
                Some(Err(error)) => break error,
                None => break Error::new(ErrorKind::Closed).message_text("the notifier was closed"),
            }
        };
        let mut shown = self.shared.shown();
        shown.consumers.drain(..).for_each(|consumer| consumer.end(Some(error.clone())));
        shown.ended = Some(error);
        drop(shown);
        self.shared.live.send_replace(false);
    }

    /// Reads from the API what is in doubt; what does not work stays in doubt.
    async fn clear(&mut self, doubt: &mut Doubt) {
        let outcome = if doubt.everything { self.read_all(doubt).await } else { self.read_rooms(doubt).await };
        match outcome {
            Ok(()) => self.failures = 0,
            Err(error) => {
                self.failures += 1;
                tracing::warn!(%error, "the picture of the rooms could not be read; trying again");
                self.shared.live.send_replace(false);
                tokio::time::sleep(RETRY.wait(self.failures, fastrand::f64())).await;
            }
        }
    }

    async fn read_all(&mut self, doubt: &mut Doubt) -> Result<()> {
        let rooms = self.fishjam.get_all_rooms().await?;
        *doubt = Doubt::default();
        let mut shown = self.shared.shown();
        let changed = shown.picture.replace(rooms);
        shown.announce(changed);
        Ok(())
    }

    async fn read_rooms(&mut self, doubt: &mut Doubt) -> Result<()> {
        while let Some(id) = doubt.rooms.first().cloned() {
            let room = match self.fishjam.get_room(&id).await {
                Ok(room) => Some(room),
                Err(error) if error.is_not_found() => None,
                Err(error) => return Err(error),
            };
            doubt.rooms.remove(&id);
            let mut shown = self.shared.shown();
            if shown.picture.replace_room(&id, room) {
                shown.announce([id]);
            }
        }
        Ok(())
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for RoomsView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rooms = self.0.shared.shown().picture.rooms().count();
        f.debug_struct("RoomsView").field("rooms", &rooms).field("live", &self.is_live()).finish()
    }
}
