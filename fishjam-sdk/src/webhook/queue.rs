//! From the answer to the handler: a bounded queue and the task that works it off.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::mpsc;

use crate::events::Notification;

/// The queue has no room for another delivery.
#[derive(Debug)]
pub(super) struct Full;

/// Deliveries that were accepted and wait for the handler.
pub(super) struct Queue<H> {
    capacity: usize,
    handler: Arc<H>,
    /// Leads to the task that calls the handler. There is none before the first delivery, since a route may be made
    /// outside of a runtime, and another one after the runtime that it ran on has ended.
    task: Mutex<Option<mpsc::Sender<Vec<Notification>>>>,
}

impl<H, F> Queue<H>
where
    H: Fn(Notification) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    /// A queue of at least one place; `capacity` is no more than a semaphore can count.
    pub(super) fn new(capacity: usize, handler: H) -> Self {
        Self { capacity, handler: Arc::new(handler), task: Mutex::new(None) }
    }

    /// Puts a delivery at the end, as a whole or not at all; one without notifications needs no place. To be called on
    /// a runtime.
    pub(super) fn push(&self, delivery: Vec<Notification>) -> Result<(), Full> {
        if delivery.is_empty() {
            return Ok(());
        }
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = match task.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.start(),
        };
        let pushed = sender.try_send(delivery);
        *task = Some(sender);
        pushed.map_err(|_| Full)
    }

    /// Begins the task; it ends when the queue is dropped and what was in it is handled.
    fn start(&self) -> mpsc::Sender<Vec<Notification>> {
        let (sender, mut deliveries) = mpsc::channel::<Vec<Notification>>(self.capacity);
        let handler = Arc::clone(&self.handler);
        tokio::spawn(async move {
            while let Some(delivery) = deliveries.recv().await {
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
