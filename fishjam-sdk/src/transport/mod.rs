//! The way of every request: with `socket.rs`, the only place that speaks HTTP.

mod attempts;
mod body;
mod budget;
#[cfg(feature = "jellyfish")]
mod content;
mod context;
mod deprecation;
pub(crate) mod http;
mod io_turn;
mod list;
mod multipart;
mod operations;
mod patch;
pub(crate) mod proxy;
mod query;
mod response;
mod retry;
mod tls;

use std::{fmt, sync::Arc};

use fishjam_api::{Built, Generated, fishjam};
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use attempts::{Build, Journey};
#[cfg(feature = "jellyfish")]
pub use content::Content;
use context::Carrier;
pub(crate) use context::Limits;
pub use deprecation::{Deprecation, DeprecationStatus};
use http::HttpClient;
pub(crate) use multipart::{Form, Part};
pub(crate) use operations::Operation;
pub(crate) use patch::RequestPatch;
pub(crate) use query::deep_object;
pub(crate) use retry::Policy;

use crate::{
    config::Network,
    endpoint::Endpoint,
    error::{Error, Result},
    listing::Listing,
    secret::ManagementToken,
};

/// Makes the calls of one server's generated client.
pub(crate) struct Transport<C = fishjam::Client> {
    api: C,
    endpoint: Endpoint,
    carrier: Arc<Carrier>,
}

impl<C: Generated> Transport<C> {
    pub(crate) fn new(
        endpoint: Endpoint,
        token: ManagementToken,
        network: &Network,
        limits: Limits,
        retry: Policy,
    ) -> Result<Arc<Self>> {
        let carrier = Carrier::new(&endpoint, token, network, limits, retry)?;
        Ok(Self::of(endpoint, Arc::new(carrier)))
    }

    fn of(endpoint: Endpoint, carrier: Arc<Carrier>) -> Arc<Self> {
        Arc::new(Self { api: C::at(endpoint.url(), carrier.http.pool.clone()), endpoint, carrier })
    }

    /// The same for another endpoint: settings, token, pool, and what the service says about this version.
    ///
    /// # Errors
    ///
    /// Returns an error if the environment has an unusable proxy for the endpoint.
    #[cfg(feature = "jellyfish")]
    pub(crate) fn at(&self, endpoint: Endpoint) -> Result<Arc<Self>> {
        self.carrier.http.check(&endpoint)?;
        Ok(Self::of(endpoint, Arc::clone(&self.carrier)))
    }

    /// Makes one call of the generated client and returns what the server sent, or everything about the failure.
    ///
    /// What builds the request builds it anew for each attempt.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        call: impl Fn(&C) -> Built<T> + Sync,
    ) -> Result<T> {
        self.journey(operation, &[], &|| self.build(&call)).outcome().await
    }

    /// Like [`call`](Self::call), with changes to the request that the generated client cannot make.
    pub(crate) async fn call_amended<T: DeserializeOwned>(
        &self,
        operation: Operation,
        amendment: RequestPatch,
        call: impl Fn(&C) -> Built<T> + Sync,
    ) -> Result<T> {
        let build = || {
            let mut request = self.build(&call)?;
            amendment.apply(&mut request);
            Ok(request)
        };
        self.journey(operation, amendment.hidden(), &build).outcome().await
    }

    /// Makes a call that lists something; `items` takes the items out of the response.
    ///
    /// An item that cannot be read does not affect the others.
    pub(crate) async fn list<L: DeserializeOwned, T: DeserializeOwned>(
        &self,
        operation: Operation,
        amendment: RequestPatch,
        call: impl Fn(&C) -> Built<L> + Sync,
        items: impl FnOnce(L) -> Vec<T>,
    ) -> Result<Listing<T>> {
        let build = || {
            let mut request = self.build(&call)?;
            amendment.apply(&mut request);
            Ok(request)
        };
        self.journey(operation, amendment.hidden(), &build).list(items).await
    }

    fn journey<'a>(&'a self, operation: Operation, hidden: &'a [SecretString], build: &'a Build<'a>) -> Journey<'a> {
        Journey { carrier: &self.carrier, operation, build, hidden }
    }

    /// Lets the generated client build a request.
    fn build<T>(&self, call: impl Fn(&C) -> Built<T>) -> Result<Box<reqwest::Request>> {
        match call(&self.api) {
            Ok(built) => Ok(built.into_request()),
            Err(e) => Err(Error::invalid_input("this makes no request").caused_by(e)),
        }
    }

    /// What sends requests, for a socket's handshake.
    pub(crate) fn http(&self) -> &HttpClient {
        &self.carrier.http
    }

    /// Where requests go.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What the service said about this version of the client, if it said anything.
    pub(crate) fn deprecation(&self) -> Option<Deprecation> {
        self.carrier.deprecation.latest()
    }
}

impl<C> fmt::Debug for Transport<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("endpoint", &self.endpoint.rest())
            .field("limits", &self.carrier.limits)
            .finish()
    }
}
