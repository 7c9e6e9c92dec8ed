//! Responses of older, current and newer servers: known members are typed, and unknown members are kept.

use std::time::Duration;

use fishjam_emulator::{JellyfishEmulator, TrackKind};
use fishjam_sdk::{
    Error, ErrorKind, PeerStatus, PeerType, TrackType, VideoCodec,
    jellyfish::{ComponentProperties, Hls, JellyfishClient, RoomConfig, RoomOptions, SubscribeMode, WebRtc},
};
use serde_json::{Value, json};

use crate::fixture::{client, h264_room, start};

/// A room with all members that a server of version 0.5.0 was observed to send.
pub(crate) fn room() -> Value {
    json!({
        "id": "r",
        "config": {
            "roomId": "r",
            "maxPeers": 4,
            "videoCodec": "h264",
            "webhookUrl": "https://example.com/",
            "peerlessPurgeTimeout": 60,
            "peerDisconnectedTimeout": null,
        },
        "peers": [{
            "id": "p",
            "type": "webrtc",
            "status": "connected",
            "metadata": "anything",
            "tracks": [{ "id": "t", "type": "audio", "metadata": [1] }],
        }],
        "components": [
            { "id": "hls", "type": "hls", "tracks": [], "properties": {
                "lowLatency": false, "persistent": true, "playable": true, "subscribeMode": "manual",
                "targetWindowDuration": 10, "s3": null,
            } },
            { "id": "rtsp", "type": "rtsp", "properties": {
                "sourceUri": "rtsp://camera", "rtpPort": 20000, "reconnectDelay": 15000, "keepAliveInterval": 15000,
                "pierceNat": true,
            }, "tracks": [{ "id": "t", "type": "video", "metadata": null }] },
            { "id": "file", "type": "file", "properties": { "filePath": "a.ogg", "framerate": null }, "tracks": [] },
            { "id": "sip", "type": "sip", "tracks": [], "properties": {
                "registrarCredentials": { "address": "a", "username": "u", "password": "p" },
            } },
            { "id": "recording", "type": "recording", "properties": { "subscribeMode": "auto" }, "tracks": [] },
        ],
    })
}

/// Sets the response to the next list of rooms.
fn respond_with(emulator: &JellyfishEmulator, rooms: Value) {
    emulator.faults().on("get_all_rooms").status(200).body(json!({ "data": rooms }).to_string());
}

#[tokio::test]
async fn every_field_of_every_response_is_read() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    respond_with(&emulator, json!([room()]));
    let room = &jellyfish.get_all_rooms().await?[0];

    let config = &room.config;
    assert_eq!((config.room_id.as_ref(), config.max_peers), (Some(&room.id), Some(4)));
    assert_eq!(config.video_codec, Some(VideoCodec::H264));
    assert_eq!(config.webhook_url.as_deref(), Some("https://example.com/"));
    assert_eq!(config.peerless_purge_timeout, Some(Duration::from_secs(60)));
    assert_eq!(config.peer_disconnected_timeout, None);

    let peer = &room.peers[0];
    assert_eq!((peer.id.as_str(), &peer.peer_type, &peer.status), ("p", &PeerType::Webrtc, &PeerStatus::Connected));
    assert_eq!(peer.metadata::<Value>()?, json!("anything"));
    let track = &peer.tracks[0];
    assert_eq!((track.track_type.as_ref(), track.metadata::<Value>()?), (Some(&TrackType::Audio), json!([1])));

    let kinds: Vec<_> = room.components.iter().map(|component| component.component_type.as_str()).collect();
    assert_eq!(kinds, ["hls", "rtsp", "file", "sip", "recording"]);
    // The type alone decides the kind, although an HLS stream has more fields than a recording.
    let [hls, rtsp, file, sip, recording] = &room.components[..] else { anyhow::bail!("{:?}", room.components) };
    let ComponentProperties::Hls(hls) = &hls.properties else { anyhow::bail!("{hls:?}") };
    assert!(!hls.low_latency && hls.persistent && hls.playable);
    assert_eq!(
        (&hls.subscribe_mode, hls.target_window_duration),
        (&SubscribeMode::Manual, Some(Duration::from_secs(10)))
    );
    assert_eq!((rtsp.tracks[0].track_type.as_ref(), &rtsp.tracks[0].metadata), (Some(&TrackType::Video), &None));
    let ComponentProperties::Rtsp(rtsp) = &rtsp.properties else { anyhow::bail!("{rtsp:?}") };
    assert_eq!((rtsp.source_uri.as_str(), rtsp.rtp_port, rtsp.pierce_nat), ("rtsp://camera", 20_000, true));
    let ComponentProperties::File(file) = &file.properties else { anyhow::bail!("{file:?}") };
    assert_eq!((file.file_path.as_str(), file.framerate), ("a.ogg", None));
    let ComponentProperties::Sip(sip) = &sip.properties else { anyhow::bail!("{sip:?}") };
    assert_eq!((sip.registrar_credentials.address(), sip.registrar_credentials.username()), ("a", "u"));
    let ComponentProperties::Recording(recording) = &recording.properties else { anyhow::bail!("{recording:?}") };
    assert_eq!(recording.subscribe_mode, SubscribeMode::Auto);
    Ok(())
}

/// One invalid value must not make the whole list unreadable.
#[tokio::test]
async fn unknown_values_are_kept_and_missing_values_are_none() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let mut odd = room();
    odd["new"] = json!({ "a": [1] });
    odd["config"] = json!({ "videoCodec": "av1", "maxPeers": 0, "peerlessPurgeTimeout": -1, "new": 1 });
    odd["peers"][0]["type"] = json!("hologram");
    odd["peers"][0]["status"] = json!("asleep");
    odd["peers"][0]["metadata"] = Value::Null;
    odd["peers"][0]["tracks"] = json!([{ "type": "smell" }, {}]);
    let properties = json!({ "bitrate": 5, "secret": "sentinel" });
    odd["components"] = json!([
        { "id": "new", "type": "srt", "properties": properties, "tracks": [] },
        { "id": "bare", "type": "srt" },
        { "id": "changed", "type": "hls", "properties": { "lowLatency": "perhaps" }, "tracks": [] },
        { "id": "mode", "type": "recording", "properties": { "subscribeMode": "some" }, "tracks": [] },
    ]);
    let mut odder = room();
    odder["config"] = json!({ "maxPeers": "many", "peerlessPurgeTimeout": 1.5, "peerDisconnectedTimeout": { "s": 1 } });
    respond_with(&emulator, json!([odd, odder, room()]));
    let rooms = jellyfish.get_all_rooms().await?;
    let [odd, odder, usual] = &rooms[..] else { anyhow::bail!("{rooms:?}") };
    assert_eq!(usual.components.len(), 5);
    let RoomConfig { max_peers, peerless_purge_timeout, peer_disconnected_timeout, .. } = odder.config;
    assert_eq!((max_peers, peerless_purge_timeout, peer_disconnected_timeout), (None, None, None));

    assert_eq!(odd.config.video_codec, Some(VideoCodec::Unknown("av1".to_owned())));
    assert_eq!((odd.config.max_peers, odd.config.peerless_purge_timeout), (Some(0), None));
    assert_eq!((&odd.config.room_id, &odd.config.webhook_url), (&None, &None));
    let peer = &odd.peers[0];
    assert_eq!((peer.peer_type.as_str(), peer.status.as_str(), &peer.metadata), ("hologram", "asleep", &None));
    assert_eq!(peer.tracks[0].track_type, Some(TrackType::Unknown("smell".to_owned())));
    assert_eq!((&peer.tracks[1].id, &peer.tracks[1].track_type), (&None, &None));

    let [new, bare, changed, mode] = &odd.components[..] else { anyhow::bail!("{:?}", odd.components) };
    assert_eq!((new.component_type.as_str(), &new.properties), ("srt", &ComponentProperties::Unknown(properties)));
    assert_eq!(bare.properties, ComponentProperties::Unknown(Value::Null));
    assert_eq!(changed.properties, ComponentProperties::Unknown(json!({ "lowLatency": "perhaps" })));
    let ComponentProperties::Recording(mode) = &mode.properties else { anyhow::bail!("{mode:?}") };
    assert_eq!(mode.subscribe_mode, SubscribeMode::Unknown("some".to_owned()));
    assert!(!format!("{rooms:?} {rooms:#?}").contains("sentinel"), "nobody knows what a new kind holds");
    Ok(())
}

#[tokio::test]
async fn tracks_and_metadata_of_the_emulators_peers_are_read() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let peer = jellyfish.add_peer(&room.id, WebRtc::new()).await?.peer;
    let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    let track = emulator.add_track(room.id.as_str(), peer.id.as_str(), TrackKind::Video, json!({ "a": 1 }));
    assert!(emulator.make_playable(room.id.as_str(), hls.id.as_str()));
    let room = jellyfish.get_room(&room.id).await?;
    let read = &room.peers[0].tracks[0];
    assert_eq!(read.id.as_ref().map(|id| id.as_str().to_owned()), track);
    assert_eq!((read.track_type.as_ref(), read.metadata::<Value>()?), (Some(&TrackType::Video), json!({ "a": 1 })));
    let ComponentProperties::Hls(hls) = &room.components[0].properties else { anyhow::bail!("{room:?}") };
    assert!(hls.playable);
    Ok(())
}

/// Unset options are not sent. `options` never is `null`, because that would end the room.
#[tokio::test]
async fn unset_options_are_absent_from_the_request() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let body =
        |operation: &str| emulator.journal().requests_for(operation).pop().and_then(|request| request.body_json());
    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    assert_eq!(body("create_room"), Some(json!({})));
    jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    assert_eq!(body("add_peer"), Some(json!({ "type": "webrtc", "options": {} })));
    jellyfish.add_peer(&room.id, WebRtc::new().enable_simulcast(true)).await?;
    assert_eq!(body("add_peer"), Some(json!({ "type": "webrtc", "options": { "enableSimulcast": true } })));
    let room = h264_room(&jellyfish).await?;
    jellyfish.add_component(&room.id, Hls::new()).await?;
    assert_eq!(body("add_component"), Some(json!({ "type": "hls", "options": {} })));
    Ok(())
}

/// Observed error responses of all forms: status, body, kind, message.
#[tokio::test]
async fn every_refusal_has_its_kind_and_message() -> anyhow::Result<()> {
    let (emulator, _) = start().await?;
    let jellyfish = client(&emulator)?;
    let nested = |words: &str| json!({ "errors": { "detail": words } }).to_string();
    for (status, body, kind, message) in [
        (400, nested("Bad Request"), ErrorKind::BadRequest, Some("Bad Request")),
        (401, r#"{"errors":"Missing token"}"#.to_owned(), ErrorKind::Unauthorized, Some("Missing token")),
        (404, nested("Not Found"), ErrorKind::NotFound, Some("Not Found")),
        (406, nested("Not Acceptable"), ErrorKind::UnexpectedStatus, Some("Not Acceptable")),
        (413, nested("Request Entity Too Large"), ErrorKind::UnexpectedStatus, Some("Request Entity Too Large")),
        (500, nested("Internal Server Error"), ErrorKind::Server, Some("Internal Server Error")),
        (500, "Internal Server Error".to_owned(), ErrorKind::Server, None),
        (500, String::new(), ErrorKind::Server, None),
    ] {
        let fault = |operation: &str| drop(emulator.faults().on(operation).status(status).body(body.clone()));
        for (operation, outcome) in refused(&jellyfish, fault).await {
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{operation} {body}: {error}");
            assert_eq!((error.message(), error.operation()), (message, Some(operation)), "{body}");
            assert_eq!(error.attempts(), 1, "{operation} {body}: a crash is not repeated");
        }
    }
    Ok(())
}

async fn refused(jellyfish: &JellyfishClient, fault: impl Fn(&str)) -> Vec<(&'static str, Result<(), Error>)> {
    for operation in ["create_room", "get_room", "add_component", "subscribe_to", "getHlsContent"] {
        fault(operation);
    }
    vec![
        ("create_room", jellyfish.create_room(RoomOptions::new()).await.map(drop)),
        ("get_room", jellyfish.get_room("r").await.map(drop)),
        ("add_component", jellyfish.add_component("r", Hls::new()).await.map(drop)),
        ("subscribe_to", jellyfish.subscribe("r", "c", ["p"]).await),
        ("getHlsContent", jellyfish.get_hls_content("r", "index.m3u8", Default::default()).await.map(drop)),
    ]
}

/// Undocumented successful statuses, with an empty body, text or JSON.
#[tokio::test]
async fn any_success_status_and_body_is_a_success() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    for (status, body) in [(200, ""), (201, "Successfully schedule calling phone_number: 1"), (204, ""), (202, "{}")] {
        for operation in ["dial", "end_call", "subscribe_to", "delete_room"] {
            emulator.faults().on(operation).status(status).body(body);
        }
        jellyfish.dial("r", "c", "1").await?;
        jellyfish.end_call("r", "c").await?;
        jellyfish.subscribe("r", "c", ["p"]).await?;
        jellyfish.delete_room("r").await?;
    }
    Ok(())
}
