//! The JSON that the control API returns.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fishjam_proto::fishjam::{ServerMessage, server_message::Content};
use serde_json::{Map, Value, json};

use crate::{
    faults::Fault,
    http::auth::Authorization,
    journal::{Journal, RecordedRequest},
    scripted_peer::ScriptedPeer,
    webhook::{WebhookDelivery, Webhooks},
};

pub(super) fn journal(journal: &Journal, operation: &str) -> Value {
    let requests = if operation == "*" { journal.requests() } else { journal.requests_for(operation) };
    let requests: Vec<_> = requests.iter().map(request).collect();
    json!({ "count": journal.count(operation), "requests": requests })
}

fn request(request: &RecordedRequest) -> Value {
    let headers: Map<_, _> =
        request.headers().iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    json!({
        "operation": request.operation(),
        "method": request.method(),
        "path": request.path(),
        "query": request.query(),
        "headers": headers,
        "authorization": match request.authorization() {
            Authorization::Missing => "missing",
            Authorization::Invalid => "invalid",
            Authorization::Valid => "valid",
        },
        "body": request.body_json(),
        "bodyBase64": STANDARD.encode(request.body()),
        "status": request.status(),
    })
}

pub(super) fn fault(id: u64, fault: &Fault) -> Value {
    json!({ "id": id, "operation": fault.operation(), "hits": fault.hits(), "left": fault.left() })
}

pub(super) fn peer(peer: &ScriptedPeer) -> Value {
    json!({ "roomId": peer.room_id(), "peerId": peer.peer_id(), "trackIds": peer.track_ids() })
}

pub(super) fn webhooks(webhooks: &Webhooks) -> Value {
    let deliveries: Vec<_> = webhooks.deliveries().iter().map(delivery).collect();
    json!({ "count": webhooks.count(), "dropped": webhooks.dropped(), "deliveries": deliveries })
}

fn delivery(delivery: &WebhookDelivery) -> Value {
    json!({
        "url": delivery.url(),
        "roomId": delivery.room_id(),
        "notifications": names(delivery.message()),
        "bodyBase64": STANDARD.encode(delivery.body()),
        "signature": delivery.signature(),
        "attempts": delivery.attempts(),
        "status": delivery.status(),
        "error": delivery.error(),
        "isSettled": delivery.is_settled(),
        "isDelivered": delivery.is_delivered(),
    })
}

/// Returns the names of the notifications in a body, such as `RoomCreated`.
fn names(message: Option<ServerMessage>) -> Vec<String> {
    match message.and_then(|message| message.content) {
        None => Vec::new(),
        Some(Content::NotificationBatch(batch)) => {
            batch.notifications.into_iter().flat_map(|one| names(Some(one))).collect()
        }
        // The name of the variant is the name of the notification.
        Some(content) => format!("{content:?}").split('(').next().map(str::to_owned).into_iter().collect(),
    }
}
