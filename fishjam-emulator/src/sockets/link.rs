//! One open socket: frames, heartbeat, commands, closing.

use std::{
    future::{Future, pending, poll_fn},
    pin::pin,
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    GOING_AWAY, INTERNAL_ERROR, NORMAL,
    registry::{Frame, SlotEvent, SocketCommand, SocketSlot},
};
use crate::http::connection::ConnectionHandle;

/// The time that a closing socket waits for the other side's close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// The number of queued frames that the socket writes before it checks other events.
const BURST: usize = 256;

/// The interval of pings and the timeout of a silent socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heartbeat {
    pub(crate) ping: Duration,
    pub(crate) idle: Duration,
}

/// An event for the owner of a socket.
pub(crate) enum SocketEvent<T> {
    Binary(Bytes),
    Text,
    /// The result of the owner's own future.
    Signal(T),
    /// The connection ended.
    Closed,
}

/// The reason why a waiting socket continues.
enum Wakeup {
    Received(Option<Result<Message, axum::Error>>),
    Ping,
    Slot(SlotEvent),
    Close(u16),
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

/// Encodes the close frame that responds to another one: the same code without the reason.
///
/// The WebSocket crate would repeat the reason.
fn close_response(received: Option<&CloseFrame>) -> Bytes {
    match received {
        Some(CloseFrame { code, .. }) => [[0x88, 2], code.to_be_bytes()].concat().into(),
        None => Bytes::from_static(&[0x88, 0]),
    }
}

async fn closing(closing: &mut watch::Receiver<bool>) {
    // An error means that the emulator was dropped, which also closes its sockets.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// One open socket with its heartbeat, queue and commands.
pub(crate) struct Link {
    socket: WebSocket,
    connection: ConnectionHandle,
    slot: SocketSlot,
    heartbeat: Heartbeat,
    closing: watch::Receiver<bool>,
    last_frame: Instant,
    /// The time of the next ping, or `None` before authentication.
    next_ping: Option<Instant>,
    /// The frames from the queue that are written next.
    outbox: Vec<Frame>,
    /// Whether the response to a close frame contains only its code.
    close_code_only: bool,
    /// Whether a frame arrived since the queue was last checked.
    received: bool,
    /// The connected peer. It is dropped before the socket closes, so that the same peer can connect again
    /// immediately.
    peer: Option<Box<dyn Send>>,
}

impl Link {
    /// Creates the link of a registered socket.
    pub(crate) fn new(
        socket: WebSocket,
        connection: ConnectionHandle,
        slot: SocketSlot,
        heartbeat: Heartbeat,
        closing: &watch::Receiver<bool>,
    ) -> Self {
        Link {
            socket,
            slot,
            connection,
            heartbeat,
            closing: closing.clone(),
            last_frame: Instant::now(),
            next_ping: None,
            outbox: Vec::new(),
            close_code_only: false,
            received: false,
            peer: None,
        }
    }

    /// Responds to close frames with their code, without their reason.
    pub(crate) fn echo_close_code_only(&mut self) {
        self.close_code_only = true;
    }

    /// Keeps a connected peer until the socket closes.
    pub(crate) fn keep_until_closed(&mut self, peer: impl Send + 'static) {
        self.peer = Some(Box::new(peer));
    }

    /// Records a received frame.
    pub(crate) fn record_received(&self, frame: &Bytes) {
        self.slot.received(frame);
    }

    /// Subscribes the socket to published frames.
    pub(crate) fn subscribe(&self) {
        self.slot.subscribe();
    }

    pub(crate) fn start_pings(&mut self) {
        self.next_ping = Some(Instant::now() + self.heartbeat.ping);
    }

    /// Waits for a frame or for `event`. Meanwhile sends pings, executes commands and writes queued frames.
    ///
    /// `event` must be cancel safe.
    pub(crate) async fn next_event<T>(&mut self, event: impl Future<Output = T>) -> SocketEvent<T> {
        let mut event = pin!(event);
        loop {
            // Rare events come before queued frames, so that many frames cannot delay a ping. Received frames come
            // before the idle timeout. After each received frame the queue comes first, so that a client that sends
            // without a pause still receives.
            let queued = match std::mem::take(&mut self.received) {
                true => self.slot.next(&mut self.outbox, BURST).now_or_never(),
                false => None,
            };
            let wakeup = match queued {
                Some(next) => Wakeup::Slot(next),
                None => tokio::select! {
                    biased;
                    () = closing(&mut self.closing) => Wakeup::Close(GOING_AWAY),
                    received = self.socket.recv() => Wakeup::Received(received),
                    () = due(self.next_ping) => Wakeup::Ping,
                    value = &mut event => return SocketEvent::Signal(value),
                    next = self.slot.next(&mut self.outbox, BURST) => Wakeup::Slot(next),
                    () = sleep_until(self.last_frame + self.heartbeat.idle) => Wakeup::Close(NORMAL),
                },
            };
            let continues = match wakeup {
                Wakeup::Received(received) => {
                    self.last_frame = Instant::now();
                    self.received = true;
                    match received {
                        Some(Ok(Message::Binary(bytes))) => return SocketEvent::Binary(bytes),
                        Some(Ok(Message::Text(_))) => return SocketEvent::Text,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
                        Some(Ok(Message::Close(frame))) => {
                            self.peer = None;
                            if self.close_code_only {
                                self.connection.garble(close_response(frame.as_ref()));
                            }
                            self.drain().await;
                            false
                        }
                        Some(Err(_)) | None => false,
                    }
                }
                Wakeup::Ping => {
                    self.start_pings();
                    self.write(Frame { message: Message::Ping(Bytes::new()), recorded: false }).await
                }
                Wakeup::Slot(SlotEvent::Command(command)) => self.execute(command).await,
                // Only the emulator has this queue and this reason.
                Wakeup::Slot(SlotEvent::Frames(0)) => {
                    self.close(INTERNAL_ERROR, "event queue overflow").await;
                    false
                }
                Wakeup::Slot(SlotEvent::Frames(_)) => self.write_out().await,
                Wakeup::Close(code) => {
                    self.close(code, "").await;
                    false
                }
            };
            if !continues {
                return SocketEvent::Closed;
            }
        }
    }

    /// Returns the number of this socket.
    pub(crate) fn number(&self) -> u64 {
        self.slot.number()
    }

    /// Waits for the next frame.
    pub(crate) async fn next_frame(&mut self) -> SocketEvent<()> {
        self.next_event(pending()).await
    }

    /// Reads and discards frames until the connection ends.
    pub(crate) async fn discard_frames(&mut self) {
        while !matches!(self.next_frame().await, SocketEvent::Closed) {}
    }

    /// Delays the response to a token, or discards all frames if there is no delay. Returns `false` if the connection
    /// ended.
    pub(crate) async fn hold_response(&mut self, delay: Option<Duration>) -> bool {
        match delay {
            Some(delay) => delay.is_zero() || self.pause(delay).await,
            None => {
                self.discard_frames().await;
                false
            }
        }
    }

    /// Waits without reading. Returns `false` if the connection ended.
    async fn pause(&mut self, pause: Duration) -> bool {
        let command = tokio::select! {
            biased;
            () = closing(&mut self.closing) => SocketCommand::Close(GOING_AWAY, String::new()),
            command = self.slot.next_command() => command,
            () = sleep(pause) => return true,
        };
        self.execute(command).await
    }

    /// Sends a binary frame. Returns `false` if the connection ended.
    pub(crate) async fn send(&mut self, frame: Vec<u8>) -> bool {
        self.write(Frame { message: Message::Binary(frame.into()), recorded: false }).await
    }

    /// Sends and records a binary frame. Returns `false` if the connection ended.
    pub(crate) async fn send_recorded(&mut self, frame: Bytes) -> bool {
        self.write(Frame::binary(frame)).await
    }

    async fn write(&mut self, frame: Frame) -> bool {
        self.outbox.push(frame);
        self.write_out().await
    }

    /// Writes all frames of the outbox, unless a command interrupts. Returns `false` if the connection ended.
    async fn write_out(&mut self) -> bool {
        let Link { socket, slot, closing: stop, outbox, .. } = self;
        let recorder = slot.recorder();
        // A command can interrupt at any await point. Each frame is recorded in the step that passes it to the socket, so the log always equals the written frames.
        let writing = async {
            let mut closes = false;
            for Frame { message, recorded } in outbox.drain(..) {
                poll_fn(|cx| socket.poll_ready_unpin(cx)).await?;
                match &message {
                    Message::Binary(bytes) if recorded => recorder.wrote(bytes),
                    Message::Text(text) if recorded => recorder.wrote(&text.clone().into()),
                    Message::Close(_) => closes = true,
                    _ => {}
                }
                socket.start_send_unpin(message)?;
                if closes {
                    break;
                }
            }
            socket.flush().await.map(|()| closes)
        };
        let command = tokio::select! {
            biased;
            () = closing(stop) => SocketCommand::Close(GOING_AWAY, String::new()),
            command = slot.next_command() => command,
            written = writing => {
                let Ok(closes) = written else { return false };
                recorder.flushed();
                if closes {
                    self.drain().await;
                }
                return !closes;
            }
        };
        self.execute(command).await
    }

    /// Executes a command. Returns `false`, because every command ends the connection.
    async fn execute(&mut self, command: SocketCommand) -> bool {
        // A stalled peer still counts as connected.
        if command != SocketCommand::Stall {
            self.peer = None;
        }
        match command {
            SocketCommand::Close(code, reason) => self.close(code, &reason).await,
            SocketCommand::Drop => {
                if let Ok(Ok(())) = timeout(CLOSE_LIMIT, self.socket.flush()).await {
                    self.slot.recorder().flushed();
                }
                self.connection.finish();
                self.drain().await;
            }
            SocketCommand::Reset => {}
            SocketCommand::CutInside(beginning) => {
                if let Ok(Ok(())) = timeout(CLOSE_LIMIT, self.socket.flush()).await {
                    self.slot.recorder().flushed();
                    self.connection.garble(beginning);
                    // The garbage replaces this ping.
                    let _ = timeout(CLOSE_LIMIT, self.socket.send(Message::Ping(Bytes::new()))).await;
                }
            }
            SocketCommand::Stall => {
                self.slot.mute();
                tokio::select! {
                    () = closing(&mut self.closing) => {}
                    () = self.connection.until_cut() => {}
                    // Any other command ends the connection without a frame.
                    _ = self.slot.next_command() => {}
                }
            }
        }
        false
    }

    /// Closes the socket, and waits briefly for the other side so that the close frame is not lost.
    pub(crate) async fn close(&mut self, code: u16, reason: &str) {
        self.peer = None;
        let frame = CloseFrame { code, reason: reason.into() };
        if let Ok(Ok(())) = timeout(CLOSE_LIMIT, self.socket.send(Message::Close(Some(frame)))).await {
            self.slot.recorder().flushed();
            self.drain().await;
        }
    }

    async fn drain(&mut self) {
        let end = async { while let Some(Ok(_)) = self.socket.next().await {} };
        // The timeout drops a client that does not respond.
        let _ = timeout(CLOSE_LIMIT, end).await;
    }
}
