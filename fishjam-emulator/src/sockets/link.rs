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
    seats::{Frame, Next, Order, Place, Seats},
};
use crate::{http::connection::Line, service::Heartbeat};

/// How long a closing socket waits for the other side's close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// How many queued frames are written before the socket looks at other things.
const BURST: usize = 256;

/// What a socket's turn brings.
pub(crate) enum Turn<T> {
    Binary(Bytes),
    Text,
    /// What the socket's owner waited for.
    Event(T),
    /// The connection is over; nothing is left to do.
    Over,
}

/// What a socket's turn is interrupted by.
enum Wake {
    Received(Option<Result<Message, axum::Error>>),
    Ping,
    Next(Next),
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
    line: Line,
    place: Place,
    heartbeat: Heartbeat,
    closing: watch::Receiver<bool>,
    last_frame: Instant,
    /// When the next ping is due; none before authentication.
    next_ping: Option<Instant>,
    /// Frames that were taken out of the queue to be written next.
    outbox: Vec<Frame>,
    /// Whether a goodbye is answered with its code alone, and not repeated.
    terse: bool,
    /// Whether a frame has arrived since it was last the turn of what is queued.
    received: bool,
    /// The peer that is connected through this socket, until the end begins: who comes back at once is not taken for
    /// somebody who is still here.
    guest: Option<Box<dyn Send>>,
}

impl Link {
    /// A socket that has just been opened, and takes a seat among those of its kind.
    pub(crate) fn new(
        socket: WebSocket,
        line: Line,
        seats: &Arc<Seats>,
        heartbeat: Heartbeat,
        closing: &watch::Receiver<bool>,
    ) -> Self {
        Link {
            socket,
            place: seats.take(line.clone()),
            line,
            heartbeat,
            closing: closing.clone(),
            last_frame: Instant::now(),
            next_ping: None,
            outbox: Vec::new(),
            terse: false,
            received: false,
            guest: None,
        }
    }

    /// From now on a goodbye is answered with its code alone.
    pub(crate) fn answer_tersely(&mut self) {
        self.terse = true;
    }

    /// From now on a peer is connected through this socket.
    pub(crate) fn welcome(&mut self, guest: impl Send + 'static) {
        self.guest = Some(Box::new(guest));
    }

    /// Notes a frame that has arrived.
    pub(crate) fn note(&self, frame: &Bytes) {
        self.place.received(frame);
    }

    /// From now on the socket gets what is published.
    pub(crate) fn subscribe(&self) {
        self.place.subscribe();
    }

    pub(crate) fn start_pings(&mut self) {
        self.next_ping = Some(Instant::now() + self.heartbeat.ping);
    }

    /// Waits for a frame or for `event`, keeping up the heartbeat, obeying orders and writing what is queued; `event`
    /// must not lose anything when dropped.
    pub(crate) async fn turn<T>(&mut self, event: impl Future<Output = T>) -> Turn<T> {
        let mut event = pin!(event);
        loop {
            // In this order: what is rare or cheap comes before queued frames, so that a flood of them cannot hold
            // up a ping, and what has arrived counts before the idle limit does. But who sends without a pause does
            // not keep itself from hearing: after what has arrived it is the turn of what is queued.
            let queued = match std::mem::take(&mut self.received) {
                true => self.place.next(&mut self.outbox, BURST).now_or_never(),
                false => None,
            };
            let wake = match queued {
                Some(next) => Wake::Next(next),
                None => tokio::select! {
                    biased;
                    () = closing(&mut self.closing) => Wake::Close(GOING_AWAY),
                    received = self.socket.recv() => Wake::Received(received),
                    () = due(self.next_ping) => Wake::Ping,
                    value = &mut event => return Turn::Event(value),
                    next = self.place.next(&mut self.outbox, BURST) => Wake::Next(next),
                    () = sleep_until(self.last_frame + self.heartbeat.idle) => Wake::Close(NORMAL),
                },
            };
            let goes_on = match wake {
                Wake::Received(received) => {
                    self.last_frame = Instant::now();
                    self.received = true;
                    match received {
                        Some(Ok(Message::Binary(bytes))) => return Turn::Binary(bytes),
                        Some(Ok(Message::Text(_))) => return Turn::Text,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
                        Some(Ok(Message::Close(goodbye))) => {
                            self.guest = None;
                            if self.terse {
                                self.line.garble(answer_to(goodbye.as_ref()));
                            }
                            self.drain().await;
                            false
                        }
                        Some(Err(_)) | None => false,
                    }
                }
                Wake::Ping => {
                    self.start_pings();
                    self.write(Frame { message: Message::Ping(Bytes::new()), noted: false }).await
                }
                Wake::Next(Next::Order(order)) => self.obey(order).await,
                // Not of the service: it has no such queue.
                Wake::Next(Next::Frames(0)) => {
                    self.close(INTERNAL_ERROR, "event queue overflow").await;
                    false
                }
                Wake::Next(Next::Frames(_)) => self.write_out().await,
                Wake::Close(code) => {
                    self.close(code, "").await;
                    false
                }
            };
            if !goes_on {
                return Turn::Over;
            }
        }
    }

    /// The number of this socket's seat.
    pub(crate) fn number(&self) -> u64 {
        self.place.number()
    }

    /// Waits for a frame only.
    pub(crate) async fn frame(&mut self) -> Turn<()> {
        self.turn(pending()).await
    }

    /// Reads on, without an answer, until the connection is over.
    pub(crate) async fn ignore(&mut self) {
        while !matches!(self.frame().await, Turn::Over) {}
    }

    /// Waits without reading; false when the connection is over.
    pub(crate) async fn pause(&mut self, pause: Duration) -> bool {
        let order = tokio::select! {
            biased;
            () = closing(&mut self.closing) => Order::Close(GOING_AWAY, String::new()),
            order = self.place.ordered() => order,
            () = sleep(pause) => return true,
        };
        self.obey(order).await
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
        let Link { socket, place, closing: stop, outbox, .. } = self;
        let pen = place.pen();
        // It can be interrupted anywhere: what was handed over is noted, and what was not is not written.
        let writing = async {
            for Frame { message, noted } in outbox.drain(..) {
                poll_fn(|cx| socket.poll_ready_unpin(cx)).await?;
                if noted && let Message::Binary(bytes) = &message {
                    pen.wrote(bytes);
                }
                socket.start_send_unpin(message)?;
            }
            socket.flush().await
        };
        let order = tokio::select! {
            biased;
            () = closing(stop) => Order::Close(GOING_AWAY, String::new()),
            order = place.ordered() => order,
            written = writing => {
                if written.is_ok() {
                    pen.flushed();
                }
                return written.is_ok();
            }
        };
        self.obey(order).await
    }

    /// Always false: every order ends the connection.
    async fn obey(&mut self, order: Order) -> bool {
        // Who is left half-open counts as connected.
        if order != Order::Stall {
            self.guest = None;
        }
        match order {
            Order::Close(code, reason) => self.close(code, &reason).await,
            Order::Drop => {
                if let Ok(Ok(())) = timeout(CLOSE_LIMIT, self.socket.flush()).await {
                    self.place.pen().flushed();
                }
                self.line.finish();
                self.drain().await;
            }
            Order::Reset => {}
            Order::CutInside(beginning) => {
                if let Ok(Ok(())) = timeout(CLOSE_LIMIT, self.socket.flush()).await {
                    self.place.pen().flushed();
                    self.line.garble(beginning);
                    // Whatever is written next has its place taken by the garbage.
                    let _ = timeout(CLOSE_LIMIT, self.socket.send(Message::Ping(Bytes::new()))).await;
                }
            }
            Order::Stall => {
                self.place.mute();
                tokio::select! {
                    () = closing(&mut self.closing) => {}
                    // Whatever it is, it ends without another word.
                    _ = self.place.ordered() => {}
                }
            }
        }
        false
    }

    /// Closes, and waits a moment for the other side to do so, lest the close frame is lost with the connection.
    pub(crate) async fn close(&mut self, code: u16, reason: &str) {
        self.guest = None;
        let frame = CloseFrame { code, reason: reason.into() };
        if let Ok(Ok(())) = timeout(CLOSE_LIMIT, self.socket.send(Message::Close(Some(frame)))).await {
            self.place.pen().flushed();
            self.drain().await;
        }
    }

    async fn drain(&mut self) {
        let end = async { while let Some(Ok(_)) = self.socket.next().await {} };
        // A client that does not answer is left behind.
        let _ = timeout(CLOSE_LIMIT, end).await;
    }
}
