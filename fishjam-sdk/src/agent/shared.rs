//! The state that a session's handles share with its task.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::Waker,
};

use futures_util::task::AtomicWaker;
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    watch,
};

use super::{AgentConnectOptions, SessionEnd, command::Command, message::AgentMessage};
use crate::{
    audio::PcmFormat,
    connection::{
        lifecycle::ConnectionState,
        queue::{Items, Limits, Queue},
    },
    error::{Error, ErrorKind, Result},
};

/// The cost of a message in the outgoing queue, in addition to its size: no message is free.
const MESSAGE_OVERHEAD: usize = 256;

/// A request of the handles to end the connection. The larger value has priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ShutdownRequest {
    /// Keep the connection.
    None = 0,
    /// Send the accepted messages, then close.
    Drain = 1,
    /// Close immediately.
    Close = 2,
}

/// The state of a session.
#[derive(Clone, Debug)]
struct Status {
    state: ConnectionState,
    end: Option<SessionEnd>,
    /// The result of [`AgentSession::disconnect`](super::AgentSession::disconnect), once the task has closed the
    /// connection.
    close_result: Option<Result<()>>,
}

/// The state that the handles share with the task.
pub(super) struct SessionShared {
    pub(super) incoming: Arc<Queue<Items<AgentMessage>>>,
    pub(super) input_format: PcmFormat,
    max_message: usize,
    commands: UnboundedSender<Command>,
    /// The free capacity of the outgoing queue, in bytes.
    capacity: Semaphore,
    max_capacity: u32,
    shutdown: AtomicU8,
    /// Wakes the task after a shutdown request.
    task: AtomicWaker,
    status: watch::Sender<Status>,
}

impl SessionShared {
    pub(super) fn new(
        options: &AgentConnectOptions,
        input_format: PcmFormat,
    ) -> (Arc<Self>, UnboundedReceiver<Command>) {
        let (commands, receiver) = unbounded_channel();
        let max_capacity = u32::try_from(options.outgoing_bytes).unwrap_or(u32::MAX);
        let shared = Self {
            incoming: Arc::new(Queue::new(Limits {
                items: options.incoming_messages,
                bytes: options.incoming_bytes,
                overflow: options.overflow,
            })),
            input_format,
            max_message: options.max_message_bytes,
            commands,
            capacity: Semaphore::new(max_capacity as usize),
            max_capacity,
            shutdown: AtomicU8::new(ShutdownRequest::None as u8),
            task: AtomicWaker::new(),
            status: watch::Sender::new(Status { state: ConnectionState::Connecting, end: None, close_result: None }),
        };
        (Arc::new(shared), receiver)
    }

    /// Rejects a message that is too large. `content` names what the message contains.
    pub(super) fn check_size(&self, message: &[u8], content: &str) -> Result<()> {
        if message.len() <= self.max_message {
            return Ok(());
        }
        Err(Error::invalid_input(format!(
            "{content} too large: the message has {} bytes and the limit is {}; send smaller parts",
            message.len(),
            self.max_message
        )))
    }

    /// Sends a command once the outgoing queue has capacity for a message of this size.
    ///
    /// If the future is dropped, the command was sent completely or not at all, because this function awaits only
    /// the capacity.
    pub(super) async fn send_command(&self, size: usize, command: impl FnOnce(u32) -> Command) -> Result<()> {
        let cost = u32::try_from(size.saturating_add(MESSAGE_OVERHEAD)).unwrap_or(u32::MAX).min(self.max_capacity);
        // The task releases the capacity after the message is flushed.
        self.capacity.acquire_many(cost).await.map_err(|_| self.end_error())?.forget();
        self.commands.send(command(cost)).map_err(|_| self.end_error())
    }

    /// Sends a command that needs no capacity.
    pub(super) fn send_control(&self, command: Command) -> Result<()> {
        if self.capacity.is_closed() {
            return Err(self.end_error());
        }
        self.commands.send(command).map_err(|_| self.end_error())
    }

    /// Releases capacity of the outgoing queue.
    pub(super) fn release_capacity(&self, bytes: usize) {
        self.capacity.add_permits(bytes);
    }

    /// Returns the error for a call after the end of the session.
    pub(super) fn end_error(&self) -> Error {
        match &self.status.borrow().end {
            Some(SessionEnd::Lost(error)) => error.clone(),
            _ => Error::new(ErrorKind::Closed).message_text("the session was disconnected"),
        }
    }

    pub(super) fn state(&self) -> ConnectionState {
        self.status.borrow().state
    }

    pub(super) fn end(&self) -> Option<SessionEnd> {
        self.status.borrow().end.clone()
    }

    /// Requests the end of the connection, and wakes the task.
    pub(super) fn request_shutdown(&self, request: ShutdownRequest) {
        self.shutdown.fetch_max(request as u8, Ordering::SeqCst);
        self.task.wake();
    }

    /// Returns the current request. A later request wakes `task`.
    pub(super) fn shutdown_requested(&self, task: &Waker) -> ShutdownRequest {
        // The waker is registered before the load, so no request between the two is missed.
        self.task.register(task);
        match self.shutdown.load(Ordering::SeqCst) {
            0 => ShutdownRequest::None,
            1 => ShutdownRequest::Drain,
            _ => ShutdownRequest::Close,
        }
    }

    /// Reports the state of the connection to the handles.
    pub(super) fn set_state(&self, state: ConnectionState) {
        self.status.send_if_modified(|status| {
            let changed = status.end.is_none() && status.state != state;
            if changed {
                status.state = state;
            }
            changed
        });
    }

    /// Ends the session: from now on, no handle can send or receive. Later calls have no effect.
    pub(super) fn finish(&self, end: SessionEnd) {
        let error = match &end {
            SessionEnd::Lost(error) => Some(error.clone()),
            SessionEnd::Disconnected => None,
        };
        let first = self.status.send_if_modified(|status| {
            let first = status.end.is_none();
            status.state = ConnectionState::Closed;
            status.end.get_or_insert(end);
            first
        });
        if first {
            self.capacity.close();
            self.incoming.end(error);
        }
    }

    /// Records that the task has closed the connection. Later calls have no effect.
    pub(super) fn close(&self, close_result: Result<()>) {
        self.status.send_modify(|status| {
            status.close_result.get_or_insert(close_result);
        });
    }

    /// Waits until the server accepts the token.
    pub(super) async fn wait_ready(&self) -> Result<()> {
        let mut status = self.status.subscribe();
        let decided = status.wait_for(|s| s.state == ConnectionState::Ready || s.end.is_some()).await;
        match decided.is_ok_and(|status| status.end.is_none()) {
            true => Ok(()),
            false => Err(self.end_error()),
        }
    }

    /// Sends the accepted messages, closes the connection, and waits until that is done.
    pub(super) async fn disconnect(&self) -> Result<()> {
        self.request_shutdown(ShutdownRequest::Drain);
        let mut status = self.status.subscribe();
        match status.wait_for(|s| s.close_result.is_some()).await {
            Ok(status) => status.close_result.clone().unwrap_or(Ok(())),
            // This type owns the sender, so it exists while this method waits.
            Err(_) => Ok(()),
        }
    }
}

impl fmt::Debug for SessionShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.borrow();
        f.debug_struct("SessionShared").field("state", &status.state).field("end", &status.end).finish_non_exhaustive()
    }
}

/// Ownership of a session by its handles. When the last handle drops it, the connection ends.
#[derive(Debug)]
pub(super) struct SessionOwner(pub(super) Arc<SessionShared>);

impl Drop for SessionOwner {
    fn drop(&mut self) {
        self.0.request_shutdown(ShutdownRequest::Close);
    }
}

/// Reports the end of the task to the handles, even if the runtime drops the task.
pub(super) struct TaskGuard(pub(super) Arc<SessionShared>);

impl Drop for TaskGuard {
    fn drop(&mut self) {
        let message = "the session's task ended, for example because its runtime was shut down";
        let error = Error::new(ErrorKind::Closed).message_text(message);
        self.0.finish(SessionEnd::Lost(error.clone()));
        // A caller of `disconnect` waits until everything is sent. An earlier end is a failure of that call.
        let draining = self.0.shutdown_requested(Waker::noop()) == ShutdownRequest::Drain;
        self.0.close(if draining { Err(error) } else { Ok(()) });
    }
}
