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
/// Cloning is cheap, and clones share one pool of connections.
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
    #[must_use]
    pub fn compositions(&self) -> CompositionClient {
        CompositionClient { transport: self.transport.for_api(self.transport.endpoint().compositions()) }
    }
}

impl CompositionClient {
    /// Creates a client for the production server, with the default settings. Sends no request.
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
    pub fn from_env() -> Result<Self> {
        CompositionClientBuilder::from_env()?.build()
    }

    /// Creates a composition. Returns its handle.
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

    /// Creates a handle for a composition that exists, for example from an id that your backend stored. Sends no request.
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
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    call_setters!(
        /// The methods of a [`Composition`] document their classes.
    );

    network_setters!();

    /// Creates the client. Sends no request.
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
