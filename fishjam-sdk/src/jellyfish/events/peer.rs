//! Notifications about peers.

use fishjam_proto::jellyfish::server_message as wire;
use serde::de::DeserializeOwned;

use crate::{
    error::Result,
    events::payload::payload,
    id::{PeerId, RoomId},
    metadata::Metadata,
};

payload! {
    from PeerAdded { room_id, peer_id };
    /// A peer was added to a room. It is not connected yet.
    ///
    /// The content of [`Notification::PeerAdded`](super::Notification::PeerAdded).
    pub struct PeerAdded {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The new peer.
        pub peer_id: PeerId,
    }
}

payload! {
    from PeerDeleted { room_id, peer_id };
    /// A peer was permanently removed from a room.
    ///
    /// The content of [`Notification::PeerDeleted`](super::Notification::PeerDeleted).
    pub struct PeerDeleted {
        /// The former room of the peer.
        pub room_id: RoomId,
        /// The deleted peer.
        pub peer_id: PeerId,
    }
}

payload! {
    from PeerConnected { room_id, peer_id };
    /// A peer connected to its room.
    ///
    /// The content of [`Notification::PeerConnected`](super::Notification::PeerConnected).
    pub struct PeerConnected {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The connected peer.
        pub peer_id: PeerId,
    }
}

payload! {
    from PeerDisconnected { room_id, peer_id };
    /// A peer closed or lost its connection. It can reconnect with the same token until it is deleted.
    ///
    /// The content of [`Notification::PeerDisconnected`](super::Notification::PeerDisconnected).
    pub struct PeerDisconnected {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The disconnected peer.
        pub peer_id: PeerId,
    }
}

payload! {
    from PeerCrashed { room_id, peer_id, reason };
    /// A peer crashed on the server. The server sends this notification instead of [`PeerDisconnected`] and [`PeerDeleted`].
    ///
    /// The content of [`Notification::PeerCrashed`](super::Notification::PeerCrashed).
    pub struct PeerCrashed {
        /// The former room of the peer.
        pub room_id: RoomId,
        /// The peer that crashed.
        pub peer_id: PeerId,
        /// The server's reason. Often empty.
        pub reason: String,
    }
}

payload! {
    from PeerMetadataUpdated { room_id, peer_id, metadata };
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
