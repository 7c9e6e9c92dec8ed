//! Sends all requests of the REST API.

mod attempts;
mod body;
mod budget;
#[cfg(feature = "jellyfish")]
mod content;
mod context;
mod deprecation;
mod download;
mod hook;
pub(crate) mod http;
mod io_turn;
mod item_reader;
mod list;
mod multipart;
pub(crate) mod operations;
mod patch;
pub(crate) mod proxy;
mod query;
mod response;
mod retry;
mod tls;

use std::{fmt, sync::Arc};

use fishjam_api::{ApiClient, RequestError, RequestResult, fishjam};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use attempts::{Attempts, Build};
#[cfg(feature = "jellyfish")]
pub use content::Content;
pub(crate) use context::CallSettings;
use context::ClientContext;
pub use deprecation::{Deprecation, DeprecationStatus};
pub(crate) use download::{FileError, FileHead, FileResponse, FileRetries, ResumeAt};
use http::HttpClient;
pub(crate) use multipart::{Form, Part};
pub(crate) use operations::Operation;
pub(crate) use patch::RequestPatch;
pub(crate) use query::deep_object;

use crate::{
    config::Network,
    endpoint::Endpoint,
    error::{Error, Result},
    listing::Listing,
    secret::ManagementToken,
};

/// Calls the operations of one server.
pub(crate) struct Transport<C = fishjam::Client> {
    api: C,
    endpoint: Endpoint,
    context: Arc<ClientContext>,
    settings: CallSettings,
}

impl<C: ApiClient> Transport<C> {
    pub(crate) fn new(
        endpoint: Endpoint,
        token: ManagementToken,
        network: &Network,
        settings: CallSettings,
    ) -> Result<Arc<Self>> {
        let context = ClientContext::new(&endpoint, token, network, &settings)?;
        Ok(Self::with_context(endpoint, Arc::new(context), settings))
    }

    fn with_context(endpoint: Endpoint, context: Arc<ClientContext>, settings: CallSettings) -> Arc<Self> {
        Arc::new(Self { api: C::at(endpoint.url(), context.http.pool.clone()), endpoint, context, settings })
    }

    /// Creates a transport with other limits. It shares the token, the connections, the budget and the deprecation.
    pub(crate) fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Arc<Self> {
        Self::with_context(self.endpoint.clone(), Arc::clone(&self.context), change(self.settings.clone()))
    }

    /// Creates a transport for another endpoint. It shares the settings, the token, the connections and the deprecation.
    ///
    /// # Errors
    ///
    /// Returns an error if the environment has an unusable proxy for the endpoint.
    #[cfg(feature = "jellyfish")]
    pub(crate) fn at(&self, endpoint: Endpoint) -> Result<Arc<Self>> {
        self.context.http.check(&endpoint)?;
        Ok(Self::with_context(endpoint, Arc::clone(&self.context), self.settings.clone()))
    }

    /// Creates a transport for compositions. It shares the settings, the token, the connections and the deprecation.
    ///
    /// The endpoint has the scheme of this one, and its host or a subdomain. Therefore its proxy is usable, too.
    #[cfg(feature = "composition")]
    pub(crate) fn for_compositions<D: ApiClient>(&self) -> Arc<Transport<D>> {
        Transport::with_context(self.endpoint.compositions(), Arc::clone(&self.context), self.settings.clone())
    }

    /// Calls an operation and decodes the response.
    ///
    /// `request` builds a new request for each attempt.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        request: impl Fn(&C) -> RequestResult<T> + Sync,
    ) -> Result<T> {
        self.attempts(operation, &[], &|| self.build(&request)).run().await
    }

    /// Like [`call`](Self::call), with changes that the generated client cannot make.
    pub(crate) async fn call_patched<T: DeserializeOwned>(
        &self,
        operation: Operation,
        patch: RequestPatch,
        request: impl Fn(&C) -> RequestResult<T> + Sync,
    ) -> Result<T> {
        let build = || {
            let mut request = self.build(&request)?;
            patch.apply(&mut request);
            Ok(request)
        };
        self.attempts(operation, patch.secrets(), &build).run().await
    }

    /// Like [`call_patched`](Self::call_patched), but decodes the response into a type of the caller.
    #[cfg(feature = "composition")]
    pub(crate) async fn call_as<T, D: DeserializeOwned>(
        &self,
        operation: Operation,
        patch: RequestPatch,
        request: impl Fn(&C) -> RequestResult<T> + Sync,
    ) -> Result<D> {
        let build = || {
            let mut request = self.build(&request)?;
            patch.apply(&mut request);
            Ok(request)
        };
        self.attempts(operation, patch.secrets(), &build).run().await
    }

    /// Calls an operation of which only the status of the response matters.
    #[cfg(feature = "composition")]
    pub(crate) async fn command<T>(
        &self,
        operation: Operation,
        patch: RequestPatch,
        request: impl Fn(&C) -> RequestResult<T> + Sync,
    ) -> Result<()> {
        self.call_as(operation, patch, request).await
    }

    /// Calls an operation that returns a list in the member `data`. `convert` converts each item.
    ///
    /// An unreadable item does not affect the others. The response is never decoded as a whole, so its type `L` has no use.
    pub(crate) async fn list<L, W: DeserializeOwned, T>(
        &self,
        operation: Operation,
        patch: RequestPatch,
        request: impl Fn(&C) -> RequestResult<L> + Sync,
        convert: impl Fn(W) -> T,
    ) -> Result<Listing<T>> {
        let build = || {
            let mut request = self.build(&request)?;
            patch.apply(&mut request);
            Ok(request)
        };
        self.attempts(operation, patch.secrets(), &build).run_list(convert).await
    }

    fn attempts<'a>(&'a self, operation: Operation, secrets: &'a [SecretString], build: &'a Build<'a>) -> Attempts<'a> {
        Attempts { context: &self.context, settings: &self.settings, operation, build, secrets }
    }

    /// Builds a request with the generated client.
    fn build<T>(&self, request: impl Fn(&C) -> RequestResult<T>) -> Result<Box<reqwest::Request>> {
        match request(&self.api) {
            Ok(request) => Ok(request.into_request()),
            Err(RequestError::InvalidId(message)) => Err(Error::invalid_input(message)),
            Err(RequestError::Build(e)) => Err(Error::invalid_input("failed to build the request").caused_by(e)),
        }
    }

    /// Returns the HTTP client, for WebSocket handshakes.
    pub(crate) fn http(&self) -> &HttpClient {
        &self.context.http
    }

    /// Returns the token, for WebSocket handshakes.
    #[cfg(feature = "composition")]
    pub(crate) fn token(&self) -> &ManagementToken {
        &self.context.token
    }

    /// Returns the endpoint of the requests.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns the latest deprecation that the server reported.
    pub(crate) fn deprecation(&self) -> Option<Deprecation> {
        self.context.deprecation.latest()
    }
}

impl<C> fmt::Debug for Transport<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("endpoint", &self.endpoint.rest())
            .field("limits", &self.settings.limits)
            .finish()
    }
}

/// Checks that there is a Tokio runtime, because timers and files panic without one.
pub(crate) fn check_runtime() -> Result<()> {
    let failed = |e| Error::setup("this call requires a Tokio runtime").caused_by(e);
    Handle::try_current().map(drop).map_err(failed)
}
