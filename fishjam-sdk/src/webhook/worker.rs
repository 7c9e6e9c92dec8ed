//! The tasks that take notifications out of the queue and call the handler.

use std::{
    future::{Future, poll_fn},
    mem,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, task::yield_now};

use super::{
    delivery::Part,
    handler::Outcome,
    queue::{Shared, Stage},
};

/// A worker yields after this many notifications, as a loop over a tokio channel does, but only if they took this long.
///
/// Meanwhile a server with many connections accepts a delivery from each of them. A worker that yields too early therefore
/// lets the queue grow until it is full.
pub(super) const MIN_TURN: (u32, Duration) = (128, Duration::from_millis(1));

/// A task that empties lanes. Dropping it, for example at the end of the runtime, releases its lane.
pub(super) struct Worker<N> {
    shared: Arc<Shared<N>>,
    stage: Stage,
}

impl<N: Send + 'static> Worker<N> {
    /// Starts a task. The state must count it as starting.
    pub(super) fn start(shared: &Arc<Shared<N>>, runtime: &Handle) {
        let worker = Self { shared: Arc::clone(shared), stage: Stage::Starting };
        runtime.spawn(worker.run());
    }

    async fn run(mut self) {
        let mut turn = Turn::default();
        while let Some(Part { notifications, delivery }) = self.next() {
            let mut worst = Outcome::Handled;
            for notification in notifications {
                turn.before_call().await;
                worst = worst.max(self.call(notification).await);
            }
            delivery.finish_part(worst);
        }
    }

    /// Calls the handler. If the handler waits, other workers take the ready lanes.
    async fn call(&self, notification: N) -> Outcome {
        let mut called = pin!(self.shared.handle(notification));
        let mut waits = false;
        poll_fn(|context| {
            let polled = called.as_mut().poll(context);
            if polled.is_pending() && !waits {
                waits = true;
                self.shared.start_workers(self.shared.lock(), &Handle::current());
            }
            polled
        })
        .await
    }

    /// Releases the lane and takes another one. Without one, the worker ends.
    ///
    /// All of it happens under one lock, so that `push` cannot add a lane meanwhile and rely on this worker.
    fn next(&mut self) -> Option<Part<N>> {
        let mut state = self.shared.lock();
        state.leave(mem::replace(&mut self.stage, Stage::Ended));
        let (lane, part) = state.take()?;
        self.stage = Stage::Working(lane);
        Some(part)
    }
}

impl<N> Drop for Worker<N> {
    fn drop(&mut self) {
        let stage = mem::replace(&mut self.stage, Stage::Ended);
        if !matches!(stage, Stage::Ended) {
            self.shared.lock().leave(stage);
        }
    }
}

/// The calls of a handler since the worker yielded.
#[derive(Default)]
struct Turn {
    calls: u32,
    /// The time of the second call. Many workers have only one, and a clock can be slow.
    began: Option<Instant>,
}

impl Turn {
    /// Counts a call. Yields before the call if the turn is over.
    ///
    /// A handler that never waits must not keep the thread from other tasks.
    async fn before_call(&mut self) {
        if self.calls == 1 {
            self.began = Some(Instant::now());
        }
        if self.calls == MIN_TURN.0 {
            if self.began.is_some_and(|began| began.elapsed() >= MIN_TURN.1) {
                yield_now().await;
            }
            self.calls = 0;
        }
        self.calls += 1;
    }
}
