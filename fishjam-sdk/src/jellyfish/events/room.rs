//! Notifications about rooms.

use fishjam_proto::jellyfish::server_message as wire;

use crate::{events::payload::payload, id::RoomId};

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
    /// The server first reports the peers of the room as [deleted](super::PeerDeleted). It does not report connected
    /// peers as disconnected.
    ///
    /// The content of [`Notification::RoomDeleted`](super::Notification::RoomDeleted).
    pub struct RoomDeleted {
        /// The deleted room.
        pub room_id: RoomId,
    }
}

payload! {
    from RoomCrashed { room_id };
    /// A room crashed. Its peers are gone.
    ///
    /// The server may first report some of the peers as [deleted](super::PeerDeleted). It reports nothing about them
    /// afterwards.
    ///
    /// The content of [`Notification::RoomCrashed`](super::Notification::RoomCrashed).
    pub struct RoomCrashed {
        /// The room that crashed.
        pub room_id: RoomId,
    }
}
