//! The types of the state: rooms and their contents.
//!
//! Transitions, effects and events use these types. This file uses no transition, effect or event.

use serde_json::Value;
use tokio::time::Instant;

use crate::{
    jellyfish::{component::Component, resources::Location},
    state::{Session, Track, VideoCodec},
};

/// The maximum number of peers in a room. The server accepts integers of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MaxPeers {
    Count(u64),
    /// The digits of a larger integer.
    Larger(String),
}

impl MaxPeers {
    /// Returns `true` if a room with this number of peers admits one more.
    pub(super) fn admits_more_than(&self, peers: usize) -> bool {
        match self {
            MaxPeers::Count(limit) => (peers as u64) < *limit,
            MaxPeers::Larger(_) => true,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoomConfig {
    /// The requested id. The server generates one for `None`.
    pub(crate) room_id: Option<String>,
    pub(crate) max_peers: Option<MaxPeers>,
    pub(crate) video_codec: Option<VideoCodec>,
    pub(crate) webhook_url: Option<String>,
    /// The timeout in seconds.
    pub(crate) peerless_purge_timeout: Option<u64>,
    /// The timeout in seconds.
    pub(crate) peer_disconnected_timeout: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) config: RoomConfig,
    /// The peers, newest first, in the order of the server.
    pub(crate) peers: Vec<Peer>,
    /// The components, newest first.
    pub(crate) components: Vec<Component>,
    /// The time since which no peer has been connected. It is meaningless while a peer is connected.
    pub(super) peerless_since: Instant,
    /// The folders of the HLS streams, which the end of the room finishes.
    pub(super) folders: Vec<HlsFolder>,
    /// The number of rooms that were created before.
    pub(super) order: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) id: String,
    /// The metadata that the peer itself sets. It survives a disconnect.
    pub(crate) metadata: Value,
    pub(crate) tracks: Vec<Track>,
    pub(crate) session: Option<Session>,
    pub(super) disconnected_since: Instant,
}

/// A peer or a component, by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Peer(String),
    Component(String),
}

/// The folder of an HLS stream that was started in a room.
#[derive(Clone, Debug)]
pub(super) struct HlsFolder {
    pub(super) location: Location,
    /// Whether the end of the room uploads the folder to S3.
    pub(super) uploaded: bool,
    /// Whether the folder remains after the end of the room.
    pub(super) kept: bool,
}
