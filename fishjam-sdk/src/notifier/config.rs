//! Everything that a notifier can be told.

use std::{fmt, time::Duration};

use super::{
    FishjamNotifier,
    handshake::WANTED,
    hub::Server,
    listening::Listening,
    queue::{Limits, Overflow},
    state::Rules,
};
use crate::{
    backoff::Backoff,
    config::{self, Network, network_setters},
    endpoint::{Endpoint, SERVER_SOCKET},
    error::Result,
    secret::ManagementToken,
    transport::http_client,
};

/// How many events wait for a consumer before it counts as too slow.
const CAPACITY: usize = 1024;
/// The default limit of a consumer's queue, in bytes.
const QUEUE_BYTES: usize = 64 * 1024 * 1024;
/// Longer than any process lives, and short enough to be added to a point in time.
pub(crate) const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
/// No server is asked more often than this, whatever the settings say.
pub(crate) const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// What every notifier can be told, whatever server it listens to.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) rules: Rules,
    pub(crate) queue: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        let queue = Limits { items: CAPACITY, bytes: QUEUE_BYTES, overflow: Overflow::default() };
        Self { rules: Rules::default(), queue }
    }
}

/// The setters that every notifier's builder has; the builder holds `settings: Settings` and is itself `#[must_use]`.
macro_rules! notifier_setters {
    () => {
        /// Limits the time from opening a connection to being subscribed. Default: 15 seconds.
        pub fn handshake_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings.rules.handshake = limit.min($crate::notifier::config::FOREVER);
            self
        }

        /// Limits how long nothing at all may arrive before the connection counts as dead and is replaced. Default:
        /// 75 seconds; the server sends a ping every 30 seconds.
        pub fn idle_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings.rules.idle = limit.min($crate::notifier::config::FOREVER);
            self
        }

        /// Chooses whether a lost connection is replaced. Default: it is, until the notifier is closed or until
        /// trying again cannot help.
        pub fn reconnect(mut self, reconnect: bool) -> Self {
            self.settings.rules.reconnect = reconnect;
            self
        }

        /// Chooses the waits between attempts to reconnect: they double from `first` up to `longest`, each shortened
        /// by up to half at random, and begin anew once a connection has lasted 30 seconds. Default: 500 milliseconds
        /// and 30 seconds.
        pub fn reconnect_backoff(mut self, first: std::time::Duration, longest: std::time::Duration) -> Self {
            self.settings.rules.backoff = $crate::notifier::config::backoff(first, longest);
            self
        }

        /// Chooses how many events may wait for each consumer (at least 1), and what happens when one is slower than
        /// that. Default: 1,024 events and [`Overflow::Wait`](crate::Overflow::Wait).
        pub fn queue(mut self, capacity: usize, overflow: $crate::Overflow) -> Self {
            (self.settings.queue.items, self.settings.queue.overflow) = (capacity, overflow);
            self
        }

        /// Limits the size of the events that may wait for each consumer, in bytes. Defaults to 64 MiB.
        ///
        /// The size of an event is its size as the server sent it, plus a small amount for bookkeeping. At this limit
        /// the same happens as at the limit of events: see [`Overflow`](crate::Overflow). An empty queue accepts an
        /// event that is larger than the limit. The largest message is 16 MiB.
        ///
        /// The limit counts events, not the buffers that contain them. The buffers grow by doubling, keep some of the
        /// events that were read, and there are two of them. The memory of a queue can thus be up to six times the
        /// limit.
        ///
        /// The limit also holds for streams with their own number of events and for
        /// [`RoomsView`](crate::RoomsView).
        pub fn queue_bytes(mut self, limit: usize) -> Self {
            self.settings.queue.bytes = limit;
            self
        }
    };
}
#[cfg(feature = "jellyfish")]
pub(crate) use notifier_setters;

/// A schedule of these waits, as far as they make sense.
pub(crate) fn backoff(first: Duration, longest: Duration) -> Backoff {
    let bounded = |wait: Duration| wait.clamp(SHORTEST_WAIT, FOREVER);
    Backoff { first: bounded(first), longest: bounded(longest) }
}

/// Everything that a [`FishjamNotifier`] can be told.
///
/// ```
/// use std::{fmt, time::Duration};
/// use fishjam_sdk::FishjamNotifier;
///
/// let notifier = FishjamNotifier::builder("my-fishjam-id", "my-management-token")
///     .handshake_timeout(Duration::from_secs(5))
///     .build()?;
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct FishjamNotifierBuilder {
    fishjam_id: String,
    management_token: ManagementToken,
    base_url: Option<String>,
    network: Network,
    settings: Settings,
}

impl FishjamNotifierBuilder {
    pub(super) fn new(fishjam_id: String, management_token: ManagementToken) -> Self {
        Self {
            fishjam_id,
            management_token,
            base_url: None,
            network: Network::default(),
            settings: Settings::default(),
        }
    }

    /// Begins with the credentials that the environment holds, as [`FishjamNotifier::from_env`] does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): a variable is missing or unreadable; the
    /// message names it.
    pub fn from_env() -> Result<Self> {
        let (id, token) = config::credentials_from_env()?;
        Ok(Self::new(id, token))
    }

    /// Connects below this URL instead of the address that the id stands for.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    notifier_setters!();

    network_setters!();

    /// Checks everything and makes the notifier. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): the id, URL, token, proxy, certificates or
    /// user agent cannot be used.
    pub fn build(self) -> Result<FishjamNotifier> {
        let endpoint = Endpoint::of_settings(&self.fishjam_id, self.base_url.as_deref())?;
        // The token travels in a message here, but one that no request could carry is wrong all the same.
        config::authorization(&self.management_token)?;
        let http = http_client(&endpoint, &self.network, None)?;
        let url = endpoint.socket(SERVER_SOCKET)?;
        let server = Server { http, url, token: self.management_token, wanted: WANTED };
        Ok(FishjamNotifier::of(Listening::new(server, self.settings)))
    }
}

/// What was given as an id or URL is not printed: it is not checked yet and may hold a password.
impl fmt::Debug for FishjamNotifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FishjamNotifierBuilder")
            .field("network", &self.network)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
