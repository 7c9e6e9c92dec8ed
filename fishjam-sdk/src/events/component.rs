//! Notifications about the components of self-hosted servers. Hosted Fishjam has no components.

use fishjam_proto::fishjam::server_message as wire;

use super::payload::payload;
use crate::id::{ComponentId, RoomId};

payload! {
    from ComponentCrashed { room_id, component_id };
    /// Deprecated by Fishjam: a component crashed.
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
    /// Deprecated by Fishjam: an HLS playlist is playable.
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
    /// Deprecated by Fishjam: a finished HLS broadcast was uploaded.
    ///
    /// The content of [`Notification::HlsUploaded`](super::Notification::HlsUploaded).
    pub struct HlsUploaded {
        /// The room that was broadcast. It may no longer exist.
        pub room_id: RoomId,
    }
}

payload! {
    from HlsUploadCrashed { room_id };
    /// Deprecated by Fishjam: the upload of a finished HLS broadcast failed.
    ///
    /// The content of [`Notification::HlsUploadCrashed`](super::Notification::HlsUploadCrashed).
    pub struct HlsUploadCrashed {
        /// The room that was broadcast. It may no longer exist.
        pub room_id: RoomId,
    }
}
