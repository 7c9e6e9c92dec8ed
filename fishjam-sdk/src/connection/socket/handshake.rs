//! The handshake of a socket: an HTTP upgrade, with the HTTP client or in a tunnel.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use reqwest::Url;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::{
            client::{Response, generate_key},
            derive_accept_key,
            machine::TryParse,
        },
        protocol::{
            Role,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

use super::{Connection, OpenStream, SocketKind, failure, stream::ObservedStream};
use crate::{
    connection::tunnel,
    error::{Error, ErrorKind, Result},
    transport::{
        http::{HttpClient, retry_after_header},
        proxy::ProxyServer,
    },
};

/// The headers of each upgrade request, except the key.
const UPGRADE: [(HeaderName, HeaderValue); 3] = [
    (header::CONNECTION, HeaderValue::from_static("Upgrade")),
    (header::UPGRADE, HeaderValue::from_static("websocket")),
    (header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
];
const WRONG_HANDSHAKE: &str = "the server's handshake is wrong";

/// The place of the token in a handshake. It has no `Debug`, because it contains the token.
pub(crate) enum Credentials {
    /// The first message contains the token.
    Message(Vec<u8>),
    /// A subprotocol in the upgrade request contains the token.
    Subprotocols(Subprotocols),
}

impl Credentials {
    /// Offers the subprotocol `selected`, and one that consists of `prefix` and the token.
    ///
    /// # Errors
    ///
    /// Returns an error if the token cannot be a part of a list of subprotocols.
    #[cfg_attr(not(feature = "composition"), allow(dead_code, reason = "only compositions use subprotocols"))]
    pub(crate) fn subprotocols(selected: &'static str, prefix: &str, token: &str) -> Result<Self> {
        let unusable = || {
            Error::invalid_input(
                "invalid management token: the event socket of a composition cannot send a token with a comma or a space",
            )
        };
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') {
            return Err(unusable());
        }
        let mut offered = HeaderValue::try_from(format!("{selected}, {prefix}{token}")).map_err(|_| unusable())?;
        offered.set_sensitive(true);
        Ok(Self::Subprotocols(Subprotocols { offered, selected }))
    }
}

/// The subprotocols of an upgrade request, one of which contains the token.
pub(crate) struct Subprotocols {
    /// The value of the header, which is sensitive.
    pub(super) offered: HeaderValue,
    /// The subprotocol that the server must select.
    selected: &'static str,
}

/// Opens a socket: with the HTTP client, or without TLS through a proxy.
pub(super) async fn open(
    http: &HttpClient,
    proxy: Option<&ProxyServer>,
    url: Url,
    kind: SocketKind,
    subprotocols: Option<&Subprotocols>,
) -> Result<OpenStream> {
    let upgrade = Upgrade { key: generate_key(), subprotocols };
    match proxy.filter(|_| url.scheme() == "http") {
        Some(proxy) => open_in_tunnel(http, proxy, url, kind, &upgrade).await,
        None => open_with_client(http, url, kind, &upgrade).await,
    }
}

/// The part of an upgrade request that decides about the response.
struct Upgrade<'a> {
    key: String,
    subprotocols: Option<&'a Subprotocols>,
}

impl Upgrade<'_> {
    /// Returns the headers of the request, except those of the HTTP client.
    fn headers(&self, http: &HttpClient, url: &Url) -> Result<HeaderMap> {
        let mut headers = http.socket_headers(url)?;
        headers.extend(UPGRADE);
        let key = HeaderValue::try_from(&self.key);
        headers.insert(header::SEC_WEBSOCKET_KEY, key.map_err(|e| Error::new(ErrorKind::WebSocket).caused_by(e))?);
        if let Some(Subprotocols { offered, .. }) = self.subprotocols {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, offered.clone());
        }
        Ok(headers)
    }

    /// Checks the response.
    fn check(&self, status: StatusCode, headers: &HeaderMap) -> Result<()> {
        if status != StatusCode::SWITCHING_PROTOCOLS {
            return Err(refused(status, headers));
        }
        let wrong = |problem| Err(Error::new(ErrorKind::WebSocket).message_text(problem));
        let value = |name| headers.get(name).map(HeaderValue::as_bytes);
        if value(header::SEC_WEBSOCKET_ACCEPT) != Some(derive_accept_key(self.key.as_bytes()).as_bytes()) {
            return wrong(WRONG_HANDSHAKE);
        }
        // The error does not contain the selected subprotocol, which can be the one with the token.
        match self.subprotocols {
            Some(own) if value(header::SEC_WEBSOCKET_PROTOCOL) != Some(own.selected.as_bytes()) => {
                wrong("the server did not select the offered subprotocol")
            }
            _ => Ok(()),
        }
    }
}

/// Opens a socket with the HTTP client. Behind a proxy, the client uses a tunnel if the server has TLS.
async fn open_with_client(http: &HttpClient, url: Url, kind: SocketKind, upgrade: &Upgrade<'_>) -> Result<OpenStream> {
    let request = http.pool.get(url.clone()).headers(upgrade.headers(http, &url)?);
    let response = request.send().await.map_err(|error| http.connection_error(error))?;
    upgrade.check(response.status(), response.headers())?;
    let connection: Box<dyn Connection> =
        Box::new(response.upgrade().await.map_err(|error| http.connection_error(error.with_url(url)))?);
    let connection = ObservedStream::new(connection);
    Ok(WebSocketStream::from_raw_socket(connection, Role::Client, Some(kind.config())).await)
}

/// Opens a socket without TLS through a proxy.
///
/// The WebSocket crate logs the requests that it writes, and a request can contain the token. Therefore the request is
/// written here.
async fn open_in_tunnel(
    http: &HttpClient,
    proxy: &ProxyServer,
    url: Url,
    kind: SocketKind,
    upgrade: &Upgrade<'_>,
) -> Result<OpenStream> {
    let limit = http.connect_timeout;
    let connection: Box<dyn Connection> = match timeout(limit, tunnel::open(proxy, &url, &http.user_agent)).await {
        Ok(connection) => Box::new(connection?),
        Err(_) => return Err(Error::new(ErrorKind::Timeout).message_text(format!("no connection within {limit:?}"))),
    };
    let mut connection = ObservedStream::before_response(connection);
    send(&mut connection, &request(http, &url, upgrade)?).await?;
    let (head, rest) = tunnel::read_head(&mut connection).await?;
    let wrong = || Error::new(ErrorKind::WebSocket).message_text(WRONG_HANDSHAKE);
    let parsed = Response::try_parse(&head).map_err(|error| wrong().caused_by(error))?;
    let (_, response) = parsed.ok_or_else(wrong)?;
    upgrade.check(response.status(), response.headers())?;
    Ok(WebSocketStream::from_partially_read(connection, rest.to_vec(), Role::Client, Some(kind.config())).await)
}

/// Encodes an upgrade request.
fn request(http: &HttpClient, url: &Url, upgrade: &Upgrade<'_>) -> Result<Vec<u8>> {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut request = format!("GET {}{query} HTTP/1.1\r\nhost: {}\r\n", url.path(), url.authority()).into_bytes();
    let mut headers = upgrade.headers(http, url)?;
    headers.insert(header::USER_AGENT, http.user_agent.clone());
    for (name, value) in &headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            request.extend_from_slice(part);
        }
    }
    request.extend_from_slice(b"\r\n");
    Ok(request)
}

/// Creates the error for a response that is not an upgrade.
fn refused(status: StatusCode, headers: &HeaderMap) -> Error {
    Error::new(ErrorKind::of_status(status.as_u16()))
        .status_code(status.as_u16())
        .retry_in(retry_after_header(headers, SystemTime::now()))
        .message_text("failed to open a WebSocket: the server did not upgrade the connection; check the URL")
}

/// Writes a message without the WebSocket crate, which logs each message at level TRACE.
pub(super) async fn send_unlogged(connection: &mut (impl AsyncWrite + Unpin), message: Vec<u8>) -> Result<()> {
    let mut frame = Frame::message(message, OpCode::Data(Data::Binary), true);
    frame.header_mut().mask = Some(fastrand::u32(..).to_ne_bytes());
    let mut bytes = Vec::new();
    frame.format(&mut bytes).map_err(failure)?;
    send(connection, &bytes).await
}

async fn send(connection: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<()> {
    let broken = |e: std::io::Error| Error::new(ErrorKind::Connection).caused_by(e);
    connection.write_all(bytes).await.map_err(broken)?;
    connection.flush().await.map_err(broken)
}
