//! Notifications about channels.

use fishjam_proto::fishjam::server_message as wire;

use super::{endpoint_id::EndpointId, payload::payload};
use crate::id::{ChannelId, RoomId};

payload! {
    from ChannelAdded { room_id, channel_id, endpoint_info: endpoint };
    /// A channel was opened.
    ///
    /// The content of [`Notification::ChannelAdded`](super::Notification::ChannelAdded).
    pub struct ChannelAdded {
        /// The room of the channel.
        pub room_id: RoomId,
        /// The owner of the channel. Serialized as `peerId` or `componentId`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The new channel.
        pub channel_id: ChannelId,
    }
}

payload! {
    from ChannelRemoved { room_id, channel_id, endpoint_info: endpoint };
    /// A channel was closed.
    ///
    /// The content of [`Notification::ChannelRemoved`](super::Notification::ChannelRemoved).
    pub struct ChannelRemoved {
        /// The room of the channel.
        pub room_id: RoomId,
        /// The former owner of the channel. Serialized as `peerId` or `componentId`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The closed channel.
        pub channel_id: ChannelId,
    }
}
