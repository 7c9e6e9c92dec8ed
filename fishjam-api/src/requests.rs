//! What the generated clients build their requests with.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder, Url};

/// What is written as it is in a segment of a path: RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One segment of a path. An empty one, `.` and `..` mean something else there: they are the caller's to refuse.
pub(crate) fn encode_path(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}

/// Builds requests to one server, whose address is parsed once instead of with every request.
///
/// The generated clients have it where progenitor has a `reqwest::Client`, and for an address they give it a path.
#[derive(Clone, Debug)]
pub struct Requests {
    server: Url,
    http: reqwest::Client,
}

impl Requests {
    fn to(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.server.clone();
        url.set_path(path);
        self.http.request(method, url)
    }
}

macro_rules! methods {
    ($($name:ident $method:ident)+) => {$(
        #[allow(dead_code, reason = "a contract need not use every method")]
        pub(crate) fn $name(&self, path: String) -> RequestBuilder {
            self.to(Method::$method, &path)
        }
    )+};
}

impl Requests {
    methods! { get GET post POST put PUT patch PATCH delete DELETE }
}

/// A generated client, of whichever contract.
pub trait Generated: Send + Sync {
    /// A client of the server at this address, which may have a path; it builds requests and never sends one.
    fn at(server: &Url, http: reqwest::Client) -> Self;
}

macro_rules! generated_clients {
    ($($(#[$attribute:meta])* $client:path;)+) => {$(
        $(#[$attribute])*
        impl Generated for $client {
            fn at(server: &Url, http: reqwest::Client) -> Self {
                let requests = Requests { server: server.clone(), http };
                Self::new_with_client(server.path().trim_end_matches('/'), requests)
            }
        }
    )+};
}

generated_clients! {
    crate::fishjam::Client;
    #[cfg(feature = "jellyfish")]
    crate::jellyfish::Client;
}
