//! The client of the composition API.

use std::{fmt, sync::Arc};

use fishjam_api::composition::Client;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{handle::Composition, options::CompositionOptions};
use crate::{
    client::FishjamClient,
    config::{self, Network, call_limits, call_setters, network_setters},
    endpoint::Endpoint,
    error::{Error, ErrorKind, Result},
    extra::Extra,
    id::composition::CompositionId,
    secret::ManagementToken,
    transport::{CallSettings, RequestPatch, Transport, operations::composition as operations},
};

/// The environment variable with the URL of the server.
const ENV_URL: &str = "FISHJAM_COMPOSITION_URL";

/// Client for the composition API.
///
/// Cloning is cheap, and clones share one pool of connections. [`FishjamClient::compositions`] creates a client that also
/// shares the pool with the client of rooms.
///
/// The [runtime](FishjamClient#runtime), the [retries](FishjamClient#limits-and-retries) and the
/// [logs](FishjamClient#logs) are the same as for [`FishjamClient`]. Dropping the future of any method leaves nothing
/// running, but a request that was already sent can still take effect.
///
/// # Time limits
///
/// Registering an input, an output, an image or a font takes long, because the server connects to other servers or
/// downloads a file before it responds. By default, such a request can take 120 seconds, and the call 180 seconds. The
/// limits of other calls are 30 and 90 seconds. A limit that you set applies to all calls: to those of a client with
/// [`request_timeout`](CompositionClientBuilder::request_timeout), or to those of a handle with
/// [`with_timeout`](Composition::with_timeout).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
/// use fishjam_sdk::composition::{CompositionOptions, WhipInputOptions};
///
/// // Or without a client of rooms: CompositionClient::from_env()?
/// let compositions = fishjam.compositions();
/// let composition = compositions.create(CompositionOptions::new()).await?;
/// let input = composition.register_whip_input("camera", WhipInputOptions::new()).await?;
/// println!("send to {}", input.url);
/// composition.delete().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CompositionClient {
    transport: Arc<Transport<Client>>,
}

impl FishjamClient {
    /// Returns a client for compositions, with the settings and the token of this client.
    ///
    /// It shares the pool of connections, the retry budget and the hook with this client. Its server is:
    ///
    /// - `https://rtc.fishjam.io` if this client was created with a bare id, or with the URL that the id stands for
    /// - the scheme, the host and the port of this client's URL otherwise
    ///
    /// ```
    /// let fishjam = fishjam_sdk::FishjamClient::new("http://localhost:5002/api/v1/connect/my-id", "my-token")?;
    /// let composition = fishjam.compositions().adopt("my-composition")?;
    /// assert_eq!(composition.address(), "http://localhost:5002/api/composition/my-composition");
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    #[must_use]
    pub fn compositions(&self) -> CompositionClient {
        CompositionClient { transport: self.transport.for_compositions() }
    }
}

impl CompositionClient {
    /// Creates a client for the production server, with the default settings. Sends no request.
    ///
    /// The server is `https://rtc.fishjam.io`. For another server, use the [builder](Self::builder).
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](ErrorKind::InvalidInput) if a header cannot contain the token. Returns
    /// [`Setup`](ErrorKind::Setup) if the environment has an unusable proxy, or if no certificate is trusted.
    pub fn new(management_token: impl Into<ManagementToken>) -> Result<Self> {
        Self::builder(management_token).build()
    }

    /// Creates a builder for a client with other settings.
    pub fn builder(management_token: impl Into<ManagementToken>) -> CompositionClientBuilder {
        CompositionClientBuilder {
            management_token: management_token.into(),
            base_url: None,
            network: Network::default(),
            settings: CallSettings::default(),
        }
    }

    /// Creates a client with the token and the URL from the environment.
    ///
    /// The variable `FISHJAM_MANAGEMENT_TOKEN` contains the token. The variable `FISHJAM_COMPOSITION_URL` contains the URL.
    /// Without it, the client uses the production server. It uses only the scheme, the host and the port of the URL.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](ErrorKind::InvalidInput) if the token is missing, if a variable is not valid, or if the
    /// URL is
    /// empty or has no scheme. The message contains the name of the variable.
    ///
    /// ```no_run
    /// // This example depends on the environment.
    /// let compositions = fishjam_sdk::composition::CompositionClient::from_env()?;
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn from_env() -> Result<Self> {
        CompositionClientBuilder::from_env()?.build()
    }

    /// Creates a composition. Returns its handle.
    ///
    /// Store its [id](Composition::id) if another process must find it, because the API cannot list compositions. A
    /// composition whose id is lost ends only by its [clean-up](CompositionOptions::cleanup_without_inputs).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the quota of the plan is used up: [`QuotaExceeded`](ErrorKind::QuotaExceeded)
    /// - the server has no capacity: [`ServiceUnavailable`](ErrorKind::ServiceUnavailable)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, a composition may still exist: see [`may_have_taken_effect`](Error::may_have_taken_effect). The
    /// SDK sends the request once.
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
    /// use fishjam_sdk::composition::CompositionOptions;
    ///
    /// let composition = fishjam.compositions().create(CompositionOptions::new().autostart(false)).await?;
    /// println!("{} is at {}", composition.id(), composition.address());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(&self, options: CompositionOptions) -> Result<Composition> {
        let (config, operation) = (options.into_wire(), operations::CREATE);
        let named = |error: Error| error.may_have_created(|| "a composition".to_owned());
        let create = |api: &Client| api.create_composition(&config);
        let created: Created =
            self.transport.call_as(operation, RequestPatch::default(), create).await.map_err(named)?;
        let handle = Composition::new(Arc::clone(&self.transport), created.composition_id.into(), created.extra);
        handle.map_err(|cause| {
            let unusable = Error::new(ErrorKind::Decode).message_text("the response has an invalid `composition_id`");
            named(operation.failed(unusable.caused_by(cause)).with_possible_effect(true))
        })
    }

    /// Creates a handle for an existing composition, such as one whose id you stored. Sends no request.
    ///
    /// The handle does not know which inputs and outputs exist.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](ErrorKind::InvalidInput) if the id is not valid.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// let id = composition.id().to_string();
    /// // Later, after a restart, with the stored id:
    /// let composition = fishjam.compositions().adopt(id)?;
    /// composition.delete().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn adopt(&self, composition_id: impl Into<CompositionId>) -> Result<Composition> {
        Composition::new(Arc::clone(&self.transport), composition_id.into(), Extra::default())
    }

    call_limits!();

    /// Creates a copy with other settings of its calls.
    pub(crate) fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Self {
        Self { transport: self.transport.with_settings(change) }
    }
}

impl fmt::Debug for CompositionClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CompositionClient").field(&self.transport).finish()
    }
}

/// The response to a request that creates a composition. Only its id must be readable.
struct Created {
    composition_id: String,
    extra: Extra,
}

impl<'de> Deserialize<'de> for Created {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            composition_id: String,
            /// The origin of the server. Each client ignores it.
            #[allow(dead_code, reason = "it is a known member")]
            #[serde(default)]
            api_url: IgnoredAny,
        }
        let (members, extra) = fishjam_api::with_unknown_members(deserializer, |known| Members::deserialize(known))?;
        Ok(Self { composition_id: members.composition_id, extra: Extra::new(extra) })
    }
}

/// Builder for a [`CompositionClient`].
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::composition::CompositionClient;
///
/// let compositions = CompositionClient::builder("my-management-token")
///     .base_url("http://localhost:8000")
///     .request_timeout(Duration::from_secs(60))
///     .build()?;
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct CompositionClientBuilder {
    management_token: ManagementToken,
    base_url: Option<String>,
    network: Network,
    settings: CallSettings,
}

impl CompositionClientBuilder {
    /// Creates a builder with the token and the URL from the environment, like [`CompositionClient::from_env`].
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](ErrorKind::InvalidInput) if a variable is missing or not valid. The message contains
    /// its name.
    pub fn from_env() -> Result<Self> {
        let builder = CompositionClient::builder(config::token_from_env()?);
        let base_url = config::optional_variable(ENV_URL);
        if let Some(error) = base_url.as_deref().and_then(|url| Endpoint::origin_of(url).err()) {
            let problem = error.message().unwrap_or_default();
            return Err(Error::invalid_input(format!("environment variable {ENV_URL}: {problem}")));
        }
        Ok(Self { base_url, ..builder })
    }

    /// Sets the URL of the server. The client uses only its scheme, its host and its port.
    ///
    /// Defaults to `https://rtc.fishjam.io`. The path and the query have no effect, as in the official SDKs.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    call_setters!(
        "30 seconds, or 120 seconds for a [registration](CompositionClient#time-limits)",
        "90 seconds, or 180 seconds for a [registration](CompositionClient#time-limits)",
        /// These methods have the class "create": `create`, all that start with `register`, `send_event`, and
        /// `update_output` with a time. `delete` and all methods that start with `unregister` have the class "delete".
        /// `start`, `reset`, `request_keyframe` and `update_output` without a time have the class "update".
    );

    network_setters!();

    /// Creates the client. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the URL is empty, has no scheme `http` or `https`, or contains a password:
    ///   [`InvalidInput`](ErrorKind::InvalidInput)
    /// - the token, the proxy or the user agent is not valid: [`InvalidInput`](ErrorKind::InvalidInput)
    /// - a certificate or the environment's proxy is not usable, or no certificate is trusted: [`Setup`](ErrorKind::Setup)
    pub fn build(self) -> Result<CompositionClient> {
        let endpoint = match &self.base_url {
            Some(url) => Endpoint::origin_of(url)?,
            None => Endpoint::production_compositions()?,
        };
        let transport = Transport::new(endpoint, self.management_token, &self.network, self.settings)?;
        Ok(CompositionClient { transport })
    }
}

/// Prints no URL, because it can contain a password before the check in `build`.
impl fmt::Debug for CompositionClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompositionClientBuilder")
            .field("management_token", &self.management_token)
            .field("network", &self.network)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
