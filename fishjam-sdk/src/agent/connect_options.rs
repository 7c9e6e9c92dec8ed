//! Options for connecting an agent.

use std::time::Duration;

use crate::{
    backoff::{Backoff, MAX_DURATION},
    connection::{policy::ConnectionPolicy, queue::Overflow},
    error::{Error, Result},
};

/// The maximum silence before the session sends a ping, unless a shorter idle timeout requires one earlier.
const PING_AFTER: Duration = Duration::from_secs(25);

/// Options for connecting an agent.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::{Overflow, agent::AgentConnectOptions};
///
/// let options = AgentConnectOptions::new()
///     .reconnect(true)
///     .incoming(1_024, Overflow::Wait)
///     .handshake_timeout(Duration::from_secs(5));
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentConnectOptions {
    handshake_timeout: Duration,
    idle_timeout: Duration,
    reconnect: bool,
    reconnect_backoff: (Duration, Duration),
    pub(super) incoming_messages: usize,
    pub(super) incoming_bytes: usize,
    pub(super) overflow: Overflow,
    pub(super) outgoing_bytes: usize,
    pub(super) max_message_bytes: usize,
    pub(super) delete_on_end: bool,
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
    ///
    /// Defaults to 15 seconds.
    #[must_use]
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.handshake_timeout = limit;
        self
    }

    /// Sets the maximum time without any incoming data. After it, the connection counts as lost.
    ///
    /// After 25 seconds without data, or after a third of this limit if that is shorter, the session sends a ping, and
    /// the server responds. A silent room thus does not count as a lost connection. Time in which a slow receiver
    /// pauses the reads does not count ([`Overflow::Wait`]). Must not be zero. Defaults to 75 seconds.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = limit;
        self
    }

    /// Sets whether the session reconnects after it loses the connection, and restores its tracks.
    ///
    /// The session always ends if its room ended or its agent was removed: see
    /// [`SessionEndKind`](super::SessionEndKind). Defaults to `false`, so the session ends.
    #[must_use]
    pub fn reconnect(mut self, reconnect: bool) -> Self {
        self.reconnect = reconnect;
        self
    }

    /// Sets the first and the longest delay before an attempt to reconnect.
    ///
    /// The delay doubles with each attempt. A random part of up to half of it is subtracted. The delay starts again
    /// from the first value after a connection that lasted 30 seconds. Defaults to 500 milliseconds and 30 seconds.
    #[must_use]
    pub fn reconnect_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.reconnect_backoff = (first, longest);
        self
    }

    /// Sets the capacity of the queue for received messages, and its behavior when full.
    ///
    /// The number must be at least 1. Defaults to 512 messages and [`Overflow::DropOldest`], which suits a
    /// conversation, in which old audio is of little use. [`AgentMessage::Dropped`](super::AgentMessage::Dropped)
    /// contains the number of lost messages.
    ///
    /// With [`Overflow::Wait`], no message is lost. The session stops reading until the queue has room, and sends pongs
    /// meanwhile. This delays images, too: [`capture_image_and_wait`](super::AgentSession::capture_image_and_wait) then
    /// waits for the receiver.
    #[must_use]
    pub fn incoming(mut self, messages: usize, overflow: Overflow) -> Self {
        (self.incoming_messages, self.overflow) = (messages, overflow);
        self
    }

    /// Sets the maximum size of the received messages that wait for the receiver, in bytes.
    ///
    /// The size of a message is the size of its data, plus a small amount for bookkeeping. A message keeps no other
    /// memory alive. An empty queue accepts a message that is larger than this limit. The largest message is 16 MiB.
    /// Defaults to 16 MiB.
    ///
    /// A stream for one [`Speaker`](super::Speaker) has its own limits: 512 chunks and 4 MiB.
    #[must_use]
    pub fn incoming_bytes(mut self, bytes: usize) -> Self {
        self.incoming_bytes = bytes;
        self
    }

    /// Sets the maximum size of outgoing messages that wait to be sent, in bytes.
    ///
    /// While the queue is full, methods that send wait. A larger message waits until the queue is empty. Must be at
    /// least 1. Defaults to 1 MiB.
    #[must_use]
    pub fn outgoing_bytes(mut self, bytes: usize) -> Self {
        self.outgoing_bytes = bytes;
        self
    }

    /// Sets the maximum size of an outgoing message in bytes.
    ///
    /// The size includes the few bytes that frame the data. Methods that send return an error for a larger message.
    /// Must be at least 1. Defaults to 16 MiB.
    #[must_use]
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    /// Sets whether the session deletes the agent when it ends, for any reason.
    ///
    /// The session's task deletes the agent, so its runtime must still run. At the end of a program, await
    /// [`disconnect`](super::AgentSession::disconnect), which waits for the deletion. A session that did not start has
    /// no end: see [`connect_or_delete`](super::Agent::connect_or_delete). Defaults to `false`.
    #[must_use]
    pub fn delete_on_end(mut self, delete: bool) -> Self {
        self.delete_on_end = delete;
        self
    }

    /// Rejects values with which no session could work.
    pub(super) fn check(&self) -> Result<()> {
        for (setter, value) in [
            ("incoming", self.incoming_messages),
            ("outgoing_bytes", self.outgoing_bytes),
            ("max_message_bytes", self.max_message_bytes),
        ] {
            Error::check_at_least_one(setter, value)?;
        }
        if self.idle_timeout.is_zero() {
            return Err(Error::invalid_input("invalid idle_timeout: must not be zero"));
        }
        Ok(())
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

    #[test]
    fn unusable_values_are_rejected_with_their_setter() {
        let new = AgentConnectOptions::new;
        for (options, setter) in [
            (new().incoming(0, Overflow::Wait), "incoming"),
            (new().outgoing_bytes(0), "outgoing_bytes"),
            (new().max_message_bytes(0), "max_message_bytes"),
            (new().idle_timeout(Duration::ZERO), "idle_timeout"),
        ] {
            let error = options.check().unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
            assert!(error.to_string().contains(&format!("invalid {setter}: ")), "{error}");
        }
        let smallest = new().incoming(1, Overflow::Wait).incoming_bytes(0).outgoing_bytes(1).max_message_bytes(1);
        assert!(new().check().is_ok() && smallest.check().is_ok());
    }
}
