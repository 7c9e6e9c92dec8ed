//! A dashboard that shows all rooms live, and lets its user decide which peer receives which tracks.
//!
//! | request | response |
//! |---|---|
//! | `GET /` | the web page |
//! | `GET /events` | all rooms, then each change, as server-sent events |
//! | `PUT /rooms/{room}/peers/{peer}/subscriptions/peers/{publisher}` | 204, after the peer subscribed to the publisher |
//! | `PUT /rooms/{room}/peers/{peer}/subscriptions/tracks/{track}` | 204, after the peer subscribed to the track |
//! | `GET /health` | 200 while the dashboard follows all events, otherwise 503 |
//!
//! Settings: `FISHJAM_ID`, `FISHJAM_MANAGEMENT_TOKEN`, `LISTEN` (default `127.0.0.1:3000`) and `RUST_LOG`.

use std::{env, future::ready, io, pin::pin, time::Duration};

use anyhow::Context;
use axum::{
    BoxError, Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{
        Html, IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, put},
};
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, Peer, PeerId, Result, Room, RoomChange, RoomChanges, RoomId, RoomsView, TrackId,
};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, time::timeout};
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

const PAGE: &str = include_str!("../static/index.html");
/// The page is one file, so the browser must load nothing else.
const CONTENT_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'";
/// Wait of a browser before it requests `/events` again.
const RETRY: Duration = Duration::from_secs(1);
/// Limit for the responses that are still open at the end of the program.
const SHUTDOWN: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Dashboard {
    fishjam: FishjamClient,
    view: RoomsView,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let mut interrupted = pin!(tokio::signal::ctrl_c());

    let (fishjam, notifier) = (FishjamClient::from_env()?, FishjamNotifier::from_env()?);
    let view = tokio::select! {
        // Waits while Fishjam is not available.
        view = RoomsView::start(&fishjam, &notifier) => view?,
        _ = &mut interrupted => return Ok(()),
    };
    let mut changes = view.changes();
    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await.with_context(|| format!("cannot listen on {address}"))?;
    println!("listening on http://{}", listener.local_addr()?);

    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, routes(Dashboard { fishjam, view }));
    let server = tokio::spawn(server.with_graceful_shutdown(async { drop(stopped.await) }).into_future());
    let end = tokio::select! {
        _ = &mut interrupted => Ok(()),
        end = ended(&mut changes) => end,
    };

    // The server waits for all open responses. This ends the streams of events.
    notifier.close();
    drop((stop, changes));
    match timeout(SHUTDOWN, server).await {
        Ok(served) => served??,
        Err(_) => warn!("stopped before a client had read its response"),
    }
    notifier.closed().await;
    end
}

fn routes(dashboard: Dashboard) -> Router {
    let subscriptions = "/rooms/{room}/peers/{peer}/subscriptions";
    Router::new()
        .route("/", get(page))
        .route("/events", get(events))
        .route("/health", get(health))
        .route(&format!("{subscriptions}/peers/{{publisher}}"), put(subscribe_to_peer))
        .route(&format!("{subscriptions}/tracks/{{track}}"), put(subscribe_to_track))
        .with_state(dashboard)
}

/// Returns the reason why the view cannot continue, for example a revoked management token.
async fn ended(changes: &mut RoomChanges) -> anyhow::Result<()> {
    while let Some(change) = changes.receive().await {
        change.context("cannot follow the rooms anymore")?;
    }
    Ok(())
}

async fn page() -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY)], Html(PAGE))
}

/// Sends all rooms, and then each change. The stream ends with the view.
async fn events(State(dashboard): State<Dashboard>) -> Sse<impl Stream<Item = Result<Event, BoxError>>> {
    let view = dashboard.view;
    // The changes come first, so that none is missing between the list and the changes.
    let changes = view.changes();
    let all = all_rooms(&view).map(|event| event.retry(RETRY)).map_err(BoxError::from);
    let changes = changes.map(move |change| {
        Ok(match change? {
            RoomChange::Room(room) => Event::default().event("room").json_data(RoomState::from(&*room))?,
            RoomChange::Gone(id) => Event::default().event("gone").json_data(id)?,
            // The browser was too slow, and changes were dropped.
            _ => all_rooms(&view)?,
        })
    });
    Sse::new(stream::once(ready(all)).chain(changes)).keep_alive(KeepAlive::default())
}

/// Replaces all rooms that the page shows.
fn all_rooms(view: &RoomsView) -> Result<Event, axum::Error> {
    let rooms = view.list();
    Event::default().event("rooms").json_data(rooms.iter().map(|room| RoomState::from(&**room)).collect::<Vec<_>>())
}

/// The part of a room that the page shows. The settings of a room can contain a secret webhook URL.
#[derive(Serialize)]
struct RoomState<'a> {
    id: &'a RoomId,
    peers: &'a [Peer],
}

impl<'a> From<&'a Room> for RoomState<'a> {
    fn from(room: &'a Room) -> Self {
        Self { id: &room.id, peers: &room.peers }
    }
}

/// Subscribes a peer to all current and future tracks of another peer.
async fn subscribe_to_peer(
    State(Dashboard { fishjam, view }): State<Dashboard>,
    Path((room, peer, publisher)): Path<(RoomId, PeerId, PeerId)>,
) -> Result<StatusCode> {
    fishjam.subscribe_peer(&room, &peer, &publisher).await?;
    info!(%room, %peer, %publisher, "subscribed to a peer");
    // No event reports a subscription. The refreshed view sends the change to all browsers.
    view.refresh(&room).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Subscribes a peer to one track.
async fn subscribe_to_track(
    State(Dashboard { fishjam, view }): State<Dashboard>,
    Path((room, peer, track)): Path<(RoomId, PeerId, TrackId)>,
) -> Result<StatusCode> {
    fishjam.subscribe_tracks(&room, &peer, [&track]).await?;
    info!(%room, %peer, %track, "subscribed to a track");
    view.refresh(&room).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn health(State(dashboard): State<Dashboard>) -> (StatusCode, Json<Value>) {
    let live = dashboard.view.is_live();
    let status = if live { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "live": live, "staleRooms": dashboard.view.stale_rooms() })))
}
