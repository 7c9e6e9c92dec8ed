//! A dashboard of all rooms: server-sent events, manual subscriptions and a graceful shutdown in an axum application.
//!
//! ```sh
//! cargo run --example dashboard --features axum
//! ```
//!
//! | request | response |
//! |---|---|
//! | `GET /rooms` | all rooms, then each change, as server-sent events |
//! | `POST /rooms/{room}/peers/{peer}/watch/{other}` | the room, after `peer` subscribed to `other` |
//!
//! Without settings, the example starts an emulator with a scripted peer, reads the events and shuts down. With
//! `FISHJAM_ID` and `FISHJAM_MANAGEMENT_TOKEN`, it serves `http://localhost:3000` until you press Ctrl+C. If Fishjam is
//! down when the example starts, the example waits for Fishjam.

use std::{env, sync::Arc};

use anyhow::{Context, ensure};
use axum::{
    BoxError, Json, Router,
    extract::{Path, State},
    response::sse::{Event, Sse},
    routing::{get, post},
};
use fishjam_emulator::{Emulator, ScriptedPeerOptions, TrackKind};
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, PeerId, PeerOptions, Result, Room, RoomChange, RoomId, RoomOptions, RoomsView,
    SubscribeMode,
};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if env::var_os("FISHJAM_ID").is_none() {
        return try_on_emulator().await;
    }
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("open http://{}/rooms", listener.local_addr()?);
    let ctrl_c = async { drop(tokio::signal::ctrl_c().await) };
    serve(listener, FishjamClient::from_env()?, FishjamNotifier::from_env()?, ctrl_c).await
}

/// Serves the dashboard until the shutdown is requested.
async fn serve(
    listener: TcpListener,
    fishjam: FishjamClient,
    notifier: FishjamNotifier,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let view = RoomsView::start(&fishjam, &notifier).await?;
    let application = Router::new()
        .route("/rooms", get(rooms).with_state(view.clone()))
        .route("/rooms/{room}/peers/{peer}/watch/{other}", post(watch).with_state((fishjam, view)));
    let closing = notifier.clone();
    let shutdown = async move {
        shutdown.await;
        // The server waits for all open responses. This ends their streams.
        closing.close();
    };
    axum::serve(listener, application).with_graceful_shutdown(shutdown).await?;
    notifier.closed().await;
    Ok(())
}

/// Sends the current rooms and all later changes. The response ends with the changes.
async fn rooms(State(view): State<RoomsView>) -> Sse<impl Stream<Item = Result<Event, BoxError>>> {
    // The changes come first, so that none is missing between the list and the changes.
    let changes = view.changes();
    let current = stream::iter(view.list()).map(|room| Ok(RoomChange::Room(room)));
    Sse::new(current.chain(changes).map(|change| Ok(event(&change?)?)))
}

fn event(change: &RoomChange) -> Result<Event, axum::Error> {
    match change {
        RoomChange::Room(room) => Event::default().event("room").json_data(room.as_ref()),
        RoomChange::Gone(id) => Event::default().event("gone").json_data(id),
        // The page loads the list again.
        _ => Ok(Event::default().event("reload").data("")),
    }
}

/// Subscribes a peer to all tracks of another peer. No notification reports this, so the view reads the room again.
async fn watch(
    State((fishjam, view)): State<(FishjamClient, RoomsView)>,
    Path((room, peer, other)): Path<(RoomId, PeerId, PeerId)>,
) -> Result<Json<Room>> {
    fishjam.subscribe_peer(&room, &peer, &other).await?;
    Ok(Json(Arc::unwrap_or_clone(view.refresh(&room).await?)))
}

/// Reads the events of a scripted peer and of a subscription, and checks that the shutdown ends the response.
async fn try_on_emulator() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let application = tokio::spawn(serve(listener, fishjam.clone(), notifier, async { drop(stopped.await) }));

    let browser = reqwest::Client::builder().no_proxy().build()?;
    let mut events = browser.get(format!("{url}/rooms")).send().await?.error_for_status()?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (ada, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let (viewer, _token) =
        fishjam.create_peer(&room.id, PeerOptions::new().subscribe_mode(SubscribeMode::Manual)).await?;
    let camera = json!({ "type": "camera" });
    emulator.connect_peer(&room.id, &ada.id, ScriptedPeerOptions::new().track(TrackKind::Video, camera))?;
    read_until(&mut events, r#"{"type":"camera"}"#).await?;
    println!("The dashboard shows the camera of a peer.");

    let watch = format!("{url}/rooms/{}/peers/{}/watch/{}", room.id, viewer.id, ada.id);
    let watched: Room = browser.post(watch).send().await?.error_for_status()?.json().await?;
    ensure!(watched.peers.iter().any(|peer| peer.subscriptions.peers == [ada.id.clone()]), "no subscription");
    read_until(&mut events, &format!(r#""peers":["{}"]"#, ada.id)).await?;
    println!("The dashboard shows the subscription.");

    fishjam.delete_room(&room.id).await?;
    read_until(&mut events, "event: gone").await?;
    drop(stop);
    while events.chunk().await?.is_some() {}
    application.await??;
    println!("The response and the application have ended.");
    Ok(())
}

async fn read_until(events: &mut reqwest::Response, expected: &str) -> anyhow::Result<()> {
    let mut received = String::new();
    while !received.contains(expected) {
        let chunk = events.chunk().await?.context("the response ended")?;
        received.push_str(&String::from_utf8_lossy(&chunk));
    }
    Ok(())
}
