//! The task behind a notifier: does what the state machine says and tells it what came of it.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::{
    codec::{self, Protocol},
    encoded_events::Backlog,
    hub::{HeldUp, Hub},
};
use crate::{
    connection::socket::{Received, Socket},
    connection::{
        lifecycle::{Action, ConnectionLoss, ConnectionState, Input, Lifecycle},
        log::log_step,
        policy::PONG_INTERVAL,
        queue::QueueStorage,
    },
    error::{Error, ErrorKind, Result},
    events::{
        Event, Gap,
        contents::{Handshake, Message},
    },
};

/// How long a goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// How many messages are read in one go before others have their turn.
const BURST: usize = 256;
/// How many notifications may come before they were promised: Fishjam sends none, Jellyfish some if two kinds are asked
/// for.
const EARLY: usize = 4096;
/// The maximum size of these notifications, in bytes: two of the largest messages.
const EARLY_BYTES: usize = 32 * 1024 * 1024;
/// The size of the events that are read before they are delivered, in bytes; the last event may exceed it.
const BURST_BYTES: usize = 1024 * 1024;

/// Keeps up the connection for as long as somebody listens.
pub(super) async fn drive<N: Protocol>(serving: Serving<N>) {
    let hub = &*serving.hub;
    let now = Instant::now();
    let life = Lifecycle::new(hub.rules.clone(), hub.server.proxy(), now);
    let mut driver = Driver {
        hub,
        life,
        socket: None,
        unconfirmed: Vec::new(),
        early: Backlog::default(),
        ready: Backlog::default(),
        full: Vec::new(),
        shown: now,
        behind: false,
    };
    let error = driver.run().await;
    let socket = driver.socket.take();
    match error {
        Some(error) => serving.fail(error),
        None => serving.leave(),
    }
    if let Some(mut socket) = socket {
        // A server that does not read must not keep the connection.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, socket.close()).await;
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
    early: Backlog<N>,
    /// What came and is to be delivered next.
    ready: Backlog<N>,
    /// Who has no room for what came, and what that is.
    full: Vec<HeldUp<N>>,
    /// When the server was last shown that we live.
    shown: Instant,
    /// What is read has waited for us, so that it does not show that the connection works now.
    behind: bool,
}

impl<N: Protocol> Driver<'_, N> {
    /// Returns why the connection ended, or nothing if nobody listens any more.
    async fn run(&mut self) -> Option<Error> {
        let mut step = Action::Connect;
        loop {
            let input = match step {
                Action::Connect => self.open().await,
                Action::Subscribe => self.subscribe().await,
                Action::Resume(lost) => self.flow(lost).await,
                Action::Exchange => self.listen().await,
                Action::Wait(_) => self.rest().await,
                Action::Fail(error) => return Some(error),
                Action::Close => return None,
            };
            let (before, now) = (self.life.state(), Instant::now());
            step = self.life.step(input, now, fastrand::f64());
            log_step("notifier", &self.life, before, &step, now);
            // That notifications flow is told by `flow`, after what was missed.
            if !matches!(step, Action::Fail(_) | Action::Close | Action::Resume(_)) {
                self.hub.tell(self.life.state());
            }
        }
    }

    async fn open(&mut self) -> Input {
        let (hub, mut opened) = (self.hub, None);
        let opening = async {
            match codec::open::<N>(&hub.server).await {
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
            match codec::subscribe::<N>(socket, &self.hub.server).await {
                Ok(()) => Input::Arrived,
                Err(error) => Input::Lost(error),
            }
        };
        unless_late(self.hub, self.life.deadline(), asking).await
    }

    /// Tells what was missed and what came early, then goes on.
    async fn flow(&mut self, lost: Option<ConnectionLoss>) -> Input {
        if let Some(ConnectionLoss { since, reason, .. }) = lost {
            self.ready.push(gap(since, reason));
        }
        if let Err(input) = self.deliver().await {
            return input;
        }
        self.hub.tell(self.life.state());
        self.early.move_to(&mut self.ready, usize::MAX);
        match self.deliver().await {
            Ok(()) => self.listen().await,
            Err(input) => input,
        }
    }

    async fn rest(&mut self) -> Input {
        self.socket = None;
        self.unconfirmed.clear();
        self.early.clear();
        unless_late(self.hub, self.life.deadline(), std::future::pending()).await
    }

    /// Reads until something happens that the state machine must decide on.
    async fn listen(&mut self) -> Input {
        loop {
            // What is there already is read in one go and without setting a timer.
            let mut outcome = Ok(());
            let mut messages = 0;
            while messages < BURST && !self.has_burst() && outcome.is_ok() {
                let Some(socket) = &mut self.socket else { return gone() };
                let Some(arrival) = socket.next().now_or_never() else {
                    self.behind = false;
                    break;
                };
                outcome = self.take(arrival);
                messages += 1;
            }
            if messages == 0 {
                let Some(socket) = &mut self.socket else { return gone() };
                let mut arrival = None;
                let arriving = async {
                    arrival = Some(socket.next().await);
                    Input::Arrived
                };
                match unless_late(self.hub, self.life.deadline(), arriving).await {
                    Input::Arrived => outcome = self.take(arrival.flatten()),
                    input => return input,
                }
            }
            let burst = messages == BURST || self.has_burst();
            let now = Instant::now();
            // The end of a connection says nothing about how long it still worked.
            if messages > 1 || !matches!(outcome, Err(Input::Lost(_))) {
                let heard = if self.behind { Input::ReadsPaused } else { Input::Arrived };
                self.life.step(heard, now, 0.0);
            }
            if let Err(input) = self.deliver().await {
                return input;
            }
            if let Err(input) = outcome {
                return input;
            }
            // A timer never fires while messages arrive faster than they are read.
            if self.life.deadline() <= now {
                return Input::TimedOut;
            }
            if burst {
                if self.hub.is_deserted() {
                    return Input::Unused;
                }
                tokio::task::yield_now().await;
            }
        }
    }

    /// What one arrival means; an error is for the state machine.
    fn take(&mut self, arrival: Option<Result<Received>>) -> Result<(), Input> {
        let frame = match arrival {
            Some(Ok(Received::Binary(frame))) => frame,
            Some(Ok(Received::Control)) => return Ok(()),
            Some(Ok(Received::Text)) => {
                return self.unreadable(Error::new(ErrorKind::WebSocket).message_text("the server sent text"));
            }
            Some(Err(error)) => return Err(Input::Lost(error)),
            None => return Err(gone()),
        };
        let flowing = self.flowing();
        if flowing && let Some(field) = N::only(&frame) {
            // Nearly always.
            self.ready.push_encoded(&field, self.life.heard());
            return Ok(());
        }
        match N::decode(&frame) {
            Ok(Message::Notifications(several)) => {
                let list = if flowing { &mut self.ready } else { &mut self.early };
                // On average: they are read one after the other.
                let size = frame.len() / several.len().max(1);
                several.into_iter().for_each(|each| list.push_decoded(Event::Notification(each), size));
                if self.early.len() > EARLY || self.early.bytes() > EARLY_BYTES {
                    return Err(broken("too many notifications before the server confirmed the subscription"));
                }
            }
            Ok(Message::Handshake(Handshake::Authenticated)) => return Err(Input::Authenticated),
            Ok(Message::Handshake(Handshake::Subscribed(events))) if self.hub.server.wanted.contains(&events) => {
                self.unconfirmed.retain(|unconfirmed| *unconfirmed != events);
                if self.unconfirmed.is_empty() {
                    return Err(Input::Subscribed);
                }
            }
            Ok(Message::Handshake(_)) => return Err(broken("the server broke the protocol")),
            Err(reason) => return self.unreadable(reason),
        }
        Ok(())
    }

    /// Something was said that we cannot know: while notifications flow no reason to miss what comes next, but a gap.
    fn unreadable(&mut self, reason: Error) -> Result<(), Input> {
        if !self.flowing() {
            return Err(Input::Lost(reason));
        }
        self.ready.push(gap(self.life.heard(), reason));
        Ok(())
    }

    /// Returns `true` if the events that were read are delivered before more are read.
    fn has_burst(&self) -> bool {
        self.ready.len() >= BURST || self.ready.bytes() >= BURST_BYTES
    }

    fn flowing(&self) -> bool {
        self.life.state() == ConnectionState::Ready
    }

    /// Gives what came to all who listen, and waits for those who must not lose it.
    async fn deliver(&mut self) -> Result<(), Input> {
        self.hub.offer(&mut self.ready, &mut self.full);
        if !self.full.is_empty() && self.shown + PONG_INTERVAL <= Instant::now() {
            // However short each wait is, together they keep us from reading the server's pings.
            self.show_life().await;
        }
        while let Some((queue, mut items)) = self.full.pop() {
            loop {
                queue.push_all(&mut items);
                if items.is_empty() {
                    break;
                }
                let room = queue.room(items.first_size()).map(|()| Input::Arrived);
                match unless_late(self.hub, self.shown + PONG_INTERVAL, room).await {
                    Input::Unused => return Err(Input::Unused),
                    Input::TimedOut => self.show_life().await,
                    _ => {}
                }
                self.behind = true;
                self.life.step(Input::ReadsPaused, Instant::now(), 0.0);
            }
        }
        Ok(())
    }

    async fn show_life(&mut self) {
        self.shown = Instant::now();
        if let Some(socket) = &mut self.socket {
            // If the connection is gone, reading will tell. A server that does not read must not hold us up.
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, socket.show_life()).await;
        }
    }
}

/// Returns the input of the work, unless all listeners leave or the deadline passes first.
async fn unless_late<N>(hub: &Hub<N>, deadline: Instant, work: impl Future<Output = Input>) -> Input {
    let mut work = pin!(work);
    let wanted = async {
        loop {
            tokio::select! {
                biased;
                input = &mut work => return input,
                () = hub.changed.notified() => {
                    if hub.is_deserted() {
                        return Input::Unused;
                    }
                }
            }
        }
    };
    // Unlike a separate timer, Tokio's timeout also fires if the work uses up the budget of the task in every turn.
    timeout_at(deadline, wanted).await.unwrap_or(Input::TimedOut)
}

fn broken(how: &'static str) -> Input {
    Input::Lost(Error::new(ErrorKind::WebSocket).message_text(how))
}

fn gone() -> Input {
    Input::Lost(Error::new(ErrorKind::Closed))
}

fn gap<N>(since: Instant, reason: Error) -> Event<N> {
    Event::Gap(Gap::since(since, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Network, connection::policy::ConnectionPolicy, endpoint::Endpoint, events::Notification,
        notifier::hub::Server, transport::http::http_client,
    };

    #[tokio::test]
    async fn deadline_holds_while_the_work_uses_up_its_budget() {
        let endpoint = Endpoint::of_settings("http://localhost", None).unwrap();
        let http = http_client(&endpoint, &Network::default(), None).unwrap();
        let url = reqwest::Url::parse("http://localhost").unwrap();
        let server = Server { http, url, token: "token".to_owned().into(), wanted: &[] };
        let hub = Hub::<Notification>::new(server, ConnectionPolicy::default());
        // Each turn of this work ends when Tokio's budget does, as in a flood of fragments.
        let busy = async {
            loop {
                tokio::task::coop::consume_budget().await;
            }
        };
        let input = unless_late(&hub, Instant::now() + Duration::from_millis(10), busy);
        let input = tokio::time::timeout(Duration::from_secs(60), input).await.unwrap();
        assert!(matches!(input, Input::TimedOut), "{input:?}");
    }
}
