//! What all requests have in common: token, limits, connections.

use std::time::Duration;

use http::HeaderValue;

use super::{budget::Budget, deprecation::Notice, retry::Policy, tls};
use crate::{
    config::{self, Network, Proxy},
    endpoint::Endpoint,
    error::{Error, Result},
    secret::ManagementToken,
};

/// Limits of one call.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Of one request: from opening a connection, if need be, to the last byte received.
    pub(crate) timeout: Duration,
    /// Of all requests of a call, and the waits between them.
    pub(crate) overall: Duration,
    /// The largest answer that is read, in bytes.
    pub(crate) max_response: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), overall: Duration::from_secs(90), max_response: 64 * 1024 * 1024 }
    }
}

/// Carries requests with one token over one pool of connections.
pub(super) struct Carrier {
    pub(super) http: reqwest::Client,
    pub(super) token: ManagementToken,
    pub(super) authorization: HeaderValue,
    pub(super) limits: Limits,
    pub(super) retry: Policy,
    pub(super) budget: Budget,
    pub(super) deprecation: Notice,
}

impl Carrier {
    pub(super) fn new(
        endpoint: &Endpoint,
        token: ManagementToken,
        network: &Network,
        limits: Limits,
        retry: Policy,
    ) -> Result<Self> {
        Ok(Self {
            http: http_client(endpoint, network, Some(limits.timeout))?,
            authorization: config::authorization(&token)?,
            deprecation: Notice::default(),
            budget: Budget::new(retry.budget),
            token,
            limits,
            retry,
        })
    }
}

/// The HTTP client of one endpoint: HTTP/1.1, no redirects, so that credentials stay with the configured host.
///
/// `timeout` limits each request, unless the request says otherwise; a socket has none.
pub(crate) fn http_client(
    endpoint: &Endpoint,
    network: &Network,
    timeout: Option<Duration>,
) -> Result<reqwest::Client> {
    let refuse =
        |e: reqwest::Error| Error::invalid_input("the HTTP client cannot be set up").caused_by(e.without_url());
    let mut builder = reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        // To try again is the journey's decision; reqwest would copy each request for its own.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .connect_timeout(network.connect_timeout)
        .pool_idle_timeout(network.pool_idle_timeout)
        .user_agent(network.user_agent()?);
    if let Some(timeout) = timeout {
        builder = builder.timeout(timeout);
    }
    let mut tls = endpoint.is_tls();
    match &network.proxy {
        Proxy::Environment => {}
        Proxy::None => builder = builder.no_proxy(),
        Proxy::Url(url) => {
            // The cause would print the URL, which may hold a password.
            let proxy = reqwest::Proxy::all(url).map_err(|_| Error::invalid_input("the proxy's URL is malformed"))?;
            tls |= url.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
            builder = builder.proxy(proxy);
        }
    }
    tls::configure(builder, tls, network)?.build().map_err(refuse)
}
