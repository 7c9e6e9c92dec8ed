//! The exchange on an open socket, as a sequence of turns: demand, writes, reads, timer.

use std::{
    future::{Future, poll_fn},
    mem::take,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::StreamExt;
use tokio::{
    task::{coop::has_budget_remaining, yield_now},
    time::{Instant, Sleep, sleep_until},
};

use super::Driver;
use crate::{
    connection::{
        lifecycle::{ConnectionState, Input},
        policy::PONG_INTERVAL,
        protocol::{Demand, Outgoing, Progress, Protocol, ReadContext},
        socket::Received,
    },
    error::{Error, ErrorKind, Result},
};

/// The maximum number of messages that are read before other tasks run.
const READ_BURST: usize = 256;
/// The maximum size of these messages, in bytes. The last message may exceed it.
const READ_BURST_BYTES: usize = 1024 * 1024;
/// The maximum number of bursts that are read in search of a close frame, after a write has failed.
const LAST_BURSTS: usize = 16;
/// The maximum number of commands that a turn executes: half of Tokio's budget, so that the reads have the other half.
const SEND_BURST: usize = 64;
/// The maximum size of the messages that a turn sends, in bytes. The last message may exceed it.
const WRITE_BATCH: usize = 64 * 1024;
/// The maximum duration of a drain.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The result of a turn.
enum TurnResult {
    /// The lifecycle decides on this input.
    Decide(Input),
    /// A full burst was read or sent. More can wait, and no waker is registered for it.
    Yield,
}

/// The reason for the end of a burst.
#[derive(PartialEq, Eq)]
enum Burst {
    /// The socket is empty.
    Empty,
    /// More can wait in the socket.
    Full,
    /// The last read has an outcome.
    Outcome,
}

/// The condition for a read from a ready connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The protocol has room for a message.
    WithRoom,
    /// None: a write has failed, and the close frame may have arrived.
    Regardless,
}

impl<P: Protocol> Driver<'_, P> {
    /// Exchanges messages until the lifecycle must decide. Without a socket, this waits for the next attempt.
    pub(super) async fn exchange(&mut self) -> Input {
        // One timer for all deadlines. The exchange keeps this timer, because creating a timer takes a lock.
        let mut timer = pin!(sleep_until(self.next_deadline(Instant::now())));
        loop {
            match poll_fn(|cx| self.poll_turn(cx, timer.as_mut())).await {
                TurnResult::Decide(input) => return input,
                // `wake_by_ref` would put the task at the front of its worker's queue, before the consumer of the
                // messages. `yield_now` lets all other tasks run first.
                TurnResult::Yield => yield_now().await,
            }
        }
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>, timer: Pin<&mut Sleep>) -> Poll<TurnResult> {
        let now = Instant::now();
        self.demand = self.protocol.poll_demand(cx);
        match self.demand {
            Demand::Stay => {}
            Demand::Drain if self.is_ready() => {
                if self.drain_deadline.is_none() {
                    self.drain_deadline = Some(now + DRAIN_TIMEOUT);
                    self.protocol.drain();
                }
            }
            Demand::Drain | Demand::Close => return Poll::Ready(TurnResult::Decide(Input::Unused)),
        }
        // Writes come first: audio that waits to be sent is worth more than a message that waits to be read.
        let written = self.poll_write(cx, now);
        if let Poll::Ready(Some(input)) = written {
            return Poll::Ready(TurnResult::Decide(input));
        }
        let read = self.poll_read(cx, now);
        if let Poll::Ready(Some(input)) = read {
            return Poll::Ready(TurnResult::Decide(input));
        }
        // The timer comes last in every turn: a flood of messages must not delay a deadline.
        let timed = self.poll_time(cx, now, timer);
        if let Poll::Ready(Some(input)) = timed {
            return Poll::Ready(TurnResult::Decide(input));
        }
        let full = written.is_ready() || read.is_ready() || timed.is_ready();
        if full { Poll::Ready(TurnResult::Yield) } else { Poll::Pending }
    }

    /// Passes a burst of commands to the socket and flushes it. Returns `None` if the burst was full.
    ///
    /// Without a command and without unflushed bytes, this does nothing.
    fn poll_write(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Option<Input>> {
        let Some(socket) = &mut self.socket else { return Poll::Pending };
        // Whether no command waits. The waker is then registered for the next command.
        let mut idle = self.life.state() != ConnectionState::Ready;
        let mut left = SEND_BURST;
        while !idle && !self.drained && self.unflushed < WRITE_BATCH && left > 0 {
            // A socket that cannot write takes no further command: an interruption can still cancel it, and the next
            // connection can send it. If only a ping or pong failed, reading reports the loss.
            match ready!(socket.poll_ready(cx)) {
                Err(error) if self.unflushed > 0 => {
                    return Poll::Ready(Some(self.close_reason_or(cx, now, error)));
                }
                _ => {}
            }
            match self.protocol.poll_send(cx, &mut Outgoing::new(socket, &mut self.unflushed)) {
                Poll::Ready(Ok(Progress::More)) => left -= 1,
                Poll::Ready(Ok(Progress::Done)) => self.drained = true,
                Poll::Ready(Err(error)) => return Poll::Ready(Some(self.close_reason_or(cx, now, error))),
                Poll::Pending => idle = true,
            }
        }
        if self.unflushed > 0 || self.unflushed_control {
            match ready!(socket.poll_flush(cx)) {
                // If a ping or pong cannot be sent, reading reports the reason, after the messages that have arrived.
                Err(error) if self.unflushed > 0 => {
                    return Poll::Ready(Some(self.close_reason_or(cx, now, error)));
                }
                _ => (self.unflushed, self.unflushed_control) = (0, false),
            }
        }
        // This also happens without a flush, because a canceled command sends nothing.
        self.protocol.flushed();
        match self.drained {
            true => Poll::Ready(Some(Input::Unused)),
            false if idle => Poll::Pending,
            false => Poll::Ready(None),
        }
    }

    /// Returns the input for a failure to send. The error of a close frame that has arrived takes precedence.
    ///
    /// The search ignores whether the protocol has room: a stuck consumer must not hide why the server closed the
    /// connection. The search is bounded, because a server can send faster than this reads.
    fn close_reason_or(&mut self, cx: &mut Context<'_>, now: Instant, error: Error) -> Input {
        if let Some(socket) = &mut self.socket {
            socket.read_again();
        }
        for _ in 0..LAST_BURSTS {
            if self.outcome.is_some() || self.read_burst(cx, now, Reading::Regardless) != Burst::Full {
                break;
            }
        }
        // Consumers with room get the messages that were just read. The others get them after the reconnect. If a gap
        // still waits, the early messages do not follow: the loss drops them, and the gap covers their time.
        let _ = self.protocol.poll_deliver(cx);
        match self.outcome.take() {
            Some(Input::Lost(reason)) if reason.close_code().is_some() => Input::Lost(reason),
            _ => Input::Lost(error),
        }
    }

    /// Delivers the messages that wait, and reads a burst of others. Returns `None` if the burst was full.
    fn poll_read(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Option<Input>> {
        ready!(self.poll_deliver(cx, now));
        if self.outcome.is_none() {
            let burst = self.read_burst(cx, now, Reading::WithRoom);
            ready!(self.poll_deliver(cx, now));
            match burst {
                Burst::Empty => return Poll::Pending,
                Burst::Full => return Poll::Ready(None),
                Burst::Outcome => {}
            }
        }
        // The messages before a loss are delivered before the loss is reported.
        Poll::Ready(self.outcome.take())
    }

    /// Delivers the messages that wait. While a consumer has no room, a ready connection does not read.
    fn poll_deliver(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        loop {
            let delivered = self.protocol.poll_deliver(cx);
            if !self.is_ready() {
                // The handshake does not wait for consumers: it has a deadline.
                return Poll::Ready(());
            }
            if delivered.is_pending() {
                (self.paused, self.stale_reads) = (true, true);
                return Poll::Pending;
            }
            if take(&mut self.paused) {
                // Silence counts from here, where the reads resume.
                self.life.step(Input::ReadsPaused, now, 0.0);
            }
            if !take(&mut self.resuming) {
                return Poll::Ready(());
            }
            // The gap is delivered. The early messages follow the new state, in another round.
            self.protocol.set_state(ConnectionState::Ready);
        }
    }

    /// Reads messages until the socket is empty, the burst is full, or there is an outcome.
    fn read_burst(&mut self, cx: &mut Context<'_>, now: Instant, reading: Reading) -> Burst {
        let is_ready = self.is_ready();
        let read = ReadContext { ready: is_ready, now, heard: self.life.heard() };
        // The whole burst counts as stale, even if it empties the socket.
        let stale = self.stale_reads;
        let (mut heard, mut bytes, mut burst) = (false, 0, Burst::Full);
        for _ in 0..READ_BURST {
            let room = !is_ready || reading == Reading::Regardless || self.protocol.has_room();
            if bytes >= READ_BURST_BYTES || !room {
                break;
            }
            let Some(socket) = &mut self.socket else {
                burst = Burst::Empty;
                break;
            };
            let Poll::Ready(received) = socket.poll_next_unpin(cx) else {
                // Without budget, the task gets `Pending` even from a socket that has messages.
                if has_budget_remaining() {
                    self.stale_reads = false;
                }
                burst = Burst::Empty;
                break;
            };
            let outcome = match received {
                Some(Ok(Received::Binary(frame))) => {
                    bytes += frame.len();
                    self.protocol.receive(&frame, read)
                }
                Some(Ok(Received::Text(text))) => {
                    bytes += text.len();
                    self.protocol.receive_text(&text, read).map(|()| None)
                }
                Some(Ok(Received::Control)) => Ok(None),
                Some(Err(error)) => Err(error),
                None => Err(Error::new(ErrorKind::Closed)),
            };
            // A close frame does not prove that the connection worked until now.
            heard |= outcome.is_ok();
            self.outcome = match outcome {
                Ok(None) => continue,
                Ok(Some(input)) => Some(input),
                Err(error) => Some(Input::Lost(error)),
            };
            burst = Burst::Outcome;
            break;
        }
        if heard {
            self.life.step(if stale { Input::ReadsPaused } else { Input::Arrived }, now, 0.0);
        }
        burst
    }

    /// Acts on the deadlines that have passed, and sets the timer for the next one.
    ///
    /// Returns `None` if a full burst was sent afterwards.
    fn poll_time(&mut self, cx: &mut Context<'_>, mut now: Instant, mut timer: Pin<&mut Sleep>) -> Poll<Option<Input>> {
        loop {
            // If the deadline was moved, the timer fires too early and is set again. That costs less than setting it
            // after each message.
            let deadline = self.next_deadline(now);
            if deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            // Tokio's timer does not fire while the task uses up its budget in each turn, as in a flood of pings.
            if timer.as_mut().poll(cx).is_pending() && now < deadline {
                return Poll::Pending;
            }
            now = Instant::now();
            if !self.paused && self.life.deadline() <= now {
                return Poll::Ready(Some(Input::TimedOut));
            }
            if self.drain_deadline.is_some_and(|limit| limit <= now) {
                let late = format!("not everything was sent within {DRAIN_TIMEOUT:?}");
                return Poll::Ready(Some(Input::Lost(self.life.timed_out(late))));
            }
            if let Err(error) = self.on_deadline(now) {
                return Poll::Ready(Some(self.close_reason_or(cx, now, error)));
            }
            timer.as_mut().reset(self.next_deadline(now));
            if let Poll::Ready(written) = self.poll_write(cx, now) {
                return Poll::Ready(written);
            }
        }
    }

    /// Sends a ping or a pong if it is due, and lets the protocol act on its deadline.
    fn on_deadline(&mut self, now: Instant) -> Result<()> {
        let (is_ready, next_ping) = (self.is_ready(), self.next_ping());
        let Some(socket) = self.socket.as_mut().filter(|_| is_ready) else { return Ok(()) };
        if self.paused {
            // A session that does not read cannot respond to pings. After several short
            // pauses, a ping can still be unread. If a pong cannot be sent, the session notices the loss when the reads resume.
            if self.last_pong + PONG_INTERVAL <= now {
                self.last_pong = now;
                self.unflushed_control |= socket.feed_pong().is_ok();
            }
        } else if next_ping.is_some_and(|ping| ping <= now) {
            self.last_ping = now;
            self.unflushed_control |= socket.feed_ping().is_ok();
        }
        self.protocol.on_deadline(now, &mut Outgoing::new(socket, &mut self.unflushed))
    }

    /// Returns the time of the next action.
    fn next_deadline(&self, now: Instant) -> Instant {
        // While the reads are paused, silence does not mean that the server is gone, and the server needs pongs.
        let silence = if self.paused { self.last_pong + PONG_INTERVAL } else { self.life.deadline() };
        let (ping, own) = match self.is_ready() {
            true => (self.next_ping().filter(|_| !self.paused), self.protocol.deadline(now)),
            false => (None, None),
        };
        [ping, own, self.drain_deadline].into_iter().flatten().fold(silence, Instant::min)
    }

    /// Returns the time of the next ping, unless a message arrives before.
    fn next_ping(&self) -> Option<Instant> {
        self.ping_after.map(|quiet| self.life.heard().max(self.last_ping) + quiet)
    }
}
