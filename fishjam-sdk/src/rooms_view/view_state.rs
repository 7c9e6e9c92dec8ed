//! The state that the handles of a view share with its task.

use std::{
    collections::BTreeSet,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::SystemTime,
};

use futures_util::StreamExt;
use tokio::sync::{Notify, watch};

use super::{changes::RoomChange, open_reads::OpenReads, rooms_state::RoomsState};
use crate::{
    connection::queue::{Items, Queue},
    error::{Error, ErrorKind, Result},
    events::Event,
    id::RoomId,
    notifier::EventStream,
    rooms::Room,
};

/// The queue of a consumer of changes.
pub(super) type ChangeQueue = Queue<Items<RoomChange>>;

/// The rooms and the events of a view.
pub(super) struct ViewShared {
    state: Mutex<ViewState>,
    /// `None` after the end of the view. A handle can drop the stream, so the task does not own it.
    events: Mutex<Option<EventStream>>,
    /// The number of losses that the rooms account for, or `None` if the rooms may be wrong for another reason.
    synced: watch::Sender<Option<usize>>,
    /// Wakes the task, because a handle has marked a room as stale.
    stale: Notify,
}

#[derive(Default)]
pub(super) struct ViewState {
    pub(super) rooms: RoomsState,
    pub(super) consumers: Vec<Arc<ChangeQueue>>,
    pub(super) reads: OpenReads,
    /// The reason of the end, or `Ok` if the program dropped the last handle or closed the notifier.
    pub(super) ended: Option<Result<()>>,
}

impl ViewShared {
    /// Creates the state of a view. The stream must count its losses, from the first event on.
    pub(super) fn new(events: EventStream) -> Self {
        let synced = watch::Sender::new(Some(0));
        Self { state: Mutex::default(), events: Mutex::new(Some(events)), synced, stale: Notify::new() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, ViewState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn events(&self) -> MutexGuard<'_, Option<EventStream>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a read of this room, or of all rooms.
    pub(super) fn start_read(&self, room: Option<RoomId>) -> OpenReadGuard<'_> {
        OpenReadGuard { shared: self, number: self.state().reads.start(room) }
    }

    /// Wakes the task, so that it reads the stale rooms of the state.
    pub(super) fn wake_for_stale(&self) {
        self.stale.notify_one();
    }

    /// Waits until a handle has marked a room as stale. Cancel safe.
    pub(super) async fn stale(&self) {
        self.stale.notified().await;
    }

    /// Returns the next event. Cancel safe.
    pub(super) async fn next(&self) -> Option<Result<Event>> {
        poll_fn(|cx| match &mut *self.events() {
            Some(events) => events.poll_next_unpin(cx),
            None => Poll::Ready(None),
        })
        .await
    }

    /// Returns `true` if the rooms account for every loss so far.
    ///
    /// The queue counts a loss when it is pushed. So a loss counts before the task has time for it.
    pub(super) fn is_synced(&self) -> bool {
        self.events().as_ref().is_some_and(|events| *self.synced.borrow() == Some(events.losses()))
    }

    /// Records that the rooms are right, unless further events wait.
    pub(super) fn mark_synced(&self) {
        let losses = self.events().as_ref().and_then(EventStream::losses_if_drained);
        if losses.is_some() {
            self.synced.send_if_modified(|synced| std::mem::replace(synced, losses) != losses);
        }
    }

    /// Records that the rooms may be wrong.
    pub(super) fn mark_stale(&self) {
        self.synced.send_if_modified(|synced| synced.take().is_some());
    }

    /// Returns a receiver that is notified when [`is_synced`](Self::is_synced) may have become `true`.
    pub(super) fn sync_changes(&self) -> watch::Receiver<Option<usize>> {
        self.synced.subscribe()
    }

    /// Ends the view. Only the first end counts.
    pub(super) fn end(&self, end: Result<()>) {
        let mut state = self.state();
        if state.ended.is_some() {
            return;
        }
        state.ended = Some(end.clone());
        let consumers = std::mem::take(&mut state.consumers);
        drop(state);
        // The view must not count as live when a consumer sees the end.
        let events = self.events().take();
        drop(events);
        // This notifies the waiting calls even if the view was not live.
        self.synced.send_replace(None);
        consumers.into_iter().for_each(|consumer| consumer.end(end.clone().err()));
    }
}

/// A read that is in progress. If it is dropped, it ends.
pub(super) struct OpenReadGuard<'a> {
    shared: &'a ViewShared,
    number: u64,
}

impl OpenReadGuard<'_> {
    /// Ends the read. Returns its rooms that changed since it started.
    ///
    /// The caller replaces the rooms under the same lock. It drops the lock before the guard.
    pub(super) fn finish(&self, state: &mut ViewState) -> BTreeSet<RoomId> {
        state.reads.finish(self.number)
    }
}

impl Drop for OpenReadGuard<'_> {
    fn drop(&mut self) {
        self.shared.state().reads.finish(self.number);
    }
}

impl ViewState {
    /// Returns the error for a call after the end of the view.
    pub(super) fn end_error(&self) -> Option<Error> {
        match self.ended.clone()? {
            Ok(()) => {
                Some(Error::new(ErrorKind::Closed).message_text("the rooms view has ended: its notifier was closed"))
            }
            Err(error) => Some(error),
        }
    }

    /// Replaces or removes a room that was just read. Sends the change to all consumers.
    pub(super) fn replace_room(&mut self, id: RoomId, room: Option<Room>) {
        self.reads.record_change(&id);
        if self.rooms.replace_room(&id, room, SystemTime::now()) {
            self.send_changes([id]);
        }
    }

    /// Sends the current state of these rooms to all consumers.
    pub(super) fn send_changes(&mut self, changed: impl IntoIterator<Item = RoomId>) {
        self.consumers.retain(|consumer| !consumer.is_abandoned());
        for id in changed {
            let change = match self.rooms.get(&id) {
                _ if self.consumers.is_empty() => return,
                Some(room) => RoomChange::Room(Arc::clone(room)),
                None => RoomChange::Gone(id),
            };
            for consumer in &self.consumers {
                // A queue that drops its oldest item accepts every item.
                let _ = consumer.push(change.clone());
            }
        }
    }
}
