//! Rooms that the view cannot read, and reads that fail.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, PeerOptions, RoomChange, RoomOptions, RoomsView};
use fishjam_tests::{
    clock::{SteppedClock, leap},
    support::{Log, record, until, within},
};
use serde_json::json;

use super::{is_shown, next, shows, start};
use crate::{created, quick};

#[tokio::test]
async fn id_that_no_request_can_contain_is_not_a_room() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let refused = emulator.faults().on("get_room").status(400);
    for id in ["", "a/b", "refused"] {
        emulator.server_sockets().send_message(&created(id));
    }
    until("the service was asked", || refused.hits() == 1).await?;
    // The view does not read these two rooms again, and reads other rooms.
    let room = fishjam.create_room(RoomOptions::new()).await?;
    shows(&view, &[room]).await?;
    within("the view is live", view.wait_live()).await??;
    assert_eq!(emulator.journal().count("get_room"), 2);
    Ok(())
}

#[tokio::test]
async fn unreadable_room_does_not_hide_the_others() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let view = RoomsView::start(&fishjam, &quick(&emulator).build()?).await?;
    emulator.faults().on("get_room").always().every(2).status(500);
    let mut rooms = Vec::new();
    for _ in 0..6 {
        rooms.push(fishjam.create_room(RoomOptions::new()).await?);
    }
    rooms.sort_by(|a, b| a.id.cmp(&b.id));
    let _clock = SteppedClock::start(Duration::from_millis(20));
    shows(&view, &rooms).await
}

/// Metadata that a client may write and that no JSON value can hold.
const ODD: &str = r#"{"a":1e400,"b":"\ud800"}"#;

#[tokio::test]
async fn view_works_with_unreadable_metadata() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({ "odd": "ODD" }))).await?;
    let odd = |body: serde_json::Value| body.to_string().replace("\"ODD\"", ODD);
    let peer_json = |id: &str| {
        json!({
            "id": id, "type": "webrtc", "status": "disconnected", "metadata": { "server": "ODD" },
            "subscribeMode": "auto", "subscriptions": {}, "tracks": [],
        })
    };
    let room_json = |peers: &[&str]| {
        let peers: Vec<_> = peers.iter().map(|id| peer_json(id)).collect();
        json!({ "id": room.id, "config": {}, "peers": peers })
    };
    emulator.faults().on("get_all_rooms").body(odd(json!({ "data": [room_json(&[peer.id.as_str()])] })));
    emulator.faults().on("get_room").body(odd(json!({ "data": room_json(&[peer.id.as_str(), "new"]) })));
    let view = RoomsView::start(&fishjam, &quick(&emulator).build()?).await?;
    assert!(view.is_live());
    let known = view.get(&room.id).context("the room is in the view")?;
    assert_eq!(known.peers[0].metadata.as_ref().map(|it| it.as_str()), Some(format!(r#"{{"server":{ODD}}}"#).as_str()));

    let mut changes = view.changes();
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let RoomChange::Room(changed) = next(&mut changes).await? else { panic!("the room is there") };
    assert_eq!(changed.peers.len(), 2);
    assert!(view.is_live());
    Ok(())
}

#[tokio::test]
async fn view_keeps_an_unreadable_room() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let mut changes = view.changes();
    let room = fishjam.create_room(RoomOptions::new()).await?;
    assert!(matches!(next(&mut changes).await?, RoomChange::Room(known) if *known == room));

    spoil(&emulator, &room.id);
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    until("the room is read", || emulator.journal().count("get_all_rooms") == 2).await?;
    let other = fishjam.create_room(RoomOptions::new()).await?;
    assert!(matches!(next(&mut changes).await?, RoomChange::Room(new) if *new == other));
    assert_eq!(view.get(&room.id).as_deref(), Some(&room));
    assert!(view.is_live());
    Ok(())
}

/// Makes one room unreadable in all responses.
fn spoil(emulator: &Emulator, id: &fishjam_sdk::RoomId) {
    let odd = id.clone();
    emulator.faults().on("get_all_rooms").always().patch_json(move |list| {
        let rooms = list["data"].as_array_mut().into_iter().flatten();
        rooms.filter(|room| room["id"] == odd.as_str()).for_each(|room| room["peers"] = json!("unreadable"));
    });
    let odd = id.clone();
    emulator.faults().on("get_room").always().patch_json(move |response| {
        if response["data"]["id"] == odd.as_str() {
            response["data"]["peers"] = json!("unreadable");
        }
    });
}

#[tokio::test]
async fn events_of_an_unreadable_room_cause_no_further_listing() -> anyhow::Result<()> {
    let log = Log::default();
    let _recording = record(subscriber(&log));
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    shows(&view, std::slice::from_ref(&room)).await?;
    spoil(&emulator, &room.id);
    for event in 0..50 {
        fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        // When the view shows this room, it has handled the earlier event.
        let marker = fishjam.create_room(RoomOptions::new()).await?;
        until("the view shows the next room", || view.get(&marker.id).is_some()).await.context(event)?;
    }
    assert_eq!(emulator.journal().count("get_all_rooms"), 2, "the start and the first unreadable response");
    assert_eq!(view.get(&room.id).as_deref(), Some(&room));
    assert!(view.is_live());
    let warnings = log.text().lines().filter(|line| line.contains("skipped unreadable items")).count();
    assert_eq!(warnings, 1, "{}", log.text());

    // After a gap, the listing is the same, and so is not logged again.
    emulator.server_sockets().drop_all();
    until("all rooms are read again", || emulator.journal().count("get_all_rooms") >= 3).await?;
    within("the view is live", view.wait_live()).await??;
    assert_eq!(log.text().lines().filter(|line| line.contains("skipped unreadable items")).count(), 1);

    // The next event causes a read when the wait ends.
    emulator.faults().clear();
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    leap(Duration::from_secs(60)).await;
    until("the room is read", || view.get(&room.id).is_some_and(|room| room.peers.len() == 51)).await
}

#[tokio::test]
async fn failed_reads_are_logged_as_one_failure_and_one_recovery() -> anyhow::Result<()> {
    let log = Log::default();
    let _recording = record(subscriber(&log));
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let view = RoomsView::start(&fishjam, &quick(&emulator).build()?).await?;
    emulator.faults().on("get_room").status(500).times(3);
    let _clock = SteppedClock::start(Duration::from_millis(20));
    let room = fishjam.create_room(RoomOptions::new()).await?;
    shows(&view, &[room]).await?;
    until("the recovery is logged", || log.text().contains("read rooms after failed attempts")).await?;

    let text = log.text();
    let lines = |event: &str| text.lines().filter(|line| line.contains(event)).collect::<Vec<_>>();
    let (first, later, restored) = (
        lines("failed to read rooms; retrying"),
        lines("failed to read rooms again"),
        lines("read rooms after failed attempts"),
    );
    assert_eq!((first.len(), later.len(), restored.len()), (1, 2, 1), "{text}");
    assert!(first[0].contains("WARN") && first[0].contains("error="), "{text}");
    assert!(later.iter().all(|line| line.contains("DEBUG")), "{text}");
    assert!(restored[0].contains("INFO") && restored[0].contains("attempts=4"), "{text}");
    assert!(restored[0].contains("duration="), "{text}");
    Ok(())
}

pub(super) fn subscriber(log: &Log) -> impl tracing::Subscriber + Send + Sync + use<> {
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish()
}

#[tokio::test]
async fn view_stays_live_after_an_id_too_long_for_a_request() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    emulator.publish(created("a".repeat(70_000)));
    let room = fishjam.create_room(RoomOptions::new()).await?;
    until("the view is live", || view.is_live() && is_shown(&view, std::slice::from_ref(&room))).await
}
