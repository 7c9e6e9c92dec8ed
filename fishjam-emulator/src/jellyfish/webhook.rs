//! Webhooks: each room has its own URL, which receives the notifications of this room.

use bytes::Bytes;
use fishjam_proto::jellyfish::{ServerMessage, server_message::Content};

use super::state::State;
use crate::webhook::Webhooks;

/// Sends a notification to the webhook of its room.
///
/// Call this in the order of the notifications, while the state is locked.
pub(super) fn notify(webhooks: &Webhooks, state: &State, message: &ServerMessage, frame: Bytes) {
    let Some(content) = &message.content else { return };
    let Some(room) = room(content) else { return };
    if matches!(content, Content::RoomCreated(_))
        && let Ok(created) = state.room(room)
        && let Some(url) = &created.config.webhook_url
    {
        webhooks.set_target(room, url.clone());
    }
    webhooks.notify_room(room, frame);
    if matches!(content, Content::RoomDeleted(_) | Content::RoomCrashed(_)) {
        webhooks.remove_target(room);
    }
}

/// Returns the room of a notification, or `None` for other messages and for metrics.
fn room(content: &Content) -> Option<&str> {
    Some(match content {
        Content::Authenticated(_)
        | Content::AuthRequest(_)
        | Content::SubscribeRequest(_)
        | Content::SubscribeResponse(_)
        | Content::MetricsReport(_) => return None,
        Content::RoomCreated(event) => &event.room_id,
        Content::RoomDeleted(event) => &event.room_id,
        Content::RoomCrashed(event) => &event.room_id,
        Content::PeerAdded(event) => &event.room_id,
        Content::PeerDeleted(event) => &event.room_id,
        Content::PeerConnected(event) => &event.room_id,
        Content::PeerDisconnected(event) => &event.room_id,
        Content::PeerCrashed(event) => &event.room_id,
        Content::PeerMetadataUpdated(event) => &event.room_id,
        Content::ComponentCrashed(event) => &event.room_id,
        Content::HlsPlayable(event) => &event.room_id,
        Content::HlsUploaded(event) => &event.room_id,
        Content::HlsUploadCrashed(event) => &event.room_id,
        Content::TrackAdded(event) => &event.room_id,
        Content::TrackRemoved(event) => &event.room_id,
        Content::TrackMetadataUpdated(event) => &event.room_id,
    })
}
