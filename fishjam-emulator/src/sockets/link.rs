//! One open socket: frames, heartbeat, orders, closing.

use std::{
    future::{Future, pending, poll_fn},
    pin::pin,
    sync::Arc,
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
    registry::{Frame, SlotEvent, SocketCommand, SocketRegistry, SocketSlot},
};
use crate::http::connection::ConnectionHandle;

/// How long a closing socket waits for the other side's close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// How many queued frames are written before the socket looks at other things.
const BURST: usize = 256;

/// When a socket is pinged and when it is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heartbeat {
    pub(crate) ping: Duration,
    pub(crate) idle: Duration,
}

/// What a socket's turn brings.
pub(crate) enum SocketEvent<T> {
    Binary(Bytes),
    Text,
    /// What the socket's owner waited for.
    Signal(T),
    /// The connection is over; nothing is left to do.
    Closed,
}

/// What a socket's turn is interrupted by.
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

/// A close frame with the code of another one, and without its reason, which the WebSocket crate would repeat.
fn answer_to(goodbye: Option<&CloseFrame>) -> Bytes {
    match goodbye {
        Some(CloseFrame { code, .. }) => [[0x88, 2], code.to_be_bytes()].concat().into(),
        None => Bytes::from_static(&[0x88, 0]),
    }
}

async fn closing(closing: &mut watch::Receiver<bool>) {
    // An error is a dropped emulator, which closes as well.
    let _ = closing.wait_for(|closing| *closing).await;
}

pub(crate) struct Link {
    socket: WebSocket,
    connection: ConnectionHandle,
    slot: SocketSlot,
    heartbeat: Heartbeat,
    closing: watch::Receiver<bool>,
    last_frame: Instant,
    /// When the next ping is due; none before authentication.
    next_ping: Option<Instant>,
    /// Frames that were taken out of the queue to be written next.
    outbox: Vec<Frame>,
    /// Whether a goodbye is answered with its code alone, and not repeated.
    close_code_only: bool,
    /// Whether a frame has arrived since it was last the turn of what is queued.
    received: bool,
    /// The peer that is connected through this socket, until the end begins: who comes back at once is not taken for
    /// somebody who is still here.
    peer: Option<Box<dyn Send>>,
}

impl Link {
    /// A socket that has just been opened, and takes a seat among those of its kind.
    pub(crate) fn new(
        socket: WebSocket,
        connection: ConnectionHandle,
        registry: &Arc<SocketRegistry>,
        heartbeat: Heartbeat,
        closing: &watch::Receiver<bool>,
    ) -> Self {
        Link {
            socket,
            slot: registry.take(connection.clone()),
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

    /// From now on a goodbye is answered with its code alone.
    pub(crate) fn echo_close_code_only(&mut self) {
        self.close_code_only = true;
    }

    /// From now on a peer is connected through this socket.
    pub(crate) fn keep_until_closed(&mut self, peer: impl Send + 'static) {
        self.peer = Some(Box::new(peer));
    }

    /// Notes a frame that has arrived.
    pub(crate) fn record_received(&self, frame: &Bytes) {
        self.slot.received(frame);
    }

    /// From now on the socket gets what is published.
    pub(crate) fn subscribe(&self) {
        self.slot.subscribe();
    }

    pub(crate) fn start_pings(&mut self) {
        self.next_ping = Some(Instant::now() + self.heartbeat.ping);
    }

    /// Waits for a frame or for `event`, keeping up the heartbeat, obeying orders and writing what is queued; `event`
    /// must not lose anything when dropped.
    pub(crate) async fn next_event<T>(&mut self, event: impl Future<Output = T>) -> SocketEvent<T> {
        let mut event = pin!(event);
        loop {
            // In this order: what is rare or cheap comes before queued frames, so that a flood of them cannot hold
            // up a ping, and what has arrived counts before the idle limit does. But who sends without a pause does
            // not keep itself from hearing: after what has arrived it is the turn of what is queued.
            let queued = match std::mem::take(&mut self.received) {
                true => self.slot.next(&mut self.outbox, BURST).now_or_never(),
                false => None,
            };
            let wake = match queued {
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
            let goes_on = match wake {
                Wakeup::Received(received) => {
                    self.last_frame = Instant::now();
                    self.received = true;
                    match received {
                        Some(Ok(Message::Binary(bytes))) => return SocketEvent::Binary(bytes),
                        Some(Ok(Message::Text(_))) => return SocketEvent::Text,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
                        Some(Ok(Message::Close(goodbye))) => {
                            self.peer = None;
                            if self.close_code_only {
                                self.connection.garble(answer_to(goodbye.as_ref()));
                            }
                            self.drain().await;
                            false
                        }
                        Some(Err(_)) | None => false,
                    }
                }
                Wakeup::Ping => {
                    self.start_pings();
                    self.write(Frame { message: Message::Ping(Bytes::new()), noted: false }).await
                }
                Wakeup::Slot(SlotEvent::Command(command)) => self.execute(command).await,
                // Not of the service: it has no such queue.
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
            if !goes_on {
                return SocketEvent::Closed;
            }
        }
    }

    /// The number of this socket's seat.
    pub(crate) fn number(&self) -> u64 {
        self.slot.number()
    }

    /// Waits for a frame only.
    pub(crate) async fn next_frame(&mut self) -> SocketEvent<()> {
        self.next_event(pending()).await
    }

    /// Reads on, without an answer, until the connection is over.
    async fn discard_frames(&mut self) {
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

    /// Waits without reading; false when the connection is over.
    async fn pause(&mut self, pause: Duration) -> bool {
        let command = tokio::select! {
            biased;
            () = closing(&mut self.closing) => SocketCommand::Close(GOING_AWAY, String::new()),
            command = self.slot.next_command() => command,
            () = sleep(pause) => return true,
        };
        self.execute(command).await
    }

    /// Sends one binary frame; false when the connection is over.
    pub(crate) async fn send(&mut self, frame: Vec<u8>) -> bool {
        self.write(Frame { message: Message::Binary(frame.into()), noted: false }).await
    }

    /// Sends a binary frame that is noted among what was written; false when the connection is over.
    pub(crate) async fn send_noted(&mut self, frame: Bytes) -> bool {
        self.write(Frame::binary(frame)).await
    }

    async fn write(&mut self, frame: Frame) -> bool {
        self.outbox.push(frame);
        self.write_out().await
    }

    /// Writes the outbox in one go, unless an order comes first; false when the connection is over.
    async fn write_out(&mut self) -> bool {
        let Link { socket, slot, closing: stop, outbox, .. } = self;
        let recorder = slot.recorder();
        // It can be interrupted anywhere: what was handed over is noted, and what was not is not written.
        let writing = async {
            for Frame { message, noted } in outbox.drain(..) {
                poll_fn(|cx| socket.poll_ready_unpin(cx)).await?;
                if noted && let Message::Binary(bytes) = &message {
                    recorder.wrote(bytes);
                }
                socket.start_send_unpin(message)?;
            }
            socket.flush().await
        };
        let command = tokio::select! {
            biased;
            () = closing(stop) => SocketCommand::Close(GOING_AWAY, String::new()),
            command = slot.next_command() => command,
            written = writing => {
                if written.is_ok() {
                    recorder.flushed();
                }
                return written.is_ok();
            }
        };
        self.execute(command).await
    }

    /// Always false: every order ends the connection.
    async fn execute(&mut self, command: SocketCommand) -> bool {
        // Who is left half-open counts as connected.
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
                    // Whatever is written next has its place taken by the garbage.
                    let _ = timeout(CLOSE_LIMIT, self.socket.send(Message::Ping(Bytes::new()))).await;
                }
            }
            SocketCommand::Stall => {
                self.slot.mute();
                tokio::select! {
                    () = closing(&mut self.closing) => {}
                    // Whatever it is, it ends without another word.
                    _ = self.slot.next_command() => {}
                }
            }
        }
        false
    }

    /// Closes, and waits a moment for the other side to do so, lest the close frame is lost with the connection.
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
        // A client that does not answer is left behind.
        let _ = timeout(CLOSE_LIMIT, end).await;
    }
}
