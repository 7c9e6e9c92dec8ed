//! The HTTP client: a pool of connections, the proxy of each server, and the errors of connections.

use std::{
    error::Error as StdError,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use http::{HeaderMap, HeaderValue};
use reqwest::{ClientBuilder, Url};

mod retry_after;

pub(crate) use retry_after::retry_after_header;

use super::{
    hook,
    proxy::{Proxies, ProxyServer},
    tls,
};
use crate::{
    config::{self, Network, RequestHook},
    endpoint::Endpoint,
    error::{Error, ErrorKind, Result},
};

/// Sends requests to an endpoint. Clones share the pool.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient {
    pub(crate) pool: reqwest::Client,
    proxies: Arc<Proxies>,
    /// Whether the client logged the warning about a token in clear text.
    warned: Arc<AtomicBool>,
    pub(crate) user_agent: HeaderValue,
    pub(super) hook: Option<RequestHook>,
    /// URL of the endpoint.
    server: Url,
    pub(crate) connect_timeout: Duration,
}

impl HttpClient {
    /// Adds the proxies and TLS to `builder`.
    fn new(builder: ClientBuilder, endpoint: &Endpoint, network: &Network) -> Result<Self> {
        let proxies = Arc::new(Proxies::new(&network.proxy, config::optional_variable)?);
        let proxy = proxies.of(endpoint.url())?;
        let needs_tls = endpoint.is_tls() || proxy.is_some_and(ProxyServer::is_tls);
        // Without `no_proxy`, reqwest also reads the environment, and uses a proxy even for this machine.
        let mut builder = builder.no_proxy();
        if !matches!(*proxies, Proxies::None) {
            let proxies = Arc::clone(&proxies);
            builder = builder.proxy(reqwest::Proxy::custom(move |url| Some(proxies.of(url).ok()??.url().clone())));
        }
        let failed = |e: reqwest::Error| Error::setup("failed to create the HTTP client").caused_by(e.without_url());
        let client = Self {
            pool: tls::configure(builder, needs_tls, network)?.build().map_err(failed)?,
            proxies,
            warned: Arc::default(),
            user_agent: network.user_agent()?,
            hook: network.hook.clone(),
            server: endpoint.url().clone(),
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

    /// Returns the headers of the hook for the handshake of a WebSocket.
    ///
    /// The server chooses the host of an agent's WebSocket. Another host must not receive the key of a gateway.
    ///
    /// # Errors
    ///
    /// Returns an error if the hook panics or sets a reserved header.
    pub(crate) fn socket_headers(&self, url: &Url) -> Result<HeaderMap> {
        let address = |url: &Url| (url.host_str().map(str::to_owned), url.port_or_known_default());
        match &self.hook {
            Some(hook) if address(url) == address(&self.server) => hook::headers(hook),
            _ => Ok(HeaderMap::new()),
        }
    }

    /// Creates the error for a failed request, with its causes and its proxy.
    ///
    /// The URL in `error` determines the proxy.
    pub(crate) fn connection_error(&self, error: reqwest::Error) -> Error {
        let kind = if error.is_builder() {
            ErrorKind::InvalidInput
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else {
            ErrorKind::Connection
        };
        let proxy = error.url().and_then(|url| self.proxies.of(url).ok().flatten());
        let address = error.url().filter(|_| error.is_connect() && proxy.is_none()).and_then(address_of);
        let failed = Error::new(kind).through(proxy);
        match address {
            Some(address) => failed.caused_by(Unreached { address, source: error.without_url() }),
            None => failed.caused_by(error.without_url()),
        }
    }
}

/// Returns the host and the port of a URL. Errors contain no other part of a URL.
fn address_of(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// The address of a connection that could not be opened, because the causes below name neither host nor port.
#[derive(Debug)]
struct Unreached {
    address: String,
    source: reqwest::Error,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot connect to {}", self.address)
    }
}

impl StdError for Unreached {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// Creates the HTTP client of an endpoint.
///
/// It uses HTTP/1.1. It follows no redirects, so that credentials go only to the configured host. `timeout` limits each
/// request, unless the request has its own limit. A WebSocket has no limit.
pub(crate) fn http_client(endpoint: &Endpoint, network: &Network, timeout: Option<Duration>) -> Result<HttpClient> {
    let mut builder = reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        // `Attempts` decides about retries. Otherwise reqwest copies each request for its own retries.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .connect_timeout(connect_limit(network.connect_timeout, timeout))
        .pool_idle_timeout(network.pool_idle_timeout)
        .pool_max_idle_per_host(network.pool_max_idle)
        .user_agent(network.user_agent()?);
    if let Some(timeout) = timeout {
        builder = builder.timeout(timeout);
    }
    HttpClient::new(builder, endpoint, network)
}

/// Returns the limit for opening a connection, which is shorter than the limit of the request.
///
/// If the limit of the request ended first, the error would look as if the request had been sent.
fn connect_limit(connect: Duration, request: Option<Duration>) -> Duration {
    request.map_or(connect, |request| connect.min(request / 4 * 3))
}

/// Creates the error for a request that received no response within its limit.
pub(crate) fn timed_out(proxy: Option<&ProxyServer>) -> Error {
    Error::new(ErrorKind::Timeout).through(proxy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backoff::MAX_DURATION;

    #[test]
    fn connection_fails_before_its_request_does() {
        for (connect, request, limit) in [
            (10_000, Some(30_000), 10_000),
            (10_000, None, 10_000),
            (10_000, Some(10_000), 7500),
            (10_000, Some(5000), 3750),
            (10_000, Some(13_333), 9999),
            (1000, Some(2000), 1000),
            (10_000, Some(0), 0),
        ] {
            let found = connect_limit(Duration::from_millis(connect), request.map(Duration::from_millis));
            assert_eq!(found.as_millis(), limit, "{connect}, {request:?}");
        }
        assert!(connect_limit(Duration::MAX, Some(MAX_DURATION)) < MAX_DURATION);
    }

    #[cfg(any(feature = "rustls", feature = "rustls-ring"))]
    #[tokio::test]
    async fn trusted_certificates_do_not_depend_on_endpoint() {
        let emulator = fishjam_emulator::Emulator::builder().tls(true).start().await.unwrap();
        let plain = Endpoint::of_settings("http://localhost:1", None).unwrap();
        let root = emulator.certificate_pem().unwrap().as_bytes().to_vec();
        for (roots, trusted) in [(vec![root], true), (Vec::new(), false)] {
            let network = Network { roots, ..Network::default() };
            let http = http_client(&plain, &network, None).unwrap();
            let response = http.pool.get(format!("{}/validate", emulator.url())).send().await;
            assert_eq!(response.is_ok(), trusted, "{response:?}");
        }
    }
}
