//! The lifecycle of a connection, as a state machine without a socket or a clock.
//!
//! The driver passes each input to [`Lifecycle::step`], which returns the next action.

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    connection::policy::ConnectionPolicy,
    error::{Error, ErrorKind},
    transport::proxy::ProxyServer,
};

/// State of the connection of a notifier or an agent.
///
/// ```
/// use fishjam_sdk::{ConnectionState, FishjamNotifier};
///
/// fn is_healthy(notifier: &FishjamNotifier) -> bool {
///     notifier.state() == ConnectionState::Ready
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionState {
    /// No connection was opened yet, because nothing requires one.
    Idle,
    /// The connection is being opened.
    Connecting,
    /// The token was sent, and the server has not accepted it yet. Not for the events of compositions.
    Authenticating,
    /// Notifications were requested, and the server has not confirmed them yet. Only for notifiers.
    Subscribing,
    /// The connection is established: notifications or audio can arrive.
    ///
    /// After a reconnection, this state follows the gap. It is delayed while a queue with
    /// [`Overflow::Wait`](crate::Overflow::Wait) has no room for the gap.
    Ready,
    /// The connection failed, and the next attempt has not started yet.
    ///
    /// A notifier also has this state before its first connection: see
    /// [`FishjamNotifier`](crate::FishjamNotifier#first-connection).
    BackingOff,
    /// The connection ended.
    ///
    /// It was closed, it is no longer used, or another attempt cannot help.
    Closed,
}

/// The longest delay that a server can request.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(5 * 60);

/// An event in the life of a connection.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// The connection is open, and the token was sent.
    Opened,
    /// The connection is open, and the server accepted the token in the handshake.
    OpenedAndAuthenticated,
    /// The server accepted the token.
    Authenticated,
    /// The server confirmed the subscription.
    Subscribed,
    /// A message or a control frame arrived.
    Arrived,
    /// The reads were paused. Silence counts again from now on, but the messages do not show that the connection works.
    ReadsPaused,
    /// The connection failed, or could not be opened.
    Lost(Error),
    /// The [deadline](Lifecycle::deadline) has passed.
    TimedOut,
    /// The connection is no longer used.
    Unused,
}

/// The next action of the driver.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Open a connection, and send the token.
    Connect,
    /// Request notifications.
    Subscribe,
    /// Start the exchange. If there was a connection before, report the gap.
    Resume(Option<ConnectionLoss>),
    /// Exchange messages.
    Exchange,
    /// Drop the connection, which failed with this error, and wait for the deadline.
    Wait(Error),
    /// End the connection with this error.
    Fail(Error),
    /// Close the connection.
    Close,
}

/// A loss that has not been reported to the consumers.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLoss {
    /// The time at which the connection last worked.
    pub(crate) since: Instant,
    /// The error that lost the connection.
    pub(crate) reason: Error,
    /// The time at which the loss was noticed.
    pub(crate) noticed: Instant,
    /// The number of attempts to reconnect since then.
    pub(crate) attempts: u32,
}

/// A connection, from its first attempt to its end.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    policy: ConnectionPolicy,
    /// The proxy between this program and the server.
    proxy: Option<ProxyServer>,
    state: ConnectionState,
    deadline: Instant,
    /// The time at which this connection became ready.
    ready: Option<Instant>,
    /// The time of the last arrival. A gap starts here.
    heard: Instant,
    /// The time from which silence counts. It is later than `heard` after a pause of the reads.
    silent_since: Instant,
    /// Failed attempts and lost connections since the last healthy connection.
    failures: u32,
    lost: Option<ConnectionLoss>,
    ever_ready: bool,
}

impl Lifecycle {
    /// Creates a connection that is opened for the first time.
    pub(crate) fn new(policy: ConnectionPolicy, proxy: Option<&ProxyServer>, now: Instant) -> Self {
        Self {
            deadline: now + policy.handshake,
            policy,
            proxy: proxy.cloned(),
            state: ConnectionState::Connecting,
            ready: None,
            heard: now,
            silent_since: now,
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

    /// Returns the number of failed attempts and lost connections since the last healthy connection.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns the loss that is not over.
    pub(crate) fn lost(&self) -> Option<&ConnectionLoss> {
        self.lost.as_ref()
    }

    /// Returns the time at which the current state has lasted too long.
    pub(crate) fn deadline(&self) -> Instant {
        match self.state {
            ConnectionState::Ready => self.silent_since + self.policy.idle,
            _ => self.deadline,
        }
    }

    /// Returns the time of the last arrival.
    pub(crate) fn heard(&self) -> Instant {
        self.heard
    }

    /// Handles an input at `now`, and returns the next action. `random` is from 0 to 1, and varies the delays.
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
            (Connecting, Input::OpenedAndAuthenticated) | (Authenticating, Input::Authenticated) => {
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
                self.silent_since = now;
                Action::Exchange
            }
            // A repeated response changes nothing.
            (Ready, Input::Authenticated | Input::Subscribed) | (Subscribing, Input::Authenticated) => {
                self.hear(now);
                Action::Exchange
            }
            (_, Input::Opened | Input::OpenedAndAuthenticated | Input::Authenticated | Input::Subscribed) => {
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
        (self.heard, self.silent_since) = (now, now);
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
        let again = match self.ever_ready {
            true => can_help(&reason),
            false => self.policy.retry_first && is_temporary(&reason),
        };
        if !self.policy.reconnect || !again {
            self.state = ConnectionState::Closed;
            return Action::Fail(reason);
        }
        self.state = ConnectionState::BackingOff;
        // The server can request a longer delay, up to a limit.
        let asked = reason.retry_after().unwrap_or_default().min(MAX_RETRY_AFTER);
        self.deadline = now + self.policy.backoff.wait(self.failures, random).max(asked);
        Action::Wait(reason)
    }
}

/// Returns `true` if another connection can succeed after one that was lost for this reason.
fn can_help(reason: &Error) -> bool {
    match (reason.kind(), reason.close_code(), reason.status()) {
        (ErrorKind::Unauthorized | ErrorKind::InvalidInput | ErrorKind::Setup, ..) => false,
        // The server refuses the messages of the client, which would be the same on the next connection. All other
        // codes are temporary, including reserved and invalid codes.
        (_, Some(1002 | 1003 | 1007..=1010), _) => false,
        // A proxy responds with 404 for a while when its server is replaced.
        (_, _, Some(404 | 408 | 425 | 429)) => true,
        (_, _, Some(status)) => !(400..500).contains(&status),
        _ => true,
    }
}

/// Returns `true` if a first connection that failed for this reason can succeed later.
///
/// The settings are not proven yet, so this is stricter than [`can_help`]. A wrong id or URL leads to a status below 500,
/// or to a server with another protocol. A normal close during the handshake is a refusal.
fn is_temporary(reason: &Error) -> bool {
    match (reason.kind(), reason.close_code(), reason.status()) {
        (_, _, Some(status)) => matches!(status, 408 | 425 | 429 | 500..),
        (ErrorKind::Closed, Some(1000), _) => false,
        (ErrorKind::Closed | ErrorKind::Connection | ErrorKind::Timeout, ..) => can_help(reason),
        _ => false,
    }
}
