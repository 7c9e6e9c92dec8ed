//! Options for connecting an agent.

use std::time::Duration;

use crate::{
    backoff::{Backoff, MAX_DURATION},
    connection::{policy::ConnectionPolicy, queue::Overflow},
};

/// The maximum silence before the session sends a ping, unless a shorter idle timeout requires one earlier.
const PING_AFTER: Duration = Duration::from_secs(25);

/// Options for connecting an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentConnectOptions {
    /// Maximum time from opening the connection until the server accepts the token. Default: 15 seconds.
    pub handshake_timeout: Duration,
    /// Maximum time without any incoming data. After it, the connection counts as lost. Default: 75 seconds.
    ///
    /// After 25 seconds without data, or after a third of this limit if that is shorter, the session sends a ping, and
    /// the server responds. A silent room thus does not count as a lost connection. Time in which a slow receiver
    /// pauses the reads does not count ([`Overflow::Wait`]).
    pub idle_timeout: Duration,
    /// Whether the session reconnects after it loses the connection, and restores its tracks. Default: `false`, so the
    /// session ends.
    ///
    /// The session always ends if its room ended or its agent was removed: see
    /// [`SessionEndKind`](super::SessionEndKind).
    pub reconnect: bool,
    /// The first and the longest delay before an attempt to reconnect. Default: 500 milliseconds and 30 seconds.
    ///
    /// The delay doubles with each attempt. A random part of up to half of it is subtracted. The delay starts again
    /// from the first value after a connection that lasted 30 seconds.
    pub reconnect_backoff: (Duration, Duration),
    /// Maximum number of received messages that wait for the receiver, at least 1. Default: 512.
    pub incoming_messages: usize,
    /// Maximum size of these messages, in bytes. Default: 16 MiB.
    ///
    /// The size of a message is the size of its data, plus a small amount for bookkeeping. A message keeps no other
    /// memory alive. An empty queue accepts a message that is larger than this limit. The largest message is 16 MiB.
    ///
    /// A stream for one [`Speaker`](super::Speaker) has its own limits: 512 chunks and 4 MiB.
    pub incoming_bytes: usize,
    /// The behavior when the receiver is too slow and its queue is full. Default: [`Overflow::DropOldest`].
    ///
    /// The default suits a conversation, in which old audio is of little use.
    /// [`AgentMessage::Dropped`](super::AgentMessage::Dropped) contains the number of lost messages.
    ///
    /// With [`Overflow::Wait`], no message is lost. The session stops reading until the queue has room, and sends pongs
    /// meanwhile. This delays images, too: [`capture_image_and_wait`](super::AgentSession::capture_image_and_wait) then
    /// waits for the receiver.
    pub overflow: Overflow,
    /// Maximum size of outgoing messages that wait to be sent, in bytes, at least 1. Default: 1 MiB.
    ///
    /// While the queue is full, methods that send wait. A larger message waits until the queue is empty.
    pub outgoing_bytes: usize,
    /// Maximum size of an outgoing message, in bytes, including the few bytes that frame its data. Default: 16 MiB.
    ///
    /// Methods that send return an error for a larger message.
    pub max_message_bytes: usize,
    /// Whether the session deletes the agent when it ends, for any reason. Default: `false`.
    ///
    /// The session's task deletes the agent, so its runtime must still run. At the end of a program, await
    /// [`disconnect`](super::AgentSession::disconnect), which waits for the deletion. A session that did not start has
    /// no end: see [`connect_or_delete`](super::Agent::connect_or_delete).
    pub delete_on_end: bool,
}

impl Default for AgentConnectOptions {
    fn default() -> Self {
        let ConnectionPolicy { handshake, idle, backoff, .. } = ConnectionPolicy::default();
        Self {
            handshake_timeout: handshake,
            idle_timeout: idle,
            reconnect: false,
            reconnect_backoff: (backoff.first, backoff.longest),
            incoming_messages: 512,
            incoming_bytes: 16 * 1024 * 1024,
            overflow: Overflow::DropOldest,
            outgoing_bytes: 1024 * 1024,
            max_message_bytes: 16 * 1024 * 1024,
            delete_on_end: false,
        }
    }
}

impl AgentConnectOptions {
    /// Creates the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum time from opening the connection until the server accepts the token.
    #[must_use]
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.handshake_timeout = limit;
        self
    }

    /// Sets the maximum time without any incoming data. After it, the connection counts as lost.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = limit;
        self
    }

    /// Sets whether the session reconnects after it loses the connection.
    #[must_use]
    pub fn reconnect(mut self, reconnect: bool) -> Self {
        self.reconnect = reconnect;
        self
    }

    /// Sets the first and the longest delay before an attempt to reconnect.
    #[must_use]
    pub fn reconnect_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.reconnect_backoff = (first, longest);
        self
    }

    /// Sets the maximum number of received messages that wait, and the behavior when the receiver is too slow.
    #[must_use]
    pub fn incoming(mut self, messages: usize, overflow: Overflow) -> Self {
        (self.incoming_messages, self.overflow) = (messages, overflow);
        self
    }

    /// Sets the maximum size of the received messages that wait for the receiver, in bytes.
    #[must_use]
    pub fn incoming_bytes(mut self, bytes: usize) -> Self {
        self.incoming_bytes = bytes;
        self
    }

    /// Sets the maximum size of outgoing messages that wait to be sent, in bytes.
    #[must_use]
    pub fn outgoing_bytes(mut self, bytes: usize) -> Self {
        self.outgoing_bytes = bytes;
        self
    }

    /// Sets the maximum size of an outgoing message, in bytes.
    #[must_use]
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    /// Sets whether the session deletes the agent when it ends.
    #[must_use]
    pub fn delete_on_end(mut self, delete: bool) -> Self {
        self.delete_on_end = delete;
        self
    }

    /// Returns the policy for the connection. Durations that are too long are shortened.
    pub(super) fn policy(&self) -> ConnectionPolicy {
        let idle = self.idle_timeout.min(MAX_DURATION);
        ConnectionPolicy {
            handshake: self.handshake_timeout.min(MAX_DURATION),
            idle,
            backoff: Backoff::between(self.reconnect_backoff.0, self.reconnect_backoff.1),
            reconnect: self.reconnect,
            // The caller of `connect` waits for its first connection, and handles the error.
            retry_first: false,
            ping_after: Some(PING_AFTER.min(idle / 3)),
            handshake_goal: "the agent's token was not accepted",
            ..ConnectionPolicy::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_limits_extreme_durations() {
        let options = AgentConnectOptions::new()
            .handshake_timeout(Duration::MAX)
            .idle_timeout(Duration::MAX)
            .reconnect_backoff(Duration::ZERO, Duration::MAX);
        let policy = options.policy();
        assert_eq!((policy.handshake, policy.idle, policy.backoff.longest), (MAX_DURATION, MAX_DURATION, MAX_DURATION));
        assert!(policy.backoff.first > Duration::ZERO);
        assert!(!policy.reconnect);
    }
}
