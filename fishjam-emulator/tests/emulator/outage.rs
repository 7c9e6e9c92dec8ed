//! Outages: the emulator refuses connections for a while.

use std::time::Duration;

use fishjam_emulator::{Emulator, Outage};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::{
    client::{Notifications, Received, add_peer, create_room, http, join},
    clock::{StoppedClock, settle},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn address(emulator: &Emulator) -> &str {
    emulator.origin().trim_start_matches("http://")
}

/// Whether the operating system refuses a connection.
async fn is_refused(emulator: &Emulator) -> bool {
    let connected = TcpStream::connect(address(emulator)).await;
    connected.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}

#[tokio::test]
async fn outage_refuses_requests_and_drops_sockets() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (peer, token) = add_peer(&emulator, &room).await;
    let (scripted, _) = add_peer(&emulator, &room).await;
    let scripted = emulator.connect_peer(&room, &scripted, Default::default()).unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let mut stalled = Notifications::open(&emulator).await;
    emulator.server_sockets().stall(2);
    let mut socket = join(&emulator, &token).await;
    let client = http();
    let request = || client.get(format!("{}/room/{room}", emulator.url())).bearer_auth(emulator.token()).send();
    assert_eq!(request().await.unwrap().status(), 200);

    for _ in 0..2 {
        let outage = emulator.outage(Duration::MAX);
        assert!(outage.is_active() && is_refused(&emulator).await);
        // The client notices that its open connection ended, and opens a new one.
        settle().await;
        assert_eq!(emulator.connections(), 0);
        assert!(request().await.unwrap_err().is_connect());
        // Nothing else can use the port.
        assert!(TcpListener::bind(address(&emulator)).await.is_err());
        outage.end();
        assert!(!outage.is_active());
        assert_eq!(request().await.unwrap().status(), 200);
    }
    assert!(TcpListener::bind(address(&emulator)).await.is_err());
    while let Received::Binary(_) = notifications.0.receive().await {}
    while let Received::Binary(_) = stalled.0.receive().await {}
    assert_eq!(socket.receive().await, Received::Cut);
    // The peer with a client can connect again. The scripted peer was connected all the time.
    assert!(scripted.is_connected());
    emulator.connect_peer(&room, &peer, Default::default()).unwrap();
}

#[tokio::test]
async fn requests_in_flight_get_no_response() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("create_room").delay(DAY);
    let url = format!("{}/room", emulator.url());
    let stuck = tokio::spawn(http().post(url).bearer_auth(emulator.token()).send());
    while emulator.journal().count("create_room") == 0 {
        tokio::task::yield_now().await;
    }
    let outage = emulator.outage(DAY);
    assert!(stuck.await.unwrap().is_err());
    outage.end();
    create_room(&emulator, json!({})).await;
}

#[tokio::test]
async fn outage_ends_after_its_duration() {
    let emulator = Emulator::start().await.unwrap();
    let clock = StoppedClock::stop();
    let outage = emulator.outage(Duration::from_secs(10));
    clock.advance(Duration::from_secs(9)).await;
    assert!(outage.is_active() && is_refused(&emulator).await);
    clock.advance(Duration::from_secs(1)).await;
    outage.ended().await;
    create_room(&emulator, json!({})).await;
}

#[tokio::test]
async fn newest_outage_decides_when_it_ends() {
    let emulator = Emulator::start().await.unwrap();
    let clock = StoppedClock::stop();
    let first = emulator.outage(Duration::from_secs(10));
    let second = emulator.outage(Duration::from_secs(30));
    first.ended().await;
    first.end();
    clock.advance(Duration::from_secs(20)).await;
    assert!(!first.is_active() && second.is_active() && is_refused(&emulator).await);
    clock.advance(Duration::from_secs(10)).await;
    assert!(!second.is_active() && !is_refused(&emulator).await);
}

#[tokio::test]
async fn stopped_emulator_frees_its_port_in_an_outage() {
    let emulator = Emulator::start().await.unwrap();
    let address = address(&emulator).to_owned();
    let outage = emulator.outage(DAY);
    drop(emulator);
    let _other = TcpListener::bind(&address).await.unwrap();
    outage.end();
    settle().await;
}

#[test]
fn shared_emulator_has_outages_without_a_runtime() {
    let emulator = Emulator::start_blocking().unwrap();
    let check = |outage: &Outage| {
        let refused = std::net::TcpStream::connect(address(&emulator)).is_err();
        assert_eq!(refused, outage.is_active());
    };
    let outage = emulator.outage(Duration::MAX);
    check(&outage);
    outage.end();
    check(&outage);
}

#[tokio::test]
async fn jellyfish_has_outages_too() {
    let jellyfish = Emulator::jellyfish().start().await.unwrap();
    let health = || http().get(format!("{}/health", jellyfish.origin())).bearer_auth(jellyfish.token()).send();
    let outage = jellyfish.outage(DAY);
    assert!(health().await.unwrap_err().is_connect());
    outage.end();
    assert_eq!(health().await.unwrap().status(), 200);
}
