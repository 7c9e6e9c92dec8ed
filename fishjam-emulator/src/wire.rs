//! The JSON of responses: rooms, peers, livestreams and recordings.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::state::{
    Composition, Forwarding, Participant, Peer, PeerKind, Recording, Room, RoomType, SubscribeMode, Track, TrackKind,
    VideoCodec,
};

/// The envelope of most responses.
#[derive(Serialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomBody<'a> {
    id: &'a str,
    config: RoomConfigBody<'a>,
    peers: Vec<PeerBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    composition_info: Option<CompositionBody<'a>>,
}

/// The settings of a room. All six members are always present.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoomConfigBody<'a> {
    batch_webhook_notifications: bool,
    max_peers: u64,
    public: bool,
    room_type: &'static str,
    video_codec: &'static str,
    webhook_url: Option<&'a str>,
}

impl<'a> From<&'a Room> for RoomBody<'a> {
    fn from(room: &'a Room) -> Self {
        let config = &room.config;
        RoomBody {
            id: &room.id,
            config: RoomConfigBody {
                batch_webhook_notifications: config.batch_webhook_notifications,
                max_peers: config.max_peers,
                public: config.public,
                room_type: room_type(config.room_type),
                video_codec: match config.video_codec {
                    VideoCodec::H264 => "h264",
                    VideoCodec::Vp8 => "vp8",
                },
                webhook_url: config.webhook_url.as_deref(),
            },
            peers: room.peers.iter().map(PeerBody::from).collect(),
            composition_info: room.composition.as_ref().map(CompositionBody::from),
        }
    }
}

/// The composition of a room. Its member ends in `Url`, unlike `URL` in requests and recordings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompositionBody<'a> {
    composition_url: &'a str,
    forwardings: Vec<ForwardingBody<'a>>,
}

impl<'a> From<&'a Composition> for CompositionBody<'a> {
    fn from(composition: &'a Composition) -> Self {
        CompositionBody {
            composition_url: &composition.url,
            forwardings: composition.forwardings.iter().map(ForwardingBody::from).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ForwardingBody<'a> {
    peer_id: &'a str,
    input_id: &'a str,
    audio_track_id: Option<&'a str>,
    video_track_id: Option<&'a str>,
}

impl<'a> From<&'a Forwarding> for ForwardingBody<'a> {
    fn from(forwarding: &'a Forwarding) -> Self {
        ForwardingBody {
            peer_id: &forwarding.peer,
            input_id: &forwarding.input,
            audio_track_id: forwarding.audio.as_ref().map(|track| track.id.as_str()),
            video_track_id: forwarding.video.as_ref().map(|track| track.id.as_str()),
        }
    }
}

fn room_type(room_type: RoomType) -> &'static str {
    match room_type {
        RoomType::Conference => "conference",
        RoomType::FullFeature => "full_feature",
        RoomType::AudioOnly => "audio_only",
        RoomType::Livestream => "livestream",
        RoomType::Broadcaster => "broadcaster",
        RoomType::AudioOnlyLivestream => "audio_only_livestream",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PeerBody<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    metadata: MetadataBody<'a>,
    subscribe_mode: &'static str,
    subscriptions: SubscriptionsBody<'a>,
    tracks: Vec<TrackBody<'a>>,
}

#[derive(Serialize)]
struct MetadataBody<'a> {
    peer: &'a Value,
    server: &'a Value,
}

#[derive(Serialize)]
struct SubscriptionsBody<'a> {
    peers: &'a [String],
    tracks: &'a [String],
}

#[derive(Serialize)]
struct TrackBody<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    metadata: &'a Value,
}

impl<'a> From<&'a Peer> for PeerBody<'a> {
    fn from(peer: &'a Peer) -> Self {
        PeerBody {
            id: &peer.id,
            kind: peer_type(peer.kind),
            status: if peer.session.is_some() { "connected" } else { "disconnected" },
            metadata: MetadataBody { peer: &peer.client_metadata, server: &peer.server_metadata },
            subscribe_mode: match peer.subscribe_mode {
                SubscribeMode::Auto => "auto",
                SubscribeMode::Manual => "manual",
            },
            subscriptions: SubscriptionsBody { peers: &peer.subscribed_peers, tracks: &peer.subscribed_tracks },
            tracks: peer.tracks.iter().map(TrackBody::from).collect(),
        }
    }
}

pub(crate) fn peer_type(kind: PeerKind) -> &'static str {
    match kind {
        PeerKind::WebRtc => "webrtc",
        PeerKind::Agent => "agent",
        PeerKind::Vapi => "vapi",
    }
}

impl<'a> From<&'a Track> for TrackBody<'a> {
    fn from(track: &'a Track) -> Self {
        TrackBody {
            id: &track.id,
            kind: match track.kind {
                TrackKind::Video => "video",
                TrackKind::Audio => "audio",
            },
            metadata: &track.metadata,
        }
    }
}

/// A room in the responses of livestream operations.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StreamBody<'a> {
    id: &'a str,
    public: bool,
    audio_only: bool,
    streamers: Vec<StreamerBody<'a>>,
    viewers: Vec<ViewerBody<'a>>,
}

impl<'a> From<&'a Room> for StreamBody<'a> {
    fn from(room: &'a Room) -> Self {
        StreamBody {
            id: &room.id,
            public: room.config.public,
            audio_only: room.config.room_type == RoomType::AudioOnlyLivestream,
            streamers: room.livestream.streamers.iter().filter_map(StreamerBody::of).collect(),
            viewers: room.livestream.viewers.iter().filter_map(ViewerBody::of).collect(),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct StreamerBody<'a> {
    id: &'a str,
    status: &'static str,
    token: &'a str,
}

impl<'a> StreamerBody<'a> {
    pub(crate) fn of(streamer: &'a Participant) -> Option<Self> {
        let status = if streamer.connected { "connected" } else { "disconnected" };
        Some(StreamerBody { id: &streamer.id, status, token: streamer.token.as_deref()? })
    }
}

#[derive(Serialize)]
pub(crate) struct ViewerBody<'a> {
    id: &'a str,
    token: &'a str,
}

impl<'a> ViewerBody<'a> {
    /// Returns the body of a viewer, or `None` for a viewer without a token.
    pub(crate) fn of(viewer: &'a Participant) -> Option<Self> {
        Some(ViewerBody { id: &viewer.id, token: viewer.token.as_deref()? })
    }
}

#[derive(Serialize)]
pub(crate) struct RecordingBody<'a> {
    id: &'a str,
    status: &'static str,
    source: &'a Value,
    metadata: Option<&'a Map<String, Value>>,
    files: Vec<FileBody>,
}

#[derive(Serialize)]
struct FileBody {
    url: String,
}

impl<'a> RecordingBody<'a> {
    /// Creates the body of a recording. The URLs of its files start with `origin`.
    pub(crate) fn new(recording: &'a Recording, origin: &str) -> Self {
        let file = |name: &String| FileBody { url: format!("{origin}/recordings/files/{name}") };
        RecordingBody {
            id: &recording.id,
            status: recording.status.name(),
            source: &recording.source,
            metadata: recording.metadata.as_ref(),
            files: recording.files.iter().map(file).collect(),
        }
    }
}
