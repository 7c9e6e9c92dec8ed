//! Channels. The contract says no more about them than their two notifications do.

use fishjam_proto::fishjam::server_message as wire;

use super::{endpoint_id::EndpointId, payload::payload};
use crate::id::{ChannelId, RoomId};

payload! {
    from ChannelAdded { room_id, channel_id, endpoint_info: endpoint };
    /// A channel was opened.
    pub struct ChannelAdded {
        /// The room in which it is open.
        pub room_id: RoomId,
        /// Who opened it. Serialized as `peer_id` or `component_id`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The new channel.
        pub channel_id: ChannelId,
    }
}

payload! {
    from ChannelRemoved { room_id, channel_id, endpoint_info: endpoint };
    /// A channel was closed.
    pub struct ChannelRemoved {
        /// The room in which it was open.
        pub room_id: RoomId,
        /// Who had it open. Serialized as `peer_id` or `component_id`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The channel that is gone.
        pub channel_id: ChannelId,
    }
}
