//! Options of the methods that wait for a state.

use std::{fmt, time::Duration};

use crate::{backoff::MAX_DURATION, notifier::FishjamNotifier};

/// Options for waiting, such as the time limit.
///
/// A [`Duration`] converts to options with this time limit.
///
/// Without a notifier, the method reads the state from the API, after growing waits of up to 10 seconds. With a
/// notifier, it also reads the state when an event reports a change.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let (id, token) = (emulator.url(), emulator.token());
/// use std::time::Duration;
/// use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomOptions, WaitOptions};
///
/// let (fishjam, notifier) = (FishjamClient::new(id, token)?, FishjamNotifier::new(id, token)?);
/// let room = fishjam.create_room(RoomOptions::new()).await?;
/// let options = WaitOptions::new(Duration::from_secs(3600)).notifier(&notifier);
/// fishjam.wait_for_empty_room(&room.id, options).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct WaitOptions {
    pub(super) timeout: Duration,
    pub(super) notifier: Option<FishjamNotifier>,
}

impl WaitOptions {
    /// Creates options with a time limit and without a notifier.
    ///
    /// The maximum is ten years.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self { timeout: timeout.min(MAX_DURATION), notifier: None }
    }

    /// Sets the notifier whose events report changes. Defaults to reads at growing intervals.
    ///
    /// The method becomes a consumer of the notifier, and connects it if necessary. It never delays the other
    /// consumers. While the notifier is not connected, the method reads the state after growing waits.
    #[must_use]
    pub fn notifier(mut self, notifier: &FishjamNotifier) -> Self {
        self.notifier = Some(notifier.clone());
        self
    }
}

impl From<Duration> for WaitOptions {
    fn from(timeout: Duration) -> Self {
        Self::new(timeout)
    }
}

impl fmt::Debug for WaitOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOptions").field("timeout", &self.timeout).field("notifier", &self.notifier).finish()
    }
}
