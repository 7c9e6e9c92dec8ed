//! Notifications about components.

use fishjam_proto::jellyfish::server_message as wire;

use crate::{
    events::payload::payload,
    id::{ComponentId, RoomId},
};

payload! {
    from ComponentCrashed { room_id, component_id };
    /// A component crashed, and the server removed it from its room.
    pub struct ComponentCrashed {
        /// The room of the component.
        pub room_id: RoomId,
        /// The component that crashed.
        pub component_id: ComponentId,
    }
}

payload! {
    from HlsPlayable { room_id, component_id };
    /// An HLS playlist is playable.
    pub struct HlsPlayable {
        /// The room that is broadcast.
        pub room_id: RoomId,
        /// The HLS component that writes the playlist.
        pub component_id: ComponentId,
    }
}

payload! {
    from HlsUploaded { room_id };
    /// A finished HLS broadcast was uploaded to the storage of its component.
    pub struct HlsUploaded {
        /// The room that was broadcast. It may no longer exist.
        pub room_id: RoomId,
    }
}

payload! {
    from HlsUploadCrashed { room_id };
    /// The upload of a finished HLS broadcast failed.
    pub struct HlsUploadCrashed {
        /// The room that was broadcast. It may no longer exist.
        pub room_id: RoomId,
    }
}
