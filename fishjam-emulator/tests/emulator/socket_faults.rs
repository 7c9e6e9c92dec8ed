//! Failures of sockets between the upgrade and the subscription.

use std::time::{Duration, Instant};

use fishjam_emulator::{
    Emulator,
    proto::fishjam::{
        ServerMessage,
        peer_message::{Content as PeerContent, MediaEvent},
        server_message::{Authenticated, Content, RoomCreated, SubscribeResponse},
    },
};
use prost::Message as _;
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;

use crate::{
    client::{
        Notifications, PATIENCE, Received, Socket, add_peer, auth, create_room, join, peer_auth, peer_content,
        server_frame, subscribe,
    },
    clock::leap,
};

const PATH: &str = "/socket/server/websocket";

fn created(room: &str) -> ServerMessage {
    ServerMessage { content: Some(Content::RoomCreated(RoomCreated { room_id: room.to_owned() })) }
}

fn authenticated() -> Received {
    Received::Binary(server_frame(Content::Authenticated(Authenticated {})))
}

fn subscribed() -> Received {
    Received::Binary(server_frame(Content::SubscribeResponse(SubscribeResponse { event_type: 1 })))
}

#[tokio::test]
async fn fault_rejects_the_upgrade() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("server_socket").times(2).status(503);
    let url = format!("{}{PATH}", emulator.url().replacen("http", "ws", 1));
    for _ in 0..2 {
        assert!(connect_async(&url).await.unwrap_err().to_string().contains("503"));
    }
    Notifications::open(&emulator).await;
    // The refused requests never became sockets.
    assert_eq!(emulator.server_sockets().connections(), 1);
}

#[tokio::test]
async fn fault_closes_an_accepted_socket() {
    let emulator = Emulator::start().await.unwrap();
    let fault = emulator.faults().on("server_socket").times(2).accept_and_close(1013, "try again later");
    for _ in 0..2 {
        let mut socket = Socket::open(&emulator, PATH).await;
        socket.expect_close(1013, "try again later").await;
    }
    Notifications::open(&emulator).await;
    assert_eq!((fault.hits(), emulator.server_sockets().connections()), (2, 3));
}

#[tokio::test]
async fn fault_rejects_the_token_of_some_sockets() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("server_socket").always().after(1).refuse_token();
    let mut first = Notifications::open(&emulator).await;
    for _ in 0..2 {
        let mut socket = Socket::open(&emulator, PATH).await;
        socket.binary(auth(emulator.token())).await;
        socket.expect_close(1000, "invalid token").await;
    }
    emulator.faults().clear();
    Notifications::open(&emulator).await;
    // The socket that was accepted before stays open.
    emulator.publish(created("a"));
    assert_eq!(first.next().await, created("a").content.unwrap());
}

#[tokio::test]
async fn fault_delays_the_response_to_the_token() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("server_socket").delay_authentication(Duration::from_millis(150));
    let begun = Instant::now();
    // The client sends both frames at the same time, and the second frame is not lost.
    Notifications::open(&emulator).await;
    assert!(begun.elapsed() >= Duration::from_millis(150));

    emulator.faults().on("server_socket").delay_authentication(Duration::from_secs(3600));
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(auth(emulator.token())).await;
    socket.expect_silence().await;
    emulator.server_sockets().close_all(1011, "");
    socket.expect_close(1011, "").await;
}

#[tokio::test]
async fn fault_withholds_the_response_to_the_token() {
    let emulator = Emulator::builder().idle_timeout(Duration::from_secs(30)).start().await.unwrap();
    emulator.faults().on("server_socket").ignore_token();
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(auth(emulator.token())).await;
    socket.binary(subscribe(1)).await;
    socket.expect_silence().await;
    assert_eq!(emulator.subscribers(), 0);
    // The service's own limit still holds.
    leap(Duration::from_secs(30)).await;
    socket.expect_close(1000, "").await;
}

#[tokio::test]
async fn fault_replaces_the_response_to_the_token() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("server_socket").answer_token_with(&created("a"));
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(auth(emulator.token())).await;
    assert_eq!(socket.receive().await, Received::Binary(created("a").encode_to_vec()));
    socket.binary(subscribe(1)).await;
    assert_eq!(socket.receive().await, subscribed());
    // A wrong token is still refused.
    emulator.faults().on("server_socket").answer_token_with(&created("a"));
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(auth("wrong")).await;
    socket.expect_close(1000, "invalid token").await;
}

#[tokio::test]
async fn fault_withholds_the_response_to_the_subscription() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("server_socket").ignore_subscription();
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(auth(emulator.token())).await;
    assert_eq!(socket.receive().await, authenticated());
    socket.binary(subscribe(1)).await;
    emulator.publish(created("a"));
    socket.expect_silence().await;
}

#[tokio::test]
async fn fault_sends_messages_before_the_subscription_response() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("server_socket").before_subscription(&created("a")).before_subscription(&created("b"));
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(auth(emulator.token())).await;
    socket.binary(subscribe(1)).await;
    assert_eq!(socket.receive().await, authenticated());
    for room in ["a", "b"] {
        assert_eq!(socket.receive().await, Received::Binary(created(room).encode_to_vec()));
    }
    assert_eq!(socket.receive().await, subscribed());
    emulator.publish(created("c"));
    assert_eq!(socket.receive().await, Received::Binary(created("c").encode_to_vec()));
    assert_eq!(emulator.server_sockets().written(1).unwrap().messages(), ["a", "b", "c"].map(created));
}

#[tokio::test]
async fn test_waits_for_subscribers() {
    let emulator = Emulator::start().await.unwrap();
    let sockets = emulator.server_sockets().clone();
    let waiting = tokio::spawn(async move { sockets.wait_for_subscribers(2).await });
    let _first = Notifications::open(&emulator).await;
    assert!(!waiting.is_finished());
    let _second = Notifications::open(&emulator).await;
    timeout(PATIENCE, waiting).await.unwrap().unwrap();
}

#[tokio::test]
async fn handshake_faults_affect_peers() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let path = "/socket/peer/websocket";
    emulator.faults().on("peer_socket").accept_and_close(1011, "");
    Socket::open(&emulator, path).await.expect_close(1011, "").await;
    emulator.faults().on("peer_socket").refuse_token();
    let mut socket = Socket::open(&emulator, path).await;
    socket.binary(peer_auth(&token)).await;
    socket.expect_close(1000, "invalid token").await;
    emulator.faults().on("peer_socket").ignore_token();
    let mut socket = Socket::open(&emulator, path).await;
    socket.binary(peer_auth(&token)).await;
    socket.expect_silence().await;
    let other = PeerContent::MediaEvent(MediaEvent { data: "{}".to_owned() });
    let message = fishjam_emulator::proto::fishjam::PeerMessage { content: Some(other.clone()) };
    emulator.faults().on("peer_socket").answer_token_with(&message).delay_authentication(Duration::from_millis(50));
    let mut socket = Socket::open(&emulator, path).await;
    socket.binary(peer_auth(&token)).await;
    assert_eq!(peer_content(&mut socket).await, other);
    drop(socket);
    emulator.peer_sockets().wait_for_count(1).await;
    join(&emulator, &token).await;
}
