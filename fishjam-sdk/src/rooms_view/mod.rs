//! A live local picture of all rooms, kept right by the notifier and, where events cannot tell, by the API.

mod changes;
mod inbox;
mod rooms_state;
mod sync;
mod unreadable;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use changes::{RoomChange, RoomChanges};
use inbox::Inbox;
use rooms_state::Picture;
use sync::Follower;
use tokio::task::AbortHandle;
use unreadable::UnreadableRooms;

use crate::{
    ConnectionState, FishjamClient, FishjamNotifier, Overflow, Room, RoomId,
    connection::queue::{Items, Limits, Queue},
    error::Result,
};

/// How many events may wait while the API is read; if more come, everything is read again.
const EVENTS: usize = 16 * 1024;
/// How many changes may wait for each consumer.
const CHANGES: usize = 1024;
/// The maximum size of the changes that may wait for each consumer, in bytes.
const CHANGE_BYTES: usize = 16 * 1024 * 1024;

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
        let follower = Follower::new(fishjam.clone(), Arc::clone(&shared), unreadable);
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
