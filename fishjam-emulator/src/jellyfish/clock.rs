//! The clock of purges and peer tokens: tokio's, which tests may pause, and what it was put forward by hand.

use std::{sync::Mutex, time::Duration};

use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::lock::lock;

/// Times further ahead may be more than the machine can tell.
const FURTHEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

pub(crate) struct Clock {
    /// The emulator's runtime. A caller's runtime may have another clock.
    runtime: Handle,
    started: Instant,
    ahead: Mutex<Duration>,
    /// The next purge may be due at another time than before.
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

    pub(crate) fn uptime(&self) -> Duration {
        self.now().duration_since(self.started)
    }

    /// Puts it forward, by ten years at most in all.
    pub(crate) fn advance(&self, by: Duration) {
        let mut ahead = lock(&self.ahead);
        *ahead = ahead.saturating_add(by).min(FURTHEST);
        drop(ahead);
        self.changed.notify_one();
    }

    pub(crate) fn reschedule(&self) {
        self.changed.notify_one();
    }

    /// Waits until this time, or until something changes.
    pub(crate) async fn wait(&self, until: Option<Instant>) {
        // How far the clock is ahead does not change unnoticed.
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
