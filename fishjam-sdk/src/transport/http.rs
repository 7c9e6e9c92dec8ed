//! The HTTP client: a pool of connections, and the proxy of each server.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use http::HeaderValue;
use reqwest::{ClientBuilder, Url};

use super::tls;
use crate::{
    config::{self, Network},
    endpoint::Endpoint,
    error::{Error, ErrorKind, Result},
    transport::proxy::{Proxies, ProxyServer},
};

/// Sends requests to one endpoint, and to others of the same service. Clones share the pool.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient {
    pub(crate) pool: reqwest::Client,
    proxies: Arc<Proxies>,
    /// Whether the log has the warning about a token in clear text.
    warned: Arc<AtomicBool>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) connect_timeout: Duration,
}

impl HttpClient {
    /// Completes `builder` with the proxies and with TLS.
    pub(super) fn new(builder: ClientBuilder, endpoint: &Endpoint, network: &Network) -> Result<Self> {
        let proxies = Arc::new(Proxies::new(&network.proxy, config::optional_variable)?);
        let proxy = proxies.of(endpoint.url())?;
        let needs_tls = endpoint.is_tls() || proxy.is_some_and(ProxyServer::is_tls);
        // Without `no_proxy`, reqwest reads the environment as well, and uses a proxy even for this machine.
        let mut builder = builder.no_proxy();
        if !matches!(*proxies, Proxies::None) {
            let proxies = Arc::clone(&proxies);
            builder = builder.proxy(reqwest::Proxy::custom(move |url| Some(proxies.of(url).ok()??.url().clone())));
        }
        let refuse =
            |e: reqwest::Error| Error::invalid_input("the HTTP client cannot be set up").caused_by(e.without_url());
        let client = Self {
            pool: tls::configure(builder, needs_tls, network)?.build().map_err(refuse)?,
            proxies,
            warned: Arc::default(),
            user_agent: network.user_agent()?,
            connect_timeout: network.connect_timeout,
        };
        client.check(endpoint)?;
        Ok(client)
    }

    /// Checks the proxy of an endpoint before the first request, and warns once if it can read the token.
    ///
    /// # Errors
    ///
    /// Returns an error if the environment has an unusable proxy for the endpoint.
    pub(super) fn check(&self, endpoint: &Endpoint) -> Result<()> {
        let proxy = self.proxy(endpoint.url())?;
        if let Some(proxy) = proxy.filter(|_| !endpoint.is_tls() && !self.warned.swap(true, Relaxed)) {
            tracing::warn!(
                proxy = proxy.address(),
                "the token is sent to a proxy in clear text; use an https:// URL for the server"
            );
        }
        Ok(())
    }

    /// Returns the proxy for this address.
    ///
    /// # Errors
    ///
    /// Returns an error if the environment has an unusable proxy for the address. Without this check, reqwest would
    /// connect directly.
    pub(crate) fn proxy(&self, url: &Url) -> Result<Option<&ProxyServer>> {
        self.proxies.of(url)
    }

    /// Creates the error for a failed connection, with its chain of causes and its proxy. The proxy depends on the URL in
    /// `error`.
    pub(crate) fn failure(&self, error: reqwest::Error) -> Error {
        let kind = if error.is_builder() {
            ErrorKind::InvalidInput
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else {
            ErrorKind::Connection
        };
        let proxy = error.url().and_then(|url| self.proxies.of(url).ok().flatten());
        Error::new(kind).through(proxy).caused_by(error.without_url())
    }
}
