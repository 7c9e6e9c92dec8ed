//! One connection and its listeners.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use futures_util::task::AtomicWaker;
use tokio::sync::watch;

use super::{
    codec::NotificationCodec,
    encoded_events::EncodedEvents,
    open_parts::{OpenPart, OpenParts},
    target::NotifierTarget,
};
use crate::{
    connection::{
        lifecycle::ConnectionState,
        policy::ConnectionPolicy,
        queue::{Limits, Queue, QueueStorage, Reader},
    },
    error::{Error, ErrorKind, Result},
};

/// The state that the handles of a notifier, its streams and its task share.
pub(crate) struct Hub<N> {
    pub(super) target: NotifierTarget,
    pub(super) policy: ConnectionPolicy,
    listeners: Mutex<Listeners<N>>,
    /// Whether listeners left since the task last looked. It saves the task a lock per turn.
    listeners_left: AtomicBool,
    /// The task that keeps the connection. One task at a time looks at the listeners.
    task: AtomicWaker,
    status: watch::Sender<Status>,
    /// The streams that have not yielded their end, and the tasks with their sockets.
    open: OpenParts,
}

struct Listeners<N> {
    queues: Vec<Arc<Queue<EncodedEvents<N>>>>,
    /// The state of the connection, if a task keeps it. Without listeners, the task is about to end, and the public
    /// state is `Closed`.
    connection: Option<ConnectionState>,
}

/// The public state, and the error that ended the connection, if it failed.
#[derive(Clone, Debug)]
struct Status {
    state: ConnectionState,
    error: Option<Error>,
}

/// A listener without room, and its undelivered events.
pub(super) struct BlockedQueue<N> {
    queue: Arc<Queue<EncodedEvents<N>>>,
    events: EncodedEvents<N>,
}

impl<N: NotificationCodec> BlockedQueue<N> {
    /// Delivers the events as far as there is room. Returns `Ready` when all are delivered, or the listener has left.
    pub(super) fn poll_push(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.queue.push_all(&mut self.events);
            if self.events.is_empty() {
                return Poll::Ready(());
            }
            ready!(self.queue.poll_room(self.events.first_size(), cx));
        }
    }
}

impl<N: NotificationCodec> Hub<N> {
    /// Adds a listener. Returns a guard if there is no connection: the caller then starts the task that keeps it.
    pub(super) fn listen(self: &Arc<Self>, limits: Limits) -> (Reader<EncodedEvents<N>>, Option<TaskGuard<N>>) {
        let queue = Arc::new(Queue::new(limits));
        let mut listeners = self.listeners();
        listeners.queues.push(Arc::clone(&queue));
        let needs_task = listeners.connection.is_none();
        // The task may not have noticed that its listeners left. It then serves the new listener.
        self.publish(*listeners.connection.get_or_insert(ConnectionState::Connecting), None);
        // The caller must not hold the lock: a runtime that shuts down drops the task, and its guard takes the lock.
        drop(listeners);
        let guard = needs_task.then(|| TaskGuard { hub: Arc::clone(self), open: Some(self.open_part()) });
        (queue.reader(), guard)
    }

    /// Delivers events to all listeners. Listeners without room for all events are added to `blocked`, with the rest.
    ///
    /// The cost of an event has two parts: its decoding, once, and an entry in the queue of each listener.
    pub(super) fn offer(&self, events: &mut EncodedEvents<N>, blocked: &mut Vec<BlockedQueue<N>>) {
        let several = self.listeners().queues.len() > 1;
        if several {
            // This runs without the lock, because it can take long. A listener that joins meanwhile can get encoded
            // events.
            events.decode_all();
        }
        let listeners = self.listeners();
        if let [only] = listeners.queues.as_slice() {
            // The buffer is cleared in place and used again.
            only.push_all(events);
            if !events.is_empty() {
                blocked.push(BlockedQueue { queue: Arc::clone(only), events: std::mem::take(events) });
            }
            return;
        }
        for queue in &listeners.queues {
            let mut events = events.clone();
            queue.push_all(&mut events);
            if !events.is_empty() {
                blocked.push(BlockedQueue { queue: Arc::clone(queue), events });
            }
        }
        events.clear();
    }
}

impl<N> Hub<N> {
    pub(crate) fn new(target: NotifierTarget, policy: ConnectionPolicy) -> Arc<Self> {
        Arc::new(Self {
            target,
            policy,
            listeners: Mutex::new(Listeners { queues: Vec::new(), connection: None }),
            listeners_left: AtomicBool::new(false),
            task: AtomicWaker::new(),
            status: watch::Sender::new(Status { state: ConnectionState::Idle, error: None }),
            open: OpenParts::default(),
        })
    }

    /// Adds a part that [`closed`](Self::closed) waits for.
    pub(super) fn open_part(&self) -> OpenPart {
        self.open.add()
    }

    /// Waits until all streams have yielded their end or were dropped, and all sockets are closed.
    pub(super) async fn closed(&self) {
        self.open.wait_until_none().await;
    }

    fn listeners(&self) -> MutexGuard<'_, Listeners<N>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the listener whose stream is dropped. Without listeners, the connection ends.
    pub(super) fn remove(&self, reader: &Reader<EncodedEvents<N>>) {
        let mut listeners = self.listeners();
        // Nothing is found if the streams have ended.
        if let Some(index) = listeners.queues.iter().position(|queue| reader.reads(queue)) {
            listeners.queues.swap_remove(index);
            if listeners.queues.is_empty() {
                self.publish(ConnectionState::Closed, None);
            }
        }
        drop(listeners);
        self.wake_task();
    }

    /// Ends the streams of all listeners. The connection ends when its task notices that there are no listeners.
    pub(super) fn close(&self) {
        let mut listeners = self.listeners();
        if listeners.connection.is_some() {
            self.publish(ConnectionState::Closed, None);
        }
        for queue in listeners.queues.drain(..) {
            queue.end(None);
        }
        drop(listeners);
        self.wake_task();
    }

    /// Wakes the task, so that it checks the listeners. The flag is set before the wake-up, and the task registers
    /// before it reads the flag, so that no change is missed. `tests/queue_model` checks this order with loom, which
    /// can follow the flag only through swaps.
    fn wake_task(&self) {
        self.listeners_left.swap(true, Ordering::AcqRel);
        self.task.wake();
    }

    /// Returns `Ready` if there are no listeners. The task must then end: a later listener gets another task.
    pub(super) fn poll_unused(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.task.register(cx.waker());
        // The flag is reset before the check: from the check on, it can belong to the next task.
        if !self.listeners_left.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let mut listeners = self.listeners();
        if !listeners.queues.is_empty() {
            return Poll::Pending;
        }
        listeners.connection = None;
        Poll::Ready(())
    }

    /// Ends the streams of all listeners with this error: the connection has failed permanently.
    fn fail(&self, error: Error) {
        let mut listeners = self.listeners();
        listeners.connection = None;
        // Listeners that left earlier did not leave because of this error.
        if !listeners.queues.is_empty() {
            self.publish(ConnectionState::Closed, Some(error.clone()));
        }
        for queue in listeners.queues.drain(..) {
            queue.end(Some(error.clone()));
        }
    }

    /// Reports to [`wait_ready`](Self::wait_ready) that no connection was started, unless other listeners have one.
    pub(super) fn reject(&self, error: Error) {
        let listeners = self.listeners();
        if listeners.connection.is_none() {
            self.publish(ConnectionState::Closed, Some(error));
        }
    }

    /// Changes the state of the connection.
    pub(super) fn set_state(&self, state: ConnectionState) {
        let mut listeners = self.listeners();
        listeners.connection = Some(state);
        if !listeners.queues.is_empty() {
            self.publish(state, None);
        }
    }

    /// Changes the public state.
    ///
    /// The caller holds the lock of the listeners, so that the order of changes is the same for the state and for the
    /// streams. The state changes before a stream yields its end.
    fn publish(&self, state: ConnectionState, error: Option<Error>) {
        self.status.send_if_modified(|status| {
            let changed = status.state != state;
            *status = Status { state, error };
            changed
        });
    }

    pub(super) fn state(&self) -> ConnectionState {
        self.status.borrow().state
    }

    /// Waits until the connection is ready.
    ///
    /// # Errors
    ///
    /// Returns the reason why it will not be ready.
    pub(super) async fn wait_ready(&self) -> Result<()> {
        let mut status = self.status.subscribe();
        let settled = status.wait_for(|s| matches!(s.state, ConnectionState::Ready | ConnectionState::Closed)).await;
        match settled.as_deref() {
            Ok(Status { state: ConnectionState::Ready, .. }) => Ok(()),
            Ok(Status { error: Some(error), .. }) => Err(error.clone()),
            _ => Err(closed()),
        }
    }

    /// Waits until the connection has ended, and returns the reason.
    pub(super) async fn ended(&self) -> Error {
        let mut status = self.status.subscribe();
        let ended = status.wait_for(|status| status.state == ConnectionState::Closed).await;
        ended.ok().and_then(|status| status.error.clone()).unwrap_or_else(closed)
    }
}

/// Creates the error for a notifier that the program closed.
fn closed() -> Error {
    Error::new(ErrorKind::Closed).message_text("the notifier was closed")
}

impl<N> fmt::Debug for Hub<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("url", &self.target.url.as_str()).field("status", &*self.status.borrow()).finish()
    }
}

/// The task that keeps the connection of a hub.
///
/// If the runtime drops the task, the guard ends the streams of all listeners with an error.
pub(super) struct TaskGuard<N> {
    hub: Arc<Hub<N>>,
    /// `None` if the task has reported its end.
    open: Option<OpenPart>,
}

impl<N> TaskGuard<N> {
    pub(super) fn hub(&self) -> &Hub<N> {
        &self.hub
    }

    /// Ends the streams of all listeners with this error. The caller keeps the part until the socket is closed.
    pub(super) fn fail(mut self, error: Error) -> Option<OpenPart> {
        let open = self.open.take();
        self.hub.fail(error);
        open
    }

    /// Leaves the hub to its next task, because there are no listeners. The caller keeps the part until the socket is
    /// closed.
    pub(super) fn leave(mut self) -> Option<OpenPart> {
        self.open.take()
    }
}

impl<N> Drop for TaskGuard<N> {
    fn drop(&mut self) {
        if self.open.is_some() {
            let gone = "the task of the connection ended, as it does when its runtime is shut down";
            self.hub.fail(Error::new(ErrorKind::Closed).message_text(gone));
        }
    }
}
