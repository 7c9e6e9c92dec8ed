//! Rooms, as the server describes them.

use std::fmt;

use fishjam_api::fishjam::{
    enums::{RoomType, VideoCodec},
    types,
};
use serde::{Serialize, Serializer};

use super::composition_info::CompositionInfo;
use crate::{
    error::Result,
    extra::{Extra, read_model},
    id::RoomId,
    listing::convert_all,
    metadata::Metadata,
    peers::Peer,
    secret::Address,
};

/// The state of a room at the time of the response.
///
/// It serializes with the member names of the REST API, including the members that this version does not know. Metadata
/// is nested JSON. `Default` creates a room for a test: an empty id, the server's default configuration and no peers.
///
/// The JSON contains the complete [webhook URL](RoomConfig::webhook_url), because the server returns it. If the URL holds a
/// secret, set it to `None` before you send a room to a browser.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::{Peer, Room};
/// use serde_json::json;
///
/// let mut room = Room::default();
/// room.id = "r".into();
/// room.peers.push(Peer::default());
/// let json = serde_json::to_value(&room)?;
/// assert_eq!(json["config"]["roomType"], "conference");
/// assert_eq!(serde_json::from_value::<Room>(json)?, room);
///
/// let made: Room = serde_json::from_value(json!({ "id": "r", "config": { "maxPeers": 4 }, "peers": [] }))?;
/// assert_eq!(made.config.max_peers, Some(4));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Room {
    /// Id of the room. A livestream room has the same id as its stream.
    pub id: RoomId,
    /// Configuration of the room, including the server's defaults.
    pub config: RoomConfig,
    /// Peers of the room, connected or not.
    pub peers: Vec<Peer>,
    /// The composition of the room, as the server sent it. Like metadata, it contains values that other parties
    /// write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) composition_info: Option<Metadata>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Room, types::Room);

impl Room {
    /// Returns the composition to which the room's tracks are forwarded, if there is one.
    ///
    /// The composition contains ids that publishers choose. This method parses it, so that an invalid id does not
    /// affect the room.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the composition cannot be parsed. The error names
    /// the reason and the position. It does not quote the response.
    pub fn composition_info(&self) -> Result<Option<CompositionInfo>> {
        self.composition_info.as_ref().map(|info| info.read("composition info cannot be read")).transpose()
    }

    pub(crate) fn from_wire(room: types::Room) -> Self {
        Self {
            id: room.id.into(),
            config: RoomConfig::from_wire(room.config),
            peers: convert_all(room.peers, Peer::from_wire),
            composition_info: Metadata::from_member(room.composition_info),
            extra: Extra::new(room.extra),
        }
    }
}

/// Configuration of a room.
///
/// It serializes with the member names of the REST API. The webhook URL is a setting that the server returns, so it
/// serializes completely. `Debug` prints only its scheme and its host, because the rest can hold a secret. `Default`
/// returns the server's defaults.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RoomConfig {
    /// Maximum number of peers in the room, or `None` for no limit. Serializes as 0 for no limit, as the server sends it.
    #[serde(serialize_with = "zero_if_unlimited")]
    pub max_peers: Option<u64>,
    /// Type of the room. [`RoomType::Conference`] if the server sends none.
    pub room_type: RoomType,
    /// Codec of all video in the room. [`VideoCodec::H264`] if the server sends none.
    pub video_codec: VideoCodec,
    /// URL for the webhooks of the room. If you set none, it can be the URL of the account.
    pub webhook_url: Option<String>,
    /// Whether viewers can watch a livestream room without a token.
    pub public: bool,
    /// Whether a webhook can contain several notifications.
    pub batch_webhook_notifications: bool,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(RoomConfig, types::RoomConfig);

fn zero_if_unlimited<S: Serializer>(peers: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(peers.unwrap_or(0))
}

impl RoomConfig {
    fn from_wire(config: types::RoomConfig) -> Self {
        Self {
            max_peers: config.max_peers.filter(|&peers| peers > 0),
            room_type: config.room_type.unwrap_or(RoomType::Conference),
            video_codec: config.video_codec.unwrap_or(VideoCodec::H264),
            webhook_url: config.webhook_url,
            public: config.public.unwrap_or(false),
            batch_webhook_notifications: config.batch_webhook_notifications.unwrap_or(false),
            extra: Extra::new(config.extra),
        }
    }
}

impl Default for RoomConfig {
    fn default() -> Self {
        Self::from_wire(types::RoomConfig::default())
    }
}

impl fmt::Debug for RoomConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomConfig")
            .field("max_peers", &self.max_peers)
            .field("room_type", &self.room_type)
            .field("video_codec", &self.video_codec)
            .field("webhook_url", &self.webhook_url.as_deref().map(Address))
            .field("public", &self.public)
            .field("batch_webhook_notifications", &self.batch_webhook_notifications)
            .field("extra", &self.extra)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::peers::Track;

    /// Long lists have many of these values. If one must grow, measure the bench `growth -- lists`.
    #[test]
    fn values_of_a_room_are_small() {
        let words = |bytes: usize| bytes.div_ceil(size_of::<usize>());
        assert!(words(size_of::<Room>()) <= 22);
        assert!(words(size_of::<Peer>()) <= 25);
        assert!(words(size_of::<Track>()) <= 9);
    }

    #[test]
    fn decoded_room_has_no_spare_capacity() {
        let track = json!({ "id": "t", "type": "audio" });
        let peer = json!({
            "id": "p", "type": "webrtc", "status": "connected", "subscribeMode": "manual",
            "subscriptions": { "peers": ["q", "r"], "tracks": ["t"] }, "tracks": [track, track],
        });
        let room = json!({ "id": "r", "config": {}, "peers": [peer, peer, peer] });
        let room: Room = serde_json::from_str(&room.to_string()).unwrap();
        assert_eq!((room.peers.len(), room.peers.capacity()), (3, 3));
        for peer in room.peers {
            assert_eq!((peer.tracks.len(), peer.tracks.capacity()), (2, 2));
            assert_eq!((peer.subscriptions.peers.capacity(), peer.subscriptions.tracks.capacity()), (2, 1));
        }
    }

    #[test]
    fn debug_prints_only_scheme_and_host_of_webhook_url() {
        let config = json!({ "webhookUrl": "https://hooks.example.com/sentinel?key=sentinel", "maxPeers": 7 });
        let room: Room = serde_json::from_value(json!({ "id": "r", "config": config, "peers": [] })).unwrap();
        for printed in [format!("{:?}", room.config), format!("{room:?}"), format!("{room:#?}")] {
            assert!(printed.contains("https://hooks.example.com/[redacted]"), "{printed}");
            assert!(printed.contains("max_peers") && printed.contains('7'), "{printed}");
            assert!(!printed.contains("sentinel"), "{printed}");
        }
    }
}
