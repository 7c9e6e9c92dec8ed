//! The types of the state: rooms and their contents.
//!
//! Transitions, effects and events use these types. This file uses no transition, effect or event.

use serde_json::{Map, Value};
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoomType {
    Conference,
    FullFeature,
    AudioOnly,
    Livestream,
    Broadcaster,
    AudioOnlyLivestream,
}

impl RoomType {
    /// Returns `true` for livestreams, under their newer and older names. Streamers and viewers can join them.
    pub(crate) fn is_livestream(self) -> bool {
        matches!(self, RoomType::Livestream | RoomType::Broadcaster | RoomType::AudioOnlyLivestream)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VideoCodec {
    H264,
    Vp8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoomConfig {
    pub(crate) batch_webhook_notifications: bool,
    /// Maximum number of peers. 0 means "no limit", as in the service's responses.
    pub(crate) max_peers: u64,
    pub(crate) public: bool,
    pub(crate) room_type: RoomType,
    pub(crate) video_codec: VideoCodec,
    pub(crate) webhook_url: Option<String>,
}

impl Default for RoomConfig {
    fn default() -> Self {
        RoomConfig {
            batch_webhook_notifications: false,
            max_peers: 0,
            public: false,
            room_type: RoomType::Conference,
            video_codec: VideoCodec::H264,
            webhook_url: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) config: RoomConfig,
    pub(crate) peers: Vec<Peer>,
    /// Streamers and viewers. Only livestream rooms use it.
    pub(crate) livestream: Livestream,
    /// The composition that receives the room's tracks.
    pub(crate) composition: Option<Composition>,
    pub(super) order: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeerKind {
    WebRtc,
    Agent,
    Vapi,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SubscribeMode {
    #[default]
    Auto,
    Manual,
}

#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) id: String,
    pub(crate) kind: PeerKind,
    pub(crate) subscribe_mode: SubscribeMode,
    /// The metadata that the peer itself sets. It survives a disconnect.
    pub(crate) client_metadata: Value,
    pub(crate) server_metadata: Value,
    pub(crate) subscribed_peers: Vec<String>,
    pub(crate) subscribed_tracks: Vec<String>,
    pub(crate) tracks: Vec<Track>,
    pub(crate) session: Option<Session>,
    pub(super) output_rate: u32,
}

/// The number of a peer's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Session(pub(crate) u64);

/// Kind of media that a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrackKind {
    /// Video.
    Video,
    /// Audio.
    Audio,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Track {
    pub(crate) id: String,
    pub(crate) kind: TrackKind,
    pub(crate) metadata: Value,
}

impl Track {
    /// Creates a track with a random id.
    pub(crate) fn new(kind: TrackKind, metadata: Value) -> Self {
        Track { id: Uuid::new_v4().to_string(), kind, metadata }
    }
}

/// The composition that receives a room's tracks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Composition {
    pub(crate) url: String,
    pub(crate) forwardings: Vec<Forwarding>,
}

/// One input of a composition: at most one audio and one video track of one peer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Forwarding {
    pub(crate) peer: String,
    pub(crate) input: String,
    pub(crate) audio: Option<Track>,
    pub(crate) video: Option<Track>,
    pub(super) source: Source,
}

/// The source of a track, from the `type` in its metadata. Tracks of one source share an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Camera,
    Screen,
    Custom,
}

/// The role of a participant in a livestream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Streamer,
    Viewer,
}

/// A streamer or a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Participant {
    pub(crate) id: String,
    /// `None` for a viewer of a public livestream without a token. Such viewers are not listed.
    pub(crate) token: Option<String>,
    pub(crate) connected: bool,
}

/// The participants of a livestream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Livestream {
    pub(crate) streamers: Vec<Participant>,
    pub(crate) viewers: Vec<Participant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordingStatus {
    Active,
    Finished,
    Available,
    Failed,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recording {
    pub(crate) id: String,
    /// The source as in the service's responses, with its defaults.
    pub(crate) source: Value,
    pub(crate) metadata: Option<Map<String, Value>>,
    pub(crate) status: RecordingStatus,
    /// The names of the files, in the order of playback.
    pub(crate) files: Vec<String>,
    /// Whether the recording was stopped.
    pub(super) stopping: bool,
}
