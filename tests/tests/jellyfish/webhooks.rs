//! Webhooks of Jellyfish: unsigned, one notification each, equal to the events of the socket.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use fishjam_emulator::Emulator;
use fishjam_sdk::jellyfish::{
    JellyfishClient, JellyfishNotifier, RoomOptions, WebRtc,
    events::{Event, Notification},
    webhook,
};
use fishjam_tests::support::within;
use tokio::net::TcpListener;

use crate::notifier::{next, options};

type Received = Arc<Mutex<Vec<Notification>>>;

/// A receiver with a secret in its path. No other part of the request identifies the sender.
async fn receiver() -> anyhow::Result<(SocketAddr, Received)> {
    let received = Received::default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let take = {
        let received = Arc::clone(&received);
        async move |body: Bytes| {
            let Ok(Some(notification)) = webhook::receive(&body) else { return StatusCode::BAD_REQUEST };
            received.lock().unwrap_or_else(PoisonError::into_inner).push(notification);
            StatusCode::OK
        }
    };
    let app = Router::new().route("/hook/s3cr3t", post(take));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((address, received))
}

#[tokio::test]
async fn webhooks_equal_socket_events_until_the_room_ends() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let mut events = JellyfishNotifier::new(options(&emulator))?.events().await?;
    let (address, received) = receiver().await?;
    let url = format!("http://{address}/hook/s3cr3t");
    let (room, _) = jellyfish.create_room(RoomOptions::new().webhook_url(url)).await?;
    let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    jellyfish.delete_peer(&room.id, &created.peer.id).await?;
    jellyfish.delete_room(&room.id).await?;
    // A room without a URL has no webhooks.
    let (other, _) = jellyfish.create_room(RoomOptions::new()).await?;
    jellyfish.delete_room(&other.id).await?;

    let mut told = Vec::new();
    while told.last().is_none_or(|last| !matches!(last, Notification::RoomDeleted(of) if of.room_id == other.id)) {
        match next(&mut events).await? {
            Event::Notification(notification) => told.push(notification),
            other => panic!("{other:?}"),
        }
    }
    told.retain(|notification| notification.room_id() == Some(&room.id));
    within("the deliveries", emulator.webhooks().idle()).await?;
    assert_eq!(*received.lock().unwrap(), told);
    assert_eq!(
        told.iter().map(Notification::name).collect::<Vec<_>>(),
        ["room_created", "peer_added", "peer_deleted", "room_deleted"]
    );
    assert!(emulator.webhooks().deliveries().iter().all(|delivery| delivery.signature().is_none()));
    Ok(())
}

#[tokio::test]
async fn failed_delivery_is_not_repeated() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    drop(listener);
    let (room, _) = jellyfish.create_room(RoomOptions::new().webhook_url(url)).await?;
    jellyfish.delete_room(&room.id).await?;
    within("the deliveries", emulator.webhooks().idle()).await?;
    let deliveries = emulator.webhooks().deliveries();
    assert_eq!(
        deliveries.iter().map(|delivery| (delivery.attempts(), delivery.status())).collect::<Vec<_>>(),
        [(1, None); 2]
    );
    Ok(())
}
