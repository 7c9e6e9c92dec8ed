//! The way of every request: with `socket.rs`, the only place that speaks HTTP.

mod amendment;
mod answer;
mod body;
#[cfg(feature = "jellyfish")]
mod content;
mod deprecation;
mod journey;
mod multipart;
mod operation;
mod query;
mod retry;
mod tls;

use std::{fmt, future::Future, sync::Arc, time::Duration};

use fishjam_api::{Built, Generated, fishjam};
use http::HeaderValue;
use serde::de::DeserializeOwned;

pub(crate) use amendment::Amendment;
#[cfg(feature = "jellyfish")]
pub use content::Content;
pub use deprecation::{Deprecation, DeprecationStatus};
use journey::Journey;
pub(crate) use journey::{asked_to_wait, transport_failure};
pub(crate) use multipart::{Form, Part};
pub(crate) use operation::Operation;
pub(crate) use query::deep_object;
pub(crate) use retry::Policy;

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

/// Carries requests to one server with one token over one pool of connections.
pub(crate) struct Transport {
    http: reqwest::Client,
    endpoint: Endpoint,
    token: ManagementToken,
    authorization: HeaderValue,
    limits: Limits,
    retry: Policy,
    deprecation: deprecation::Notice,
}

impl Transport {
    pub(crate) fn new(
        endpoint: Endpoint,
        token: ManagementToken,
        network: &Network,
        limits: Limits,
        retry: Policy,
    ) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            http: http_client(&endpoint, network, Some(limits.timeout))?,
            authorization: config::authorization(&token)?,
            deprecation: deprecation::Notice::default(),
            endpoint,
            token,
            limits,
            retry,
        }))
    }

    /// Makes one call of the generated client and returns what the server sent, or everything about the failure.
    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        call: impl FnOnce(&fishjam::Client) -> Built<T>,
    ) -> impl Future<Output = Result<T>> {
        self.call_amended(operation, Amendment::default(), call)
    }

    /// Like [`call`](Self::call), with changes to the request that the generated client cannot make.
    pub(crate) fn call_amended<T: DeserializeOwned>(
        &self,
        operation: Operation,
        amendment: Amendment,
        call: impl FnOnce(&fishjam::Client) -> Built<T>,
    ) -> impl Future<Output = Result<T>> {
        self.call_generated(operation, amendment, call)
    }

    /// Like [`call_amended`](Self::call_amended), of the generated client of any contract.
    pub(crate) async fn call_generated<C: Generated, T: DeserializeOwned>(
        &self,
        operation: Operation,
        amendment: Amendment,
        call: impl FnOnce(&C) -> Built<T>,
    ) -> Result<T> {
        let request = self.build(call).map_err(|error| error.on_operation(operation.id))?;
        let journey = Journey { transport: self, operation, amendment };
        let (answer, attempts) = journey.travel(request).await;
        let outcome = answer.and_then(|answer| answer.decode(operation.strict, || journey.secrets()));
        outcome.map_err(|error| error.on_operation(operation.id).after_attempts(attempts))
    }

    /// Lets a generated client build a request.
    fn build<C: Generated, T>(&self, call: impl FnOnce(&C) -> Built<T>) -> Result<Box<reqwest::Request>> {
        let client = C::at(self.endpoint.url(), self.http.clone());
        let built = call(&client).map_err(|e| Error::invalid_input("this makes no request").caused_by(e))?;
        Ok(built.into_request())
    }

    /// The same settings, token and pool for another endpoint.
    #[cfg(feature = "jellyfish")]
    pub(crate) fn at(&self, endpoint: Endpoint) -> Arc<Self> {
        Arc::new(Self {
            http: self.http.clone(),
            endpoint,
            token: self.token.clone(),
            authorization: self.authorization.clone(),
            limits: self.limits.clone(),
            retry: self.retry,
            deprecation: deprecation::Notice::default(),
        })
    }

    /// What sends requests, for a socket's handshake.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Where requests go.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
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
        // Shorter than servers keep theirs, so that a request seldom meets a connection that is just being closed.
        .pool_idle_timeout(Duration::from_secs(30))
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
