//! The life of a connection without a socket or a clock: what happened goes in, what to do comes out.

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    connection::policy::ConnectionPolicy,
    error::{Error, ErrorKind},
    transport::proxy::ProxyServer,
};

/// Where a connection stands: a notifier's, or an agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionState {
    /// There is no connection, and nobody who wants one.
    Idle,
    /// A connection is being opened.
    Connecting,
    /// The token was sent and is not accepted yet.
    Authenticating,
    /// The notifications were asked for and are not promised yet. An agent asks for nothing.
    Subscribing,
    /// Notifications arrive, or audio flows.
    Ready,
    /// The connection was lost; the next attempt waits.
    BackingOff,
    /// It ended: it was closed, or trying again cannot help.
    Closed,
}

/// The longest wait that a server may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(5 * 60);

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// The connection is open and the token on its way.
    Opened,
    /// The server accepted the token.
    Authenticated,
    /// The server promises notifications.
    Subscribed,
    /// Something arrived.
    Arrived,
    /// What arrived was not read for a while, so silence says nothing.
    ReadsPaused,
    /// The connection could not be made, or it is gone.
    Lost(Error),
    /// The [deadline](Lifecycle::deadline) has passed.
    TimedOut,
    /// Nobody listens any more.
    Unused,
}

/// What to do next.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Open a connection and send the token.
    Connect,
    /// Ask for notifications.
    Subscribe,
    /// Notifications flow from here on; if this is not the first time, what came before is a gap.
    Resume(Option<ConnectionLoss>),
    /// Wait for what arrives.
    Exchange,
    /// Drop the connection, which failed because of this, and wait for the deadline.
    Wait(Error),
    /// Give up, because of this.
    Fail(Error),
    /// Say goodbye.
    Close,
}

/// A loss that subscribers do not know of yet.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLoss {
    /// When the connection was last known to work.
    pub(crate) since: Instant,
    /// Why it was lost.
    pub(crate) reason: Error,
    /// The time at which the loss was noticed.
    pub(crate) noticed: Instant,
    /// The number of attempts to reconnect since then.
    pub(crate) attempts: u32,
}

/// One notifier's connection from its first attempt to its end.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    policy: ConnectionPolicy,
    /// The proxy between this program and the server.
    proxy: Option<ProxyServer>,
    state: ConnectionState,
    deadline: Instant,
    /// When notifications began to flow, this time.
    ready: Option<Instant>,
    heard: Instant,
    /// Since when silence counts.
    listening: Instant,
    /// Attempts since the last healthy connection.
    failures: u32,
    lost: Option<ConnectionLoss>,
    ever_ready: bool,
}

impl Lifecycle {
    /// A connection that is about to be opened for the first time.
    pub(crate) fn new(policy: ConnectionPolicy, proxy: Option<&ProxyServer>, now: Instant) -> Self {
        Self {
            deadline: now + policy.handshake,
            policy,
            proxy: proxy.cloned(),
            state: ConnectionState::Connecting,
            ready: None,
            heard: now,
            listening: now,
            failures: 0,
            lost: None,
            ever_ready: false,
        }
    }

    pub(crate) fn state(&self) -> ConnectionState {
        self.state
    }

    /// Returns `true` if there has been a working connection.
    pub(crate) fn ever_ready(&self) -> bool {
        self.ever_ready
    }

    /// Returns the loss that is not over.
    pub(crate) fn lost(&self) -> Option<&ConnectionLoss> {
        self.lost.as_ref()
    }

    /// When the present state has lasted too long.
    pub(crate) fn deadline(&self) -> Instant {
        match self.state {
            ConnectionState::Ready => self.listening + self.policy.idle,
            _ => self.deadline,
        }
    }

    /// When something last arrived.
    pub(crate) fn heard(&self) -> Instant {
        self.heard
    }

    /// Takes in what happened at `now`; `random`, from 0 to 1, spreads the waits.
    pub(crate) fn step(&mut self, input: Input, now: Instant, random: f64) -> Action {
        use ConnectionState::{Authenticating, BackingOff, Closed, Connecting, Idle, Ready, Subscribing};
        match (self.state, input) {
            (Idle | Closed, _) => Action::Close,
            (_, Input::Unused) => {
                self.state = Closed;
                Action::Close
            }
            (_, Input::Lost(reason)) => self.lose(reason, now, random),
            (BackingOff, Input::TimedOut) => {
                self.state = Connecting;
                self.deadline = now + self.policy.handshake;
                if let Some(lost) = &mut self.lost {
                    lost.attempts = lost.attempts.saturating_add(1);
                }
                Action::Connect
            }
            (Ready, Input::TimedOut) => {
                let silence = format!("nothing arrived for {:?}", self.policy.idle);
                self.lose(self.timed_out(silence), now, random)
            }
            (_, Input::TimedOut) => {
                let late = format!("{} within {:?}", self.policy.handshake_goal, self.policy.handshake);
                self.lose(self.timed_out(late), now, random)
            }
            (Connecting, Input::Opened) => {
                self.state = Authenticating;
                Action::Exchange
            }
            (Authenticating, Input::Authenticated) => {
                self.state = Subscribing;
                Action::Subscribe
            }
            (Subscribing, Input::Subscribed) => {
                self.state = Ready;
                self.ever_ready = true;
                self.ready = Some(now);
                self.hear(now);
                Action::Resume(self.lost.take())
            }
            (_, Input::Arrived) => {
                self.hear(now);
                Action::Exchange
            }
            (_, Input::ReadsPaused) => {
                self.listening = now;
                Action::Exchange
            }
            // An answer said twice changes nothing.
            (Ready, Input::Authenticated | Input::Subscribed) | (Subscribing, Input::Authenticated) => {
                self.hear(now);
                Action::Exchange
            }
            (_, Input::Opened | Input::Authenticated | Input::Subscribed) => {
                let early = Error::new(ErrorKind::WebSocket).message_text("unexpected handshake response");
                self.lose(early, now, random)
            }
        }
    }

    /// Creates the error for an event that did not happen in time.
    pub(crate) fn timed_out(&self, message: String) -> Error {
        Error::new(ErrorKind::Timeout).message_text(message).through(self.proxy.as_ref())
    }

    fn hear(&mut self, now: Instant) {
        (self.heard, self.listening) = (now, now);
    }

    fn lose(&mut self, reason: Error, now: Instant, random: f64) -> Action {
        if let Some(ready) = self.ready.take() {
            if now.duration_since(ready) >= self.policy.healthy {
                self.failures = 0;
            }
            let lost = ConnectionLoss { since: self.heard, reason: reason.clone(), noticed: now, attempts: 0 };
            self.lost.get_or_insert(lost);
        }
        self.failures = self.failures.saturating_add(1);
        if !self.policy.reconnect || !self.ever_ready || !can_help(&reason) {
            self.state = ConnectionState::Closed;
            return Action::Fail(reason);
        }
        self.state = ConnectionState::BackingOff;
        // The server's own word on when to come back counts, unless it is out of all proportion.
        let asked = reason.retry_after().unwrap_or_default().min(MAX_RETRY_AFTER);
        self.deadline = now + self.policy.backoff.wait(self.failures, random).max(asked);
        Action::Wait(reason)
    }
}

/// Whether another connection can be better than one that was lost for this reason.
fn can_help(reason: &Error) -> bool {
    match (reason.kind(), reason.close_code(), reason.status()) {
        (ErrorKind::Unauthorized | ErrorKind::InvalidInput, ..) => false,
        // The server refuses our messages: the next ones would be the same. Every other code is temporary, the reserved
        // and the invalid ones included.
        (_, Some(1002 | 1003 | 1007..=1010), _) => false,
        // A proxy whose server is being replaced answers 404 for a while.
        (_, _, Some(404 | 408 | 425 | 429)) => true,
        (_, _, Some(status)) => !(400..500).contains(&status),
        _ => true,
    }
}
