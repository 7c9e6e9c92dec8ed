//! WebSockets: the only file that names the WebSocket crate, and where a socket's limits live.
//!
//! The handshake is an HTTP upgrade over the same HTTP client as every request, so proxies, certificates and
//! timeouts are one set of settings. Without TLS and behind a proxy, the handshake uses a tunnel of our own.

mod stream;

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::SystemTime,
};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message,
        error::ProtocolError,
        handshake::{client::generate_key, derive_accept_key},
        protocol::{
            Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

use self::stream::ObservedStream;
use super::tunnel;
use crate::{
    error::{Error, ErrorKind, OneLine, Result},
    secret::redact,
    transport::{
        http::{HttpClient, retry_after_header},
        proxy::ProxyServer,
    },
};

/// The largest message that is received, in bytes; a server that sends more breaks the connection.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// The buffers of an agent's socket, in bytes. They hold some twenty chunks of audio; there may be hundreds of such
/// sockets in a process, and the reading buffer is taken, and cleared for every read, however little arrives.
const AGENT_BUFFER: usize = 16 * 1024;

/// The headers of every request for an upgrade, beside the key.
const UPGRADE: [(HeaderName, HeaderValue); 3] = [
    (header::CONNECTION, HeaderValue::from_static("Upgrade")),
    (header::UPGRADE, HeaderValue::from_static("websocket")),
    (header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
];
const WRONG_HANDSHAKE: &str = "the server's handshake is wrong";

/// What the service writes as the reason when it refuses a token.
const INVALID_TOKEN: &str = "invalid token";
/// What a peer's socket says whose peer has another one: not for long, if the other one is gone.
const ALREADY_CONNECTED: &str = "already connected";

/// What a socket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SocketKind {
    /// The server's notifications: one for a whole backend, with as much as it takes.
    Notifications,
    /// An agent: small in memory; before it is authenticated, to be closed is to be refused.
    Agent,
}

impl SocketKind {
    fn config(self) -> WebSocketConfig {
        let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
        match self {
            Self::Notifications => config,
            Self::Agent => config.read_buffer_size(AGENT_BUFFER).write_buffer_size(AGENT_BUFFER),
        }
    }
}

/// A connection after its upgrade: one of the HTTP client or one in a tunnel.
trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<C: AsyncRead + AsyncWrite + Send + Unpin> Connection for C {}

type OpenStream = WebSocketStream<ObservedStream<Box<dyn Connection>>>;

/// An open WebSocket that carries binary messages.
pub(crate) struct Socket {
    stream: OpenStream,
    /// What no error may repeat.
    secret: SecretString,
    /// Whether a goodbye from the other side refuses the token.
    awaiting_auth: bool,
    /// The proxy of its tunnel.
    proxy: Option<ProxyServer>,
}

/// What comes out of a [`Socket`].
#[derive(Debug)]
pub(crate) enum Received {
    /// A binary message.
    Binary(Bytes),
    /// Something that shows that the other side lives: a ping or pong, answered already.
    Control,
    /// A text message, which no socket of this service speaks.
    Text,
}

impl Socket {
    /// Opens a socket and sends `credentials`, which hold `secret`, as its first message.
    pub(crate) async fn connect(
        http: &HttpClient,
        url: Url,
        credentials: Vec<u8>,
        secret: &str,
        purpose: SocketKind,
    ) -> Result<Self> {
        let proxy = http.proxy(&url)?;
        let opened = match proxy.filter(|_| url.scheme() == "http") {
            Some(proxy) => open_in_tunnel(http, proxy, url, purpose).await,
            None => open(http, url, purpose).await,
        };
        let mut stream = opened.map_err(|error| error.through(proxy))?;
        send_unlogged(stream.get_mut(), credentials).await.map_err(|error| error.through(proxy))?;
        Ok(Self { stream, secret: secret.into(), awaiting_auth: purpose == SocketKind::Agent, proxy: proxy.cloned() })
    }

    /// The other side has accepted the token.
    pub(crate) fn mark_authenticated(&mut self) {
        self.awaiting_auth = false;
    }

    /// Creates the error for a failure of the connection.
    fn failed(&self, error: tungstenite::Error) -> Error {
        failure(error).through(self.proxy.as_ref())
    }

    /// Sends one binary message.
    pub(crate) async fn send(&mut self, message: Vec<u8>) -> Result<()> {
        self.stream.get_mut().expect_message(message.len());
        self.stream.send(Message::binary(message)).await.map_err(|e| self.failed(e))
    }

    /// Waits until another message can be [fed](Self::feed).
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.stream.poll_ready_unpin(cx).map_err(|e| self.failed(e))
    }

    /// Takes a binary message to be sent with the next [flush](Self::poll_flush), or before.
    pub(crate) fn feed(&mut self, message: Vec<u8>) -> Result<()> {
        self.stream.get_mut().expect_message(message.len());
        self.stream.start_send_unpin(Message::binary(message)).map_err(|e| self.failed(e))
    }

    /// Takes a sign of life, likewise.
    pub(crate) fn feed_pong(&mut self) -> Result<()> {
        self.stream.start_send_unpin(Message::Pong(Bytes::new())).map_err(|e| self.failed(e))
    }

    /// Takes a question for a sign of life, likewise.
    pub(crate) fn feed_ping(&mut self) -> Result<()> {
        self.stream.start_send_unpin(Message::Ping(Bytes::new())).map_err(|e| self.failed(e))
    }

    /// Sends what was fed.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.stream.poll_flush_unpin(cx).map_err(|e| self.failed(e))
    }

    /// Shows the other side that this one lives, without being asked.
    pub(crate) async fn show_life(&mut self) -> Result<()> {
        self.stream.send(Message::Pong(Bytes::new())).await.map_err(|e| self.failed(e))
    }

    /// Says goodbye; the other side's answer is not waited for.
    pub(crate) async fn close(&mut self) {
        // A connection that is already gone needs no goodbye.
        let _ = self.stream.close(None).await;
    }

    /// Says goodbye and reads on until the other side has ended the connection. If it were ended on this side while
    /// something is unread, what was sent last could be lost on its way.
    pub(crate) async fn close_and_drain(&mut self) {
        if self.stream.close(None).await.is_ok() {
            while let Some(Ok(_)) = self.stream.next().await {
                // One read can contain thousands of messages: the caller's time limit and other tasks get their turn.
                tokio::task::coop::consume_budget().await;
            }
        }
    }

    /// Returns the error for the close frame that arrived.
    ///
    /// The WebSocket crate replaces a code that no frame may contain with 1002, and refuses a reason that is not UTF-8.
    /// The frame itself states why the server closed the connection.
    fn closed(&self) -> Error {
        match self.stream.get_ref().close_frame() {
            Some((code, reason)) => self.closed_with(Some(code), &String::from_utf8_lossy(reason)),
            None => self.closed_with(None, ""),
        }
    }

    /// A socket that closes on our token says so in its reason only, or not even there.
    fn closed_with(&self, code: Option<u16>, reason: &str) -> Error {
        let said = code.map_or_else(|| "no code".to_owned(), |code| format!("code {code}"));
        let shown = OneLine(&redact(&[self.secret.expose_secret()], reason)).to_string();
        let refused = reason.contains(INVALID_TOKEN) || (self.awaiting_auth && refuses(code, reason));
        let (kind, what) = match refused {
            true => (ErrorKind::Unauthorized, "the server refused the token"),
            false => (ErrorKind::Closed, "the server closed it"),
        };
        let words = if shown.is_empty() { "no reason" } else { &shown };
        let message = format!("{what} ({said}): {words}");
        let reason = (!shown.is_empty()).then_some(shown);
        Error::new(kind).with_close_code(code).with_close_reason(reason).message_text(message)
    }
}

/// Returns `true` if a close frame before the token was accepted means that the token is refused.
///
/// Only a normal close, a violated policy and the codes of applications can mean that. With the other codes the server
/// is in trouble or about to end, or the protocol was broken.
fn refuses(code: Option<u16>, reason: &str) -> bool {
    matches!(code, Some(1000 | 1008 | 3000..=4999)) && !reason.contains(ALREADY_CONNECTED)
}

/// Ends after the first error; being closed by the other side is an error that holds its code and reason.
impl Stream for Socket {
    type Item = Result<Received>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(ready!(self.stream.poll_next_unpin(cx)).map(|message| match message {
            Ok(Message::Binary(message)) => Ok(Received::Binary(message)),
            Ok(Message::Text(_)) => Ok(Received::Text),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(Received::Control),
            Ok(Message::Close(_)) => {
                // The answer to a goodbye is queued by now; whether it still arrives changes nothing.
                let _ = self.stream.poll_flush_unpin(cx);
                Err(self.closed())
            }
            Err(tungstenite::Error::Utf8(_)) if self.stream.get_ref().close_frame().is_some() => Err(self.closed()),
            Err(error) => Err(self.failed(error)),
        }))
    }
}

/// Opens a socket with the HTTP client, which makes the tunnel if the server has TLS and there is a proxy.
async fn open(http: &HttpClient, url: Url, purpose: SocketKind) -> Result<OpenStream> {
    let key = generate_key();
    let mut request = http.pool.get(url.clone());
    for (name, value) in UPGRADE {
        request = request.header(name, value);
    }
    let response =
        request.header(header::SEC_WEBSOCKET_KEY, &key).send().await.map_err(|error| http.connection_error(error))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(refused(response.status(), response.headers()));
    }
    let accept = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
    if accept.map(HeaderValue::as_bytes) != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(Error::new(ErrorKind::WebSocket).message_text(WRONG_HANDSHAKE));
    }
    let connection: Box<dyn Connection> =
        Box::new(response.upgrade().await.map_err(|error| http.connection_error(error.with_url(url)))?);
    let connection = ObservedStream::new(connection);
    Ok(WebSocketStream::from_raw_socket(connection, Role::Client, Some(purpose.config())).await)
}

/// Opens a socket without TLS through a proxy.
async fn open_in_tunnel(http: &HttpClient, proxy: &ProxyServer, url: Url, purpose: SocketKind) -> Result<OpenStream> {
    let limit = http.connect_timeout;
    let connection: Box<dyn Connection> = match timeout(limit, tunnel::open(proxy, &url, &http.user_agent)).await {
        Ok(connection) => Box::new(connection?),
        Err(_) => return Err(Error::new(ErrorKind::Timeout).message_text(format!("no connection within {limit:?}"))),
    };
    let unusable = |e| Error::invalid_input("the socket's address is malformed").caused_by(e);
    let path = url.path();
    let host = url.authority();
    let mut request = http::Request::get(format!("ws://{host}{path}"))
        .header(header::HOST, host)
        .header(header::USER_AGENT, &http.user_agent)
        .header(header::SEC_WEBSOCKET_KEY, generate_key());
    for (name, value) in UPGRADE {
        request = request.header(name, value);
    }
    let request = request.body(()).map_err(unusable)?;
    let connection = ObservedStream::before_response(connection);
    match client_async_with_config(request, connection, Some(purpose.config())).await {
        Ok((stream, _)) => Ok(stream),
        Err(tungstenite::Error::Http(response)) => Err(refused(response.status(), response.headers())),
        Err(tungstenite::Error::Protocol(cause)) => {
            Err(Error::new(ErrorKind::WebSocket).message_text(WRONG_HANDSHAKE).caused_by(cause))
        }
        Err(error) => Err(failure(error)),
    }
}

/// Creates the error for a response that is not an upgrade.
fn refused(status: StatusCode, headers: &HeaderMap) -> Error {
    Error::new(ErrorKind::of_status(status.as_u16()))
        .status_code(status.as_u16())
        .retry_in(retry_after_header(headers, SystemTime::now()))
        .message_text("failed to open a WebSocket: the server did not upgrade the connection; check the URL")
}

/// Writes a message beneath the WebSocket crate, which prints every message it sends at level TRACE.
async fn send_unlogged(connection: &mut (impl AsyncWrite + Unpin), message: Vec<u8>) -> Result<()> {
    let mut frame = Frame::message(message, OpCode::Data(Data::Binary), true);
    frame.header_mut().mask = Some(fastrand::u32(..).to_ne_bytes());
    let mut bytes = Vec::new();
    frame.format(&mut bytes).map_err(failure)?;
    let broken = |e: std::io::Error| Error::new(ErrorKind::Connection).caused_by(e);
    connection.write_all(&bytes).await.map_err(broken)?;
    connection.flush().await.map_err(broken)
}

fn failure(error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => Error::new(ErrorKind::Closed),
        tungstenite::Error::Io(e) => Error::new(ErrorKind::Connection).caused_by(e),
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            Error::new(ErrorKind::Connection).message_text("the server ended the connection without a close frame")
        }
        // The crate repeats these causes in the text of its own error.
        tungstenite::Error::Protocol(e) => Error::new(ErrorKind::WebSocket).caused_by(e),
        tungstenite::Error::Capacity(e) => Error::new(ErrorKind::WebSocket).caused_by(e),
        other => Error::new(ErrorKind::WebSocket).caused_by(other),
    }
}
