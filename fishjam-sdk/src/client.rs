//! The Fishjam client, its builder, and the check of credentials.

use std::{fmt, sync::Arc};

use crate::{
    config::{self, Network, call_limits, call_setters, network_setters},
    endpoint::Endpoint,
    error::{ErrorKind, Result},
    secret::ManagementToken,
    transport::{CallSettings, Deprecation, Operation, Transport, operations},
};

/// Client for the REST API of a Fishjam app.
///
/// Cloning is cheap, and clones share one pool of connections. Create one client and clone it.
///
/// # Runtime
///
/// The client needs a Tokio runtime with time and I/O enabled, such as `#[tokio::main]` or `Builder::enable_all`. It
/// belongs to the runtime that uses it first, because this runtime drives its connections. After that runtime ends,
/// requests can fail. A program with several runtimes needs one client for each runtime.
///
/// # Cancel safety
///
/// Dropping the future of any method leaves nothing running. A request that was already sent can still take effect.
///
/// # Limits and retries
///
/// | limit | default | for all calls | for some calls |
/// |---|---|---|---|
/// | opening a connection | 10 s | [`connect_timeout`](FishjamClientBuilder::connect_timeout) | |
/// | one request | 30 s | [`request_timeout`](FishjamClientBuilder::request_timeout) | [`with_timeout`](Self::with_timeout) |
/// | a call with all attempts and waits | 90 s | [`overall_timeout`](FishjamClientBuilder::overall_timeout) | [`with_overall_timeout`](Self::with_overall_timeout) |
/// | attempts | 4, or 8 if connections are refused | [`max_attempts`](FishjamClientBuilder::max_attempts) | [`with_max_attempts`](Self::with_max_attempts) |
/// | waits between 4 attempts | 0.9 to 1.75 s in total | [`retry_backoff`](FishjamClientBuilder::retry_backoff) | |
/// | waits between 8 attempts | 8.9 to 17.75 s in total | [`retry_backoff`](FishjamClientBuilder::retry_backoff) | |
///
/// The table shows after which failures the client sends a request again:
///
#[doc = include_str!("transport/retry.md")]
///
/// "update" includes subscribing peers and stopping recordings. "create" includes creating tokens and forwarding tracks.
///
/// After the failures in the first row, a call makes up to 8 attempts by default, because no request arrives. A call that
/// starts during a restart of the server therefore succeeds if the restart takes at most 8 seconds. At most 4 of the 8
/// attempts can end in another way.
///
/// The waits grow from 250 milliseconds to 5 seconds. A random factor shortens each wait by up to half, but not below the
/// server's `Retry-After`. Three limits can end a call early:
///
/// - **Time**: the [`overall_timeout`](FishjamClientBuilder::overall_timeout) includes all attempts and waits.
/// - **Time left**: an attempt starts only if at least one second of this time is left after the wait.
/// - **Retry budget**: all calls of a client share 500 tokens. During an outage, the
///   [budget](FishjamClientBuilder::retry_budget) soon runs out, and each call makes one attempt.
///
/// If an outage lasts longer than the waits, the call returns the error. For a longer outage, raise the attempts or the
/// waits. To disable retries, set [`max_attempts(1)`](FishjamClientBuilder::max_attempts). After an error, check
/// [`is_retryable`](crate::Error::is_retryable) and [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
/// use std::time::Duration;
///
/// // A health check has little time. Other calls keep the limits of the client.
/// fishjam.with_overall_timeout(Duration::from_secs(1)).with_max_attempts(1).check_credentials().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Concurrent calls
///
/// Each call in flight uses one connection, because the client uses HTTP/1.1. The CPU time of a call does not grow with
/// the number of calls. The client does not limit this number, but the operating system limits the open files of the
/// process. If no file is left, a call that needs another connection returns [`ErrorKind::Connection`].
///
/// A call that the client cannot repeat, such as a create, also opens a local socket for a moment. It needs about 10 µs more
/// CPU time than another call.
///
/// # Logs
///
/// The SDK uses the crate [`tracing`](https://docs.rs/tracing). All targets start with `fishjam_sdk`, so the filter
/// `RUST_LOG=fishjam_sdk=debug` shows all lines. No line contains a token, a body, a header or metadata.
///
/// Each call has a span `fishjam_call` at level DEBUG with these fields:
///
/// - `operation`: the operation's id in the API's contract, such as `add_peer`
/// - `method`: the called method, such as `create_peer`
/// - `attempts`: the number of requests
/// - `status`: the HTTP status of the last response, if there was one
/// - `duration_ms`: the duration of all attempts and waits
///
/// The last three are empty until the last attempt ends. In its span, each call logs one line at level DEBUG with the fields
/// `method`, `status`, `attempts` and `duration_ms`. The line is `call succeeded`, or `call failed` with the field `error`.
/// Each retry logs the line `retrying` with `attempt` and `wait_ms`. A call that you drop logs no outcome.
///
/// # Examples
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
    /// Creates a client with the default settings. Sends no request.
    ///
    /// A bare id selects the base URL `https://fishjam.io/api/v1/connect/{id}`. You can also pass a URL.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidInput`] if the id is not valid, or if a header cannot contain the token. Returns
    /// [`ErrorKind::Setup`] if the environment has an unusable proxy, or if no certificate is trusted.
    pub fn new(fishjam_id: impl Into<String>, management_token: impl Into<ManagementToken>) -> Result<Self> {
        Self::builder(fishjam_id, management_token).build()
    }

    /// Creates a builder for a client with other settings.
    pub fn builder(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> FishjamClientBuilder {
        FishjamClientBuilder {
            fishjam_id: fishjam_id.into(),
            management_token: management_token.into(),
            base_url: None,
            network: Network::default(),
            settings: CallSettings::default(),
        }
    }

    /// Creates a client with the id and the token from the environment.
    ///
    /// The variable `FISHJAM_ID` contains the id or the URL. The variable `FISHJAM_MANAGEMENT_TOKEN` contains the
    /// token.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidInput`] if a variable is missing or not valid. The message contains its name.
    pub fn from_env() -> Result<Self> {
        FishjamClientBuilder::from_env()?.build()
    }

    /// Creates a client and checks its credentials with one request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`new`](Self::new) and [`check_credentials`](Self::check_credentials).
    ///
    /// # Cancel safety
    ///
    /// This function is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// use fishjam_sdk::{ErrorKind, FishjamClient};
    ///
    /// let fishjam = FishjamClient::create_and_verify(emulator.url(), emulator.token()).await?;
    /// let error = FishjamClient::create_and_verify(emulator.url(), "wrong").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidCredentials);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_and_verify(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> Result<Self> {
        let client = Self::new(fishjam_id, management_token)?;
        client.check(operations::CREATE_AND_VERIFY).await?;
        Ok(client)
    }

    /// Checks the id and the token with one request.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the id or the token is wrong (404 or 401): [`ErrorKind::InvalidCredentials`]
    /// - the body of a success is not JSON, for example the login page of a network: [`ErrorKind::Decode`]
    /// - one of the [common errors](crate::Error#common-errors) occurs. Such an error does not mean that the
    ///   credentials are wrong.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
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
        self.check(operations::CHECK_CREDENTIALS).await
    }

    pub(crate) async fn check(&self, operation: Operation) -> Result<()> {
        let checked = self.transport.call(operation, |api| api.validate_credentials()).await;
        checked.map_err(|error| match error.status() {
            Some(401 | 404) => {
                error.of_kind(ErrorKind::InvalidCredentials).message_text("wrong Fishjam id or management token")
            }
            _ => error,
        })
    }

    /// Returns the server's report that the API version is outdated, if there is one.
    ///
    /// The client also logs a warning for the first report.
    #[must_use]
    pub fn deprecation(&self) -> Option<Deprecation> {
        self.transport.deprecation()
    }

    call_limits!();

    /// Creates a client with other settings of its calls.
    pub(crate) fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Self {
        Self { transport: self.transport.with_settings(change) }
    }
}

impl fmt::Debug for FishjamClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FishjamClient").field(&self.transport).finish()
    }
}

/// Builder for a [`FishjamClient`].
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
    settings: CallSettings,
}

impl FishjamClientBuilder {
    /// Creates a builder with the credentials from the environment, like [`FishjamClient::from_env`].
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidInput`] if a variable is missing or not valid UTF-8. The message contains its
    /// name.
    pub fn from_env() -> Result<Self> {
        let (id, token) = config::credentials_from_env()?;
        Ok(FishjamClient::builder(id, token))
    }

    /// Sets the base URL of the requests. Defaults to the base URL that the id selects.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    call_setters!("30 seconds", "90 seconds");

    network_setters!();

    /// Creates the client. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the id, the URL, the token, the proxy or the user agent is not valid: [`ErrorKind::InvalidInput`]
    /// - a certificate or the environment's proxy is not usable, or no certificate is trusted: [`ErrorKind::Setup`]
    pub fn build(self) -> Result<FishjamClient> {
        let endpoint = Endpoint::of_settings(&self.fishjam_id, self.base_url.as_deref())?;
        let transport = Transport::new(endpoint, self.management_token, &self.network, self.settings)?;
        Ok(FishjamClient { transport })
    }
}

/// Prints neither the id nor the URL, because they can contain a password or a token before the check in `build`.
impl fmt::Debug for FishjamClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FishjamClientBuilder")
            .field("management_token", &self.management_token)
            .field("network", &self.network)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_builder_prints_no_url() {
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
            assert!(!printed.contains("sentinel") && printed.contains("settings"), "{printed}");
            let outcome = format!("{:?}", builder.build());
            assert!(!outcome.contains("sentinel"), "{outcome}");
        }
    }
}
