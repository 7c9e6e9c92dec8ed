//! Webhooks: every notification of a room or livestream as a signed POST, and what became of it.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use fishjam_proto::fishjam::ServerMessage;
use prost::Message as _;
use tokio::{runtime::Handle, sync::watch};

use crate::{lock::lock, log::Log, state::State};

mod delivery;
mod lanes;
mod policy;
mod subject;

pub(crate) use policy::Policy;

use delivery::Sender;
use lanes::{Lanes, Parcel, Payload};
use subject::Subject;

/// The webhooks: what was delivered to whom, from [`Emulator::webhooks`](crate::Emulator::webhooks).
///
/// A room's notifications go to the URL that the room was created with, or else to the account's
/// ([`EmulatorBuilder::webhook_url`](crate::EmulatorBuilder::webhook_url)); without either there is no delivery. The
/// deliveries of one room follow each other in the order of its notifications, each after the one before was settled;
/// different rooms do not wait for each other.
///
/// ```
/// # async fn example() -> fishjam_emulator::Result<()> {
/// let emulator = fishjam_emulator::Emulator::builder()
///     .webhook_url("http://127.0.0.1:4000/fishjam")
///     .webhook_secret("secret")
///     .start()
///     .await?;
/// // ... rooms are created and deleted ...
/// emulator.webhooks().idle().await;
/// for delivery in emulator.webhooks().deliveries() {
///     println!("{:?} to {}: {:?}", delivery.message(), delivery.url(), delivery.status());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Webhooks {
    shared: Arc<Shared>,
}

struct Shared {
    /// The account's URL.
    url: Option<String>,
    secret: Mutex<Option<String>>,
    policy: Policy,
    /// Where the notifications of rooms go that are not delivered as the account's are.
    rooms: Mutex<HashMap<String, Target>>,
    lanes: Lanes,
    sender: Sender,
    record: Mutex<Record>,
    closing: watch::Receiver<bool>,
}

#[derive(Clone, PartialEq, Eq)]
struct Target {
    url: String,
    batch: bool,
}

struct Record {
    deliveries: Log<WebhookDelivery>,
    count: u64,
}

/// One delivery: a body, and what became of it.
#[derive(Clone)]
pub struct WebhookDelivery {
    url: String,
    room: Option<String>,
    body: Bytes,
    signature: Option<String>,
    attempts: u32,
    status: Option<u16>,
    error: Option<String>,
    settled: bool,
}

impl Webhooks {
    pub(crate) fn new(
        url: Option<String>,
        secret: Option<String>,
        policy: Policy,
        (capacity, bytes): (usize, usize),
        closing: watch::Receiver<bool>,
    ) -> Self {
        Webhooks {
            shared: Arc::new(Shared {
                url,
                secret: Mutex::new(secret),
                policy,
                rooms: Mutex::default(),
                lanes: Lanes::new(Handle::current()),
                sender: Sender::new(),
                record: Mutex::new(Record { deliveries: Log::new(capacity, bytes), count: 0 }),
                closing,
            }),
        }
    }

    /// Whether the receivers are told of this, and how: called in the order of the notifications, while the state
    /// does not change.
    pub(crate) fn notify(&self, state: &State, message: &ServerMessage) {
        let Some(subject) = Subject::of(message) else { return };
        let Some(target) = self.shared.target(state, &subject) else { return };
        let batch = target.batch && subject.batched;
        self.shared.enqueue(target.url, subject.room, Payload::Message(message.clone()), batch);
    }

    /// From now on the notifications of this room go to this URL, one by one.
    pub(crate) fn set_target(&self, room: &str, url: String) {
        lock(&self.shared.rooms).insert(room.to_owned(), Target { url, batch: false });
    }

    /// Tells the receiver of a room's notifications, if there is one, of the next.
    pub(crate) fn notify_room(&self, room: &str, notification: Bytes) {
        let target = lock(&self.shared.rooms).get(room).cloned();
        if let Some(target) = target {
            self.shared.enqueue(target.url, Some(room.to_owned()), Payload::Raw(notification), false);
        }
    }

    /// From now on nobody is told of this room any more.
    pub(crate) fn remove_target(&self, room: &str) {
        lock(&self.shared.rooms).remove(room);
    }

    /// Delivers a body to the account's URL, signed as it is, whether it is a notification or not.
    pub fn send_raw(&self, body: impl Into<Vec<u8>>) {
        if let Some(url) = self.shared.url.clone() {
            self.shared.enqueue(url, None, Payload::Raw(body.into().into()), false);
        }
    }

    /// Signs deliveries with another secret from now on, or not at all.
    pub fn set_secret(&self, secret: Option<&str>) {
        *lock(&self.shared.secret) = secret.map(str::to_owned);
    }

    /// How many deliveries have begun, settled or not.
    pub fn count(&self) -> u64 {
        lock(&self.shared.record).count
    }

    /// How many notifications were given up because too many (262,144) were waiting.
    pub fn dropped(&self) -> u64 {
        self.shared.lanes.dropped()
    }

    /// Returns the deliveries in the order in which they began, settled or not.
    ///
    /// The newest are kept, within the limits of the [`Journal`](crate::Journal).
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        lock(&self.shared.record).deliveries.iter().cloned().collect()
    }

    /// The deliveries for one room or livestream.
    pub fn deliveries_for(&self, room_id: &str) -> Vec<WebhookDelivery> {
        let record = lock(&self.shared.record);
        record.deliveries.iter().filter(|one| one.room_id() == Some(room_id)).cloned().collect()
    }

    /// Forgets the deliveries and their count; those that are under way go on.
    pub fn clear(&self) {
        let mut record = lock(&self.shared.record);
        record.deliveries.clear();
        record.count = 0;
    }

    /// Waits until nothing is left to be delivered: every notification was taken, refused or given up.
    pub async fn idle(&self) {
        self.shared.lanes.idle().await;
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(lock(&self.shared.record).deliveries.iter()).finish()
    }
}

impl Shared {
    fn target(&self, state: &State, subject: &Subject) -> Option<Target> {
        let account = || Some(Target { url: self.url.clone()?, batch: false });
        let Some(room) = &subject.room else { return account() };
        let mut rooms = lock(&self.rooms);
        if subject.begins
            && let Ok(room) = state.room(room)
        {
            let own = room.config.webhook_url.clone();
            let target = own.map(|url| Target { url, batch: room.config.batch_webhook_notifications });
            if let Some(target) = target
                && Some(&target) != account().as_ref()
            {
                rooms.insert(room.id.clone(), target);
            }
        }
        let target = if subject.ends { rooms.remove(room) } else { rooms.get(room).cloned() };
        target.or_else(account)
    }

    fn enqueue(self: &Arc<Self>, url: String, room: Option<String>, payload: Payload, batch: bool) {
        let lane = room.unwrap_or_default();
        self.lanes.push(self, lane, Parcel::new(url, payload, batch));
    }
}

impl WebhookDelivery {
    /// Where it went.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The room or livestream whose notifications it carries; `None` for what belongs to none, such as recordings.
    pub fn room_id(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// The body, as sent in every attempt.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body's message: a notification or a batch of them. `None` when it is neither.
    pub fn message(&self) -> Option<ServerMessage> {
        ServerMessage::decode(self.body.clone()).ok()
    }

    /// The header `x-fishjam-signature-256`; `None` without a secret.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// How often it was sent so far.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The status of the last attempt; `None` when it got no answer.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Why the last attempt got no answer.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Whether there will be no further attempt.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether the receiver took it: the last status was a 2xx.
    pub fn is_delivered(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Prints neither the body nor the URL's query, where receivers have been seen to keep a secret.
impl fmt::Debug for WebhookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookDelivery")
            .field("url", &self.url.split('?').next().unwrap_or_default())
            .field("room_id", &self.room)
            .field("body_length", &self.body.len())
            .field("attempts", &self.attempts)
            .field("status", &self.status)
            .field("settled", &self.settled)
            .finish_non_exhaustive()
    }
}
