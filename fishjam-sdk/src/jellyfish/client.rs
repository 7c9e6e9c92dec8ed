//! The client of a Jellyfish server.

use std::{fmt, sync::Arc};

use fishjam_api::{RequestResult, jellyfish as api};
use serde::de::DeserializeOwned;

use super::connection::{ConnectionOptions, ServerAddress};
use crate::{
    config::{Network, call_limits, call_setters, network_setters},
    error::{ErrorKind, Result},
    transport::{CallSettings, Operation, Transport, operations::jellyfish as operations},
};

/// A client of one Jellyfish server, for rooms, peers, components and recordings.
///
/// Cloning is cheap, and clones share one pool of connections. You can drop the future of any method: no task keeps running,
/// but a request that was already sent may still take effect. Like [`FishjamClient`](crate::FishjamClient), the client
/// belongs to the Tokio runtime that first uses it. Its [limits, retries](crate::FishjamClient#limits-and-retries) and
/// [logs](crate::FishjamClient#logs) are the same.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
/// # let (address, token) = (emulator.address(), emulator.token());
/// use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishClient, RoomOptions};
///
/// let jellyfish = JellyfishClient::new(ConnectionOptions::new(address, token))?;
/// let (room, address) = jellyfish.create_room(RoomOptions::new().max_peers(2)).await?;
/// assert!(jellyfish.update_address(address)?.get_all_rooms().await?.contains(&room));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JellyfishClient {
    pub(super) transport: Arc<Transport<api::Client>>,
    address: ServerAddress,
    secure: bool,
}

impl JellyfishClient {
    /// Creates a client with the default settings. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if:
    ///
    /// - the address is invalid, for example because it starts with a scheme
    /// - a header cannot contain the token
    pub fn new(options: ConnectionOptions) -> Result<Self> {
        Self::builder(options).build()
    }

    /// Creates a builder for a client with other settings.
    pub fn builder(options: ConnectionOptions) -> JellyfishClientBuilder {
        JellyfishClientBuilder { options, network: Network::default(), settings: CallSettings::default() }
    }

    /// Creates a client from environment variables, with the default settings.
    ///
    /// [`ConnectionOptions::from_env`] lists the variables.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or invalid. The message names the
    /// variable.
    ///
    /// ```no_run
    /// // This example depends on the environment.
    /// let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::from_env()?;
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn from_env() -> Result<Self> {
        JellyfishClientBuilder::from_env()?.build()
    }

    /// Creates a client and checks the token with one request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`new`](Self::new) and [`check_credentials`](Self::check_credentials).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    pub async fn create_and_verify(options: ConnectionOptions) -> Result<Self> {
        let client = Self::new(options)?;
        client.check(operations::CREATE_AND_VERIFY).await?;
        Ok(client)
    }

    /// Checks the token with one request, which reads the [health](Self::health) of the server.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the token is wrong (401): [`InvalidCredentials`](ErrorKind::InvalidCredentials)
    /// - the response is not the health of a server, for example a login page: [`Decode`](ErrorKind::Decode)
    /// - one of the [common errors](crate::Error#common-errors) occurs. It does not mean that the token is wrong.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let address = emulator.address();
    /// use fishjam_sdk::{ErrorKind, jellyfish::{ConnectionOptions, JellyfishClient}};
    ///
    /// let options = ConnectionOptions::new(address, "a-wrong-token");
    /// let error = JellyfishClient::create_and_verify(options).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidCredentials);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn check_credentials(&self) -> Result<()> {
        self.check(operations::CHECK_CREDENTIALS).await
    }

    async fn check(&self, operation: Operation) -> Result<()> {
        let checked = self.call(operation, |api| api.healthcheck()).await;
        checked.map(drop).map_err(|error| match error.status() {
            Some(401) => error.of_kind(ErrorKind::InvalidCredentials).message_text("wrong server API token"),
            _ => error,
        })
    }

    /// Creates a client of another server in the same cluster.
    ///
    /// The new client has the same token, settings and pool of connections.
    ///
    /// In a cluster, a server can create a room on another server. All requests about the room must go to the server that
    /// [`create_room`](Self::create_room) returns, because the other servers do not know the room.
    /// [`create_room_handle`](Self::create_room_handle) selects that server automatically.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the address is invalid, and
    /// [`Setup`](crate::ErrorKind::Setup) if the environment names an invalid proxy for it.
    ///
    /// ```
    /// use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishClient};
    ///
    /// let jellyfish = JellyfishClient::new(ConnectionOptions::new("localhost:5002", "development"))?;
    /// let other = jellyfish.update_address("localhost:5003")?;
    /// assert_eq!(other.server_address(), "localhost:5003");
    /// assert_eq!(jellyfish.server_address(), "localhost:5002");
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn update_address(&self, server_address: impl Into<ServerAddress>) -> Result<Self> {
        let address = server_address.into();
        if address == self.address {
            return Ok(self.clone());
        }
        let endpoint = address.endpoint(self.secure)?;
        Ok(Self { transport: self.transport.at(endpoint)?, address, secure: self.secure })
    }

    /// Returns the address of the server that receives the requests.
    #[must_use]
    pub fn server_address(&self) -> &ServerAddress {
        &self.address
    }

    call_limits!();

    fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Self {
        Self { transport: self.transport.with_settings(change), ..self.clone() }
    }

    /// Sends one request of the generated client.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        call: impl Fn(&api::Client) -> RequestResult<T> + Sync,
    ) -> Result<T> {
        self.transport.call(operation, call).await
    }

    /// Returns the URL of a peer's socket: the server's URL with a scheme, or one that is derived from the server address.
    pub(super) fn socket_url(&self, sent: Option<String>, path: &str) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        match sent.filter(|sent| !sent.is_empty()) {
            Some(sent) if sent.contains("://") => sent,
            Some(sent) => format!("{scheme}://{sent}"),
            None => {
                let rest = self.transport.endpoint().rest();
                format!("{scheme}://{}{path}", rest.split_once("://").map_or(rest, |(_, address)| address))
            }
        }
    }
}

impl fmt::Debug for JellyfishClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JellyfishClient").field(&self.transport).finish()
    }
}

/// Builder for a [`JellyfishClient`].
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishClient};
///
/// let jellyfish = JellyfishClient::builder(ConnectionOptions::new("localhost:5002", "development"))
///     .request_timeout(Duration::from_secs(5))
///     .max_attempts(2)
///     .build()?;
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct JellyfishClientBuilder {
    options: ConnectionOptions,
    network: Network,
    settings: CallSettings,
}

impl JellyfishClientBuilder {
    /// Creates a builder with the connection options from the environment.
    ///
    /// Reads the variables of [`ConnectionOptions::from_env`].
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or invalid. The message names the
    /// variable.
    pub fn from_env() -> Result<Self> {
        Ok(JellyfishClient::builder(ConnectionOptions::from_env()?))
    }

    call_setters!(
        "30 seconds",
        "90 seconds",
        /// `create_room`, `add_peer`, `add_component` and `dial` have the class "create". `subscribe` and `end_call` have the
        /// class "update". `get_hls_content` and `get_recording_content` are a "read" until the first byte arrives.
    );

    network_setters!();

    /// Creates the client. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the address, token, proxy or user agent is invalid.
    /// Returns [`Setup`](crate::ErrorKind::Setup) if the certificates or the environment's proxy are not usable.
    pub fn build(self) -> Result<JellyfishClient> {
        let (endpoint, token) = (self.options.endpoint()?, self.options.token()?);
        let transport = Transport::new(endpoint, token, &self.network, self.settings)?;
        Ok(JellyfishClient { transport, address: self.options.server_address, secure: self.options.secure })
    }
}

/// Omits the address, which is not checked yet and may contain a password.
impl fmt::Debug for JellyfishClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JellyfishClientBuilder")
            .field("options", &self.options)
            .field("network", &self.network)
            .field("settings", &self.settings)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(secure: bool) -> JellyfishClient {
        JellyfishClient::new(ConnectionOptions::new("h:5002", "t").secure(secure)).unwrap()
    }

    #[test]
    fn socket_url_always_has_a_scheme() {
        for (secure, sent, socket) in [
            (false, Some("h:1/socket/peer/websocket"), "ws://h:1/socket/peer/websocket"),
            (true, Some("h:1/socket/peer/websocket"), "wss://h:1/socket/peer/websocket"),
            (true, Some("ws://h:1/socket/peer/websocket"), "ws://h:1/socket/peer/websocket"),
            (false, Some(""), "ws://h:5002/socket/peer/websocket"),
            (true, None, "wss://h:5002/socket/peer/websocket"),
        ] {
            let sent = sent.map(str::to_owned);
            assert_eq!(client(secure).socket_url(sent.clone(), "/socket/peer/websocket"), socket, "{sent:?}");
        }
    }

    #[test]
    fn update_address_keeps_encryption_and_the_first_client() {
        for secure in [false, true] {
            let client = client(secure);
            let other = client.update_address("other:1").unwrap();
            assert_eq!(other.transport.endpoint().is_tls(), secure);
            assert_eq!(other.transport.endpoint().rest(), format!("http{}://other:1", if secure { "s" } else { "" }));
            assert_eq!((client.server_address(), other.server_address()), (&"h:5002".into(), &"other:1".into()));
        }
        let error = client(false).update_address("http://other:1").unwrap_err();
        assert!(error.to_string().contains("scheme"), "{error}");
    }
}
