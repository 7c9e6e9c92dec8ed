//! The interface between the driver and the protocol of a connection.

use std::{
    future::Future,
    task::{Context, Poll},
};

use tokio::time::Instant;

use super::{
    lifecycle::{ConnectionLoss, ConnectionState, Input},
    socket::Socket,
};
use crate::error::{Error, Result};

/// A protocol on top of a WebSocket, which the driver keeps connected.
///
/// One task calls all methods, one at a time, through [`driver::run`](super::driver::run). Only [`open`](Self::open)
/// waits. All other methods return immediately: a method that blocks or sleeps stops the reads, the writes and the
/// timer.
///
/// The driver calls the methods of one connection in this order:
///
/// 1. [`open`](Self::open), until the socket is open and the token is sent
/// 2. [`receive`](Self::receive), until it returns [`Input::Authenticated`]. This step is skipped if the handshake of the
///    socket contains the token.
/// 3. [`authenticated`](Self::authenticated), and then `receive` until it returns [`Input::Subscribed`]
/// 4. [`ready`](Self::ready), [`poll_deliver`](Self::poll_deliver), and `set_state` with [`ConnectionState::Ready`]
/// 5. `receive`, `poll_deliver`, [`poll_send`](Self::poll_send) and [`on_deadline`](Self::on_deadline), in any order
/// 6. [`lost`](Self::lost), if the driver opens another connection
///
/// If the runtime ends, it drops the task at any `await`. The protocol must then report the end from a destructor.
pub(crate) trait Protocol: Send + Sync {
    /// The name of the connection in the log.
    const NAME: &'static str;

    /// Opens a socket and sends the token.
    ///
    /// The driver calls this method for each attempt. It drops the future at the handshake's deadline, and when
    /// [`poll_demand`](Self::poll_demand) no longer returns [`Demand::Stay`]. The driver keeps the future on the heap,
    /// so its size does not count for the task.
    fn open(&self) -> impl Future<Output = Result<Socket>> + Send;

    /// Continues the handshake after the server accepted the token.
    ///
    /// Returns [`Progress::More`] if the protocol waits for a response to the messages in `outgoing`. Returns
    /// [`Progress::Done`] if the connection is ready.
    ///
    /// # Errors
    ///
    /// An error loses the connection.
    fn authenticated(&mut self, outgoing: &mut Outgoing<'_>) -> Result<Progress>;

    /// Resumes the exchange on a connection that has just become ready.
    ///
    /// `loss` is the loss of the connection before, if there was one. The protocol queues the gap for its consumers. It
    /// sends the messages that restore its state on the server. It keeps the messages that arrived early: the driver
    /// delivers the gap first. Then it calls [`set_state`](Self::set_state) with [`ConnectionState::Ready`], and the
    /// protocol queues the early messages. A consumer that sees the state `Ready` has thus received the gap.
    ///
    /// # Errors
    ///
    /// An error loses the connection.
    fn ready(&mut self, loss: Option<ConnectionLoss>, outgoing: &mut Outgoing<'_>) -> Result<()>;

    /// Handles a binary message.
    ///
    /// Before the connection is ready, the protocol keeps messages for its consumers up to a limit of its own.
    /// Otherwise it queues them until [`poll_deliver`](Self::poll_deliver), or delivers them directly.
    ///
    /// `frame` is a part of a much larger buffer, so a message that waits copies its bytes.
    ///
    /// Returns [`Input::Authenticated`] or [`Input::Subscribed`] if the message completes a step of the handshake, and
    /// `None` for all other messages.
    ///
    /// # Errors
    ///
    /// An error loses the connection, after the earlier messages were delivered.
    fn receive(&mut self, frame: &[u8], read: ReadContext) -> Result<Option<Input>>;

    /// Handles a text message, like [`receive`](Self::receive). No text completes a step of a handshake.
    ///
    /// # Errors
    ///
    /// An error loses the connection, after the earlier messages were delivered.
    fn receive_text(&mut self, text: &str, read: ReadContext) -> Result<()>;

    /// Returns `true` if the protocol accepts another message before the next [`poll_deliver`](Self::poll_deliver).
    ///
    /// The driver asks before each read of a ready connection. It ignores the response in two cases: during the
    /// handshake, and in the bounded search for a close frame after a failed write.
    fn has_room(&self) -> bool;

    /// Delivers the queued messages to the consumers.
    ///
    /// Returns `Pending` if a consumer that must not lose a message has no room. The waker in `cx` is then woken when
    /// the consumer has room or leaves. Meanwhile, the driver does not read from a ready connection, and sends pongs.
    ///
    /// The driver calls this method in every state, because messages can be left from the connection before.
    fn poll_deliver(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Passes the next command of the handles to the socket.
    ///
    /// The driver calls this method while the connection is ready and the socket accepts messages. It flushes the
    /// socket when the method returns `Pending`, when enough bytes wait, or after a burst of commands.
    ///
    /// Returns:
    ///
    /// - `Pending` if there is no command. The next command wakes the waker in `cx`.
    /// - [`Progress::More`] if a command was executed. It can have sent any number of messages, including none.
    /// - [`Progress::Done`] if [`drain`](Self::drain) was called and all commands before it are executed. The driver
    ///   then flushes the socket and closes the connection.
    ///
    /// # Errors
    ///
    /// An error means that the socket failed. The driver looks for a close frame and loses the connection.
    fn poll_send(&mut self, cx: &mut Context<'_>, outgoing: &mut Outgoing<'_>) -> Poll<Result<Progress>> {
        let _ = (cx, outgoing);
        Poll::Pending
    }

    /// Reports that the socket has written all messages, so that their capacity can be released.
    ///
    /// The driver calls this method after each flush. It also calls it in each turn without unflushed messages, because
    /// a command may have sent nothing. The method must therefore be cheap if there is nothing to release.
    fn flushed(&mut self) {}

    /// Returns the time of the next [`on_deadline`](Self::on_deadline), if there is one.
    ///
    /// The driver calls this method in each turn of a ready connection.
    fn deadline(&self, now: Instant) -> Option<Instant> {
        let _ = now;
        None
    }

    /// Acts on the deadlines up to `now`. Afterwards, [`deadline`](Self::deadline) is later than `now`.
    ///
    /// The driver calls this method whenever its timer fires on a ready connection, also for another deadline.
    ///
    /// # Errors
    ///
    /// An error means that the socket failed. The driver looks for a close frame and loses the connection.
    fn on_deadline(&mut self, now: Instant, outgoing: &mut Outgoing<'_>) -> Result<()> {
        let _ = (now, outgoing);
        Ok(())
    }

    /// Returns whether the connection is still used, and registers the waker in `cx` for the next change.
    ///
    /// The driver calls this method at the start of each turn, in every state. A demand never becomes weaker.
    fn poll_demand(&self, cx: &mut Context<'_>) -> Demand;

    /// Stops accepting commands from the handles.
    ///
    /// The driver calls this method once, when [`poll_demand`](Self::poll_demand) first returns [`Demand::Drain`] on a
    /// ready connection.
    fn drain(&mut self) {}

    /// Resets the state that belongs to a connection: the driver has dropped the socket.
    ///
    /// The driver calls this method before it waits for the next attempt. It does not call the method at the end of the
    /// last connection. Undelivered messages and unsent commands stay.
    fn lost(&mut self);

    /// Publishes the state of the connection.
    ///
    /// The driver calls this method after a change, except for [`ConnectionState::Closed`]: the user of
    /// [`driver::run`](super::driver::run) publishes the end together with its reason. With
    /// [`ConnectionState::Ready`], the protocol also queues the messages that arrived early.
    fn set_state(&mut self, state: ConnectionState);

    /// Decides whether an error ends a connection that was ready before.
    ///
    /// Returns the final error in `Ok` if another attempt cannot help. Otherwise, it returns the error in `Err`, and
    /// the policy decides.
    fn final_error(&self, error: Error) -> Result<Error> {
        Err(error)
    }
}

/// The circumstances of a message that was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadContext {
    /// Whether the connection is ready: if not, the message is a part of the handshake, or early.
    pub(crate) ready: bool,
    pub(crate) now: Instant,
    /// The time at which the connection last worked, before the messages of this turn.
    pub(crate) heard: Instant,
}

/// The progress of a sequence of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Another step follows.
    More,
    /// The sequence is complete.
    Done,
}

/// Whether a connection is still used. A later value takes precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Demand {
    /// The connection stays open.
    Stay,
    /// The connection ends as soon as all accepted commands are sent. If it is not ready, it ends immediately.
    Drain,
    /// The connection ends immediately.
    Close,
}

/// The messages for the socket. They are sent with the next flush, or before.
pub(crate) struct Outgoing<'a> {
    socket: &'a mut Socket,
    /// The size of the messages that are not flushed, in bytes.
    unflushed: &'a mut usize,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(socket: &'a mut Socket, unflushed: &'a mut usize) -> Self {
        Self { socket, unflushed }
    }

    /// Queues a binary message.
    ///
    /// # Errors
    ///
    /// Returns an error if the socket failed. The caller returns it to the driver.
    pub(crate) fn push(&mut self, message: Vec<u8>) -> Result<()> {
        *self.unflushed += message.len();
        self.socket.feed(message)
    }
}
