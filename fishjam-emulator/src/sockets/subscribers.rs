//! The server sockets that want notifications: one queue each, one order for all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::lock::lock;

/// All subscribed sockets.
pub(crate) struct Subscribers {
    queues: Arc<Mutex<Queues>>,
    capacity: usize,
}

#[derive(Default)]
struct Queues {
    open: HashMap<u64, mpsc::Sender<Bytes>>,
    next: u64,
}

impl Subscribers {
    pub(crate) fn new(capacity: usize) -> Self {
        Subscribers { queues: Arc::default(), capacity: capacity.max(1) }
    }

    /// Puts a frame into every queue, while nobody else can: all queues hold all frames in the same order.
    ///
    /// A queue that is full loses its sender: its socket delivers what is queued, without a hole, and then closes.
    pub(crate) fn publish(&self, frame: Bytes) {
        lock(&self.queues).open.retain(|_, queue| queue.try_send(frame.clone()).is_ok());
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        let (sender, frames) = mpsc::channel(self.capacity);
        let mut queues = lock(&self.queues);
        let number = queues.next;
        queues.next += 1;
        queues.open.insert(number, sender);
        Subscription { frames, number, queues: Arc::clone(&self.queues) }
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.queues).open.len()
    }
}

/// One socket's queue; ends with it.
pub(crate) struct Subscription {
    frames: mpsc::Receiver<Bytes>,
    number: u64,
    queues: Arc<Mutex<Queues>>,
}

impl Subscription {
    /// Waits for frames and appends up to `limit` of them; 0 when the queue overflowed and is used up.
    pub(crate) async fn receive(&mut self, into: &mut Vec<Bytes>, limit: usize) -> usize {
        self.frames.recv_many(into, limit).await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        lock(&self.queues).open.remove(&self.number);
    }
}
