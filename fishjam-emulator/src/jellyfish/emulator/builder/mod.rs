//! What a Jellyfish can be told before it starts.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::{mpsc, watch};

use super::JellyfishEmulator;
use crate::{
    error::{Error, Result},
    faults::Faults,
    http::tls::{self, Scheme},
    jellyfish::{
        clock::Clock,
        contract::JellyfishContract,
        flags::{S3Environment, Switches},
        metrics_settings::Gauges,
        resources::Resources,
        service::{Cluster, Service},
        state::State,
        tasks,
        token::Signer,
    },
    journal::Journal,
    log,
    server::{listening::Listening, runtime::OwnRuntime},
    sockets::{Heartbeat, PeerRelay, Sessions, SocketRegistry, Sockets},
    webhook::{Policy, Webhooks},
};

mod environment;

/// Settings of a [`JellyfishEmulator`], from [`Emulator::jellyfish`](crate::Emulator::jellyfish).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fishjam_emulator::Result<()> {
/// use fishjam_emulator::Emulator;
///
/// let jellyfish = Emulator::jellyfish().token("secret").sip(false).start().await?;
/// assert_eq!(jellyfish.token(), "secret");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct JellyfishBuilder {
    port: u16,
    token: String,
    host: Option<String>,
    #[cfg(feature = "__tls")]
    tls: bool,
    heartbeat: Heartbeat,
    subscriber_queue: usize,
    journal_capacity: usize,
    journal_bytes: usize,
    socket_journal: usize,
    /// `None` is "by hand".
    media_delay: Option<Duration>,
    switches: Switches,
    metrics_interval: Duration,
    check_origin: bool,
    resources: Option<PathBuf>,
}

impl JellyfishBuilder {
    pub(crate) fn new() -> Self {
        JellyfishBuilder {
            port: 0,
            token: "development".to_owned(),
            host: None,
            #[cfg(feature = "__tls")]
            tls: false,
            heartbeat: Heartbeat { ping: Duration::from_secs(30), idle: Duration::from_secs(60) },
            subscriber_queue: 262_144,
            journal_capacity: 65_536,
            journal_bytes: log::DEFAULT_BYTES,
            socket_journal: 65_536,
            media_delay: Some(Duration::from_millis(100)),
            switches: Switches::default(),
            metrics_interval: Duration::from_secs(1),
            check_origin: true,
            resources: None,
        }
    }

    /// The port on 127.0.0.1. The default, 0, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the version of the server whose responses the emulator sends. Defaults to [`JellyfishContract::V0_5`].
    pub fn contract(mut self, contract: JellyfishContract) -> Self {
        self.switches.contract = contract;
        self
    }

    /// The server's API token. The default is `development`, as it is the server's.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// The address that answers name, in place of `127.0.0.1:PORT`; nothing listens there by itself.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Serves https and wss, with a certificate made at start, instead of http and ws.
    #[cfg(feature = "__tls")]
    pub fn tls(mut self, tls: bool) -> Self {
        self.tls = tls;
        self
    }

    /// How often an authenticated socket is pinged. The default, as the server does, is 30 seconds.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.heartbeat.ping = interval;
        self
    }

    /// How long a socket from which nothing comes stays open. The default, as the server does, is 60 seconds.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.heartbeat.idle = timeout;
        self
    }

    /// How many notifications wait for one slow server socket. The default is 262,144; a socket whose queue overflows
    /// gets what is queued and is then closed with code 1011.
    pub fn subscriber_queue(mut self, notifications: usize) -> Self {
        self.subscriber_queue = notifications;
        self
    }

    /// How many frames that were written to sockets are kept for [`Sockets::written`], of all server sockets and of
    /// all peer sockets together. The default is 65,536, the newest.
    pub fn socket_journal(mut self, frames: usize) -> Self {
        self.socket_journal = frames;
        self
    }

    /// How many requests the journal keeps. The default is 65,536.
    pub fn journal_capacity(mut self, requests: usize) -> Self {
        self.journal_capacity = requests;
        self
    }

    /// Sets how many bytes the journal keeps, and as many again for the deliveries of webhooks.
    ///
    /// The oldest entries are dropped first. If a request alone exceeds the limit, the journal keeps the first
    /// 4,096 bytes of its body. Defaults to 64 MiB; the program keeps 1 MiB.
    pub fn journal_bytes(mut self, bytes: usize) -> Self {
        self.journal_bytes = bytes;
        self
    }

    /// How long media takes: for the pictures of an RTSP component to arrive, for HLS to become playable once there
    /// are pictures for it, for a call to a bad number to fail. The default is 100 milliseconds.
    pub fn media_delay(mut self, delay: Duration) -> Self {
        self.media_delay = Some(delay);
        self
    }

    /// Media does nothing by itself: tracks and playlists come only through [`JellyfishEmulator::add_track`] and
    /// [`JellyfishEmulator::make_playable`], and only [`JellyfishEmulator::crash_component`] crashes a component.
    pub fn manual_media(mut self) -> Self {
        self.media_delay = None;
        self
    }

    /// How often a report is sent to those who asked for metrics. The default, as the server does, is every second.
    pub fn metrics_interval(mut self, interval: Duration) -> Self {
        self.metrics_interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Sets whether sockets reject web pages of other hosts with 403, as `JF_CHECK_ORIGIN` does.
    ///
    /// Programs that are not browsers send no `Origin` header and are not affected.
    ///
    /// Defaults to `true`, like the server.
    pub fn check_origin(mut self, check: bool) -> Self {
        self.check_origin = check;
        self
    }

    /// Sets whether peers are allowed, as `JF_WEBRTC_USED` does. The default is true. Otherwise, version 0.5 crashes
    /// the room to which one is added, and version 0.6 responds with 400.
    pub fn webrtc(mut self, used: bool) -> Self {
        self.switches.webrtc = used;
        self
    }

    /// Sets whether SIP components are allowed, as `JF_SIP_USED` does. The default is true. Otherwise, version 0.5
    /// crashes the room to which one is added, and version 0.6 responds with 400.
    pub fn sip(mut self, used: bool) -> Self {
        self.switches.sip = used;
        self
    }

    /// Sets whether recording components are allowed, as `JF_RECORDING_USED` does. The default is true. Otherwise,
    /// version 0.5 crashes the room to which one is added, and version 0.6 responds with 400.
    pub fn recording(mut self, used: bool) -> Self {
        self.switches.recording = used;
        self
    }

    /// Allows components of these types only, as `FJ_COMPONENTS_USED` does: `hls`, `rtsp`, `file`, `sip` and
    /// `recording`. Other names are ignored.
    ///
    /// Defaults to all of them, unlike the server, which allows none. Version 0.5 always allows `hls`, `rtsp` and
    /// `file`.
    pub fn components<'a>(mut self, allowed: impl IntoIterator<Item = &'a str>) -> Self {
        self.switches.allow_only(allowed);
        self
    }

    /// As if credentials for S3 were in the server's environment, with a path prefix or without: recording components
    /// may come without their own then, and may not bring their own.
    pub fn s3_environment(mut self, path_prefix: bool) -> Self {
        self.switches.s3 = Some(S3Environment { path_prefix });
        self
    }

    /// A folder that becomes the server's resources, in place of the sources that are there otherwise: what it holds
    /// under `file_component_sources`, `recordings` and `temporary_hls` is read at the start, and never written.
    pub fn resources(mut self, folder: impl Into<PathBuf>) -> Self {
        self.resources = Some(folder.into());
        self
    }

    /// The settings of a second server on the same machine.
    fn beside(mut self) -> Self {
        (self.port, self.host) = (0, None);
        self
    }

    /// Starts on a runtime of its own, as [`Emulator::start_blocking`](crate::Emulator::start_blocking) does. Purges
    /// follow the real clock and [`JellyfishEmulator::advance`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`start`](Self::start), and [`Error::Runtime`] if no thread can be started.
    pub fn start_blocking(self) -> Result<JellyfishEmulator> {
        let (emulator, runtime) = OwnRuntime::start(move || self.start())?;
        Ok(emulator.attach(runtime))
    }

    /// Starts to listen, on the Tokio runtime of the caller; see [`Emulator::start`](crate::Emulator::start).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a token that cannot be a header's value, a host that cannot be an address, or
    /// resources that cannot be read; [`Error::Bind`] when the port is taken.
    pub async fn start(self) -> Result<JellyfishEmulator> {
        check(&self.token, "token", "must be printable ASCII without spaces")?;
        if let Some(host) = &self.host {
            check(host, "host", "must be host:port, without a scheme")?;
        }
        let mut state = State::new(self.switches.clone());
        if let Some(folder) = &self.resources {
            let reason = "must be a folder that can be read";
            state.resources =
                Resources::load(folder).map_err(|_| Error::InvalidOption { option: "resources", reason })?;
        }
        let (scheme, acceptor, certificate) = self.scheme()?;
        let listening = Listening::open(self.port, acceptor).await?;
        let authority = listening.authority.clone();
        let (media, asked) = mpsc::unbounded_channel();
        let service = Arc::new(Service {
            token: self.token,
            address: self.host.unwrap_or_else(|| authority.clone()),
            heartbeat: self.heartbeat,
            journal: Journal::new(self.journal_capacity, self.journal_bytes),
            faults: Faults::default(),
            sessions: Sessions::default(),
            server_sockets: Sockets::new(SocketRegistry::new(self.subscriber_queue, self.socket_journal)),
            peer_sockets: Sockets::new(SocketRegistry::new(self.subscriber_queue, self.socket_journal)),
            peer_relay: PeerRelay::default(),
            gauges: Gauges::new(self.metrics_interval),
            check_origin: self.check_origin,
            webhooks: Webhooks::new(
                None,
                None,
                Policy::JELLYFISH,
                (self.journal_capacity, self.journal_bytes),
                listening.closing.clone(),
            ),
            cluster: Cluster::default(),
            signer: Signer::new(),
            clock: Clock::new(),
            media,
            growth: watch::Sender::default(),
            closing: listening.closing.clone(),
            state: Mutex::new(state),
        });
        tokio::spawn(tasks::run_purges(Arc::downgrade(&service)));
        if let Some(delay) = self.media_delay {
            tokio::spawn(tasks::run_media(Arc::downgrade(&service), asked, delay));
        }
        let running = listening.serve(Arc::clone(&service));
        Ok(JellyfishEmulator::new(service, authority, scheme, certificate, running))
    }

    /// Starts two servers that are a cluster: the room that one of them is asked to create lives on the other, whose
    /// address is in the answer; only that one knows the room, and every server socket is told of all rooms.
    ///
    /// A real cluster picks the server that has the least to do. The settings hold for both, but that the second takes
    /// a free port and calls itself by it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fishjam_emulator::Result<()> {
    /// let (first, second) = fishjam_emulator::Emulator::jellyfish().start_cluster().await?;
    /// assert_ne!(first.address(), second.address());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub async fn start_cluster(self) -> Result<(JellyfishEmulator, JellyfishEmulator)> {
        let second = self.clone().beside().start().await?;
        let first = self.start().await?;
        first.service.cluster.join(&second.service);
        second.service.cluster.join(&first.service);
        Ok((first, second))
    }

    #[cfg(feature = "__tls")]
    fn scheme(&self) -> Result<Scheme> {
        tls::scheme(self.tls)
    }

    #[cfg(not(feature = "__tls"))]
    fn scheme(&self) -> Result<Scheme> {
        Ok(("http", tls::Acceptor::Plain, None))
    }
}

/// Prints no token.
impl fmt::Debug for JellyfishBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JellyfishBuilder").field("port", &self.port).field("host", &self.host).finish_non_exhaustive()
    }
}

fn check(value: &str, option: &'static str, reason: &'static str) -> Result<()> {
    let fits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic()) && !value.contains("://");
    if fits { Ok(()) } else { Err(Error::InvalidOption { option, reason }) }
}
