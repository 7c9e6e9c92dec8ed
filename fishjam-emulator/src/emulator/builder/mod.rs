//! The settings of an emulator before it starts.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::mpsc;
use uuid::Uuid;

use super::Emulator;
use crate::{
    agents::Agents,
    clock::Clock,
    contract::Contract,
    error::{Error, Result},
    media::recorder,
    server::{
        runtime::OwnRuntime,
        settings::{ServerSettings, server_setters},
    },
    service::{Service, timeline},
    state::{State, StateCell},
    webhook::Policy,
};

mod webhooks;

/// Settings of an [`Emulator`], from [`Emulator::builder`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fishjam_emulator::Result<()> {
/// use fishjam_emulator::Emulator;
///
/// let emulator = Emulator::builder().id("my-id").token("my-token").webhook_secret("a-secret").start().await?;
/// assert_eq!(emulator.token(), "my-token");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct EmulatorBuilder {
    server: ServerSettings,
    id: Option<String>,
    token: Option<String>,
    peer_token_lifetime: Duration,
    agent_queue: usize,
    real_time_playout: bool,
    webhook_url: Option<String>,
    webhook_secret: Option<String>,
    webhooks: Policy,
    /// `None` if tests advance recordings themselves.
    recording_delay: Option<Duration>,
    contract: Contract,
    refuses_taken_ids_with_400: bool,
}

impl EmulatorBuilder {
    pub(crate) fn new() -> Self {
        EmulatorBuilder {
            server: ServerSettings::default(),
            id: None,
            token: None,
            peer_token_lifetime: Duration::from_secs(24 * 60 * 60),
            agent_queue: 16_384,
            real_time_playout: false,
            webhook_url: None,
            webhook_secret: None,
            webhooks: Policy::default(),
            recording_delay: Some(Duration::from_millis(100)),
            contract: Contract::Current,
            refuses_taken_ids_with_400: false,
        }
    }

    server_setters!();

    /// Sets the Fishjam id. Defaults to a random id.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the management token. Defaults to a random token.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets the lifetime of peer tokens. Defaults to 24 hours, as in the service.
    pub fn peer_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.peer_token_lifetime = lifetime;
        self
    }

    /// Sets the number of audio chunks and images that wait for a slow agent. Defaults to 16,384.
    ///
    /// An overflow has the same effect as for [`subscriber_queue`](Self::subscriber_queue).
    pub fn agent_queue(mut self, frames: usize) -> Self {
        self.agent_queue = frames;
        self
    }

    /// Sets whether the audio of agents is queued and played in real time.
    ///
    /// The emulator then plays 20 milliseconds at a time, on tokio's clock, and an interruption discards the rest.
    /// Each track queues up to 256 MiB of audio. The emulator ignores more.
    ///
    /// Defaults to `false`: the emulator relays the agents' own chunks immediately.
    pub fn real_time_playout(mut self, real_time: bool) -> Self {
        self.real_time_playout = real_time;
        self
    }

    /// Sets the delay until a stopped recording is finished, and again until it is available.
    ///
    /// Defaults to 100 milliseconds.
    pub fn recording_delay(mut self, delay: Duration) -> Self {
        self.recording_delay = Some(delay);
        self
    }

    /// Disables the automatic progress of recordings.
    ///
    /// They then change only through [`Emulator::advance_recording`] and [`Emulator::fail_recording`].
    pub fn manual_recordings(mut self) -> Self {
        self.recording_delay = None;
        self
    }

    /// Sets the version of the service's contract. Defaults to [`Contract::Current`].
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contract = contract;
        self
    }

    /// Sets whether taken ids in a composition get 400 instead of 409.
    ///
    /// Older versions of the engine respond with 400, and the service's version is unknown. Defaults to `false`.
    pub fn refuse_taken_ids_with_400(mut self, enabled: bool) -> Self {
        self.refuses_taken_ids_with_400 = enabled;
        self
    }

    /// Starts the emulator on its own runtime; see [`Emulator::start_blocking`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`start`](Self::start), and [`Error::Runtime`] if no thread can be started.
    pub fn start_blocking(self) -> Result<Emulator> {
        let (emulator, runtime) = OwnRuntime::start(move || self.start())?;
        Ok(emulator.attach(runtime))
    }

    /// Starts the emulator on the Tokio runtime of the caller; see [`Emulator::start`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the id is not a valid path segment ([`Error::InvalidOption`])
    /// - the token is not a valid header value ([`Error::InvalidOption`])
    /// - the webhook URL is not supported ([`Error::InvalidOption`])
    /// - the port is in use ([`Error::Bind`])
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, no emulator starts.
    pub async fn start(self) -> Result<Emulator> {
        let id = self.id.clone().unwrap_or_else(random);
        let token = self.token.clone().unwrap_or_else(random);
        check(&id, &token)?;
        self.check_webhooks()?;
        let listening = self.server.listen().await?;
        let (recorder, stopped) = mpsc::unbounded_channel();
        let mut state = State::new(self.peer_token_lifetime);
        state.set_webhook_url(self.webhook_url.clone());
        state.set_authority(&listening.authority);
        state.compositions.refuses_taken_ids_with_400 = self.refuses_taken_ids_with_400;
        let service = Arc::new(Service {
            core: self.server.core(token, (self.webhook_url, self.webhook_secret), self.webhooks, &listening),
            id,
            contract: self.contract,
            agent_sockets: self.server.sockets(self.agent_queue),
            composition_sockets: self.server.sockets(self.server.subscriber_queue),
            agents: Agents::new(self.server.journal_capacity, self.server.journal_bytes, self.real_time_playout),
            recorder,
            clock: Clock::new(),
            state: StateCell::new(state),
        });
        if let Some(delay) = self.recording_delay {
            tokio::spawn(recorder::run(Arc::downgrade(&service), stopped, delay));
        }
        tokio::spawn(timeline::run(Arc::downgrade(&service)));
        let running = listening.serve(Arc::clone(&service));
        Ok(Emulator::new(service, running))
    }
}

/// Shows no token.
impl fmt::Debug for EmulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorBuilder").field("port", &self.server.port).field("id", &self.id).finish_non_exhaustive()
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
