//! `/socket/server/websocket`: handshake, closes, delivery, order, heartbeat.

use std::time::Duration;

use fishjam_emulator::{
    Emulator, TrackKind,
    proto::fishjam::{
        ServerMessage,
        server_message::{
            Authenticated, Content, PeerAdded, PeerDeleted, PeerType, RoomCreated, RoomDeleted, SubscribeResponse,
        },
    },
};
use serde_json::json;

use crate::{
    client::{Notifications, Received, Socket, add_peer, auth, call, create_room, join, server_frame, subscribe},
    clock::leap,
};

const PATH: &str = "/socket/server/websocket";

fn room_created(room: &str) -> Content {
    Content::RoomCreated(RoomCreated { room_id: room.to_owned() })
}

#[tokio::test]
async fn invalid_first_frames_close_the_server_socket() {
    let emulator = Emulator::start().await.unwrap();
    for (frame, code, reason) in [
        (auth("wrong"), 1000, "invalid token"),
        (auth(""), 1000, "invalid token"),
        (auth(&format!("Bearer {}", emulator.token())), 1000, "invalid token"),
        (subscribe(1), 1000, "invalid auth request"),
        (server_frame(room_created("x")), 1000, "invalid auth request"),
        (Vec::new(), 1000, "invalid auth request"),
        (vec![0xff; 11], 1011, ""),
        (vec![0, 0], 1011, ""),
    ] {
        let mut socket = Socket::open(&emulator, PATH).await;
        socket.binary(frame.clone()).await;
        socket.expect_close(code, reason).await;
        assert_eq!(socket.receive().await, Received::Cut, "{frame:?}");
    }
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.text("hello").await;
    socket.expect_close(1003, "operation not allowed").await;
}

#[tokio::test]
async fn invalid_later_frames_close_the_server_socket() {
    let emulator = Emulator::start().await.unwrap();
    for (frame, code, reason) in [
        (auth(emulator.token()), 1003, "operation not allowed"),
        (server_frame(Content::Authenticated(Authenticated {})), 1003, "operation not allowed"),
        (server_frame(room_created("x")), 1003, "operation not allowed"),
        (vec![0xba, 0x06, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], 1003, "operation not allowed"),
        (vec![0xff; 11], 1011, ""),
        (subscribe(0), 1011, ""),
        (subscribe(2), 1011, ""),
        (subscribe(99), 1011, ""),
    ] {
        let mut socket = Notifications::open(&emulator).await.0;
        socket.binary(frame).await;
        socket.expect_close(code, reason).await;
    }
    let mut socket = Notifications::open(&emulator).await.0;
    socket.text("hello").await;
    socket.expect_close(1003, "operation not allowed").await;
}

#[tokio::test]
async fn subscribing_twice_delivers_once() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    notifications.0.binary(subscribe(1)).await;
    assert_eq!(notifications.next().await, Content::SubscribeResponse(SubscribeResponse { event_type: 1 }));
    let room = create_room(&emulator, json!({})).await;
    assert_eq!(notifications.next().await, room_created(&room));
    notifications.0.expect_silence().await;
    assert_eq!(emulator.subscribers(), 1);
}

#[tokio::test]
async fn nothing_is_sent_before_the_subscription() {
    let emulator = Emulator::start().await.unwrap();
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(auth(emulator.token())).await;
    assert!(matches!(socket.receive().await, Received::Binary(_)));
    create_room(&emulator, json!({})).await;
    socket.expect_silence().await;
    socket.binary(subscribe(1)).await;
    let mut notifications = Notifications(socket);
    assert_eq!(notifications.next().await, Content::SubscribeResponse(SubscribeResponse { event_type: 1 }));
    let room = create_room(&emulator, json!({})).await;
    assert_eq!(notifications.next().await, room_created(&room));
}

#[tokio::test]
async fn notifications_contain_ids_and_peer_types() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    assert_eq!(notifications.next().await, room_created(&room));
    let vapi = json!({ "type": "vapi", "options": { "apiKey": "k", "callId": "c" } });
    for (body, peer_type) in [
        (json!({ "type": "webrtc", "options": {} }), PeerType::Webrtc),
        (json!({ "type": "agent" }), PeerType::Agent),
        (vapi, PeerType::Vapi),
    ] {
        let (_, added) = call(&emulator, "POST", &format!("/room/{room}/peer"), Some(body)).await;
        let peer_id = added["data"]["peer"]["id"].as_str().unwrap().to_owned();
        let peer_type = i32::from(peer_type);
        let expected = PeerAdded { room_id: room.clone(), peer_id: peer_id.clone(), peer_type };
        assert_eq!(notifications.next().await, Content::PeerAdded(expected));
        call(&emulator, "DELETE", &format!("/room/{room}/peer/{peer_id}"), None).await;
        let expected = PeerDeleted { room_id: room.clone(), peer_id, peer_type };
        assert_eq!(notifications.next().await, Content::PeerDeleted(expected));
    }
    call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
    assert_eq!(notifications.next().await, Content::RoomDeleted(RoomDeleted { room_id: room }));
}

#[tokio::test]
async fn deleting_a_room_disconnects_and_deletes_its_peers_first() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    let (peer, token) = add_peer(&emulator, &room).await;
    let mut socket = join(&emulator, &token).await;
    emulator.add_track(&room, &peer, TrackKind::Video, json!(null)).unwrap();
    call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
    let expected = [
        "RoomCreated",
        "PeerAdded",
        "PeerConnected",
        "TrackAdded",
        "TrackRemoved",
        "PeerDisconnected",
        "PeerDeleted",
        "RoomDeleted",
    ];
    assert_eq!(notifications.names(expected.len()).await, expected);
    socket.expect_close(1000, "Room stopped").await;
    // The close frame of the peer causes no further notification.
    notifications.0.expect_silence().await;
}

#[tokio::test]
async fn all_sockets_receive_the_same_order() {
    let emulator = Emulator::start().await.unwrap();
    let mut first = Notifications::open(&emulator).await;
    let mut second = Notifications::open(&emulator).await;
    let tasks = (0..8).map(|_| async {
        for _ in 0..10 {
            let room = create_room(&emulator, json!({})).await;
            call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
        }
    });
    futures_util::future::join_all(tasks).await;
    for _ in 0..160 {
        assert_eq!(first.next().await, second.next().await);
    }
    first.0.expect_silence().await;
}

#[tokio::test]
async fn published_notifications_and_frames_are_delivered() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    emulator.publish(ServerMessage { content: Some(room_created("injected")) });
    assert_eq!(notifications.next().await, room_created("injected"));
    emulator.publish_raw(*b"\xff\xff");
    assert_eq!(notifications.0.receive().await, Received::Binary(vec![0xff, 0xff]));
}

#[tokio::test]
async fn overflowing_queue_closes_its_socket_after_its_frames() {
    let emulator = Emulator::builder().subscriber_queue(2).start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    // The socket's task cannot run meanwhile on the only thread, so the third notification overflows the queue.
    for room in ["a", "b", "c", "d"] {
        emulator.publish(ServerMessage { content: Some(room_created(room)) });
    }
    assert_eq!(notifications.next().await, room_created("a"));
    assert_eq!(notifications.next().await, room_created("b"));
    notifications.0.expect_close(1011, "event queue overflow").await;
    assert_eq!(emulator.subscribers(), 0);
}

#[tokio::test]
async fn pings_start_after_authentication() {
    let emulator = Emulator::builder()
        .ping_interval(Duration::from_secs(10))
        .idle_timeout(Duration::from_secs(30))
        .start()
        .await
        .unwrap();
    let mut silent = Socket::open(&emulator, PATH).await;
    let mut notifications = Notifications::open(&emulator).await;
    // Pongs keep it open for longer than the idle timeout.
    for _ in 0..20 {
        leap(Duration::from_secs(10)).await;
        assert_eq!(notifications.0.receive().await, Received::Ping);
    }
    // This socket received no ping and sent no pong.
    silent.expect_close(1000, "").await;
}

#[tokio::test]
async fn socket_path_requires_an_upgrade() {
    let emulator = Emulator::start().await.unwrap();
    let (status, body) = call(&emulator, "GET", PATH, None).await;
    assert_eq!((status, body), (400, json!({ "errors": { "detail": "Bad Request" } })));
}
