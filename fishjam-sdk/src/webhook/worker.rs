//! The workers: tasks that take notifications out of the lanes and call the handler.

use std::{
    future::{Future, poll_fn},
    mem,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, task::yield_now};

use super::{
    delivery::Part,
    handler::{Handler, Outcome},
    lanes::{LaneKey, Lanes},
};

/// A worker yields after this many notifications, as a loop over a tokio channel does, but only if they took this long.
///
/// Meanwhile a server with many connections accepts a delivery from each of them. A worker that yields too early therefore
/// lets the queue grow until it is full.
pub(super) const MIN_TURN: (u32, Duration) = (128, Duration::from_millis(1));

/// The lanes of accepted notifications, and the workers that empty them.
///
/// A worker is a task that handles one notification after the other, many of them in one poll. With a task per notification,
/// the lanes would grow while the connections have their turns. A worker ends when no lane is ready, so there is no task
/// without notifications.
pub(super) struct Workers<N> {
    handler: Handler<N>,
    /// Returns the name of a notification in logs.
    name: fn(&N) -> &'static str,
    concurrency: usize,
    state: Mutex<State<N>>,
}

/// The lanes and the number of workers.
///
/// While a lane is ready and the runtime runs, a worker will take the lane without waiting for a handler, unless
/// `concurrency` workers exist.
struct State<N> {
    lanes: Lanes<Part<N>>,
    starting: usize,
    working: usize,
}

/// The stage of a worker.
enum Stage {
    /// It has not run yet.
    Starting,
    /// It has taken an item of this lane.
    Working(LaneKey),
    Ended,
}

impl<N> State<N> {
    /// Ends a stage of a worker.
    fn leave(&mut self, stage: Stage) {
        match stage {
            Stage::Starting => self.starting = self.starting.saturating_sub(1),
            Stage::Working(lane) => {
                self.working = self.working.saturating_sub(1);
                self.lanes.release(lane);
            }
            Stage::Ended => {}
        }
    }

    /// Takes an item for a worker, which is then working.
    fn take(&mut self) -> Option<(LaneKey, Part<N>)> {
        let taken = self.lanes.take()?;
        self.working += 1;
        Some(taken)
    }
}

impl<N: Send + 'static> Workers<N> {
    pub(super) fn new(handler: Handler<N>, name: fn(&N) -> &'static str, concurrency: usize) -> Self {
        let state = Mutex::new(State { lanes: Lanes::new(), starting: 0, working: 0 });
        Self { handler, name, concurrency, state }
    }

    /// Appends parts to their lanes. Their workers run on `runtime`.
    pub(super) fn push(self: &Arc<Self>, parts: impl IntoIterator<Item = (LaneKey, Part<N>)>, runtime: &Handle) {
        let mut state = self.lock();
        for (lane, part) in parts {
            state.lanes.push(lane, part);
        }
        self.start_workers(state, runtime);
    }

    /// Starts workers for the ready lanes, and unlocks the state.
    ///
    /// A worker can empty many lanes in its first turn, so it is enough if each thread of the runtime has one that waits
    /// for its first turn. If a handler then waits, its worker calls this method again.
    fn start_workers(self: &Arc<Self>, mut state: MutexGuard<'_, State<N>>, runtime: &Handle) {
        if state.lanes.ready() <= state.starting {
            return;
        }
        let needed = state.lanes.ready().min(runtime.metrics().num_workers()).saturating_sub(state.starting);
        let new = needed.min(self.concurrency.saturating_sub(state.starting + state.working));
        state.starting += new;
        drop(state);
        for _ in 0..new {
            Worker::start(self, runtime);
        }
    }
}

impl<N> Workers<N> {
    /// Locks the state. Code with the lock does not panic, and it calls no code of the user.
    fn lock(&self) -> MutexGuard<'_, State<N>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns `true` if there is no worker.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        (state.starting, state.working) == (0, 0)
    }
}

/// A task that empties lanes. Dropping it, for example at the end of the runtime, releases its lane.
struct Worker<N> {
    workers: Arc<Workers<N>>,
    stage: Stage,
}

impl<N: Send + 'static> Worker<N> {
    /// Starts a task. The state must count it as starting.
    fn start(workers: &Arc<Workers<N>>, runtime: &Handle) {
        let worker = Self { workers: Arc::clone(workers), stage: Stage::Starting };
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
        let name = (self.workers.name)(&notification);
        let mut called = pin!(self.workers.handler.call(notification, name));
        let mut waits = false;
        poll_fn(|context| {
            let polled = called.as_mut().poll(context);
            if polled.is_pending() && !waits {
                waits = true;
                self.workers.start_workers(self.workers.lock(), &Handle::current());
            }
            polled
        })
        .await
    }

    /// Releases the lane and takes another one. Without one, the worker ends.
    ///
    /// All of it happens under one lock, so that `push` cannot add a lane meanwhile and rely on this worker.
    fn next(&mut self) -> Option<Part<N>> {
        let mut state = self.workers.lock();
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
            self.workers.lock().leave(stage);
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
