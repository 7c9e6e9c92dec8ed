//! What answers look like: our own structures, so that a mistake in the generated client shows up as a disagreement.

use serde::Serialize;
use serde_json::Value;

use super::component::Component;
use super::state::{Peer, Room, RoomConfig, Track, VideoCodec};
use crate::state::TrackKind;

/// The envelope of answers.
#[derive(Serialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}

#[derive(Serialize)]
pub(crate) struct RoomBody<'a> {
    id: &'a str,
    config: RoomConfigBody<'a>,
    components: Vec<ComponentBody<'a>>,
    peers: Vec<PeerBody<'a>>,
}

/// All members are always there; what was not set is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoomConfigBody<'a> {
    room_id: &'a str,
    max_peers: Option<u64>,
    video_codec: Option<&'static str>,
    webhook_url: Option<&'a str>,
    peerless_purge_timeout: Option<u64>,
    peer_disconnected_timeout: Option<u64>,
}

#[derive(Serialize)]
pub(crate) struct PeerBody<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    peer_type: &'static str,
    status: &'static str,
    tracks: Vec<TrackBody<'a>>,
    metadata: &'a Value,
}

#[derive(Serialize)]
pub(crate) struct ComponentBody<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    component_type: &'static str,
    properties: Value,
    tracks: Vec<TrackBody<'a>>,
}

#[derive(Serialize)]
struct TrackBody<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    metadata: &'a Value,
}

impl<'a> From<&'a Room> for RoomBody<'a> {
    fn from(room: &'a Room) -> Self {
        let RoomConfig { max_peers, video_codec, peerless_purge_timeout, peer_disconnected_timeout, .. } = room.config;
        RoomBody {
            id: &room.id,
            config: RoomConfigBody {
                room_id: &room.id,
                max_peers,
                video_codec: video_codec.map(|codec| match codec {
                    VideoCodec::H264 => "h264",
                    VideoCodec::Vp8 => "vp8",
                }),
                webhook_url: room.config.webhook_url.as_deref(),
                peerless_purge_timeout,
                peer_disconnected_timeout,
            },
            components: room.components.iter().map(ComponentBody::from).collect(),
            peers: room.peers.iter().map(PeerBody::from).collect(),
        }
    }
}

impl<'a> From<&'a Peer> for PeerBody<'a> {
    fn from(peer: &'a Peer) -> Self {
        PeerBody {
            id: &peer.id,
            peer_type: "webrtc",
            status: if peer.session.is_some() { "connected" } else { "disconnected" },
            tracks: peer.tracks.iter().map(TrackBody::from).collect(),
            metadata: &peer.metadata,
        }
    }
}

impl<'a> From<&'a Component> for ComponentBody<'a> {
    fn from(component: &'a Component) -> Self {
        ComponentBody {
            id: &component.id,
            component_type: component.component_type().name(),
            properties: component.kind.properties(),
            tracks: component.tracks.iter().map(TrackBody::from).collect(),
        }
    }
}

impl<'a> From<&'a Track> for TrackBody<'a> {
    fn from(track: &'a Track) -> Self {
        let kind = match track.kind {
            TrackKind::Video => "video",
            TrackKind::Audio => "audio",
        };
        TrackBody { id: &track.id, kind, metadata: &track.metadata }
    }
}
