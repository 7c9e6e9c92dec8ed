//! Webhooks: the notifications of a room go to the URL that it was created with, up to its last.

use bytes::Bytes;
use fishjam_proto::jellyfish::{ServerMessage, server_message::Content};

use super::state::State;
use crate::webhook::Webhooks;

/// Tells the receiver of a room's notifications of one; to be called in their order, while the state does not change.
pub(super) fn tell(webhooks: &Webhooks, state: &State, message: &ServerMessage, frame: Bytes) {
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

/// The room that a notification is about; `None` for what is no notification, and for metrics.
fn room(content: &Content) -> Option<&str> {
    Some(match content {
        Content::Authenticated(_)
        | Content::AuthRequest(_)
        | Content::SubscribeRequest(_)
        | Content::SubscribeResponse(_)
        | Content::MetricsReport(_) => return None,
        Content::RoomCreated(of) => &of.room_id,
        Content::RoomDeleted(of) => &of.room_id,
        Content::RoomCrashed(of) => &of.room_id,
        Content::PeerAdded(of) => &of.room_id,
        Content::PeerDeleted(of) => &of.room_id,
        Content::PeerConnected(of) => &of.room_id,
        Content::PeerDisconnected(of) => &of.room_id,
        Content::PeerCrashed(of) => &of.room_id,
        Content::PeerMetadataUpdated(of) => &of.room_id,
        Content::ComponentCrashed(of) => &of.room_id,
        Content::HlsPlayable(of) => &of.room_id,
        Content::HlsUploaded(of) => &of.room_id,
        Content::HlsUploadCrashed(of) => &of.room_id,
        Content::TrackAdded(of) => &of.room_id,
        Content::TrackRemoved(of) => &of.room_id,
        Content::TrackMetadataUpdated(of) => &of.room_id,
    })
}
