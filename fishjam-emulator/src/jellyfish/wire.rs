//! The JSON of responses.
//!
//! These types do not use the generated client, so that tests find its mistakes.

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Value, value::RawValue};

use super::{
    component::Component,
    contract::JellyfishContract,
    state::{MaxPeers, Peer, Room, RoomConfig},
};
use crate::state::{Track, TrackKind, VideoCodec};

/// The envelope of responses.
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

/// A new room, with the address of its server. The name of this member depends on the contract.
#[derive(Serialize)]
pub(crate) struct CreatedRoom<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    fishjam_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jellyfish_address: Option<&'a str>,
    room: RoomBody<'a>,
}

impl<'a> CreatedRoom<'a> {
    pub(crate) fn new(contract: JellyfishContract, address: &'a str, room: &'a Room) -> Self {
        let (jellyfish_address, fishjam_address) = match contract {
            JellyfishContract::V0_5 => (Some(address), None),
            JellyfishContract::V0_6 => (None, Some(address)),
        };
        CreatedRoom { fishjam_address, jellyfish_address, room: room.into() }
    }
}

impl Serialize for MaxPeers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            MaxPeers::Count(count) => count.serialize(serializer),
            MaxPeers::Larger(digits) => {
                RawValue::from_string(digits.clone()).map_err(S::Error::custom)?.serialize(serializer)
            }
        }
    }
}

/// The settings of a room. Unset members are `null`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoomConfigBody<'a> {
    room_id: &'a str,
    max_peers: Option<&'a MaxPeers>,
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
        let RoomConfig { video_codec, peerless_purge_timeout, peer_disconnected_timeout, .. } = room.config;
        RoomBody {
            id: &room.id,
            config: RoomConfigBody {
                room_id: &room.id,
                max_peers: room.config.max_peers.as_ref(),
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
