//! Livestreams: streams, streamers, viewers, their notifications, and WHIP and WHEP.

use fishjam_emulator::{
    Emulator,
    proto::fishjam::server_message::{
        Content, RoomDeleted, StreamerConnected, StreamerDisconnected, ViewerConnected, ViewerDisconnected,
    },
};
use serde_json::{Value, json};

use crate::client::{Notifications, call, create_room, http};

async fn create_stream(emulator: &Emulator, config: Value) -> String {
    let (status, body) = call(emulator, "POST", "/livestream", Some(config)).await;
    assert_eq!(status, 201, "{body}");
    body["data"]["id"].as_str().unwrap().to_owned()
}

/// The id and the token of a new streamer or viewer.
async fn create(emulator: &Emulator, stream: &str, role: &str) -> (String, String) {
    let (status, body) = call(emulator, "POST", &format!("/livestream/{stream}/{role}"), None).await;
    assert_eq!(status, 201, "{body}");
    let text = |name: &str| body["data"][name].as_str().unwrap().to_owned();
    assert!(text("token").len() == 32 && text("token").bytes().all(|byte| byte.is_ascii_hexdigit()));
    (text("id"), text("token"))
}

#[tokio::test]
async fn stream_is_created_listed_and_deleted() {
    let emulator = Emulator::start().await.unwrap();
    let (status, created) = call(&emulator, "POST", "/livestream", None).await;
    let stream = created["data"].clone();
    let id = stream["id"].as_str().unwrap();
    let expected = json!({ "id": id, "public": false, "audioOnly": false, "streamers": [], "viewers": [] });
    assert_eq!((status, &stream), (201, &expected));
    assert_eq!(call(&emulator, "GET", &format!("/livestream/{id}"), None).await, (200, created));

    let (streamer, streamer_token) = create(&emulator, id, "streamer").await;
    let (viewer, viewer_token) = create(&emulator, id, "viewer").await;
    let (_, listed) = call(&emulator, "GET", "/livestream", None).await;
    let expected = json!({
        "id": id, "public": false, "audioOnly": false,
        "streamers": [{ "id": streamer, "status": "disconnected", "token": streamer_token }],
        "viewers": [{ "id": viewer, "token": viewer_token }],
    });
    assert_eq!(listed, json!({ "data": [expected] }));

    for path in ["streamer", "viewer"] {
        let who = if path == "streamer" { &streamer } else { &viewer };
        for _ in 0..2 {
            let path = format!("/livestream/{id}/{path}/{who}");
            assert_eq!(call(&emulator, "DELETE", &path, None).await, (204, Value::Null));
        }
    }
    let (_, got) = call(&emulator, "GET", &format!("/livestream/{id}"), None).await;
    assert_eq!((&got["data"]["streamers"], &got["data"]["viewers"]), (&json!([]), &json!([])));
    for _ in 0..2 {
        assert_eq!(call(&emulator, "DELETE", &format!("/livestream/{id}"), None).await, (204, Value::Null));
    }
    let gone = (404, json!({ "errors": format!("Livestream {id} does not exist") }));
    for (method, path) in [("GET", ""), ("POST", "/streamer"), ("POST", "/viewer")] {
        assert_eq!(call(&emulator, method, &format!("/livestream/{id}{path}"), None).await, gone);
    }
    let nobody = format!("/livestream/{id}/streamer/nobody");
    assert_eq!(call(&emulator, "DELETE", &nobody, None).await, (204, Value::Null));
}

#[tokio::test]
async fn streams_and_livestream_rooms_are_the_same() {
    let emulator = Emulator::start().await.unwrap();
    let conference = create_room(&emulator, json!({})).await;
    let config = json!({
        "audioOnly": true, "public": true, "batchWebhookNotifications": true, "webhookUrl": "http://127.0.0.1:9/hook",
    });
    let stream = create_stream(&emulator, config).await;
    let (_, room) = call(&emulator, "GET", &format!("/room/{stream}"), None).await;
    let expected = json!({
        "batchWebhookNotifications": true, "maxPeers": 0, "public": true, "roomType": "audio_only_livestream",
        "videoCodec": "h264", "webhookUrl": "http://127.0.0.1:9/hook",
    });
    assert_eq!(room["data"]["config"], expected);
    let room = create_room(&emulator, json!({ "roomType": "livestream", "public": true })).await;
    let (_, token) = call(&emulator, "POST", &format!("/room/{room}/streamer"), None).await;
    let (_, got) = call(&emulator, "GET", &format!("/livestream/{room}"), None).await;
    assert_eq!((&got["data"]["public"], &got["data"]["audioOnly"]), (&json!(true), &json!(false)));
    assert_eq!(got["data"]["streamers"][0]["token"], token["token"]);

    let ids = |list: &Value| -> Vec<String> {
        list["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let (_, rooms) = call(&emulator, "GET", "/room", None).await;
    let (_, streams) = call(&emulator, "GET", "/livestream", None).await;
    assert_eq!(ids(&rooms), [conference.clone(), stream.clone(), room.clone()]);
    assert_eq!(ids(&streams), [stream.clone(), room]);

    // A room of another type is not a stream.
    assert_eq!(call(&emulator, "GET", &format!("/livestream/{conference}"), None).await.0, 404);
    assert_eq!(call(&emulator, "DELETE", &format!("/livestream/{conference}"), None).await.0, 204);
    assert_eq!(call(&emulator, "GET", &format!("/room/{conference}"), None).await.0, 200);
    assert_eq!(call(&emulator, "DELETE", &format!("/room/{stream}"), None).await.0, 204);
    assert_eq!(call(&emulator, "GET", &format!("/livestream/{stream}"), None).await.0, 404);
}

#[tokio::test]
async fn invalid_stream_options_are_rejected() {
    let emulator = Emulator::start().await.unwrap();
    for (config, text) in [
        (json!({ "webhookUrl": "https://host" }), "Expected webhookUrl to be valid URL, got: https://host"),
        (json!({ "audioOnly": 1 }), "Expected audioOnly to be a boolean, got: 1"),
        (json!({ "public": null }), "Expected public to be a boolean, got: null"),
        (json!({ "maxPeers": 1 }), "Unexpected field: maxPeers"),
        (json!([]), "Invalid request body structure"),
    ] {
        let refused = (400, json!({ "errors": text }));
        assert_eq!(call(&emulator, "POST", "/livestream", Some(config)).await, refused);
    }
    create_stream(&emulator, json!({ "audioOnly": null, "webhookUrl": null })).await;
}

#[tokio::test]
async fn streamers_and_viewers_connect_and_disconnect() {
    let emulator = Emulator::start().await.unwrap();
    let stream = create_stream(&emulator, json!({})).await;
    let (streamer, _) = create(&emulator, &stream, "streamer").await;
    let (second, _) = create(&emulator, &stream, "streamer").await;
    let (viewer, _) = create(&emulator, &stream, "viewer").await;
    let (other, _) = create(&emulator, &stream, "viewer").await;
    let mut notifications = Notifications::open(&emulator).await;

    assert!(emulator.connect_streamer(&stream, &streamer));
    // One at a time.
    assert!(!emulator.connect_streamer(&stream, &streamer) && !emulator.connect_streamer(&stream, &second));
    assert!(emulator.connect_viewer(&stream, &viewer) && emulator.connect_viewer(&stream, &other));
    assert!(!emulator.connect_viewer(&stream, &viewer) && !emulator.connect_viewer(&stream, "nobody"));
    let (stream_id, streamer_id) = (stream.clone(), streamer.clone());
    let connected = StreamerConnected { stream_id: stream_id.clone(), streamer_id: streamer_id.clone() };
    assert_eq!(notifications.next().await, Content::StreamerConnected(connected));
    for viewer_id in [viewer.clone(), other.clone()] {
        let connected = ViewerConnected { stream_id: stream_id.clone(), viewer_id };
        assert_eq!(notifications.next().await, Content::ViewerConnected(connected));
    }
    let (_, got) = call(&emulator, "GET", &format!("/livestream/{stream}"), None).await;
    let statuses = (&got["data"]["streamers"][0]["status"], &got["data"]["streamers"][1]["status"]);
    assert_eq!(statuses, (&json!("connected"), &json!("disconnected")));

    assert!(emulator.disconnect_viewer(&stream, &other) && !emulator.disconnect_viewer(&stream, &other));
    let gone = ViewerDisconnected { stream_id: stream_id.clone(), viewer_id: other };
    assert_eq!(notifications.next().await, Content::ViewerDisconnected(gone));
    assert!(emulator.disconnect_streamer(&stream, &streamer));
    let gone = StreamerDisconnected { stream_id: stream_id.clone(), streamer_id };
    assert_eq!(notifications.next().await, Content::StreamerDisconnected(gone));
    assert!(emulator.connect_streamer(&stream, &second));
    assert_eq!(notifications.names(1).await, ["StreamerConnected"]);
    call(&emulator, "DELETE", &format!("/livestream/{stream}/streamer/{second}"), None).await;
    assert_eq!(notifications.names(1).await, ["StreamerDisconnected"]);
    assert!(emulator.connect_streamer(&stream, &streamer));
    notifications.next().await;

    call(&emulator, "DELETE", &format!("/livestream/{stream}"), None).await;
    assert_eq!(notifications.names(2).await, ["StreamerDisconnected", "ViewerDisconnected"]);
    assert_eq!(notifications.next().await, Content::RoomDeleted(RoomDeleted { room_id: stream }));
    notifications.0.expect_silence().await;
}

/// The status, the path of the session, and whether the body is a session description.
async fn offer(emulator: &Emulator, path: &str, token: Option<&str>) -> (u16, Option<String>, bool) {
    let mut request = http().post(format!("{}/api/v1/live/api/{path}", emulator.origin()));
    request = request.header("content-type", "application/sdp").header("accept", "application/sdp").body("v=0\r\n");
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.unwrap();
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    let described = response.headers().get("content-type").is_some_and(|value| value == "application/sdp");
    let status = response.status().as_u16();
    (status, location, described && response.text().await.unwrap().starts_with("v=0\r\n"))
}

#[tokio::test]
async fn whip_and_whep_require_a_valid_token() {
    let emulator = Emulator::start().await.unwrap();
    let stream = create_stream(&emulator, json!({})).await;
    let (streamer, streamer_token) = create(&emulator, &stream, "streamer").await;
    let (viewer, viewer_token) = create(&emulator, &stream, "viewer").await;
    let mut notifications = Notifications::open(&emulator).await;
    for (path, token, expected) in [
        ("whip", None, (401, None, false)),
        ("whip", Some("made-up"), (401, None, false)),
        ("whip", Some(viewer_token.as_str()), (401, None, false)),
        ("whip", Some(emulator.token()), (401, None, false)),
        ("whip", Some(&streamer_token), (201, Some(format!("/api/v1/live/api/whip/{streamer}")), true)),
        ("whip", Some(&streamer_token), (409, None, false)),
        ("whep", None, (401, None, false)),
        ("whep", Some(&streamer_token), (401, None, false)),
        ("whep", Some(&viewer_token), (201, Some(format!("/api/v1/live/api/whep/{viewer}")), true)),
    ] {
        assert_eq!(offer(&emulator, path, token).await, expected, "{path} {token:?}");
    }
    assert_eq!(notifications.names(2).await, ["StreamerConnected", "ViewerConnected"]);
    for (path, status) in [("whip", 200), ("whip", 404)] {
        let url = format!("{}/api/v1/live/api/{path}/{streamer}", emulator.origin());
        assert_eq!(http().delete(url).send().await.unwrap().status(), status);
    }
    assert_eq!(notifications.names(1).await, ["StreamerDisconnected"]);
    // The token of a deleted streamer is invalid.
    call(&emulator, "DELETE", &format!("/livestream/{stream}/streamer/{streamer}"), None).await;
    assert_eq!(offer(&emulator, "whip", Some(&streamer_token)).await.0, 401);
    assert_eq!(emulator.journal().count("whip"), 7);
    // Beside the connect prefix, not under it.
    let url = format!("{}/api/v1/live/api/whip", emulator.url());
    assert_eq!(http().post(url).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn public_stream_needs_no_viewer_token() {
    let emulator = Emulator::start().await.unwrap();
    let public = create_stream(&emulator, json!({ "public": true })).await;
    let room = create_room(&emulator, json!({ "public": true, "roomType": "livestream" })).await;
    let private = create_stream(&emulator, json!({})).await;
    let conference = create_room(&emulator, json!({ "public": true })).await;
    for (stream, expected) in [(&public, 201), (&public, 201), (&room, 201), (&private, 401), (&conference, 404)] {
        assert_eq!(offer(&emulator, &format!("whep/{stream}"), None).await.0, expected);
    }
    let (_, location, _) = offer(&emulator, &format!("whep/{public}"), None).await;
    let mut notifications = Notifications::open(&emulator).await;
    let url = format!("{}{}", emulator.origin(), location.unwrap());
    assert_eq!(http().delete(url).send().await.unwrap().status(), 200);
    assert_eq!(notifications.names(1).await, ["ViewerDisconnected"]);
    // A viewer without a token is not listed, but its session ends with the stream.
    let (_, got) = call(&emulator, "GET", &format!("/livestream/{public}"), None).await;
    assert_eq!(got["data"]["viewers"], json!([]));
    call(&emulator, "DELETE", &format!("/livestream/{public}"), None).await;
    assert_eq!(notifications.names(3).await, ["ViewerDisconnected", "ViewerDisconnected", "RoomDeleted"]);
    // Streamers of a public livestream still need a token.
    assert_eq!(offer(&emulator, "whip", None).await.0, 401);
}
