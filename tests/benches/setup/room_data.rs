//! The rooms of a [`RoomsService`](super::rooms_service::RoomsService): their ids, their JSON and their notifications.

use std::fmt::Write as _;

use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::Track,
    server_message::{
        Content, PeerAdded, PeerMetadataUpdated, TrackMetadataUpdated, track_metadata_updated::EndpointInfo,
    },
};
use prost::Message as _;

/// Peers that joined rooms with a small number.
#[derive(Clone, Copy, Default)]
pub(crate) struct Joins {
    /// One peer joined each room below this number.
    pub(crate) rooms: usize,
    /// Distinguishes these peers from the peers of earlier joins, which left.
    pub(crate) turn: u64,
}

pub(crate) fn room_id(room: usize) -> String {
    format!("0193b2c4-7d1e-7b7a-9f53-{room:012}-74656e616e74-70726f64")
}

/// Returns the number of the room with this id.
pub(crate) fn room_number(id: &str) -> Option<usize> {
    id.get(24..36)?.parse().ok()
}

fn peer_id(room: usize, peer: usize) -> String {
    format!("5f0c7a52-3d47-4a8e-{peer:04}-{room:012}")
}

/// Returns the id of the peer that joined this room.
pub(crate) fn joined_id(room: usize, turn: u64) -> String {
    format!("7a3e9b10-65f1-4f6e-{turn:04}-{room:012}")
}

fn track_id(room: usize, peer: usize, kind: &str) -> String {
    format!("5f0c7a52-3d47-4a8e-{}-{peer:04}-{room:012}", &kind[..4])
}

/// Returns the list of all rooms, as the response of the server.
pub(crate) fn list(rooms: usize, peers: usize, joins: Joins) -> String {
    let mut json = String::from(r#"{"data":["#);
    for room in 0..rooms {
        if room > 0 {
            json.push(',');
        }
        write_room(&mut json, room, peers, joins);
    }
    json.push_str("]}");
    json
}

/// Returns one room, as the response of the server.
pub(crate) fn room(room: usize, peers: usize, joins: Joins) -> String {
    let mut json = String::from(r#"{"data":"#);
    write_room(&mut json, room, peers, joins);
    json.push('}');
    json
}

fn write_room(json: &mut String, room: usize, peers: usize, joins: Joins) {
    let config = r#"{"batchWebhookNotifications":false,"maxPeers":1000,"public":false,"roomType":"conference",
        "videoCodec":"h264","webhookUrl":"https://backend.example.com/fishjam"}"#;
    let _ = write!(json, r#"{{"id":"{}","config":{config},"compositionInfo":null,"peers":["#, room_id(room));
    for peer in 0..peers {
        if peer > 0 {
            json.push(',');
        }
        let tracks = ["audio", "video"].map(|kind| {
            let id = track_id(room, peer, kind);
            format!(r#"{{"id":"{id}","type":"{kind}","metadata":{{"type":"{kind}","paused":false}}}}"#)
        });
        write_peer(json, &peer_id(room, peer), &tracks.join(","));
    }
    if room < joins.rooms {
        json.push(',');
        write_peer(json, &joined_id(room, joins.turn), "");
    }
    json.push_str("]}");
}

fn write_peer(json: &mut String, id: &str, tracks: &str) {
    let _ = write!(
        json,
        r#"{{"id":"{id}","type":"webrtc","status":"connected","subscribeMode":"auto",
        "subscriptions":{{"peers":[],"tracks":[]}},"tracks":[{tracks}],
        "metadata":{{"peer":{{"displayName":"Ada Lovelace"}},"server":{{"account":4711}}}}}}"#
    );
}

/// Returns the frame of a peer that joined this room. The frame does not contain the peer's metadata.
pub(crate) fn join(room: usize, turn: u64) -> Vec<u8> {
    frame(Content::PeerAdded(PeerAdded { room_id: room_id(room), peer_id: joined_id(room, turn), peer_type: 1 }))
}

/// Returns the frame of a peer that changed its metadata.
pub(crate) fn peer_update(room: usize, peer: usize, number: u64) -> Vec<u8> {
    frame(Content::PeerMetadataUpdated(PeerMetadataUpdated {
        room_id: room_id(room),
        peer_id: peer_id(room, peer),
        metadata: format!(r#"{{"displayName":"Ada Lovelace","n":{number}}}"#),
        peer_type: 1,
    }))
}

/// Returns the frame of a track whose metadata changed.
pub(crate) fn track_update(room: usize, peer: usize, number: u64) -> Vec<u8> {
    frame(Content::TrackMetadataUpdated(TrackMetadataUpdated {
        room_id: room_id(room),
        endpoint_info: Some(EndpointInfo::PeerId(peer_id(room, peer))),
        track: Some(Track {
            id: track_id(room, peer, "video"),
            r#type: 1,
            metadata: format!(r#"{{"type":"video","paused":false,"n":{number}}}"#),
        }),
    }))
}

/// Returns the number in the metadata of an update.
pub(crate) fn update_number(metadata: &str) -> Option<u64> {
    let (_, number) = metadata.split_once(r#""n":"#)?;
    number.split('}').next()?.parse().ok()
}

/// Returns a message as a WebSocket frame of the server.
fn frame(content: Content) -> Vec<u8> {
    let message = ServerMessage { content: Some(content) }.encode_to_vec();
    let length = message.len();
    let mut frame = vec![0x82];
    // No message is longer than 65,535 bytes.
    match u8::try_from(length) {
        Ok(length @ ..126) => frame.push(length),
        _ => frame.extend([126, (length >> 8) as u8, length as u8]),
    }
    frame.extend(message);
    frame
}
