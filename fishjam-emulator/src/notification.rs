//! What the service tells its subscribers: the notifications of rooms, peers and tracks.

use fishjam_proto::fishjam::ServerMessage;
use fishjam_proto::fishjam::notifications::{Track as TrackMessage, TrackType};
use fishjam_proto::fishjam::server_message::{
    Content, PeerAdded, PeerConnected, PeerDeleted, PeerDisconnected, PeerMetadataUpdated, PeerType, RoomCreated,
    RoomDeleted, TrackAdded, TrackRemoved, track_added, track_removed,
};

use crate::state::{Peer, PeerKind, Track, TrackKind};

fn message(content: Content) -> ServerMessage {
    ServerMessage { content: Some(content) }
}

fn peer_type(kind: PeerKind) -> i32 {
    i32::from(match kind {
        PeerKind::WebRtc => PeerType::Webrtc,
        PeerKind::Agent => PeerType::Agent,
        PeerKind::Vapi => PeerType::Vapi,
    })
}

pub(crate) fn room_created(room: &str) -> ServerMessage {
    message(Content::RoomCreated(RoomCreated { room_id: room.to_owned() }))
}

pub(crate) fn room_deleted(room: &str) -> ServerMessage {
    message(Content::RoomDeleted(RoomDeleted { room_id: room.to_owned() }))
}

pub(crate) fn peer_added(room: &str, peer: &Peer) -> ServerMessage {
    message(Content::PeerAdded(PeerAdded {
        room_id: room.to_owned(),
        peer_id: peer.id.clone(),
        peer_type: peer_type(peer.kind),
    }))
}

pub(crate) fn peer_deleted(room: &str, peer: &Peer) -> ServerMessage {
    message(Content::PeerDeleted(PeerDeleted {
        room_id: room.to_owned(),
        peer_id: peer.id.clone(),
        peer_type: peer_type(peer.kind),
    }))
}

pub(crate) fn peer_connected(room: &str, peer: &Peer) -> ServerMessage {
    message(Content::PeerConnected(PeerConnected {
        room_id: room.to_owned(),
        peer_id: peer.id.clone(),
        peer_type: peer_type(peer.kind),
    }))
}

pub(crate) fn peer_disconnected(room: &str, peer: &Peer) -> ServerMessage {
    message(Content::PeerDisconnected(PeerDisconnected {
        room_id: room.to_owned(),
        peer_id: peer.id.clone(),
        peer_type: peer_type(peer.kind),
    }))
}

pub(crate) fn peer_metadata_updated(room: &str, peer: &Peer) -> ServerMessage {
    message(Content::PeerMetadataUpdated(PeerMetadataUpdated {
        room_id: room.to_owned(),
        peer_id: peer.id.clone(),
        metadata: peer.client_metadata.to_string(),
        peer_type: peer_type(peer.kind),
    }))
}

pub(crate) fn track_added(room: &str, peer: &str, track: &Track) -> ServerMessage {
    message(Content::TrackAdded(TrackAdded {
        room_id: room.to_owned(),
        track: Some(track_message(track)),
        endpoint_info: Some(track_added::EndpointInfo::PeerId(peer.to_owned())),
    }))
}

pub(crate) fn track_removed(room: &str, peer: &str, track: &Track) -> ServerMessage {
    message(Content::TrackRemoved(TrackRemoved {
        room_id: room.to_owned(),
        track: Some(track_message(track)),
        endpoint_info: Some(track_removed::EndpointInfo::PeerId(peer.to_owned())),
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
