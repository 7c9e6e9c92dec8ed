//! The workers: tasks that take notifications out of the lanes and call the handler.

use std::{
    future::{Future, poll_fn},
    mem,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Handle, Id, RuntimeFlavor},
    task::yield_now,
};

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

/// The maximum number of runtimes that are known at the same time. After the end of its workers' runtime, a delivery from a
/// further runtime waits for the next delivery.
const MAX_RUNTIMES: usize = 64;

/// The lanes of accepted notifications, and the workers that empty them.
///
/// A worker is a task that handles notifications in sequence. One poll can handle many of them. With a task per
/// notification, the lanes would grow while the connections have their turns. A worker ends when no lane is ready, so
/// there is no task without notifications.
pub(super) struct Workers<N> {
    handler: Handler<N>,
    /// Returns the name of a notification in logs.
    name: fn(&N) -> &'static str,
    concurrency: usize,
    state: Mutex<State<N>>,
}

/// The lanes and the workers.
///
/// If a lane is ready, a worker takes it without waiting for a handler.
/// There are two exceptions: `concurrency` workers exist, or all of these runtimes have ended.
struct State<N> {
    lanes: Lanes<Part<N>>,
    /// The workers of all runtimes.
    workers: usize,
    /// The runtimes with workers or deliveries. It is empty while the lanes are empty, so that no runtime is kept alive.
    runtimes: Vec<Runtime>,
}

/// A runtime that can run workers. It may have ended.
struct Runtime {
    handle: Handle,
    /// The workers that have not run yet.
    starting: usize,
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
    /// Returns the position of a runtime in `runtimes`.
    fn position(&self, runtime: Id) -> Option<usize> {
        self.runtimes.iter().position(|known| known.handle.id() == runtime)
    }

    /// Adds a runtime, unless there are too many. Returns the number of its workers that have not run yet.
    fn add_runtime(&mut self, runtime: &Handle) -> usize {
        if let Some(known) = self.position(runtime.id()).and_then(|at| self.runtimes.get(at)) {
            return known.starting;
        }
        if self.runtimes.len() < MAX_RUNTIMES {
            self.runtimes.push(Runtime { handle: runtime.clone(), starting: 0 });
        }
        0
    }

    /// Returns the counted workers of a runtime that have not run yet.
    fn starting(&mut self, runtime: Id) -> Option<&mut usize> {
        let position = self.position(runtime)?;
        self.runtimes.get_mut(position).map(|known| &mut known.starting)
    }
}

impl<N: Send + 'static> Workers<N> {
    pub(super) fn new(handler: Handler<N>, name: fn(&N) -> &'static str, concurrency: usize) -> Self {
        let state = Mutex::new(State { lanes: Lanes::new(), workers: 0, runtimes: Vec::new() });
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
    /// for its first turn. If a handler then waits, its worker calls this method again. Workers of other runtimes do not
    /// count: their threads may be blocked, and the runtimes can end.
    fn start_workers(self: &Arc<Self>, mut state: MutexGuard<'_, State<N>>, runtime: &Handle) {
        let starting = state.add_runtime(runtime);
        if state.lanes.ready() <= starting {
            return;
        }
        let needed = state.lanes.ready().min(runtime.metrics().num_workers()).saturating_sub(starting);
        let new = needed.min(self.concurrency.saturating_sub(state.workers));
        state.workers += new;
        if let Some(starting) = state.starting(runtime.id()) {
            *starting += new;
        }
        drop(state);
        // A runtime that has ended drops the worker immediately. This needs the lock.
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

    /// Returns `true` if there is no worker and no runtime.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        state.workers == 0 && state.runtimes.is_empty()
    }
}

/// A task that empties lanes. Dropping it, for example at the end of the runtime, releases its lane.
struct Worker<N: Send + 'static> {
    workers: Arc<Workers<N>>,
    runtime: Id,
    stage: Stage,
    /// Whether handlers can call `block_in_place`.
    can_block: bool,
}

impl<N: Send + 'static> Worker<N> {
    /// Starts a task. The state must count it as starting.
    fn start(workers: &Arc<Workers<N>>, runtime: &Handle) {
        let can_block = runtime.runtime_flavor() == RuntimeFlavor::MultiThread;
        let (workers, stage) = (Arc::clone(workers), Stage::Starting);
        runtime.spawn(Self { workers, runtime: runtime.id(), stage, can_block }.run());
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
        match mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Starting => {
                if let Some(starting) = state.starting(self.runtime) {
                    *starting = starting.saturating_sub(1);
                }
            }
            Stage::Working(lane) => state.lanes.release(lane),
            Stage::Ended => return None,
        }
        if let Some((lane, part)) = state.lanes.take() {
            self.stage = Stage::Working(lane);
            // A handler can block its thread with `block_in_place`. Another worker must then take the ready lanes.
            if self.can_block && state.lanes.ready() > 0 && state.starting(self.runtime).is_some_and(|n| *n == 0) {
                self.workers.start_workers(state, &Handle::current());
            }
            return Some(part);
        }
        state.workers = state.workers.saturating_sub(1);
        // Without another worker, the lanes are empty. Dropping a handle can run code of the user, so it needs no lock.
        let runtimes = if state.workers == 0 { mem::take(&mut state.runtimes) } else { Vec::new() };
        drop(state);
        drop(runtimes);
        None
    }
}

impl<N: Send + 'static> Drop for Worker<N> {
    /// Releases the lane of a worker whose runtime has ended. Another runtime takes the ready lanes.
    fn drop(&mut self) {
        let mut state = self.workers.lock();
        let ended = match mem::replace(&mut self.stage, Stage::Ended) {
            // Only the end of its runtime drops a worker that has not run.
            Stage::Starting => state.position(self.runtime).map(|at| state.runtimes.swap_remove(at)),
            Stage::Working(lane) => {
                state.lanes.release(lane);
                None
            }
            Stage::Ended => return,
        };
        state.workers = state.workers.saturating_sub(1);
        // If this runtime has ended, too, it drops the new worker. That worker then continues here with the next runtime.
        match state.runtimes.last().map(|known| known.handle.clone()) {
            Some(runtime) => self.workers.start_workers(state, &runtime),
            None => drop(state),
        }
        drop(ended);
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
