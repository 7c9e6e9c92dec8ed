//! Decodes recorded responses of a Jellyfish server, and encodes requests.

mod whole;

use fishjam_api::{
    Component, ComponentProperties,
    jellyfish::{enums, types},
};
use serde_json::{Value, json};

use whole::whole;

/// Returns a room with every member, as a server of version 0.5.0 sends it.
fn room() -> Value {
    json!({
        "id": "r",
        "config": {
            "roomId": "r", "maxPeers": 0, "videoCodec": "h264", "webhookUrl": "https://example.com/",
            "peerlessPurgeTimeout": 60, "peerDisconnectedTimeout": 30,
        },
        "peers": [{
            "id": "p", "type": "webrtc", "status": "disconnected", "metadata": null,
            "tracks": [{ "id": "t", "type": "audio", "metadata": { "a": null } }],
        }],
        "components": components(),
    })
}

fn components() -> Value {
    json!([
        { "id": "c", "type": "hls", "tracks": [], "properties": {
            "lowLatency": false, "persistent": false, "playable": false, "subscribeMode": "auto",
            "targetWindowDuration": null,
        } },
        { "id": "c", "type": "rtsp", "tracks": [], "properties": {
            "sourceUri": "rtsp://h", "rtpPort": 20000, "reconnectDelay": 15000, "keepAliveInterval": 15000, "pierceNat": true,
        } },
        { "id": "c", "type": "file", "tracks": [], "properties": { "filePath": "video.h264", "framerate": 30 } },
        { "id": "c", "type": "sip", "tracks": [], "properties": {
            "registrarCredentials": { "address": "a", "username": "u", "password": "p" },
        } },
        { "id": "c", "type": "recording", "tracks": [], "properties": { "subscribeMode": "manual" } },
        { "id": "c", "type": "of a new kind", "tracks": [], "properties": { "new": [1] } },
    ])
}

#[test]
fn response_is_read_completely() {
    whole::<types::RoomDetailsResponse>(&json!({ "data": room() }));
    whole::<types::RoomsListingResponse>(&json!({ "data": [room(), room()] }));
    for address in ["jellyfish_address", "fishjam_address"] {
        whole::<types::RoomCreateDetailsResponse>(&json!({ "data": { "room": room(), address: "h:5002" } }));
    }
    whole::<types::PeerDetailsResponse>(
        &json!({ "data": { "peer": room()["peers"][0], "token": "t", "peer_websocket_url": "h/socket/peer/websocket" } }),
    );
    for component in components().as_array().unwrap() {
        whole::<types::ComponentDetailsResponse>(&json!({ "data": component }));
    }
    whole::<types::RecordingListResponse>(&json!({ "data": ["r"] }));
    whole::<types::HealthcheckResponse>(&json!({ "data": {
            "status": "UP", "uptime": 579, "version": "0.5.0", "gitCommit": "dev",
            "distribution": { "enabled": false, "nodeStatus": "DOWN", "nodesInCluster": 0 },
        } }));
}

#[test]
fn component_type_decides_its_properties() {
    let decode = |value: Value| serde_json::from_value::<Component>(value).unwrap().properties;
    let of = |kind: &str, properties: Value| json!({ "id": "c", "type": kind, "tracks": [], "properties": properties });
    // An HLS component has all properties of a recording component.
    let properties = &components()[0]["properties"];
    assert!(matches!(decode(of("hls", properties.clone())), ComponentProperties::Hls(_)));
    assert!(matches!(decode(of("recording", properties.clone())), ComponentProperties::Recording(_)));
    assert!(matches!(decode(of("HLS", properties.clone())), ComponentProperties::Unknown(_)));
    let ComponentProperties::Unknown(kept) = decode(of("hls", json!({ "lowLatency": 1 }))) else { panic!() };
    assert_eq!(kept, json!({ "lowLatency": 1 }));
    assert!(matches!(decode(json!({ "id": "c", "type": "file" })), ComponentProperties::Unknown(Value::Null)));
}

#[test]
fn null_and_missing_members_are_none() {
    let config: types::RoomConfig = serde_json::from_value(json!({
        "roomId": null, "maxPeers": null, "videoCodec": null, "webhookUrl": null, "peerlessPurgeTimeout": null,
    }))
    .unwrap();
    assert!(config.room_id.is_none() && config.max_peers.is_none() && config.video_codec.is_none());
    assert!(config.webhook_url.is_none() && config.peer_disconnected_timeout.is_none());
    let track: types::Track = serde_json::from_value(json!({ "metadata": null })).unwrap();
    assert!(track.id.is_none() && track.type_.is_none());
}

#[test]
fn unknown_enum_value_is_kept_and_written_back() {
    for value in [json!("some"), json!("auto")] {
        assert_eq!(serde_json::to_value(whole::<enums::SubscribeMode>(&value)).unwrap(), value);
    }
    assert_eq!(serde_json::to_value(whole::<enums::HealthReportStatus>(&json!("HALF"))).unwrap(), json!("HALF"));
    assert_eq!(enums::HealthReportStatus::from_server("UP"), enums::HealthReportStatus::Up);
}

#[test]
fn unset_option_is_not_sent() {
    let options = types::ComponentOptionsHls {
        low_latency: None,
        persistent: None,
        s3: None,
        subscribe_mode: None,
        target_window_duration: None,
    };
    let body = types::AddComponentBody { type_: "hls".to_owned().into(), options: Some(options.into()) };
    assert_eq!(serde_json::to_value(body).unwrap(), json!({ "type": "hls", "options": {} }));
    let config: types::RoomConfig = serde_json::from_value(json!({})).unwrap();
    assert_eq!(serde_json::to_value(config).unwrap(), json!({}));
}
