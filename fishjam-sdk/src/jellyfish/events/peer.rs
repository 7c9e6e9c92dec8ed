//! Peers.

use fishjam_proto::jellyfish::server_message as wire;
use serde::de::DeserializeOwned;

use crate::{
    error::Result,
    events::{Metadata, payload::payload},
    id::{PeerId, RoomId},
};

payload! {
    from PeerAdded { room_id, peer_id };
    /// A peer was registered in a room. It is not connected yet.
    pub struct PeerAdded {
        /// The room that it belongs to.
        pub room_id: RoomId,
        /// The new peer.
        pub peer_id: PeerId,
    }
}

payload! {
    from PeerDeleted { room_id, peer_id };
    /// A peer was removed from a room and cannot come back.
    pub struct PeerDeleted {
        /// The room that it belonged to.
        pub room_id: RoomId,
        /// The peer that is gone.
        pub peer_id: PeerId,
    }
}

payload! {
    from PeerConnected { room_id, peer_id };
    /// A peer opened its connection and was let into its room.
    pub struct PeerConnected {
        /// The room that it entered.
        pub room_id: RoomId,
        /// The peer that is online now.
        pub peer_id: PeerId,
    }
}

payload! {
    from PeerDisconnected { room_id, peer_id };
    /// A peer closed or lost its connection. Until it is deleted it may come back with the same token.
    pub struct PeerDisconnected {
        /// The room that it left.
        pub room_id: RoomId,
        /// The peer that is offline now.
        pub peer_id: PeerId,
    }
}

payload! {
    from PeerCrashed { room_id, peer_id, reason };
    /// A peer was lost to a failure inside the server. It comes in place of the notifications of an orderly end.
    pub struct PeerCrashed {
        /// The room that it was in.
        pub room_id: RoomId,
        /// The peer that is gone.
        pub peer_id: PeerId,
        /// What went wrong, in the server's words; often nothing.
        pub reason: String,
    }
}

payload! {
    from PeerMetadataUpdated { room_id, peer_id, metadata };
    /// A peer set or changed its metadata.
    pub struct PeerMetadataUpdated {
        /// The room that it is in.
        pub room_id: RoomId,
        /// The peer whose metadata changed.
        pub peer_id: PeerId,
        /// The new metadata as it was sent; [`metadata::<T>()`](Self::metadata()) reads it.
        pub metadata: Metadata,
    }
}

impl PeerMetadataUpdated {
    /// Reads the new metadata as a type of yours.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not JSON or does not fit the type; see
    /// [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.parse_from("peer_metadata_updated")
    }
}
