//! The queues of webhooks: one lane per room, each worked off by one task, in order.

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

/// How many notifications wait, in all lanes together.
const CAPACITY: usize = 262_144;

/// The most notifications of one batch; nothing is known of the service's limit.
const BATCH: usize = 1_000;

pub(super) enum Payload {
    Message(ServerMessage),
    Raw(Bytes),
}

/// Something to be delivered.
pub(super) struct Parcel {
    url: String,
    payload: Payload,
    /// It goes into a batch with those beside it that do, too.
    batch: bool,
    arrived: Instant,
    /// None until it is in a lane.
    _ticket: Option<Ticket>,
}

/// Counts what is not settled yet.
struct Ticket(Arc<watch::Sender<usize>>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.send_modify(|waiting| *waiting = waiting.saturating_sub(1));
    }
}

impl Parcel {
    pub(super) fn new(url: String, payload: Payload, batch: bool) -> Self {
        Parcel { url, payload, batch, arrived: Instant::now(), _ticket: None }
    }
}

/// All lanes; the one without a name carries what belongs to no room.
pub(super) struct Lanes {
    open: Mutex<HashMap<String, VecDeque<Parcel>>>,
    waiting: Arc<watch::Sender<usize>>,
    dropped: AtomicU64,
    runtime: Handle,
}

impl Lanes {
    pub(super) fn new(runtime: Handle) -> Self {
        Lanes { open: Mutex::default(), waiting: Arc::default(), dropped: AtomicU64::new(0), runtime }
    }

    /// Appends to a lane, and sees to it that somebody works it off.
    pub(super) fn push(&self, shared: &Arc<Shared>, lane: String, mut parcel: Parcel) {
        if *self.waiting.borrow() >= CAPACITY {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.waiting.send_modify(|waiting| *waiting += 1);
        parcel._ticket = Some(Ticket(Arc::clone(&self.waiting)));
        let mut open = lock(&self.open);
        if let Some(parcels) = open.get_mut(&lane) {
            parcels.push_back(parcel);
        } else if !*shared.closing.borrow() {
            open.insert(lane.clone(), VecDeque::from([parcel]));
            self.runtime.spawn(work(Arc::clone(shared), lane));
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) async fn idle(&self) {
        // The sender is ours, so it does not end while this waits.
        let _ = self.waiting.subscribe().wait_for(|waiting| *waiting == 0).await;
    }

    /// When the first parcel was queued, if it is to be batched. `Err` for an empty lane, which is gone then.
    fn first(&self, lane: &str) -> Result<Option<Instant>, Empty> {
        let mut open = lock(&self.open);
        match open.get(lane).and_then(VecDeque::front) {
            Some(parcel) => Ok(parcel.batch.then_some(parcel.arrived)),
            None => {
                open.remove(lane);
                Err(Empty)
            }
        }
    }

    /// The next parcel, or several that make a batch.
    fn take(&self, lane: &str) -> Vec<Parcel> {
        let mut open = lock(&self.open);
        let Some(parcels) = open.get_mut(lane) else { return Vec::new() };
        let batch = parcels.iter().take(BATCH).take_while(|parcel| parcel.batch).count();
        parcels.drain(..batch.max(1).min(parcels.len())).collect()
    }
}

struct Empty;

/// Works a lane off until it is empty, or until the emulator stops.
async fn work(shared: Arc<Shared>, lane: String) {
    let mut closing = shared.closing.clone();
    tokio::select! {
        _ = closing.wait_for(|closing| *closing) => {
            lock(&shared.lanes.open).remove(&lane);
        }
        () = work_off(&shared, &lane) => {}
    }
}

async fn work_off(shared: &Shared, lane: &str) {
    let room = (!lane.is_empty()).then(|| lane.to_owned());
    while let Ok(batched_since) = shared.lanes.first(lane) {
        if let Some(since) = batched_since {
            sleep_until(since + shared.policy.window).await;
        }
        let parcels = shared.lanes.take(lane);
        if let Some(first) = parcels.first() {
            shared.deliver(first.url.clone(), room.clone(), body(&parcels)).await;
        }
    }
}

/// A parcel of a batch makes a batch, even when it is alone (assumption).
fn body(parcels: &[Parcel]) -> Bytes {
    match parcels {
        [Parcel { payload: Payload::Raw(body), .. }, ..] => body.clone(),
        [Parcel { payload: Payload::Message(message), batch: false, .. }, ..] => message.encode_to_vec().into(),
        _ => {
            let notifications = parcels.iter().filter_map(|parcel| match &parcel.payload {
                Payload::Message(message) => Some(message.clone()),
                Payload::Raw(_) => None,
            });
            let batch = NotificationBatch { notifications: notifications.collect() };
            ServerMessage { content: Some(Content::NotificationBatch(batch)) }.encode_to_vec().into()
        }
    }
}
