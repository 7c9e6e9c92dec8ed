//! The queues of webhooks: one queue per room. One task delivers each queue in order.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, NotificationBatch},
};
use prost::Message as _;
use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, sleep_until},
};

use super::Shared;
use crate::lock::lock;

/// The number of notifications that wait in all queues together.
const CAPACITY: usize = 262_144;

/// The maximum number of notifications in one batch. The service's limit is unknown.
const BATCH: usize = 1_000;

pub(super) enum Payload {
    Message(ServerMessage),
    Raw(Bytes),
}

/// A delivery that waits in a queue.
pub(super) struct QueuedDelivery {
    url: String,
    payload: Payload,
    /// Whether it forms a batch with its neighbors.
    batch: bool,
    arrived: Instant,
    /// `None` until it is queued.
    _pending: Option<PendingCount>,
}

/// Counts one delivery that is not settled.
struct PendingCount(Arc<watch::Sender<usize>>);

impl Drop for PendingCount {
    fn drop(&mut self) {
        self.0.send_modify(|pending| *pending = pending.saturating_sub(1));
    }
}

impl QueuedDelivery {
    pub(super) fn new(url: String, payload: Payload, batch: bool) -> Self {
        QueuedDelivery { url, payload, batch, arrived: Instant::now(), _pending: None }
    }
}

/// All queues. The queue without a name belongs to the account.
pub(super) struct DeliveryQueues {
    open: Mutex<HashMap<String, VecDeque<QueuedDelivery>>>,
    pending: Arc<watch::Sender<usize>>,
    dropped: AtomicU64,
    runtime: Handle,
}

impl DeliveryQueues {
    pub(super) fn new(runtime: Handle) -> Self {
        DeliveryQueues { open: Mutex::default(), pending: Arc::default(), dropped: AtomicU64::new(0), runtime }
    }

    /// Appends to a queue, and starts its task if necessary.
    pub(super) fn push(&self, shared: &Arc<Shared>, queue: String, mut delivery: QueuedDelivery) {
        if *self.pending.borrow() >= CAPACITY {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.pending.send_modify(|pending| *pending += 1);
        delivery._pending = Some(PendingCount(Arc::clone(&self.pending)));
        let mut open = lock(&self.open);
        if let Some(deliveries) = open.get_mut(&queue) {
            deliveries.push_back(delivery);
        } else if !*shared.closing.borrow() {
            open.insert(queue.clone(), VecDeque::from([delivery]));
            self.runtime.spawn(run_queue(Arc::clone(shared), queue));
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) async fn idle(&self) {
        // `self` owns the sender, so the sender does not end while this waits.
        let _ = self.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Returns the time at which the first delivery was queued, if it is batched.
    ///
    /// Removes an empty queue and returns an error. The lock makes sure that no delivery is added in between.
    fn first(&self, queue: &str) -> Result<Option<Instant>, Empty> {
        let mut open = lock(&self.open);
        match open.get(queue).and_then(VecDeque::front) {
            Some(delivery) => Ok(delivery.batch.then_some(delivery.arrived)),
            None => {
                open.remove(queue);
                Err(Empty)
            }
        }
    }

    /// Takes the next delivery, or several that form a batch.
    fn take(&self, queue: &str) -> Vec<QueuedDelivery> {
        let mut open = lock(&self.open);
        let Some(deliveries) = open.get_mut(queue) else { return Vec::new() };
        let batch = deliveries.iter().take(BATCH).take_while(|delivery| delivery.batch).count();
        deliveries.drain(..batch.max(1).min(deliveries.len())).collect()
    }
}

struct Empty;

/// Delivers a queue until it is empty or the emulator stops.
async fn run_queue(shared: Arc<Shared>, queue: String) {
    let mut closing = shared.closing.clone();
    tokio::select! {
        _ = closing.wait_for(|closing| *closing) => {
            lock(&shared.queues.open).remove(&queue);
        }
        () = deliver_all(&shared, &queue) => {}
    }
}

async fn deliver_all(shared: &Shared, queue: &str) {
    let room = (!queue.is_empty()).then(|| queue.to_owned());
    while let Ok(batched_since) = shared.queues.first(queue) {
        if let Some(since) = batched_since {
            sleep_until(since + shared.policy.window).await;
        }
        let deliveries = shared.queues.take(queue);
        if let Some(first) = deliveries.first() {
            shared.deliver(first.url.clone(), room.clone(), body(&deliveries)).await;
        }
    }
}

/// Encodes the body. A single batched notification also forms a batch, which is an assumption.
fn body(deliveries: &[QueuedDelivery]) -> Bytes {
    match deliveries {
        [QueuedDelivery { payload: Payload::Raw(body), .. }, ..] => body.clone(),
        [QueuedDelivery { payload: Payload::Message(message), batch: false, .. }, ..] => message.encode_to_vec().into(),
        _ => {
            let notifications = deliveries.iter().filter_map(|delivery| match &delivery.payload {
                Payload::Message(message) => Some(message.clone()),
                Payload::Raw(_) => None,
            });
            let batch = NotificationBatch { notifications: notifications.collect() };
            ServerMessage { content: Some(Content::NotificationBatch(batch)) }.encode_to_vec().into()
        }
    }
}
