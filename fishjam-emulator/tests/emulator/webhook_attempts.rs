//! Failing webhooks: retries, errors and the end; raw bodies, secrets and settings.

use std::time::Duration;

use fishjam_emulator::{
    Emulator, Error,
    proto::fishjam::{
        ServerMessage,
        server_message::{Content, PeerMetadataUpdated},
    },
};
use serde_json::json;

use crate::{
    client::{call, create_room},
    clock::{at_once, leap},
    receiver::Receiver,
};

#[tokio::test]
async fn server_errors_and_timeouts_are_retried_in_order() {
    let limit = Duration::from_secs(60);
    let receiver = Receiver::answering(|number| match number {
        0 => (503, Duration::ZERO),
        1 => (200, Duration::from_secs(3600)),
        _ => (204, Duration::ZERO),
    })
    .await;
    let emulator = Emulator::builder()
        .webhook_url(receiver.url("/hook"))
        .webhook_retry_wait(Duration::from_millis(20))
        .webhook_timeout(limit)
        .webhook_secret("secret")
        .start()
        .await
        .unwrap();
    let room = create_room(&emulator, json!({})).await;
    call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
    while receiver.names().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    leap(limit).await;
    emulator.webhooks().idle().await;
    let expected = ["/hook RoomCreated", "/hook RoomCreated", "/hook RoomCreated", "/hook RoomDeleted"];
    assert_eq!(receiver.names(), expected);
    receiver.read(|received| {
        assert_eq!((&received[0].body, &received[0].headers["x-fishjam-signature-256"]), {
            (&received[2].body, &received[2].headers["x-fishjam-signature-256"])
        });
    });
    let attempts: Vec<_> = emulator.webhooks().deliveries().iter().map(|one| (one.attempts(), one.status())).collect();
    assert_eq!(attempts, [(3, Some(204)), (1, Some(204))]);
}

#[tokio::test]
async fn client_errors_and_redirects_are_final_and_retries_end() {
    for (status, retries, attempts) in [(400, 3, 1), (401, 3, 1), (302, 3, 1), (500, 3, 4), (500, 0, 1)] {
        let receiver = Receiver::answering(move |_| (status, Duration::ZERO)).await;
        let emulator = Emulator::builder()
            .webhook_url(receiver.url("/hook"))
            .webhook_retries(retries)
            .webhook_retry_wait(Duration::from_millis(2))
            .start()
            .await
            .unwrap();
        create_room(&emulator, json!({})).await;
        emulator.webhooks().idle().await;
        let delivery = &emulator.webhooks().deliveries()[0];
        assert_eq!((delivery.attempts(), delivery.status()), (attempts, Some(status)));
        assert!(delivery.is_settled() && !delivery.is_delivered());
        assert_eq!(receiver.names().len(), attempts as usize);
    }
}

#[tokio::test]
async fn missing_receivers_are_reported() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", gone.local_addr().unwrap());
    drop(gone);
    let emulator = Emulator::builder().webhook_retries(2).webhook_retry_wait(Duration::from_millis(2));
    let emulator = emulator.start().await.unwrap();
    for (url, attempts) in [(url.as_str(), 3), ("https://127.0.0.1:1/hook", 1), ("http://a b/", 1)] {
        let room = create_room(&emulator, json!({ "webhookUrl": url })).await;
        emulator.webhooks().idle().await;
        let delivery = &emulator.webhooks().deliveries_for(&room)[0];
        assert_eq!((delivery.attempts(), delivery.status()), (attempts, None), "{delivery:?}");
        assert!(delivery.is_settled() && delivery.error().is_some());
    }
}

#[tokio::test]
async fn raw_bodies_are_signed_with_the_current_secret() {
    let receiver = Receiver::start().await;
    let emulator = Emulator::builder().webhook_url(receiver.url("/hook")).webhook_secret("one").start().await.unwrap();
    for secret in [Some("one"), Some("two"), None] {
        emulator.webhooks().set_secret(secret);
        emulator.webhooks().send_raw(*b"\xff\xff");
        emulator.webhooks().idle().await;
    }
    let signatures: Vec<_> =
        emulator.webhooks().deliveries().iter().map(|one| one.signature().map(str::to_owned)).collect();
    assert!(signatures[0].is_some() && signatures[1].is_some() && signatures[0] != signatures[1]);
    assert_eq!(signatures[2], None);
    receiver.read(|received| assert!(received.iter().all(|one| &one.body[..] == b"\xff\xff")));
    assert_eq!(emulator.webhooks().deliveries()[0].message(), None);
}

#[tokio::test]
async fn stopping_ends_deliveries() {
    let receiver = Receiver::answering(|_| (503, Duration::ZERO)).await;
    let emulator = Emulator::builder().webhook_url(receiver.url("/hook")).start().await.unwrap();
    create_room(&emulator, json!({})).await;
    let webhooks = emulator.webhooks().clone();
    while webhooks.deliveries().first().is_none_or(|one| one.attempts() == 0) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    emulator.stop().await;
    // The remaining deliveries are dropped, so `idle` returns.
    at_once(webhooks.idle()).await;
    assert!(!webhooks.deliveries()[0].is_settled());
}

#[tokio::test]
async fn invalid_webhook_settings_are_rejected() {
    for builder in [
        Emulator::builder().webhook_url("http://host"),
        Emulator::builder().webhook_url("https://host/"),
        Emulator::builder().webhook_url(""),
        Emulator::builder().webhook_secret(""),
    ] {
        assert!(matches!(builder.start().await, Err(Error::InvalidOption { .. })));
    }
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let receiver = Receiver::start().await;
    let builder = Emulator::builder().webhook_url(receiver.url("/hook?sentinel")).webhook_secret("sentinel");
    let printed = format!("{builder:?}");
    let emulator = builder.start().await.unwrap();
    let metadata = "sentinel".to_owned();
    let updated = PeerMetadataUpdated { metadata, room_id: "room".to_owned(), ..Default::default() };
    emulator.publish(ServerMessage { content: Some(Content::PeerMetadataUpdated(updated)) });
    emulator.webhooks().idle().await;
    let printed = format!("{printed} {emulator:?} {:?} {:?}", emulator.webhooks(), emulator.webhooks().deliveries());
    assert!(printed.contains("attempts: 1"));
    assert!(!printed.contains("sentinel"), "{printed}");
}
