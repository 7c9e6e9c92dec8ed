//! A room manager: clients join rooms by name.
//!
//! It has the HTTP API of the official room manager, and a web page. Add your own authentication for production.

use std::{env, future::ready, pin::pin, time::Duration};

use anyhow::Context;
use axum::{
    BoxError, Json, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
    middleware::map_response,
    response::{Html, Response, Result, Sse, sse},
    routing::get,
};
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, Peer, PeerOptions, PeerStatus, Room, RoomChange, RoomDirectory, RoomOptions,
    RoomType, RoomsView, events::Notification, webhook::WebhookReceiver,
};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let level = env::var("RUST_LOG").unwrap_or("info".to_owned());
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();

    let (fishjam, notifier) = (FishjamClient::from_env()?, FishjamNotifier::from_env()?);
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    let view = tokio::select! {
        view = RoomsView::start(&fishjam, &notifier) => view?, // waits while Fishjam is not available
        _ = &mut interrupted => return Ok(()),
    };
    // Several replicas need a store that they share: `RoomDirectory::with_store(&fishjam, your_store)`.
    let rooms = RoomDirectory::new(&fishjam);
    let max_peers = env::var("MAX_PEERS").ok().map(|peers| peers.parse()).transpose().context("invalid MAX_PEERS")?;
    let manager = Manager { fishjam, rooms, view, url: client_url(env::var("FISHJAM_ID")?), max_peers };
    let mut router = Router::new()
        .route("/", get(Html(include_str!("../static/index.html"))))
        .route("/health", get(health))
        .route("/api/rooms", get(join))
        .route("/api/rooms/livestream", get(join_as_streamer))
        .route("/api/rooms/{room_name}/livestream-viewer-token", get(join_as_viewer))
        .route("/api/rooms/{room_name}/peers", get(peers))
        .fallback(|| async { rejection(StatusCode::NOT_FOUND, "no such path") })
        // Web pages of other servers may use the API.
        .layer(map_response(async |response: Response| ([("access-control-allow-origin", "*")], response)))
        .with_state(manager);
    if let Ok(secret) = env::var("FISHJAM_WEBHOOK_SECRET") {
        router = router.route("/api/rooms/webhook", WebhookReceiver::new([secret])?.into_axum_route(on_notification));
    }
    let address = env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await.with_context(|| format!("cannot listen on {address}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async { drop(stopped.await) });
    let server = tokio::spawn(server.into_future());
    let _ = interrupted.await;
    notifier.close(); // ends the lists of peers, for which the server would wait
    drop(stop);
    // A client that does not read its list must not prevent the end.
    Ok(timeout(Duration::from_secs(5), server).await.unwrap_or(Ok(Ok(())))??)
}

/// Returns the URL for client SDKs that connect to a URL. Newer ones need only the Fishjam id.
fn client_url(id: String) -> String {
    let url = if id.contains("://") { id } else { format!("https://fishjam.io/api/v1/connect/{id}") };
    url.trim_end_matches('/').replacen("http", "ws", 1)
}

#[derive(Clone)]
struct Manager {
    fishjam: FishjamClient,
    rooms: RoomDirectory,
    view: RoomsView,
    url: String,
    max_peers: Option<u64>,
}

impl Manager {
    /// Returns the directory with the options for a new room. A room that exists keeps its options.
    fn rooms(&self, room_type: RoomType, public: bool) -> RoomDirectory {
        let options = RoomOptions::new().room_type(room_type).public(public);
        let options = self.max_peers.map_or(options.clone(), |peers| options.max_peers(peers));
        self.rooms.clone().room_options(move |_name| options.clone())
    }
}

async fn health(State(manager): State<Manager>) -> Json<Value> {
    Json(json!({ "status": "ok", "connected": manager.view.is_live() }))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RoomQuery {
    room_name: String,
    peer_name: String,
    room_type: Option<String>,
    public: bool,
}

type QueryResult = Result<Query<RoomQuery>, QueryRejection>;

/// Finds or creates the room, and returns a token for the peer of this name.
async fn join(State(manager): State<Manager>, query: QueryResult) -> Result<Json<Value>> {
    let RoomQuery { room_name, peer_name, room_type, public } = query.map_err(|e| bad_request(e.body_text()))?.0;
    check_length("roomName", &room_name, 100)?;
    check_length("peerName", &peer_name, 50)?;
    let room_type = room_type.map_or(Ok(RoomType::Conference), |room_type| room_type.parse());
    let rooms = manager.rooms(room_type.map_err(bad_request)?, public);
    let fishjam = &manager.fishjam;
    let room = rooms.get_or_create(&room_name).await?;
    let (room_id, peer_id, token) = match room.peers.iter().find(|peer| username(peer) == peer_name) {
        Some(peer) if peer.status == PeerStatus::Connected => {
            return Err(rejection(StatusCode::CONFLICT, "peer is already connected").into());
        }
        Some(Peer { id, .. }) => (room.id.clone(), id.clone(), fishjam.refresh_peer_token(&room.id, id).await?),
        None => {
            let options = PeerOptions::new().metadata(json!({ "username": peer_name }));
            let (room_id, peer, token) = rooms.join(&room_name, options).await?;
            (room_id, peer.id, token)
        }
    };
    Ok(Json(json!({
        "peerToken": token.expose(),
        "url": manager.url,
        "room": { "id": room_id, "name": room_name },
        "peer": { "id": peer_id, "name": peer_name },
    })))
}

/// Finds or creates the livestream, and returns a token for its streamer.
async fn join_as_streamer(State(manager): State<Manager>, query: QueryResult) -> Result<Json<Value>> {
    let RoomQuery { room_name, public, .. } = query.map_err(|e| bad_request(e.body_text()))?.0;
    check_length("roomName", &room_name, 100)?;
    let room = manager.rooms(RoomType::Livestream, public).get_or_create(&room_name).await?;
    let token = manager.fishjam.create_livestream_streamer_token(&room.id).await?;
    Ok(Json(json!({ "streamerToken": token.expose(), "room": { "id": room.id, "name": room_name } })))
}

async fn join_as_viewer(State(manager): State<Manager>, Path(room_name): Path<String>) -> Result<Json<Value>> {
    let room_id =
        manager.rooms.get(&room_name).await?.ok_or_else(|| rejection(StatusCode::NOT_FOUND, "no such room"))?;
    let token = manager.fishjam.create_livestream_viewer_token(room_id).await?;
    Ok(Json(json!({ "token": token.expose() })))
}

/// Sends the peers of a room as a server-sent event, and again after each change. Sends `null` if the room is gone.
async fn peers(
    State(Manager { rooms, view, .. }): State<Manager>,
    Path(room_name): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, BoxError>>>> {
    let room_id = rooms.get(&room_name).await?.ok_or_else(|| rejection(StatusCode::NOT_FOUND, "no such room"))?;
    // The changes come before the first list, so that none is missing between the two.
    let id = room_id.clone();
    let changes = view.changes().filter(move |change| {
        ready(match change {
            Ok(RoomChange::Room(room)) => room.id == id,
            Ok(RoomChange::Gone(gone)) => *gone == id,
            _ => true,
        })
    });
    let lists = stream::iter([Ok(RoomChange::Dropped(0))]).chain(changes).map(move |change| {
        change?;
        Ok(sse::Event::default().json_data(view.get(&room_id).map(|room| peer_list(&room)))?)
    });
    Ok(Sse::new(lists).keep_alive(sse::KeepAlive::default()))
}

fn peer_list(room: &Room) -> Value {
    let json = |peer: &Peer| json!({ "id": peer.id, "name": username(peer), "status": peer.status });
    room.peers.iter().map(json).collect()
}

/// Returns the name that `join` gave to the peer.
fn username(peer: &Peer) -> String {
    let metadata = peer.metadata::<Value>().unwrap_or_default();
    metadata["server"]["username"].as_str().unwrap_or_default().to_owned()
}

/// Your backend would store the events that it needs, for example to bill for the time of a call.
async fn on_notification(notification: Notification) {
    tracing::info!("{notification}");
}

fn check_length(parameter: &str, value: &str, limit: usize) -> Result<(), (StatusCode, Json<Value>)> {
    let is_valid = (1..=limit).contains(&value.chars().count());
    is_valid.then_some(()).ok_or_else(|| bad_request(format!("{parameter} must have 1 to {limit} characters")))
}

/// Returns the response to an invalid request. The SDK's own errors convert into responses without this.
fn rejection(status: StatusCode, message: impl ToString) -> (StatusCode, Json<Value>) {
    (status, Json(json!({ "error": message.to_string() })))
}

fn bad_request(message: impl ToString) -> (StatusCode, Json<Value>) {
    rejection(StatusCode::BAD_REQUEST, message)
}
