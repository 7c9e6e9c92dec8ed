//! The accepted deliveries whose handler has not finished: their limits and their end.

use std::{fmt, sync::Arc};

use tokio::sync::watch;

/// The queue has no room for another delivery.
#[derive(Debug)]
pub(super) struct QueueFull;

#[derive(Clone, Copy, Default)]
struct Usage {
    deliveries: usize,
    bytes: usize,
}

/// Counts accepted deliveries.
pub(super) struct Pending {
    max_deliveries: usize,
    max_bytes: usize,
    usage: watch::Sender<Usage>,
}

/// The place of an accepted delivery. Dropping it frees the place.
pub(super) struct Reservation {
    pending: Arc<Pending>,
    bytes: usize,
}

impl Pending {
    pub(super) fn new(max_deliveries: usize, max_bytes: usize) -> Self {
        Self { max_deliveries, max_bytes, usage: watch::Sender::new(Usage::default()) }
    }

    /// Reserves a place, or returns an error. An empty queue accepts a delivery above the limit of bytes.
    pub(super) fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Reservation, QueueFull> {
        let mut reserved = false;
        self.usage.send_if_modified(|usage| {
            let fits = usage.deliveries == 0 || bytes <= self.max_bytes.saturating_sub(usage.bytes);
            if usage.deliveries < self.max_deliveries && fits {
                reserved = true;
                usage.deliveries += 1;
                usage.bytes = usage.bytes.saturating_add(bytes);
            }
            // Only the end of the last delivery wakes a task.
            false
        });
        if reserved { Ok(Reservation { pending: Arc::clone(self), bytes }) } else { Err(QueueFull) }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.pending.usage.send_if_modified(|usage| {
            usage.deliveries = usage.deliveries.saturating_sub(1);
            usage.bytes = usage.bytes.saturating_sub(self.bytes);
            usage.deliveries == 0
        });
    }
}

/// A handle for the accepted deliveries of a service whose handler has not finished.
///
/// Cloning is cheap. The handle keeps neither the service nor the handler alive.
///
/// ```
/// use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fishjam_sdk::Result<()> {
/// let receiver = WebhookReceiver::new(["a-secret"])?;
/// let (service, queue) = receiver.into_queued_service(|n: Notification| async move { println!("{n}") });
///
/// // Run the server until it has shut down. Then wait for the handler.
/// drop(service);
/// queue.drained().await;
/// assert!(queue.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WebhookQueue {
    pending: Arc<Pending>,
}

impl WebhookQueue {
    pub(super) fn new(pending: Arc<Pending>) -> Self {
        Self { pending }
    }

    /// Waits until the handler has finished for all accepted deliveries.
    ///
    /// Call this method after the server has stopped. Otherwise another delivery may follow. To limit the
    /// time, use `tokio::time::timeout`. The deliveries continue on the runtimes that received them, so call this method
    /// before those runtimes end. The end of a runtime aborts its running handlers. Another runtime that received deliveries
    /// handles the waiting ones.
    ///
    /// For an example, see [`WebhookQueue`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the deliveries continue.
    pub async fn drained(&self) {
        let mut usage = self.pending.usage.subscribe();
        // `self` holds the sender, so the wait does not fail.
        let _ = usage.wait_for(|usage| usage.deliveries == 0).await;
    }

    /// Returns the number of accepted deliveries whose handler has not finished.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pending.usage.borrow().deliveries
    }

    /// Returns `true` if the handler has finished for all accepted deliveries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for WebhookQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookQueue").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn reservations_are_limited_in_number_and_bytes() {
        let pending = Arc::new(Pending::new(2, 10));
        let first = pending.reserve(6).unwrap();
        assert!(pending.reserve(5).is_err(), "above the bytes");
        let second = pending.reserve(4).unwrap();
        assert!(pending.reserve(0).is_err(), "above the number");
        drop(first);
        let third = pending.reserve(6).unwrap();
        drop((second, third));
        let above = pending.reserve(usize::MAX).unwrap();
        assert!(pending.reserve(1).is_err());
        drop(above);
        assert!(pending.reserve(10).is_ok());
    }

    #[tokio::test]
    async fn drained_waits_for_the_last_delivery() {
        let pending = Arc::new(Pending::new(2, 10));
        let queue = WebhookQueue::new(Arc::clone(&pending));
        queue.drained().await;
        let (first, second) = (pending.reserve(1).unwrap(), pending.reserve(1).unwrap());
        let mut drained = Box::pin(queue.drained());
        for reservation in [first, second] {
            assert!((&mut drained).now_or_never().is_none());
            drop(reservation);
        }
        assert!(drained.now_or_never().is_some());
        assert_eq!(format!("{queue:?}"), "WebhookQueue { len: 0, .. }");
    }
}
