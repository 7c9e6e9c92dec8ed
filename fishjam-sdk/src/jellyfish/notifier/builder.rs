//! The settings of a notifier of a Jellyfish server.

use std::fmt;

use super::{JellyfishNotifier, codec::wanted};
use crate::{
    config::{Network, network_setters},
    connection::policy::{NotifierSettings, notifier_setters},
    endpoint::SERVER_SOCKET,
    error::{Error, Result},
    jellyfish::ConnectionOptions,
    notifier::{core::NotifierCore, target::NotifierTarget},
    transport::http::http_client,
};

/// Builder for a [`JellyfishNotifier`].
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishNotifier};
///
/// let notifier = JellyfishNotifier::builder(ConnectionOptions::new("localhost:5002", "development"))
///     .metrics(true)
///     .handshake_timeout(Duration::from_secs(5))
///     .build()?;
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct JellyfishNotifierBuilder {
    options: ConnectionOptions,
    notifications: bool,
    metrics: bool,
    network: Network,
    settings: NotifierSettings,
}

impl JellyfishNotifierBuilder {
    pub(super) fn new(options: ConnectionOptions) -> Self {
        Self {
            options,
            notifications: true,
            metrics: false,
            network: Network::default(),
            settings: NotifierSettings::default(),
        }
    }

    /// Creates a builder with the connection options from the environment.
    ///
    /// Reads the variables of [`ConnectionOptions::from_env`].
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or invalid. The message names
    /// the variable.
    pub fn from_env() -> Result<Self> {
        Ok(Self::new(ConnectionOptions::from_env()?))
    }

    /// Sets whether the notifier requests the server's notifications.
    ///
    /// Defaults to `true`.
    pub fn notifications(mut self, wanted: bool) -> Self {
        self.notifications = wanted;
        self
    }

    /// Sets whether the notifier requests [reports of WebRTC metrics](crate::jellyfish::events::MetricsReport).
    ///
    /// The server sends about one report per second. Defaults to `false`.
    pub fn metrics(mut self, wanted: bool) -> Self {
        self.metrics = wanted;
        self
    }

    notifier_setters!();

    network_setters!();

    /// Checks the settings and creates the notifier. This method sends nothing.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the address or a setting is invalid, or
    /// if the notifier requests no events. Returns [`Setup`](crate::ErrorKind::Setup) if the certificates or the
    /// environment's proxy are not usable.
    pub fn build(self) -> Result<JellyfishNotifier> {
        self.settings.check()?;
        if !self.notifications && !self.metrics {
            return Err(Error::invalid_input(
                "the notifier requests no events; use notifications(true) or metrics(true)",
            ));
        }
        let endpoint = self.options.endpoint()?;
        let token = self.options.token()?;
        let http = http_client(&endpoint, &self.network, None)?;
        let url = endpoint.socket(SERVER_SOCKET)?;
        let target = NotifierTarget { http, url, token, wanted: wanted(self.notifications, self.metrics) };
        Ok(JellyfishNotifier::from_core(NotifierCore::new(target, self.settings), self.notifications, self.metrics))
    }
}

/// Omits the address: it is not checked yet, and can contain a password.
impl fmt::Debug for JellyfishNotifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JellyfishNotifierBuilder")
            .field("notifications", &self.notifications)
            .field("metrics", &self.metrics)
            .field("network", &self.network)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
