//! Options of a pacer.

use std::time::Duration;

/// Options for sending audio in real time: its lead, its frames and its queue.
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
    /// Maximum duration of audio that was sent and not played yet. Default: 200 milliseconds.
    ///
    /// A longer lead bridges longer stalls of the network. With a shorter lead, an interrupt discards less audio.
    pub lead: Duration,
    /// Maximum duration of audio in one message; at most the lead. Default: 20 milliseconds.
    pub frame: Duration,
    /// Maximum duration of audio that waits to be sent. Default: 10 seconds.
    ///
    /// While the queue is full, methods that add audio wait. An empty queue accepts a chunk that is longer than this
    /// limit.
    pub queue: Duration,
}

impl Default for PacingOptions {
    fn default() -> Self {
        Self { lead: Duration::from_millis(200), frame: Duration::from_millis(20), queue: Duration::from_secs(10) }
    }
}

impl PacingOptions {
    /// Creates the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum duration of audio that was sent and not played yet.
    #[must_use]
    pub fn lead(mut self, lead: Duration) -> Self {
        self.lead = lead;
        self
    }

    /// Sets the maximum duration of audio in one message.
    #[must_use]
    pub fn frame(mut self, frame: Duration) -> Self {
        self.frame = frame;
        self
    }

    /// Sets the maximum duration of audio that waits to be sent.
    #[must_use]
    pub fn queue(mut self, queue: Duration) -> Self {
        self.queue = queue;
        self
    }
}
