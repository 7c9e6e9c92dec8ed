//! Webhooks: targets, signature, order, batches and records.

use std::time::{Duration, Instant};

use fishjam_emulator::{
    Emulator,
    proto::fishjam::{
        ServerMessage,
        server_message::{
            Content, NotificationBatch, PeerMetadataUpdated, RecordingStatusChanged, RoomCreated, VadNotification,
        },
    },
};
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::{
    client::{Notifications, PATIENCE, add_peer, call, create_room, join},
    clock::{leap, or_stuck, settle},
    receiver::Receiver,
};

fn message(content: Content) -> ServerMessage {
    ServerMessage { content: Some(content) }
}

fn vad(room: &str) -> ServerMessage {
    message(Content::VadNotification(VadNotification { room_id: room.to_owned(), ..Default::default() }))
}

fn update(room: &str, number: usize) -> ServerMessage {
    let metadata = number.to_string();
    message(Content::PeerMetadataUpdated(PeerMetadataUpdated {
        room_id: room.to_owned(),
        metadata,
        ..Default::default()
    }))
}

#[tokio::test]
async fn each_notification_is_a_signed_post() {
    let receiver = Receiver::start().await;
    let emulator =
        Emulator::builder().webhook_url(receiver.url("/hook?a=1")).webhook_secret("secret").start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let mut socket = join(&emulator, &token).await;
    call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
    socket.expect_close(1000, "Room stopped").await;
    emulator.webhooks().idle().await;

    // The webhooks equal the notifications of the socket, in the same order.
    let mut expected = Vec::new();
    for _ in 0..6 {
        expected.push(notifications.next().await);
    }
    receiver.read(|received| {
        let contents: Vec<_> = received.iter().map(|one| one.content()).collect();
        assert_eq!(contents, expected);
        for one in received {
            assert_eq!(one.headers["content-type"], "application/x-protobuf");
            let signature = one.headers["x-fishjam-signature-256"].to_str().unwrap();
            let digits = signature.strip_prefix("sha256=").unwrap();
            assert!(digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)), "{digits}");
            let signed: Vec<u8> =
                (0..64).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
            Hmac::<Sha256>::new_from_slice(b"secret").unwrap().chain_update(&one.body).verify_slice(&signed).unwrap();
        }
    });
    let deliveries = emulator.webhooks().deliveries_for(&room);
    assert_eq!((deliveries.len(), emulator.webhooks().count()), (6, 6));
    for (delivery, content) in deliveries.iter().zip(expected) {
        assert_eq!(delivery.message().unwrap().content, Some(content));
        assert_eq!((delivery.url(), delivery.room_id()), (receiver.url("/hook?a=1").as_str(), Some(room.as_str())));
        assert_eq!((delivery.attempts(), delivery.status(), delivery.error()), (1, Some(200), None));
        assert!(delivery.is_settled() && delivery.is_delivered());
    }
    receiver.read(|received| {
        assert_eq!(deliveries[0].body(), &received[0].body[..]);
        assert_eq!(deliveries[0].signature(), received[0].headers["x-fishjam-signature-256"].to_str().ok());
    });
    emulator.webhooks().clear();
    assert_eq!((emulator.webhooks().count(), emulator.webhooks().deliveries().len()), (0, 0));
}

#[tokio::test]
async fn notifications_go_to_the_room_or_the_account() {
    let receiver = Receiver::start().await;
    let emulator = Emulator::builder().webhook_url(receiver.url("/account")).start().await.unwrap();
    let own = create_room(&emulator, json!({ "webhookUrl": receiver.url("/own") })).await;
    emulator.webhooks().idle().await;
    let other = create_room(&emulator, json!({ "webhookUrl": null })).await;
    emulator.webhooks().idle().await;
    // Rooms show the URL that they use.
    for (room, path) in [(&own, "/own"), (&other, "/account")] {
        let (_, shown) = call(&emulator, "GET", &format!("/room/{room}"), None).await;
        assert_eq!(shown["data"]["config"]["webhookUrl"], json!(receiver.url(path)));
    }
    for room in [&own, &other] {
        call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
        emulator.webhooks().idle().await;
    }
    // Notifications without a room, and of an unknown room.
    emulator.publish(message(Content::RecordingStatusChanged(RecordingStatusChanged::default())));
    emulator.webhooks().idle().await;
    emulator.publish(update("unknown", 1));
    emulator.webhooks().idle().await;
    let expected = [
        "/own RoomCreated",
        "/account RoomCreated",
        "/own RoomDeleted",
        "/account RoomDeleted",
        "/account RecordingStatusChanged",
        "/account PeerMetadataUpdated",
    ];
    assert_eq!(receiver.names(), expected);
    receiver.read(|received| assert!(!received[0].headers.contains_key("x-fishjam-signature-256")));
    assert_eq!(emulator.webhooks().deliveries()[4].room_id(), None);
    assert!(emulator.webhooks().deliveries().iter().all(|one| one.signature().is_none()));
}

#[tokio::test]
async fn livestreams_have_webhooks_too() {
    let receiver = Receiver::start().await;
    let emulator = Emulator::start().await.unwrap();
    let sent = json!({ "webhookUrl": receiver.url("/live") });
    let (status, stream) = call(&emulator, "POST", "/livestream", Some(sent)).await;
    assert_eq!(status, 201, "{stream}");
    let stream = stream["data"]["id"].as_str().unwrap();
    let (_, streamer) = call(&emulator, "POST", &format!("/livestream/{stream}/streamer"), None).await;
    assert!(emulator.connect_streamer(stream, streamer["data"]["id"].as_str().unwrap()));
    call(&emulator, "DELETE", &format!("/livestream/{stream}"), None).await;
    emulator.webhooks().idle().await;
    let expected = ["/live RoomCreated", "/live StreamerConnected", "/live StreamerDisconnected", "/live RoomDeleted"];
    assert_eq!(receiver.names(), expected);
}

#[tokio::test]
async fn webhooks_need_a_url() {
    let emulator = Emulator::builder().webhook_secret("secret").start().await.unwrap();
    create_room(&emulator, json!({})).await;
    emulator.webhooks().send_raw(*b"x");
    emulator.webhooks().idle().await;
    assert_eq!(emulator.webhooks().count(), 0);
}

const WINDOW: Duration = Duration::from_secs(30);

/// Waits until all webhooks are delivered, and moves the clock for those that wait.
async fn idle_after_leaps(emulator: &Emulator, step: Duration) {
    while or_stuck(emulator.webhooks().idle()).await.is_none() {
        leap(step).await;
    }
}

#[tokio::test]
async fn notifications_form_batches() {
    let receiver = Receiver::start().await;
    let emulator = Emulator::builder().webhook_batch_window(WINDOW).start().await.unwrap();
    let sent = json!({ "webhookUrl": receiver.url("/hook"), "batchWebhookNotifications": true });
    let room = create_room(&emulator, sent).await;
    emulator.publish(update(&room, 1));
    emulator.publish(vad(&room));
    emulator.publish(update(&room, 2));
    settle().await;
    assert!(receiver.names().is_empty(), "{:?}", receiver.names());
    idle_after_leaps(&emulator, WINDOW).await;
    let created = message(Content::RoomCreated(RoomCreated { room_id: room.clone() }));
    let batch = |notifications: Vec<ServerMessage>| Content::NotificationBatch(NotificationBatch { notifications });
    let expected = [batch(vec![created, update(&room, 1)]), vad(&room).content.unwrap(), batch(vec![update(&room, 2)])];
    receiver.read(|received| {
        assert_eq!(received.iter().map(|one| one.content()).collect::<Vec<_>>(), expected);
    });

    // Many notifications arrive without losses and duplicates.
    for number in 0..2_500 {
        emulator.publish(update(&room, number));
    }
    idle_after_leaps(&emulator, WINDOW).await;
    let members: Vec<_> = receiver.read(|received| {
        let batches = received[3..].iter().map(|one| match one.content() {
            Content::NotificationBatch(batch) => batch.notifications,
            other => panic!("{other:?}"),
        });
        batches.collect()
    });
    assert!(members.len() <= 4, "{}", members.len());
    assert_eq!(members.concat(), (0..2_500).map(|number| update(&room, number)).collect::<Vec<_>>());
}

#[tokio::test]
async fn rooms_keep_their_order_and_do_not_wait() {
    let delay = Duration::from_secs(10);
    let slow = Receiver::answering(move |number| (200, if number % 2 == 0 { delay } else { Duration::ZERO })).await;
    let fast = Receiver::start().await;
    let builder = Emulator::builder().webhook_url(fast.url("/fast")).webhook_timeout(Duration::from_secs(3600));
    let emulator = builder.start().await.unwrap();
    let first = create_room(&emulator, json!({ "webhookUrl": slow.url("/slow") })).await;
    let second = create_room(&emulator, json!({})).await;
    for number in 0..20 {
        emulator.publish(update(&first, number));
        emulator.publish(update(&second, number));
    }
    let begun = Instant::now();
    while emulator.webhooks().deliveries_for(&second).iter().filter(|one| one.is_settled()).count() < 21 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(emulator.webhooks().deliveries_for(&first).iter().filter(|one| one.is_settled()).count() < 21);
    idle_after_leaps(&emulator, delay).await;
    for (receiver, room) in [(&slow, &first), (&fast, &second)] {
        receiver.read(|received| {
            let contents: Vec<_> = received[1..].iter().map(|one| Some(one.content())).collect();
            assert_eq!(contents, (0..20).map(|number| update(room, number).content).collect::<Vec<_>>());
        });
    }
    // The next webhook is sent after the response.
    let pauses = slow.read(|received| received.windows(2).map(|two| two[1].at - two[0].at).collect::<Vec<_>>());
    assert!(pauses.iter().step_by(2).all(|pause| *pause >= delay), "{pauses:?}");
}
