//! Tracks.

use fishjam_proto::jellyfish::server_message as wire;

use crate::{
    events::{
        EndpointId, Track,
        payload::{FromWire, payload},
    },
    id::RoomId,
};

payload! {
    from TrackAdded { room_id, endpoint_info: endpoint, track };
    /// A track was published.
    pub struct TrackAdded {
        /// The room in which it can be heard or seen.
        pub room_id: RoomId,
        /// Who publishes it: a peer or a component. Serialized as `peer_id` or `component_id`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The track as it is now.
        pub track: Track,
    }
}

payload! {
    from TrackRemoved { room_id, endpoint_info: endpoint, track };
    /// A track was withdrawn, or its publisher went away.
    pub struct TrackRemoved {
        /// The room in which it could be heard or seen.
        pub room_id: RoomId,
        /// Who published it: a peer or a component. Serialized as `peer_id` or `component_id`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The track as it last was.
        pub track: Track,
    }
}

payload! {
    from TrackMetadataUpdated { room_id, endpoint_info: endpoint, track };
    /// The publisher of a track changed its metadata.
    pub struct TrackMetadataUpdated {
        /// The room in which it can be heard or seen.
        pub room_id: RoomId,
        /// Who publishes it: a peer or a component. Serialized as `peer_id` or `component_id`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The track with its new metadata.
        pub track: Track,
    }
}

/// An absent track reads as one with empty fields, as an absent id reads as empty.
impl FromWire<Option<wire::Track>> for Track {
    fn from_wire(wire: Option<wire::Track>) -> Self {
        let wire::Track { id, r#type, metadata } = wire.unwrap_or_default();
        Self {
            id: FromWire::from_wire(id),
            track_type: FromWire::from_wire(r#type),
            metadata: FromWire::from_wire(metadata),
        }
    }
}

macro_rules! endpoint_info {
    ($($message:ident),+) => {$(
        impl FromWire<Option<wire::$message::EndpointInfo>> for EndpointId {
            fn from_wire(wire: Option<wire::$message::EndpointInfo>) -> Self {
                match wire {
                    Some(wire::$message::EndpointInfo::PeerId(id)) => Self::Peer(id.into()),
                    Some(wire::$message::EndpointInfo::ComponentId(id)) => Self::Component(id.into()),
                    None => Self::Unknown,
                }
            }
        }
    )+};
}

endpoint_info!(track_added, track_removed, track_metadata_updated);
