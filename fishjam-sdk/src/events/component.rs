//! Components of self-hosted servers. The hosted service no longer has any.

use fishjam_proto::fishjam::server_message as wire;

use super::payload::payload;
use crate::id::{ComponentId, RoomId};

payload! {
    from ComponentCrashed { room_id, component_id };
    /// Deprecated by the service: a component failed.
    pub struct ComponentCrashed {
        /// The room that it was part of.
        pub room_id: RoomId,
        /// The component that is gone.
        pub component_id: ComponentId,
    }
}

payload! {
    from HlsPlayable { room_id, component_id };
    /// Deprecated by the service: an HLS playlist can be played from now on.
    pub struct HlsPlayable {
        /// The room that is broadcast.
        pub room_id: RoomId,
        /// The HLS component that writes the playlist.
        pub component_id: ComponentId,
    }
}

payload! {
    from HlsUploaded { room_id };
    /// Deprecated by the service: a finished HLS broadcast was stored.
    pub struct HlsUploaded {
        /// The room that was broadcast; it may be gone by now.
        pub room_id: RoomId,
    }
}

payload! {
    from HlsUploadCrashed { room_id };
    /// Deprecated by the service: a finished HLS broadcast could not be stored.
    pub struct HlsUploadCrashed {
        /// The room that was broadcast; it may be gone by now.
        pub room_id: RoomId,
    }
}
