//! From a Fishjam id or URL to the addresses of its REST API and its sockets.

use reqwest::Url;

use crate::error::{Error, Result};

/// Where a bare Fishjam id lives, as the service documents.
const PRODUCTION: &str = "https://fishjam.io/api/v1/connect";

/// The socket that carries server notifications.
pub(crate) const SERVER_SOCKET: &str = "/socket/server/websocket";
/// The socket of a WebRTC peer's client.
pub(crate) const PEER_SOCKET: &str = "/socket/peer/websocket";
/// The socket of an agent.
const AGENT_SOCKET: &str = "/socket/agent/websocket";

/// Where livestreams are published, on the service's host.
const WHIP: &str = "/api/v1/live/api/whip";
/// Where livestreams are watched, on the service's host.
const WHEP: &str = "/api/v1/live/api/whep";

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
            // Without what was given: arguments that are swapped make it the management token.
            return Err(Error::invalid_input(
                "neither a Fishjam id nor a URL; include the scheme of your own server, such as http://localhost:5002",
            ));
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
        // No request could be built from it, however often it is tried.
        url.as_str().parse::<http::Uri>().map_err(|e| unusable("it is not a valid HTTP address").caused_by(e))?;
        Ok(Self(url))
    }

    /// Whether the connection is encrypted.
    pub(crate) fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address itself; paths of REST operations are appended to its path.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// The address as text, without a trailing slash: a path is appended to it.
    pub(crate) fn rest(&self) -> &str {
        // Url writes an empty path as "/".
        self.0.as_str().trim_end_matches('/')
    }

    /// The address of a socket below this endpoint, in the HTTP scheme that its handshake uses.
    pub(crate) fn socket(&self, path: &str) -> Result<Url> {
        Url::parse(&format!("{}{path}", self.rest()))
            .map_err(|e| Error::invalid_input("the socket's address is malformed").caused_by(e))
    }

    /// The address of an agent's socket, in a WebSocket's scheme.
    ///
    /// Sockets may live on another host than the REST API: what the service said of the peer's socket leads there.
    /// Without it, or where nothing can be made of it, the socket is looked for below this endpoint.
    pub(crate) fn agent_socket(&self, peer_socket: Option<&str>) -> Result<String> {
        if let Some(text) = peer_socket.filter(|text| !text.is_empty()) {
            match self.beside(text) {
                Some(url) => return Ok(url.into()),
                None => tracing::warn!(
                    "the service's peer_websocket_url cannot be used; the agent's socket is looked for at the Fishjam URL"
                ),
            }
        }
        let mut url = self.socket(AGENT_SOCKET)?;
        // Between these schemes a change is always possible.
        let _ = url.set_scheme(if self.is_tls() { "wss" } else { "ws" });
        Ok(url.into())
    }

    /// The agent's socket beside this socket of a peer, whose address may lack its scheme.
    fn beside(&self, peer_socket: &str) -> Option<Url> {
        let mut url = if peer_socket.contains("://") {
            Url::parse(peer_socket)
        } else {
            Url::parse(&format!("{}://{peer_socket}", self.0.scheme()))
        }
        .ok()?;
        let scheme = match url.scheme() {
            // Who speaks to the service over TLS does not want to show tokens to anybody else.
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

    /// Where livestreams are published.
    pub(crate) fn whip(&self) -> String {
        self.on_origin(WHIP)
    }

    /// Where livestreams are watched with a token.
    pub(crate) fn whep(&self) -> String {
        self.on_origin(WHEP)
    }

    /// Where the public livestream with this id, one segment of a path, is watched.
    pub(crate) fn public_whep(&self, stream: &str) -> String {
        let mut url = self.0.clone();
        url.set_path(WHEP);
        // An http or https URL always has segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(stream);
        }
        url.into()
    }

    /// An address on the host of this endpoint, not below its path.
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
    fn an_agents_socket_is_beside_the_peers_or_below_the_endpoint() {
        const PRODUCTION: &str = "wss://fishjam.io/api/v1/connect/abc/socket/agent/websocket";
        const LOCAL: &str = "ws://localhost:5002/socket/agent/websocket";
        for (id, peer_socket, agent_socket) in [
            ("abc", None, PRODUCTION),
            ("abc", Some(""), PRODUCTION),
            ("http://localhost:5002/", None, LOCAL),
            // Without a scheme: that of the endpoint.
            ("abc", Some("media.fishjam.io/socket/peer/websocket"), "wss://media.fishjam.io/socket/agent/websocket"),
            (
                "http://localhost:5002",
                Some("localhost:5003/socket/peer/websocket"),
                "ws://localhost:5003/socket/agent/websocket",
            ),
            ("http://[::1]:1", Some("[::1]:2/socket/peer/websocket"), "ws://[::1]:2/socket/agent/websocket"),
            // With one: its own.
            ("http://h", Some("https://m/socket/peer/websocket"), "wss://m/socket/agent/websocket"),
            ("http://h", Some("ws://m:80/socket/peer/websocket"), "ws://m/socket/agent/websocket"),
            ("abc", Some("WSS://M:4000/socket/peer/websocket"), "wss://m:4000/socket/agent/websocket"),
            // Below a prefix, whatever is in it.
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
            // Already the agent's.
            ("abc", Some("m/socket/agent/websocket"), "wss://m/socket/agent/websocket"),
            // Less encrypted than the endpoint.
            ("abc", Some("http://m/socket/peer/websocket"), PRODUCTION),
            ("abc", Some("ws://m:80/socket/peer/websocket"), PRODUCTION),
            // Of no use.
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
    fn livestreams_are_on_the_endpoints_host_and_not_below_it() {
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
    fn what_is_no_address_is_refused_with_a_hint() {
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
