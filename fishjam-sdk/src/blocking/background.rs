//! The background thread of a client. It drives connections and timers while other threads wait for their calls.

use std::{fmt, future::Future, thread};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use crate::error::{Error, Result};

/// A runtime on its own thread. Dropping this value ends the thread.
///
/// The runtime is single-threaded, because Tokio panics if it cannot start the workers of a multi-threaded runtime. The
/// thread owns the runtime, because dropping a runtime inside another runtime panics.
pub(super) struct Background {
    runtime: Handle,
    /// Dropping the sender ends the thread.
    _running: oneshot::Sender<()>,
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").finish_non_exhaustive()
    }
}

impl Background {
    pub(super) fn start() -> Result<Self> {
        let failed = |e: std::io::Error| Error::setup("the client's thread cannot be started").caused_by(e);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (running, dropped) = oneshot::channel();
        let run = move || {
            // The sender never sends: an error means that it was dropped.
            let _ = runtime.block_on(dropped);
            // A DNS lookup may still run on a thread of the runtime. Do not wait for it.
            runtime.shutdown_background();
        };
        thread::Builder::new().name("fishjam".to_owned()).spawn(run).map_err(failed)?;
        Ok(Self { runtime: handle, _running: running })
    }

    /// Runs a call on this thread, unless the thread belongs to a runtime.
    pub(super) fn wait<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        match Handle::try_current() {
            Err(none) if none.is_missing_context() => self.runtime.block_on(call),
            Ok(_) => Err(Error::setup(
                "the blocking client was called inside an asynchronous runtime: use fishjam_sdk::FishjamClient there, \
                 or call from a thread that belongs to no runtime",
            )),
            Err(_) => Err(Error::setup("the blocking client was called while its thread was ending")),
        }
    }
}
