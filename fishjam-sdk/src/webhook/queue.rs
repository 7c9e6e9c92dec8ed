//! From the answer to the handler: a bounded queue and the task that works it off.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::events::Notification;

/// The queue has no room for another delivery.
#[derive(Debug)]
pub(super) struct Full;

/// The largest limit of bytes: the semaphore takes no larger number of permits at a time.
const MAX_BYTES: usize =
    if Semaphore::MAX_PERMITS < u32::MAX as usize { Semaphore::MAX_PERMITS } else { u32::MAX as usize };

/// A delivery, with its bytes of the limit until it is handled.
type Delivery = (Vec<Notification>, OwnedSemaphorePermit);

/// Deliveries that were accepted and wait for the handler.
pub(super) struct Queue<H> {
    capacity: usize,
    max_bytes: usize,
    /// One permit for each byte of the limit.
    bytes: Arc<Semaphore>,
    handler: Arc<H>,
    /// Leads to the task that calls the handler. There is none before the first delivery, since a route may be made
    /// outside of a runtime, and another one after the runtime that it ran on has ended.
    task: Mutex<Option<mpsc::Sender<Delivery>>>,
}

impl<H, F> Queue<H>
where
    H: Fn(Notification) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    /// A queue of at least one place; `capacity` is no more than a semaphore can count.
    pub(super) fn new(capacity: usize, max_bytes: usize, handler: H) -> Self {
        let max_bytes = max_bytes.clamp(1, MAX_BYTES);
        let bytes = Arc::new(Semaphore::new(max_bytes));
        Self { capacity, max_bytes, bytes, handler: Arc::new(handler), task: Mutex::new(None) }
    }

    /// Puts a delivery at the end, as a whole or not at all; one without notifications needs no place. `bytes` is the
    /// size of its body. To be called on a runtime.
    pub(super) fn push(&self, delivery: Vec<Notification>, bytes: usize) -> Result<(), Full> {
        if delivery.is_empty() {
            return Ok(());
        }
        // A delivery above the limit needs all permits, and so an empty queue.
        let permits = u32::try_from(bytes.min(self.max_bytes)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.bytes).try_acquire_many_owned(permits).map_err(|_| Full)?;
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = match task.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.start(),
        };
        let pushed = sender.try_send((delivery, permit));
        *task = Some(sender);
        pushed.map_err(|_| Full)
    }

    /// Begins the task; it ends when the queue is dropped and what was in it is handled.
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

/// Calls the handler in a task of its own, so that a panic ends this call and nothing else.
async fn call<H, F>(handler: &Arc<H>, notification: Notification)
where
    H: Fn(Notification) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (handler, name) = (Arc::clone(handler), notification.name());
    let called = tokio::spawn(async move { handler(notification).await });
    if called.await.is_err_and(|error| error.is_panic()) {
        tracing::error!(notification = name, "the handler of webhooks panicked");
    }
}
