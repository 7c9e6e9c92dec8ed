//! A room manager: an axum backend through which clients join rooms by name.
//!
//! ```sh
//! cargo run --example room_manager --features axum
//! ```
//!
//! | request | response |
//! |---|---|
//! | `POST /join/{name}` | the id of the room, a new peer and its token |
//! | `GET /rooms/{id}` | the room |
//!
//! Without settings, the example starts an emulator, sends 100 concurrent joins for one new name, and checks that they
//! share one room. With `FISHJAM_ID` and `FISHJAM_MANAGEMENT_TOKEN`, it serves `http://localhost:3000` until you press
//! Ctrl+C.

use std::{collections::HashSet, env};

use anyhow::ensure;
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Exposed, FishjamClient, Peer, PeerOptions, PeerToken, Result, Room, RoomDirectory, RoomId, RoomOptions,
};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if env::var_os("FISHJAM_ID").is_none() {
        return try_on_emulator().await;
    }
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, application(FishjamClient::from_env()?)).await?;
    Ok(())
}

fn application(fishjam: FishjamClient) -> Router {
    let rooms = RoomDirectory::new(&fishjam).room_options(|_name| RoomOptions::new().max_peers(100));
    Router::new()
        .route("/join/{name}", post(join).with_state(rooms))
        .route("/rooms/{id}", get(room).with_state(fishjam))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Joined {
    room_id: RoomId,
    peer: Peer,
    /// Without the wrapper, a token serializes as `[redacted]`.
    token: Exposed<PeerToken>,
}

/// Gets or creates the room of this name, and adds a peer. A failure becomes a response, for example 409 if the room is full.
async fn join(State(rooms): State<RoomDirectory>, Path(name): Path<String>) -> Result<Json<Joined>> {
    let (room_id, peer, token) = rooms.join(&name, PeerOptions::new()).await?;
    Ok(Json(Joined { room_id, peer, token: Exposed(token) }))
}

async fn room(State(fishjam): State<FishjamClient>, Path(id): Path<RoomId>) -> Result<Json<Room>> {
    Ok(Json(fishjam.get_room(id).await?))
}

async fn try_on_emulator() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let application = application(FishjamClient::new(emulator.url(), emulator.token())?);
    tokio::spawn(async move { axum::serve(listener, application).await });

    let browser = reqwest::Client::builder().no_proxy().build()?;
    let join = async || {
        let response = browser.post(format!("{url}/join/lesson-7")).send().await?;
        response.error_for_status()?.json::<Value>().await
    };
    let joined = try_join_all((0..100).map(|_| join())).await?;

    let unique = |member: &str| joined.iter().map(|joined| joined[member].to_string()).collect::<HashSet<_>>().len();
    println!("100 joins: {} room, {} peers", unique("roomId"), unique("peer"));
    ensure!((unique("roomId"), unique("peer"), unique("token")) == (1, 100, 100));
    ensure!(emulator.journal().count("create_room") == 1, "more than one request created a room");

    let id = joined[0]["roomId"].as_str().unwrap_or_default();
    let room: Room = browser.get(format!("{url}/rooms/{id}")).send().await?.json().await?;
    ensure!((room.id.as_str(), room.peers.len()) == (id, 100));
    let full = browser.post(format!("{url}/join/lesson-7")).send().await?;
    let absent = browser.get(format!("{url}/rooms/absent")).send().await?;
    println!("join of a full room: {}, absent room: {}", full.status(), absent.status());
    ensure!((full.status(), absent.status()) == (reqwest::StatusCode::CONFLICT, reqwest::StatusCode::NOT_FOUND));
    Ok(())
}
