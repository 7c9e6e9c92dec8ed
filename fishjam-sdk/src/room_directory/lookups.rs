//! The running lookups of a directory: at most one for each name.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt, future::Shared};
use tokio::runtime::Handle;

use crate::{
    error::{Error, ErrorKind, Result},
    rooms::Room,
};

/// A running lookup. All its callers get the same result.
pub(super) type Lookup = Shared<Pin<Box<dyn Future<Output = Result<Room>> + Send>>>;

/// The running lookups by name.
#[derive(Default)]
pub(super) struct Lookups(Mutex<HashMap<String, Lookup>>);

impl Lookups {
    fn running(&self) -> MutexGuard<'_, HashMap<String, Lookup>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of running lookups.
    pub(super) fn count(&self) -> usize {
        self.running().len()
    }

    /// Returns the running lookup of a name, or starts one.
    ///
    /// The lookup runs in its own task, so a caller that goes away neither stops it for the others nor loses a new room.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no Tokio runtime.
    pub(super) fn join_or_start<F>(self: &Arc<Self>, name: &str, start: impl FnOnce(String) -> F) -> Result<Lookup>
    where
        F: Future<Output = Result<Room>> + Send + 'static,
    {
        let runtime = Handle::try_current()
            .map_err(|e| Error::setup("a room directory requires a Tokio runtime").caused_by(e))?;
        let mut running = self.running();
        // If the runtime dropped the task before its first turn, the task did not remove itself.
        if let Some(lookup) = running.get(name).filter(|lookup| lookup.peek().is_none()) {
            return Ok(lookup.clone());
        }
        let lookup = start(name.to_owned());
        let (lookups, own_name) = (Arc::clone(self), name.to_owned());
        let task = runtime.spawn(async move {
            // The task creates this value, because a runtime that ends drops a new task inside `spawn`, under the lock.
            let _running = Running { lookups, name: own_name };
            lookup.await
        });
        let ended = |e| Error::new(ErrorKind::Closed).message_text("the lookup of the room ended early").caused_by(e);
        let lookup = async move { task.await.unwrap_or_else(|e| Err(ended(e))) }.boxed().shared();
        running.insert(name.to_owned(), lookup.clone());
        Ok(lookup)
    }
}

/// Removes a lookup when it ends or panics. The next caller then starts another one.
struct Running {
    lookups: Arc<Lookups>,
    name: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.lookups.running().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    fn failed(message: &'static str) -> Result<Room> {
        Err(Error::new(ErrorKind::Server).message_text(message))
    }

    fn message(outcome: Result<Room>) -> String {
        outcome.unwrap_err().message().unwrap().to_owned()
    }

    #[tokio::test]
    async fn callers_share_a_lookup_until_it_ends() {
        let lookups = Arc::new(Lookups::default());
        let (finish, finished) = oneshot::channel::<()>();
        let first = lookups.join_or_start("a", |_| async { finished.await.map_or(failed("lost"), |()| failed("one")) });
        let second = lookups.join_or_start("a", |_| async { failed("another") });
        let other = lookups.join_or_start("b", |_| async { failed("b") });
        assert_eq!(message(other.unwrap().await), "b");
        assert_eq!(lookups.count(), 1);
        // The caller that started the lookup goes away.
        drop(first);
        finish.send(()).unwrap();
        assert_eq!(message(second.unwrap().await), "one");
        assert_eq!(lookups.count(), 0);
        let next = lookups.join_or_start("a", |_| async { failed("two") });
        assert_eq!(message(next.unwrap().await), "two");
    }

    #[tokio::test]
    async fn panic_in_a_lookup_is_an_error_and_does_not_stay() {
        let lookups = Arc::new(Lookups::default());
        let broken = lookups.join_or_start("a", |_| async { panic!("in a store") }).unwrap();
        assert_eq!(broken.await.unwrap_err().kind(), ErrorKind::Closed);
        let next = lookups.join_or_start("a", |_| async { failed("two") });
        assert_eq!(message(next.unwrap().await), "two");
    }

    #[test]
    fn lookup_of_an_ended_runtime_does_not_stay() {
        let lookups = Arc::new(Lookups::default());
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let ended = runtime();
        let handle = ended.handle().clone();
        drop(ended);
        {
            let _inside = handle.enter();
            let lookup = lookups.join_or_start("a", |_| async { failed("one") }).unwrap();
            assert_eq!(futures_util::FutureExt::now_or_never(lookup).unwrap().unwrap_err().kind(), ErrorKind::Closed);
        }
        let outcome =
            runtime().block_on(async { lookups.join_or_start("a", |_| async { failed("two") }).unwrap().await });
        assert_eq!(message(outcome), "two");
        assert_eq!(lookups.join_or_start("a", |_| async { failed("x") }).unwrap_err().kind(), ErrorKind::Setup);
    }
}
