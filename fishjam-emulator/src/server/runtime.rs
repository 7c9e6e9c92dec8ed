//! A runtime for one emulator, on a thread of its own.

use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// How long the thread waits for name lookups that are still running when it ends.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(100);

/// The thread of a runtime. When it is dropped, the runtime ends.
pub(crate) struct OwnRuntime {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl OwnRuntime {
    /// Starts something on a runtime of its own, which ends when the returned handle is dropped.
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
                    // An error is a dropped handle, which stops as well.
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
            // A panic of the thread has been reported by the thread.
            let _ = thread.join();
        }
    }
}

/// Keeps the paused clock of a runtime still, from [`Emulator::hold_clock`](crate::Emulator::hold_clock).
///
/// Drop it before its runtime: the drop of a runtime waits until this is dropped.
#[derive(Debug)]
#[must_use = "the clock moves again when this is dropped"]
pub struct ClockHold {
    _release: mpsc::Sender<()>,
}

impl ClockHold {
    /// Holds the clock of the current runtime: tokio does not advance a paused clock while a blocking task runs.
    pub(crate) fn new() -> Self {
        let (release, released) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || released.recv());
        ClockHold { _release: release }
    }
}
