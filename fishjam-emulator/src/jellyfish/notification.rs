//! The notifications that the state's transitions publish.

use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{
        ComponentCrashed, Content, HlsPlayable, HlsUploadCrashed, HlsUploaded, PeerAdded, PeerConnected, PeerCrashed,
        PeerDeleted, PeerDisconnected, PeerMetadataUpdated, RoomCrashed, RoomCreated, RoomDeleted,
        Track as TrackMessage, TrackAdded, TrackMetadataUpdated, TrackRemoved, TrackType, track_added,
        track_metadata_updated, track_removed,
    },
};
use serde_json::Value;

use super::track::{Endpoint, Track};
use crate::state::TrackKind;

fn message(content: Content) -> ServerMessage {
    ServerMessage { content: Some(content) }
}

pub(crate) fn room_created(room: &str) -> ServerMessage {
    message(Content::RoomCreated(RoomCreated { room_id: room.to_owned() }))
}

pub(crate) fn room_deleted(room: &str) -> ServerMessage {
    message(Content::RoomDeleted(RoomDeleted { room_id: room.to_owned() }))
}

pub(crate) fn room_crashed(room: &str) -> ServerMessage {
    message(Content::RoomCrashed(RoomCrashed { room_id: room.to_owned() }))
}

pub(crate) fn peer_added(room: &str, peer: &str) -> ServerMessage {
    message(Content::PeerAdded(PeerAdded { room_id: room.to_owned(), peer_id: peer.to_owned() }))
}

pub(crate) fn peer_deleted(room: &str, peer: &str) -> ServerMessage {
    message(Content::PeerDeleted(PeerDeleted { room_id: room.to_owned(), peer_id: peer.to_owned() }))
}

pub(crate) fn peer_connected(room: &str, peer: &str) -> ServerMessage {
    message(Content::PeerConnected(PeerConnected { room_id: room.to_owned(), peer_id: peer.to_owned() }))
}

pub(crate) fn peer_disconnected(room: &str, peer: &str) -> ServerMessage {
    message(Content::PeerDisconnected(PeerDisconnected { room_id: room.to_owned(), peer_id: peer.to_owned() }))
}

pub(crate) fn peer_crashed(room: &str, peer: &str, reason: &str) -> ServerMessage {
    let (room_id, peer_id, reason) = (room.to_owned(), peer.to_owned(), reason.to_owned());
    message(Content::PeerCrashed(PeerCrashed { room_id, peer_id, reason }))
}

pub(crate) fn peer_metadata_updated(room: &str, peer: &str, metadata: &Value) -> ServerMessage {
    message(Content::PeerMetadataUpdated(PeerMetadataUpdated {
        room_id: room.to_owned(),
        peer_id: peer.to_owned(),
        metadata: metadata.to_string(),
    }))
}

pub(crate) fn component_crashed(room: &str, component: &str) -> ServerMessage {
    let (room_id, component_id) = (room.to_owned(), component.to_owned());
    message(Content::ComponentCrashed(ComponentCrashed { room_id, component_id }))
}

pub(crate) fn hls_playable(room: &str, component: &str) -> ServerMessage {
    message(Content::HlsPlayable(HlsPlayable { room_id: room.to_owned(), component_id: component.to_owned() }))
}

pub(crate) fn hls_uploaded(room: &str) -> ServerMessage {
    message(Content::HlsUploaded(HlsUploaded { room_id: room.to_owned() }))
}

pub(crate) fn hls_upload_crashed(room: &str) -> ServerMessage {
    message(Content::HlsUploadCrashed(HlsUploadCrashed { room_id: room.to_owned() }))
}

pub(crate) fn track_added(room: &str, endpoint: Endpoint<'_>, track: &Track) -> ServerMessage {
    use track_added::EndpointInfo::{ComponentId, PeerId};
    message(Content::TrackAdded(TrackAdded {
        room_id: room.to_owned(),
        track: Some(track_message(track)),
        endpoint_info: Some(match endpoint {
            Endpoint::Peer(id) => PeerId(id.to_owned()),
            Endpoint::Component(id) => ComponentId(id.to_owned()),
        }),
    }))
}

pub(crate) fn track_removed(room: &str, endpoint: Endpoint<'_>, track: &Track) -> ServerMessage {
    use track_removed::EndpointInfo::{ComponentId, PeerId};
    message(Content::TrackRemoved(TrackRemoved {
        room_id: room.to_owned(),
        track: Some(track_message(track)),
        endpoint_info: Some(match endpoint {
            Endpoint::Peer(id) => PeerId(id.to_owned()),
            Endpoint::Component(id) => ComponentId(id.to_owned()),
        }),
    }))
}

pub(crate) fn track_metadata_updated(room: &str, endpoint: Endpoint<'_>, track: &Track) -> ServerMessage {
    use track_metadata_updated::EndpointInfo::{ComponentId, PeerId};
    message(Content::TrackMetadataUpdated(TrackMetadataUpdated {
        room_id: room.to_owned(),
        track: Some(track_message(track)),
        endpoint_info: Some(match endpoint {
            Endpoint::Peer(id) => PeerId(id.to_owned()),
            Endpoint::Component(id) => ComponentId(id.to_owned()),
        }),
    }))
}

fn track_message(track: &Track) -> TrackMessage {
    TrackMessage {
        id: track.id.clone(),
        r#type: i32::from(match track.kind {
            TrackKind::Video => TrackType::Video,
            TrackKind::Audio => TrackType::Audio,
        }),
        metadata: track.metadata.to_string(),
    }
}
