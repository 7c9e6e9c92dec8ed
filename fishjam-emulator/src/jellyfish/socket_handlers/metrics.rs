//! Reports of WebRTC metrics. The emulator has no media, so it generates numbers that grow.

use serde_json::{Map, Value, json};

use crate::{
    jellyfish::{
        service::Service,
        state::{Peer, Room},
    },
    state::{Track, TrackKind},
};

/// The bytes per second of a track.
const BYTES: u64 = 50_000;
/// The packets per second of a track.
const PACKETS: u64 = 50;

/// Returns the metrics for a report.
///
/// These are the fixed metrics, or else generated ones for each connected peer. The object is empty without peers.
pub(super) fn report(service: &Service) -> Value {
    if let Some(metrics) = service.metrics.fixed() {
        return metrics;
    }
    let seconds = service.clock.uptime().as_secs();
    service.state.read(|state| {
        let rooms = state
            .rooms()
            .into_iter()
            .filter_map(|room| Some((format!("room_id={}", room.id), room_metrics(room, seconds)?)));
        Value::Object(rooms.collect())
    })
}

fn room_metrics(room: &Room, seconds: u64) -> Option<Value> {
    let connected = room.peers.iter().filter(|peer| peer.session.is_some());
    let peers: Map<_, _> =
        connected.map(|peer| (format!("endpoint_id={}", peer.id), peer_metrics(peer, seconds))).collect();
    (!peers.is_empty()).then_some(Value::Object(peers))
}

fn peer_metrics(peer: &Peer, seconds: u64) -> Value {
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
        metrics[format!("track_id={}:{}:", peer.id, track.id)] = track_metrics(track, seconds);
    }
    metrics
}

fn track_metrics(track: &Track, seconds: u64) -> Value {
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
