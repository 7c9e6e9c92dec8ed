//! Everything that a notifier can be told.

use std::time::Duration;

use super::FishjamNotifier;
use crate::{
    config::{self, Network, network_setters},
    endpoint::Endpoint,
    error::Result,
    secret::ManagementToken,
    transport::http_client,
};

/// Limits of one connection.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// From opening the connection to being subscribed.
    pub(super) handshake: Duration,
    /// How long nothing at all may arrive.
    pub(super) idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { handshake: Duration::from_secs(15), idle: Duration::from_secs(75) }
    }
}

/// Everything that a [`FishjamNotifier`] can be told.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::FishjamNotifier;
///
/// let notifier = FishjamNotifier::builder("my-fishjam-id", "my-management-token")
///     .handshake_timeout(Duration::from_secs(5))
///     .build()?;
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FishjamNotifierBuilder {
    fishjam_id: String,
    management_token: ManagementToken,
    base_url: Option<String>,
    network: Network,
    limits: Limits,
}

impl FishjamNotifierBuilder {
    pub(super) fn new(fishjam_id: String, management_token: ManagementToken) -> Self {
        Self { fishjam_id, management_token, base_url: None, network: Network::default(), limits: Limits::default() }
    }

    /// Begins with the credentials that the environment holds, as [`FishjamNotifier::from_env`] does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): a variable is missing or unreadable; the
    /// message names it.
    pub fn from_env() -> Result<Self> {
        let (id, token) = config::credentials_from_env()?;
        Ok(Self::new(id, token))
    }

    /// Connects below this URL instead of the address that the id stands for.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Limits the time from opening a connection to being subscribed. Default: 15 seconds.
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.limits.handshake = limit;
        self
    }

    /// Limits how long nothing may arrive before the connection counts as dead. Default: 75 seconds; the service
    /// sends a ping every 30 seconds.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.limits.idle = limit;
        self
    }

    network_setters!();

    /// Checks everything and makes the notifier. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): the id, URL, token, proxy, certificates or
    /// user agent cannot be used.
    pub fn build(self) -> Result<FishjamNotifier> {
        let endpoint = Endpoint::of_settings(&self.fishjam_id, self.base_url.as_deref())?;
        // The token travels in a message here, but one that no request could carry is wrong all the same.
        config::authorization(&self.management_token)?;
        let http = http_client(&endpoint, &self.network)?;
        Ok(FishjamNotifier::of_parts(http, endpoint, self.management_token, self.limits))
    }
}
