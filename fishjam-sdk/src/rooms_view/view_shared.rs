//! The part of a view that its handles share with its task: the state, the events and the consumers.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use futures_util::StreamExt;
use tokio::sync::{Notify, watch};

use super::{
    changes::QueuedChange,
    open_reads::{Meanwhile, ReadTarget},
    view_state::ViewState,
};
use crate::{
    connection::queue::{Items, Queue, QueueStorage},
    error::Result,
    events::Event,
    id::RoomId,
    notifier::EventStream,
};

/// The queue of a consumer of changes.
pub(super) type ChangeQueue = Queue<Items<QueuedChange>>;

/// The maximum number of rooms that the task handles under one lock, so that a call of a handle waits for a moment at most.
pub(super) const SLICE: usize = 256;

/// The rooms, the events and the consumers of a view.
///
/// Lock order: `consumers`, then `state`. The lock of `events` is independent of both.
pub(super) struct ViewShared {
    state: Mutex<ViewState>,
    /// The lock also orders the changes: each consumer receives the states of a room in the order of the view. Nothing else
    /// waits for it, so the state stays readable while the changes are sent.
    consumers: Mutex<Vec<Arc<ChangeQueue>>>,
    /// `None` after the end of the view. A handle can drop the stream, so the task does not own it.
    events: Mutex<Option<EventStream>>,
    /// The number of losses that the rooms account for, or `None` if the rooms may be wrong for another reason.
    synced: watch::Sender<Option<usize>>,
    /// Wakes the task, because a handle has marked a room as stale.
    stale: Notify,
}

impl ViewShared {
    /// Creates the state of a view. The stream must count its losses, from the first event on.
    pub(super) fn new(events: Option<EventStream>) -> Self {
        Self {
            state: Mutex::default(),
            consumers: Mutex::default(),
            events: Mutex::new(events),
            synced: watch::Sender::new(Some(0)),
            stale: Notify::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, ViewState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn consumers(&self) -> MutexGuard<'_, Vec<Arc<ChangeQueue>>> {
        self.consumers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn events(&self) -> MutexGuard<'_, Option<EventStream>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a read.
    pub(super) fn start_read(self: &Arc<Self>, target: ReadTarget) -> OpenReadGuard {
        let number = self.state().start_read(&target);
        OpenReadGuard { shared: Arc::clone(self), target, number }
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

    /// Records that the rooms account for every loss so far, unless further events wait.
    pub(super) fn mark_synced(&self) {
        let losses = self.events().as_ref().and_then(EventStream::losses_if_drained);
        if losses.is_some() {
            self.synced.send_if_modified(|synced| std::mem::replace(synced, losses) != losses);
        }
    }

    /// Records that the rooms may be wrong.
    pub(super) fn mark_unsynced(&self) {
        self.synced.send_if_modified(|synced| synced.take().is_some());
    }

    /// Returns a receiver that is notified when [`is_synced`](Self::is_synced) may have become `true`.
    pub(super) fn sync_changes(&self) -> watch::Receiver<Option<usize>> {
        self.synced.subscribe()
    }

    /// Adds a consumer. It receives the changes after those that its caller could already see.
    pub(super) fn add_consumer(&self, queue: &Arc<ChangeQueue>) {
        let mut consumers = self.consumers();
        self.send_to(&mut consumers);
        let ended = self.state().ended.clone();
        match ended {
            Some(end) => queue.end(end.err()),
            None => consumers.push(Arc::clone(queue)),
        }
    }

    /// Sends the current state of each changed room to all consumers, as one change.
    pub(super) fn send_changes(&self) {
        if !self.state().unsent.is_empty() {
            self.send_to(&mut self.consumers());
        }
    }

    fn send_to(&self, consumers: &mut Vec<Arc<ChangeQueue>>) {
        consumers.retain(|consumer| !consumer.is_abandoned());
        let Some((last, others)) = consumers.split_last() else {
            self.state().unsent.clear();
            return;
        };
        loop {
            let mut changes = self.state().take_changes(SLICE);
            if changes.is_empty() {
                return;
            }
            // A queue that drops its oldest items accepts every item.
            others.iter().for_each(|consumer| consumer.push_all(&mut changes.clone()));
            last.push_all(&mut changes);
        }
    }

    /// Ends the view. Only the first end counts.
    pub(super) fn end(&self, end: Result<()>) {
        let mut consumers = self.consumers();
        if self.state().ended.is_some() {
            return;
        }
        self.send_to(&mut consumers);
        self.state().ended = Some(end.clone());
        // The view must not count as live when a consumer sees the end.
        let events = self.events().take();
        drop(events);
        // This notifies the waiting calls even if the view was not live.
        self.synced.send_replace(None);
        consumers.drain(..).for_each(|consumer| consumer.end(end.clone().err()));
    }
}

/// A read that is in progress. If it is dropped, it ends.
pub(super) struct OpenReadGuard {
    shared: Arc<ViewShared>,
    target: ReadTarget,
    number: u64,
}

impl OpenReadGuard {
    /// Ends a read of one room. Returns what happened to the room since the read started.
    ///
    /// The caller replaces the room under the same lock. It drops the lock before the guard.
    pub(super) fn finish(&self, state: &mut ViewState, id: &RoomId) -> Meanwhile {
        state.reads.finish_room(self.number, id)
    }
}

impl Drop for OpenReadGuard {
    fn drop(&mut self) {
        self.shared.state().reads.cancel(self.number, &self.target);
    }
}
