//! The data that all requests of a client share: token, limits, connections.

use std::time::Duration;

use http::HeaderValue;

use super::{
    budget::Budget,
    deprecation::DeprecationState,
    http::{HttpClient, http_client},
    retry::RetryPolicy,
};
use crate::{
    config::{self, Network},
    endpoint::Endpoint,
    error::Result,
    secret::ManagementToken,
};

/// Limits of one call.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Time limit of one request, from opening a connection to the last byte of the response.
    pub(crate) timeout: Duration,
    /// Time limit of all requests of a call, and of the waits between them.
    pub(crate) overall: Duration,
    /// Maximum size of a response, in bytes.
    pub(crate) max_response: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), overall: Duration::from_secs(90), max_response: 64 * 1024 * 1024 }
    }
}

/// Data that all calls of a client share.
pub(super) struct ClientContext {
    pub(super) http: HttpClient,
    pub(super) token: ManagementToken,
    pub(super) authorization: HeaderValue,
    pub(super) limits: Limits,
    pub(super) retry: RetryPolicy,
    pub(super) budget: Budget,
    pub(super) deprecation: DeprecationState,
}

impl ClientContext {
    pub(super) fn new(
        endpoint: &Endpoint,
        token: ManagementToken,
        network: &Network,
        limits: Limits,
        retry: RetryPolicy,
    ) -> Result<Self> {
        Ok(Self {
            http: http_client(endpoint, network, Some(limits.timeout.min(limits.overall)))?,
            authorization: config::authorization(&token)?,
            deprecation: DeprecationState::default(),
            budget: Budget::new(retry.budget),
            token,
            limits,
            retry,
        })
    }
}
