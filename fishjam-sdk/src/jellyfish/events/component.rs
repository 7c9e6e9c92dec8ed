//! Components.

use fishjam_proto::jellyfish::server_message as wire;

use crate::{
    events::payload::payload,
    id::{ComponentId, RoomId},
};

payload! {
    from ComponentCrashed { room_id, component_id };
    /// A component failed and was removed from its room.
    pub struct ComponentCrashed {
        /// The room that it was part of.
        pub room_id: RoomId,
        /// The component that is gone.
        pub component_id: ComponentId,
    }
}

payload! {
    from HlsPlayable { room_id, component_id };
    /// An HLS playlist can be played from now on.
    pub struct HlsPlayable {
        /// The room that is broadcast.
        pub room_id: RoomId,
        /// The HLS component that writes the playlist.
        pub component_id: ComponentId,
    }
}

payload! {
    from HlsUploaded { room_id };
    /// A finished HLS broadcast was uploaded to the storage that its component was given.
    pub struct HlsUploaded {
        /// The room that was broadcast; it may be gone by now.
        pub room_id: RoomId,
    }
}

payload! {
    from HlsUploadCrashed { room_id };
    /// A finished HLS broadcast could not be uploaded.
    pub struct HlsUploadCrashed {
        /// The room that was broadcast; it may be gone by now.
        pub room_id: RoomId,
    }
}
