//! The clock of an emulator: the clock of tokio, plus the time by which tests advanced it.
//!
//! Jellyfish uses it for purges and peer tokens, and Fishjam for compositions.

use std::{sync::Mutex, time::Duration};

use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::lock::lock;

/// The maximum total advance. An [`Instant`] further ahead can overflow.
const MAX_ADVANCE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A clock that tests can advance.
pub(crate) struct Clock {
    /// The runtime of the emulator. The runtime of a caller can have a different clock.
    runtime: Handle,
    started: Instant,
    /// The total time by which tests advanced the clock.
    ahead: Mutex<Duration>,
    /// Wakes the task that waits for the next event of the clock, because its time can be different now.
    changed: Notify,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Clock { runtime: Handle::current(), started: Instant::now(), ahead: Mutex::default(), changed: Notify::new() }
    }

    pub(crate) fn now(&self) -> Instant {
        let _entered = self.runtime.enter();
        Instant::now() + *lock(&self.ahead)
    }

    /// Returns the time since the start of the emulator.
    pub(crate) fn uptime(&self) -> Duration {
        self.now().duration_since(self.started)
    }

    /// Advances the clock, by at most ten years in total.
    pub(crate) fn advance(&self, by: Duration) {
        let mut ahead = lock(&self.ahead);
        *ahead = ahead.saturating_add(by).min(MAX_ADVANCE);
        drop(ahead);
        self.changed.notify_one();
    }

    /// Wakes the task that waits for the next event.
    pub(crate) fn reschedule(&self) {
        self.changed.notify_one();
    }

    /// Waits until this time, or until the next event can have a different time.
    pub(crate) async fn wait(&self, until: Option<Instant>) {
        // Each advance wakes this wait, so `ahead` stays valid while it sleeps.
        let until = until.map(|until| until.checked_sub(*lock(&self.ahead)).unwrap_or_else(Instant::now));
        tokio::select! {
            () = self.changed.notified() => {}
            () = async { match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            } } => {}
        }
    }
}
