//! The thread behind a client: it drives connections and timers while other threads wait for their calls.

use std::{future::Future, thread};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use crate::error::{Error, Result};

/// A runtime on a thread of its own, which ends when this is dropped.
///
/// The runtime is a single-threaded one: starting the workers of another panics when there are no more threads to have.
/// Its thread owns it, so that it is never dropped where that would panic.
pub(super) struct Background {
    runtime: Handle,
    /// Dropping it ends the thread.
    _running: oneshot::Sender<()>,
}

impl Background {
    pub(super) fn start() -> Result<Self> {
        let cannot = |e: std::io::Error| Error::invalid_input("the client's thread cannot be started").caused_by(e);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(cannot)?;
        let handle = runtime.handle().clone();
        let (running, dropped) = oneshot::channel();
        let live = move || {
            // An error is how this learns that the sender was dropped.
            let _ = runtime.block_on(dropped);
            // What is still looked up by name is not waited for.
            runtime.shutdown_background();
        };
        thread::Builder::new().name("fishjam".to_owned()).spawn(live).map_err(cannot)?;
        Ok(Self { runtime: handle, _running: running })
    }

    /// Carries a call out on this thread, if it belongs to no runtime.
    pub(super) fn wait<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        match Handle::try_current() {
            Err(none) if none.is_missing_context() => self.runtime.block_on(call),
            Ok(_) => Err(Error::invalid_input(
                "the blocking client was called inside an asynchronous runtime: use fishjam_sdk::FishjamClient there, \
                 or call from a thread that belongs to no runtime",
            )),
            Err(_) => Err(Error::invalid_input("the blocking client was called while its thread was ending")),
        }
    }
}
