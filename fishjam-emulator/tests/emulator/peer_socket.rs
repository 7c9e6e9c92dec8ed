//! `/socket/peer/websocket`: handshake, closing and the effects of a connected peer.

use std::time::Duration;

use fishjam_emulator::{
    Emulator, TrackKind,
    proto::fishjam::{
        PeerMessage,
        peer_message::{Content, MediaEvent, RoomType},
        server_message::{Content as ServerContent, PeerMetadataUpdated, PeerType},
    },
};
use prost::Message as _;
use serde_json::{Value, json};

use crate::{
    client::{Notifications, Received, Socket, add_peer, auth, call, create_room, join, peer_auth, peer_content},
    clock::leap,
};

const PATH: &str = "/socket/peer/websocket";

async fn peer_json(emulator: &Emulator, room: &str) -> Value {
    call(emulator, "GET", &format!("/room/{room}"), None).await.1["data"]["peers"][0].clone()
}

fn media_event(event: &str) -> Vec<u8> {
    PeerMessage { content: Some(Content::MediaEvent(MediaEvent { data: event.to_owned() })) }.encode_to_vec()
}

#[tokio::test]
async fn invalid_peer_tokens_are_rejected() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (gone, gone_token) = add_peer(&emulator, &room).await;
    call(&emulator, "DELETE", &format!("/room/{room}/peer/{gone}"), None).await;
    let (_, connected_token) = add_peer(&emulator, &room).await;
    let mut connected = join(&emulator, &connected_token).await;
    let emptied = create_room(&emulator, json!({})).await;
    let (_, roomless_token) = add_peer(&emulator, &emptied).await;
    call(&emulator, "DELETE", &format!("/room/{emptied}"), None).await;
    let stream = create_room(&emulator, json!({ "roomType": "livestream" })).await;
    let (_, viewer) = call(&emulator, "POST", &format!("/room/{stream}/viewer"), None).await;
    for (token, reason) in [
        ("made-up", "invalid token"),
        ("", "invalid token"),
        (emulator.token(), "invalid token"),
        (viewer["token"].as_str().unwrap(), "invalid token"),
        (gone_token.as_str(), "peer not found"),
        (roomless_token.as_str(), "room not found"),
        (connected_token.as_str(), "peer already connected"),
    ] {
        let mut socket = Socket::open(&emulator, PATH).await;
        socket.binary(peer_auth(token)).await;
        socket.expect_close(1000, reason).await;
    }
    connected.expect_silence().await;
}

#[tokio::test]
async fn expired_peer_token_is_rejected() {
    let emulator = Emulator::builder().peer_token_lifetime(Duration::ZERO).start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(peer_auth(&token)).await;
    socket.expect_close(1000, "expired token").await;
}

#[tokio::test]
async fn other_first_frames_close_the_peer_socket() {
    let emulator = Emulator::start().await.unwrap();
    for (frame, code, reason) in [
        (media_event("{}"), 1000, "unauthenticated"),
        (Vec::new(), 1000, "unauthenticated"),
        (auth("x"), 1000, "unauthenticated"),
        (vec![0xff; 11], 1011, ""),
    ] {
        let mut socket = Socket::open(&emulator, PATH).await;
        socket.binary(frame).await;
        socket.expect_close(code, reason).await;
    }
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.text("hello").await;
    socket.expect_close(1011, "").await;
}

#[tokio::test]
async fn peer_connects_disconnects_and_reconnects() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    let (peer, token) = add_peer(&emulator, &room).await;
    let (_, refreshed) = call(&emulator, "POST", &format!("/room/{room}/peer/{peer}/refresh_token"), None).await;
    notifications.names(2).await;
    // Connects with the same token again, and with a refreshed token.
    for token in [token.as_str(), token.as_str(), refreshed["data"]["token"].as_str().unwrap()] {
        let socket = join(&emulator, token).await;
        assert_eq!(notifications.names(1).await, ["PeerConnected"]);
        assert_eq!(peer_json(&emulator, &room).await["status"], "connected");
        emulator.add_track(&room, &peer, TrackKind::Audio, json!({})).unwrap();
        drop(socket);
        assert_eq!(notifications.names(3).await, ["TrackAdded", "PeerDisconnected", "TrackRemoved"]);
        let listed = peer_json(&emulator, &room).await;
        assert_eq!((&listed["status"], &listed["tracks"]), (&json!("disconnected"), &json!([])));
    }
}

#[tokio::test]
async fn authentication_returns_the_room_type() {
    let emulator = Emulator::start().await.unwrap();
    for (kind, expected) in [
        ("conference", RoomType::Conference),
        ("full_feature", RoomType::Conference),
        ("audio_only", RoomType::AudioOnly),
        ("livestream", RoomType::Livestream),
    ] {
        let room = create_room(&emulator, json!({ "roomType": kind })).await;
        let (_, token) = add_peer(&emulator, &room).await;
        let mut socket = Socket::open(&emulator, PATH).await;
        socket.binary(peer_auth(&token)).await;
        match peer_content(&mut socket).await {
            Content::Authenticated(response) => assert_eq!(response.room_type, i32::from(expected)),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn client_metadata_survives_a_disconnect() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    let (peer, token) = add_peer(&emulator, &room).await;
    let mut socket = join(&emulator, &token).await;
    notifications.names(3).await;
    socket.binary(media_event(r#"{"type":"connect","data":{"metadata":{"name":"one"}}}"#)).await;
    let expected = PeerMetadataUpdated {
        room_id: room.clone(),
        peer_id: peer.clone(),
        metadata: r#"{"name":"one"}"#.to_owned(),
        peer_type: i32::from(PeerType::Webrtc),
    };
    assert_eq!(notifications.next().await, ServerContent::PeerMetadataUpdated(expected));
    let connected = json!({ "type": "connected", "data": { "id": peer, "otherEndpoints": [] } });
    assert_eq!(event(&mut socket).await, connected);
    let update = media_event(r#"{"type":"updateEndpointMetadata","data":{"metadata":{"name":"two"}}}"#);
    socket.binary(update.clone()).await;
    assert_eq!(notifications.names(1).await, ["PeerMetadataUpdated"]);
    let updated = json!({ "type": "endpointUpdated", "data": { "id": peer, "metadata": { "name": "two" } } });
    assert_eq!(event(&mut socket).await, updated);
    // The same metadata and a second `connect` event change nothing.
    socket.binary(update).await;
    socket.binary(media_event(r#"{"type":"connect","data":{"metadata":{"name":"three"}}}"#)).await;
    socket.binary(media_event(r#"{"type":"updateEndpointMetadata","data":{"metadata":[1]}}"#)).await;
    assert_eq!(event(&mut socket).await["data"], json!({ "id": peer, "metadata": [1] }));
    socket.binary(media_event(r#"{"type":"updateEndpointMetadata","data":{"metadata":{"name":"two"}}}"#)).await;
    assert_eq!(event(&mut socket).await, updated);
    assert_eq!(notifications.names(2).await, ["PeerMetadataUpdated", "PeerMetadataUpdated"]);
    drop(socket);
    assert_eq!(notifications.names(1).await, ["PeerDisconnected"]);
    assert_eq!(peer_json(&emulator, &room).await["metadata"], json!({ "peer": { "name": "two" }, "server": {} }));
}

#[tokio::test]
async fn connect_returns_the_other_peers() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (first, first_token) = add_peer(&emulator, &room).await;
    let (second, second_token) = add_peer(&emulator, &room).await;
    let mut first_socket = join(&emulator, &first_token).await;
    first_socket.binary(media_event(r#"{"type":"connect","data":{"metadata":{"name":"one"}}}"#)).await;
    assert_eq!(event(&mut first_socket).await["data"]["otherEndpoints"], json!([]));
    let mut second_socket = join(&emulator, &second_token).await;
    second_socket.binary(media_event(r#"{"type":"connect","data":{"metadata":null}}"#)).await;
    let others = json!([{
        "id": first, "type": "webrtc", "metadata": { "name": "one" }, "tracks": {}, "trackIdToMetadata": {},
    }]);
    assert_eq!(event(&mut second_socket).await["data"]["otherEndpoints"], others);

    // The notifications to other clients.
    let added = json!({ "type": "endpointAdded", "data": { "id": second, "metadata": null, "type": "webrtc" } });
    assert_eq!(event(&mut first_socket).await, added);
    second_socket.binary(media_event(r#"{"type":"updateEndpointMetadata","data":{"metadata":2}}"#)).await;
    let updated = json!({ "type": "endpointUpdated", "data": { "id": second, "metadata": 2 } });
    assert_eq!(event(&mut first_socket).await, updated);
    drop(second_socket);
    assert_eq!(event(&mut first_socket).await, json!({ "type": "endpointRemoved", "data": { "id": second } }));
}

/// The next media event of a socket.
async fn event(socket: &mut Socket) -> Value {
    match peer_content(socket).await {
        Content::MediaEvent(event) => serde_json::from_str(&event.data).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn other_frames_of_a_connected_peer_are_ignored() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let mut socket = join(&emulator, &token).await;
    socket.text("junk").await;
    for frame in [
        peer_auth(&token),
        peer_auth("wrong"),
        Vec::new(),
        vec![0x4a, 0x01, 0x78],
        media_event("not json"),
        media_event("[]"),
        media_event(r#"{"type":"nonsense"}"#),
        media_event(r#"{"type":"disconnect"}"#),
    ] {
        socket.binary(frame).await;
    }
    socket.expect_silence().await;
    assert_eq!(peer_json(&emulator, &room).await["status"], "connected");
}

#[tokio::test]
async fn removed_peer_receives_the_reason() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    let (peer, token) = add_peer(&emulator, &room).await;
    let mut socket = join(&emulator, &token).await;
    call(&emulator, "DELETE", &format!("/room/{room}/peer/{peer}"), None).await;
    socket.expect_close(1000, "Peer removed").await;
    let expected = ["RoomCreated", "PeerAdded", "PeerConnected", "PeerDisconnected", "PeerDeleted"];
    assert_eq!(notifications.names(expected.len()).await, expected);
    notifications.0.expect_silence().await;
}

#[tokio::test]
async fn peer_socket_pings_and_times_out() {
    let emulator = Emulator::builder()
        .ping_interval(Duration::from_secs(10))
        .idle_timeout(Duration::from_secs(30))
        .start()
        .await
        .unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let mut silent = Socket::open(&emulator, PATH).await;
    let mut socket = join(&emulator, &token).await;
    // Pongs keep it open for longer than the idle timeout.
    for _ in 0..5 {
        leap(Duration::from_secs(10)).await;
        assert_eq!(socket.receive().await, Received::Ping);
    }
    // This socket received no ping and sent no pong.
    silent.expect_close(1000, "").await;
}
