//! The URLs of the REST API and of the WebSockets, from a Fishjam id or URL.

use reqwest::Url;

use crate::error::{Error, Result};

/// Base URL for bare Fishjam ids.
const PRODUCTION: &str = "https://fishjam.io/api/v1/connect";

/// Host of compositions for bare Fishjam ids.
#[cfg(feature = "composition")]
const COMPOSITION_HOST: &str = "rtc.fishjam.io";

/// Path of the WebSocket for server notifications.
pub(crate) const SERVER_SOCKET: &str = "/socket/server/websocket";
/// Path of the WebSocket for the clients of WebRTC peers.
pub(crate) const PEER_SOCKET: &str = "/socket/peer/websocket";
/// Path of the WebSocket for agents.
const AGENT_SOCKET: &str = "/socket/agent/websocket";

/// Path for publishing livestreams.
const WHIP: &str = "/api/v1/live/api/whip";
/// Path for watching livestreams.
const WHEP: &str = "/api/v1/live/api/whep";

/// The base URL of a Fishjam app, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint(Url);

impl Endpoint {
    /// Creates an endpoint from an id or an `http(s)` URL. A bare id gets the production base URL.
    pub(crate) fn new(id: &str) -> Result<Self> {
        let id = id.trim();
        if id.is_empty() {
            return Err(Error::invalid_input(
                "missing Fishjam id: pass the id or the URL from the Fishjam dashboard, or set FISHJAM_ID",
            ));
        }
        if id.contains("://") { Self::of_url(id) } else { Self::of_bare_id(id) }
    }

    /// Creates the endpoint for the settings of a builder. The base URL takes precedence over the id.
    pub(crate) fn of_settings(id: &str, base_url: Option<&str>) -> Result<Self> {
        match base_url {
            Some(url) if url.contains("://") => Self::new(url),
            Some(_) => Err(Error::invalid_input("invalid base_url: missing scheme; use https://")),
            None => Self::new(id),
        }
    }

    /// Creates the endpoint of the production server for compositions.
    #[cfg(feature = "composition")]
    pub(crate) fn production_compositions() -> Result<Self> {
        Self::of_url(&format!("https://{COMPOSITION_HOST}"))
    }

    /// Creates the endpoint for compositions from a URL. Only the scheme, the host and the port count.
    #[cfg(feature = "composition")]
    pub(crate) fn origin_of(url: &str) -> Result<Self> {
        let invalid = |problem: &str| Error::invalid_input(format!("invalid URL for compositions: {problem}"));
        let url = url.trim();
        if url.is_empty() {
            return Err(invalid("it is empty; for the production server, do not set it"));
        }
        if !url.contains("://") {
            return Err(invalid("missing scheme; use https://, or http:// for a local server"));
        }
        let mut url = Url::parse(url).map_err(|e| invalid("it is malformed").caused_by(e))?;
        url.set_query(None);
        url.set_fragment(None);
        url.set_path("");
        Self::of_url(url.as_str())
    }

    /// Returns the endpoint for compositions: the origin of this endpoint, or the production server for a bare id.
    #[cfg(feature = "composition")]
    pub(crate) fn compositions(&self) -> Self {
        let mut url = self.0.clone();
        if self.rest().strip_prefix(PRODUCTION).is_some_and(|id| id.starts_with('/')) {
            // This change of the host never fails.
            let _ = url.set_host(Some(COMPOSITION_HOST));
        }
        url.set_path("");
        Self(url)
    }

    fn of_bare_id(id: &str) -> Result<Self> {
        let misplaced = |c: char| c.is_control() || c.is_whitespace() || "/\\?#:@%".contains(c);
        if id == "." || id == ".." || id.contains(misplaced) {
            // The message must not contain the argument: the caller may have swapped the id and the management token.
            return Err(Error::invalid_input(
                "neither a Fishjam id nor a URL; for your own server, include the scheme, such as http://localhost:5002",
            ));
        }
        Self::of_url(&format!("{PRODUCTION}/{id}"))
    }

    fn of_url(text: &str) -> Result<Self> {
        let invalid = |problem: &str| Error::invalid_input(format!("invalid Fishjam URL: {problem}"));
        let mut url = Url::parse(text).map_err(|e| invalid("it is malformed").caused_by(e))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid(&format!("the scheme is {:?}; use http or https", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it contains a user name or a password; pass the token separately"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it contains a query or fragment"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        // The HTTP crate cannot build a request with a URL that it cannot parse.
        url.as_str().parse::<http::Uri>().map_err(|e| invalid("it is not a valid HTTP address").caused_by(e))?;
        Ok(Self(url))
    }

    /// Returns `true` if the connection uses TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Returns the base URL of the REST API.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Returns the base URL as a string without a trailing slash.
    pub(crate) fn rest(&self) -> &str {
        // `Url` writes an empty path as "/".
        self.0.as_str().trim_end_matches('/')
    }

    /// Returns the URL of a WebSocket below the base URL, with the HTTP scheme of its handshake.
    pub(crate) fn socket(&self, path: &str) -> Result<Url> {
        Url::parse(&format!("{}{path}", self.rest()))
            .map_err(|e| Error::invalid_input("invalid URL of the WebSocket").caused_by(e))
    }

    /// Returns the URL of the WebSocket for agents, with a WebSocket scheme.
    ///
    /// WebSockets can have a host different from the host of the REST API. The server sends the URL of the WebSocket
    /// for peers, and the WebSocket for agents has the same host. If this URL is missing or unusable, the result is
    /// below the base URL.
    pub(crate) fn agent_socket(&self, peer_socket: Option<&str>) -> Result<String> {
        if let Some(text) = peer_socket.filter(|text| !text.is_empty()) {
            match self.agent_from_peer(text) {
                Some(url) => return Ok(url.into()),
                None => {
                    tracing::warn!("peer_websocket_url is unusable; using the Fishjam URL for the agent's WebSocket")
                }
            }
        }
        let mut url = self.socket(AGENT_SOCKET)?;
        // This change of the scheme never fails.
        let _ = url.set_scheme(if self.is_tls() { "wss" } else { "ws" });
        Ok(url.into())
    }

    /// Derives the URL for agents from the URL for peers, which can lack a scheme.
    fn agent_from_peer(&self, peer_socket: &str) -> Option<Url> {
        let mut url = if peer_socket.contains("://") {
            Url::parse(peer_socket)
        } else {
            Url::parse(&format!("{}://{peer_socket}", self.0.scheme()))
        }
        .ok()?;
        let scheme = match url.scheme() {
            // If the REST API uses TLS, the token must not be sent without TLS.
            "http" | "ws" if !self.is_tls() => "ws",
            "https" | "wss" => "wss",
            _ => return None,
        };
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || url.query().is_some() || url.fragment().is_some() {
            return None;
        }
        let prefix = [PEER_SOCKET, AGENT_SOCKET].iter().find_map(|socket| url.path().strip_suffix(socket))?;
        let path = format!("{prefix}{AGENT_SOCKET}");
        url.set_path(&path);
        url.set_scheme(scheme).ok()?;
        Some(url)
    }

    /// Returns the URL for publishing livestreams.
    pub(crate) fn whip(&self) -> String {
        self.on_origin(WHIP)
    }

    /// Returns the URL for watching livestreams with a token.
    pub(crate) fn whep(&self) -> String {
        self.on_origin(WHEP)
    }

    /// Returns the URL for watching a public livestream. The id must be one path segment.
    pub(crate) fn public_whep(&self, stream: &str) -> String {
        let mut url = self.0.clone();
        url.set_path(WHEP);
        // An http or https URL always has segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(stream);
        }
        url.into()
    }

    /// Returns a URL with the host of this endpoint and another path.
    fn on_origin(&self, path: &str) -> String {
        let mut url = self.0.clone();
        url.set_path(path);
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// The argument, the base URL, the URL of the notification WebSocket.
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

    // Defects X8 and X36 of the official SDKs.
    #[test]
    fn each_form_of_id_gives_clean_urls() {
        for (given, rest, socket) in TABLE {
            let endpoint = Endpoint::new(given).unwrap();
            assert_eq!(endpoint.rest(), rest, "{given}");
            assert_eq!(endpoint.socket(SERVER_SOCKET).unwrap().as_str(), socket, "{given}");
            assert_eq!(endpoint.is_tls(), rest.starts_with("https"), "{given}");
        }
    }

    #[test]
    fn agent_socket_is_next_to_peer_socket_or_below_endpoint() {
        const PRODUCTION: &str = "wss://fishjam.io/api/v1/connect/abc/socket/agent/websocket";
        const LOCAL: &str = "ws://localhost:5002/socket/agent/websocket";
        for (id, peer_socket, agent_socket) in [
            ("abc", None, PRODUCTION),
            ("abc", Some(""), PRODUCTION),
            ("http://localhost:5002/", None, LOCAL),
            // A URL without a scheme gets the scheme of the endpoint.
            ("abc", Some("media.fishjam.io/socket/peer/websocket"), "wss://media.fishjam.io/socket/agent/websocket"),
            (
                "http://localhost:5002",
                Some("localhost:5003/socket/peer/websocket"),
                "ws://localhost:5003/socket/agent/websocket",
            ),
            ("http://[::1]:1", Some("[::1]:2/socket/peer/websocket"), "ws://[::1]:2/socket/agent/websocket"),
            // With a scheme.
            ("http://h", Some("https://m/socket/peer/websocket"), "wss://m/socket/agent/websocket"),
            ("http://h", Some("ws://m:80/socket/peer/websocket"), "ws://m/socket/agent/websocket"),
            ("abc", Some("WSS://M:4000/socket/peer/websocket"), "wss://m:4000/socket/agent/websocket"),
            // Below a prefix.
            (
                "abc",
                Some("m/api/v1/connect/abc/socket/peer/websocket"),
                "wss://m/api/v1/connect/abc/socket/agent/websocket",
            ),
            (
                "abc",
                Some("m/socket/peer/websocket/socket/peer/websocket"),
                "wss://m/socket/peer/websocket/socket/agent/websocket",
            ),
            ("abc", Some("wss://m/a%20b/socket/peer/websocket"), "wss://m/a%20b/socket/agent/websocket"),
            // This URL is already the URL for agents.
            ("abc", Some("m/socket/agent/websocket"), "wss://m/socket/agent/websocket"),
            // The endpoint uses TLS, and the URL does not.
            ("abc", Some("http://m/socket/peer/websocket"), PRODUCTION),
            ("abc", Some("ws://m:80/socket/peer/websocket"), PRODUCTION),
            // Unusable.
            ("abc", Some("ftp://m/socket/peer/websocket"), PRODUCTION),
            ("abc", Some("https:///"), PRODUCTION),
            ("abc", Some("/socket/peer/websocket"), PRODUCTION),
            ("abc", Some("m/socket/server/websocket"), PRODUCTION),
            ("abc", Some("m/socket/peer/websocket?token=t"), PRODUCTION),
            ("abc", Some("m/socket/peer/websocket#t"), PRODUCTION),
            ("abc", Some("u:p@m/socket/peer/websocket"), PRODUCTION),
            ("http://localhost:5002", Some("not an address"), LOCAL),
        ] {
            let endpoint = Endpoint::new(id).unwrap();
            assert_eq!(endpoint.agent_socket(peer_socket).unwrap(), agent_socket, "{id} {peer_socket:?}");
        }
    }

    #[test]
    fn livestream_urls_have_the_endpoint_host_only() {
        for (id, origin) in [
            ("abc", "https://fishjam.io"),
            ("https://h", "https://h"),
            ("https://h:443/api/v1/connect/abc", "https://h"),
            ("http://localhost:5002/api/v1/connect/abc/", "http://localhost:5002"),
            ("http://[::1]:9/a/b", "http://[::1]:9"),
        ] {
            let endpoint = Endpoint::new(id).unwrap();
            assert_eq!(endpoint.whip(), format!("{origin}/api/v1/live/api/whip"), "{id}");
            assert_eq!(endpoint.whep(), format!("{origin}/api/v1/live/api/whep"), "{id}");
            for (stream, segment) in [("6a9f-4d", "6a9f-4d"), ("a b?c#d%", "a%20b%3Fc%23d%25"), ("ż", "%C5%BC")] {
                let whep = endpoint.public_whep(stream);
                assert_eq!(whep, format!("{origin}/api/v1/live/api/whep/{segment}"), "{id}");
            }
        }
    }

    #[test]
    fn invalid_endpoint_is_refused_with_a_hint() {
        for (given, hint) in [
            ("", "missing"),
            ("  ", "missing"),
            ("localhost:5002", "http://localhost:5002"),
            ("a/b", "include the scheme"),
            ("..", "neither"),
            ("a b", "neither"),
            ("sentinel/+==", "neither"),
            ("sentinel:5002", "neither"),
            ("ftp://h", "ftp"),
            ("https://", "malformed"),
            ("https://user:sentinel@h", "password"),
            ("https://h?token=sentinel", "query"),
            ("https://h#sentinel", "fragment"),
            ("https://{{sentinel}}/", "valid HTTP address"),
            (&format!("https://h/{}", "sentinel".repeat(10_000)), "too long"),
        ] {
            let error = Endpoint::new(given).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{given}");
            assert!(format!("{error:#}").contains(hint), "{given}: {error:#}");
            assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
        }
    }
}
