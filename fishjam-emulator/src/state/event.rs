//! The events that the state emits.

use serde_json::Value;

use super::{Forwarding, Peer, PeerKind, Recording, Role, Track};

/// An event that the service reports in a notification.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    RoomCreated { room: String },
    RoomDeleted { room: String },
    PeerAdded(PeerRef),
    PeerDeleted(PeerRef),
    PeerConnected(PeerRef),
    PeerDisconnected(PeerRef),
    PeerCrashed { peer: PeerRef, reason: String },
    PeerMetadataUpdated { peer: PeerRef, metadata: Value },
    TrackAdded { room: String, peer: String, track: Track },
    TrackRemoved { room: String, peer: String, track: Track },
    TrackMetadataUpdated { room: String, peer: String, track: Track },
    TrackForwarding { room: String, composition: String, forwarding: Box<Forwarding> },
    TrackForwardingRemoved { room: String, composition: String, forwarding: Box<Forwarding> },
    ParticipantConnected { stream: String, role: Role, id: String },
    ParticipantDisconnected { stream: String, role: Role, id: String },
    RecordingStatusChanged(Recording),
}

/// The peer that an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PeerRef {
    pub(crate) room: String,
    pub(crate) id: String,
    pub(crate) kind: PeerKind,
}

impl PeerRef {
    pub(super) fn new(room: &str, peer: &Peer) -> Self {
        PeerRef { room: room.to_owned(), id: peer.id.clone(), kind: peer.kind }
    }
}

impl Event {
    pub(super) fn metadata_updated(room: &str, peer: &Peer) -> Self {
        Event::PeerMetadataUpdated { peer: PeerRef::new(room, peer), metadata: peer.client_metadata.clone() }
    }
}
