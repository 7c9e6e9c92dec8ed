//! Connecting an agent, and deleting it.

use std::sync::Arc;

use reqwest::Url;
use tokio::runtime::Handle;

use super::{
    Agent, AgentConnectOptions, AgentSession,
    options::input_rate,
    protocol::{self, ConnectTarget},
    shared::{SessionOwner, SessionShared, TaskGuard},
};
use crate::error::{Error, Result};

impl Agent {
    /// Connects the agent. The server has accepted the token when this method returns.
    ///
    /// You can connect an agent again with the same [token](Self::token), for 24 hours after its creation.
    ///
    /// Connecting takes a few round trips to the server, and the runtime also runs its other tasks meanwhile. If you
    /// have many agents, connect several of them at the same time instead of one after another.
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
    /// - the server does not upgrade the connection: the kind of its status code
    /// - there is no Tokio runtime: [`Setup`](crate::ErrorKind::Setup)
    /// - agents cannot receive the rate of [`with_input_rate`](Self::with_input_rate):
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the connection closes.
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

    /// Connects the agent with these options.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`connect`](Self::connect), and an [`InvalidInput`](crate::ErrorKind::InvalidInput) error
    /// that names the setter if an option is not valid.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the connection closes.
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
            .map_err(|e| Error::setup("connecting an agent requires a Tokio runtime").caused_by(e))?;
        options.check()?;
        input_rate(self.input_format.sample_rate(), "with_input_rate")?;
        let delete_on_end = options.delete_on_end;
        let target = ConnectTarget { agent: self.clone(), url: self.handshake_url()?, delete_on_end };
        let (shared, commands) = SessionShared::new(&options, self.input_format);
        let session = AgentSession::new(Arc::new(SessionOwner(Arc::clone(&shared))));
        runtime.spawn(protocol::run(TaskGuard(Arc::clone(&shared)), commands, target, options.policy()));
        shared.wait_ready().await?;
        Ok(session)
    }

    /// Connects the agent with these options, and deletes it if that fails.
    ///
    /// If the deletion fails, too, the SDK logs a warning and the agent still exists.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the connection closes, and the SDK does not delete the agent.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`connect_with`](Self::connect_with).
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
            tracing::warn!(error = format_args!("{error:#}"), "failed to delete an agent that failed to connect");
        }
        connected
    }

    /// Removes the agent from its room, which ends its session. Succeeds if the agent no longer exists.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors).
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
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

    /// Returns the URL of the socket with the HTTP scheme that the handshake uses.
    fn handshake_url(&self) -> Result<Url> {
        let malformed = || Error::invalid_input("invalid socket URL of the agent");
        let mut url = Url::parse(&self.socket_url).map_err(|e| malformed().caused_by(e))?;
        let scheme = if url.scheme() == "wss" { "https" } else { "http" };
        url.set_scheme(scheme).map_err(|()| malformed())?;
        Ok(url)
    }
}
