//! One turn of the task: sends the orders of the handles, reads messages, and acts on timers.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use fishjam_proto::fishjam::agent_request::{CaptureImage, Content};
use futures_util::StreamExt;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{Driver, FLUSH, gone};
use crate::{
    ConnectionState,
    agent::{
        AgentMessage,
        command::Command,
        message::{AgentFrame, decode, encode, malformed},
        shared::ShutdownRequest,
    },
    connection::socket::{Received, Socket},
    connection::{lifecycle::Input, policy::PONG_INTERVAL, queue::Item},
    error::{Error, ErrorKind, Result},
};

/// How many messages are read in one go before others have their turn.
const BURST: usize = 128;
/// The number of reads in search of a close frame after sending has failed.
const LAST_READS: usize = 16;
/// How many bytes are given to the socket before they are flushed.
const BATCH: usize = 64 * 1024;

/// The condition for reading a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The receiver has room for it.
    WithRoom,
    /// None: the connection has failed, and its close frame may have arrived.
    Regardless,
}

impl Driver {
    /// Sends and receives until something happens that the state machine must decide on.
    pub(super) async fn exchange(&mut self) -> Input {
        let mut timer = pin!(sleep_until(self.deadline(Instant::now())));
        poll_fn(|cx| self.poll_exchange(cx, timer.as_mut())).await
    }

    fn poll_exchange(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<Input> {
        let now = Instant::now();
        match self.line.shutdown_requested(cx.waker()) {
            ShutdownRequest::None => {}
            ShutdownRequest::Drain if self.life.state() == ConnectionState::Ready => {
                if self.closing.is_none() {
                    self.closing = Some(now + FLUSH);
                    self.commands.close();
                }
            }
            ShutdownRequest::Drain | ShutdownRequest::Close => return Poll::Ready(Input::Unused),
        }
        if let Poll::Ready(input) = self.poll_write(cx, now) {
            return Poll::Ready(input);
        }
        if let Poll::Ready(input) = self.poll_read(cx, now) {
            return Poll::Ready(input);
        }
        self.poll_time(cx, now, timer.as_mut())
    }

    /// Passes the orders to the socket, and flushes it.
    fn poll_write(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Input> {
        let flowing = self.life.state() == ConnectionState::Ready;
        loop {
            while flowing && !self.drained && self.unflushed < BATCH {
                match self.socket.as_mut().map(|socket| socket.poll_ready(cx)) {
                    Some(Poll::Ready(Ok(()))) => {}
                    Some(Poll::Ready(Err(error))) => return Poll::Ready(self.close_reason_or(cx, now, error)),
                    Some(Poll::Pending) => return Poll::Pending,
                    None => return Poll::Ready(gone()),
                }
                match self.commands.poll_recv(cx) {
                    Poll::Ready(Some(order)) => {
                        if let Err(error) = self.execute(order, now) {
                            return Poll::Ready(self.close_reason_or(cx, now, error));
                        }
                    }
                    Poll::Ready(None) => self.drained = true,
                    Poll::Pending => break,
                }
            }
            if self.unflushed == 0 {
                break;
            }
            match ready!(self.poll_flush(cx)) {
                Ok(()) => self.unflushed = 0,
                Err(error) => return Poll::Ready(self.close_reason_or(cx, now, error)),
            }
            self.release_capacity();
        }
        self.release_capacity();
        if self.drained { Poll::Ready(Input::Unused) } else { Poll::Pending }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match &mut self.socket {
            Some(socket) => socket.poll_flush(cx),
            None => Poll::Ready(Err(Error::new(ErrorKind::Closed))),
        }
    }

    /// Returns the input for a failure to send. The error of a close frame that has arrived takes precedence.
    fn close_reason_or(&mut self, cx: &mut Context<'_>, now: Instant, error: Error) -> Input {
        for _ in 0..LAST_READS {
            match self.poll_burst(cx, now, Reading::Regardless, &mut false) {
                Poll::Ready(Input::Lost(said)) if said.close_code().is_some() => return Input::Lost(said),
                Poll::Ready(_) => break,
                Poll::Pending => {}
            }
        }
        Input::Lost(error)
    }

    /// Frees the room of the orders that were sent.
    pub(super) fn release_capacity(&mut self) {
        for left in self.flush_waiters.drain(..) {
            // Whoever has gone away need not know.
            let _ = left.send(());
        }
        if self.unreleased > 0 {
            self.line.release_capacity(std::mem::take(&mut self.unreleased));
        }
    }

    fn execute(&mut self, order: Command, now: Instant) -> Result<()> {
        let (message, cost) = match order {
            Command::SendChunk { track, utterance, message, flushed, cost } => {
                let current = track.utterance() == utterance;
                self.flush_waiters.extend(flushed);
                (current.then_some(message), cost)
            }
            Command::AddTrack { track, message, cost } => {
                self.tracks.push((track, message.clone()));
                (Some(message), cost)
            }
            Command::RemoveTrack { track, message, cost } => {
                // Two clones may remove it at once; once is enough.
                let known = self.tracks.iter().position(|(known, _)| known.id == track.id);
                (known.map(|at| self.tracks.remove(at)).map(|_| message), cost)
            }
            Command::InterruptTrack { track, message } => {
                track.interrupt_sent();
                (Some(message), 0)
            }
            Command::CaptureImage { track_id, sender, cost } => {
                match sender {
                    Some(sender) => self.captures.add_waiter(track_id, sender, now),
                    None => self.captures.request_for_stream(track_id, now),
                }
                self.unreleased += cost as usize;
                return self.ask_for_images(now);
            }
        };
        self.unreleased += cost as usize;
        message.map_or(Ok(()), |message| self.feed(message))
    }

    fn ask_for_images(&mut self, now: Instant) -> Result<()> {
        for track in self.captures.take_due(now) {
            self.feed(encode(Content::CaptureImage(CaptureImage { track_id: track.into() })))?;
        }
        Ok(())
    }

    fn feed(&mut self, message: Vec<u8>) -> Result<()> {
        self.unflushed += message.len();
        match &mut self.socket {
            Some(socket) => socket.feed(message),
            None => Err(Error::new(ErrorKind::Closed)),
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Input> {
        let (behind, mut heard) = (self.behind, false);
        let outcome = self.poll_burst(cx, now, Reading::WithRoom, &mut heard);
        if heard {
            // Messages that waited for the receiver do not show that the connection works now.
            let input = if behind { Input::ReadsPaused } else { Input::Arrived };
            self.life.step(input, now, 0.0);
        }
        outcome
    }

    fn poll_burst(&mut self, cx: &mut Context<'_>, now: Instant, reading: Reading, heard: &mut bool) -> Poll<Input> {
        let flowing = self.life.state() == ConnectionState::Ready;
        for _ in 0..BURST {
            if flowing && reading == Reading::WithRoom {
                ready!(self.poll_room(cx, now));
            }
            let Some(socket) = &mut self.socket else { return Poll::Ready(gone()) };
            let Poll::Ready(received) = socket.poll_next_unpin(cx) else {
                self.behind = false;
                return Poll::Pending;
            };
            let said = match received {
                Some(Ok(Received::Binary(frame))) => decode(&frame),
                Some(Ok(Received::Text)) => AgentFrame::Message(malformed(&[])),
                Some(Ok(Received::Control)) => {
                    *heard = true;
                    continue;
                }
                Some(Err(error)) => return Poll::Ready(Input::Lost(error)),
                None => return Poll::Ready(gone()),
            };
            *heard = true;
            match said {
                AgentFrame::Authenticated if flowing => {}
                AgentFrame::Authenticated => return Poll::Ready(Input::Authenticated),
                AgentFrame::Message(message) if flowing => self.deliver(message),
                AgentFrame::Image(image) if flowing => {
                    let delivery = self.captures.image(&image.track_id, now);
                    for waiter in delivery.waiters {
                        // Whoever has just gone away needs none.
                        let _ = waiter.send(image.clone());
                    }
                    if delivery.stream {
                        self.deliver(AgentMessage::TrackImage(image));
                    }
                }
                AgentFrame::Message(message) => {
                    if let Err(error) = self.early.push(message) {
                        return Poll::Ready(Input::Lost(error));
                    }
                }
                AgentFrame::Image(image) => {
                    if let Err(error) = self.early.push(AgentMessage::TrackImage(image)) {
                        return Poll::Ready(Input::Lost(error));
                    }
                }
            }
        }
        // Others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Passes a message to the receiver, or keeps it until there is room.
    pub(super) fn deliver(&mut self, message: AgentMessage) {
        if !self.held.is_empty() {
            self.held.push_back(message);
        } else if let Err(message) = self.line.incoming.push(message) {
            self.held.push_back(message);
        }
    }

    /// Waits until the receiver has room for the kept messages.
    fn poll_room(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        if self.held.is_empty() {
            return Poll::Ready(());
        }
        while let Some(message) = self.held.pop_front() {
            let Err(message) = self.line.incoming.push(message) else { continue };
            let size = message.size();
            self.held.push_front(message);
            if self.line.incoming.poll_room(size, cx).is_pending() {
                self.behind = true;
                return Poll::Pending;
            }
        }
        // Silence counts from here, where reading resumes.
        self.life.step(Input::ReadsPaused, now, 0.0);
        Poll::Ready(())
    }

    /// Acts on the deadlines that have passed, and sets the timer for the next one.
    fn poll_time(&mut self, cx: &mut Context<'_>, mut now: Instant, mut timer: Pin<&mut Sleep>) -> Poll<Input> {
        loop {
            // A deadline that has moved away is looked at when the timer fires; to set it anew every time costs more.
            let deadline = self.deadline(now);
            if deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            // A timer of Tokio does not fire while the task uses up its budget in every turn, as in a flood of pings.
            if timer.as_mut().poll(cx).is_pending() && now < deadline {
                return Poll::Pending;
            }
            now = Instant::now();
            if self.is_held_up() {
                self.life.step(Input::ReadsPaused, now, 0.0);
                if let Err(error) = self.show_life(now) {
                    return Poll::Ready(Input::Lost(error));
                }
            }
            if self.life.deadline() <= now {
                return Poll::Ready(Input::TimedOut);
            }
            if self.closing.is_some_and(|limit| limit <= now) {
                let late = format!("not everything was sent within {FLUSH:?}");
                return Poll::Ready(Input::Lost(self.life.timed_out(late)));
            }
            if self.life.state() == ConnectionState::Ready
                && let Err(error) = self.ask_for_images(now).and_then(|()| self.ask_for_life(now))
            {
                return Poll::Ready(self.close_reason_or(cx, now, error));
            }
            if let Poll::Ready(input) = self.poll_write(cx, now) {
                return Poll::Ready(input);
            }
            timer.as_mut().reset(self.deadline(now));
        }
    }

    /// Returns `true` if the receiver keeps the session from reading.
    fn is_held_up(&self) -> bool {
        !self.held.is_empty() && self.life.state() == ConnectionState::Ready
    }

    /// Returns the time of the next action.
    fn deadline(&self, now: Instant) -> Instant {
        let silence = if self.is_held_up() { self.shown + PONG_INTERVAL } else { self.life.deadline() };
        let asking = (self.life.state() == ConnectionState::Ready && !self.is_held_up()).then(|| self.asking());
        let images = match self.life.state() {
            ConnectionState::Ready => self.captures.deadline(now),
            _ => None,
        };
        [Some(silence), asking, images, self.closing].into_iter().flatten().min().unwrap_or(silence)
    }

    /// Returns the time of the next ping, unless something arrives before.
    fn asking(&self) -> Instant {
        self.life.heard().max(self.asked) + self.dial.quiet
    }

    /// Sends a ping if nothing has arrived for a while: a room can be silent for a long time.
    fn ask_for_life(&mut self, now: Instant) -> Result<()> {
        if self.is_held_up() || now < self.asking() {
            return Ok(());
        }
        self.asked = now;
        self.unflushed += 1;
        self.socket.as_mut().map_or(Ok(()), Socket::feed_ping)
    }

    /// Sends a pong from time to time: a session that does not read cannot answer pings.
    fn show_life(&mut self, now: Instant) -> Result<()> {
        if now < self.shown + PONG_INTERVAL {
            return Ok(());
        }
        self.shown = now;
        self.unflushed += 1;
        self.socket.as_mut().map_or(Ok(()), Socket::feed_pong)
    }
}
