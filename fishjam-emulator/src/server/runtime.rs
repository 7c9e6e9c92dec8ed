//! A runtime for one emulator on its own thread.

use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// The time that the thread waits for running name lookups at its end.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(100);

/// The thread of a runtime. Dropping it ends the runtime.
pub(crate) struct OwnRuntime {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl OwnRuntime {
    /// Runs a future on a new runtime, which ends when the returned handle is dropped.
    pub(crate) fn start<T, F>(start: impl FnOnce() -> F + Send + 'static) -> Result<(T, Self)>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>>,
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
        let (stop, stopped) = oneshot::channel();
        let (report, reported) = mpsc::sync_channel(1);
        let serve = move || {
            runtime.block_on(async {
                let started = start().await;
                let failed = started.is_err();
                if report.send(started).is_ok() && !failed {
                    // An error means that the handle was dropped, which also ends the runtime.
                    let _ = stopped.await;
                }
            });
            runtime.shutdown_timeout(SHUTDOWN_LIMIT);
        };
        let thread = thread::Builder::new().name("fishjam-emulator".to_owned()).spawn(serve).map_err(Error::Runtime)?;
        let own = OwnRuntime { stop: Some(stop), thread: Some(thread) };
        match reported.recv() {
            Ok(started) => Ok((started?, own)),
            Err(mpsc::RecvError) => Err(Error::Runtime(std::io::Error::other("the emulator's thread ended"))),
        }
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A thread cannot wait for itself.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            // The thread already reported its own panic.
            let _ = thread.join();
        }
    }
}

/// Holds the paused clock of a runtime, from [`Emulator::hold_clock`](crate::Emulator::hold_clock).
///
/// Drop it before its runtime, because dropping the runtime waits for it.
#[derive(Debug)]
#[must_use = "the clock moves again when this is dropped"]
pub struct ClockHold {
    _release: mpsc::Sender<()>,
}

impl ClockHold {
    /// Holds the clock of the current runtime.
    ///
    /// Tokio does not advance a paused clock while a blocking task runs.
    pub(crate) fn new() -> Self {
        let (release, released) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || released.recv());
        ClockHold { _release: release }
    }
}
