//! Statuses, bodies and messages of the REST operations.

use fishjam_emulator::{Emulator, TrackKind};
use serde_json::{Value, json};

use crate::client::{add_peer, call, create_room, http};

/// Sends a request as it is and returns status and body.
async fn raw(url: String, headers: &[(&str, &str)], method: &str, body: &'static str) -> (u16, String) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = http().request(method, url).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn room_is_created_listed_and_deleted() {
    let emulator = Emulator::start().await.unwrap();
    let (status, created) = call(&emulator, "POST", "/room", Some(json!({}))).await;
    assert_eq!(status, 201);
    let room = created["data"]["room"].clone();
    let id = room["id"].as_str().unwrap();
    let expected = json!({
        "id": id,
        "config": {
            "batchWebhookNotifications": false, "maxPeers": 0, "public": false,
            "roomType": "conference", "videoCodec": "h264", "webhookUrl": null,
        },
        "peers": [],
    });
    assert_eq!(room, expected);
    assert_eq!(call(&emulator, "GET", &format!("/room/{id}"), None).await, (200, json!({ "data": room })));

    let sent = json!({
        "batchWebhookNotifications": true, "maxPeers": "10", "public": true,
        "roomType": "livestream", "videoCodec": "vp8", "webhookUrl": "https://host/hook",
    });
    let (_, second) = call(&emulator, "POST", "/room", Some(sent.clone())).await;
    let second = second["data"]["room"].clone();
    let mut echoed = sent;
    echoed["maxPeers"] = json!(10);
    assert_eq!(second["config"], echoed);
    // The list contains livestreams, and its elements equal the earlier responses.
    assert_eq!(call(&emulator, "GET", "/room", None).await, (200, json!({ "data": [room, second] })));

    assert_eq!(call(&emulator, "DELETE", &format!("/room/{id}"), None).await, (204, Value::Null));
    let gone = json!({ "errors": format!("Room {id} does not exist") });
    assert_eq!(call(&emulator, "DELETE", &format!("/room/{id}"), None).await, (404, gone.clone()));
    assert_eq!(call(&emulator, "GET", &format!("/room/{id}"), None).await, (404, gone));
    assert_eq!(call(&emulator, "GET", "/room", None).await, (200, json!({ "data": [second] })));
}

#[tokio::test]
async fn room_options_are_optional_and_checked() {
    let emulator = Emulator::start().await.unwrap();
    assert_eq!(call(&emulator, "POST", "/room", None).await.0, 201);
    let refused = json!({ "errors": "Expected maxPeers to be a number, got: nan" });
    assert_eq!(call(&emulator, "POST", "/room", Some(json!({ "maxPeers": "nan" }))).await, (400, refused));
    let refused = json!({ "errors": "Unexpected field: foo" });
    assert_eq!(call(&emulator, "POST", "/room", Some(json!({ "foo": 1 }))).await, (400, refused));
}

#[tokio::test]
async fn peer_is_added_refreshed_and_deleted() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let peers = format!("/room/{room}/peer");
    let body = json!({ "type": "webrtc", "options": { "metadata": { "name": "Ada" }, "subscribeMode": "manual" } });
    let (status, added) = call(&emulator, "POST", &peers, Some(body)).await;
    assert_eq!(status, 201);
    let peer = &added["data"]["peer"];
    let id = peer["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "type": "webrtc", "status": "disconnected", "tracks": [],
        "metadata": { "peer": {}, "server": { "name": "Ada" } },
        "subscribeMode": "manual", "subscriptions": { "peers": [], "tracks": [] },
    });
    assert_eq!(*peer, expected);
    let authority = emulator.origin().trim_start_matches("http://");
    let socket = format!("ws://{authority}/api/v1/connect/{}/socket/peer/websocket", emulator.id());
    assert_eq!(added["data"]["peer_websocket_url"], json!(socket));
    let (_, listed) = call(&emulator, "GET", &format!("/room/{room}"), None).await;
    assert_eq!(listed["data"]["peers"], json!([expected]));

    let (status, refreshed) = call(&emulator, "POST", &format!("{peers}/{id}/refresh_token"), None).await;
    assert_eq!(status, 201);
    assert!(refreshed["data"]["token"].is_string());
    assert_ne!(refreshed["data"]["token"], added["data"]["token"]);

    assert_eq!(call(&emulator, "DELETE", &format!("{peers}/{id}"), None).await, (204, Value::Null));
    let gone = json!({ "errors": format!("Peer {id} does not exist") });
    assert_eq!(call(&emulator, "DELETE", &format!("{peers}/{id}"), None).await, (404, gone.clone()));
    assert_eq!(call(&emulator, "POST", &format!("{peers}/{id}/refresh_token"), None).await, (404, gone));
}

#[tokio::test]
async fn peers_of_all_kinds_are_checked() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({ "maxPeers": 4 })).await;
    let peers = format!("/room/{room}/peer");
    for (body, kind) in [
        (json!({ "type": "webrtc", "options": { "enableSimulcast": true } }), "webrtc"),
        (json!({ "type": "agent" }), "agent"),
        (json!({ "type": "agent", "options": { "output": { "audioSampleRate": 24000 } } }), "agent"),
        (json!({ "type": "vapi", "options": { "apiKey": "k", "callId": "c-1" } }), "vapi"),
    ] {
        let (status, added) = call(&emulator, "POST", &peers, Some(body)).await;
        assert_eq!((status, &added["data"]["peer"]["type"]), (201, &json!(kind)));
    }
    let elsewhere = "/room/nowhere/peer".to_owned();
    let structure = "Invalid request body structure";
    for (path, body, status, text) in [
        (&elsewhere, json!({}), 400, structure.to_owned()),
        (&elsewhere, json!({ "type": "robot" }), 400, "Invalid peer type".to_owned()),
        (&elsewhere, json!({ "type": "webrtc", "foo": 1 }), 400, "Unexpected field: foo".to_owned()),
        (&elsewhere, json!({ "type": "webrtc", "options": null }), 404, "Room nowhere does not exist".to_owned()),
        (
            &peers,
            json!({ "type": "webrtc", "options": null }),
            409,
            format!("Reached webrtc peers limit in room {room}"),
        ),
    ] {
        assert_eq!(call(&emulator, "POST", path, Some(body)).await, (status, json!({ "errors": text })));
    }
    let free = create_room(&emulator, json!({ "maxPeers": 0 })).await;
    let body = json!({ "type": "webrtc", "options": null });
    let refused = (400, json!({ "errors": structure }));
    assert_eq!(call(&emulator, "POST", &format!("/room/{free}/peer"), Some(body)).await, refused);
    add_peer(&emulator, &free).await;
}

#[tokio::test]
async fn deleted_peer_no_longer_counts_for_the_limit() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({ "maxPeers": 1 })).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    call(&emulator, "DELETE", &format!("/room/{room}/peer/{peer}"), None).await;
    add_peer(&emulator, &room).await;
}

#[tokio::test]
async fn peers_subscribe_to_peers_and_tracks() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (producer, _) = add_peer(&emulator, &room).await;
    let (subscriber, _) = add_peer(&emulator, &room).await;
    let track = emulator.add_track(&room, &producer, TrackKind::Audio, json!({ "type": "microphone" })).unwrap();
    let at = format!("/room/{room}/peer/{subscriber}");
    for _ in 0..2 {
        let path = format!("{at}/subscribe_peer?peer_id={producer}");
        assert_eq!(call(&emulator, "POST", &path, None).await, (200, Value::Null));
        let body = json!({ "track_ids": [track] });
        assert_eq!(call(&emulator, "POST", &format!("{at}/subscribe_tracks"), Some(body)).await, (200, Value::Null));
    }
    let (_, listed) = call(&emulator, "GET", &format!("/room/{room}"), None).await;
    let peers = &listed["data"]["peers"];
    assert_eq!(peers[1]["subscriptions"], json!({ "peers": [producer], "tracks": [track] }));
    let expected = json!([{ "id": track, "type": "audio", "metadata": { "type": "microphone" } }]);
    assert_eq!(peers[0]["tracks"], expected);

    for (path, body, status) in [
        ("subscribe_peer", None, 400),
        ("subscribe_peer?peer_id=nobody", None, 404),
        ("subscribe_tracks", Some(json!({ "track_ids": ["none"] })), 404),
        ("subscribe_tracks", Some(json!({ "track_ids": "none" })), 400),
        ("subscribe_tracks", None, 400),
    ] {
        assert_eq!(call(&emulator, "POST", &format!("{at}/{path}"), body).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn livestream_tokens_need_a_livestream_room() {
    let emulator = Emulator::start().await.unwrap();
    for kind in ["livestream", "audio_only_livestream", "broadcaster"] {
        let room = create_room(&emulator, json!({ "roomType": kind, "public": true })).await;
        for who in ["viewer", "streamer"] {
            let (status, body) = call(&emulator, "POST", &format!("/room/{room}/{who}"), None).await;
            assert_eq!(status, 201, "{kind} {who}");
            let token = body["token"].as_str().unwrap();
            assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
        }
    }
    let room = create_room(&emulator, json!({})).await;
    for who in ["viewer", "streamer"] {
        assert_eq!(call(&emulator, "POST", &format!("/room/{room}/{who}"), None).await.0, 404);
        assert_eq!(call(&emulator, "POST", &format!("/room/nowhere/{who}"), None).await.0, 404);
    }
}

#[tokio::test]
async fn authorization_comes_before_validation_and_existence() {
    let emulator = Emulator::builder().id("fish").token("secret").start().await.unwrap();
    let json_type = ("content-type", "application/json");
    for (authorization, text) in [
        (None, "Missing token"),
        (Some("Basic secret"), "Missing token"),
        (Some("bearer secret"), "Missing token"),
        (Some("Bearer wrong"), "Invalid token"),
    ] {
        for (method, path, body) in [
            ("GET", "/room", ""),
            ("POST", "/room", r#"{"maxPeers":"x"}"#),
            ("GET", "/room/nowhere", ""),
            ("POST", "/room/nowhere/viewer", ""),
        ] {
            let mut headers = vec![json_type];
            headers.extend(authorization.map(|value| ("authorization", value)));
            let answer = raw(format!("{}{path}", emulator.url()), &headers, method, body).await;
            assert_eq!(answer, (401, json!({ "errors": text }).to_string()), "{authorization:?} {method} {path}");
        }
        let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        let answer = raw(format!("{}/validate", emulator.url()), &headers, "GET", "").await;
        assert_eq!(answer, (404, String::new()));
    }
    let answer = raw(format!("{}/validate", emulator.url()), &[("authorization", "Bearer secret")], "GET", "").await;
    assert_eq!(answer, (200, String::new()));
}

#[tokio::test]
async fn syntax_and_routes_come_before_authorization() {
    let emulator = Emulator::builder().id("fish").start().await.unwrap();
    let detail = |text: &str| json!({ "errors": { "detail": text } }).to_string();
    let url = |path: &str| format!("{}{path}", emulator.origin());
    let json_type = [("content-type", "application/json")];
    assert_eq!(raw(url("/nowhere"), &[], "GET", "").await, (404, detail("Not Found")));
    assert_eq!(raw(url("/room/a"), &[], "PATCH", "").await, (404, detail("Not Found")));
    assert_eq!(raw(url("/api/v1/connect/other/room"), &[], "GET", "").await, (404, detail("Not Found")));
    assert_eq!(raw(url("/room"), &json_type, "POST", "not json").await, (400, detail("Bad Request")));
    assert_eq!(raw(url("/room"), &[("accept", "text/html")], "GET", "").await, (406, detail("Not Acceptable")));
    assert_eq!(raw(url("/room/%ff"), &[], "GET", "").await, (500, detail("Internal Server Error")));
    let large: &'static str = Box::leak("x".repeat(8_000_001).into_boxed_str());
    assert_eq!(raw(url("/room"), &json_type, "POST", large).await, (413, detail("Request Entity Too Large")));
}

#[tokio::test]
async fn base_urls_and_extra_slashes_are_accepted() {
    let emulator = Emulator::start().await.unwrap();
    let token = format!("Bearer {}", emulator.token());
    let headers = [("authorization", token.as_str())];
    for base in [emulator.url(), emulator.origin()] {
        for path in ["/room", "/room/", "//room"] {
            let answer = raw(format!("{base}{path}"), &headers, "GET", "").await;
            assert_eq!(answer, (200, r#"{"data":[]}"#.to_owned()), "{base}{path}");
        }
    }
    let (status, text) = raw(format!("{}/room/a%2Fb", emulator.url()), &headers, "GET", "").await;
    assert_eq!((status, text.as_str()), (404, r#"{"errors":"Room a/b does not exist"}"#));
}

#[tokio::test]
async fn responses_have_a_request_id() {
    let emulator = Emulator::start().await.unwrap();
    let client = http();
    let fresh = client.get(emulator.url()).send().await.unwrap();
    assert_eq!(fresh.headers()["x-request-id"].len(), 32);
    let sent = "0123456789-0123456789";
    let echoed = client.get(emulator.url()).header("x-request-id", sent).send().await.unwrap();
    assert_eq!(echoed.headers()["x-request-id"], sent);
}
