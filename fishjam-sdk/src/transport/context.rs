//! What all requests have in common: token, limits, connections.

use std::time::Duration;

use http::HeaderValue;

use super::{
    budget::Budget,
    deprecation::Notice,
    http::{HttpClient, http_client},
    retry::Policy,
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
