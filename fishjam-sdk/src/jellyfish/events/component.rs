//! Notifications about components.

use fishjam_proto::jellyfish::server_message as wire;

use crate::{
    events::payload::payload,
    id::{ComponentId, RoomId},
};

payload! {
    from ComponentCrashed { room_id, component_id };
    /// A component crashed, and the server removed it from its room.
    ///
    /// The content of [`Notification::ComponentCrashed`](super::Notification::ComponentCrashed).
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
    ///
    /// The content of [`Notification::HlsPlayable`](super::Notification::HlsPlayable).
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
    ///
    /// The content of [`Notification::HlsUploaded`](super::Notification::HlsUploaded).
    pub struct HlsUploaded {
        /// The room that was broadcast. It may no longer exist.
        pub room_id: RoomId,
    }
}

payload! {
    from HlsUploadCrashed { room_id };
    /// The upload of a finished HLS broadcast failed.
    ///
    /// The content of [`Notification::HlsUploadCrashed`](super::Notification::HlsUploadCrashed).
    pub struct HlsUploadCrashed {
        /// The room that was broadcast. It may no longer exist.
        pub room_id: RoomId,
    }
}
