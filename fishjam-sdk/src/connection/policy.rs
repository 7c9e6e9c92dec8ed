//! The policy of a connection, and the settings of notifiers with the setters of their builders.

use std::time::Duration;

use super::queue::{Limits, Overflow};
use crate::{
    backoff::Backoff,
    error::{Error, Result},
};

/// The default capacity of a consumer's queue, in events.
const CAPACITY: usize = 1024;
/// The default limit of a consumer's queue, in bytes.
const QUEUE_BYTES: usize = 64 * 1024 * 1024;

/// The interval at which a connection that pauses its reads sends a pong.
pub(crate) const PONG_INTERVAL: Duration = Duration::from_secs(20);

/// The settings of a notifier for any kind of server.
#[derive(Clone, Debug)]
pub(crate) struct NotifierSettings {
    pub(crate) policy: ConnectionPolicy,
    pub(crate) queue: Limits,
}

impl Default for NotifierSettings {
    fn default() -> Self {
        let queue = Limits { items: CAPACITY, bytes: QUEUE_BYTES, overflow: Overflow::default() };
        Self { policy: ConnectionPolicy::default(), queue }
    }
}

impl NotifierSettings {
    pub(crate) fn check(&self) -> Result<()> {
        Error::check_at_least_one("queue", self.queue.items)
    }
}

/// The setters of a notifier's builder. The builder has a field `settings: NotifierSettings` and is `#[must_use]`.
macro_rules! notifier_setters {
    () => {
        /// Sets the maximum time from opening a connection to the subscription.
        ///
        /// Defaults to 15 seconds.
        pub fn handshake_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings.policy.handshake = limit.min($crate::backoff::MAX_DURATION);
            self
        }

        /// Sets the maximum silence of a connection: after it, the notifier reconnects.
        ///
        /// Defaults to 75 seconds. The server sends a ping every 30 seconds.
        pub fn idle_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings.policy.idle = limit.min($crate::backoff::MAX_DURATION);
            self
        }

        /// Sets whether the notifier repeats a first connection that fails.
        ///
        /// Defaults to `true`: a backend that starts while the server is down waits for the server, and does not end
        /// in a crash loop. Only failures that can be temporary are repeated: see
        /// [`FishjamNotifier`](crate::FishjamNotifier#first-connection).
        ///
        /// Use `false` if your program reports the failure instead of waiting, such as a command-line tool. The setting
        /// has no effect if [`reconnect`](Self::reconnect) is `false`.
        pub fn retry_first_connection(mut self, retry: bool) -> Self {
            self.settings.policy.retry_first = retry;
            self
        }

        /// Sets whether the notifier replaces a lost connection.
        ///
        /// Defaults to `true`. The notifier stops if you close it, or if another attempt cannot help. With `false`, it
        /// makes one attempt to connect, and ends with its first connection.
        pub fn reconnect(mut self, reconnect: bool) -> Self {
            self.settings.policy.reconnect = reconnect;
            self
        }

        /// Sets the delays between attempts to connect.
        ///
        /// The delays double from `first` to `longest`. Each is shortened by up to half at random. They start again
        /// with `first` after a connection of 30 seconds. Defaults to 500 milliseconds and 30 seconds.
        pub fn reconnect_backoff(mut self, first: std::time::Duration, longest: std::time::Duration) -> Self {
            self.settings.policy.backoff = $crate::backoff::Backoff::between(first, longest);
            self
        }

        /// Sets the capacity of each consumer's queue, and what happens when a queue is full.
        ///
        /// The capacity must be at least 1. Defaults to 1,024 events and [`Overflow::Wait`](crate::Overflow::Wait).
        pub fn queue(mut self, capacity: usize, overflow: $crate::connection::queue::Overflow) -> Self {
            (self.settings.queue.items, self.settings.queue.overflow) = (capacity, overflow);
            self
        }

        /// Sets the maximum size of the events in each consumer's queue, in bytes.
        ///
        /// Defaults to 64 MiB. The size of an event is its size as the server sent it, plus less than 200 bytes
        /// for bookkeeping. [`Overflow`](crate::Overflow) decides what happens at this limit. An empty queue accepts an
        /// event that is larger than the limit. The largest message is 16 MiB.
        ///
        /// The limit counts events, not the buffers that contain them. A queue has two buffers, which grow by doubling
        /// and keep some of the events that were read. The memory of a queue can thus be up to six times the limit.
        /// Several consumers of a notifier share their events in memory, and each queue counts all its events.
        ///
        /// The limit also applies to streams with a capacity of their own and to [`RoomsView`](crate::RoomsView).
        pub fn queue_bytes(mut self, limit: usize) -> Self {
            self.settings.queue.bytes = limit;
            self
        }
    };
}
pub(crate) use notifier_setters;

/// The rules of the lifecycle. The default is the policy of a notifier.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionPolicy {
    /// The maximum time from opening a connection until it is ready.
    pub(crate) handshake: Duration,
    /// The maximum silence of a connection.
    pub(crate) idle: Duration,
    /// The duration of a connection after which the delays start again.
    pub(crate) healthy: Duration,
    /// The delays between attempts.
    pub(crate) backoff: Backoff,
    /// Whether a lost connection is replaced.
    pub(crate) reconnect: bool,
    /// Whether a first connection that fails is repeated, if `reconnect` is set, too.
    pub(crate) retry_first: bool,
    /// The silence after which the client sends a ping. `None` if it relies on the pings of the server.
    ///
    /// Fishjam and Jellyfish send pings to a server's notifier, so its silence means that the server is gone. An
    /// agent's room can be silent.
    pub(crate) ping_after: Option<Duration>,
    /// The beginning of the error for a handshake that takes too long.
    pub(crate) handshake_goal: &'static str,
}

impl Default for ConnectionPolicy {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(15),
            idle: Duration::from_secs(75),
            healthy: Duration::from_secs(30),
            backoff: Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(30) },
            reconnect: true,
            retry_first: true,
            ping_after: None,
            handshake_goal: "the notifier was not subscribed",
        }
    }
}
