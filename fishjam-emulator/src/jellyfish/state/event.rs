//! The events that the state emits.

use serde_json::Value;

use super::Endpoint;
use crate::state::Track;

/// An event that the server reports in a notification.
///
/// The strings are the ids of rooms, peers and components.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    RoomCreated { room: String },
    RoomDeleted { room: String },
    RoomCrashed { room: String },
    PeerAdded { room: String, peer: String },
    PeerDeleted { room: String, peer: String },
    PeerConnected { room: String, peer: String },
    PeerDisconnected { room: String, peer: String },
    PeerCrashed { room: String, peer: String, reason: String },
    PeerMetadataUpdated { room: String, peer: String, metadata: Value },
    ComponentCrashed { room: String, component: String },
    HlsPlayable { room: String, component: String },
    HlsUploaded { room: String },
    HlsUploadCrashed { room: String },
    TrackAdded { room: String, endpoint: Endpoint, track: Track },
    TrackRemoved { room: String, endpoint: Endpoint, track: Track },
    TrackMetadataUpdated { room: String, endpoint: Endpoint, track: Track },
}
