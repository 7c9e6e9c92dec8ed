//! What a Jellyfish can be told before it starts.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::{mpsc, watch};

use super::JellyfishEmulator;
use crate::{
    error::{Error, Result},
    jellyfish::{
        clock::Clock,
        contract::JellyfishContract,
        flags::{S3Environment, ServerFlags},
        metrics_settings::MetricsSettings,
        resources::Resources,
        service::{Cluster, Service},
        state::State,
        tasks,
        token::Signer,
    },
    server::{
        runtime::OwnRuntime,
        settings::{ServerSettings, server_setters},
    },
    state::StateCell,
    webhook::Policy,
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
    server: ServerSettings,
    token: String,
    host: Option<String>,
    /// `None` is "by hand".
    media_delay: Option<Duration>,
    flags: ServerFlags,
    metrics_interval: Duration,
    check_origin: bool,
    resources: Option<PathBuf>,
}

impl JellyfishBuilder {
    pub(crate) fn new() -> Self {
        JellyfishBuilder {
            server: ServerSettings::default(),
            token: "development".to_owned(),
            host: None,
            media_delay: Some(Duration::from_millis(100)),
            flags: ServerFlags::default(),
            metrics_interval: Duration::from_secs(1),
            check_origin: true,
            resources: None,
        }
    }

    server_setters!();

    /// Sets the version of the server whose responses the emulator sends. Defaults to [`JellyfishContract::V0_5`].
    pub fn contract(mut self, contract: JellyfishContract) -> Self {
        self.flags.contract = contract;
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
        self.flags.webrtc = used;
        self
    }

    /// Sets whether SIP components are allowed, as `JF_SIP_USED` does. The default is true. Otherwise, version 0.5
    /// crashes the room to which one is added, and version 0.6 responds with 400.
    pub fn sip(mut self, used: bool) -> Self {
        self.flags.sip = used;
        self
    }

    /// Sets whether recording components are allowed, as `JF_RECORDING_USED` does. The default is true. Otherwise,
    /// version 0.5 crashes the room to which one is added, and version 0.6 responds with 400.
    pub fn recording(mut self, used: bool) -> Self {
        self.flags.recording = used;
        self
    }

    /// Allows components of these types only, as `FJ_COMPONENTS_USED` does: `hls`, `rtsp`, `file`, `sip` and
    /// `recording`. Other names are ignored.
    ///
    /// Defaults to all of them, unlike the server, which allows none. Version 0.5 always allows `hls`, `rtsp` and
    /// `file`.
    pub fn components<'a>(mut self, allowed: impl IntoIterator<Item = &'a str>) -> Self {
        self.flags.allow_only(allowed);
        self
    }

    /// As if credentials for S3 were in the server's environment, with a path prefix or without: recording components
    /// may come without their own then, and may not bring their own.
    pub fn s3_environment(mut self, path_prefix: bool) -> Self {
        self.flags.s3 = Some(S3Environment { path_prefix });
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
        (self.server.port, self.host) = (0, None);
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
        let mut state = State::new(self.flags.clone());
        if let Some(folder) = &self.resources {
            let reason = "must be a folder that can be read";
            state.resources =
                Resources::load(folder).map_err(|_| Error::InvalidOption { option: "resources", reason })?;
        }
        let listening = self.server.listen().await?;
        let (media, asked) = mpsc::unbounded_channel();
        let service = Arc::new(Service {
            core: self.server.core(self.token, (None, None), Policy::JELLYFISH, &listening),
            address: self.host.unwrap_or_else(|| listening.authority.clone()),
            metrics: MetricsSettings::new(self.metrics_interval),
            check_origin: self.check_origin,
            cluster: Cluster::default(),
            signer: Signer::new(),
            clock: Clock::new(),
            media,
            stream_changes: watch::Sender::default(),
            state: StateCell::new(state),
        });
        tokio::spawn(tasks::run_purges(Arc::downgrade(&service)));
        if let Some(delay) = self.media_delay {
            tokio::spawn(tasks::run_media(Arc::downgrade(&service), asked, delay));
        }
        let running = listening.serve(Arc::clone(&service));
        Ok(JellyfishEmulator::new(service, running))
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
}

/// Prints no token.
impl fmt::Debug for JellyfishBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JellyfishBuilder")
            .field("port", &self.server.port)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

fn check(value: &str, option: &'static str, reason: &'static str) -> Result<()> {
    let fits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic()) && !value.contains("://");
    if fits { Ok(()) } else { Err(Error::InvalidOption { option, reason }) }
}
