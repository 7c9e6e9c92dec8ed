//! The task behind a session: keeps up the connection, sends what the handles give it, and hands on what arrives.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    AgentRequest,
    agent_request::{AuthRequest, CaptureImage, Content},
};
use futures_util::StreamExt;
use reqwest::Url;
use tokio::{
    sync::{mpsc::UnboundedReceiver, oneshot},
    time::{Instant, Sleep, sleep_until, timeout},
};

use super::{
    Agent, AgentConnectOptions, AgentMessage, SessionEnd,
    image::Captures,
    line::{Line, Order, Serving, Voice, Waiting, Wish},
    message::{Said, decode, malformed},
};
use crate::{
    ConnectionState,
    error::{Error, ErrorKind, Result},
    events::Gap,
    notifier::{
        driver::SIGN_OF_LIFE,
        state::{Input, Lifecycle, Lost, Rules, Step},
    },
    secret::PeerToken,
    socket::{Purpose, Received, Socket},
};

/// How long what was taken may need to be sent when the session is disconnected.
const FLUSH: Duration = Duration::from_secs(10);
/// How long the other side may take to say goodbye, if somebody waits for it and if nobody does.
const GOODBYE: Duration = Duration::from_secs(2);
const SHORT_GOODBYE: Duration = Duration::from_millis(500);
/// How many messages are read in one go before others have their turn.
const BURST: usize = 128;
/// How many messages may come before the token is accepted, beside those that the receiver has room for; the service
/// sends none.
const EARLY: usize = 1024;
/// How long nothing may arrive before the service is asked whether it lives; sooner if the session is to count as dead
/// soon.
const QUIET: Duration = Duration::from_secs(25);
/// How often what has arrived is looked through for a goodbye when nothing can be sent any more.
const LAST_READS: usize = 16;
/// How many bytes are given to the socket before they are flushed.
const BATCH: usize = 64 * 1024;

/// Whom to call, and as whom.
pub(super) struct Dial {
    agent: Agent,
    url: Url,
    rules: Rules,
    /// How long nothing may arrive before the service is asked whether it lives.
    quiet: Duration,
    delete_on_end: bool,
}

impl Dial {
    pub(super) fn new(agent: &Agent, options: &AgentConnectOptions, url: Url) -> Self {
        let rules = options.rules();
        let quiet = QUIET.min(rules.idle / 3);
        Self { agent: agent.clone(), url, rules, quiet, delete_on_end: options.delete_on_end }
    }

    async fn open(&self) -> Result<Socket> {
        let token = self.agent.token();
        let http = self.agent.fishjam.transport.http();
        Socket::connect(http, self.url.clone(), credentials(token), token.expose(), Purpose::Agent).await
    }
}

fn credentials(token: &PeerToken) -> Vec<u8> {
    encode(Content::AuthRequest(AuthRequest { token: token.expose().to_owned() }))
}

/// A whole message.
pub(super) fn encode(content: Content) -> Vec<u8> {
    AgentRequest { content: Some(content) }.to_frame()
}

/// Keeps up the connection until it fails or nobody wants it.
pub(super) async fn drive(serving: Serving, orders: UnboundedReceiver<Order>, dial: Dial) {
    let line = &serving.0;
    let now = Instant::now();
    let mut driver = Driver {
        line,
        life: Lifecycle::new(dial.rules.clone(), now),
        dial,
        orders,
        socket: None,
        tracks: Vec::new(),
        captures: Captures::new(),
        begun: false,
        unflushed: 0,
        owed: 0,
        leaving: Vec::new(),
        heard: now,
        asked: now,
        held: VecDeque::new(),
        room: None,
        shown: now,
        closing: None,
        drained: false,
        farewell: Ok(()),
    };
    let end = match driver.run().await {
        Some(error) => SessionEnd::Lost(error),
        None => SessionEnd::Disconnected,
    };
    line.finish(end);
    driver.part().await;
}

struct Driver<'a> {
    line: &'a Arc<Line>,
    dial: Dial,
    life: Lifecycle,
    orders: UnboundedReceiver<Order>,
    socket: Option<Socket>,
    /// The tracks that the service knows of, to be added again.
    tracks: Vec<(Arc<Voice>, Vec<u8>)>,
    captures: Captures<Waiting>,
    /// Whether the token was ever accepted.
    begun: bool,
    /// How many bytes the socket has that are not flushed.
    unflushed: usize,
    /// What they, and what was not sent after all, cost.
    owed: usize,
    /// Who waits for it to leave.
    leaving: Vec<oneshot::Sender<()>>,
    /// When something last arrived.
    heard: Instant,
    /// When the service was last asked whether it lives.
    asked: Instant,
    /// What the receiver has no room for; nothing is read while there is any.
    held: VecDeque<AgentMessage>,
    /// Waits for that room.
    room: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// When the service was last shown that we live without reading.
    shown: Instant,
    /// Until when everything must be sent, if the session is being disconnected.
    closing: Option<Instant>,
    /// Whether everything that was taken has been given to the socket.
    drained: bool,
    /// How the disconnecting goes.
    farewell: Result<()>,
}

impl Driver<'_> {
    /// Returns why the connection ended, or nothing if nobody wants it any more.
    async fn run(&mut self) -> Option<Error> {
        let mut step = Step::Open;
        loop {
            let input = match step {
                Step::Open => self.open().await,
                Step::Subscribe => Input::Subscribed,
                Step::Flow(lost) => self.flow(lost).await,
                Step::Listen => self.exchange().await,
                Step::Rest => self.rest().await,
                Step::Fail(error) => return Some(error),
                Step::Leave => return None,
            };
            if let Input::Lost(error) = &input {
                if self.closing.is_some() {
                    self.farewell = Err(error.clone());
                    return None;
                }
                tracing::debug!(error = format_args!("{error:#}"), "an agent has lost its connection");
            }
            step = self.life.step(input, Instant::now(), fastrand::f64());
            // That audio flows is told by `flow`, after what was missed.
            if !matches!(step, Step::Fail(_) | Step::Leave | Step::Subscribe | Step::Flow(_)) {
                self.line.tell(self.life.state());
            }
        }
    }

    async fn open(&mut self) -> Input {
        // On the heap, and only for now: it is much larger than what stays.
        let opening = Box::pin(self.dial.open());
        tokio::select! {
            biased;
            opened = opening => match opened {
                Ok(socket) => {
                    self.socket = Some(socket);
                    Input::Opened
                }
                Err(error) => Input::Lost(error),
            },
            () = self.line.unwanted() => Input::Deserted,
            () = sleep_until(self.life.deadline()) => Input::Late,
        }
    }

    async fn rest(&mut self) -> Input {
        self.socket = None;
        self.unflushed = 0;
        self.captures.reconnected();
        self.settle();
        tokio::select! {
            biased;
            () = self.line.unwanted() => Input::Deserted,
            () = sleep_until(self.life.deadline()) => Input::Late,
        }
    }

    /// The token is accepted: restores what a lost connection had, and goes on.
    async fn flow(&mut self, lost: Option<Lost>) -> Input {
        self.begun = true;
        self.shown = Instant::now();
        (self.heard, self.asked) = (self.shown, self.shown);
        let Some(socket) = &mut self.socket else { return gone() };
        socket.prove();
        for (_, message) in &self.tracks {
            self.unflushed += message.len();
            if let Err(error) = socket.feed(message.clone()) {
                return Input::Lost(error);
            }
        }
        if let Some(Lost { since, reason }) = lost {
            self.hand_over(AgentMessage::Reconnected(Gap::since(since, reason)));
        }
        self.line.tell(ConnectionState::Ready);
        self.exchange().await
    }

    /// Sends and receives until something happens that the state machine must decide on.
    async fn exchange(&mut self) -> Input {
        let mut timer = pin!(sleep_until(self.deadline(Instant::now())));
        poll_fn(|cx| self.poll_exchange(cx, timer.as_mut())).await
    }

    fn poll_exchange(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<Input> {
        let now = Instant::now();
        match self.line.wished(cx.waker()) {
            Wish::Stay => {}
            Wish::Disconnect if self.life.state() == ConnectionState::Ready => {
                if self.closing.is_none() {
                    self.closing = Some(now + FLUSH);
                    self.orders.close();
                }
            }
            Wish::Disconnect | Wish::Leave => return Poll::Ready(Input::Deserted),
        }
        if let Poll::Ready(input) = self.poll_write(cx, now) {
            return Poll::Ready(input);
        }
        if let Poll::Ready(input) = self.poll_read(cx, now) {
            return Poll::Ready(input);
        }
        self.poll_time(cx, now, timer.as_mut())
    }

    /// Gives the socket what was taken, and flushes it.
    fn poll_write(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Input> {
        let flowing = self.life.state() == ConnectionState::Ready;
        loop {
            while flowing && !self.drained && self.unflushed < BATCH {
                match self.socket.as_mut().map(|socket| socket.poll_ready(cx)) {
                    Some(Poll::Ready(Ok(()))) => {}
                    Some(Poll::Ready(Err(error))) => return Poll::Ready(self.last_words(cx, now, error)),
                    Some(Poll::Pending) => return Poll::Pending,
                    None => return Poll::Ready(gone()),
                }
                match self.orders.poll_recv(cx) {
                    Poll::Ready(Some(order)) => {
                        if let Err(error) = self.carry_out(order, now) {
                            return Poll::Ready(self.last_words(cx, now, error));
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
                Err(error) => return Poll::Ready(self.last_words(cx, now, error)),
            }
            self.settle();
        }
        self.settle();
        if self.drained { Poll::Ready(Input::Deserted) } else { Poll::Pending }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match &mut self.socket {
            Some(socket) => socket.poll_flush(cx),
            None => Poll::Ready(Err(Error::new(ErrorKind::Closed))),
        }
    }

    /// Nothing can be sent any more: what the service said of it, if that has arrived already, or this error.
    fn last_words(&mut self, cx: &mut Context<'_>, now: Instant, error: Error) -> Input {
        for _ in 0..LAST_READS {
            match self.poll_burst(cx, now, &mut false) {
                Poll::Ready(Input::Lost(said)) if said.close_code().is_some() => return Input::Lost(said),
                Poll::Ready(_) => break,
                Poll::Pending => {}
            }
        }
        Input::Lost(error)
    }

    /// Gives back the room of what has left.
    fn settle(&mut self) {
        for left in self.leaving.drain(..) {
            // Whoever has gone away need not know.
            let _ = left.send(());
        }
        if self.owed > 0 {
            self.line.give_room(std::mem::take(&mut self.owed));
        }
    }

    fn carry_out(&mut self, order: Order, now: Instant) -> Result<()> {
        let (message, cost) = match order {
            Order::Chunk { voice, utterance, message, left, cost } => {
                let current = voice.utterance() == utterance;
                self.leaving.extend(left);
                (current.then_some(message), cost)
            }
            Order::Add { voice, message, cost } => {
                self.tracks.push((voice, message.clone()));
                (Some(message), cost)
            }
            Order::Remove { voice, message, cost } => {
                // Two clones may remove it at once; once is enough.
                let known = self.tracks.iter().position(|(known, _)| known.id == voice.id);
                (known.map(|at| self.tracks.remove(at)).map(|_| message), cost)
            }
            Order::Interrupt { voice, message } => {
                voice.tell_interruption();
                (Some(message), 0)
            }
            Order::Capture { track, waiter, cost } => {
                match waiter {
                    Some(waiter) => self.captures.wait(track, waiter, now),
                    None => self.captures.want(track, now),
                }
                self.owed += cost as usize;
                return self.ask_for_images(now);
            }
        };
        self.owed += cost as usize;
        message.map_or(Ok(()), |message| self.feed(message))
    }

    fn ask_for_images(&mut self, now: Instant) -> Result<()> {
        for track in self.captures.due(now) {
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
        let mut heard = false;
        let outcome = self.poll_burst(cx, now, &mut heard);
        if heard {
            self.heard = now;
            self.life.step(Input::Heard, now, 0.0);
        }
        outcome
    }

    fn poll_burst(&mut self, cx: &mut Context<'_>, now: Instant, heard: &mut bool) -> Poll<Input> {
        let flowing = self.life.state() == ConnectionState::Ready;
        for _ in 0..BURST {
            if flowing {
                ready!(self.poll_room(cx));
            } else if self.held.len() >= EARLY {
                let much = "the server says much, and not that it accepts the token";
                return Poll::Ready(Input::Lost(Error::new(ErrorKind::WebSocket).message_text(much)));
            }
            let Some(socket) = &mut self.socket else { return Poll::Ready(gone()) };
            let said = match ready!(socket.poll_next_unpin(cx)) {
                Some(Ok(Received::Binary(frame))) => decode(frame),
                Some(Ok(Received::Text)) => Said::Message(malformed(Bytes::new())),
                Some(Ok(Received::Alive)) => {
                    *heard = true;
                    continue;
                }
                Some(Err(error)) => return Poll::Ready(Input::Lost(error)),
                None => return Poll::Ready(gone()),
            };
            *heard = true;
            match said {
                Said::Authenticated if flowing => {}
                Said::Authenticated => return Poll::Ready(Input::Authenticated),
                Said::Message(AgentMessage::Unknown(unknown)) if !flowing && unknown.malformed => {
                    let odd = "the server answered the token with something else than a message";
                    return Poll::Ready(Input::Lost(Error::new(ErrorKind::Decode).message_text(odd)));
                }
                Said::Message(message) => self.hand_over(message),
                Said::Image(image) => {
                    let delivery = self.captures.frame(&image.track_id, now);
                    for waiter in delivery.waiters {
                        // Whoever has just gone away needs none.
                        let _ = waiter.send(image.clone());
                    }
                    if delivery.stream {
                        self.hand_over(AgentMessage::TrackImage(image));
                    }
                }
            }
        }
        // Others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Gives the receiver a message, or keeps it until there is room.
    fn hand_over(&mut self, message: AgentMessage) {
        if !self.held.is_empty() {
            self.held.push_back(message);
        } else if let Err(message) = self.line.incoming.push(message) {
            self.held.push_back(message);
        }
    }

    /// Waits until the receiver has taken what it had no room for.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(message) = self.held.pop_front() {
            let Err(message) = self.line.incoming.push(message) else { continue };
            self.held.push_front(message);
            let line = self.line;
            let room = self.room.get_or_insert_with(|| {
                let line = Arc::clone(line);
                Box::pin(async move { line.incoming.room().await })
            });
            ready!(room.as_mut().poll(cx));
            self.room = None;
        }
        self.room = None;
        Poll::Ready(())
    }

    /// Does what is due, and sees to it that the task is woken when something is.
    fn poll_time(&mut self, cx: &mut Context<'_>, mut now: Instant, mut timer: Pin<&mut Sleep>) -> Poll<Input> {
        loop {
            // A deadline that has moved away is looked at when the timer fires; to set it anew every time costs more.
            let deadline = self.deadline(now);
            if deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            ready!(timer.as_mut().poll(cx));
            now = Instant::now();
            if self.is_held_up() {
                self.life.step(Input::Unread, now, 0.0);
                if let Err(error) = self.show_life(now) {
                    return Poll::Ready(Input::Lost(error));
                }
            }
            if self.life.deadline() <= now {
                return Poll::Ready(Input::Late);
            }
            if self.closing.is_some_and(|limit| limit <= now) {
                let late = format!("not everything was sent within {FLUSH:?}");
                return Poll::Ready(Input::Lost(Error::new(ErrorKind::Timeout).message_text(late)));
            }
            if self.life.state() == ConnectionState::Ready
                && let Err(error) = self.ask_for_images(now).and_then(|()| self.ask_for_life(now))
            {
                return Poll::Ready(self.last_words(cx, now, error));
            }
            if let Poll::Ready(input) = self.poll_write(cx, now) {
                return Poll::Ready(input);
            }
            timer.as_mut().reset(self.deadline(now));
        }
    }

    /// Whether the receiver keeps us from reading.
    fn is_held_up(&self) -> bool {
        !self.held.is_empty() && self.life.state() == ConnectionState::Ready
    }

    /// When something is due.
    fn deadline(&self, now: Instant) -> Instant {
        let silence = if self.is_held_up() { self.shown + SIGN_OF_LIFE } else { self.life.deadline() };
        let asking = (self.life.state() == ConnectionState::Ready && !self.is_held_up()).then(|| self.asking());
        let images = match self.life.state() {
            ConnectionState::Ready => self.captures.deadline(now),
            _ => None,
        };
        [Some(silence), asking, images, self.closing].into_iter().flatten().min().unwrap_or(silence)
    }

    /// When the service is next asked whether it lives, unless something arrives.
    fn asking(&self) -> Instant {
        self.heard.max(self.asked) + self.dial.quiet
    }

    /// Asks the service whether it lives, if nothing has arrived for a while: a room may be quiet for long.
    fn ask_for_life(&mut self, now: Instant) -> Result<()> {
        if self.is_held_up() || now < self.asking() {
            return Ok(());
        }
        self.asked = now;
        self.unflushed += 1;
        self.socket.as_mut().map_or(Ok(()), Socket::feed_question)
    }

    /// Shows the service that we live, from time to time: while we do not read we cannot answer its pings.
    fn show_life(&mut self, now: Instant) -> Result<()> {
        if now < self.shown + SIGN_OF_LIFE {
            return Ok(());
        }
        self.shown = now;
        self.unflushed += 1;
        self.socket.as_mut().map_or(Ok(()), Socket::feed_life)
    }

    /// Says goodbye.
    async fn part(mut self) {
        // Whoever waits for an image hears why it does not come.
        self.captures = Captures::new();
        self.leaving.clear();
        let awaited = self.line.wished(Waker::noop()) == Wish::Disconnect;
        self.orders.close();
        let mut speechless = false;
        // Whoever waits for one of these hears of the end now, and not after the goodbye.
        while let Ok(order) = self.orders.try_recv() {
            speechless |= matches!(&order, Order::Chunk { voice, utterance, .. } if voice.utterance() == *utterance);
        }
        if awaited && self.farewell.is_ok() && speechless {
            let unsent = "the session was disconnected while its connection was lost, and not everything was sent";
            self.farewell = Err(Error::new(ErrorKind::Connection).message_text(unsent));
        }
        if let Some(mut socket) = self.socket.take() {
            let limit = if awaited { GOODBYE } else { SHORT_GOODBYE };
            // A server that does not answer must not keep the connection.
            let _ = timeout(limit, socket.close_in_peace()).await;
        }
        if self.dial.delete_on_end && self.begun {
            let deleted = Box::pin(self.dial.agent.delete()).await;
            if let Err(error) = &deleted {
                tracing::warn!(
                    error = format_args!("{error:#}"),
                    "an agent could not be deleted when its session ended"
                );
            }
            self.farewell = self.farewell.and(deleted);
        }
        self.line.part(self.farewell);
    }
}

fn gone() -> Input {
    Input::Lost(Error::new(ErrorKind::Closed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FishjamClient;

    #[test]
    fn a_session_takes_little_beside_its_socket() {
        let fishjam = FishjamClient::new("id", "token").unwrap();
        let agent = fishjam.agent("r", "p", "token", None).unwrap();
        let options = AgentConnectOptions::default();
        let (line, orders) = Line::new(&options, agent.hears);
        let dial = Dial::new(&agent, &options, Url::parse("http://localhost").unwrap());
        let shared = size_of_val(&*line);
        let task = size_of_val(&drive(Serving(line), orders, dial));
        assert!(task < 8 * 1024 && shared < 1024, "{task} and {shared} bytes");
    }
}
