//! The lifecycle: purges, media, ends, and the names of operations in faults and the journal.

use std::time::Duration;

use fishjam_emulator::{Emulator, JellyfishEmulator, TrackKind};
use serde_json::{Value, json};

use crate::{
    case::Server,
    server::{call, create, start},
};

async fn room(jellyfish: &JellyfishEmulator, id: &str) -> Option<Value> {
    let response = call(jellyfish, "GET", &format!("/room/{id}"), None).await;
    (response.status == 200).then(|| response.json()["data"].take())
}

/// Waits until a room meets a condition, which follows from its media.
async fn wait_for(jellyfish: &JellyfishEmulator, id: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..500 {
        let now = room(jellyfish, id).await.unwrap();
        if is_wanted(&now) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never is");
}

#[tokio::test]
async fn rooms_and_peers_are_purged_after_their_timeout() {
    let jellyfish = start(&Server::Usual).await;
    let config = json!({ "peerlessPurgeTimeout": 60, "peerDisconnectedTimeout": 30 });
    let id = create(&jellyfish, "/room", config).await;
    let peer = create(&jellyfish, &format!("/room/{id}/peer"), json!({ "type": "webrtc" })).await;
    let other = create(&jellyfish, "/room", json!({})).await;
    jellyfish.advance(Duration::from_secs(29));
    assert_eq!(room(&jellyfish, &id).await.unwrap()["peers"][0]["id"], peer.as_str());
    jellyfish.advance(Duration::from_secs(1));
    assert_eq!(room(&jellyfish, &id).await.unwrap()["peers"], json!([]));
    // The room ends 60 seconds after its last peer was removed.
    jellyfish.advance(Duration::from_secs(61));
    assert_eq!(room(&jellyfish, &id).await, None);
    jellyfish.advance(Duration::MAX);
    assert!(room(&jellyfish, &other).await.is_some());
}

#[tokio::test]
async fn clock_of_the_runtime_purges_too() {
    let jellyfish = start(&Server::Usual).await;
    let id = create(&jellyfish, "/room", json!({ "peerlessPurgeTimeout": 3600 })).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3601)).await;
    tokio::time::resume();
    for _ in 0..500 {
        if room(&jellyfish, &id).await.is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the room is still there");
}

#[tokio::test]
async fn camera_makes_hls_playable() {
    let jellyfish = Emulator::jellyfish().media_delay(Duration::from_millis(5)).start().await.unwrap();
    let id = create(&jellyfish, "/room", json!({ "videoCodec": "h264" })).await;
    let components = format!("/room/{id}/component");
    let camera = json!({ "type": "rtsp", "options": { "sourceUri": "rtsp://camera/stream" } });
    let camera = create(&jellyfish, &components, camera).await;
    let hls = json!({ "type": "hls", "options": { "subscribeMode": "manual" } });
    let hls = create(&jellyfish, &components, hls).await;
    let component = |room: &Value, id: &str| {
        let components = room["components"].as_array().unwrap();
        components.iter().find(|one| one["id"] == id).unwrap().clone()
    };
    let now = wait_for(&jellyfish, &id, |now| component(now, &camera)["tracks"] != json!([])).await;
    assert_eq!(component(&now, &camera)["tracks"][0]["type"], "video");
    // It has no subscriptions.
    assert_eq!(component(&now, &hls)["properties"]["playable"], false);
    assert_eq!(call(&jellyfish, "GET", &format!("/hls/{id}/index.m3u8"), None).await.status, 404);
    let subscription = json!({ "origins": [camera] });
    let response = call(&jellyfish, "POST", &format!("{components}/{hls}/subscribe"), Some(subscription)).await;
    assert_eq!(response.status, 201);
    wait_for(&jellyfish, &id, |now| component(now, &hls)["properties"]["playable"] == true).await;
    let playlist = call(&jellyfish, "GET", &format!("/hls/{id}/index.m3u8"), None).await;
    assert!(playlist.status == 200 && playlist.body.starts_with(b"#EXTM3U"));
}

#[tokio::test]
async fn invalid_number_crashes_the_component() {
    let jellyfish = Emulator::jellyfish().media_delay(Duration::from_millis(5)).start().await.unwrap();
    let id = create(&jellyfish, "/room", json!({})).await;
    let registrar = json!({ "address": "host", "username": "user", "password": "pass" });
    let sip = json!({ "type": "sip", "options": { "registrarCredentials": registrar } });
    let sip = create(&jellyfish, &format!("/room/{id}/component"), sip).await;
    let call_path = format!("/sip/{id}/{sip}/call");
    for number in ["1234", "nobody"] {
        let response = call(&jellyfish, "POST", &call_path, Some(json!({ "phoneNumber": number }))).await;
        assert_eq!(response.status, 201);
    }
    wait_for(&jellyfish, &id, |now| now["components"] == json!([])).await;
}

#[tokio::test]
async fn test_controls_media_and_ends() {
    let jellyfish = start(&Server::Usual).await;
    let id = create(&jellyfish, "/room", json!({ "videoCodec": "h264" })).await;
    let peer = create(&jellyfish, &format!("/room/{id}/peer"), json!({ "type": "webrtc" })).await;
    let components = format!("/room/{id}/component");
    let file = json!({ "type": "file", "options": { "filePath": "audio.ogg" } });
    let file = create(&jellyfish, &components, file).await;
    let hls = create(&jellyfish, &components, json!({ "type": "hls", "options": { "persistent": true } })).await;

    let track = jellyfish.add_track(&id, &peer, TrackKind::Video, json!({ "a": 1 })).unwrap();
    assert!(jellyfish.update_track(&id, &peer, &track, json!({ "a": 2 })));
    let tracks = room(&jellyfish, &id).await.unwrap()["peers"][0]["tracks"].take();
    assert_eq!(tracks, json!([{ "id": track, "type": "video", "metadata": { "a": 2 } }]));
    assert!(jellyfish.remove_track(&id, &peer, &track) && !jellyfish.remove_track(&id, &peer, &track));
    assert_eq!(jellyfish.add_track(&id, "nobody", TrackKind::Audio, json!(null)), None);

    assert!(jellyfish.make_playable(&id, &hls) && !jellyfish.make_playable(&id, &file));
    assert!(jellyfish.finish_component(&id, &file) && !jellyfish.finish_component(&id, &file));
    assert!(jellyfish.crash_component(&id, &hls) && !jellyfish.crash_component(&id, &hls));
    assert!(jellyfish.crash_peer(&id, &peer, "why") && !jellyfish.crash_peer(&id, &peer, "why"));
    let now = room(&jellyfish, &id).await.unwrap();
    assert_eq!((&now["peers"], &now["components"]), (&json!([]), &json!([])));
    assert!(jellyfish.crash_room(&id) && !jellyfish.crash_room(&id));
    assert_eq!(room(&jellyfish, &id).await, None);
    // The persistent stream became a recording.
    assert_eq!(call(&jellyfish, "GET", "/recording", None).await.json(), json!({ "data": [id] }));
    assert!(jellyfish.resource(&format!("recordings/{id}/index.m3u8")).is_some());
    assert!(!jellyfish.put_resource("../x", "x") && jellyfish.resource("../x").is_none());
}

#[tokio::test]
async fn journal_and_faults_know_the_operations() {
    let jellyfish = start(&Server::Usual).await;
    let id = create(&jellyfish, "/room", json!({})).await;
    let fault = jellyfish.faults().on("dial").status(503);
    let dial = |number: &str| (format!("/sip/{id}/nobody/call"), json!({ "phoneNumber": number }));
    for status in [503, 400] {
        let (path, body) = dial("1");
        assert_eq!(call(&jellyfish, "POST", &path, Some(body)).await.status, status);
    }
    assert_eq!(fault.hits(), 1);
    call(&jellyfish, "GET", "/hls/x/index.m3u8", None).await;
    call(&jellyfish, "GET", "/api/v1/connect/x/room", None).await;
    let journal = jellyfish.journal();
    // The journal accepts the operation names of the contract and of the clients.
    let counts = ["create_room", "dial", "get_hls_content", "unknown_route", "*"].map(|name| journal.count(name));
    assert_eq!(journal.count("getHlsContent"), 1);
    assert_eq!(counts, [1, 2, 1, 1, 5]);
    let statuses: Vec<_> = journal.requests_for("dial").iter().map(|request| request.status()).collect();
    assert_eq!(statuses, [Some(503), Some(400)]);
    assert!(!format!("{jellyfish:?} {:?}", Emulator::jellyfish().token("secret-token")).contains("secret-token"));
}

#[tokio::test]
async fn environment_of_the_server_is_read() {
    let folder = std::env::temp_dir().join(format!("jellyfish-resources-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("recordings/old/nested")).unwrap();
    std::fs::write(folder.join("recordings/old/nested/x"), "content").unwrap();
    std::fs::write(folder.join("not-looked-into"), "").unwrap();
    let path = folder.to_str().unwrap();
    let variables = [
        ("JF_RESOURCES_BASE_PATH", path),
        ("JF_SERVER_API_TOKEN", "secret"),
        ("JF_RECORDING_USED", "FALSE"),
        ("JF_SIP_USED", "perhaps"),
        ("JF_PORT", ""),
    ];
    let variable = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_string());
    let jellyfish = Emulator::jellyfish().environment(variable).start().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(jellyfish.token(), "secret");
    assert_eq!(jellyfish.resource("recordings/old/nested/x").unwrap(), b"content");
    assert_eq!(call(&jellyfish, "GET", "/recording", None).await.json(), json!({ "data": ["old"] }));
    // These resources replace the built-in ones.
    assert_eq!(jellyfish.resource("file_component_sources/audio.ogg"), None);
    let id = create(&jellyfish, "/room", json!({ "videoCodec": "h264" })).await;
    let components = format!("/room/{id}/component");
    let credentials = json!({ "address": "a", "username": "b", "password": "c" });
    create(&jellyfish, &components, json!({ "type": "sip", "options": { "registrarCredentials": credentials } })).await;
    assert_eq!(call(&jellyfish, "POST", &components, Some(json!({ "type": "recording" }))).await.status, 500);
}

#[tokio::test]
async fn invalid_tokens_and_hosts_are_rejected() {
    for builder in [
        Emulator::jellyfish().token(""),
        Emulator::jellyfish().token("a b"),
        Emulator::jellyfish().host("http://host"),
        Emulator::jellyfish().host(""),
        Emulator::jellyfish().resources("/dev/null/nowhere"),
    ] {
        assert!(builder.start().await.is_err());
    }
}
