//! Reports of what WebRTC measures. There is nothing to measure here: the numbers are made up, and grow.

use serde_json::{Map, Value, json};

use crate::{
    jellyfish::{
        service::Service,
        state::{Peer, Room},
        track::Track,
    },
    lock::lock,
    state::TrackKind,
};

/// How many bytes a second of a track has.
const BYTES: u64 = 50_000;
/// How many packets a second of a track has.
const PACKETS: u64 = 50;

/// What the server would report now: what it was told to, or something made up for each connected peer; an empty
/// object while there is none.
pub(super) fn report(service: &Service) -> Value {
    if let Some(metrics) = lock(&service.gauges.told).clone() {
        return metrics;
    }
    let seconds = service.clock.uptime().as_secs();
    service.read(|state| {
        let rooms = state
            .rooms()
            .into_iter()
            .filter_map(|room| Some((format!("room_id={}", room.id), of_room(room, seconds)?)));
        Value::Object(rooms.collect())
    })
}

fn of_room(room: &Room, seconds: u64) -> Option<Value> {
    let connected = room.peers.iter().filter(|peer| peer.session.is_some());
    let peers: Map<_, _> = connected.map(|peer| (format!("endpoint_id={}", peer.id), of_peer(peer, seconds))).collect();
    (!peers.is_empty()).then_some(Value::Object(peers))
}

fn of_peer(peer: &Peer, seconds: u64) -> Value {
    let tracks = peer.tracks.len() as u64;
    let mut metrics = json!({
        "ice.bytes_received": tracks * BYTES * seconds,
        "ice.bytes_received-per-second": (tracks * BYTES) as f64,
        "ice.packets_received": tracks * PACKETS * seconds,
        "ice.packets_received-per-second": (tracks * PACKETS) as f64,
        "ice.protocol": "udp",
        "peer.metadata": peer.metadata,
    });
    for track in &peer.tracks {
        metrics[format!("track_id={}:{}:", peer.id, track.id)] = of_track(track, seconds);
    }
    metrics
}

fn of_track(track: &Track, seconds: u64) -> Value {
    json!({
        "inbound-rtp.bytes_received": BYTES * seconds,
        "inbound-rtp.bytes_received-per-second": BYTES as f64,
        "inbound-rtp.encoding": match track.kind {
            TrackKind::Video => "H264",
            TrackKind::Audio => "OPUS",
        },
        "inbound-rtp.packets": PACKETS * seconds,
        "inbound-rtp.packets-per-second": PACKETS as f64,
        "track.metadata": track.metadata,
    })
}
