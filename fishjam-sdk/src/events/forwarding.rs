//! Notifications about track forwardings, which send the tracks of a peer to a composition.

use fishjam_proto::fishjam::server_message as wire;

use super::{payload::payload, track::TrackInfo};
use crate::id::{PeerId, RoomId};

payload! {
    from TrackForwarding { room_id, peer_id, composition_url, input_id, audio_track, video_track };
    /// Tracks of a peer are forwarded to a composition.
    ///
    /// The server sends this notification again when the set of tracks changes. It always contains the whole set.
    ///
    /// The content of [`Notification::TrackForwarding`](super::Notification::TrackForwarding).
    pub struct TrackForwarding {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The peer that publishes the tracks.
        pub peer_id: PeerId,
        /// The URL of the composition.
        pub composition_url: String,
        /// The input of the composition that receives the tracks.
        pub input_id: String,
        /// The forwarded audio track, or `None` if no audio is forwarded.
        pub audio_track: Option<TrackInfo>,
        /// The forwarded video track, or `None` if no video is forwarded.
        pub video_track: Option<TrackInfo>,
    }
}

payload! {
    from TrackForwardingRemoved { room_id, peer_id, composition_url, input_id };
    /// Tracks of a peer are no longer forwarded to a composition.
    ///
    /// The content of [`Notification::TrackForwardingRemoved`](super::Notification::TrackForwardingRemoved).
    pub struct TrackForwardingRemoved {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The peer that published the tracks.
        pub peer_id: PeerId,
        /// The URL of the composition.
        pub composition_url: String,
        /// The input of the composition that received the tracks.
        pub input_id: String,
    }
}
