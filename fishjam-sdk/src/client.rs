//! The client: how it is made, and the question whether its credentials work.

use std::{fmt, sync::Arc};

use crate::{
    config::{self, Network, call_setters, network_setters},
    endpoint::Endpoint,
    error::{ErrorKind, Result},
    secret::ManagementToken,
    transport::{Deprecation, Limits, RetryPolicy, Transport, operations},
};

/// A client of one Fishjam: rooms, peers, tokens and whatever else its REST API offers.
///
/// Cloning is cheap and clones share one pool of connections; make one client and hand it around. Every method
/// is cancel safe in that dropping its future leaves nothing running, but a request that was already sent may
/// still take effect.
///
/// It needs a Tokio runtime with time and IO enabled (`#[tokio::main]` and `Builder::enable_all` see to both) and
/// belongs to the one that it is first used on: that runtime drives its pooled connections, and a request over one of
/// them fails once the runtime is gone. A program with several runtimes makes a client for each.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let (id, token) = (emulator.url(), emulator.token());
/// use fishjam_sdk::{FishjamClient, RoomOptions};
///
/// let fishjam = FishjamClient::new(id, token)?;
/// let room = fishjam.create_room(RoomOptions::new().max_peers(2)).await?;
/// assert!(fishjam.get_all_rooms().await?.contains(&room));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FishjamClient {
    pub(crate) transport: Arc<Transport>,
}

impl FishjamClient {
    /// A client of the Fishjam with this id (or full URL) and management token, with default settings.
    ///
    /// A bare id stands for `https://fishjam.io/api/v1/connect/{id}`; a URL is used as it is, with or without a
    /// trailing slash. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`]: the id is empty or unusable, or no header can carry the token.
    pub fn new(fishjam_id: impl Into<String>, management_token: impl Into<ManagementToken>) -> Result<Self> {
        Self::builder(fishjam_id, management_token).build()
    }

    /// Like [`new`](Self::new), with settings to choose.
    pub fn builder(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> FishjamClientBuilder {
        FishjamClientBuilder {
            fishjam_id: fishjam_id.into(),
            management_token: management_token.into(),
            base_url: None,
            network: Network::default(),
            limits: Limits::default(),
            retry: RetryPolicy::default(),
        }
    }

    /// A client as the environment describes it: `FISHJAM_ID` (id or URL) and `FISHJAM_MANAGEMENT_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`]: a variable is missing or unusable; the message names it.
    pub fn from_env() -> Result<Self> {
        FishjamClientBuilder::from_env()?.build()
    }

    /// Like [`new`](Self::new), and asks the service whether the credentials are right, with one request.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new) and of [`check_credentials`](Self::check_credentials).
    pub async fn create_and_verify(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> Result<Self> {
        let client = Self::new(fishjam_id, management_token)?;
        client.check_credentials().await?;
        Ok(client)
    }

    /// Asks the service whether id and token are right.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidCredentials`] if they are not (the service answers 404, or 401). Any other failure
    /// says nothing about the credentials and keeps its own kind; so does [`Decode`](ErrorKind::Decode), for a success
    /// with a body that is not JSON, such as the page of a portal between here and the service.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// use fishjam_sdk::{ErrorKind, FishjamClient};
    ///
    /// let error = FishjamClient::create_and_verify(emulator.url(), "a-wrong-token").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidCredentials);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn check_credentials(&self) -> Result<()> {
        let checked = self.transport.call(operations::VALIDATE_CREDENTIALS, |api| api.validate_credentials()).await;
        checked.map_err(|error| match error.status() {
            Some(401 | 404) => error
                .of_kind(ErrorKind::InvalidCredentials)
                .message_text("the Fishjam id or the management token is wrong"),
            _ => error,
        })
    }

    /// What the service said about the API version that this client speaks, if it said anything yet.
    ///
    /// The first such word is also logged once, as a `tracing` warning.
    #[must_use]
    pub fn deprecation(&self) -> Option<Deprecation> {
        self.transport.deprecation()
    }
}

impl fmt::Debug for FishjamClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FishjamClient").field(&self.transport).finish()
    }
}

/// Everything that a [`FishjamClient`] can be told.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::FishjamClient;
///
/// let fishjam = FishjamClient::builder("my-fishjam-id", "my-management-token")
///     .request_timeout(Duration::from_secs(5))
///     .user_agent_suffix("my-backend/1.2")
///     .build()?;
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct FishjamClientBuilder {
    fishjam_id: String,
    management_token: ManagementToken,
    base_url: Option<String>,
    network: Network,
    limits: Limits,
    retry: RetryPolicy,
}

impl FishjamClientBuilder {
    /// Begins with the credentials that the environment holds, as [`FishjamClient::from_env`] does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`]: a variable is missing or unreadable; the message names it.
    pub fn from_env() -> Result<Self> {
        let (id, token) = config::credentials_from_env()?;
        Ok(FishjamClient::builder(id, token))
    }

    /// Sends requests below this URL instead of the address that the id stands for.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    call_setters!(
        "To create something is \"create\", and so is to make a token or to forward a room's tracks; to subscribe a peer \
         or stop a recording is \"update\"."
    );

    network_setters!();

    /// Checks everything and makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`]: the id, URL, token, proxy, certificates or user agent cannot be used.
    pub fn build(self) -> Result<FishjamClient> {
        let endpoint = Endpoint::of_settings(&self.fishjam_id, self.base_url.as_deref())?;
        let transport = Transport::new(endpoint, self.management_token, &self.network, self.limits, self.retry)?;
        Ok(FishjamClient { transport })
    }
}

/// Without id and URL: nobody has looked yet whether they hold a password or a token.
impl fmt::Debug for FishjamClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FishjamClientBuilder")
            .field("management_token", &self.management_token)
            .field("network", &self.network)
            .field("limits", &self.limits)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_prints_nothing_of_where_it_leads_to() {
        for (id, url) in [
            ("https://user:sentinel@h", None),
            ("https://h/?token=sentinel", None),
            ("sentinel", Some("https://sentinel:sentinel@h?token=sentinel")),
        ] {
            let mut builder = FishjamClient::builder(id, "sentinel");
            if let Some(url) = url {
                builder = builder.base_url(url);
            }
            let printed = format!("{builder:?} {builder:#?}");
            assert!(!printed.contains("sentinel") && printed.contains("limits"), "{printed}");
            let outcome = format!("{:?}", builder.build());
            assert!(!outcome.contains("sentinel"), "{outcome}");
        }
    }
}
