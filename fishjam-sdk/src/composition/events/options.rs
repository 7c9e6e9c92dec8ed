//! Options for receiving the events of a composition.

use crate::{
    connection::{
        policy::NotifierSettings,
        queue::{Limits, Overflow},
    },
    error::{Error, Result},
};

/// Options for a stream of a composition's events: the limits of its queue.
///
/// ```
/// use fishjam_sdk::{Overflow, composition::EventOptions};
///
/// let options = EventOptions::new().queue(100, Overflow::DropOldest).queue_bytes(1024 * 1024);
/// # drop(options);
/// ```
#[derive(Clone, Debug)]
pub struct EventOptions {
    queue: Limits,
}

impl Default for EventOptions {
    fn default() -> Self {
        Self { queue: NotifierSettings::default().queue }
    }
}

impl EventOptions {
    /// Creates options with the default values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the capacity of the queue, and what happens when the queue is full.
    ///
    /// The capacity must be at least 1. Defaults to 1,024 events and [`Overflow::Wait`].
    #[must_use]
    pub fn queue(mut self, capacity: usize, overflow: Overflow) -> Self {
        (self.queue.items, self.queue.overflow) = (capacity, overflow);
        self
    }

    /// Sets the maximum size of the events in the queue, in bytes.
    ///
    /// Defaults to 64 MiB. The size of an event is its size as the server sent it, plus less than 200 bytes for
    /// bookkeeping. [`Overflow`] decides what happens at this limit. An empty queue accepts an event that is larger than
    /// the limit. The largest event is 1 MiB.
    #[must_use]
    pub fn queue_bytes(mut self, limit: usize) -> Self {
        self.queue.bytes = limit;
        self
    }

    /// Returns the limits of the queue.
    pub(super) fn limits(&self) -> Result<Limits> {
        Error::check_at_least_one("queue", self.queue.items)?;
        Ok(self.queue)
    }
}
