//! Creates the generated clients, and builds their requests.

use reqwest::{Method, RequestBuilder, Url};

/// Builds requests to one server.
///
/// The generated clients have a factory instead of progenitor's `reqwest::Client`, and pass a path instead of a URL. Thus
/// the URL of the server is parsed only once.
#[derive(Clone, Debug)]
pub struct RequestFactory {
    server: Url,
    http: reqwest::Client,
}

impl RequestFactory {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.server.clone();
        url.set_path(path);
        self.http.request(method, url)
    }
}

macro_rules! methods {
    ($($name:ident $method:ident)+) => {$(
        #[allow(dead_code, reason = "a contract does not have to use every method")]
        pub(crate) fn $name(&self, path: String) -> RequestBuilder {
            self.request(Method::$method, &path)
        }
    )+};
}

impl RequestFactory {
    methods! { get GET post POST put PUT patch PATCH delete DELETE }
}

/// A generated client.
pub trait ApiClient: Send + Sync {
    /// Creates a client for the server at this URL, which can have a path.
    ///
    /// The client builds requests and sends none.
    fn at(server: &Url, http: reqwest::Client) -> Self;
}

macro_rules! generated_clients {
    ($($(#[$attribute:meta])* $client:path;)+) => {$(
        $(#[$attribute])*
        impl ApiClient for $client {
            fn at(server: &Url, http: reqwest::Client) -> Self {
                let requests = RequestFactory { server: server.clone(), http };
                Self::new_with_client(server.path().trim_end_matches('/'), requests)
            }
        }
    )+};
}

generated_clients! {
    crate::fishjam::Client;
    #[cfg(feature = "composition")]
    crate::composition::Client;
    #[cfg(feature = "jellyfish")]
    crate::jellyfish::Client;
}
