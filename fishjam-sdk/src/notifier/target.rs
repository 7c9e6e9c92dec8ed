//! The server that a notifier connects to.

use reqwest::Url;

use crate::{
    secret::ManagementToken,
    transport::{http::HttpClient, proxy::ProxyServer},
};

/// The address of a server, the token for it, and the events to request.
pub(crate) struct NotifierTarget {
    pub(crate) http: HttpClient,
    pub(crate) url: Url,
    pub(crate) token: ManagementToken,
    /// The numbers of the requested kinds of events.
    pub(crate) wanted: &'static [i32],
}

impl NotifierTarget {
    /// Returns the proxy of the connection.
    pub(super) fn proxy(&self) -> Option<&ProxyServer> {
        self.http.proxy(&self.url).ok().flatten()
    }
}
