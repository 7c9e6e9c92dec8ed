//! From an agent to its session.

use std::sync::Arc;

use reqwest::Url;
use tokio::runtime::Handle;

use super::{
    Agent, AgentConnectOptions, AgentSession,
    driver::{self, Dial},
    shared::{Line, Owner, Serving},
};
use crate::error::{Error, Result};

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
