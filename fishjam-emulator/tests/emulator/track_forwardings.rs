//! Track forwardings: errors, the representation in rooms, and notifications.

use fishjam_emulator::{
    Emulator, TrackKind,
    proto::fishjam::{
        notifications::{Track, TrackType},
        server_message::{Content, TrackForwarding, TrackForwardingRemoved},
    },
};
use serde_json::{Value, json};

use crate::client::{Notifications, add_peer, call, create_room, join};

const URL: &str = "https://rtc.fishjam.io/api/composition/one";

async fn forward(emulator: &Emulator, room: &str, body: Value) -> (u16, Value) {
    call(emulator, "POST", &format!("/room/{room}/track_forwardings"), Some(body)).await
}

async fn info(emulator: &Emulator, room: &str) -> Value {
    call(emulator, "GET", &format!("/room/{room}"), None).await.1["data"]["compositionInfo"].clone()
}

/// Returns the input and the track ids of the next notification, a `TrackForwarding`.
async fn forwarded(notifications: &mut Notifications, peer: &str) -> (String, Option<String>, Option<String>) {
    match notifications.next().await {
        Content::TrackForwarding(TrackForwarding {
            peer_id,
            composition_url,
            input_id,
            audio_track,
            video_track,
            ..
        }) => {
            assert_eq!((peer_id.as_str(), composition_url.as_str()), (peer, URL));
            (input_id, audio_track.map(|track| track.id), video_track.map(|track| track.id))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn invalid_track_forwardings_are_rejected() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    for (body, text) in [
        (json!({}), "Invalid request body structure"),
        (json!({ "compositionURL": "https://host" }), "Expected compositionURL to be valid URL, got: https://host"),
        (json!({ "compositionURL": null }), "Expected compositionURL to be valid URL, got: null"),
        (json!({ "compositionURL": URL, "selector": "some" }), "Expected selector to be 'all', got: some"),
        (json!({ "compositionURL": URL, "compositionUrl": URL }), "Unexpected field: compositionUrl"),
    ] {
        assert_eq!(forward(&emulator, &room, body).await, (400, json!({ "errors": text })));
    }
    let nowhere = (404, json!({ "errors": "Room nowhere does not exist" }));
    assert_eq!(forward(&emulator, "nowhere", json!({ "compositionURL": URL })).await, nowhere);
    assert_eq!(info(&emulator, &room).await, Value::Null);
}

#[tokio::test]
async fn composition_accepts_one_room() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let other = create_room(&emulator, json!({})).await;
    let slash = json!({ "compositionURL": "https://host/", "selector": "all" });
    assert_eq!(forward(&emulator, &room, json!({ "compositionURL": URL })).await, (201, Value::Null));
    assert_eq!(info(&emulator, &room).await, json!({ "compositionUrl": URL, "forwardings": [] }));
    let text = format!("Composition {URL} already receives forwarded tracks");
    assert_eq!(forward(&emulator, &other, json!({ "compositionURL": URL })).await, (409, json!({ "errors": text })));
    for body in [json!({ "compositionURL": URL }), slash.clone()] {
        let text = format!("Tracks of room {room} are already forwarded");
        assert_eq!(forward(&emulator, &room, body).await, (409, json!({ "errors": text })));
    }
    assert_eq!(forward(&emulator, &other, slash).await.0, 201);
    // When the forwarded room ends, the composition can receive another room.
    call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
    let third = create_room(&emulator, json!({})).await;
    assert_eq!(forward(&emulator, &third, json!({ "compositionURL": URL })).await.0, 201);
}

#[tokio::test]
async fn current_and_future_tracks_are_forwarded() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (ada, _) = add_peer(&emulator, &room).await;
    let (bob, _) = add_peer(&emulator, &room).await;
    let track = |peer: &str, kind, of: &str| emulator.add_track(&room, peer, kind, json!({ "type": of })).unwrap();
    let camera = track(&ada, TrackKind::Video, "camera");
    let microphone = track(&ada, TrackKind::Audio, "microphone");
    let screen = track(&ada, TrackKind::Video, "screenShareVideo");
    let mut notifications = Notifications::open(&emulator).await;

    forward(&emulator, &room, json!({ "compositionURL": URL })).await;
    let (face, audio, video) = forwarded(&mut notifications, &ada).await;
    assert_eq!((audio, video), (Some(microphone.clone()), Some(camera.clone())));
    let (desk, audio, video) = forwarded(&mut notifications, &ada).await;
    assert_eq!((audio, video), (None, Some(screen.clone())));
    assert_ne!(face, desk);

    let voice = track(&bob, TrackKind::Audio, "microphone");
    assert_eq!(notifications.names(1).await, ["TrackAdded"]);
    let (bobs, audio, video) = forwarded(&mut notifications, &bob).await;
    assert_eq!((audio, video), (Some(voice.clone()), None));
    let sound = track(&ada, TrackKind::Audio, "screenShareAudio");
    assert_eq!(notifications.names(1).await, ["TrackAdded"]);
    let expected = (desk.clone(), Some(sound.clone()), Some(screen.clone()));
    assert_eq!(forwarded(&mut notifications, &ada).await, expected);
    // A second camera has an input of its own.
    let second = track(&ada, TrackKind::Video, "camera");
    notifications.next().await;
    let (other, audio, video) = forwarded(&mut notifications, &ada).await;
    assert_eq!((other != face, audio, video), (true, None, Some(second.clone())));

    let expected = json!({
        "compositionUrl": URL,
        "forwardings": [
            { "peerId": ada, "inputId": face, "audioTrackId": microphone, "videoTrackId": camera },
            { "peerId": ada, "inputId": desk, "audioTrackId": sound, "videoTrackId": screen },
            { "peerId": bob, "inputId": bobs, "audioTrackId": voice, "videoTrackId": null },
            { "peerId": ada, "inputId": other, "audioTrackId": null, "videoTrackId": second },
        ],
    });
    assert_eq!(info(&emulator, &room).await, expected);
    let (_, rooms) = call(&emulator, "GET", "/room", None).await;
    assert_eq!(rooms["data"][0]["compositionInfo"], expected);
}

#[tokio::test]
async fn forwardings_end_with_tracks_peers_and_rooms() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (ada, token) = add_peer(&emulator, &room).await;
    let (bob, _) = add_peer(&emulator, &room).await;
    let (eve, _) = add_peer(&emulator, &room).await;
    let socket = join(&emulator, &token).await;
    forward(&emulator, &room, json!({ "compositionURL": URL })).await;
    let add = |peer: &str, kind| emulator.add_track(&room, peer, kind, json!(null)).unwrap();
    let (audio, video) = (add(&ada, TrackKind::Audio), add(&ada, TrackKind::Video));
    add(&bob, TrackKind::Audio);
    add(&eve, TrackKind::Video);
    let mut notifications = Notifications::open(&emulator).await;

    emulator.remove_track(&room, &ada, &audio);
    assert_eq!(notifications.names(1).await, ["TrackRemoved"]);
    match notifications.next().await {
        Content::TrackForwarding(TrackForwarding { audio_track: None, video_track: Some(left), .. }) => {
            let expected = Track { id: video, r#type: i32::from(TrackType::Video), metadata: "null".to_owned() };
            assert_eq!(left, expected);
        }
        other => panic!("{other:?}"),
    }
    drop(socket);
    assert_eq!(notifications.names(2).await, ["PeerDisconnected", "TrackRemoved"]);
    match notifications.next().await {
        Content::TrackForwardingRemoved(TrackForwardingRemoved { room_id, peer_id, composition_url, input_id }) => {
            assert_eq!((room_id, peer_id, composition_url.as_str()), (room.clone(), ada, URL));
            assert!(!input_id.is_empty());
        }
        other => panic!("{other:?}"),
    }
    call(&emulator, "DELETE", &format!("/room/{room}/peer/{bob}"), None).await;
    assert_eq!(notifications.names(3).await, ["TrackRemoved", "TrackForwardingRemoved", "PeerDeleted"]);
    assert_eq!(info(&emulator, &room).await["forwardings"].as_array().unwrap().len(), 1);
    call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
    let expected = ["PeerDeleted", "TrackRemoved", "TrackForwardingRemoved", "PeerDeleted", "RoomDeleted"];
    assert_eq!(notifications.names(5).await, expected);
    notifications.0.expect_silence().await;
}
