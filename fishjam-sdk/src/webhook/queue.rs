//! The bounded queue between the deliveries and the handler.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{
    delivery::{Completion, Delivery, Part},
    handler::Handler,
    lanes::{LaneKey, OrderKey},
    options::WebhookOptions,
    pending::{Pending, QueueFull},
    worker::Workers,
};

/// The size of a notification without its text, and of its lane, its entry in the lane and its channel.
///
/// In a batch, a notification can take fewer bytes of the body than of the memory.
const NOTIFICATION_BYTES: usize = 512;

/// How the queue treats the notifications of a server.
pub(super) struct Subject<N> {
    /// Notifications with equal keys are handled in order.
    pub(super) order_key: fn(&N) -> OrderKey<&str>,
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
pub(super) struct Queue<N> {
    pending: Arc<Pending>,
    order_key: fn(&N) -> OrderKey<&str>,
    /// Whether all notifications are in order.
    has_one_lane: bool,
    workers: Arc<Workers<N>>,
}

impl<N: Send + 'static> Queue<N> {
    pub(super) fn new(handler: Handler<N>, subject: Subject<N>, options: &WebhookOptions) -> Self {
        let concurrency = options.max_concurrency();
        Self {
            pending: Arc::new(Pending::new(options.max_deliveries(), options.max_queue_bytes())),
            order_key: subject.order_key,
            has_one_lane: concurrency == 1,
            workers: Arc::new(Workers::new(handler, subject.name, concurrency)),
        }
    }

    pub(super) fn pending(&self) -> Arc<Pending> {
        Arc::clone(&self.pending)
    }

    /// Adds a whole delivery, or returns an error. A delivery without notifications takes no space.
    ///
    /// `bytes` is the size of the body. The handler runs on `runtime`.
    pub(super) fn push(&self, delivery: Vec<N>, bytes: usize, runtime: &Handle) -> Result<Completion, QueueFull> {
        if delivery.is_empty() {
            return Ok(Completion::of_empty_delivery());
        }
        let bytes = bytes.saturating_add(NOTIFICATION_BYTES.saturating_mul(delivery.len().saturating_sub(1)));
        let reservation = self.pending.reserve(bytes)?;
        let parts = self.parts(delivery);
        let (delivery, completion) = Delivery::new(parts.len(), reservation);
        let parts = parts
            .into_iter()
            .map(|(lane, notifications)| (lane, Part { notifications, delivery: Arc::clone(&delivery) }));
        self.workers.push(parts, runtime);
        Ok(completion)
    }

    /// Divides a delivery into parts, in its order. Most deliveries have notifications of one room only.
    fn parts(&self, delivery: Vec<N>) -> Vec<(LaneKey, Vec<N>)> {
        if self.has_one_lane {
            return vec![(OrderKey::Everything, delivery)];
        }
        let key = self.order_key;
        if let [first, others @ ..] = &*delivery
            && others.iter().all(|other| key(other) == key(first))
        {
            return vec![(key(first).to_lane(), delivery)];
        }
        let mut parts: Vec<(LaneKey, Vec<N>)> = Vec::new();
        for notification in delivery {
            if let Some((_, part)) = parts.last_mut()
                && part.last().is_some_and(|last| key(last) == key(&notification))
            {
                part.push(notification);
            } else {
                parts.push((key(&notification).to_lane(), vec![notification]));
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashSet,
        future::{Future, pending},
        sync::{
            Barrier, Mutex,
            atomic::{AtomicUsize, Ordering},
            mpsc,
        },
        time::{Duration, Instant},
    };

    use tokio::{
        runtime::{Builder, Runtime},
        task::{block_in_place, yield_now},
    };

    use super::{
        super::{handler::Outcome, worker::MIN_TURN},
        *,
    };

    fn push<N: Send + 'static>(queue: &Queue<N>, delivery: Vec<N>, bytes: usize) -> Result<Completion, QueueFull> {
        queue.push(delivery, bytes, &Handle::current())
    }

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
            let outcomes = (push(&queue, vec![0], 1).unwrap(), push(&queue, vec![1], 1).unwrap());
            yield_now().await;
            outcomes
        });
        drop(first);
        // The place of the aborted delivery is free again.
        runtime().block_on(async {
            let next = push(&queue, vec![2], 1).unwrap();
            assert!(push(&queue, vec![3], 1).is_err());
            assert_eq!(aborted.worst().await, Outcome::Aborted);
            assert_eq!(waiting.worst().await, Outcome::Handled);
            assert_eq!(next.worst().await, Outcome::Handled);
        });
        assert_eq!(*handled.lock().unwrap(), [1, 2]);
    }

    #[test]
    fn delivery_moves_to_its_runtime_if_the_worker_ends() {
        for worker_ran in [true, false] {
            let options = WebhookOptions::new().concurrency(1);
            let queue = queue(&options, |number| async move {
                if number == 0 {
                    pending::<()>().await;
                }
            });
            let (first, second) = (runtime(), runtime());
            let (aborted, kept) = first.block_on(async {
                let completions = (push(&queue, vec![0], 1).unwrap(), push(&queue, vec![1], 1).unwrap());
                if worker_ran {
                    yield_now().await;
                }
                completions
            });
            let next = second.block_on(async { push(&queue, vec![2], 1).unwrap() });
            assert_eq!(second.metrics().num_alive_tasks(), 0, "the other runtime has the only worker");
            drop(first);
            if worker_ran {
                assert_eq!(second.block_on(aborted.worst()), Outcome::Aborted);
                assert_eq!(second.block_on(kept.worst()), Outcome::Handled);
                assert_eq!(second.block_on(next.worst()), Outcome::Handled);
            } else {
                // The handler of the first delivery waits on the second runtime.
                assert_eq!(second.metrics().num_alive_tasks(), 1);
            }
        }
    }

    #[test]
    fn delivery_skips_the_runtimes_that_have_ended() {
        let queue = queue(&WebhookOptions::new().concurrency(1), |_| async {});
        let [ended, alive, also_ended, worker] = [(); 4].map(|()| runtime());
        let completions = [&worker, &ended, &alive, &also_ended]
            .map(|runtime| runtime.block_on(async { push(&queue, vec![1], 1).unwrap() }));
        drop((ended, also_ended));
        drop(worker);
        for completion in completions {
            assert_eq!(alive.block_on(completion.worst()), Outcome::Handled);
        }
        assert!(queue.workers.is_idle());
    }

    #[test]
    fn delivery_does_not_wait_for_the_worker_of_another_runtime() {
        let queue = queue(&WebhookOptions::new(), |_| async {});
        let (blocked, other) = (runtime(), runtime());
        let first = blocked.block_on(async { push(&queue, vec![1], 1).unwrap() });
        other.block_on(async {
            assert_eq!(push(&queue, vec![2], 1).unwrap().worst().await, Outcome::Handled);
            assert_eq!(first.worst().await, Outcome::Handled);
        });
    }

    #[test]
    fn queue_without_living_runtime_waits_for_the_next_one() {
        let queue = queue(&WebhookOptions::new(), |_| async {});
        let [first, second, third] = [(); 3].map(|()| runtime());
        let completions =
            [&first, &second].map(|runtime| runtime.block_on(async { push(&queue, vec![1], 1).unwrap() }));
        drop((first, second));
        assert!(queue.workers.is_idle(), "nothing keeps an ended runtime");
        third.block_on(async {
            assert_eq!(push(&queue, vec![2], 1).unwrap().worst().await, Outcome::Handled);
            for completion in completions {
                assert_eq!(completion.worst().await, Outcome::Handled);
            }
        });
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
            let outcomes = push(&queue, delivery, 1).unwrap();
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

    /// Notifications of this queue are the names of their rooms.
    fn queue_of_rooms<F>(handler: impl Fn(String) -> F + Send + Sync + 'static) -> Queue<String>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let subject = Subject { order_key: |room: &String| OrderKey::Room(room), name: |_| "a" };
        Queue::new(Handler::new(handler), subject, &WebhookOptions::new().queue_capacity(CAPACITY))
    }

    const CAPACITY: usize = 1_000;

    #[test]
    fn burst_of_the_capacity_is_accepted_and_needs_one_task() {
        let tasks = Arc::new(Mutex::new(HashSet::new()));
        let queue = queue_of_rooms({
            let tasks = Arc::clone(&tasks);
            move |_| {
                let tasks = Arc::clone(&tasks);
                async move {
                    tasks.lock().unwrap().insert(tokio::task::id());
                }
            }
        });
        let runtime = runtime();
        runtime.block_on(async {
            // No worker runs before the first `await`.
            let completions: Vec<_> =
                (0..CAPACITY).map(|room| push(&queue, vec![room.to_string()], 1).unwrap()).collect();
            assert!(push(&queue, vec!["another".to_owned()], 1).is_err());
            assert_eq!(runtime.metrics().num_alive_tasks(), 1);
            for completion in completions {
                assert_eq!(completion.worst().await, Outcome::Handled);
            }
        });
        assert_eq!(tasks.lock().unwrap().len(), 1);
    }

    #[test]
    fn worker_handles_many_rooms_in_one_poll() {
        let queue = queue_of_rooms(|_| async {});
        runtime().block_on(async {
            let rooms = 0..MIN_TURN.0;
            let _completions: Vec<_> = rooms.map(|room| push(&queue, vec![room.to_string()], 1).unwrap()).collect();
            yield_now().await;
            // Every room is handled, so an empty queue accepts a delivery of any size.
            assert!(push(&queue, vec!["another".to_owned()], usize::MAX).is_ok());
        });
    }

    #[test]
    fn each_waiting_handler_has_one_task() {
        let queue = queue_of_rooms(|_| pending());
        let runtime = runtime();
        runtime.block_on(async {
            let rooms = ["a", "b", "a", "c"];
            let _completions = rooms.map(|room| push(&queue, vec![room.to_owned()], 1).unwrap());
            for _ in rooms {
                yield_now().await;
            }
            assert_eq!(runtime.metrics().num_alive_tasks(), 3);
        });
    }

    #[test]
    fn handler_that_blocks_its_thread_delays_no_other_room() {
        let (send, receive) = mpsc::channel();
        let receive = Mutex::new(receive);
        let queue = queue_of_rooms(move |room| {
            match &*room {
                "a" => receive.lock().unwrap().recv_timeout(Duration::from_secs(60)).unwrap(),
                _ => send.send(()).unwrap(),
            }
            async {}
        });
        let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let pushed =
            runtime.spawn(async move { push(&queue, vec!["a".to_owned(), "b".to_owned()], 1).unwrap().worst().await });
        assert_eq!(runtime.block_on(pushed).unwrap(), Outcome::Handled);
    }

    #[test]
    fn handlers_that_block_in_place_delay_no_other_room() {
        const ROOMS: usize = 8;
        let barrier = Arc::new(Barrier::new(ROOMS));
        let queue = queue_of_rooms(move |_| {
            let barrier = Arc::clone(&barrier);
            async move {
                block_in_place(|| barrier.wait());
            }
        });
        let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let (send, handled) = mpsc::channel();
        runtime.spawn(async move {
            let rooms = (0..ROOMS).map(|room| room.to_string()).collect();
            send.send(push(&queue, rooms, 1).unwrap().worst().await).unwrap();
        });
        let handled = handled.recv_timeout(Duration::from_secs(60));
        runtime.shutdown_background();
        assert_eq!(handled, Ok(Outcome::Handled));
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
            assert_eq!(push(&queue, vec![0, 1], 1).unwrap().worst().await, Outcome::Handled);
            while runtime.metrics().num_alive_tasks() > 0 {
                yield_now().await;
            }
        });
        assert!(queue.workers.is_idle());
    }
}
