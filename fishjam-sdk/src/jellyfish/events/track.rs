//! Notifications about tracks.

use fishjam_proto::jellyfish::server_message as wire;

use crate::{
    events::{EndpointId, TrackInfo, from_wire::FromWire, payload::payload},
    id::RoomId,
};

payload! {
    from TrackAdded { room_id, endpoint_info: endpoint, track };
    /// A track was published.
    ///
    /// The content of [`Notification::TrackAdded`](super::Notification::TrackAdded).
    pub struct TrackAdded {
        /// The room of the track.
        pub room_id: RoomId,
        /// The publisher of the track. Serialized as `peerId` or `componentId`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The published track.
        pub track: TrackInfo,
    }
}

payload! {
    from TrackRemoved { room_id, endpoint_info: endpoint, track };
    /// A track was removed, or its publisher left.
    ///
    /// The content of [`Notification::TrackRemoved`](super::Notification::TrackRemoved).
    pub struct TrackRemoved {
        /// The room of the track.
        pub room_id: RoomId,
        /// The former publisher of the track. Serialized as `peerId` or `componentId`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The last state of the track.
        pub track: TrackInfo,
    }
}

payload! {
    from TrackMetadataUpdated { room_id, endpoint_info: endpoint, track };
    /// The publisher of a track changed its metadata.
    ///
    /// The content of [`Notification::TrackMetadataUpdated`](super::Notification::TrackMetadataUpdated).
    pub struct TrackMetadataUpdated {
        /// The room of the track.
        pub room_id: RoomId,
        /// The publisher of the track. Serialized as `peerId` or `componentId`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The track with its new metadata.
        pub track: TrackInfo,
    }
}

/// A track that is absent becomes a track with empty fields, as an absent id becomes an empty id.
impl FromWire<Option<wire::Track>> for TrackInfo {
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
