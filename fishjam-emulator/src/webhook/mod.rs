//! Webhooks: every notification of a room or livestream as a signed POST request.

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
mod policy;
mod queues;
mod subject;

pub(crate) use policy::Policy;

use delivery::Sender;
use queues::{DeliveryQueues, Payload, QueuedDelivery};
use subject::DeliverySubject;

/// The webhooks and their deliveries, from [`Emulator::webhooks`](crate::Emulator::webhooks).
///
/// The notifications of a room go to the webhook URL of the room, or else to the URL of the account
/// ([`EmulatorBuilder::webhook_url`](crate::EmulatorBuilder::webhook_url)). Without a URL there is no delivery. The
/// deliveries of a room keep the order of its notifications, and each one waits until the earlier one is settled.
/// Rooms do not wait for each other.
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
    /// The URL of the account.
    url: Option<String>,
    secret: Mutex<Option<String>>,
    policy: Policy,
    /// The targets of rooms that differ from the target of the account.
    rooms: Mutex<HashMap<String, Target>>,
    queues: DeliveryQueues,
    sender: Sender,
    deliveries: Mutex<Deliveries>,
    closing: watch::Receiver<bool>,
}

#[derive(Clone, PartialEq, Eq)]
struct Target {
    url: String,
    batch: bool,
}

struct Deliveries {
    log: Log<WebhookDelivery>,
    count: u64,
}

/// A delivery: its body and its result.
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
                queues: DeliveryQueues::new(Handle::current()),
                sender: Sender::new(),
                deliveries: Mutex::new(Deliveries { log: Log::new(capacity, bytes), count: 0 }),
                closing,
            }),
        }
    }

    /// Queues a notification for its webhook, if there is one.
    ///
    /// The caller holds the lock of the state, so deliveries have the order of the notifications.
    pub(crate) fn notify(&self, state: &State, message: &ServerMessage) {
        let Some(subject) = DeliverySubject::of(message) else { return };
        let Some(target) = self.shared.target(state, &subject) else { return };
        let batch = target.batch && subject.batched;
        self.shared.enqueue(target.url, subject.room, Payload::Message(message.clone()), batch);
    }

    /// Sets the URL for the notifications of a room, which are not batched.
    pub(crate) fn set_target(&self, room: &str, url: String) {
        lock(&self.shared.rooms).insert(room.to_owned(), Target { url, batch: false });
    }

    /// Queues a notification for the URL of its room, if the room has one.
    pub(crate) fn notify_room(&self, room: &str, notification: Bytes) {
        let target = lock(&self.shared.rooms).get(room).cloned();
        if let Some(target) = target {
            self.shared.enqueue(target.url, Some(room.to_owned()), Payload::Raw(notification), false);
        }
    }

    /// Removes the URL of a room.
    pub(crate) fn remove_target(&self, room: &str) {
        lock(&self.shared.rooms).remove(room);
    }

    /// Delivers a body to the account's URL. The emulator signs it, and it can be any bytes.
    pub fn send_raw(&self, body: impl Into<Vec<u8>>) {
        if let Some(url) = self.shared.url.clone() {
            self.shared.enqueue(url, None, Payload::Raw(body.into().into()), false);
        }
    }

    /// Sets the secret for later deliveries. With `None` they are not signed.
    pub fn set_secret(&self, secret: Option<&str>) {
        *lock(&self.shared.secret) = secret.map(str::to_owned);
    }

    /// Returns the number of started deliveries, settled or not.
    pub fn count(&self) -> u64 {
        lock(&self.shared.deliveries).count
    }

    /// Returns the number of dropped notifications. The queues hold at most 262,144 notifications.
    pub fn dropped(&self) -> u64 {
        self.shared.queues.dropped()
    }

    /// Returns the deliveries in the order of their start, settled or not.
    ///
    /// The emulator keeps the newest deliveries, within the limits of the [`Journal`](crate::Journal).
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        lock(&self.shared.deliveries).log.iter().cloned().collect()
    }

    /// Returns the deliveries of one room or livestream, in the order of their start.
    pub fn deliveries_for(&self, room_id: &str) -> Vec<WebhookDelivery> {
        let deliveries = lock(&self.shared.deliveries);
        deliveries.log.iter().filter(|one| one.room_id() == Some(room_id)).cloned().collect()
    }

    /// Drops the recorded deliveries and their count. Running deliveries continue.
    pub fn clear(&self) {
        let mut deliveries = lock(&self.shared.deliveries);
        deliveries.log.clear();
        deliveries.count = 0;
    }

    /// Waits until all deliveries are settled.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn idle(&self) {
        self.shared.queues.idle().await;
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(lock(&self.shared.deliveries).log.iter()).finish()
    }
}

impl Shared {
    fn target(&self, state: &State, subject: &DeliverySubject) -> Option<Target> {
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
        let queue = room.unwrap_or_default();
        self.queues.push(self, queue, QueuedDelivery::new(url, payload, batch));
    }
}

impl WebhookDelivery {
    /// Returns the URL of the receiver.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the id of the room or livestream, or `None` for notifications without a room.
    pub fn room_id(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// Returns the body, which is the same in all attempts.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the message of the body: a notification or a batch. Returns `None` for other bodies.
    pub fn message(&self) -> Option<ServerMessage> {
        ServerMessage::decode(self.body.clone()).ok()
    }

    /// Returns the header `x-fishjam-signature-256`, or `None` without a secret.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// Returns the number of attempts.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the status of the last attempt, or `None` if it got no response.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the error of the last attempt, if it got no response.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns `true` if no further attempt follows.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Returns `true` if the last status was a 2xx status.
    pub fn is_delivered(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Shows neither the body nor the query of the URL, because both can contain secrets.
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
