//! The JSON of answers: the shapes of rooms and peers as they go over the wire.

use serde::Serialize;
use serde_json::Value;

use crate::state::{Peer, PeerKind, Room, RoomType, SubscribeMode, Track, TrackKind, VideoCodec};

/// The envelope of most answers.
#[derive(Serialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}

#[derive(Serialize)]
pub(crate) struct RoomBody<'a> {
    id: &'a str,
    config: RoomConfigBody<'a>,
    peers: Vec<PeerBody<'a>>,
}

/// All six members are always there, defaults filled in.
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
