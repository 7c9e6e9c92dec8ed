//! Track forwardings: a peer's tracks on their way into a composition.

use fishjam_proto::fishjam::server_message as wire;

use super::{payload::payload, track::Track};
use crate::id::{PeerId, RoomId};

payload! {
    from TrackForwarding { room_id, peer_id, composition_url, input_id, audio_track, video_track };
    /// Tracks of a peer flow into a composition. Sent again with the whole new picture when other ones do.
    pub struct TrackForwarding {
        /// The room that the tracks come from.
        pub room_id: RoomId,
        /// The peer that publishes them.
        pub peer_id: PeerId,
        /// The address of the composition that receives them.
        pub composition_url: String,
        /// The input of the composition as which they arrive.
        pub input_id: String,
        /// The audio track; `None` if none is forwarded.
        pub audio_track: Option<Track>,
        /// The video track; `None` if none is forwarded.
        pub video_track: Option<Track>,
    }
}

payload! {
    from TrackForwardingRemoved { room_id, peer_id, composition_url, input_id };
    /// Tracks of a peer no longer flow into a composition.
    pub struct TrackForwardingRemoved {
        /// The room that the tracks came from.
        pub room_id: RoomId,
        /// The peer that published them.
        pub peer_id: PeerId,
        /// The address of the composition that received them.
        pub composition_url: String,
        /// The input of the composition that gets nothing more.
        pub input_id: String,
    }
}
