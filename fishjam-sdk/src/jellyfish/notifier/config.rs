//! Everything that a notifier of a Jellyfish can be told.

use std::fmt;

use super::{JellyfishNotifier, handshake::wanted};
use crate::{
    config::{Network, network_setters},
    connection::policy::{NotifierSettings, notifier_setters},
    endpoint::SERVER_SOCKET,
    error::{Error, Result},
    jellyfish::ConnectionOptions,
    notifier::{core::Listening, hub::Server},
    transport::http::http_client,
};

/// Everything that a [`JellyfishNotifier`] can be told.
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

    /// Chooses whether the server's notifications are asked for. Default: they are.
    pub fn notifications(mut self, wanted: bool) -> Self {
        self.notifications = wanted;
        self
    }

    /// Chooses whether [reports of what WebRTC measures](crate::jellyfish::events::MetricsReport) are asked for; the
    /// server sends one about every second. Default: they are not.
    pub fn metrics(mut self, wanted: bool) -> Self {
        self.metrics = wanted;
        self
    }

    notifier_setters!();

    network_setters!();

    /// Checks everything and makes the notifier. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): the address, token, proxy, certificates or
    /// user agent cannot be used, or nothing is asked for.
    pub fn build(self) -> Result<JellyfishNotifier> {
        if !self.notifications && !self.metrics {
            return Err(Error::invalid_input(
                "a notifier that asks for neither notifications nor metrics hears nothing",
            ));
        }
        let endpoint = self.options.endpoint()?;
        let token = self.options.token()?;
        let http = http_client(&endpoint, &self.network, None)?;
        let url = endpoint.socket(SERVER_SOCKET)?;
        let server = Server { http, url, token, wanted: wanted(self.notifications, self.metrics) };
        Ok(JellyfishNotifier::of(Listening::new(server, self.settings), self.notifications, self.metrics))
    }
}

/// What was given as an address is not printed: it is not checked yet and may hold a password.
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
