//! The driver of every socket: connects, reads, writes and acts on timers, as the lifecycle decides.

mod exchange;
#[cfg(test)]
mod tests;

use std::{
    error::Error as _,
    future::{Future, poll_fn},
    task::Poll,
    time::Duration,
};

use tokio::time::{Instant, timeout, timeout_at};

use super::{
    lifecycle::{Action, ConnectionLoss, ConnectionState, Input, Lifecycle},
    log::{log_action, log_final_error},
    policy::ConnectionPolicy,
    protocol::{Demand, Outgoing, Progress, Protocol},
    socket::Socket,
};
use crate::{
    error::{Error, ErrorKind, Result},
    transport::proxy::ProxyServer,
};

/// The maximum duration of the closing handshake after a drain: a caller waits for it.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum duration of the closing handshake if no caller waits for it.
const SHORT_CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// The end of a connection.
pub(crate) enum End {
    /// The connection failed, and the policy or the error rules out another attempt.
    Failed(Error),
    /// The protocol's demand ended the connection. The error is the reason why not everything was sent.
    Requested(Result<()>),
}

/// The socket of a connection that has ended, if it may still be open.
pub(crate) struct EndedSocket {
    socket: Option<Socket>,
    close_timeout: Duration,
}

impl EndedSocket {
    /// Closes the socket.
    ///
    /// The time is limited, because a server that does not read or respond must not keep the connection.
    pub(crate) async fn close(self) {
        if let Some(mut socket) = self.socket {
            let _ = timeout(self.close_timeout, socket.close_and_drain()).await;
        }
    }
}

/// Keeps a connection until it fails permanently or is no longer used.
///
/// The caller publishes the end and then [closes](EndedSocket::close) the socket, so that no handle waits for the
/// server.
pub(crate) async fn run<P: Protocol>(
    protocol: &mut P,
    policy: ConnectionPolicy,
    proxy: Option<&ProxyServer>,
) -> (End, EndedSocket) {
    let now = Instant::now();
    let mut driver = Driver {
        protocol,
        ping_after: policy.ping_after,
        life: Lifecycle::new(policy, proxy, now),
        socket: None,
        unflushed: 0,
        unflushed_control: false,
        outcome: None,
        resuming: false,
        paused: false,
        stale_reads: false,
        last_ping: now,
        last_pong: now,
        demand: Demand::Stay,
        drain_deadline: None,
        drained: false,
    };
    let end = driver.run().await;
    let close_timeout = if driver.demand == Demand::Drain { CLOSE_TIMEOUT } else { SHORT_CLOSE_TIMEOUT };
    (end, EndedSocket { socket: driver.socket, close_timeout })
}

struct Driver<'a, P> {
    protocol: &'a mut P,
    life: Lifecycle,
    /// The silence before a ping, or `None` if the server sends pings.
    ping_after: Option<Duration>,
    /// `None` while the connection is being opened, and between two attempts.
    socket: Option<Socket>,
    /// The size of the messages that the socket has and that are not flushed, in bytes.
    unflushed: usize,
    /// Whether a ping or a pong of the driver is not flushed.
    unflushed_control: bool,
    /// An input for the lifecycle that waits until the messages before it are delivered.
    outcome: Option<Input>,
    /// Whether the gap is being delivered: the state `Ready` is published after it.
    resuming: bool,
    /// Whether a consumer without room stops the reads. Only a connection that is ready pauses.
    paused: bool,
    /// Whether the socket can hold messages that arrived while the reads were paused.
    stale_reads: bool,
    last_ping: Instant,
    /// The time of the last pong that no ping requested.
    last_pong: Instant,
    /// The last demand of the protocol.
    demand: Demand,
    /// The time by which all commands must be sent, once a drain is requested.
    drain_deadline: Option<Instant>,
    /// Whether the socket has all commands that the drain waits for.
    drained: bool,
}

impl<P: Protocol> Driver<'_, P> {
    async fn run(&mut self) -> End {
        let mut action = Action::Connect;
        loop {
            let input = match action {
                Action::Connect => self.open().await,
                Action::Subscribe => self.authenticated(),
                Action::Resume(loss) => match self.resume(loss) {
                    Ok(()) => self.exchange().await,
                    Err(error) => Input::Lost(error),
                },
                Action::Exchange => self.exchange().await,
                Action::Wait(_) => {
                    self.disconnect();
                    self.exchange().await
                }
                Action::Fail(error) => return End::Failed(self.caused_by_loss(error)),
                Action::Close => return End::Requested(Ok(())),
            };
            let input = match input {
                // A drain ends with its connection: the commands belong to the session that the user ends.
                Input::Lost(error) if self.drain_deadline.is_some() => return End::Requested(Err(error)),
                Input::TimedOut if self.drain_deadline.is_some() => {
                    let unsent = "not everything was sent before the connection timed out".to_owned();
                    return End::Requested(Err(self.life.timed_out(unsent)));
                }
                Input::Lost(error) if self.life.ever_ready() => match self.protocol.final_error(error) {
                    Ok(error) => {
                        log_final_error(P::NAME, &self.life, &error);
                        return End::Failed(self.caused_by_loss(error));
                    }
                    Err(error) => Input::Lost(error),
                },
                other => other,
            };
            let (before, now) = (self.life.state(), Instant::now());
            action = self.life.step(input, now, fastrand::f64());
            log_action(P::NAME, &self.life, before, &action, now);
            // `Subscribing` is published if the protocol waits for a response, and `Ready` after the gap. The caller of
            // `run` publishes the end.
            if matches!(action, Action::Connect | Action::Exchange | Action::Wait(_)) {
                self.protocol.set_state(self.life.state());
            }
        }
    }

    async fn open(&mut self) -> Input {
        let deadline = self.life.deadline();
        let Self { protocol, demand, .. } = self;
        // The future is on the heap, and only during the handshake, because it is much larger than the rest of the
        // task.
        let mut opening = Box::pin(protocol.open());
        let opened = poll_fn(|cx| {
            if let Poll::Ready(opened) = opening.as_mut().poll(cx) {
                return Poll::Ready(Some(opened));
            }
            *demand = protocol.poll_demand(cx);
            if *demand == Demand::Stay { Poll::Pending } else { Poll::Ready(None) }
        });
        // Unlike a timer beside the future, `timeout_at` fires even if the future uses up the task's budget in each
        // poll.
        let opened = timeout_at(deadline, opened).await;
        drop(opening);
        match opened {
            Ok(Some(Ok(socket))) => {
                let accepted = socket.is_accepted();
                self.socket = Some(socket);
                if accepted { Input::OpenedAndAuthenticated } else { Input::Opened }
            }
            Ok(Some(Err(error))) => Input::Lost(error),
            Ok(None) => Input::Unused,
            Err(_) => Input::TimedOut,
        }
    }

    fn authenticated(&mut self) -> Input {
        let Some(socket) = &mut self.socket else { return closed() };
        socket.mark_authenticated();
        match self.protocol.authenticated(&mut Outgoing::new(socket, &mut self.unflushed)) {
            Ok(Progress::More) => Input::Arrived,
            Ok(Progress::Done) => Input::Subscribed,
            Err(error) => Input::Lost(error),
        }
    }

    fn resume(&mut self, loss: Option<ConnectionLoss>) -> Result<()> {
        // The handshake has just shown the server that the client is alive.
        let now = Instant::now();
        (self.last_ping, self.last_pong) = (now, now);
        self.resuming = true;
        let Some(socket) = &mut self.socket else { return Err(Error::new(ErrorKind::Closed)) };
        self.protocol.ready(loss, &mut Outgoing::new(socket, &mut self.unflushed))
    }

    /// Drops the socket, and all that belongs to it.
    fn disconnect(&mut self) {
        (self.socket, self.outcome, self.unflushed) = (None, None, 0);
        (self.unflushed_control, self.resuming, self.paused, self.stale_reads) = (false, false, false, false);
        self.protocol.lost();
    }

    /// Keeps the first reason: if attempts to reconnect preceded this error, its source is the loss of the connection.
    fn caused_by_loss(&self, error: Error) -> Error {
        match self.life.lost() {
            Some(lost) if lost.attempts > 0 && error.source().is_none() => error.caused_by(lost.reason.clone()),
            _ => error,
        }
    }

    fn is_ready(&self) -> bool {
        self.life.state() == ConnectionState::Ready
    }
}

/// Returns the input for a socket that has ended.
fn closed() -> Input {
    Input::Lost(Error::new(ErrorKind::Closed))
}
