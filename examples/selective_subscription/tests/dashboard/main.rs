//! Uses the dashboard as a browser would: through its HTTP API.

mod events;
mod failures;
mod shutdown;

use anyhow::{Result, ensure};
use example_testing::{Program, http_client};
use fishjam_emulator::{Emulator, ScriptedPeerOptions, TrackKind};
use fishjam_sdk::{FishjamClient, PeerId, PeerOptions, Room, RoomOptions, SubscribeMode};
use serde_json::json;

use self::events::{Events, peer};

const DASHBOARD: &str = env!("CARGO_BIN_EXE_selective_subscription");

/// A running dashboard with one room, in which a listener has manual subscriptions.
struct Fixture {
    emulator: Emulator,
    fishjam: FishjamClient,
    program: Program,
    url: String,
    room: Room,
    listener: PeerId,
    speaker: PeerId,
}

impl Fixture {
    async fn start() -> Result<Fixture> {
        let emulator = Emulator::start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        let manual = PeerOptions::new().subscribe_mode(SubscribeMode::Manual);
        let (listener, _token) = fishjam.create_peer(&room.id, manual).await?;
        let (speaker, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        let mut program = Program::start(DASHBOARD, &emulator)?;
        let url = program.url().await?;
        Ok(Fixture { emulator, fishjam, program, url, room, listener: listener.id, speaker: speaker.id })
    }

    /// Sends the request of a subscription and returns the status and the body of the response.
    async fn subscribe(&self, listener: &str, publisher: &str) -> Result<(u16, String)> {
        let url = format!("{}/rooms/{}/peers/{listener}/subscriptions/{publisher}", self.url, self.room.id);
        let response = http_client()?.put(url).send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }
}

#[tokio::test]
async fn page_loads_nothing_from_other_servers() -> Result<()> {
    let fixture = Fixture::start().await?;
    let response = http_client()?.get(&fixture.url).send().await?.error_for_status()?;
    let policy = response.headers()["content-security-policy"].to_str()?;
    ensure!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = response.text().await?;
    ensure!(page.starts_with("<!doctype html>") && !page.contains("://"), "{page}");
    Ok(())
}

#[tokio::test]
async fn first_event_contains_all_rooms() -> Result<()> {
    let fixture = Fixture::start().await?;
    let rooms = Events::open(&fixture.url).await?.rooms().await?;
    assert_eq!(rooms.as_array().map(Vec::len), Some(1));
    assert_eq!(rooms[0]["id"], fixture.room.id.as_str());
    ensure!(peer(&rooms[0], fixture.listener.as_str()).is_some());
    // The settings can contain a secret webhook URL.
    ensure!(rooms[0].get("config").is_none());
    Ok(())
}

#[tokio::test]
async fn track_appears_when_a_peer_publishes_it() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut events = Events::open(&fixture.url).await?;
    events.rooms().await?;
    let camera = ScriptedPeerOptions::new().track(TrackKind::Video, json!({ "type": "camera" }));
    fixture.emulator.connect_peer(&fixture.room.id, &fixture.speaker, camera)?;
    let has_camera = |room: &_| {
        let speaker = peer(room, fixture.speaker.as_str());
        speaker.is_some_and(|peer| peer["tracks"][0]["metadata"]["type"] == "camera")
    };
    events.next_with("room", has_camera).await?;
    Ok(())
}

#[tokio::test]
async fn subscription_to_a_peer_appears_in_all_streams() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut streams = [Events::open(&fixture.url).await?, Events::open(&fixture.url).await?];
    let publisher = format!("peers/{}", fixture.speaker);
    assert_eq!(fixture.subscribe(fixture.listener.as_str(), &publisher).await?, (204, String::new()));
    for events in &mut streams {
        let is_subscribed = |room: &_| {
            let listener = peer(room, fixture.listener.as_str());
            listener.is_some_and(|peer| peer["subscriptions"]["peers"] == json!([fixture.speaker]))
        };
        events.next_with("room", is_subscribed).await?;
    }
    Ok(())
}

#[tokio::test]
async fn subscription_to_a_track_appears_in_the_stream() -> Result<()> {
    let fixture = Fixture::start().await?;
    let media = ScriptedPeerOptions::new()
        .track(TrackKind::Audio, json!({ "type": "microphone" }))
        .track(TrackKind::Video, json!({ "type": "camera" }));
    let speaker = fixture.emulator.connect_peer(&fixture.room.id, &fixture.speaker, media)?;
    let microphone = &speaker.track_ids()[0];
    let mut events = Events::open(&fixture.url).await?;
    let publisher = format!("tracks/{microphone}");
    assert_eq!(fixture.subscribe(fixture.listener.as_str(), &publisher).await?.0, 204);
    let is_subscribed = |room: &_| {
        let listener = peer(room, fixture.listener.as_str());
        listener.is_some_and(|peer| peer["subscriptions"] == json!({ "peers": [], "tracks": [microphone] }))
    };
    events.next_with("room", is_subscribed).await?;
    Ok(())
}

#[tokio::test]
async fn deleted_room_is_gone() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut events = Events::open(&fixture.url).await?;
    events.rooms().await?;
    fixture.fishjam.delete_room(&fixture.room.id).await?;
    events.next_with("gone", |id| id == fixture.room.id.as_str()).await?;
    assert_eq!(Events::open(&fixture.url).await?.rooms().await?, json!([]));
    Ok(())
}
