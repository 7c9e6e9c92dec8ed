//! The builder of a Jellyfish emulator.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::{mpsc, watch};

use super::JellyfishEmulator;
use crate::{
    clock::Clock,
    error::{Error, Result},
    jellyfish::{
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
    /// The delay of media steps. `None` if tests execute them.
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

    /// Sets the API token. Defaults to `development`, like the server.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// Sets the address in responses. Defaults to `127.0.0.1:PORT`.
    ///
    /// The emulator does not listen at this address.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Sets the delay of media. Defaults to 100 milliseconds.
    ///
    /// The delay applies until:
    ///
    /// - an RTSP component receives video
    /// - HLS becomes playable after it receives video
    /// - a call to a bad number fails
    pub fn media_delay(mut self, delay: Duration) -> Self {
        self.media_delay = Some(delay);
        self
    }

    /// Disables automatic media, so that tests control it.
    ///
    /// Use [`JellyfishEmulator::add_track`], [`JellyfishEmulator::make_playable`] and
    /// [`JellyfishEmulator::crash_component`].
    pub fn manual_media(mut self) -> Self {
        self.media_delay = None;
        self
    }

    /// Sets the interval of metrics reports. Defaults to 1 second, like the server.
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

    /// Sets whether peers are allowed, as `JF_WEBRTC_USED` does. Defaults to `true`.
    ///
    /// If a client adds a disallowed peer, version 0.5 crashes the room and version 0.6 responds with 400.
    pub fn webrtc(mut self, used: bool) -> Self {
        self.flags.webrtc = used;
        self
    }

    /// Sets whether SIP components are allowed, as `JF_SIP_USED` does. Defaults to `true`.
    ///
    /// If a client adds a disallowed component, version 0.5 crashes the room and version 0.6 responds with 400.
    pub fn sip(mut self, used: bool) -> Self {
        self.flags.sip = used;
        self
    }

    /// Sets whether recording components are allowed, as `JF_RECORDING_USED` does. Defaults to `true`.
    ///
    /// If a client adds a disallowed component, version 0.5 crashes the room and version 0.6 responds with 400.
    pub fn recording(mut self, used: bool) -> Self {
        self.flags.recording = used;
        self
    }

    /// Sets the allowed types of components, as `FJ_COMPONENTS_USED` does.
    ///
    /// The types are `hls`, `rtsp`, `file`, `sip` and `recording`. The emulator ignores other names.
    ///
    /// Defaults to all types, unlike the server, which allows none by default. Version 0.5 always allows `hls`, `rtsp`
    /// and `file`.
    pub fn components<'a>(mut self, allowed: impl IntoIterator<Item = &'a str>) -> Self {
        self.flags.allow_only(allowed);
        self
    }

    /// Simulates S3 credentials in the environment of the server, with or without a path prefix.
    ///
    /// Recording components then use these credentials, and the server rejects other ones.
    pub fn s3_environment(mut self, path_prefix: bool) -> Self {
        self.flags.s3 = Some(S3Environment { path_prefix });
        self
    }

    /// Sets the folder from which the emulator reads its resources at the start. Defaults to built-in sources.
    ///
    /// The emulator reads the subfolders `file_component_sources`, `recordings` and `temporary_hls`. It never writes
    /// to the folder.
    pub fn resources(mut self, folder: impl Into<PathBuf>) -> Self {
        self.resources = Some(folder.into());
        self
    }

    /// Returns the settings of a second server on the same machine.
    fn for_second_server(mut self) -> Self {
        (self.server.port, self.host) = (0, None);
        self
    }

    /// Starts the emulator on its own runtime, like [`Emulator::start_blocking`](crate::Emulator::start_blocking).
    ///
    /// Purges follow the real clock and [`JellyfishEmulator::advance`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - [`start`](Self::start) fails
    /// - the thread of the runtime cannot be started ([`Error::Runtime`])
    pub fn start_blocking(self) -> Result<JellyfishEmulator> {
        let (emulator, runtime) = OwnRuntime::start(move || self.start())?;
        Ok(emulator.attach(runtime))
    }

    /// Starts the emulator on the Tokio runtime of the caller; see [`Emulator::start`](crate::Emulator::start).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the token, the host or the resources are invalid ([`Error::InvalidOption`])
    /// - the port is not available ([`Error::Bind`])
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, no emulator starts.
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
        let (media, steps) = mpsc::unbounded_channel();
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
            tokio::spawn(tasks::run_media(Arc::downgrade(&service), steps, delay));
        }
        let running = listening.serve(Arc::clone(&service));
        Ok(JellyfishEmulator::new(service, running))
    }

    /// Starts two servers as a cluster.
    ///
    /// Each server creates rooms on the other one and returns its address. Only that server can access the room. All
    /// server sockets receive the notifications of both servers.
    ///
    /// A real cluster selects the server with the lowest load. Both servers have the same settings, except that the
    /// second one uses a free port and its default host.
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
    /// Returns an error if [`start`](Self::start) fails for one of the servers.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, no emulator starts.
    pub async fn start_cluster(self) -> Result<(JellyfishEmulator, JellyfishEmulator)> {
        let second = self.clone().for_second_server().start().await?;
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
