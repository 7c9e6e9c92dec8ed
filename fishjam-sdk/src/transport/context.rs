//! What all requests have in common: token, limits, connections.

use std::time::Duration;

use http::HeaderValue;

use super::{budget::Budget, deprecation::Notice, http::HttpClient, retry::Policy};
use crate::{
    config::{self, Network},
    endpoint::Endpoint,
    error::Result,
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
    pub(super) http: HttpClient,
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
            http: http_client(endpoint, network, Some(limits.timeout.min(limits.overall)))?,
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
pub(crate) fn http_client(endpoint: &Endpoint, network: &Network, timeout: Option<Duration>) -> Result<HttpClient> {
    let mut builder = reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        // To try again is the journey's decision; reqwest would copy each request for its own.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .connect_timeout(connect_limit(network.connect_timeout, timeout))
        .pool_idle_timeout(network.pool_idle_timeout)
        .user_agent(network.user_agent()?);
    if let Some(timeout) = timeout {
        builder = builder.timeout(timeout);
    }
    HttpClient::new(builder, endpoint, network)
}

/// Returns the limit for making a connection, shorter than the limit of the request.
///
/// If the request's limit ended first, the failure would look as if the request had been sent.
fn connect_limit(connect: Duration, request: Option<Duration>) -> Duration {
    request.map_or(connect, |request| connect.min(request / 4 * 3))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let longest = crate::backoff::MAX_DURATION;
        assert!(connect_limit(Duration::MAX, Some(longest)) < longest);
    }
}
