//! The one decoder of what a Jellyfish says: frames of the server socket and bodies of webhooks are the same message.

use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{self, Content},
};

use super::Notification;
use crate::{
    error::Result,
    events::{
        UnknownNotification,
        contents::{Said, contents, unreadable},
        decode::{Handshake, Message},
        payload::FromWire,
        wire::{self, Field},
    },
};

/// Reads one frame or body. Takes memory in proportion to the input.
pub(crate) fn decode(bytes: &[u8]) -> Result<Message<Notification>> {
    Ok(match read(bytes)? {
        Some(Said::Notification(notification)) => Message::Notifications(vec![notification]),
        Some(Said::Handshake(handshake)) => Message::Handshake(handshake),
        None => Message::Notifications(Vec::new()),
    })
}

fn read(bytes: &[u8]) -> Result<Option<Said<Notification>>> {
    if let Some(field) = only(bytes) {
        return payload(field.number, field.value).map(|notification| Some(Said::Notification(notification)));
    }
    if let Some(content) = ServerMessage::from_frame(bytes).map_err(unreadable)?.content {
        return said(content).map(Some);
    }
    let mut unknown: Option<Field<'_>> = None;
    for field in wire::fields(bytes) {
        let field = field.map_err(unreadable)?;
        if field.outranks(unknown.as_ref()) {
            unknown = Some(field);
        }
    }
    Ok(unknown.map(|field| Said::Notification(Notification::Unknown(UnknownNotification::new(&field)))))
}

// The numbers of `ServerMessage.content`.
contents! {
    RoomCreated = 10,
    RoomDeleted = 11,
    RoomCrashed = 1,
    PeerAdded = 20,
    PeerDeleted = 21,
    PeerConnected = 2,
    PeerDisconnected = 3,
    PeerCrashed = 4,
    PeerMetadataUpdated = 16,
    TrackAdded = 17,
    TrackRemoved = 18,
    TrackMetadataUpdated = 19,
    ComponentCrashed = 5,
    HlsPlayable = 13,
    HlsUploaded = 14,
    HlsUploadCrashed = 15,
    MetricsReport = 12,
    ..
    Content::Authenticated(_) => Said::Handshake(Handshake::Authenticated),
    Content::AuthRequest(_) => Said::Handshake(Handshake::AuthRequest),
    Content::SubscribeRequest(_) => Said::Handshake(Handshake::SubscribeRequest),
    Content::SubscribeResponse(x) => Said::Handshake(Handshake::Subscribed(x.event_type)),
}
