//! Notifications about rooms.

use fishjam_proto::fishjam::server_message as wire;

use super::payload::payload;
use crate::id::RoomId;

payload! {
    from RoomCreated { room_id };
    /// A room was created.
    ///
    /// The content of [`Notification::RoomCreated`](super::Notification::RoomCreated).
    pub struct RoomCreated {
        /// The new room.
        pub room_id: RoomId,
    }
}

payload! {
    from RoomDeleted { room_id };
    /// A room was deleted.
    ///
    /// Hosted Fishjam first reports the peers of the room as disconnected and deleted. A self-hosted server does not
    /// report connected peers as disconnected.
    ///
    /// The content of [`Notification::RoomDeleted`](super::Notification::RoomDeleted).
    pub struct RoomDeleted {
        /// The deleted room.
        pub room_id: RoomId,
    }
}

payload! {
    from RoomCrashed { room_id };
    /// A room crashed. Its peers are gone, and no further notifications report them.
    ///
    /// The content of [`Notification::RoomCrashed`](super::Notification::RoomCrashed).
    pub struct RoomCrashed {
        /// The room that crashed.
        pub room_id: RoomId,
    }
}
