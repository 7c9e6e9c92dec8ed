//! Peers.

use fishjam_api::fishjam::enums::PeerType;
use fishjam_proto::fishjam::server_message as wire;
use serde::de::DeserializeOwned;

use super::{
    metadata::Metadata,
    payload::{FromWire, payload},
    subject::About,
};
use crate::{
    error::Result,
    id::{PeerId, RoomId},
};

payload! {
    from PeerAdded { room_id, peer_id, peer_type };
    /// A peer was registered in a room. It is not connected yet.
    pub struct PeerAdded {
        /// The room that it belongs to.
        pub room_id: RoomId,
        /// The new peer.
        pub peer_id: PeerId,
        /// What stands behind the peer; `None` if the server does not say, as older ones do not.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerDeleted { room_id, peer_id, peer_type };
    /// A peer was removed from a room and cannot come back.
    pub struct PeerDeleted {
        /// The room that it belonged to.
        pub room_id: RoomId,
        /// The peer that is gone.
        pub peer_id: PeerId,
        /// What stood behind the peer; `None` if the server does not say, as older ones do not.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerConnected { room_id, peer_id, peer_type };
    /// A peer opened its connection and was let into its room.
    pub struct PeerConnected {
        /// The room that it entered.
        pub room_id: RoomId,
        /// The peer that is online now.
        pub peer_id: PeerId,
        /// What stands behind the peer; `None` if the server does not say, as older ones do not.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerDisconnected { room_id, peer_id, peer_type };
    /// A peer closed or lost its connection. Until it is deleted it may come back.
    pub struct PeerDisconnected {
        /// The room that it left.
        pub room_id: RoomId,
        /// The peer that is offline now.
        pub peer_id: PeerId,
        /// What stands behind the peer; `None` if the server does not say, as older ones do not.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerCrashed { room_id, peer_id, reason, peer_type };
    /// A peer was lost to a failure inside the service. It comes in place of the notifications of an orderly end.
    pub struct PeerCrashed {
        /// The room that it was in.
        pub room_id: RoomId,
        /// The peer that is gone.
        pub peer_id: PeerId,
        /// What went wrong, in the service's words.
        pub reason: String,
        /// What stood behind the peer; `None` if the server does not say, as older ones do not.
        pub peer_type: Option<PeerType>,
    }
}

payload! {
    from PeerMetadataUpdated { room_id, peer_id, metadata, peer_type };
    /// A peer set or changed its metadata.
    pub struct PeerMetadataUpdated {
        /// The room that it is in.
        pub room_id: RoomId,
        /// The peer whose metadata changed.
        pub peer_id: PeerId,
        /// The new metadata as it was sent; [`metadata::<T>()`](Self::metadata()) reads it.
        pub metadata: Metadata,
        /// What stands behind the peer; `None` if the server does not say, as older ones do not.
        pub peer_type: Option<PeerType>,
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

/// 0 is what a server sends that is older than the distinction.
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

impl About for Option<PeerType> {}
