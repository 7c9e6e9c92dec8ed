//! The bounded queue between the responses and the handler, and the task that empties it.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::events::Notification;

/// The queue has no room for another delivery.
#[derive(Debug)]
pub(super) struct QueueFull;

/// The largest limit of bytes: a semaphore accepts no larger number of permits at a time.
const MAX_BYTES: usize =
    if Semaphore::MAX_PERMITS < u32::MAX as usize { Semaphore::MAX_PERMITS } else { u32::MAX as usize };

/// A delivery, with permits for its bytes until it is handled.
type Delivery = (Vec<Notification>, OwnedSemaphorePermit);

/// The accepted deliveries that wait for the handler.
pub(super) struct Queue<H> {
    capacity: usize,
    max_bytes: usize,
    /// One permit for each byte of the limit.
    bytes: Arc<Semaphore>,
    handler: Arc<H>,
    /// The sender to the task that calls the handler. The first delivery starts the task, because a route can be created
    /// outside of a runtime. A later delivery starts another task if the runtime of the last one has ended.
    task: Mutex<Option<mpsc::Sender<Delivery>>>,
}

impl<H, F> Queue<H>
where
    H: Fn(Notification) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    /// `capacity` must be at least 1, and at most the maximum of a semaphore.
    pub(super) fn new(capacity: usize, max_bytes: usize, handler: H) -> Self {
        let max_bytes = max_bytes.clamp(1, MAX_BYTES);
        let bytes = Arc::new(Semaphore::new(max_bytes));
        Self { capacity, max_bytes, bytes, handler: Arc::new(handler), task: Mutex::new(None) }
    }

    /// Adds a whole delivery, or returns an error. A delivery without notifications takes no space.
    ///
    /// `bytes` is the size of the body. Call this method on a runtime.
    pub(super) fn push(&self, delivery: Vec<Notification>, bytes: usize) -> Result<(), QueueFull> {
        if delivery.is_empty() {
            return Ok(());
        }
        // A delivery above the limit needs all permits, so it needs an empty queue.
        let permits = u32::try_from(bytes.min(self.max_bytes)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.bytes).try_acquire_many_owned(permits).map_err(|_| QueueFull)?;
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = match task.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.start(),
        };
        let pushed = sender.try_send((delivery, permit));
        *task = Some(sender);
        pushed.map_err(|_| QueueFull)
    }

    /// Starts the task. It ends when the queue is dropped and all its deliveries are handled.
    fn start(&self) -> mpsc::Sender<Delivery> {
        let (sender, mut deliveries) = mpsc::channel::<Delivery>(self.capacity);
        let handler = Arc::clone(&self.handler);
        tokio::spawn(async move {
            while let Some((delivery, _permit)) = deliveries.recv().await {
                for notification in delivery {
                    call(&handler, notification).await;
                }
            }
        });
        sender
    }
}

/// Calls the handler in a separate task, so that a panic ends only this call.
async fn call<H, F>(handler: &Arc<H>, notification: Notification)
where
    H: Fn(Notification) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (handler, name) = (Arc::clone(handler), notification.name());
    let called = tokio::spawn(async move { handler(notification).await });
    if called.await.is_err_and(|error| error.is_panic()) {
        tracing::error!(notification = name, "webhook handler panicked");
    }
}
