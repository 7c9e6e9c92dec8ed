//! A WebSocket with limits for size, time and silence.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use rustls_platform_verifier::BuilderVerifierExt;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, crypto::aws_lc_rs, pki_types::ServerName},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        http::{HeaderValue, Uri},
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{Error, Result, handshake, key::ApiKey};

/// The limit for connecting, including TLS and the model's acceptance of the session.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(20);
/// The limit for sending a message, for example while the server does not read.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// After this time without a message, the connection sends a ping. The server must react within the same time.
const SILENCE: Duration = Duration::from_secs(20);
/// The maximum size of a message from the server, in bytes. It bounds the memory of a connection.
pub(crate) const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// The maximum length of a server's reason or message in an error, in characters.
const MAX_REASON: usize = 500;

/// A TCP connection with or without TLS.
trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

pub(crate) struct Connection {
    socket: WebSocketStream<Box<dyn Transport>>,
    key: ApiKey,
    /// The time at which the permitted silence ends.
    deadline: Instant,
    /// Whether the server must react to a ping.
    pinged: bool,
}

impl Connection {
    fn new(socket: WebSocketStream<Box<dyn Transport>>, key: &ApiKey) -> Self {
        Self { socket, key: key.clone(), deadline: Instant::now() + SILENCE, pinged: false }
    }

    /// Connects to a server. The key is in the header, because URLs appear in logs.
    pub(crate) async fn open(url: &str, key: &ApiKey, header: (&'static str, HeaderValue)) -> Result<Self> {
        let invalid = |reason| Error::Invalid(format!("invalid URL of the model: {reason}"));
        let uri: Uri = url.parse().map_err(|_| invalid("expected wss://host/path"))?;
        let mut stream = connect(&uri, invalid).await?;
        let received = handshake::open(&mut stream, &uri, header).await?;
        let limits = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
        let socket = WebSocketStream::from_partially_read(stream, received, Role::Client, Some(limits)).await;
        Ok(Self::new(socket, key))
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, message: &Value) -> Result<()> {
        self.send_frame(Message::text(message.to_string())).await
    }

    async fn send_frame(&mut self, frame: Message) -> Result<()> {
        match timeout(SEND_LIMIT, self.socket.send(frame)).await {
            Ok(sent) => sent.map_err(|error| Error::Connection(error.to_string())),
            Err(_) => Err(Error::TimedOut("sending to the model", SEND_LIMIT)),
        }
    }

    /// Returns the next message, or `None` after a normal end. Cancel safe: a dropped future loses no message.
    pub(crate) async fn receive(&mut self) -> Result<Option<Bytes>> {
        loop {
            let Ok(frame) = timeout_at(self.deadline, self.socket.next()).await else {
                if self.pinged {
                    return Err(Error::TimedOut("the response to a ping", SILENCE));
                }
                (self.pinged, self.deadline) = (true, Instant::now() + SILENCE);
                self.send_frame(Message::Ping(Bytes::new())).await?;
                continue;
            };
            (self.pinged, self.deadline) = (false, Instant::now() + SILENCE);
            match frame {
                Some(Ok(Message::Text(text))) => return Ok(Some(text.into())),
                // Gemini sends its JSON in binary messages.
                Some(Ok(Message::Binary(bytes))) => return Ok(Some(bytes)),
                Some(Ok(Message::Close(frame))) => return self.closed(frame),
                Some(Ok(_)) => {}
                Some(Err(tungstenite::Error::Capacity(_))) => {
                    return Err(Error::Protocol(format!("larger than {MAX_MESSAGE} bytes")));
                }
                Some(Err(error)) => return Err(Error::Connection(error.to_string())),
                None => return Err(Error::Connection("the server closed it without a reason".to_owned())),
            }
        }
    }

    fn closed<T>(&self, frame: Option<CloseFrame>) -> Result<Option<T>> {
        match frame {
            Some(CloseFrame { code: CloseCode::Normal, .. }) => Ok(None),
            Some(frame) => Err(Error::Closed { code: frame.code.into(), reason: self.shown(&frame.reason) }),
            None => Err(Error::Closed { code: CloseCode::Status.into(), reason: String::new() }),
        }
    }

    /// Prepares a server's message for an error: without the key, and not longer than necessary.
    pub(crate) fn shown(&self, message: &str) -> String {
        self.key.redact(message).chars().filter(|c| !c.is_control()).take(MAX_REASON).collect()
    }

    /// Sends a close frame. The server's close frame is not awaited.
    pub(crate) async fn close(&mut self) {
        let _ = timeout(SEND_LIMIT, self.socket.close(None)).await;
    }
}

/// Opens the TCP connection, and TLS for `wss`.
async fn connect(uri: &Uri, invalid: impl Fn(&'static str) -> Error) -> Result<Box<dyn Transport>> {
    let host = uri.host().ok_or_else(|| invalid("no host"))?;
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let secure = match uri.scheme_str() {
        Some("wss") => true,
        // The key must not cross a network without TLS.
        Some("ws") if ["localhost", "127.0.0.1", "::1"].contains(&name) => false,
        Some("ws") => return Err(invalid("ws:// is only for servers on this machine; use wss://")),
        _ => return Err(invalid("expected wss://host/path")),
    };
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let failed = |error: std::io::Error| Error::Connection(error.to_string());
    let stream = TcpStream::connect((name, port)).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    if !secure {
        return Ok(Box::new(stream));
    }
    let server = ServerName::try_from(name.to_owned()).map_err(|_| invalid("the host is not a valid name"))?;
    Ok(Box::new(tls()?.connect(server, stream).await.map_err(failed)?))
}

/// Configures TLS with the certificates of the operating system.
fn tls() -> Result<TlsConnector> {
    let setup = |error: tokio_rustls::rustls::Error| Error::Connection(format!("TLS is not available: {error}"));
    // The provider is named, because a program can link several.
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(setup)?
        .with_platform_verifier()
        .map_err(setup)?
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The time is virtual, and no socket is used.
#[cfg(test)]
mod tests {
    use tokio::{
        io::{DuplexStream, duplex},
        time::sleep,
    };

    use super::*;

    /// Returns a connection, and the side of its server.
    async fn connection(buffer: usize) -> (Connection, WebSocketStream<DuplexStream>) {
        let (client, server) = duplex(buffer);
        let client: Box<dyn Transport> = Box::new(client);
        let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        let server = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
        (Connection::new(client, &ApiKey::new("key")), server)
    }

    #[tokio::test(start_paused = true)]
    async fn silent_server_times_out_after_a_ping() {
        let (mut connection, _server) = connection(1_024).await;
        let start = Instant::now();
        // A program that sends audio drops the future again and again.
        let error = loop {
            tokio::select! {
                message = connection.receive() => break message.unwrap_err(),
                () = sleep(Duration::from_millis(20)) => {}
            }
        };
        assert_eq!(error, Error::TimedOut("the response to a ping", SILENCE));
        assert_eq!(start.elapsed().as_secs(), 2 * SILENCE.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn server_that_responds_to_pings_stays_connected() {
        let (mut connection, mut server) = connection(1_024).await;
        tokio::spawn(async move {
            // Reading also sends the pongs.
            let silence = sleep(10 * SILENCE);
            tokio::pin!(silence);
            loop {
                tokio::select! {
                    Some(Ok(_)) = server.next() => server.flush().await.unwrap(),
                    () = &mut silence => break,
                }
            }
            server.send(Message::text("late")).await.unwrap();
        });
        assert_eq!(connection.receive().await, Ok(Some(Bytes::from("late"))));
    }

    #[tokio::test(start_paused = true)]
    async fn server_that_does_not_read_times_out() {
        let (mut connection, _server) = connection(64).await;
        let audio = serde_json::json!({ "audio": "A".repeat(1_000) });
        assert_eq!(connection.send(&audio).await, Err(Error::TimedOut("sending to the model", SEND_LIMIT)));
    }
}
