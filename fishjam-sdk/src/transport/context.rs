//! The data that all requests of a client share: token, budget, connections. The limits of a call can differ.

use std::time::Duration;

use http::HeaderValue;

use super::{
    budget::Budget,
    deprecation::DeprecationState,
    http::{HttpClient, http_client},
    operations::Operation,
    retry::RetryPolicy,
};
use crate::{
    backoff::MAX_DURATION,
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
    /// Both limits for an operation in which the server connects to other servers or downloads a file.
    pub(crate) slow: (Duration, Duration),
    /// Maximum size of a response, in bytes.
    pub(crate) max_response: usize,
}

impl Limits {
    /// Returns the time limits of one request and of all requests of a call.
    pub(super) fn times(&self, operation: Operation) -> (Duration, Duration) {
        if operation.slow { self.slow } else { (self.timeout, self.overall) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        // The list of 100,000 rooms of 5 peers has 250 MB.
        Self {
            timeout: Duration::from_secs(30),
            overall: Duration::from_secs(90),
            slow: (Duration::from_secs(120), Duration::from_secs(180)),
            max_response: 512 * 1024 * 1024,
        }
    }
}

/// Limits and retries of a call. Clones of a client can have different values.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallSettings {
    pub(crate) limits: Limits,
    pub(crate) retry: RetryPolicy,
}

impl CallSettings {
    /// Sets the time limit of one request.
    pub(crate) fn timeout(mut self, limit: Duration) -> Self {
        self.limits.timeout = limit.min(MAX_DURATION);
        self.limits.slow.0 = self.limits.timeout;
        self
    }

    /// Sets the time limit of a call.
    pub(crate) fn overall_timeout(mut self, limit: Duration) -> Self {
        self.limits.overall = limit.min(MAX_DURATION);
        self.limits.slow.1 = self.limits.overall;
        self
    }

    /// Sets the maximum number of attempts of a call.
    pub(crate) fn max_attempts(mut self, attempts: u32) -> Self {
        (self.retry.max_attempts, self.retry.max_connected) = (attempts, attempts);
        self
    }
}

/// Data that all calls of a client share.
pub(super) struct ClientContext {
    pub(super) http: HttpClient,
    pub(super) token: ManagementToken,
    pub(super) authorization: HeaderValue,
    /// Time limit of a request that has no limit of its own.
    pub(super) default_timeout: Duration,
    pub(super) budget: Budget,
    pub(super) deprecation: DeprecationState,
}

impl ClientContext {
    pub(super) fn new(
        endpoint: &Endpoint,
        token: ManagementToken,
        network: &Network,
        settings: &CallSettings,
    ) -> Result<Self> {
        let default_timeout = settings.limits.timeout.min(settings.limits.overall);
        Ok(Self {
            http: http_client(endpoint, network, Some(default_timeout))?,
            authorization: config::authorization(&token)?,
            deprecation: DeprecationState::default(),
            budget: Budget::new(settings.retry.budget),
            token,
            default_timeout,
        })
    }
}

#[cfg(all(test, feature = "composition"))]
mod tests {
    use super::*;
    use crate::transport::operations::composition::{REGISTER_OUTPUT, START};

    fn seconds(one: u64, all: u64) -> (Duration, Duration) {
        (Duration::from_secs(one), Duration::from_secs(all))
    }

    // Defects P3 and J7 of the official clients.
    #[test]
    fn each_operation_has_a_limit_and_slow_ones_have_more() {
        let settings = CallSettings::default();
        assert_eq!(settings.limits.times(START), seconds(30, 90));
        assert_eq!(settings.limits.times(REGISTER_OUTPUT), seconds(120, 180));
    }

    #[test]
    fn limit_of_the_caller_applies_to_all_operations() {
        let settings = CallSettings::default().timeout(Duration::from_secs(5));
        assert_eq!(settings.limits.times(REGISTER_OUTPUT), seconds(5, 180));
        let settings = settings.overall_timeout(Duration::from_secs(300));
        assert_eq!([REGISTER_OUTPUT, START].map(|operation| settings.limits.times(operation)), [seconds(5, 300); 2]);
    }
}
