//! The settings of a notifier.

use std::fmt;

use super::{FishjamNotifier, core::NotifierCore, fishjam_codec::WANTED, target::NotifierTarget};
use crate::{
    config::{self, Network, network_setters},
    connection::policy::{NotifierSettings, notifier_setters},
    endpoint::{Endpoint, SERVER_SOCKET},
    error::Result,
    secret::ManagementToken,
    transport::http::http_client,
};

/// Builder for a [`FishjamNotifier`].
///
/// ```
/// use std::{fmt, time::Duration};
/// use fishjam_sdk::FishjamNotifier;
///
/// let notifier = FishjamNotifier::builder("my-fishjam-id", "my-management-token")
///     .handshake_timeout(Duration::from_secs(5))
///     .build()?;
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct FishjamNotifierBuilder {
    fishjam_id: String,
    management_token: ManagementToken,
    base_url: Option<String>,
    network: Network,
    settings: NotifierSettings,
}

impl FishjamNotifierBuilder {
    pub(super) fn new(fishjam_id: String, management_token: ManagementToken) -> Self {
        Self {
            fishjam_id,
            management_token,
            base_url: None,
            network: Network::default(),
            settings: NotifierSettings::default(),
        }
    }

    /// Creates a builder with the credentials from the environment.
    ///
    /// Reads the variables of [`FishjamNotifier::from_env`].
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or invalid. The message names
    /// the variable.
    pub fn from_env() -> Result<Self> {
        let (id, token) = config::credentials_from_env()?;
        Ok(Self::new(id, token))
    }

    /// Sets the URL of the server.
    ///
    /// Defaults to the URL that belongs to the id.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    notifier_setters!();

    network_setters!();

    /// Checks the settings and creates the notifier. This method sends nothing.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id or a setting is invalid.
    /// Returns [`Setup`](crate::ErrorKind::Setup) if the certificates or the environment's proxy are not usable.
    pub fn build(self) -> Result<FishjamNotifier> {
        self.settings.check()?;
        let endpoint = Endpoint::of_settings(&self.fishjam_id, self.base_url.as_deref())?;
        // The notifier sends the token in a message. A token that no HTTP header can contain is invalid anyway.
        config::authorization(&self.management_token)?;
        let http = http_client(&endpoint, &self.network, None)?;
        let url = endpoint.socket(SERVER_SOCKET)?;
        let target = NotifierTarget { http, url, token: self.management_token, wanted: WANTED };
        Ok(FishjamNotifier::from_core(NotifierCore::new(target, self.settings)))
    }
}

/// Omits the id and the URL: they are not checked yet, and can contain a password.
impl fmt::Debug for FishjamNotifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FishjamNotifierBuilder")
            .field("network", &self.network)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
