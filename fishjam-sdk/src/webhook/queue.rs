//! The bounded queue between the deliveries and the handler, and the tasks that empty it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::oneshot, task::yield_now};

use super::{
    handler::{Handler, Outcome},
    lanes::{Lanes, OrderKey},
    options::WebhookOptions,
    pending::{Pending, QueueFull, Reservation},
};

/// The size of a notification without its text, and of its lane, its entry in the lane and its channel.
///
/// In a batch, a notification can take fewer bytes of the body than of the memory.
const NOTIFICATION_BYTES: usize = 512;

/// A worker yields after this many notifications, as a loop over a tokio channel does, but only if they took this long.
///
/// Meanwhile a server with many connections accepts a delivery from each of them. A worker that yields too early therefore
/// lets the queue grow until it is full.
const MIN_TURN: (u32, Duration) = (128, Duration::from_millis(1));

/// How the queue treats the notifications of a server.
pub(super) struct Subject<N> {
    /// Notifications with equal keys are handled in order.
    pub(super) order_key: fn(&N) -> OrderKey,
    /// The name of a notification in logs.
    pub(super) name: fn(&N) -> &'static str,
}

impl<N> Clone for Subject<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Subject<N> {}

/// The accepted deliveries, in one lane per room.
///
/// Up to `concurrency` tasks empty the lanes. A task handles many notifications in one poll, because a task per notification
/// would need a turn of the runtime for each one. A task ends when no lane is ready, so an idle queue has no task.
pub(super) struct Queue<N> {
    shared: Arc<Shared<N>>,
}

struct Shared<N> {
    handler: Handler<N>,
    subject: Subject<N>,
    concurrency: usize,
    pending: Arc<Pending>,
    state: Mutex<State<N>>,
}

struct State<N> {
    lanes: Lanes<Part<N>>,
    /// The number of tasks. While the queue's runtime runs, each ready lane has a task that will take it, unless
    /// `concurrency` tasks are busy.
    workers: usize,
}

/// The notifications of a delivery that belong to one lane.
struct Part<N> {
    notifications: Vec<N>,
    reservation: Arc<Reservation>,
    done: oneshot::Sender<Outcome>,
}

/// The results of a delivery's parts.
pub(super) struct Outcomes(Vec<oneshot::Receiver<Outcome>>);

impl Outcomes {
    /// Waits for the handler. Returns the worst outcome.
    pub(super) async fn worst(self) -> Outcome {
        let mut worst = Outcome::Handled;
        for part in self.0 {
            worst = worst.max(part.await.unwrap_or(Outcome::Aborted));
        }
        worst
    }
}

impl<N: Send + 'static> Queue<N> {
    pub(super) fn new(handler: Handler<N>, subject: Subject<N>, options: &WebhookOptions) -> Self {
        let pending = Arc::new(Pending::new(options.max_deliveries(), options.max_queue_bytes()));
        let state = Mutex::new(State { lanes: Lanes::new(), workers: 0 });
        let concurrency = options.max_concurrency();
        Self { shared: Arc::new(Shared { handler, subject, concurrency, pending, state }) }
    }

    pub(super) fn pending(&self) -> Arc<Pending> {
        Arc::clone(&self.shared.pending)
    }

    /// Adds a whole delivery, or returns an error. A delivery without notifications takes no space.
    ///
    /// `bytes` is the size of the body. Call this method on a runtime.
    pub(super) fn push(&self, delivery: Vec<N>, bytes: usize) -> Result<Outcomes, QueueFull> {
        if delivery.is_empty() {
            return Ok(Outcomes(Vec::new()));
        }
        let bytes = bytes.saturating_add(NOTIFICATION_BYTES.saturating_mul(delivery.len().saturating_sub(1)));
        let parts = self.shared.parts(delivery);
        let reservation = Arc::new(self.shared.pending.reserve(bytes)?);
        let mut outcomes = Vec::with_capacity(parts.len());
        let mut new_workers = 0;
        let mut state = self.shared.lock();
        for (key, notifications) in parts {
            let (done, outcome) = oneshot::channel();
            outcomes.push(outcome);
            let part = Part { notifications, reservation: Arc::clone(&reservation), done };
            let ready = state.lanes.push(key, part);
            // Without workers, a runtime has ended before its workers. Their lanes need a worker of this runtime.
            if (ready || state.workers == 0) && state.workers < self.shared.concurrency {
                state.workers += 1;
                new_workers += 1;
            }
        }
        drop(state);
        for _ in 0..new_workers {
            let worker = Worker { shared: Arc::clone(&self.shared), taken: None, counted: true };
            tokio::spawn(worker.run());
        }
        Ok(Outcomes(outcomes))
    }
}

impl<N> Shared<N> {
    /// Locks the state. Code with the lock does not panic, and it calls no code of the user.
    fn lock(&self) -> MutexGuard<'_, State<N>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Divides a delivery into the parts for its lanes. Each part keeps the order of the delivery.
    fn parts(&self, delivery: Vec<N>) -> Vec<(OrderKey, Vec<N>)> {
        if self.concurrency == 1 {
            return vec![(OrderKey::Everything, delivery)];
        }
        if let [notification] = &*delivery {
            return vec![((self.subject.order_key)(notification), delivery)];
        }
        let mut parts: Vec<(OrderKey, Vec<N>)> = Vec::new();
        let mut positions = HashMap::new();
        for notification in delivery {
            let key = (self.subject.order_key)(&notification);
            // Most batches have notifications of one room only.
            if let Some((last, part)) = parts.last_mut()
                && *last == key
            {
                part.push(notification);
                continue;
            }
            let position = *positions.entry(key.clone()).or_insert(parts.len());
            match parts.get_mut(position) {
                Some((_, part)) => part.push(notification),
                None => parts.push((key, vec![notification])),
            }
        }
        parts
    }
}

/// A task that empties lanes. Dropping it, for example at the end of the runtime, releases its lane.
struct Worker<N> {
    shared: Arc<Shared<N>>,
    taken: Option<OrderKey>,
    /// Whether `workers` counts this one.
    counted: bool,
}

impl<N: Send + 'static> Worker<N> {
    async fn run(mut self) {
        let (mut began, mut handled) = (Instant::now(), 0_u32);
        while let Some(part) = self.next() {
            let mut worst = Outcome::Handled;
            for notification in part.notifications {
                let name = (self.shared.subject.name)(&notification);
                worst = worst.max(self.shared.handler.call(notification, name).await);
                handled = handled.saturating_add(1);
                // A handler that never waits must not keep the thread from other tasks.
                if handled >= MIN_TURN.0 && began.elapsed() >= MIN_TURN.1 {
                    yield_now().await;
                    (began, handled) = (Instant::now(), 0);
                }
            }
            // The place is free before the response: the next delivery may follow immediately.
            drop(part.reservation);
            // Without a receiver, the response was sent already, or the client has disconnected.
            let _ = part.done.send(worst);
        }
    }

    /// Releases the lane and takes another one. Without one, the worker is not counted any more.
    ///
    /// Both happen under one lock, so that `push` cannot add a ready lane between them and rely on this worker.
    fn next(&mut self) -> Option<Part<N>> {
        let mut state = self.shared.lock();
        if let Some(key) = self.taken.take() {
            state.lanes.release(key);
        }
        let Some((key, part)) = state.lanes.take() else {
            state.workers = state.workers.saturating_sub(1);
            self.counted = false;
            return None;
        };
        self.taken = Some(key);
        Some(part)
    }
}

impl<N> Drop for Worker<N> {
    fn drop(&mut self) {
        if !self.counted {
            return;
        }
        let mut state = self.shared.lock();
        if let Some(key) = self.taken.take() {
            state.lanes.release(key);
        }
        state.workers = state.workers.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    fn queue<F>(options: &WebhookOptions, handler: impl Fn(u32) -> F + Send + Sync + 'static) -> Queue<u32>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let subject = Subject { order_key: |_| OrderKey::Name("a"), name: |_| "a" };
        Queue::new(Handler::new(handler), subject, options)
    }

    #[test]
    fn end_of_the_runtime_aborts_one_delivery_and_keeps_the_others() {
        let handled = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&handled);
        let options = WebhookOptions::new().queue_capacity(2);
        let queue = queue(&options, move |number| {
            let record = Arc::clone(&record);
            async move {
                if number == 0 {
                    pending::<()>().await;
                }
                record.lock().unwrap().push(number);
            }
        });
        let first = runtime();
        let (aborted, waiting) = first.block_on(async {
            let outcomes = (queue.push(vec![0], 1).unwrap(), queue.push(vec![1], 1).unwrap());
            yield_now().await;
            outcomes
        });
        drop(first);
        // The place of the aborted delivery is free again.
        runtime().block_on(async {
            let next = queue.push(vec![2], 1).unwrap();
            assert!(queue.push(vec![3], 1).is_err());
            assert_eq!(aborted.worst().await, Outcome::Aborted);
            assert_eq!(waiting.worst().await, Outcome::Handled);
            assert_eq!(next.worst().await, Outcome::Handled);
        });
        assert_eq!(*handled.lock().unwrap(), [1, 2]);
    }

    #[test]
    fn handler_that_never_waits_does_not_keep_the_thread() {
        let turns = Arc::new(AtomicUsize::new(0));
        // Each call takes a tenth of a turn or more, so the worker yields after each 128 calls.
        let queue = queue(&WebhookOptions::new(), |_| {
            let began = Instant::now();
            while began.elapsed() < MIN_TURN.1 / 10 {}
            async {}
        });
        runtime().block_on(async {
            let delivery = (0..10 * MIN_TURN.0).collect();
            let outcomes = queue.push(delivery, 1).unwrap();
            let other = tokio::spawn({
                let turns = Arc::clone(&turns);
                async move {
                    loop {
                        turns.fetch_add(1, Ordering::SeqCst);
                        yield_now().await;
                    }
                }
            });
            assert_eq!(outcomes.worst().await, Outcome::Handled);
            other.abort();
        });
        assert!(turns.load(Ordering::SeqCst) >= 9, "{turns:?}");
    }

    #[test]
    fn size_of_a_notification_is_in_the_limit() {
        assert!(size_of::<crate::events::Notification>() <= NOTIFICATION_BYTES);
        #[cfg(feature = "jellyfish")]
        assert!(size_of::<crate::jellyfish::events::Notification>() <= NOTIFICATION_BYTES);
    }

    #[test]
    fn idle_queue_has_no_task() {
        let queue = queue(&WebhookOptions::new(), |_| async {});
        let runtime = runtime();
        runtime.block_on(async {
            assert_eq!(queue.push(vec![0, 1], 1).unwrap().worst().await, Outcome::Handled);
            while runtime.metrics().num_alive_tasks() > 0 {
                yield_now().await;
            }
        });
        assert_eq!(queue.shared.lock().workers, 0);
    }
}
