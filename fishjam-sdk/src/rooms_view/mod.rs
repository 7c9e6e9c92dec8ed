//! A local view of all rooms that follows the notifications and reads the rest from the API.

mod changes;
mod failures;
#[cfg(test)]
mod interleavings;
mod open_reads;
mod reads;
mod refresh;
mod resync;
mod rooms_state;
mod sized_room;
mod stale;
mod sync;
mod unreadable;
mod view_shared;
mod view_state;

use std::{fmt, sync::Arc, time::SystemTime};

use tokio::task::AbortHandle;

pub use self::changes::{RoomChange, RoomChanges};
use self::{
    sync::SyncTask,
    view_shared::{ChangeQueue, ViewShared},
};
use crate::{
    client::FishjamClient,
    connection::queue::Limits,
    error::Result,
    id::RoomId,
    notifier::{ConnectionState, FishjamNotifier, Overflow},
    rooms::Room,
};

/// The maximum number of events that wait during a read of the API. After more events, the view reads all rooms again.
const EVENTS: usize = 16 * 1024;
/// The maximum number of changes that wait for each consumer.
const CHANGES: usize = 1024;
/// The maximum size of the changes that wait for each consumer, in bytes.
const CHANGE_BYTES: usize = 16 * 1024 * 1024;

/// A live view of all rooms with their peers and tracks.
///
/// The view follows the notifications of a [`FishjamNotifier`]. It reads from the API what notifications do not contain:
///
/// - the settings of a new room
/// - the metadata of a new peer
/// - all rooms after a gap
///
/// The view needs no polling. After a lost connection, it shows the last known rooms and [`is_live`](Self::is_live) returns
/// `false`, until the connection is restored and all rooms are read again.
///
/// A slow consumer of the same notifier can delay the view: with [`Overflow::Wait`], the default, all consumers wait while
/// its queue is full. Nothing reports this delay. If you do not control all consumers, create a separate notifier for the
/// view.
///
/// # Reads
///
/// If an event does not contain the whole change, the room is stale until the view has read it. The view shows its last known
/// state meanwhile, and [`stale_rooms`](Self::stale_rooms) counts it. A stale room can lack a new peer that is connected
/// already. Call [`refresh`](Self::refresh) before you act on an empty room.
///
/// The view reads at most 32 rooms at the same time, and applies further events meanwhile. From 128 waiting rooms on, if they
/// are at least a sixteenth of all rooms, it reads one list of all rooms instead. Lists have an interval of at least 200
/// milliseconds.
///
/// The view repeats a failed read until it succeeds, with delays of up to 15 seconds. If the server requests a longer delay,
/// the view waits for up to five minutes. The log has the first failure. A list that takes longer than
/// [`request_timeout`](crate::FishjamClientBuilder::request_timeout) fails each time: set a longer time for a large account.
///
/// These errors end the view, because another read cannot succeed. The log has the error, and [`changes`](Self::changes) and
/// [`wait_live`](Self::wait_live) return it:
///
/// - [`Unauthorized`](crate::ErrorKind::Unauthorized)
/// - [`TooLarge`](crate::ErrorKind::TooLarge) for the list of all rooms: the account has outgrown
///   [`max_response_bytes`](crate::FishjamClientBuilder::max_response_bytes)
///
/// A room that the SDK cannot read stays in the view in its last known state, so it does not count as deleted. After
/// further events of the room, the view reads it again, at intervals that grow to 60 seconds. The view logs the unreadable
/// rooms when the set of these rooms changes.
///
/// Two values are only as new as the last read of the room, because the server does not report their changes. After you
/// change them, call [`refresh`](Self::refresh):
///
/// - the [subscriptions](crate::Peer::subscriptions) of a peer
/// - the [forwarding](FishjamClient::forward_room_tracks) of a room that has no tracks
///
/// A read can return a state that is newer than events that have not arrived. The view applies these events when they
/// arrive, so it can show an earlier state of the room again for a moment. The last state is correct. An action that cannot
/// be undone should therefore read the room first.
///
/// # Cost
///
/// An event costs about twice as much with 50,000 rooms as with 100. The cost grows with the number of peers of the room, because the
/// view searches for the peer. If a consumer still has the last state of the room, the next event also copies the room.
/// Events that arrive together cause at most one copy and one [change](Self::changes) for each room.
///
/// After a gap, the view reads all rooms. Time and memory grow with the number of rooms, and both the old and the new rooms
/// are in memory for a moment. [`get`](Self::get), [`list`](Self::list) and [`first_seen`](Self::first_seen) do not wait for
/// such a read.
///
/// # Sharing
///
/// A room is an [`Arc`], which the view shares with its consumers. A room that you have keeps its state: get it again for the
/// current state. `serde` serializes an `Arc` only with its feature `rc`. Without the feature, serialize `room.as_ref()`, or
/// get an owned room with [`Arc::unwrap_or_clone`].
///
/// Cloning is cheap, and all clones show the same rooms. When you drop the last clone, the task of the view ends. It also ends
/// when you [close](FishjamNotifier::close) the notifier. The view then keeps its last rooms; start another view to continue.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let (id, token) = (emulator.url(), emulator.token());
/// use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomChange, RoomOptions, RoomsView};
///
/// let fishjam = FishjamClient::new(id, token)?;
/// let view = RoomsView::start(&fishjam, &FishjamNotifier::new(id, token)?).await?;
/// let mut changes = view.changes();
///
/// let room = fishjam.create_room(RoomOptions::new()).await?;
/// assert!(matches!(changes.receive().await, Some(Ok(RoomChange::Room(changed))) if *changed == room));
/// assert_eq!(view.get(&room.id).as_deref(), Some(&room));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RoomsView(Arc<TaskHandle>);

/// Ends the task when the last handle is dropped.
struct TaskHandle {
    shared: Arc<ViewShared>,
    fishjam: FishjamClient,
    notifier: FishjamNotifier,
    task: AbortHandle,
}

impl RoomsView {
    /// Starts a view, and returns when the view contains all rooms.
    ///
    /// The view becomes a consumer of the notifier. It never delays the other consumers.
    ///
    /// While the server is not available, this function waits, like [`FishjamNotifier::events`]. It also repeats the read of
    /// all rooms until it succeeds, with the [delays](Self#reads) of later reads. The log has the first failure. A read is not
    /// repeated:
    ///
    /// - after an error that another attempt cannot change, such as a refused token
    /// - if the list of all rooms is larger than [`max_response_bytes`](crate::FishjamClientBuilder::max_response_bytes)
    /// - if the notifier does not [repeat](crate::FishjamNotifierBuilder::retry_first_connection) its first connection
    ///
    /// For an example, see [`RoomsView`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`FishjamNotifier::events`] and of [`FishjamClient::get_all_rooms`].
    ///
    /// # Cancel safety
    ///
    /// This function is cancel safe. If you drop the future, the view does not start. To limit the time, use
    /// `tokio::time::timeout`.
    pub async fn start(fishjam: &FishjamClient, notifier: &FishjamNotifier) -> Result<Self> {
        let events = notifier.subscribe_with(EVENTS, Overflow::DropOldest)?;
        events.watch_losses();
        notifier.wait_ready().await?;
        let shared = Arc::new(ViewShared::new(Some(events)));
        let mut task = SyncTask::new(fishjam.clone(), notifier.clone(), Arc::clone(&shared));
        tokio::select! {
            biased;
            loaded = task.load(notifier.retries_first_connection()) => loaded?,
            error = notifier.ended() => return Err(error),
        }
        let task = tokio::spawn(task.run()).abort_handle();
        Ok(Self(Arc::new(TaskHandle { shared, fishjam: fishjam.clone(), notifier: notifier.clone(), task })))
    }

    /// Returns the room with this id, or `None` if there is no such room.
    #[must_use]
    pub fn get(&self, id: impl Into<RoomId>) -> Option<Arc<Room>> {
        let id = id.into();
        self.0.shared.state().rooms.get(&id).map(|known| Arc::clone(&known.room))
    }

    /// Returns all rooms, ordered by id.
    ///
    /// The call clones one [`Arc`] for each room, and no room.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<Room>> {
        self.0.shared.state().rooms.iter().cloned().collect()
    }

    /// Returns the time at which the view first contained this room.
    ///
    /// Returns `None` if there is no such room.
    ///
    /// Fishjam does not report when a room was created:
    ///
    /// - For a room from a notification, the time is slightly later than the creation.
    /// - A room can be much older if it existed before the view started, or if it was created during a gap. The time is then
    ///   the time of the view's read.
    ///
    /// A program that restarts loses these times.
    ///
    /// ```
    /// # async fn example(view: fishjam_sdk::RoomsView) {
    /// use std::time::Duration;
    ///
    /// let day = Duration::from_secs(24 * 60 * 60);
    /// for room in view.list() {
    ///     let age = view.first_seen(&room.id).and_then(|seen| seen.elapsed().ok());
    ///     if age.is_some_and(|age| age > day) {
    ///         println!("{} is older than a day", room.id);
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn first_seen(&self, id: impl Into<RoomId>) -> Option<SystemTime> {
        self.0.shared.state().rooms.first_seen(&id.into())
    }

    /// Returns a stream of all later changes.
    ///
    /// Each consumer has its own queue, with the limits of [`RoomChanges`].
    #[must_use]
    pub fn changes(&self) -> RoomChanges {
        let limits = Limits { items: CHANGES, bytes: CHANGE_BYTES, overflow: Overflow::DropOldest };
        let queue = Arc::new(ChangeQueue::new(limits));
        self.0.shared.add_consumer(&queue);
        RoomChanges(queue.reader())
    }

    /// Returns `true` if the view follows the notifications and no event is missing.
    ///
    /// The view stops being live when the connection or an event is lost, even if the view has not processed the loss yet.
    /// It is live again when all rooms have been read. A failed read also makes the view not live, until the read succeeds.
    ///
    /// A live view can have [stale rooms](Self::stale_rooms): it knows about their last event, and reads them now. Use
    /// `is_live` to report the health of your service, and `stale_rooms` before you rely on the state of all rooms.
    ///
    /// Neither of them counts events that have not arrived. The view can be behind after your own call, or while another
    /// consumer pauses the connection.
    #[must_use]
    pub fn is_live(&self) -> bool {
        // The order matters: the queue counts a gap before the connection is ready again.
        self.0.notifier.state() == ConnectionState::Ready && self.0.shared.is_synced()
    }

    /// Returns the number of rooms that the view will read again.
    ///
    /// The view reads a room again if it could not apply the last event of the room completely.
    ///
    /// Rooms that the view is reading count as well. A new room counts before the view contains it. If an event is missing,
    /// all rooms of the view count, until the view has read them.
    ///
    /// A return value of 0 does not mean that the view is live. After a lost
    /// connection, the view counts its rooms only when it is connected again. Check [`is_live`](Self::is_live), too.
    ///
    /// ```
    /// # fn example(view: &fishjam_sdk::RoomsView) {
    /// if view.is_live() && view.stale_rooms() == 0 {
    ///     let peers: usize = view.list().iter().map(|room| room.peers.len()).sum();
    ///     println!("{peers} peers");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn stale_rooms(&self) -> usize {
        self.0.shared.state().stale_rooms()
    }

    /// Waits until the view [is live](Self::is_live).
    ///
    /// For an example with the other methods, see [`RoomsView`].
    ///
    /// # Errors
    ///
    /// Returns the reason of the end, if the view or its notifier has ended or ends meanwhile. If the program closed the
    /// notifier, the reason is [`Closed`](crate::ErrorKind::Closed).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_live(&self) -> Result<()> {
        let shared = &self.0.shared;
        let mut changes = shared.sync_changes();
        loop {
            changes.borrow_and_update();
            if self.is_live() {
                return Ok(());
            }
            if let Some(error) = shared.state().end_error() {
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

impl Drop for TaskHandle {
    fn drop(&mut self) {
        // This must come before the end of the task, so that the changes end without an error.
        self.shared.end(Ok(()));
        self.task.abort();
    }
}

impl fmt::Debug for RoomsView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rooms = self.0.shared.state().rooms.len();
        f.debug_struct("RoomsView").field("rooms", &rooms).field("live", &self.is_live()).finish()
    }
}
