//! The task behind a notifier: does what the state machine says and tells it what came of it.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::{
    hub::{HeldUp, Hub},
    protocol::{self, Protocol},
    state::{ConnectionState, Input, Lifecycle, Lost, Step},
};
use crate::{
    error::{Error, ErrorKind, Result},
    events::{
        Event, Gap,
        decode::{Handshake, Message},
    },
    socket::{Received, Socket},
};

/// How often the server is shown that we live while a full queue keeps us from reading.
pub(crate) const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);
/// How many messages are read in one go before others have their turn.
const BURST: usize = 128;
/// How many notifications may come before they were promised; the service sends none.
const EARLY: usize = 4096;

/// Keeps up the connection for as long as somebody listens.
pub(super) async fn drive<N: Protocol>(serving: Serving<N>) {
    let hub = &*serving.hub;
    let now = Instant::now();
    let life = Lifecycle::new(hub.rules.clone(), now);
    let mut driver =
        Driver { hub, life, socket: None, unconfirmed: Vec::new(), early: Vec::new(), full: Vec::new(), shown: now };
    let error = driver.run().await;
    let socket = driver.socket.take();
    match error {
        Some(error) => serving.fail(error),
        None => serving.leave(),
    }
    if let Some(mut socket) = socket {
        // A server that does not read must not keep the connection.
        let _ = tokio::time::timeout(GOODBYE, socket.close()).await;
    }
}

/// That a task serves a hub. However the task ends, its listeners hear of it: also if its runtime ends under it.
pub(super) struct Serving<N> {
    hub: Arc<Hub<N>>,
    done: bool,
}

impl<N> Serving<N> {
    pub(super) fn new(hub: Arc<Hub<N>>) -> Self {
        Self { hub, done: false }
    }

    fn fail(mut self, error: Error) {
        self.done = true;
        self.hub.fail(error);
    }

    fn leave(mut self) {
        self.done = true;
    }
}

impl<N> Drop for Serving<N> {
    fn drop(&mut self) {
        if !self.done {
            let gone = "the task behind the notifier ended, as it does when its runtime is shut down";
            self.hub.fail(Error::new(ErrorKind::Closed).message_text(gone));
        }
    }
}

struct Driver<'a, N> {
    hub: &'a Hub<N>,
    life: Lifecycle,
    socket: Option<Socket>,
    /// What was asked for and is not promised yet.
    unconfirmed: Vec<i32>,
    /// Notifications that came before they were promised.
    early: Vec<N>,
    /// Who has no room for the present event.
    full: Vec<HeldUp<N>>,
    /// When the server was last shown that we live.
    shown: Instant,
}

impl<N: Protocol> Driver<'_, N> {
    /// Returns why the connection ended, or nothing if nobody listens any more.
    async fn run(&mut self) -> Option<Error> {
        let mut step = Step::Open;
        loop {
            let input = match step {
                Step::Open => self.open().await,
                Step::Subscribe => self.subscribe().await,
                Step::Flow(lost) => self.flow(lost).await,
                Step::Listen => self.listen().await,
                Step::Rest => self.rest().await,
                Step::Fail(error) => return Some(error),
                Step::Leave => return None,
            };
            if let Input::Lost(error) = &input {
                tracing::info!(%error, "the notifier has lost its connection");
            }
            step = self.life.step(input, Instant::now(), fastrand::f64());
            // That notifications flow is told by `flow`, after what was missed.
            if !matches!(step, Step::Fail(_) | Step::Leave | Step::Flow(_)) {
                self.hub.tell(self.life.state(), None);
            }
        }
    }

    async fn open(&mut self) -> Input {
        let (hub, mut opened) = (self.hub, None);
        let opening = async {
            match protocol::open::<N>(&hub.server).await {
                Ok(socket) => {
                    opened = Some(socket);
                    Input::Opened
                }
                Err(error) => Input::Lost(error),
            }
        };
        let input = unless_late(hub, self.life.deadline(), opening).await;
        self.socket = opened;
        input
    }

    async fn subscribe(&mut self) -> Input {
        let Some(socket) = &mut self.socket else { return gone() };
        self.unconfirmed = self.hub.server.wanted.to_vec();
        let asking = async {
            match protocol::subscribe::<N>(socket, &self.hub.server).await {
                Ok(()) => Input::Heard,
                Err(error) => Input::Lost(error),
            }
        };
        unless_late(self.hub, self.life.deadline(), asking).await
    }

    /// Tells what was missed and what came early, then goes on.
    async fn flow(&mut self, lost: Option<Lost>) -> Input {
        if let Some(Lost { since, reason }) = lost
            && let Err(input) = self.deliver(gap(since, reason)).await
        {
            return input;
        }
        self.hub.tell(self.life.state(), None);
        for notification in std::mem::take(&mut self.early) {
            if let Err(input) = self.deliver(Event::Notification(notification)).await {
                return input;
            }
        }
        self.listen().await
    }

    async fn rest(&mut self) -> Input {
        self.socket = None;
        self.unconfirmed.clear();
        self.early.clear();
        unless_late(self.hub, self.life.deadline(), std::future::pending()).await
    }

    /// Reads until something happens that the state machine must decide on.
    async fn listen(&mut self) -> Input {
        let mut read = 0;
        loop {
            let Some(socket) = &mut self.socket else { return gone() };
            // What is there already is read without setting a timer.
            let arrival = match socket.next().now_or_never() {
                Some(arrival) => arrival,
                None => {
                    let mut arrival = None;
                    let arriving = async {
                        arrival = Some(socket.next().await);
                        Input::Heard
                    };
                    match unless_late(self.hub, self.life.deadline(), arriving).await {
                        Input::Heard => arrival.flatten(),
                        input => return input,
                    }
                }
            };
            if let Err(input) = self.take(arrival).await {
                return input;
            }
            self.life.step(Input::Heard, Instant::now(), 0.0);
            read += 1;
            if read % BURST == 0 {
                if self.hub.is_deserted() {
                    return Input::Deserted;
                }
                tokio::task::yield_now().await;
            }
        }
    }

    /// What one arrival means; an error is for the state machine.
    async fn take(&mut self, arrival: Option<Result<Received>>) -> Result<(), Input> {
        let message = match arrival {
            Some(Ok(Received::Binary(frame))) => N::decode(&frame),
            Some(Ok(Received::Alive)) => return Ok(()),
            Some(Ok(Received::Text)) => Err(Error::new(ErrorKind::WebSocket).message_text("the server sent text")),
            Some(Err(error)) => return Err(Input::Lost(error)),
            None => return Err(gone()),
        };
        let flowing = self.life.state() == ConnectionState::Ready;
        match message {
            Ok(Message::Notifications(notifications)) if flowing => {
                for notification in notifications {
                    self.deliver(Event::Notification(notification)).await?;
                }
                Ok(())
            }
            Ok(Message::Notifications(notifications)) if self.early.len() + notifications.len() <= EARLY => {
                self.early.extend(notifications);
                Ok(())
            }
            Ok(Message::Handshake(Handshake::Authenticated)) => Err(Input::Authenticated),
            Ok(Message::Handshake(Handshake::Subscribed(events))) if self.hub.server.wanted.contains(&events) => {
                self.unconfirmed.retain(|unconfirmed| *unconfirmed != events);
                if self.unconfirmed.is_empty() { Err(Input::Subscribed) } else { Ok(()) }
            }
            // Something was said that we cannot know: no reason to miss what comes next, but a gap.
            Err(reason) if flowing => self.deliver(gap(self.life.heard(), reason)).await,
            Err(reason) => Err(Input::Lost(reason)),
            Ok(_) => {
                let odd = Error::new(ErrorKind::WebSocket).message_text("the server broke the protocol");
                Err(Input::Lost(odd))
            }
        }
    }

    /// Gives an event to all who listen, and waits for those who must not lose it.
    async fn deliver(&mut self, event: Event<N>) -> Result<(), Input> {
        self.hub.offer(event, &mut self.full);
        if !self.full.is_empty() && self.shown + SIGN_OF_LIFE <= Instant::now() {
            // However short each wait is, together they keep us from reading the server's pings.
            self.show_life().await;
        }
        while let Some((queue, mut event)) = self.full.pop() {
            while let Err(back) = queue.push(event) {
                event = back;
                match unless_late(self.hub, self.shown + SIGN_OF_LIFE, queue.room().map(|()| Input::Heard)).await {
                    Input::Deserted => return Err(Input::Deserted),
                    Input::Late => self.show_life().await,
                    _ => {}
                }
                self.life.step(Input::Unread, Instant::now(), 0.0);
            }
        }
        Ok(())
    }

    async fn show_life(&mut self) {
        self.shown = Instant::now();
        if let Some(socket) = &mut self.socket {
            // If the connection is gone, reading will tell. A server that does not read must not hold us up.
            let _ = tokio::time::timeout(GOODBYE, socket.show_life()).await;
        }
    }
}

/// What comes of the work, unless nobody wants it any more or it takes too long.
async fn unless_late<N>(hub: &Hub<N>, deadline: Instant, work: impl Future<Output = Input>) -> Input {
    let mut work = pin!(work);
    let mut late = pin!(tokio::time::sleep_until(deadline));
    loop {
        tokio::select! {
            biased;
            input = &mut work => return input,
            () = hub.changed.notified() => {
                if hub.is_deserted() {
                    return Input::Deserted;
                }
            }
            () = &mut late => return Input::Late,
        }
    }
}

fn gone() -> Input {
    Input::Lost(Error::new(ErrorKind::Closed))
}

fn gap<N>(since: Instant, reason: Error) -> Event<N> {
    Event::Gap(Gap::since(since, reason))
}
