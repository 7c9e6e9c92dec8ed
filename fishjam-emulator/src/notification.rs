//! The conversion of events to the service's notifications.

use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::{Track as TrackMessage, TrackType},
    server_message::{
        Content, PeerAdded, PeerConnected, PeerCrashed, PeerDeleted, PeerDisconnected, PeerMetadataUpdated, PeerType,
        RecordingStatusChanged, RoomCreated, RoomDeleted, StreamerConnected, StreamerDisconnected, TrackAdded,
        TrackForwarding, TrackForwardingRemoved, TrackMetadataUpdated, TrackRemoved, VadNotification, ViewerConnected,
        ViewerDisconnected, recording_status_changed::Status, track_added, track_metadata_updated, track_removed,
        vad_notification,
    },
};
use serde_json::Value;

use crate::state::{Event, PeerKind, PeerRef, RecordingStatus, Role, Track, TrackKind};

/// Converts an event to its notification.
pub(crate) fn encode(event: &Event) -> ServerMessage {
    message(match event {
        Event::RoomCreated { room } => Content::RoomCreated(RoomCreated { room_id: room.clone() }),
        Event::RoomDeleted { room } => Content::RoomDeleted(RoomDeleted { room_id: room.clone() }),
        Event::PeerAdded(peer) => {
            let (room_id, peer_id, peer_type) = peer_fields(peer);
            Content::PeerAdded(PeerAdded { room_id, peer_id, peer_type })
        }
        Event::PeerDeleted(peer) => {
            let (room_id, peer_id, peer_type) = peer_fields(peer);
            Content::PeerDeleted(PeerDeleted { room_id, peer_id, peer_type })
        }
        Event::PeerConnected(peer) => {
            let (room_id, peer_id, peer_type) = peer_fields(peer);
            Content::PeerConnected(PeerConnected { room_id, peer_id, peer_type })
        }
        Event::PeerDisconnected(peer) => {
            let (room_id, peer_id, peer_type) = peer_fields(peer);
            Content::PeerDisconnected(PeerDisconnected { room_id, peer_id, peer_type })
        }
        Event::PeerCrashed { peer, reason } => {
            let (room_id, peer_id, peer_type) = peer_fields(peer);
            Content::PeerCrashed(PeerCrashed { room_id, peer_id, reason: reason.clone(), peer_type })
        }
        Event::PeerMetadataUpdated { peer, metadata } => {
            let (room_id, peer_id, peer_type) = peer_fields(peer);
            let metadata = metadata.to_string();
            Content::PeerMetadataUpdated(PeerMetadataUpdated { room_id, peer_id, metadata, peer_type })
        }
        Event::TrackAdded { room, peer, track } => Content::TrackAdded(TrackAdded {
            room_id: room.clone(),
            track: Some(track_message(track)),
            endpoint_info: Some(track_added::EndpointInfo::PeerId(peer.clone())),
        }),
        Event::TrackRemoved { room, peer, track } => Content::TrackRemoved(TrackRemoved {
            room_id: room.clone(),
            track: Some(track_message(track)),
            endpoint_info: Some(track_removed::EndpointInfo::PeerId(peer.clone())),
        }),
        Event::TrackMetadataUpdated { room, peer, track } => Content::TrackMetadataUpdated(TrackMetadataUpdated {
            room_id: room.clone(),
            track: Some(track_message(track)),
            endpoint_info: Some(track_metadata_updated::EndpointInfo::PeerId(peer.clone())),
        }),
        Event::TrackForwarding { room, composition, forwarding } => Content::TrackForwarding(TrackForwarding {
            room_id: room.clone(),
            peer_id: forwarding.peer.clone(),
            composition_url: composition.clone(),
            input_id: forwarding.input.clone(),
            audio_track: forwarding.audio.as_ref().map(track_message),
            video_track: forwarding.video.as_ref().map(track_message),
        }),
        Event::TrackForwardingRemoved { room, composition, forwarding } => {
            Content::TrackForwardingRemoved(TrackForwardingRemoved {
                room_id: room.clone(),
                peer_id: forwarding.peer.clone(),
                composition_url: composition.clone(),
                input_id: forwarding.input.clone(),
            })
        }
        Event::ParticipantConnected { stream, role, id } => {
            let (stream_id, id) = (stream.clone(), id.clone());
            match role {
                Role::Streamer => Content::StreamerConnected(StreamerConnected { stream_id, streamer_id: id }),
                Role::Viewer => Content::ViewerConnected(ViewerConnected { stream_id, viewer_id: id }),
            }
        }
        Event::ParticipantDisconnected { stream, role, id } => {
            let (stream_id, id) = (stream.clone(), id.clone());
            match role {
                Role::Streamer => Content::StreamerDisconnected(StreamerDisconnected { stream_id, streamer_id: id }),
                Role::Viewer => Content::ViewerDisconnected(ViewerDisconnected { stream_id, viewer_id: id }),
            }
        }
        Event::RecordingStatusChanged(recording) => Content::RecordingStatusChanged(RecordingStatusChanged {
            recording_id: recording.id.clone(),
            status: i32::from(recording_status(recording.status)),
            metadata: recording.metadata.clone().map_or(Value::Null, Value::Object).to_string(),
        }),
    })
}

/// Creates the notification that a peer started or stopped speaking.
///
/// The state emits no such event, because voice activity does not change it.
pub(crate) fn voice_activity(room: &str, peer: &str, track: &str, status: vad_notification::Status) -> ServerMessage {
    message(Content::VadNotification(VadNotification {
        room_id: room.to_owned(),
        peer_id: peer.to_owned(),
        track_id: track.to_owned(),
        status: i32::from(status),
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

fn message(content: Content) -> ServerMessage {
    ServerMessage { content: Some(content) }
}

fn peer_fields(peer: &PeerRef) -> (String, String, i32) {
    let kind = match peer.kind {
        PeerKind::WebRtc => PeerType::Webrtc,
        PeerKind::Agent => PeerType::Agent,
        PeerKind::Vapi => PeerType::Vapi,
    };
    (peer.room.clone(), peer.id.clone(), i32::from(kind))
}

fn recording_status(status: RecordingStatus) -> Status {
    match status {
        RecordingStatus::Active => Status::Active,
        RecordingStatus::Finished => Status::Finished,
        RecordingStatus::Available => Status::Available,
        RecordingStatus::Failed => Status::Failed,
    }
}
