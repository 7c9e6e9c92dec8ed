//! Everything that a notifier can be told.

use std::fmt;

use super::{FishjamNotifier, core::Listening, fishjam_codec::WANTED, hub::Server};
use crate::{
    config::{self, Network, network_setters},
    connection::policy::{NotifierSettings, notifier_setters},
    endpoint::{Endpoint, SERVER_SOCKET},
    error::Result,
    secret::ManagementToken,
    transport::http::http_client,
};

/// Everything that a [`FishjamNotifier`] can be told.
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

    notifier_setters!();

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
        let http = http_client(&endpoint, &self.network, None)?;
        let url = endpoint.socket(SERVER_SOCKET)?;
        let server = Server { http, url, token: self.management_token, wanted: WANTED };
        Ok(FishjamNotifier::of(Listening::new(server, self.settings)))
    }
}

/// What was given as an id or URL is not printed: it is not checked yet and may hold a password.
impl fmt::Debug for FishjamNotifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FishjamNotifierBuilder")
            .field("network", &self.network)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
