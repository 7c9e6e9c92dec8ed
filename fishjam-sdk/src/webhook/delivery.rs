//! An accepted delivery, from the queue to its outcome.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::{handler::Outcome, pending::Reservation};

/// Notifications of a delivery that belong to one lane.
pub(super) struct Part<N> {
    pub(super) notifications: Vec<N>,
    pub(super) delivery: Arc<Delivery>,
}

/// A delivery whose handler has not finished. Its parts share it.
pub(super) struct Delivery(Mutex<Progress>);

struct Progress {
    unfinished_parts: usize,
    worst: Outcome,
    /// The place in the queue and the waiting response, until the last part is finished. If the end of a runtime drops a
    /// part, this is dropped with the delivery.
    end: Option<(Reservation, oneshot::Sender<Outcome>)>,
}

impl Delivery {
    pub(super) fn new(parts: usize, reservation: Reservation) -> (Arc<Self>, Completion) {
        let (done, completed) = oneshot::channel();
        let end = Some((reservation, done));
        let progress = Progress { unfinished_parts: parts, worst: Outcome::Handled, end };
        (Arc::new(Self(Mutex::new(progress))), Completion(Some(completed)))
    }

    /// Finishes a part. The last part ends the delivery.
    pub(super) fn finish_part(&self, outcome: Outcome) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.unfinished_parts = progress.unfinished_parts.saturating_sub(1);
        progress.worst = progress.worst.max(outcome);
        if progress.unfinished_parts > 0 {
            return;
        }
        let Some((reservation, done)) = progress.end.take() else { return };
        // The place is free before the response: the next delivery may follow immediately.
        drop(reservation);
        // Without a receiver, the response was sent already, or the client has disconnected.
        let _ = done.send(progress.worst);
    }
}

/// The outcome of a delivery, after its last part. A delivery without parts has none to wait for.
pub(super) struct Completion(Option<oneshot::Receiver<Outcome>>);

impl Completion {
    pub(super) fn of_empty_delivery() -> Self {
        Self(None)
    }

    /// Waits for the handler. Returns the worst outcome.
    pub(super) async fn worst(self) -> Outcome {
        match self.0 {
            Some(completed) => completed.await.unwrap_or(Outcome::Aborted),
            None => Outcome::Handled,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::{super::pending::Pending, *};

    fn delivery(parts: usize) -> (Arc<Pending>, Arc<Delivery>, Completion) {
        let pending = Arc::new(Pending::new(1, 1));
        let (delivery, completion) = Delivery::new(parts, pending.reserve(1).unwrap());
        (pending, delivery, completion)
    }

    #[test]
    fn delivery_ends_with_its_last_part_and_the_worst_outcome() {
        let (pending, first, completion) = delivery(2);
        let second = Arc::clone(&first);
        let mut worst = Box::pin(completion.worst());
        first.finish_part(Outcome::Failed);
        assert!((&mut worst).now_or_never().is_none());
        assert!(pending.reserve(1).is_err());
        second.finish_part(Outcome::Handled);
        assert_eq!(worst.now_or_never(), Some(Outcome::Failed));
        assert!(pending.reserve(1).is_ok());
    }

    #[test]
    fn delivery_is_aborted_if_a_part_is_dropped() {
        for dropped_first in [true, false] {
            let (pending, first, completion) = delivery(2);
            let second = Arc::clone(&first);
            if dropped_first {
                drop(first);
                second.finish_part(Outcome::Handled);
                drop(second);
            } else {
                first.finish_part(Outcome::Handled);
                drop((first, second));
            }
            assert_eq!(completion.worst().now_or_never(), Some(Outcome::Aborted));
            assert!(pending.reserve(1).is_ok());
        }
    }
}
