//! The client of a Jellyfish: how it is made, and how it follows a room to another server.

use std::{fmt, sync::Arc};

use fishjam_api::{RequestResult, jellyfish as api};
use serde::de::DeserializeOwned;

use super::connection::{ConnectionOptions, ServerAddress};
use crate::{
    config::{Network, call_setters, network_setters},
    error::Result,
    transport::{Limits, Operation, RetryPolicy, Transport},
};

/// A client of one Jellyfish: rooms, peers, components, recordings.
///
/// Cloning is cheap and clones share one pool of connections. Every method is cancel safe in that dropping its future
/// leaves nothing running, but a request that was already sent may still take effect. Like
/// [`FishjamClient`](crate::FishjamClient) it belongs to the Tokio runtime that it is first used on.
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
    /// A client of the Jellyfish at this address, with default settings. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): the address is unusable, for example because it begins with a
    /// scheme, or no header can carry the token.
    pub fn new(options: ConnectionOptions) -> Result<Self> {
        Self::builder(options).build()
    }

    /// Like [`new`](Self::new), with settings to choose.
    pub fn builder(options: ConnectionOptions) -> JellyfishClientBuilder {
        JellyfishClientBuilder {
            options,
            network: Network::default(),
            limits: Limits::default(),
            retry: RetryPolicy::default(),
        }
    }

    /// A client as the environment describes it: `JELLYFISH_SERVER_ADDRESS` (host and port) and
    /// `JELLYFISH_SERVER_API_TOKEN`, and `JELLYFISH_SECURE` (`true` or `false`) if it is set.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): a variable is missing or unusable; the message names it.
    ///
    /// ```no_run
    /// // Not run: it depends on the environment.
    /// let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::from_env()?;
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn from_env() -> Result<Self> {
        Self::new(ConnectionOptions::from_env()?)
    }

    /// A client of another server of the same cluster: same token, settings and pool of connections.
    ///
    /// In a cluster a room may be made on another server than the one that was asked. Everything about the room has to
    /// be asked of the server that [`create_room`](Self::create_room) names; others do not know it.
    /// [`create_room_handle`](Self::create_room_handle) sees to that by itself.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): the address is unusable, or the proxy that the environment
    /// names for it.
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

    /// Where requests go.
    #[must_use]
    pub fn server_address(&self) -> &ServerAddress {
        &self.address
    }

    /// Makes one call of the generated client.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        call: impl Fn(&api::Client) -> RequestResult<T> + Sync,
    ) -> Result<T> {
        self.transport.call(operation, call).await
    }

    /// The address of a socket that a peer connects to: what the server said, with a scheme, or where it must be.
    pub(super) fn socket(&self, said: Option<String>, path: &str) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        match said.filter(|said| !said.is_empty()) {
            Some(said) if said.contains("://") => said,
            Some(said) => format!("{scheme}://{said}"),
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

/// Everything that a [`JellyfishClient`] can be told.
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
    limits: Limits,
    retry: RetryPolicy,
}

impl JellyfishClientBuilder {
    call_setters!(
        "To create a room is \"create\", and so is to add a peer or a component or to dial; to subscribe a component or \
         to end a call is \"update\"; to fetch a file is \"read\", up to its first byte."
    );

    network_setters!();

    /// Checks everything and makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): the address, token, proxy, certificates or user agent cannot
    /// be used.
    pub fn build(self) -> Result<JellyfishClient> {
        let (endpoint, token) = (self.options.endpoint()?, self.options.token()?);
        let transport = Transport::new(endpoint, token, &self.network, self.limits, self.retry)?;
        Ok(JellyfishClient { transport, address: self.options.server_address, secure: self.options.secure })
    }
}

/// Without the address: nobody has looked yet whether it holds a password.
impl fmt::Debug for JellyfishClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JellyfishClientBuilder")
            .field("options", &self.options)
            .field("network", &self.network)
            .field("limits", &self.limits)
            .field("retry", &self.retry)
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
    fn a_peers_socket_has_a_scheme_whatever_the_server_said() {
        for (secure, said, socket) in [
            (false, Some("h:1/socket/peer/websocket"), "ws://h:1/socket/peer/websocket"),
            (true, Some("h:1/socket/peer/websocket"), "wss://h:1/socket/peer/websocket"),
            (true, Some("ws://h:1/socket/peer/websocket"), "ws://h:1/socket/peer/websocket"),
            (false, Some(""), "ws://h:5002/socket/peer/websocket"),
            (true, None, "wss://h:5002/socket/peer/websocket"),
        ] {
            let said = said.map(str::to_owned);
            assert_eq!(client(secure).socket(said.clone(), "/socket/peer/websocket"), socket, "{said:?}");
        }
    }

    #[test]
    fn another_address_keeps_the_encryption_and_the_first_client_its_address() {
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
