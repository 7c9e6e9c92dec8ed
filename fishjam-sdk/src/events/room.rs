//! Rooms.

use fishjam_proto::fishjam::server_message as wire;

use super::payload::payload;
use crate::id::RoomId;

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
    /// The hosted service reports its peers as disconnected and deleted before. A self-hosted server does not report
    /// its connected peers as disconnected.
    pub struct RoomDeleted {
        /// The room that is gone.
        pub room_id: RoomId,
    }
}

payload! {
    from RoomCrashed { room_id };
    /// A room was lost to a failure inside the service, and its peers with it: nothing more is reported about them.
    pub struct RoomCrashed {
        /// The room that is gone.
        pub room_id: RoomId,
    }
}
