//! What a pacer may do.

use std::time::Duration;

/// How far ahead of its playing audio is sent, and how much may wait.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::agent::PacingOptions;
///
/// let options = PacingOptions::new().lead(Duration::from_millis(100)).queue(Duration::from_secs(30));
/// assert_eq!(options.frame, Duration::from_millis(20));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacingOptions {
    /// How much audio may have been sent and not yet been played, at most. Default: 200 milliseconds.
    ///
    /// More of it bridges longer stalls of the network, less of it is discarded by the service at an interrupt.
    pub lead: Duration,
    /// How much audio is sent at once, at most; no more than the lead. Default: 20 milliseconds.
    pub frame: Duration,
    /// How much audio may wait to be sent, at most; beyond it, whoever adds more has to wait. Default: 10 seconds.
    ///
    /// A single chunk that is longer than this waits until it is alone, and is then taken whole.
    pub queue: Duration,
}

impl Default for PacingOptions {
    fn default() -> Self {
        Self { lead: Duration::from_millis(200), frame: Duration::from_millis(20), queue: Duration::from_secs(10) }
    }
}

impl PacingOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses how much audio may have been sent and not yet been played.
    #[must_use]
    pub fn lead(mut self, lead: Duration) -> Self {
        self.lead = lead;
        self
    }

    /// Chooses how much audio is sent at once.
    #[must_use]
    pub fn frame(mut self, frame: Duration) -> Self {
        self.frame = frame;
        self
    }

    /// Chooses how much audio may wait to be sent.
    #[must_use]
    pub fn queue(mut self, queue: Duration) -> Self {
        self.queue = queue;
        self
    }
}
