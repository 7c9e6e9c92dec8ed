//! Options of a pacer.

use std::time::Duration;

/// Options for sending audio in real time: its lead, its frames and its queue.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::agent::PacingOptions;
///
/// let options = PacingOptions::new().lead(Duration::from_millis(100)).queue(Duration::from_secs(30));
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacingOptions {
    pub(super) lead: Duration,
    pub(super) frame: Duration,
    pub(super) queue: Duration,
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
    ///
    /// A longer lead bridges longer stalls of the network. With a shorter lead, an interrupt discards less audio.
    /// Defaults to 200 milliseconds.
    #[must_use]
    pub fn lead(mut self, lead: Duration) -> Self {
        self.lead = lead;
        self
    }

    /// Sets the maximum duration of audio in one message.
    ///
    /// It must be at least one sample frame, and not exceed the [`lead`](Self::lead). Defaults to 20 milliseconds.
    #[must_use]
    pub fn frame(mut self, frame: Duration) -> Self {
        self.frame = frame;
        self
    }

    /// Sets the maximum duration of audio that waits to be sent.
    ///
    /// While the queue is full, methods that add audio wait. An empty queue accepts a chunk that is longer than this
    /// limit. Defaults to 10 seconds.
    #[must_use]
    pub fn queue(mut self, queue: Duration) -> Self {
        self.queue = queue;
        self
    }
}
