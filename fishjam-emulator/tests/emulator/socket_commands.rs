//! Commands of a test to open sockets, and their logs.

use std::time::{Duration, Instant};

use fishjam_emulator::{
    Emulator,
    proto::fishjam::{
        ServerMessage,
        server_message::{Content, PeerMetadataUpdated, SubscribeResponse},
    },
};
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use serde_json::json;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::{
    client::{
        Notifications, PATIENCE, Received, Socket, add_peer, auth, call, create_room, join, server_frame, subscribe,
    },
    clock::{at_once, leap},
};

fn update(number: u64) -> ServerMessage {
    let metadata = number.to_string();
    let updated = PeerMetadataUpdated { room_id: "r".to_owned(), metadata, ..Default::default() };
    ServerMessage { content: Some(Content::PeerMetadataUpdated(updated)) }
}

/// Receives all frames until the connection ends.
async fn rest(socket: &mut Socket) -> (Vec<ServerMessage>, Received) {
    let mut messages = Vec::new();
    loop {
        match socket.receive().await {
            Received::Binary(bytes) => messages.push(ServerMessage::decode(&bytes[..]).unwrap()),
            Received::Ping => {}
            end => return (messages, end),
        }
    }
}

#[tokio::test]
async fn sockets_close_with_a_code() {
    let emulator = Emulator::start().await.unwrap();
    let sockets = emulator.server_sockets();
    let mut first = Notifications::open(&emulator).await;
    let mut unsubscribed = Socket::open(&emulator, "/socket/server/websocket").await;
    sockets.wait_for_connections(2).await;
    assert_eq!((sockets.count(), sockets.numbers(), emulator.subscribers()), (2, vec![1, 2], 1));
    assert_eq!(sockets.close_all(4001, "enough"), 2);
    first.0.expect_close(4001, "enough").await;
    unsubscribed.expect_close(4001, "enough").await;
    sockets.wait_for_count(0).await;
    assert_eq!((sockets.connections(), sockets.close_all(1011, ""), emulator.subscribers()), (2, 0, 0));

    // New connections behave normally, and one of several can be picked.
    let mut second = Notifications::open(&emulator).await;
    let mut third = Notifications::open(&emulator).await;
    assert!(sockets.close(3, 1011, "") && !sockets.close(9, 1011, ""));
    second.0.expect_close(1011, "").await;
    emulator.publish(update(1));
    assert_eq!(third.next().await, update(1).content.unwrap());
}

#[tokio::test]
async fn sockets_drop_without_a_close_frame() {
    let emulator = Emulator::start().await.unwrap();
    for one in [true, false] {
        let mut notifications = Notifications::open(&emulator).await;
        let number = emulator.server_sockets().connections();
        for count in 0..100 {
            emulator.publish(update(count));
        }
        while emulator.server_sockets().written(number).unwrap().written() < 100 {
            sleep(Duration::from_millis(1)).await;
        }
        assert!(if one {
            emulator.server_sockets().drop_one(number)
        } else {
            emulator.server_sockets().drop_all() == 1
        });
        // Frames that were written before still arrive.
        let (messages, end) = rest(&mut notifications.0).await;
        assert_eq!((messages.len(), end), (100, Received::Cut));
        let record = emulator.server_sockets().written(number).unwrap();
        assert_eq!((record.messages(), record.written(), record.flushed()), (messages, 100, 100));
    }
    emulator.server_sockets().wait_for_count(0).await;
}

#[tokio::test]
async fn sockets_reset() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    assert_eq!(emulator.server_sockets().reset_all(), 1);
    match timeout(PATIENCE, notifications.0.0.next()).await.unwrap() {
        Some(Err(Error::Io(error))) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        other => panic!("{other:?}"),
    }
    assert!(!emulator.server_sockets().reset(1));
}

#[tokio::test]
async fn stalled_sockets_stay_half_open() {
    let emulator = Emulator::builder()
        .ping_interval(Duration::from_secs(10))
        .idle_timeout(Duration::from_secs(30))
        .start()
        .await
        .unwrap();
    let sockets = emulator.server_sockets();
    let mut stalled = Notifications::open(&emulator).await;
    leap(Duration::from_secs(10)).await;
    assert_eq!(stalled.0.receive().await, Received::Ping);
    assert_eq!(sockets.stall_all(), 1);
    while emulator.subscribers() > 0 {
        sleep(Duration::from_millis(1)).await;
    }
    emulator.publish(update(1));
    leap(Duration::from_secs(60)).await;
    stalled.0.0.send(Message::Ping(Default::default())).await.unwrap();
    stalled.0.text("not allowed").await;
    stalled.0.expect_silence().await;
    assert_eq!((sockets.count(), sockets.written(1).unwrap().written()), (1, 0));

    let mut normal = Notifications::open(&emulator).await;
    leap(Duration::from_secs(10)).await;
    assert_eq!(normal.0.receive().await, Received::Ping);
    assert!(sockets.drop_one(1));
    assert!(matches!(stalled.0.receive().await, Received::Cut));
}

#[tokio::test]
async fn stalled_socket_does_not_delay_the_stop() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    assert!(emulator.server_sockets().stall(1));
    while emulator.subscribers() > 0 {
        sleep(Duration::from_millis(1)).await;
    }
    at_once(emulator.stop()).await;
    assert_eq!(notifications.0.receive().await, Received::Cut);
}

#[tokio::test]
async fn unexpected_frames_are_sent() {
    let emulator = Emulator::start().await.unwrap();
    let sockets = emulator.server_sockets();
    let mut notifications = Notifications::open(&emulator).await;
    emulator.publish(update(1));
    sockets.send_raw(*b"\xff\xff");
    sockets.send_text("text");
    sockets.send_oversized(100_000);
    sockets.duplicate_last();
    emulator.publish(update(2));
    sockets.duplicate_last();
    assert_eq!(notifications.next().await, update(1).content.unwrap());
    assert_eq!(notifications.0.receive().await, Received::Binary(vec![0xff, 0xff]));
    assert_eq!(notifications.0.0.next().await.unwrap().unwrap(), Message::Text("text".into()));
    for _ in 0..2 {
        match notifications.0.receive().await {
            Received::Binary(frame) => {
                assert_eq!(frame.len(), 100_000);
                assert_eq!(ServerMessage::decode(&frame[..]).unwrap(), ServerMessage::default());
            }
            other => panic!("{other:?}"),
        }
    }
    for _ in 0..2 {
        assert_eq!(notifications.next().await, update(2).content.unwrap());
    }
    let frames: Vec<Vec<u8>> = sockets.written(1).unwrap().frames().map(<[u8]>::to_vec).collect();
    assert_eq!(
        frames,
        [update(1).encode_to_vec(), vec![0xff, 0xff], update(2).encode_to_vec(), update(2).encode_to_vec()]
    );
}

#[tokio::test]
async fn frame_is_sent_before_the_subscription() {
    let emulator = Emulator::start().await.unwrap();
    let mut socket = Socket::open(&emulator, "/socket/server/websocket").await;
    socket.binary(auth(emulator.token())).await;
    assert!(matches!(socket.receive().await, Received::Binary(_)));
    emulator.server_sockets().send_raw(update(1).encode_to_vec());
    assert_eq!(socket.receive().await, Received::Binary(update(1).encode_to_vec()));
    socket.binary(subscribe(1)).await;
    let subscribed = server_frame(Content::SubscribeResponse(SubscribeResponse { event_type: 1 }));
    assert_eq!(socket.receive().await, Received::Binary(subscribed));
}

#[tokio::test]
async fn slow_reader_receives_a_burst() {
    const COUNT: u64 = 100_000;
    let emulator = Emulator::builder().socket_journal(250_000).start().await.unwrap();
    let mut slow = Notifications::open(&emulator).await;
    let mut late = Notifications::open(&emulator).await;
    emulator.server_sockets().burst(COUNT, update);
    emulator.publish(update(COUNT));
    let begun = Instant::now();
    for number in 0..=COUNT {
        if number % 20_000 == 0 {
            sleep(Duration::from_millis(30)).await;
        }
        assert_eq!(slow.next().await, update(number).content.unwrap());
    }
    // This client has read nothing so far.
    for number in 0..=COUNT {
        assert_eq!(late.0.receive().await, Received::Binary(update(number).encode_to_vec()));
    }
    println!("2 x {COUNT} notifications in {:?}", begun.elapsed());
    for number in [1, 2] {
        let record = emulator.server_sockets().written(number).unwrap();
        assert_eq!((record.is_open(), record.written()), (true, COUNT + 1));
        assert!(record.frames().eq((0..=COUNT).map(|number| update(number).encode_to_vec())));
    }
    emulator.server_sockets().clear_written();
    let record = emulator.server_sockets().written(1).unwrap();
    assert_eq!((record.frames().count(), record.written()), (0, COUNT + 1));
}

#[tokio::test]
async fn log_equals_received_frames_after_random_commands() {
    let emulator = Emulator::start().await.unwrap();
    let publisher = async {
        for number in 0.. {
            emulator.publish(update(number));
            if number % 50 == 0 {
                sleep(Duration::from_millis(1)).await;
            }
        }
    };
    let subscriber = async {
        for round in 1..=40_u64 {
            let mut notifications = Notifications::open(&emulator).await;
            let interrupt = async {
                sleep(Duration::from_millis(round % 7)).await;
                match round % 2 {
                    0 => emulator.server_sockets().drop_one(round),
                    _ => emulator.server_sockets().close(round, 1012, "restart"),
                }
            };
            let ((messages, end), ordered) = futures_util::future::join(rest(&mut notifications.0), interrupt).await;
            assert!(ordered);
            let expected = if round % 2 == 0 { Received::Cut } else { Received::Closed(1012, "restart".to_owned()) };
            assert_eq!(end, expected);
            let record = emulator.server_sockets().written(round).unwrap();
            assert_eq!((record.written(), record.flushed()), (messages.len() as u64, messages.len() as u64));
            assert_eq!(record.messages(), messages, "round {round}");
        }
    };
    tokio::select! {
        () = publisher => {}
        () = subscriber => {}
    }
}

#[tokio::test]
async fn command_reaches_a_socket_that_is_not_read() {
    let emulator = Emulator::start().await.unwrap();
    let mut blocked = Notifications::open(&emulator).await;
    // More bytes than the buffers between the two sides hold.
    for _ in 0..40 {
        emulator.publish_raw(vec![0; 1_000_000]);
    }
    while emulator.server_sockets().written(1).unwrap().written() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    sleep(Duration::from_millis(50)).await;
    emulator.server_sockets().close_all(1011, "");
    timeout(PATIENCE, emulator.server_sockets().wait_for_count(0)).await.unwrap();
    let record = emulator.server_sockets().written(1).unwrap();
    assert!(record.written() < 40 && record.flushed() <= record.written(), "{record:?}");
    let mut whole = 0;
    while let Received::Binary(_) = blocked.0.receive().await {
        whole += 1;
    }
    assert!(whole <= record.written() && whole >= record.flushed(), "{whole} {record:?}");
}

#[tokio::test]
async fn commands_end_peer_sockets() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let mut peer = join(&emulator, &token).await;
    let sockets = emulator.peer_sockets();
    assert_eq!((sockets.count(), sockets.connections(), emulator.server_sockets().connections()), (1, 1, 0));
    sockets.send_raw(*b"\xff");
    assert_eq!(peer.receive().await, Received::Binary(vec![0xff]));
    sockets.close_all(1011, "crash");
    peer.expect_close(1011, "crash").await;
    sockets.wait_for_count(0).await;
    let status =
        async || call(&emulator, "GET", &format!("/room/{room}"), None).await.1["data"]["peers"][0]["status"].clone();
    while status().await != "disconnected" {}
    let mut peer = join(&emulator, &token).await;
    assert_eq!(sockets.drop_all(), 1);
    assert_eq!(peer.receive().await, Received::Cut);
    while status().await != "disconnected" {}
}
