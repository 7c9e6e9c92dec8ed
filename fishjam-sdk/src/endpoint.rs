//! From a Fishjam id or URL to the addresses of its REST API and its sockets.

use reqwest::Url;

use crate::error::{Error, Result};

/// Where a bare Fishjam id lives, as the service documents.
const PRODUCTION: &str = "https://fishjam.io/api/v1/connect";

/// The socket that carries server notifications.
pub(crate) const SERVER_SOCKET: &str = "/socket/server/websocket";

/// The address of one Fishjam, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint(Url);

impl Endpoint {
    /// A bare id becomes the production address; a full `http(s)` URL is used as it is.
    pub(crate) fn new(id: &str) -> Result<Self> {
        let id = id.trim();
        if id.is_empty() {
            return Err(Error::invalid_input(
                "the Fishjam id is missing: pass the id or URL from the Fishjam dashboard, or set FISHJAM_ID",
            ));
        }
        if id.contains("://") { Self::of_url(id) } else { Self::of_bare_id(id) }
    }

    /// The endpoint of a builder's settings: its base URL if it was given one, its id otherwise.
    pub(crate) fn of_settings(id: &str, base_url: Option<&str>) -> Result<Self> {
        match base_url {
            Some(url) if url.contains("://") => Self::new(url),
            Some(_) => Err(Error::invalid_input("the base URL needs its scheme, such as https://")),
            None => Self::new(id),
        }
    }

    fn of_bare_id(id: &str) -> Result<Self> {
        let misplaced = |c: char| c.is_control() || c.is_whitespace() || "/\\?#:@%".contains(c);
        if id == "." || id == ".." || id.contains(misplaced) {
            return Err(Error::invalid_input(format!(
                "{id:?} is neither a Fishjam id nor a URL: a server of your own is written with its scheme, \
                 such as http://localhost:5002"
            )));
        }
        Self::of_url(&format!("{PRODUCTION}/{id}"))
    }

    fn of_url(text: &str) -> Result<Self> {
        let unusable = |why: &str| Error::invalid_input(format!("the Fishjam URL cannot be used: {why}"));
        let mut url = Url::parse(text).map_err(|e| unusable("it is malformed").caused_by(e))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(unusable(&format!("its scheme is {:?}, not http or https", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable("it contains a user name or password; pass the token on its own"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(unusable("it contains a query or fragment"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Whether the connection is encrypted.
    pub(crate) fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// What the path of a REST operation, which begins with a slash, is appended to.
    pub(crate) fn rest(&self) -> &str {
        // Url writes an empty path as "/".
        self.0.as_str().trim_end_matches('/')
    }

    /// The address of a socket below this endpoint, in the HTTP scheme that its handshake uses.
    pub(crate) fn socket(&self, path: &str) -> Result<Url> {
        Url::parse(&format!("{}{path}", self.rest()))
            .map_err(|e| Error::invalid_input("the socket's address is malformed").caused_by(e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// What is given, the REST base, the address of the notification socket.
    const TABLE: [(&str, &str, &str); 11] = [
        (
            "abc",
            "https://fishjam.io/api/v1/connect/abc",
            "https://fishjam.io/api/v1/connect/abc/socket/server/websocket",
        ),
        (
            "http-id",
            "https://fishjam.io/api/v1/connect/http-id",
            "https://fishjam.io/api/v1/connect/http-id/socket/server/websocket",
        ),
        (
            " abc\n",
            "https://fishjam.io/api/v1/connect/abc",
            "https://fishjam.io/api/v1/connect/abc/socket/server/websocket",
        ),
        ("https://h", "https://h", "https://h/socket/server/websocket"),
        ("https://h/", "https://h", "https://h/socket/server/websocket"),
        ("https://h/x", "https://h/x", "https://h/x/socket/server/websocket"),
        ("https://h/x//", "https://h/x", "https://h/x/socket/server/websocket"),
        ("HTTPS://H/x", "https://h/x", "https://h/x/socket/server/websocket"),
        ("http://localhost:5002", "http://localhost:5002", "http://localhost:5002/socket/server/websocket"),
        ("http://http.example/http", "http://http.example/http", "http://http.example/http/socket/server/websocket"),
        ("http://[::1]:9/a/b/", "http://[::1]:9/a/b", "http://[::1]:9/a/b/socket/server/websocket"),
    ];

    #[test]
    fn x8_x36_every_form_of_an_id_gives_clean_addresses() {
        for (given, rest, socket) in TABLE {
            let endpoint = Endpoint::new(given).unwrap();
            assert_eq!(endpoint.rest(), rest, "{given}");
            assert_eq!(endpoint.socket(SERVER_SOCKET).unwrap().as_str(), socket, "{given}");
            assert_eq!(endpoint.is_tls(), rest.starts_with("https"), "{given}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_hint() {
        for (given, hint) in [
            ("", "missing"),
            ("  ", "missing"),
            ("localhost:5002", "http://localhost:5002"),
            ("a/b", "with its scheme"),
            ("..", "neither"),
            ("a b", "neither"),
            ("ftp://h", "ftp"),
            ("https://", "malformed"),
            ("https://user:sentinel@h", "password"),
            ("https://h?token=sentinel", "query"),
            ("https://h#sentinel", "fragment"),
        ] {
            let error = Endpoint::new(given).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{given}");
            assert!(error.to_string().contains(hint), "{given}: {error}");
            assert!(!format!("{error} {error:?}").contains("sentinel"), "{error:?}");
        }
    }
}
