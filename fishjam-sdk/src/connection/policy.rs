//! NotifierSettings of a connection that is kept up, and the setters of the builders.

use std::time::Duration;

use super::queue::{Limits, Overflow};
use crate::backoff::Backoff;

/// How many events wait for a consumer before it counts as too slow.
const CAPACITY: usize = 1024;
/// The default limit of a consumer's queue, in bytes.
const QUEUE_BYTES: usize = 64 * 1024 * 1024;

/// The interval at which a connection that pauses its reads sends a pong.
pub(crate) const PONG_INTERVAL: Duration = Duration::from_secs(20);

/// What every notifier can be told, whatever server it listens to.
#[derive(Clone, Debug)]
pub(crate) struct NotifierSettings {
    pub(crate) rules: ConnectionPolicy,
    pub(crate) queue: Limits,
}

impl Default for NotifierSettings {
    fn default() -> Self {
        let queue = Limits { items: CAPACITY, bytes: QUEUE_BYTES, overflow: Overflow::default() };
        Self { rules: ConnectionPolicy::default(), queue }
    }
}

/// The setters that every notifier's builder has; the builder holds `settings: NotifierSettings` and is itself `#[must_use]`.
macro_rules! notifier_setters {
    () => {
        /// Limits the time from opening a connection to being subscribed. Default: 15 seconds.
        pub fn handshake_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings.rules.handshake = limit.min($crate::backoff::MAX_DURATION);
            self
        }

        /// Limits how long nothing at all may arrive before the connection counts as dead and is replaced. Default:
        /// 75 seconds; the server sends a ping every 30 seconds.
        pub fn idle_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings.rules.idle = limit.min($crate::backoff::MAX_DURATION);
            self
        }

        /// Chooses whether a lost connection is replaced. Default: it is, until the notifier is closed or until
        /// trying again cannot help.
        pub fn reconnect(mut self, reconnect: bool) -> Self {
            self.settings.rules.reconnect = reconnect;
            self
        }

        /// Chooses the waits between attempts to reconnect: they double from `first` up to `longest`, each shortened
        /// by up to half at random, and begin anew once a connection has lasted 30 seconds. Default: 500 milliseconds
        /// and 30 seconds.
        pub fn reconnect_backoff(mut self, first: std::time::Duration, longest: std::time::Duration) -> Self {
            self.settings.rules.backoff = $crate::backoff::Backoff::between(first, longest);
            self
        }

        /// Chooses how many events may wait for each consumer (at least 1), and what happens when one is slower than
        /// that. Default: 1,024 events and [`Overflow::Wait`](crate::Overflow::Wait).
        pub fn queue(mut self, capacity: usize, overflow: $crate::Overflow) -> Self {
            (self.settings.queue.items, self.settings.queue.overflow) = (capacity, overflow);
            self
        }

        /// Limits the size of the events that may wait for each consumer, in bytes. Defaults to 64 MiB.
        ///
        /// The size of an event is its size as the server sent it, plus a small amount for bookkeeping. At this limit
        /// the same happens as at the limit of events: see [`Overflow`](crate::Overflow). An empty queue accepts an
        /// event that is larger than the limit. The largest message is 16 MiB.
        ///
        /// The limit counts events, not the buffers that contain them. The buffers grow by doubling, keep some of the
        /// events that were read, and there are two of them. The memory of a queue can thus be up to six times the
        /// limit.
        ///
        /// The limit also holds for streams with their own number of events and for
        /// [`RoomsView`](crate::RoomsView).
        pub fn queue_bytes(mut self, limit: usize) -> Self {
            self.settings.queue.bytes = limit;
            self
        }
    };
}
pub(crate) use notifier_setters;

/// What the machine goes by; its defaults are a notifier's.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionPolicy {
    /// From opening a connection to being ready.
    pub(crate) handshake: Duration,
    /// How long nothing at all may arrive.
    pub(crate) idle: Duration,
    /// How long a connection must last before the waits begin anew.
    pub(crate) healthy: Duration,
    /// The waits between attempts.
    pub(crate) backoff: Backoff,
    /// Whether a lost connection is replaced.
    pub(crate) reconnect: bool,
    /// What has not happened when the handshake takes too long.
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
            handshake_goal: "the notifier was not subscribed",
        }
    }
}
