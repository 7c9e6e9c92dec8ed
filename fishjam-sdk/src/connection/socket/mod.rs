//! WebSockets and their limits. This is the only folder that uses the WebSocket crate.
//!
//! The handshake is an HTTP upgrade with the same HTTP client as all requests, so the settings of proxies, certificates
//! and timeouts apply. Without TLS and behind a proxy, the handshake uses a tunnel of its own.

mod arrivals;
mod handshake;
mod stream;
#[cfg(test)]
mod tests;

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message, Utf8Bytes, error::ProtocolError, protocol::WebSocketConfig},
};

pub(crate) use self::handshake::Credentials;
use self::{arrivals::Arrivals, stream::ObservedStream};
use crate::{
    error::{Error, ErrorKind, OneLine, Result},
    secret::redact,
    transport::{http::HttpClient, proxy::ProxyServer},
};

/// The maximum size of a received message, in bytes. A larger message ends the connection.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// The size of the buffers of an agent's socket, in bytes: some twenty chunks of audio.
///
/// A process can have hundreds of these sockets. The read buffer is allocated, and cleared before each read.
const AGENT_BUFFER: usize = 16 * 1024;

/// The maximum size of a received event of a composition, in bytes.
///
/// An event has two ids and some lines of text. The limit keeps a process with many compositions small.
#[cfg(feature = "composition")]
const MAX_COMPOSITION_MESSAGE: usize = 1024 * 1024;
/// The size of the buffers of a composition's socket, in bytes. A process can have many of these sockets.
#[cfg(feature = "composition")]
const COMPOSITION_BUFFER: usize = 4 * 1024;

/// The close reason of a server that refuses a token.
const INVALID_TOKEN: &str = "invalid token";
/// The close reason for a peer that has another socket. If the other one is gone, the next attempt succeeds.
const ALREADY_CONNECTED: &str = "already connected";

/// The purpose of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SocketKind {
    /// The server's notifications: one socket for a backend, with large buffers.
    Notifications,
    /// An agent: small buffers. A close frame before the token was accepted means that the token is refused.
    Agent,
    /// The events of one composition: small buffers and small messages.
    #[cfg(feature = "composition")]
    Composition,
}

impl SocketKind {
    fn config(self) -> WebSocketConfig {
        let (most, buffer) = match self {
            Self::Notifications => (MAX_MESSAGE, None),
            Self::Agent => (MAX_MESSAGE, Some(AGENT_BUFFER)),
            #[cfg(feature = "composition")]
            Self::Composition => (MAX_COMPOSITION_MESSAGE, Some(COMPOSITION_BUFFER)),
        };
        let config = WebSocketConfig::default().max_message_size(Some(most)).max_frame_size(Some(most));
        match buffer {
            Some(size) => config.read_buffer_size(size).write_buffer_size(size),
            None => config,
        }
    }
}

/// A connection after its upgrade, of the HTTP client or in a tunnel.
trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<C: AsyncRead + AsyncWrite + Send + Unpin> Connection for C {}

type OpenStream = WebSocketStream<ObservedStream<Box<dyn Connection>>>;

/// An open WebSocket. It sends binary messages only.
pub(crate) struct Socket {
    stream: OpenStream,
    arrivals: Arrivals,
    /// The token, which no error may contain.
    secret: SecretString,
    /// Whether a close frame means that the token is refused.
    awaiting_auth: bool,
    /// Whether the server accepted the token in the handshake.
    accepted: bool,
    /// The proxy of its tunnel.
    proxy: Option<ProxyServer>,
}

/// An item of a [`Socket`].
#[derive(Debug)]
pub(crate) enum Received {
    /// A binary message.
    Binary(Bytes),
    /// A ping or a pong. The socket has already responded to it.
    Control,
    /// A text message.
    Text(Utf8Bytes),
}

impl Socket {
    /// Opens a socket, and sends the credentials. They contain `secret`.
    pub(crate) async fn connect(
        http: &HttpClient,
        url: Url,
        credentials: Credentials,
        secret: &str,
        kind: SocketKind,
    ) -> Result<Self> {
        let proxy = http.proxy(&url)?;
        let (message, subprotocols) = match credentials {
            Credentials::Message(message) => (Some(message), None),
            Credentials::Subprotocols(subprotocols) => (None, Some(subprotocols)),
        };
        let opened = handshake::open(http, proxy, url, kind, subprotocols.as_ref()).await;
        let mut stream = opened.map_err(|error| error.through(proxy))?;
        if let Some(message) = message {
            let sent = handshake::send_unlogged(stream.get_mut(), message).await;
            sent.map_err(|error| error.through(proxy))?;
        }
        Ok(Self {
            stream,
            arrivals: Arrivals::new(),
            secret: secret.into(),
            awaiting_auth: kind == SocketKind::Agent,
            accepted: subprotocols.is_some(),
            proxy: proxy.cloned(),
        })
    }

    /// Returns `true` if the server accepted the token in the handshake, so that no message confirms it.
    pub(crate) fn is_accepted(&self) -> bool {
        self.accepted
    }

    /// Records that the server has accepted the token.
    pub(crate) fn mark_authenticated(&mut self) {
        self.awaiting_auth = false;
    }

    /// Creates the error for a failure of the connection.
    fn failed(&self, error: tungstenite::Error) -> Error {
        failure(error).through(self.proxy.as_ref())
    }

    /// Waits until another message can be [fed](Self::feed).
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.stream.poll_ready_unpin(cx).map_err(|e| self.failed(e))
    }

    /// Queues a binary message. It is sent with the next [flush](Self::poll_flush), or before.
    pub(crate) fn feed(&mut self, message: Vec<u8>) -> Result<()> {
        self.stream.get_mut().expect_message(message.len());
        self.stream.start_send_unpin(Message::binary(message)).map_err(|e| self.failed(e))
    }

    /// Queues a pong, which shows the server that the client is alive.
    pub(crate) fn feed_pong(&mut self) -> Result<()> {
        self.stream.start_send_unpin(Message::Pong(Bytes::new())).map_err(|e| self.failed(e))
    }

    /// Queues a ping, to which the server responds with a pong.
    pub(crate) fn feed_ping(&mut self) -> Result<()> {
        self.stream.start_send_unpin(Message::Ping(Bytes::new())).map_err(|e| self.failed(e))
    }

    /// Sends all queued messages.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.stream.poll_flush_unpin(cx).map_err(|e| self.failed(e))
    }

    /// Makes the next read reach the connection, even if nothing has woken the task since the last read.
    pub(crate) fn read_again(&mut self) {
        self.arrivals.note();
    }

    /// Sends a close frame, and reads until the server has ended the connection.
    ///
    /// If the client ended the connection while bytes are unread, TCP would reset it. The messages that were sent last
    /// could then be lost.
    pub(crate) async fn close_and_drain(&mut self) {
        if self.stream.close(None).await.is_ok() {
            while let Some(Ok(_)) = self.stream.next().await {
                // One read can contain thousands of messages. The budget lets the caller's time limit and other tasks
                // run.
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

    /// Creates the error for a close frame. Only its reason, if anything, indicates that the token is refused.
    fn closed_with(&self, code: Option<u16>, reason: &str) -> Error {
        let said = code.map_or_else(|| "no code".to_owned(), |code| format!("code {code}"));
        let shown = OneLine(&redact(&[self.secret.expose_secret()], reason)).to_string();
        let refused = reason.contains(INVALID_TOKEN) || (self.awaiting_auth && refuses(code, reason));
        let (kind, what) = match refused {
            true => (ErrorKind::Unauthorized, "the server refused the token"),
            false => (ErrorKind::Closed, "the server closed the connection"),
        };
        let words = if shown.is_empty() { "no reason" } else { &shown };
        let message = format!("{what} ({said}): {words}");
        let reason = (!shown.is_empty()).then_some(shown);
        Error::new(kind).with_close_code(code).with_close_reason(reason).message_text(message)
    }
}

/// Returns `true` if a close frame before the token was accepted means that the token is refused.
///
/// Only the codes for a normal close, a violated policy and applications can mean that. The other codes mean that the
/// server fails or shuts down, or that the protocol was violated.
fn refuses(code: Option<u16>, reason: &str) -> bool {
    matches!(code, Some(1000 | 1008 | 3000..=4999)) && !reason.contains(ALREADY_CONNECTED)
}

/// Ends after the first error. A close frame is an error with its code and reason.
impl Stream for Socket {
    type Item = Result<Received>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { stream, arrivals, .. } = &mut *self;
        let received = ready!(arrivals.poll_read(cx, |cx| stream.poll_next_unpin(cx)));
        Poll::Ready(received.map(|message| match message {
            Ok(Message::Binary(message)) => Ok(Received::Binary(message)),
            Ok(Message::Text(text)) => Ok(Received::Text(text)),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(Received::Control),
            Ok(Message::Close(_)) => {
                // The WebSocket crate has queued the response. The connection ends anyway, so an error changes nothing.
                let _ = self.stream.poll_flush_unpin(cx);
                Err(self.closed())
            }
            Err(tungstenite::Error::Utf8(_)) if self.stream.get_ref().close_frame().is_some() => Err(self.closed()),
            Err(error) => Err(self.failed(error)),
        }))
    }
}

fn failure(error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => Error::new(ErrorKind::Closed),
        tungstenite::Error::Io(e) => Error::new(ErrorKind::Connection).caused_by(e),
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            Error::new(ErrorKind::Connection).message_text("the server ended the connection without a close frame")
        }
        // The error of the crate repeats these causes in its message.
        tungstenite::Error::Protocol(e) => Error::new(ErrorKind::WebSocket).caused_by(e),
        tungstenite::Error::Capacity(e) => Error::new(ErrorKind::TooLarge).caused_by(e),
        other => Error::new(ErrorKind::WebSocket).caused_by(other),
    }
}
