//! Converts the events of the state to notifications in protobuf.

use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{
        ComponentCrashed, Content, HlsPlayable, HlsUploadCrashed, HlsUploaded, PeerAdded, PeerConnected, PeerCrashed,
        PeerDeleted, PeerDisconnected, PeerMetadataUpdated, RoomCrashed, RoomCreated, RoomDeleted,
        Track as TrackMessage, TrackAdded, TrackMetadataUpdated, TrackRemoved, TrackType, track_added,
        track_metadata_updated, track_removed,
    },
};

use super::state::{Endpoint, Event};
use crate::state::{Track, TrackKind};

/// Converts an event to the message that notifies subscribers of it.
pub(crate) fn encode(event: &Event) -> ServerMessage {
    let content = match event.clone() {
        Event::RoomCreated { room } => Content::RoomCreated(RoomCreated { room_id: room }),
        Event::RoomDeleted { room } => Content::RoomDeleted(RoomDeleted { room_id: room }),
        Event::RoomCrashed { room } => Content::RoomCrashed(RoomCrashed { room_id: room }),
        Event::PeerAdded { room, peer } => Content::PeerAdded(PeerAdded { room_id: room, peer_id: peer }),
        Event::PeerDeleted { room, peer } => Content::PeerDeleted(PeerDeleted { room_id: room, peer_id: peer }),
        Event::PeerConnected { room, peer } => Content::PeerConnected(PeerConnected { room_id: room, peer_id: peer }),
        Event::PeerDisconnected { room, peer } => {
            Content::PeerDisconnected(PeerDisconnected { room_id: room, peer_id: peer })
        }
        Event::PeerCrashed { room, peer, reason } => {
            Content::PeerCrashed(PeerCrashed { room_id: room, peer_id: peer, reason })
        }
        Event::PeerMetadataUpdated { room, peer, metadata } => Content::PeerMetadataUpdated(PeerMetadataUpdated {
            room_id: room,
            peer_id: peer,
            metadata: metadata.to_string(),
        }),
        Event::ComponentCrashed { room, component } => {
            Content::ComponentCrashed(ComponentCrashed { room_id: room, component_id: component })
        }
        Event::HlsPlayable { room, component } => {
            Content::HlsPlayable(HlsPlayable { room_id: room, component_id: component })
        }
        Event::HlsUploaded { room } => Content::HlsUploaded(HlsUploaded { room_id: room }),
        Event::HlsUploadCrashed { room } => Content::HlsUploadCrashed(HlsUploadCrashed { room_id: room }),
        Event::TrackAdded { room, endpoint, track } => {
            use track_added::EndpointInfo::{ComponentId, PeerId};
            Content::TrackAdded(TrackAdded {
                room_id: room,
                track: Some(track_message(track)),
                endpoint_info: Some(match endpoint {
                    Endpoint::Peer(id) => PeerId(id),
                    Endpoint::Component(id) => ComponentId(id),
                }),
            })
        }
        Event::TrackRemoved { room, endpoint, track } => {
            use track_removed::EndpointInfo::{ComponentId, PeerId};
            Content::TrackRemoved(TrackRemoved {
                room_id: room,
                track: Some(track_message(track)),
                endpoint_info: Some(match endpoint {
                    Endpoint::Peer(id) => PeerId(id),
                    Endpoint::Component(id) => ComponentId(id),
                }),
            })
        }
        Event::TrackMetadataUpdated { room, endpoint, track } => {
            use track_metadata_updated::EndpointInfo::{ComponentId, PeerId};
            Content::TrackMetadataUpdated(TrackMetadataUpdated {
                room_id: room,
                track: Some(track_message(track)),
                endpoint_info: Some(match endpoint {
                    Endpoint::Peer(id) => PeerId(id),
                    Endpoint::Component(id) => ComponentId(id),
                }),
            })
        }
    };
    ServerMessage { content: Some(content) }
}

fn track_message(track: Track) -> TrackMessage {
    TrackMessage {
        id: track.id,
        r#type: i32::from(match track.kind {
            TrackKind::Video => TrackType::Video,
            TrackKind::Audio => TrackType::Audio,
        }),
        metadata: track.metadata.to_string(),
    }
}
