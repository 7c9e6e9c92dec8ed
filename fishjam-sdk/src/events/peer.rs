//! Notifications about peers.

use fishjam_api::fishjam::enums::PeerType;
use fishjam_proto::fishjam::server_message as wire;
use serde::de::DeserializeOwned;

use super::{from_wire::FromWire, ids::CollectIds, payload::payload};
use crate::{
    error::Result,
    id::{PeerId, RoomId},
    metadata::Metadata,
};

payload! {
    from PeerAdded { room_id, peer_id, peer_type };
    /// A peer was added to a room. It is not connected yet.
    ///
    /// The content of [`Notification::PeerAdded`](super::Notification::PeerAdded).
    pub struct PeerAdded {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The new peer.
        pub peer_id: PeerId,
        /// The type of the peer, or `None` if the server sent none. Older servers send none.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerDeleted { room_id, peer_id, peer_type };
    /// A peer was permanently removed from a room.
    ///
    /// The content of [`Notification::PeerDeleted`](super::Notification::PeerDeleted).
    pub struct PeerDeleted {
        /// The former room of the peer.
        pub room_id: RoomId,
        /// The deleted peer.
        pub peer_id: PeerId,
        /// The type of the peer, or `None` if the server sent none. Older servers send none.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerConnected { room_id, peer_id, peer_type };
    /// A peer connected to its room.
    ///
    /// The content of [`Notification::PeerConnected`](super::Notification::PeerConnected).
    pub struct PeerConnected {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The connected peer.
        pub peer_id: PeerId,
        /// The type of the peer, or `None` if the server sent none. Older servers send none.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerDisconnected { room_id, peer_id, peer_type };
    /// A peer closed or lost its connection. It can reconnect until it is deleted.
    ///
    /// The content of [`Notification::PeerDisconnected`](super::Notification::PeerDisconnected).
    pub struct PeerDisconnected {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The disconnected peer.
        pub peer_id: PeerId,
        /// The type of the peer, or `None` if the server sent none. Older servers send none.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerCrashed { room_id, peer_id, reason, peer_type };
    /// A peer crashed on the server. The server sends this notification instead of [`PeerDisconnected`] and [`PeerDeleted`].
    ///
    /// The content of [`Notification::PeerCrashed`](super::Notification::PeerCrashed).
    pub struct PeerCrashed {
        /// The former room of the peer.
        pub room_id: RoomId,
        /// The peer that crashed.
        pub peer_id: PeerId,
        /// The server's reason.
        pub reason: String,
        /// The type of the peer, or `None` if the server sent none. Older servers send none.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerMetadataUpdated { room_id, peer_id, metadata, peer_type };
    /// A peer set or changed its metadata.
    ///
    /// The content of [`Notification::PeerMetadataUpdated`](super::Notification::PeerMetadataUpdated).
    pub struct PeerMetadataUpdated {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The peer whose metadata changed.
        pub peer_id: PeerId,
        /// The new metadata as the server sent it. Parse it with [`metadata::<T>()`](Self::metadata()).
        #[serde(default)]
        pub metadata: Metadata,
        /// The type of the peer, or `None` if the server sent none. Older servers send none.
        pub peer_type: Option<PeerType>,
    }
}

impl PeerMetadataUpdated {
    /// Parses the metadata into `T`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the metadata is not valid JSON or does not match the
    /// type; see [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.parse_from("peer_metadata_updated")
    }
}

/// Servers that are older than peer types send 0.
impl FromWire<i32> for Option<PeerType> {
    fn from_wire(number: i32) -> Self {
        match wire::PeerType::try_from(number) {
            Ok(wire::PeerType::Unspecified) => None,
            Ok(wire::PeerType::Webrtc) => Some(PeerType::Webrtc),
            Ok(wire::PeerType::Agent) => Some(PeerType::Agent),
            Ok(wire::PeerType::Vapi) => Some(PeerType::Vapi),
            Err(_) => Some(PeerType::Unknown(number.to_string())),
        }
    }
}

impl CollectIds for Option<PeerType> {}
