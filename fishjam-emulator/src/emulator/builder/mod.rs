//! What an emulator can be told before it starts.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::mpsc;
use uuid::Uuid;

use super::Emulator;
#[cfg(feature = "__tls")]
use crate::http::tls;
#[cfg(not(feature = "__tls"))]
use crate::http::tls::Acceptor;
use crate::{
    agents::Agents,
    contract::Contract,
    error::{Error, Result},
    faults::Faults,
    journal::Journal,
    log,
    media::recorder,
    server::{listening::Listening, runtime::OwnRuntime},
    service::Service,
    sockets::{Heartbeat, PeerRelay, Sessions, SocketRegistry, Sockets},
    state::State,
};
use crate::{
    http::tls::Scheme,
    webhook::{Policy, Webhooks},
};

mod webhooks;

/// Settings of an [`Emulator`], from [`Emulator::builder`].
#[derive(Clone)]
#[must_use]
pub struct EmulatorBuilder {
    port: u16,
    id: Option<String>,
    token: Option<String>,
    #[cfg(feature = "__tls")]
    tls: bool,
    heartbeat: Heartbeat,
    peer_token_lifetime: Duration,
    subscriber_queue: usize,
    agent_queue: usize,
    real_time_playout: bool,
    journal_capacity: usize,
    journal_bytes: usize,
    socket_journal: usize,
    webhook_url: Option<String>,
    webhook_secret: Option<String>,
    webhooks: Policy,
    /// `None` is "by hand".
    recording_delay: Option<Duration>,
    contract: Contract,
}

impl EmulatorBuilder {
    pub(crate) fn new() -> Self {
        EmulatorBuilder {
            port: 0,
            id: None,
            token: None,
            #[cfg(feature = "__tls")]
            tls: false,
            heartbeat: Heartbeat { ping: Duration::from_secs(30), idle: Duration::from_secs(60) },
            peer_token_lifetime: Duration::from_secs(24 * 60 * 60),
            subscriber_queue: 262_144,
            agent_queue: 16_384,
            real_time_playout: false,
            journal_capacity: 65_536,
            journal_bytes: log::DEFAULT_BYTES,
            socket_journal: 65_536,
            webhook_url: None,
            webhook_secret: None,
            webhooks: Policy::default(),
            recording_delay: Some(Duration::from_millis(100)),
            contract: Contract::Current,
        }
    }

    /// The port on 127.0.0.1. The default, 0, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The Fishjam id. The default is a random one.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The management token. The default is a random one.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Serves https and wss, with a certificate made at start, instead of http and ws.
    #[cfg(feature = "__tls")]
    pub fn tls(mut self, tls: bool) -> Self {
        self.tls = tls;
        self
    }

    /// How often an authenticated socket is pinged. The default, as the service's predecessor does, is 30 seconds.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.heartbeat.ping = interval;
        self
    }

    /// How long a socket from which nothing comes stays open. The default, as the service's predecessor does, is
    /// 60 seconds.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.heartbeat.idle = timeout;
        self
    }

    /// How long a peer token is accepted. The default, as the service does, is 24 hours.
    pub fn peer_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.peer_token_lifetime = lifetime;
        self
    }

    /// How many notifications wait for one slow server socket. The default is 262,144.
    ///
    /// A socket whose queue overflows gets what is queued and is then closed with code 1011. This limit is the
    /// emulator's own; nothing is published about the service's.
    pub fn subscriber_queue(mut self, notifications: usize) -> Self {
        self.subscriber_queue = notifications;
        self
    }

    /// How many chunks and images wait for one slow agent. The default is 16,384; overflow is as for
    /// [`subscriber_queue`](Self::subscriber_queue).
    pub fn agent_queue(mut self, frames: usize) -> Self {
        self.agent_queue = frames;
        self
    }

    /// Whether what agents send is queued and played out in real time, on tokio's clock: 20 milliseconds at a time, so
    /// that an interruption has something to discard. By default it is relayed at once and in the agents' own chunks.
    ///
    /// Up to 256 MiB wait on each track; what is more is ignored.
    pub fn real_time_playout(mut self, real_time: bool) -> Self {
        self.real_time_playout = real_time;
        self
    }

    /// How many frames are kept for [`Sockets::written`], of all server sockets, of all peer sockets and of all agent
    /// sockets, and for [`Sockets::received`]. The default is 65,536, the newest, and never more than 64 MiB; 0 keeps
    /// none and goes on counting.
    pub fn socket_journal(mut self, frames: usize) -> Self {
        self.socket_journal = frames;
        self
    }

    /// How many requests the journal keeps, and how many deliveries the webhooks keep. The default is 65,536.
    pub fn journal_capacity(mut self, requests: usize) -> Self {
        self.journal_capacity = requests;
        self
    }

    /// Sets how many bytes the journal keeps, and as many again for the deliveries of webhooks and for
    /// [`Emulator::ignored_requests`].
    ///
    /// The oldest entries are dropped first. If a request alone exceeds the limit, the journal keeps the first
    /// 4,096 bytes of its body. Defaults to 64 MiB; the program keeps 1 MiB.
    pub fn journal_bytes(mut self, bytes: usize) -> Self {
        self.journal_bytes = bytes;
        self
    }

    /// How long a stopped recording takes to become finished, and then as long again to become available. The default
    /// is 100 milliseconds.
    pub fn recording_delay(mut self, delay: Duration) -> Self {
        self.recording_delay = Some(delay);
        self
    }

    /// Recordings change only through [`Emulator::advance_recording`] and [`Emulator::fail_recording`].
    pub fn manual_recordings(mut self) -> Self {
        self.recording_delay = None;
        self
    }

    /// The generation of the service's contract that answers follow. The default is [`Contract::Current`].
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contract = contract;
        self
    }

    /// Starts on a runtime of its own, as [`Emulator::start_blocking`] does.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`start`](Self::start), and [`Error::Runtime`] if no thread can be started.
    pub fn start_blocking(self) -> Result<Emulator> {
        let (emulator, runtime) = OwnRuntime::start(move || self.start())?;
        Ok(emulator.attach(runtime))
    }

    /// Starts to listen, on the Tokio runtime of the caller; see [`Emulator::start`].
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for an id that cannot be a path segment, a token that cannot be a header's value, or a
    /// webhook URL to which nothing can be delivered; [`Error::Bind`] when the port is taken.
    pub async fn start(self) -> Result<Emulator> {
        let id = self.id.clone().unwrap_or_else(random);
        let token = self.token.clone().unwrap_or_else(random);
        check(&id, &token)?;
        self.check_webhooks()?;
        let (scheme, acceptor, certificate) = self.scheme()?;
        let listening = Listening::open(self.port, acceptor).await?;
        let authority = listening.authority.clone();
        let origin = format!("{scheme}://{authority}");
        let url = format!("{origin}/api/v1/connect/{id}");
        let closing = listening.closing.clone();
        let (recorder, stopped) = mpsc::unbounded_channel();
        let mut state = State::new(self.peer_token_lifetime);
        state.set_webhook_url(self.webhook_url.clone());
        let service = Arc::new(Service {
            id,
            token,
            authority,
            origin: origin.clone(),
            contract: self.contract,
            heartbeat: self.heartbeat,
            journal: Journal::new(self.journal_capacity, self.journal_bytes),
            faults: Faults::default(),
            sessions: Sessions::default(),
            server_sockets: Sockets::new(SocketRegistry::new(self.subscriber_queue, self.socket_journal)),
            peer_sockets: Sockets::new(SocketRegistry::new(self.subscriber_queue, self.socket_journal)),
            agent_sockets: Sockets::new(SocketRegistry::new(self.agent_queue, self.socket_journal)),
            peer_relay: PeerRelay::default(),
            agents: Agents::new(self.journal_capacity, self.journal_bytes, self.real_time_playout),
            webhooks: Webhooks::new(
                self.webhook_url.clone(),
                self.webhook_secret,
                self.webhooks,
                (self.journal_capacity, self.journal_bytes),
                closing.clone(),
            ),
            recorder,
            closing,
            state: Mutex::new(state),
        });
        if let Some(delay) = self.recording_delay {
            tokio::spawn(recorder::run(Arc::downgrade(&service), stopped, delay));
        }
        let running = listening.serve(Arc::clone(&service));
        Ok(Emulator::new(service, url, origin, certificate, running))
    }

    #[cfg(feature = "__tls")]
    fn scheme(&self) -> Result<Scheme> {
        tls::scheme(self.tls)
    }

    #[cfg(not(feature = "__tls"))]
    fn scheme(&self) -> Result<Scheme> {
        Ok(("http", Acceptor::Plain, None))
    }
}

impl fmt::Debug for EmulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorBuilder").field("port", &self.port).field("id", &self.id).finish_non_exhaustive()
    }
}

fn check(id: &str, token: &str) -> Result<()> {
    let segment = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    if id.is_empty() || id.bytes().all(|byte| byte == b'.') || !id.bytes().all(segment) {
        return Err(Error::InvalidOption { option: "id", reason: "must be letters, digits, '-', '_', '.' and '~'" });
    }
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::InvalidOption { option: "token", reason: "must be printable ASCII without spaces" });
    }
    Ok(())
}

fn random() -> String {
    Uuid::new_v4().simple().to_string()
}
