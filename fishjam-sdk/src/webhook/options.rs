//! The settings of a receiver, for every server framework.

use std::time::Duration;

use crate::error::{Error, Result};

/// Options for receiving webhooks.
///
/// The same options configure a [`WebhookReceiver`](super::WebhookReceiver) and the receiver of Jellyfish webhooks. They
/// apply to the service, the axum route and the extractor. [`WebhookReceiver::receive`](super::WebhookReceiver::receive)
/// does not use them.
///
/// ```
/// use std::time::Duration;
///
/// use fishjam_sdk::webhook::{WebhookOptions, WebhookReceiver};
///
/// let options = WebhookOptions::new().response_timeout(Duration::from_secs(2)).concurrency(8);
/// let receiver = WebhookReceiver::with_options(["a-secret"], options)?;
///
/// let error = WebhookReceiver::with_options(["a-secret"], WebhookOptions::new().concurrency(0)).unwrap_err();
/// assert_eq!(error.to_string(), "invalid input: invalid concurrency: must be at least 1");
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebhookOptions {
    body_limit: usize,
    body_timeout: Duration,
    response_timeout: Duration,
    concurrency: usize,
    queue_capacity: usize,
    queue_bytes: usize,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self {
            body_limit: 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            response_timeout: Duration::from_secs(4),
            concurrency: 32,
            queue_capacity: 1024,
            queue_bytes: 64 * 1024 * 1024,
        }
    }
}

impl WebhookOptions {
    /// Creates options with the default values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum size of a delivery's body, in bytes. The response to a larger body is 413.
    ///
    /// Defaults to 1 MiB. Must be at least 1. This limit replaces axum's `DefaultBodyLimit`.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets the maximum time until the body of a delivery is complete. The response to a slower body is 408.
    ///
    /// Defaults to 10 seconds. Must not be zero.
    #[must_use]
    pub fn body_timeout(mut self, limit: Duration) -> Self {
        self.body_timeout = limit;
        self
    }

    /// Sets the maximum time that a response waits for the handler.
    ///
    /// After this time, the response is 503. The time includes the wait for earlier deliveries of the room. The handler
    /// continues and runs to its end, so a repeated delivery is handled twice.
    ///
    /// Defaults to 4 seconds, because many HTTP clients wait 5 seconds for a response. Must not be zero.
    #[must_use]
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.response_timeout = limit;
        self
    }

    /// Sets the maximum number of rooms whose notifications are handled at the same time.
    ///
    /// Defaults to 32. Must be at least 1. With 1, all notifications are handled in the order of their deliveries.
    #[must_use]
    pub fn concurrency(mut self, rooms: usize) -> Self {
        self.concurrency = rooms;
        self
    }

    /// Sets the maximum number of accepted deliveries whose handler has not finished.
    ///
    /// The response to a further delivery is 503. Defaults to 1,024. Must be at least 1.
    #[must_use]
    pub fn queue_capacity(mut self, deliveries: usize) -> Self {
        self.queue_capacity = deliveries;
        self
    }

    /// Sets the maximum size of the accepted deliveries whose handler has not finished, in bytes.
    ///
    /// The size of a delivery is the size of its body. In a batch, each notification after the first adds 512 bytes. The
    /// response to a delivery above the limit is 503, as for a full queue. An empty queue accepts a delivery that is larger
    /// than the limit. Defaults to 64 MiB. Must be at least 1.
    #[must_use]
    pub fn queue_bytes(mut self, limit: usize) -> Self {
        self.queue_bytes = limit;
        self
    }

    /// Returns the options, or the error for the first invalid one.
    pub(crate) fn validated(self) -> Result<Self> {
        for (setter, value) in [
            ("body_limit", self.body_limit),
            ("concurrency", self.concurrency),
            ("queue_capacity", self.queue_capacity),
            ("queue_bytes", self.queue_bytes),
        ] {
            Error::check_at_least_one(setter, value)?;
        }
        for (setter, value) in [("body_timeout", self.body_timeout), ("response_timeout", self.response_timeout)] {
            if value.is_zero() {
                return Err(Error::invalid_input(format!("invalid {setter}: must not be zero")));
            }
        }
        Ok(self)
    }

    pub(super) fn max_body(&self) -> usize {
        self.body_limit
    }

    pub(super) fn max_body_time(&self) -> Duration {
        self.body_timeout
    }

    pub(super) fn max_response_time(&self) -> Duration {
        self.response_timeout
    }

    pub(super) fn max_concurrency(&self) -> usize {
        self.concurrency
    }

    pub(super) fn max_deliveries(&self) -> usize {
        self.queue_capacity
    }

    pub(super) fn max_queue_bytes(&self) -> usize {
        self.queue_bytes
    }
}
