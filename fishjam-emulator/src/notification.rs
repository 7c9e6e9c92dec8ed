//! What the service tells its subscribers.

use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::{Track as TrackMessage, TrackType},
    server_message::{
        Content, PeerAdded, PeerConnected, PeerDeleted, PeerDisconnected, PeerMetadataUpdated, PeerType,
        RecordingStatusChanged, RoomCreated, RoomDeleted, StreamerConnected, StreamerDisconnected, TrackAdded,
        TrackForwarding, TrackForwardingRemoved, TrackRemoved, VadNotification, ViewerConnected, ViewerDisconnected,
        recording_status_changed::Status, track_added, track_removed, vad_notification,
    },
};
use serde_json::Value;

use crate::state::{Forwarding, Peer, PeerKind, Recording, RecordingStatus, Role, Track, TrackKind};

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

pub(crate) fn voice_activity(room: &str, peer: &str, track: &str, status: vad_notification::Status) -> ServerMessage {
    message(Content::VadNotification(VadNotification {
        room_id: room.to_owned(),
        peer_id: peer.to_owned(),
        track_id: track.to_owned(),
        status: i32::from(status),
    }))
}

pub(crate) fn track_forwarding(room: &str, composition: &str, forwarding: &Forwarding) -> ServerMessage {
    message(Content::TrackForwarding(TrackForwarding {
        room_id: room.to_owned(),
        peer_id: forwarding.peer.clone(),
        composition_url: composition.to_owned(),
        input_id: forwarding.input.clone(),
        audio_track: forwarding.audio.as_ref().map(track_message),
        video_track: forwarding.video.as_ref().map(track_message),
    }))
}

pub(crate) fn track_forwarding_removed(room: &str, composition: &str, forwarding: &Forwarding) -> ServerMessage {
    message(Content::TrackForwardingRemoved(TrackForwardingRemoved {
        room_id: room.to_owned(),
        peer_id: forwarding.peer.clone(),
        composition_url: composition.to_owned(),
        input_id: forwarding.input.clone(),
    }))
}

pub(crate) fn participant_connected(stream: &str, role: Role, id: &str) -> ServerMessage {
    let (stream_id, id) = (stream.to_owned(), id.to_owned());
    message(match role {
        Role::Streamer => Content::StreamerConnected(StreamerConnected { stream_id, streamer_id: id }),
        Role::Viewer => Content::ViewerConnected(ViewerConnected { stream_id, viewer_id: id }),
    })
}

pub(crate) fn participant_disconnected(stream: &str, role: Role, id: &str) -> ServerMessage {
    let (stream_id, id) = (stream.to_owned(), id.to_owned());
    message(match role {
        Role::Streamer => Content::StreamerDisconnected(StreamerDisconnected { stream_id, streamer_id: id }),
        Role::Viewer => Content::ViewerDisconnected(ViewerDisconnected { stream_id, viewer_id: id }),
    })
}

pub(crate) fn recording_status_changed(recording: &Recording) -> ServerMessage {
    let status = match recording.status {
        RecordingStatus::Active => Status::Active,
        RecordingStatus::Finished => Status::Finished,
        RecordingStatus::Available => Status::Available,
        RecordingStatus::Failed => Status::Failed,
    };
    message(Content::RecordingStatusChanged(RecordingStatusChanged {
        recording_id: recording.id.clone(),
        status: i32::from(status),
        metadata: recording.metadata.clone().map_or(Value::Null, Value::Object).to_string(),
    }))
}

pub(crate) fn track_message(track: &Track) -> TrackMessage {
    TrackMessage {
        id: track.id.clone(),
        r#type: i32::from(match track.kind {
            TrackKind::Video => TrackType::Video,
            TrackKind::Audio => TrackType::Audio,
        }),
        metadata: track.metadata.to_string(),
    }
}
