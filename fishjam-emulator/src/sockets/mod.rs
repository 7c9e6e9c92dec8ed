//! The WebSockets of the service, and what they have in common: frames, heartbeat, closing.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::routes::Socket;
use crate::service::{Heartbeat, Service};

mod peer;
mod server;
mod sessions;
mod subscribers;

pub(crate) use sessions::Sessions;
pub(crate) use subscribers::Subscribers;

/// How long a closing socket waits for the other side's close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

const NORMAL: u16 = 1000;
/// The service goes away; an assumption, since nobody has seen it stop.
const GOING_AWAY: u16 = 1001;
const UNSUPPORTED: u16 = 1003;
const INTERNAL_ERROR: u16 = 1011;

/// Serves one socket until it is closed.
pub(crate) async fn serve(service: Arc<Service>, socket: Socket, open: WebSocket) {
    let link = Link::new(open, &service);
    match socket {
        Socket::Server => server::serve(&service, link).await,
        Socket::Peer => peer::serve(&service, link).await,
    }
}

/// What a socket's turn brings.
enum Turn<T> {
    Binary(Bytes),
    Text,
    /// What the socket's owner waited for.
    Event(T),
    /// The connection is over; nothing is left to do.
    Over,
}

/// What a socket's turn is interrupted by.
enum Wake {
    Frame(Option<Result<Message, axum::Error>>),
    Ping,
    Close(u16),
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

async fn closing(closing: &mut watch::Receiver<bool>) {
    // An error is a dropped emulator, which closes as well.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// One open socket.
struct Link {
    socket: WebSocket,
    heartbeat: Heartbeat,
    closing: watch::Receiver<bool>,
    last_frame: Instant,
    /// When the next ping is due; none before authentication.
    next_ping: Option<Instant>,
}

impl Link {
    fn new(socket: WebSocket, service: &Service) -> Self {
        Link {
            socket,
            heartbeat: service.heartbeat,
            closing: service.closing.clone(),
            last_frame: Instant::now(),
            next_ping: None,
        }
    }

    fn start_pings(&mut self) {
        self.next_ping = Some(Instant::now() + self.heartbeat.ping);
    }

    /// Waits for a frame or for `event`, keeping up the heartbeat; `event` must not lose anything when dropped.
    async fn turn<T>(&mut self, event: impl Future<Output = T>) -> Turn<T> {
        let mut event = pin!(event);
        loop {
            // In this order: what is rare or cheap comes before notifications, so that a flood of them cannot hold
            // up a ping, and what has arrived counts before the idle limit does.
            let wake = tokio::select! {
                biased;
                () = closing(&mut self.closing) => Wake::Close(GOING_AWAY),
                frame = self.socket.recv() => Wake::Frame(frame),
                () = due(self.next_ping) => Wake::Ping,
                value = &mut event => return Turn::Event(value),
                () = sleep_until(self.last_frame + self.heartbeat.idle) => Wake::Close(NORMAL),
            };
            match wake {
                Wake::Frame(frame) => {
                    self.last_frame = Instant::now();
                    match frame {
                        Some(Ok(Message::Binary(bytes))) => return Turn::Binary(bytes),
                        Some(Ok(Message::Text(_))) => return Turn::Text,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Close(_))) => {
                            self.drain().await;
                            return Turn::Over;
                        }
                        Some(Err(_)) | None => return Turn::Over,
                    }
                }
                Wake::Ping => {
                    self.start_pings();
                    if self.socket.send(Message::Ping(Bytes::new())).await.is_err() {
                        return Turn::Over;
                    }
                }
                Wake::Close(code) => {
                    self.close(code, "").await;
                    return Turn::Over;
                }
            }
        }
    }

    /// Waits for a frame only.
    async fn frame(&mut self) -> Turn<()> {
        self.turn(pending()).await
    }

    /// Sends one binary frame; false when the connection is gone.
    async fn send(&mut self, frame: Vec<u8>) -> bool {
        self.socket.send(Message::Binary(frame.into())).await.is_ok()
    }

    /// Sends many binary frames in one go; false when the connection is gone.
    async fn send_all(&mut self, frames: &mut Vec<Bytes>) -> bool {
        for frame in frames.drain(..) {
            if self.socket.feed(Message::Binary(frame)).await.is_err() {
                return false;
            }
        }
        self.socket.flush().await.is_ok()
    }

    /// Closes, and waits a moment for the other side to do so, lest the close frame is lost with the connection.
    async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code, reason: reason.into() };
        if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
            self.drain().await;
        }
    }

    async fn drain(&mut self) {
        let end = async { while let Some(Ok(_)) = self.socket.next().await {} };
        // A client that does not answer is left behind.
        let _ = timeout(CLOSE_LIMIT, end).await;
    }
}
