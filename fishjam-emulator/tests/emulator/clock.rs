//! A clock that the test moves, so that no result depends on the machine's speed.
//!
//! This works on a current-thread runtime. tokio's own paused clock does not suit sockets: it runs ahead whenever the
//! tasks wait, even if they wait for data from the network.

use std::{
    sync::mpsc::{Sender, channel},
    thread,
    time::Duration,
};

use tokio::{
    task::{JoinHandle, yield_now},
    time::{self, Instant},
};

/// A limit that only a hang can reach.
const HANG: Duration = Duration::from_secs(600);

/// The turns of the runtime in which its tasks handle their data.
const TURNS: usize = 20;

/// The time that other threads get between two turns.
const A_TURN: Duration = Duration::from_millis(1);

/// tokio's timers fire up to this much after their time.
const RESOLUTION: Duration = Duration::from_millis(1);

/// Moves the clock forward and fires the timers that are due. The clock goes on running.
pub async fn leap(by: Duration) {
    time::pause();
    time::advance(by + RESOLUTION).await;
    time::resume();
    settle().await;
}

/// Waits until the runtime's tasks have handled all data that they sent to each other.
///
/// A message over loopback needs one turn of the runtime, on a slow machine as well.
pub async fn settle() {
    for _ in 0..TURNS {
        yield_now().await;
        thread::sleep(A_TURN);
    }
}

/// Waits for a future as long as [`settle`] does. Returns `None` if the future is not ready then.
pub async fn or_stuck<F: IntoFuture>(future: F) -> Option<F::Output> {
    tokio::select! {
        biased;
        output = future.into_future() => Some(output),
        () = settle() => None,
    }
}

/// Waits for a future while the clock stands still. Timeouts and delays do not fire.
///
/// # Panics
///
/// Panics if the future waits for the clock.
pub async fn at_once<F: IntoFuture>(future: F) -> F::Output {
    let clock = StoppedClock::stop();
    let began = Instant::now();
    let output = future.await;
    assert_eq!(began.elapsed(), Duration::ZERO, "it waited for the clock");
    drop(clock);
    output
}

/// A clock that stands still until the test moves it.
///
/// The clock runs again when this is dropped. After ten minutes it runs ahead, so that a hang becomes a failure.
#[derive(Debug)]
pub struct StoppedClock {
    _stopped: Sender<()>,
}

impl StoppedClock {
    /// Stops the clock.
    #[must_use]
    pub fn stop() -> Self {
        time::pause();
        let (stopped, ended) = channel::<()>();
        // tokio moves no paused clock while a blocking task runs.
        tokio::task::spawn_blocking(move || ended.recv_timeout(HANG));
        Self { _stopped: stopped }
    }

    /// Moves the clock forward and fires the timers that are due.
    pub async fn advance(&self, by: Duration) {
        time::advance(by + RESOLUTION).await;
        settle().await;
    }
}

impl Drop for StoppedClock {
    fn drop(&mut self) {
        time::resume();
    }
}

/// A clock that runs by the runtime's turns instead of by real time: all data arrives within a step of the clock.
///
/// The clock runs by real time again when this is dropped.
#[derive(Debug)]
pub struct SteppedClock(JoinHandle<()>);

impl SteppedClock {
    /// Starts to move the clock in steps.
    #[must_use]
    pub fn start(step: Duration) -> Self {
        let clock = StoppedClock::stop();
        Self(tokio::spawn(async move {
            let _stopped = clock;
            loop {
                time::advance(step + RESOLUTION).await;
                for _ in 0..TURNS {
                    yield_now().await;
                }
                // One sleep for each step. A sleep for each turn is too slow on a busy machine.
                thread::sleep(A_TURN);
            }
        }))
    }
}

impl Drop for SteppedClock {
    fn drop(&mut self) {
        self.0.abort();
    }
}
