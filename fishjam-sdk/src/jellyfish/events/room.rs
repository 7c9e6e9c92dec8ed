//! Rooms.

use fishjam_proto::jellyfish::server_message as wire;

use crate::{events::payload::payload, id::RoomId};

payload! {
    from RoomCreated { room_id };
    /// A room was created.
    pub struct RoomCreated {
        /// The new room.
        pub room_id: RoomId,
    }
}

payload! {
    from RoomDeleted { room_id };
    /// A room was deleted.
    ///
    /// Its peers are reported as [deleted](super::PeerDeleted) before, and those that were connected are not reported
    /// as disconnected.
    pub struct RoomDeleted {
        /// The room that is gone.
        pub room_id: RoomId,
    }
}

payload! {
    from RoomCrashed { room_id };
    /// A room was lost to a failure inside the server, and its peers with it; some may be reported as
    /// [deleted](super::PeerDeleted) before, and nothing is reported about them after.
    pub struct RoomCrashed {
        /// The room that is gone.
        pub room_id: RoomId,
    }
}
