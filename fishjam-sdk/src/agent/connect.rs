//! From an agent to its session.

use std::{sync::Arc, time::Duration};

use reqwest::Url;
use tokio::runtime::Handle;

use super::{
    Agent, AgentSession,
    driver::{self, Dial},
    line::{Line, Owner, Serving},
};
use crate::{
    Overflow,
    backoff::{Backoff, MAX_DURATION},
    connection::policy::ConnectionPolicy,
    error::{Error, Result},
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
    /// [`disconnect`](super::AgentSession::disconnect), which waits for it. A session that never began has no end: see [`connect_or_delete`](Agent::connect_or_delete).
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

impl Agent {
    /// Connects the agent; its token was accepted when this returns, and the others can see it in the room.
    ///
    /// An agent can be connected again, with the same token, for 24 hours after it was created. Cancel safe: dropping
    /// the future closes the connection.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server refuses the token: [`Unauthorized`](crate::ErrorKind::Unauthorized)
    /// - the room or the agent no longer exists: also [`Unauthorized`](crate::ErrorKind::Unauthorized), with the
    ///   [`close_reason`](Error::close_reason) `room not found` or `peer not found`
    /// - the server is not reachable: [`Timeout`](crate::ErrorKind::Timeout) or
    ///   [`Connection`](crate::ErrorKind::Connection)
    /// - the server ends or breaks the handshake: [`Closed`](crate::ErrorKind::Closed),
    ///   [`WebSocket`](crate::ErrorKind::WebSocket) or [`Decode`](crate::ErrorKind::Decode)
    /// - the server opens no socket: the kind of the status
    /// - there is no Tokio runtime: [`InvalidInput`](crate::ErrorKind::InvalidInput)
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::{AgentOptions, PeerStatus};
    ///
    /// let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    /// let session = agent.connect().await?;
    /// assert_eq!(fishjam.get_room(&room.id).await?.peers[0].status, PeerStatus::Connected);
    /// session.disconnect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(&self) -> Result<AgentSession> {
        self.connect_with(AgentConnectOptions::default()).await
    }

    /// Like [`connect`](Self::connect), with a choice of limits, queues and what happens when the connection is lost.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::{AgentOptions, agent::AgentConnectOptions};
    ///
    /// let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    /// let options = AgentConnectOptions::new().reconnect(true).delete_on_end(true);
    /// agent.connect_with(options).await?.disconnect().await?;
    /// assert!(fishjam.get_room(&room.id).await?.peers.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect_with(&self, options: AgentConnectOptions) -> Result<AgentSession> {
        let runtime = Handle::try_current()
            .map_err(|e| Error::invalid_input("an agent's session needs a Tokio runtime").caused_by(e))?;
        let dial = Dial::new(self, &options, self.handshake_url()?);
        let (line, orders) = Line::new(&options, self.hears);
        let session = AgentSession::new(Arc::new(Owner(Arc::clone(&line))));
        runtime.spawn(driver::drive(Serving(Arc::clone(&line)), orders, dial));
        line.ready().await?;
        Ok(session)
    }

    /// Like [`connect_with`](Self::connect_with), and if it fails the agent is deleted: one call to begin with, and
    /// nothing to clear away.
    ///
    /// If deleting fails, too, that is logged, and the agent is still there. Dropping the future deletes nothing.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::{AgentOptions, agent::AgentConnectOptions};
    ///
    /// let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    /// let session = agent.connect_or_delete(AgentConnectOptions::new()).await?;
    /// # drop(session);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect_or_delete(&self, options: AgentConnectOptions) -> Result<AgentSession> {
        let connected = self.connect_with(options).await;
        if connected.is_err()
            && let Err(error) = self.delete().await
        {
            tracing::warn!(
                error = format_args!("{error:#}"),
                "an agent that could not be connected could not be deleted either"
            );
        }
        connected
    }

    /// Takes the agent out of its room for good; a session of it ends.
    ///
    /// # Errors
    ///
    /// Whatever can happen to any request. An agent that is gone already is no error.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// let agent = fishjam.create_agent(&room.id, Default::default()).await?;
    /// agent.delete().await?;
    /// agent.delete().await?;
    /// assert!(fishjam.get_room(&room.id).await?.peers.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self) -> Result<()> {
        match self.fishjam.delete_peer(&self.room_id, &self.peer.id).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// The socket's address in the HTTP scheme that its handshake uses.
    fn handshake_url(&self) -> Result<Url> {
        let malformed = || Error::invalid_input("the socket's address is malformed");
        let mut url = Url::parse(&self.socket_url).map_err(|e| malformed().caused_by(e))?;
        let scheme = if url.scheme() == "wss" { "https" } else { "http" };
        url.set_scheme(scheme).map_err(|()| malformed())?;
        Ok(url)
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
