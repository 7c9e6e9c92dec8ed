//! Wrong requests, outages of Fishjam and browsers that read slowly.

use std::time::Duration;

use anyhow::{Result, ensure};
use example_testing::{eventually, http_client};
use fishjam_emulator::{ScriptedPeerOptions, TrackKind};
use serde_json::{Value, json};

use super::{Fixture, events::Events, peer};

#[tokio::test]
async fn wrong_id_gets_an_error_in_json() -> Result<()> {
    let fixture = Fixture::start().await?;
    let (listener, speaker) = (fixture.listener.as_str(), format!("peers/{}", fixture.speaker));
    for (listener, publisher, expected) in [
        (listener, "peers/unknown", (404, r#"{"error":"not found"}"#)),
        (listener, "tracks/unknown", (404, r#"{"error":"not found"}"#)),
        ("unknown", speaker.as_str(), (404, r#"{"error":"not found"}"#)),
        // An id must not change the path of the request to Fishjam.
        ("a%2Fb", speaker.as_str(), (400, r#"{"error":"bad request"}"#)),
    ] {
        let (status, body) = fixture.subscribe(listener, publisher).await?;
        assert_eq!((status, body.as_str()), expected, "{listener} {publisher}");
    }
    Ok(())
}

#[tokio::test]
async fn view_shows_changes_made_during_an_outage() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut events = Events::open(&fixture.url).await?;
    events.rooms().await?;
    assert_eq!(health(&fixture.url).await?, (200, json!({ "live": true, "staleRooms": 0 })));

    let outage = fixture.emulator.outage(Duration::MAX);
    eventually("the outage", async || (health(&fixture.url).await.ok()?.0 == 503).then_some(())).await?;
    // No notification of the outage arrives, not even later.
    let camera = ScriptedPeerOptions::new().track(TrackKind::Video, json!({ "type": "camera" }));
    fixture.emulator.connect_peer(&fixture.room.id, &fixture.speaker, camera)?;
    outage.end();

    let has_track = |room: &Value| {
        peer(room, fixture.speaker.as_str())
            .is_some_and(|peer| peer["tracks"].as_array().is_some_and(|all| !all.is_empty()))
    };
    events.next_with("room", has_track).await?;
    eventually("the end of the outage", async || (health(&fixture.url).await.ok()?.0 == 200).then_some(())).await
}

#[tokio::test]
async fn slow_reader_gets_all_rooms_again() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut slow = Events::open(&fixture.url).await?;
    slow.rooms().await?;
    fill_the_queue(&fixture).await?;

    // The slow reader missed changes. It gets all rooms in their last state instead.
    let rooms = slow.next_with("rooms", |_| true).await?;
    ensure!(rooms[0]["peers"].as_array().is_some_and(|peers| peers.len() == 2), "{rooms}");
    fixture.fishjam.delete_room(&fixture.room.id).await?;
    slow.next_with("gone", |_| true).await?;
    Ok(())
}

/// Changes a large room until the queue of a reader that does not read is full. Another reader paces the changes.
pub async fn fill_the_queue(fixture: &Fixture) -> Result<()> {
    let mut fast = Events::open(&fixture.url).await?;
    fast.rooms().await?;
    let speaker = fixture.emulator.connect_peer(&fixture.room.id, &fixture.speaker, ScriptedPeerOptions::new())?;
    let track = speaker.add_track(TrackKind::Video, json!({}))?;
    // 40 MB: 16 MiB fit into the queue, and some megabytes into the buffers of the connection.
    let text = "x".repeat(1_000_000);
    for step in 0..40 {
        speaker.update_track(&track, json!({ "step": step, "text": text }));
        let is_step = |room: &Value| {
            let speaker = peer(room, fixture.speaker.as_str());
            speaker.is_some_and(|peer| peer["tracks"][0]["metadata"]["step"] == step)
        };
        fast.next_with("room", is_step).await?;
    }
    Ok(())
}

async fn health(url: &str) -> Result<(u16, Value)> {
    let response = http_client()?.get(format!("{url}/health")).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}
