//! The way of every request: the only place, with `socket.rs`, that names the HTTP library.

mod answer;
mod deprecation;
mod hooks;
mod tls;

pub(crate) use hooks::transport_failure;

use std::{fmt, future::Future, sync::Arc, time::Duration};

use fishjam_api::{fishjam, hooks::Inner};
use http::HeaderValue;
use serde::de::DeserializeOwned;

pub use deprecation::{Deprecation, DeprecationStatus};

use crate::{
    config::{self, Network, Proxy},
    endpoint::Endpoint,
    error::{Error, Result},
    secret::ManagementToken,
};

/// Limits of one request.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// From the first byte sent to the last byte received.
    pub(crate) timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub(crate) max_response: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), max_response: 64 * 1024 * 1024 }
    }
}

/// Carries requests to one Fishjam with one token over one pool of connections.
pub(crate) struct Transport {
    http: reqwest::Client,
    endpoint: Endpoint,
    token: ManagementToken,
    authorization: HeaderValue,
    limits: Limits,
    deprecation: deprecation::Notice,
}

impl Transport {
    pub(crate) fn new(
        endpoint: Endpoint,
        token: ManagementToken,
        network: &Network,
        limits: Limits,
    ) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            http: http_client(&endpoint, network)?,
            authorization: config::authorization(&token)?,
            deprecation: deprecation::Notice::default(),
            endpoint,
            token,
            limits,
        }))
    }

    /// Makes one call of the generated client and returns what the server sent, or everything about the failure.
    pub(crate) async fn call<T, E, F, Calling>(self: &Arc<Self>, operation: &'static str, call: F) -> Result<T>
    where
        T: DeserializeOwned,
        F: FnOnce(fishjam::Client) -> Calling,
        Calling: Future<Output = Result<fishjam::ResponseValue<T>, fishjam::Error<E>>>,
    {
        let journey = Arc::new(hooks::Journey::new(Arc::clone(self)));
        let client = fishjam::Client::new_with_client(
            self.endpoint.rest(),
            self.http.clone(),
            Inner::new(Arc::clone(&journey) as _),
        );
        match call(client).await {
            Ok(answer) => Ok(answer.into_inner()),
            Err(error) => Err(match journey.failure() {
                Some(failure) => failure,
                None => match answer::rescue(error).await {
                    Ok(value) => return Ok(value),
                    Err(error) => error.after_attempts(1),
                },
            }
            .on_operation(operation)),
        }
    }

    /// What the service said about this version of the client, if it said anything.
    pub(crate) fn deprecation(&self) -> Option<Deprecation> {
        self.deprecation.latest()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("endpoint", &self.endpoint.rest()).field("limits", &self.limits).finish()
    }
}

/// The HTTP client of one endpoint: HTTP/1.1, no redirects, so that credentials stay with the configured host.
pub(crate) fn http_client(endpoint: &Endpoint, network: &Network) -> Result<reqwest::Client> {
    let refuse =
        |e: reqwest::Error| Error::invalid_input("the HTTP client cannot be set up").caused_by(e.without_url());
    let mut builder = reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(network.connect_timeout)
        .user_agent(network.user_agent()?);
    let mut tls = endpoint.is_tls();
    match &network.proxy {
        Proxy::Environment => {}
        Proxy::None => builder = builder.no_proxy(),
        Proxy::Url(url) => {
            // The cause would print the URL, which may hold a password.
            let proxy = reqwest::Proxy::all(url).map_err(|_| Error::invalid_input("the proxy's URL is malformed"))?;
            tls |= url.starts_with("https");
            builder = builder.proxy(proxy);
        }
    }
    tls::configure(builder, tls, network)?.build().map_err(refuse)
}
