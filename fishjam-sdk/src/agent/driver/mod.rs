//! The task behind a session: keeps up the connection, sends what the handles give it, and hands on what arrives.

mod exchange;

use std::{collections::VecDeque, error::Error as _, sync::Arc, task::Waker, time::Duration};

use reqwest::Url;
use tokio::{
    sync::{mpsc::UnboundedReceiver, oneshot},
    time::{Instant, sleep_until, timeout},
};

use super::{
    Agent, AgentConnectOptions, AgentMessage, SessionEnd,
    captures::Captures,
    command::{Command, ImageSender},
    early::EarlyMessages,
    end::final_error,
    message::credentials,
    shared::{SessionShared, ShutdownRequest, TaskGuard},
    track_state::TrackState,
};
use crate::{
    ConnectionState,
    connection::socket::{Socket, SocketKind},
    connection::{
        lifecycle::{Action, ConnectionLoss, Input, Lifecycle},
        log::log_step,
        policy::ConnectionPolicy,
    },
    error::{Error, ErrorKind, Result},
    events::Gap,
    transport::proxy::ProxyServer,
};

/// The name of the connection in the log.
const CONNECTION: &str = "agent";
/// How long what was taken may need to be sent when the session is disconnected.
const FLUSH: Duration = Duration::from_secs(10);
/// How long the other side may take to say goodbye, if somebody waits for it and if nobody does.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
const SHORT_CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long nothing may arrive before the service is asked whether it lives; sooner if the session is to count as dead
/// soon.
const PING_AFTER: Duration = Duration::from_secs(25);

/// Whom to call, and as whom.
pub(super) struct ConnectTarget {
    agent: Agent,
    url: Url,
    rules: ConnectionPolicy,
    /// How long nothing may arrive before the service is asked whether it lives.
    quiet: Duration,
    delete_on_end: bool,
}

impl ConnectTarget {
    pub(super) fn new(agent: &Agent, options: &AgentConnectOptions, url: Url) -> Self {
        let rules = options.policy();
        let quiet = PING_AFTER.min(rules.idle / 3);
        Self { agent: agent.clone(), url, rules, quiet, delete_on_end: options.delete_on_end }
    }

    /// Returns the proxy of the connection.
    fn proxy(&self) -> Option<&ProxyServer> {
        self.agent.fishjam.transport.http().proxy(&self.url).ok().flatten()
    }

    async fn open(&self) -> Result<Socket> {
        let token = self.agent.token();
        let http = self.agent.fishjam.transport.http();
        Socket::connect(http, self.url.clone(), credentials(token), token.expose(), SocketKind::Agent).await
    }
}

/// Keeps up the connection until it fails or nobody wants it.
pub(super) async fn drive(serving: TaskGuard, commands: UnboundedReceiver<Command>, dial: ConnectTarget) {
    let line = Arc::clone(&serving.0);
    let now = Instant::now();
    let mut driver = Driver {
        _serving: serving,
        line: Arc::clone(&line),
        life: Lifecycle::new(dial.rules.clone(), dial.proxy(), now),
        dial,
        commands,
        socket: None,
        tracks: Vec::new(),
        captures: Captures::new(),
        begun: false,
        unflushed: 0,
        unreleased: 0,
        flush_waiters: Vec::new(),
        asked: now,
        early: EarlyMessages::default(),
        held: VecDeque::new(),
        behind: false,
        shown: now,
        closing: None,
        drained: false,
        close_result: Ok(()),
    };
    let end = match driver.run().await {
        Some(error) => SessionEnd::Lost(error),
        None => SessionEnd::Disconnected,
    };
    line.finish(end);
    driver.close().await;
}

struct Driver {
    /// The first field, which is dropped first: if the task is dropped, its handles see the end before anything else.
    _serving: TaskGuard,
    line: Arc<SessionShared>,
    dial: ConnectTarget,
    life: Lifecycle,
    commands: UnboundedReceiver<Command>,
    socket: Option<Socket>,
    /// The tracks that the service knows of, to be added again.
    tracks: Vec<(Arc<TrackState>, Vec<u8>)>,
    captures: Captures<ImageSender>,
    /// Whether the token was ever accepted.
    begun: bool,
    /// How many bytes the socket has that are not flushed.
    unflushed: usize,
    /// What they, and what was not sent after all, cost.
    unreleased: usize,
    /// Who waits for it to leave.
    flush_waiters: Vec<oneshot::Sender<()>>,
    /// When the service was last asked whether it lives.
    asked: Instant,
    /// The messages that arrived before the token was accepted.
    early: EarlyMessages,
    /// What the receiver has no room for; nothing is read while there is any.
    held: VecDeque<AgentMessage>,
    /// Whether the socket may hold messages that waited for the receiver.
    behind: bool,
    /// When the service was last shown that we live without reading.
    shown: Instant,
    /// Until when everything must be sent, if the session is being disconnected.
    closing: Option<Instant>,
    /// Whether everything that was taken has been given to the socket.
    drained: bool,
    /// How the disconnecting goes.
    close_result: Result<()>,
}

impl Driver {
    /// Returns why the connection ended, or nothing if nobody wants it any more.
    async fn run(&mut self) -> Option<Error> {
        let mut step = Action::Connect;
        loop {
            let input = match step {
                Action::Connect => self.open().await,
                Action::Subscribe => Input::Subscribed,
                Action::Resume(lost) => self.flow(lost).await,
                Action::Exchange => self.exchange().await,
                Action::Wait(_) => self.rest().await,
                Action::Fail(error) => return Some(self.caused_by_loss(error)),
                Action::Close => return None,
            };
            let input = match input {
                Input::Lost(error) if self.closing.is_some() => {
                    self.close_result = Err(error);
                    return None;
                }
                // Another connection would only be refused.
                Input::Lost(error) if self.begun => match final_error(error) {
                    Ok(error) => {
                        if self.life.state() != ConnectionState::Ready {
                            let error = format_args!("{error:#}");
                            tracing::info!(connection = CONNECTION, error, "session ended while reconnecting");
                        }
                        return Some(self.caused_by_loss(error));
                    }
                    Err(error) => Input::Lost(error),
                },
                other => other,
            };
            let (before, now) = (self.life.state(), Instant::now());
            step = self.life.step(input, now, fastrand::f64());
            log_step(CONNECTION, &self.life, before, &step, now);
            // That audio flows is told by `flow`, after what was missed.
            if !matches!(step, Action::Fail(_) | Action::Close | Action::Subscribe | Action::Resume(_)) {
                self.line.set_state(self.life.state());
            }
        }
    }

    /// Keeps the first reason: if attempts to reconnect preceded this error, its source is the loss of the connection.
    fn caused_by_loss(&self, error: Error) -> Error {
        match self.life.lost() {
            Some(lost) if lost.attempts > 0 && error.source().is_none() => error.caused_by(lost.reason.clone()),
            _ => error,
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
            () = self.line.until_shutdown() => Input::Unused,
            () = sleep_until(self.life.deadline()) => Input::TimedOut,
        }
    }

    async fn rest(&mut self) -> Input {
        self.socket = None;
        self.early = EarlyMessages::default();
        self.unflushed = 0;
        self.captures.reconnected();
        self.release_capacity();
        tokio::select! {
            biased;
            () = self.line.until_shutdown() => Input::Unused,
            () = sleep_until(self.life.deadline()) => Input::TimedOut,
        }
    }

    /// The token is accepted: restores what a lost connection had, and goes on.
    async fn flow(&mut self, lost: Option<ConnectionLoss>) -> Input {
        self.begun = true;
        self.shown = Instant::now();
        self.asked = self.shown;
        self.behind = false;
        let Some(socket) = &mut self.socket else { return gone() };
        socket.mark_authenticated();
        for (_, message) in &self.tracks {
            self.unflushed += message.len();
            if let Err(error) = socket.feed(message.clone()) {
                return Input::Lost(error);
            }
        }
        if let Some(ConnectionLoss { since, reason, .. }) = lost {
            self.deliver(AgentMessage::Reconnected(Gap::since(since, reason)));
        }
        for message in self.early.take() {
            self.deliver(message);
        }
        self.line.set_state(ConnectionState::Ready);
        self.exchange().await
    }

    /// Says goodbye.
    async fn close(mut self) {
        // Whoever waits for an image hears why it does not come.
        self.captures = Captures::new();
        self.flush_waiters.clear();
        let awaited = self.line.shutdown_requested(Waker::noop()) == ShutdownRequest::Drain;
        self.commands.close();
        let mut speechless = false;
        // Whoever waits for one of these hears of the end now, and not after the goodbye.
        while let Ok(order) = self.commands.try_recv() {
            speechless |=
                matches!(&order, Command::SendChunk { track, utterance, .. } if track.utterance() == *utterance);
        }
        if awaited && self.close_result.is_ok() && speechless {
            let unsent = "the session was disconnected while its connection was lost, and not everything was sent";
            self.close_result = Err(Error::new(ErrorKind::Connection).message_text(unsent));
        }
        if let Some(mut socket) = self.socket.take() {
            let limit = if awaited { CLOSE_TIMEOUT } else { SHORT_CLOSE_TIMEOUT };
            // A server that does not answer must not keep the connection.
            let _ = timeout(limit, socket.close_and_drain()).await;
        }
        if self.dial.delete_on_end && self.begun {
            let deleted = Box::pin(self.dial.agent.delete()).await;
            if let Err(error) = &deleted {
                tracing::warn!(
                    error = format_args!("{error:#}"),
                    "an agent could not be deleted when its session ended"
                );
            }
            self.close_result = self.close_result.and(deleted);
        }
        self.line.close(self.close_result);
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
        let (line, commands) = SessionShared::new(&options, agent.input_format);
        let dial = ConnectTarget::new(&agent, &options, Url::parse("http://localhost").unwrap());
        let shared = size_of_val(&*line);
        let task = size_of_val(&drive(TaskGuard(line), commands, dial));
        assert!(task < 8 * 1024 && shared < 1024, "{task} and {shared} bytes");
    }
}
