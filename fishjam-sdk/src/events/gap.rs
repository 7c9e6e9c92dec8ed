//! Time that a connection cannot speak for.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::error::Error;

/// A time in which events may have been missed.
///
/// The service keeps no history: what happened meanwhile is never told. Read the present state again, for example
/// with [`FishjamClient::get_all_rooms`](crate::FishjamClient::get_all_rooms).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Gap {
    /// When the connection was last known to work, by this machine's clock.
    pub from: SystemTime,
    /// When notifications, or the audio of an agent, began to flow again; if a message could not be read, when that
    /// was found out.
    pub to: SystemTime,
    /// What interrupted it.
    pub reason: Error,
}

impl Gap {
    /// From this point in time until now.
    pub(crate) fn since(since: Instant, reason: Error) -> Self {
        let to = SystemTime::now();
        Self { from: to.checked_sub(since.elapsed()).unwrap_or(to), to, reason }
    }

    /// How long it lasted; zero if the clock was set back meanwhile.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.to.duration_since(self.from).unwrap_or_default()
    }
}
