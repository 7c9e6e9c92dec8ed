//! Rooms, as the server describes them.

use std::{fmt, time::Duration};

use fishjam_api::{fishjam::enums::VideoCodec, jellyfish::types};
use serde::Serialize;
use serde_json::Value;

use super::super::{
    components::Component,
    peers::Peer,
    timeout::{of_seconds, optional_seconds},
};
use crate::{
    extra::{Extra, read_model},
    id::RoomId,
    listing::convert_all,
    secret::Address,
};

/// The state of a room at the time of the response.
///
/// It serializes with the member names of the REST API, including the members that this version does not know. Metadata
/// is nested JSON. The password of a SIP component serializes as `[redacted]`, and a room with such a password cannot be
/// read back. `Default` creates a room for a test: an empty id, no options, no peers and no components.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::jellyfish::{Peer, Room};
/// use serde_json::json;
///
/// let mut room = Room::default();
/// room.id = "r".into();
/// room.peers.push(Peer::default());
/// let json = serde_json::to_value(&room)?;
/// assert_eq!(json["peers"][0]["status"], "disconnected");
/// assert_eq!(serde_json::from_value::<Room>(json)?, room);
///
/// let json = json!({ "id": "r", "config": { "maxPeers": 4 }, "peers": [], "components": [] });
/// let made: Room = serde_json::from_value(json)?;
/// assert_eq!(made.config.max_peers, Some(4));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Room {
    /// The room's id.
    pub id: RoomId,
    /// The configuration of the room.
    pub config: RoomConfig,
    /// The components of the room.
    pub components: Vec<Component>,
    /// The peers of the room, connected or not.
    pub peers: Vec<Peer>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Room, types::Room, |room| room.components.iter().any(Component::is_redacted));

impl Room {
    pub(super) fn from_wire(room: types::Room) -> Self {
        Self {
            id: room.id.into(),
            config: RoomConfig::from_wire(room.config),
            components: convert_all(room.components, Component::from_wire),
            peers: convert_all(room.peers, Peer::from_wire),
            extra: Extra::new(room.extra),
        }
    }
}

/// The configuration of a room.
///
/// A field is `None` if the option is not set, or if the server sent a number that is not an integer. Such a field
/// serializes as `null`.
///
/// The configuration serializes with the member names of the REST API. The webhook URL is a setting that the server
/// returns, so it serializes completely. `Debug` prints only its scheme and its host, because the rest can hold a secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RoomConfig {
    /// The id of the room, chosen by you or by the server.
    pub room_id: Option<RoomId>,
    /// Maximum number of peers.
    pub max_peers: Option<u64>,
    /// The codec of all video in the room.
    pub video_codec: Option<VideoCodec>,
    /// The URL that receives the notifications of the room.
    pub webhook_url: Option<String>,
    /// Time without a connected peer after which the server deletes the room. Serializes as whole seconds.
    #[serde(serialize_with = "optional_seconds")]
    pub peerless_purge_timeout: Option<Duration>,
    /// Time without a connection after which the server removes a peer. Serializes as whole seconds.
    #[serde(serialize_with = "optional_seconds")]
    pub peer_disconnected_timeout: Option<Duration>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(RoomConfig, types::RoomConfig);

impl RoomConfig {
    fn from_wire(config: types::RoomConfig) -> Self {
        Self {
            room_id: config.room_id.map(Into::into),
            // A negative limit means that no peer can join.
            max_peers: config.max_peers.and_then(|peers| peers.as_u64().or(peers.as_i64().map(|_| 0))),
            video_codec: config.video_codec.map(|codec| VideoCodec::from_server(codec.as_str())),
            webhook_url: config.webhook_url,
            peerless_purge_timeout: of_seconds(integer(config.peerless_purge_timeout)),
            peer_disconnected_timeout: of_seconds(integer(config.peer_disconnected_timeout)),
            extra: Extra::new(config.extra),
        }
    }
}

/// Returns a number that the server sent, if it is an integer.
fn integer(number: Option<Value>) -> Option<i64> {
    number?.as_i64()
}

impl fmt::Debug for RoomConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomConfig")
            .field("room_id", &self.room_id)
            .field("max_peers", &self.max_peers)
            .field("video_codec", &self.video_codec)
            .field("webhook_url", &self.webhook_url.as_deref().map(Address))
            .field("peerless_purge_timeout", &self.peerless_purge_timeout)
            .field("peer_disconnected_timeout", &self.peer_disconnected_timeout)
            .field("extra", &self.extra)
            .finish()
    }
}
