//! Periods without a working connection.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::error::Error;

/// A period whose events may be missing.
///
/// The server does not replay events. Read the current state again, for example with
/// [`FishjamClient::get_all_rooms`](crate::FishjamClient::get_all_rooms).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Gap {
    /// The last time at which the connection was known to work, by this machine's clock.
    pub from: SystemTime,
    /// The time at which notifications, or the audio of an agent, resumed. If a message was not readable, the time at
    /// which the SDK tried to read it.
    pub to: SystemTime,
    /// The cause of the gap.
    pub reason: Error,
}

impl Gap {
    /// Creates a gap that ends now.
    pub(crate) fn since(since: Instant, reason: Error) -> Self {
        let to = SystemTime::now();
        Self { from: to.checked_sub(since.elapsed()).unwrap_or(to), to, reason }
    }

    /// Returns the length of the gap, or zero if the clock was set back meanwhile.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.to.duration_since(self.from).unwrap_or_default()
    }
}
