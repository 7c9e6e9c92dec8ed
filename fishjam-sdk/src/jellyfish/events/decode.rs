//! The one decoder of what a Jellyfish says: frames of the server socket and bodies of webhooks are the same message.

use fishjam_proto::jellyfish::{ServerMessage, server_message::Content};
use prost::Message as _;

use super::Notification;
use crate::{
    error::{Cause, Error, ErrorKind, Result},
    events::{
        UnknownNotification,
        decode::{Handshake, Message},
        payload::FromWire,
        wire::{self, Field},
    },
};

/// Reads one frame or body. Takes memory in proportion to the input.
pub(crate) fn decode(bytes: &[u8]) -> Result<Message<Notification>> {
    read(bytes)
        .map_err(|cause| Error::new(ErrorKind::Decode).message_text("the message cannot be read").caused_by(cause))
}

fn read(bytes: &[u8]) -> Result<Message<Notification>, Cause> {
    if let Some(content) = ServerMessage::decode(bytes)?.content {
        return Ok(known(content));
    }
    let mut unknown: Option<Field<'_>> = None;
    for field in wire::fields(bytes) {
        let field = field?;
        if field.outranks(unknown.as_ref()) {
            unknown = Some(field);
        }
    }
    let unknown = unknown.map(|field| Notification::Unknown(UnknownNotification::new(&field)));
    Ok(Message::Notifications(unknown.into_iter().collect()))
}

fn known(content: Content) -> Message<Notification> {
    use Notification as N;
    let notification = match content {
        Content::Authenticated(_) => return Message::Handshake(Handshake::Authenticated),
        Content::AuthRequest(_) => return Message::Handshake(Handshake::AuthRequest),
        Content::SubscribeRequest(_) => return Message::Handshake(Handshake::SubscribeRequest),
        Content::SubscribeResponse(x) => return Message::Handshake(Handshake::Subscribed(x.event_type)),
        Content::RoomCreated(x) => N::RoomCreated(FromWire::from_wire(x)),
        Content::RoomDeleted(x) => N::RoomDeleted(FromWire::from_wire(x)),
        Content::RoomCrashed(x) => N::RoomCrashed(FromWire::from_wire(x)),
        Content::PeerAdded(x) => N::PeerAdded(FromWire::from_wire(x)),
        Content::PeerDeleted(x) => N::PeerDeleted(FromWire::from_wire(x)),
        Content::PeerConnected(x) => N::PeerConnected(FromWire::from_wire(x)),
        Content::PeerDisconnected(x) => N::PeerDisconnected(FromWire::from_wire(x)),
        Content::PeerCrashed(x) => N::PeerCrashed(FromWire::from_wire(x)),
        Content::PeerMetadataUpdated(x) => N::PeerMetadataUpdated(FromWire::from_wire(x)),
        Content::TrackAdded(x) => N::TrackAdded(FromWire::from_wire(x)),
        Content::TrackRemoved(x) => N::TrackRemoved(FromWire::from_wire(x)),
        Content::TrackMetadataUpdated(x) => N::TrackMetadataUpdated(FromWire::from_wire(x)),
        Content::ComponentCrashed(x) => N::ComponentCrashed(FromWire::from_wire(x)),
        Content::HlsPlayable(x) => N::HlsPlayable(FromWire::from_wire(x)),
        Content::HlsUploaded(x) => N::HlsUploaded(FromWire::from_wire(x)),
        Content::HlsUploadCrashed(x) => N::HlsUploadCrashed(FromWire::from_wire(x)),
        Content::MetricsReport(x) => N::MetricsReport(FromWire::from_wire(x)),
    };
    Message::Notifications(vec![notification])
}
