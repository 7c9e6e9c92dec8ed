//! Start, stop and drop.

use std::time::Duration;

use fishjam_emulator::{Emulator, Error};
use serde_json::json;
use tokio::net::TcpStream;

use crate::{
    client::{Notifications, PATIENCE, Received, add_peer, create_room, http, join},
    clock::{StoppedClock, settle},
};

#[tokio::test]
async fn emulator_uses_the_given_settings() {
    let emulator = Emulator::builder().id("my-id").token("my-token").start().await.unwrap();
    assert_eq!((emulator.id(), emulator.token()), ("my-id", "my-token"));
    assert_eq!(emulator.url(), format!("{}/api/v1/connect/my-id", emulator.origin()));
    assert_eq!(emulator.certificate_pem(), None);
    let port = emulator.origin().rsplit(':').next().unwrap().parse().unwrap();
    match Emulator::builder().port(port).start().await {
        Err(Error::Bind { port: taken, .. }) => assert_eq!(taken, port),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn invalid_settings_are_rejected() {
    for builder in [
        Emulator::builder().id(""),
        Emulator::builder().id("a/b"),
        Emulator::builder().id(".."),
        Emulator::builder().token(""),
        Emulator::builder().token("a b"),
        Emulator::builder().token("a\nb"),
    ] {
        assert!(matches!(builder.start().await, Err(Error::InvalidOption { .. })));
    }
}

#[tokio::test]
async fn stop_sends_close_frames() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.origin().trim_start_matches("http://").to_owned();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let mut notifications = Notifications::open(&emulator).await;
    let mut peer = join(&emulator, &token).await;
    notifications.next().await;
    let waiting = tokio::spawn(async move {
        peer.expect_close(1001, "").await;
        while let Received::Binary(_) = notifications.0.receive().await {}
    });
    emulator.stop().await;
    waiting.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn stop_does_not_wait_for_silent_clients() {
    let emulator = Emulator::start().await.unwrap();
    // The first client never reads, so it never responds to the close frame. The second one sends no request.
    let _silent = Notifications::open(&emulator).await;
    let _idle = TcpStream::connect(emulator.origin().trim_start_matches("http://")).await.unwrap();
    tokio::time::timeout(PATIENCE, emulator.stop()).await.unwrap();
}

#[tokio::test]
async fn stop_waits_for_silent_clients_until_its_limit() {
    let emulator = Emulator::start().await.unwrap();
    let _silent = Notifications::open(&emulator).await;
    let _idle = TcpStream::connect(emulator.origin().trim_start_matches("http://")).await.unwrap();
    let clock = StoppedClock::stop();
    let stopping = tokio::spawn(emulator.stop_within(Duration::from_millis(500)));
    settle().await;
    clock.advance(Duration::from_millis(400)).await;
    assert!(!stopping.is_finished());
    clock.advance(Duration::from_millis(100)).await;
    assert!(stopping.is_finished());
}

#[tokio::test]
async fn drop_closes_everything() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.origin().trim_start_matches("http://").to_owned();
    let mut notifications = Notifications::open(&emulator).await;
    let faults = emulator.faults().clone();
    faults.on("create_room").delay(Duration::from_secs(3600));
    let url = format!("{}/room", emulator.url());
    let stuck = tokio::spawn(http().post(url).send());
    while emulator.journal().count("create_room") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let journal = emulator.journal().clone();
    drop(emulator);
    assert!(tokio::time::timeout(PATIENCE, stuck).await.unwrap().unwrap().is_err());
    assert!(matches!(notifications.0.receive().await, Received::Cut | Received::Closed(1001, _)));
    assert!(TcpStream::connect(address).await.is_err());
    assert_eq!(journal.count("create_room"), 1);
}
