//! Options for connecting an agent.

use std::time::Duration;

use crate::{
    Overflow,
    backoff::{Backoff, MAX_DURATION},
    connection::policy::ConnectionPolicy,
};

/// How a session is to be held; [`default`](Self::default) says what is usual.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentConnectOptions {
    /// From opening the connection to the acceptance of the token. Default: 15 seconds.
    pub handshake_timeout: Duration,
    /// How long nothing at all may arrive before the connection counts as dead. Default: 75 seconds.
    ///
    /// A silent room is not dead. When nothing has arrived for 25 seconds, or for a third of this limit if that is less,
    /// the session sends a ping, and the server responds. The time in which a slow receiver keeps the session from
    /// reading does not count ([`Overflow::Wait`]).
    pub idle_timeout: Duration,
    /// Whether the session replaces a lost connection, and restores its tracks. Default: `false`: the session ends. It
    /// always ends if its room ended or its agent was removed: see [`SessionEndKind`](super::SessionEndKind).
    pub reconnect: bool,
    /// The waits between attempts to reconnect: they double from the first to the second of these, each shortened by up
    /// to half at random, and begin anew once a connection has lasted 30 seconds. Default: 500 milliseconds and 30
    /// seconds.
    pub reconnect_backoff: (Duration, Duration),
    /// The maximum number of received messages that wait for the receiver, at least 1. Default: 512.
    pub incoming_messages: usize,
    /// The maximum size of these messages, in bytes. Default: 16 MiB. The size of a message is the size of its data, plus
    /// a small amount for bookkeeping. A message keeps no other memory alive. An empty queue accepts a message that is larger. The largest message is 16 MiB.
    ///
    /// A stream for one [`Speaker`](super::Speaker) has its own limits: 512 chunks and 4 MiB.
    pub incoming_bytes: usize,
    /// What happens when the receiver is slower than that. Default: [`Overflow::DropOldest`], since what was said long
    /// ago is of little use in a conversation: [`AgentMessage::Dropped`](super::AgentMessage::Dropped) says how much is
    /// missing. With [`Overflow::Wait`] nothing is lost here: the socket is read no further until there is room, and
    /// the service is shown that the connection lives. Images come on the same way, so
    /// [`capture_image_and_wait`](super::AgentSession::capture_image_and_wait) waits for the receiver, too.
    pub overflow: Overflow,
    /// How many bytes of outgoing messages wait to be sent, at least 1; whoever sends more waits. A message larger than
    /// that waits until it is alone. Default: 1 MiB.
    pub outgoing_bytes: usize,
    /// The largest message that is sent, in bytes, with the few that frame its data; a larger one is refused. Default:
    /// 16 MiB, as large as what is received.
    pub max_message_bytes: usize,
    /// Whether the agent is deleted when its session ends, however it ends. Default: it is not. The session's task does
    /// that, so its runtime must live: at the end of a program await
    /// [`disconnect`](super::AgentSession::disconnect), which waits for it. A session that never began has no end: see [`connect_or_delete`](super::Agent::connect_or_delete).
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
    /// Options with everything as usual.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits the time from opening the connection to the acceptance of the token.
    #[must_use]
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.handshake_timeout = limit;
        self
    }

    /// Limits how long nothing at all may arrive before the connection counts as dead.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = limit;
        self
    }

    /// Chooses whether a lost connection is replaced.
    #[must_use]
    pub fn reconnect(mut self, reconnect: bool) -> Self {
        self.reconnect = reconnect;
        self
    }

    /// Chooses the waits between attempts to reconnect: how long the first may be, and the longest.
    #[must_use]
    pub fn reconnect_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.reconnect_backoff = (first, longest);
        self
    }

    /// Chooses how many received messages wait for the receiver, and what happens when it is slower than that.
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

    /// Chooses how many bytes of outgoing messages wait to be sent.
    #[must_use]
    pub fn outgoing_bytes(mut self, bytes: usize) -> Self {
        self.outgoing_bytes = bytes;
        self
    }

    /// Limits the size of a message that is sent, in bytes.
    #[must_use]
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    /// Chooses whether the agent is deleted when its session ends.
    #[must_use]
    pub fn delete_on_end(mut self, delete: bool) -> Self {
        self.delete_on_end = delete;
        self
    }

    pub(super) fn rules(&self) -> ConnectionPolicy {
        ConnectionPolicy {
            handshake: self.handshake_timeout.min(MAX_DURATION),
            idle: self.idle_timeout.min(MAX_DURATION),
            backoff: Backoff::between(self.reconnect_backoff.0, self.reconnect_backoff.1),
            reconnect: self.reconnect,
            handshake_goal: "the agent's token was not accepted",
            ..ConnectionPolicy::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_bounded_and_not_refused() {
        let options = AgentConnectOptions::new()
            .handshake_timeout(Duration::MAX)
            .idle_timeout(Duration::MAX)
            .reconnect_backoff(Duration::ZERO, Duration::MAX);
        let rules = options.rules();
        assert_eq!((rules.handshake, rules.idle, rules.backoff.longest), (MAX_DURATION, MAX_DURATION, MAX_DURATION));
        assert!(rules.backoff.first > Duration::ZERO);
        assert!(!rules.reconnect);
    }
}
