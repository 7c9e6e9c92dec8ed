//! Rooms whose events do not contain the whole change: how many requests read them, and what the view does meanwhile.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, PeerAdded, PeerMetadataUpdated},
};
use fishjam_sdk::{ErrorKind, FishjamClient, PeerId, PeerOptions, Room, RoomId, RoomOptions, RoomsView};
use fishjam_tests::{
    clock::{StoppedClock, leap, settle},
    support::{Log, record, until, within},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::{is_shown, shows, start, unreadable::subscriber};
use crate::{
    fixture::{Fixture, Rng, interrupt},
    quick,
};

/// The delay of responses that the view waits for.
const DELAY: Duration = Duration::from_secs(20);

/// A view with a room, which has a peer.
async fn one_peer(emulator: &Emulator) -> anyhow::Result<(FishjamClient, RoomsView, Room, PeerId)> {
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let view = RoomsView::start(&fishjam, &quick(emulator).build()?).await?;
    Ok((fishjam, view, room, peer.id))
}

fn set_metadata(emulator: &Emulator, room: &RoomId, peer: &PeerId, metadata: &str) {
    let updated = PeerMetadataUpdated {
        room_id: room.to_string(),
        peer_id: peer.to_string(),
        metadata: metadata.to_owned(),
        ..Default::default()
    };
    emulator.publish(ServerMessage { content: Some(Content::PeerMetadataUpdated(updated)) });
}

/// Returns the metadata that a peer has set.
fn metadata(view: &RoomsView, room: &RoomId) -> Option<Value> {
    Some(view.get(room)?.peers.first()?.metadata::<Value>().ok()?["peer"].clone())
}

/// Publishes an event after which the view must read the room.
fn add_unknown_peer(emulator: &Emulator, room: &RoomId) {
    let added = PeerAdded { room_id: room.to_string(), peer_id: "unknown".to_owned(), ..Default::default() };
    emulator.publish(ServerMessage { content: Some(Content::PeerAdded(added)) });
}

/// Creates this number of rooms. Returns them ordered by id, after `others`.
async fn create(fishjam: &FishjamClient, count: usize, others: &[Room]) -> anyhow::Result<Vec<Room>> {
    let created = stream::iter(0..count).map(|_| fishjam.create_room(RoomOptions::new())).buffer_unordered(16);
    let mut rooms: Vec<_> = created.try_collect().await?;
    rooms.extend_from_slice(others);
    rooms.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(rooms)
}

#[tokio::test]
async fn view_reads_32_rooms_at_once_and_applies_other_events() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view, room, peer) = one_peer(&emulator).await?;
    let known = view.list();
    let reads = emulator.faults().on("get_room").always().delay(DELAY);
    create(&fishjam, 40, &[]).await?;
    until("the view reads rooms", || reads.hits() == 32).await?;
    until("the other rooms wait", || view.stale_rooms() == 40).await?;
    set_metadata(&emulator, &room.id, &peer, "1");
    until("an event of another room is applied", || metadata(&view, &room.id) == Some(1.into())).await?;
    assert_eq!((reads.hits(), view.stale_rooms(), view.list().len()), (32, 40, known.len()));
    assert!(view.is_live());

    leap(DELAY).await;
    until("the view reads the other rooms", || reads.hits() == 40).await?;
    leap(DELAY).await;
    until("no room is stale", || view.stale_rooms() == 0).await?;
    assert_eq!(view.list().len(), 41);
    assert_eq!((emulator.journal().count("get_room"), emulator.journal().count("get_all_rooms")), (40, 1));
    Ok(())
}

#[tokio::test]
async fn one_list_replaces_the_reads_of_many_rooms() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let reads = emulator.faults().on("get_room").always().delay(DELAY);
    // 32 rooms are read without success, because the clock does not move, and 128 rooms wait.
    let rooms = create(&fishjam, 160, &[]).await?;
    shows(&view, &rooms).await?;
    until("no room is stale", || view.stale_rooms() == 0).await?;
    assert_eq!((reads.hits(), emulator.journal().count("get_all_rooms")), (32, 2));
    assert!(view.is_live());
    Ok(())
}

#[tokio::test]
async fn view_applies_events_while_it_reads_all_rooms() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view, room, peer) = one_peer(&emulator).await?;
    let list = emulator.faults().on("get_all_rooms").delay(DELAY);
    emulator.server_sockets().drop_all();
    until("the view reads all rooms", || list.hits() == 1).await?;
    assert!(!view.is_live());
    assert_eq!(view.stale_rooms(), 1, "all rooms are stale");
    set_metadata(&emulator, &room.id, &peer, "1");
    until("the event is applied", || metadata(&view, &room.id) == Some(1.into())).await?;
    let other = fishjam.create_room(RoomOptions::new()).await?;

    leap(DELAY).await;
    until("the view has both rooms", || view.get(&other.id).is_some()).await?;
    within("the view is live", view.wait_live()).await??;
    // The list does not contain the metadata, because the test published it without the service.
    assert_eq!(metadata(&view, &room.id), Some(1.into()));
    Ok(())
}

#[tokio::test]
async fn response_does_not_undo_an_event_and_needs_no_repetition() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (_, view, room, peer) = one_peer(&emulator).await?;
    let read = emulator.faults().on("get_room").delay(DELAY);
    add_unknown_peer(&emulator, &room.id);
    until("the view reads the room", || read.hits() == 1).await?;
    for change in ["1", "2"] {
        set_metadata(&emulator, &room.id, &peer, change);
        let change = change.parse::<Value>()?;
        until("the event is applied", || metadata(&view, &room.id) == Some(change.clone())).await?;
    }
    let mut changes = view.changes();
    assert_eq!(view.stale_rooms(), 1);
    leap(DELAY).await;
    until("no room is stale", || view.stale_rooms() == 0).await?;
    assert_eq!((metadata(&view, &room.id), emulator.journal().count("get_room")), (Some(2.into()), 1));
    // The response changed nothing, so the first change comes from the next event.
    set_metadata(&emulator, &room.id, &peer, "3");
    super::next(&mut changes).await?;
    assert_eq!(metadata(&view, &room.id), Some(3.into()));
    Ok(())
}

#[tokio::test]
async fn room_with_events_during_each_read_does_not_stay_stale() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view, room, peer) = one_peer(&emulator).await?;
    let reads = emulator.faults().on("get_room").always().delay(DELAY);
    let (ada, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    for read in 1..=3 {
        until("the view reads the room", || reads.hits() == read).await?;
        set_metadata(&emulator, &room.id, &peer, &read.to_string());
        until("the event is applied", || metadata(&view, &room.id) == Some(read.into())).await?;
        add_unknown_peer(&emulator, &room.id);
        leap(DELAY).await;
        // The response is shown, although the room must be read again.
        until("the peer is shown", || view.get(&room.id).is_some_and(|room| room.peers.len() == 2)).await?;
        assert_eq!(metadata(&view, &room.id), Some(read.into()));
    }
    assert!(view.get(&room.id).is_some_and(|room| room.peers.iter().any(|peer| peer.id == ada.id)));
    Ok(())
}

#[tokio::test]
async fn read_waits_as_long_as_the_server_requests() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let view = RoomsView::start(&fishjam, &quick(&emulator).build()?).await?;
    let reads = emulator.faults().on("get_room").status(503).retry_after(Duration::from_secs(60));
    let other = fishjam.create_room(RoomOptions::new()).await?;
    until("the read fails", || reads.hits() == 1 && !view.is_live()).await?;
    leap(Duration::from_secs(50)).await;
    set_metadata(&emulator, &room.id, &peer.id, "1");
    until("the event is applied", || metadata(&view, &room.id) == Some(1.into())).await?;
    assert_eq!((emulator.journal().count("get_room"), view.stale_rooms()), (1, 1));
    leap(Duration::from_secs(11)).await;
    until("the room is read", || view.get(&other.id).is_some()).await?;
    within("the view is live", view.wait_live()).await??;
    Ok(())
}

/// A client whose responses are limited to 4 KiB.
fn limited(emulator: &Emulator) -> anyhow::Result<FishjamClient> {
    Ok(FishjamClient::builder(emulator.url(), emulator.token()).max_response_bytes(4096).build()?)
}

#[tokio::test]
async fn list_above_the_response_limit_ends_the_view() -> anyhow::Result<()> {
    let log = Log::default();
    let _recording = record(subscriber(&log));
    let emulator = Emulator::start().await?;
    let fishjam = limited(&emulator)?;
    let view = RoomsView::start(&fishjam, &quick(&emulator).build()?).await?;
    let mut changes = view.changes();
    create(&FishjamClient::new(emulator.url(), emulator.token())?, 100, &[]).await?;
    until("the view has all rooms", || view.list().len() == 100).await?;
    emulator.server_sockets().drop_all();
    let error = loop {
        match within("the end", changes.receive()).await?.context("the changes ended without a reason")? {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.to_string().contains("`max_response_bytes`"), "{error}");
    assert_eq!(view.wait_live().await.unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(view.list().len(), 100, "the view keeps its last rooms");
    let text = log.text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("rooms view ended")).collect();
    assert!(matches!(lines[..], [line] if line.contains("ERROR") && line.contains("max_response_bytes")), "{text}");

    let notifier = quick(&emulator).build()?;
    let error = within("a response", RoomsView::start(&fishjam, &notifier)).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    Ok(())
}

#[tokio::test]
async fn room_above_the_response_limit_is_unreadable() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = limited(&emulator)?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let view = RoomsView::start(&fishjam, &quick(&emulator).build()?).await?;
    let reads = emulator.faults().on("get_room").always().body("x".repeat(10_000));
    // The room's next read is due after a wait, so the clock stands still.
    let clock = StoppedClock::stop();
    add_unknown_peer(&emulator, &room.id);
    settle_until(|| reads.hits() == 1 && view.stale_rooms() == 1).await;
    clock.advance(Duration::from_millis(200)).await;
    settle_until(|| emulator.journal().count("get_all_rooms") == 2 && view.stale_rooms() == 0).await;
    assert!(view.is_live() && is_shown(&view, std::slice::from_ref(&room)));
    add_unknown_peer(&emulator, &room.id);
    settle_until(|| view.stale_rooms() == 1).await;
    assert_eq!((reads.hits(), emulator.journal().count("get_all_rooms")), (1, 2));
    clock.advance(Duration::from_secs(1)).await;
    settle_until(|| reads.hits() == 2).await;
    Ok(())
}

/// Waits until a condition holds, while the clock stands still.
async fn settle_until(condition: impl Fn() -> bool) {
    while !condition() {
        settle().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn view_equals_the_server_after_many_joins_at_once() -> anyhow::Result<()> {
    for seed in 0..4 {
        let emulator = Emulator::start().await?;
        let (_, view) = start(&emulator).await?;
        let (mut fixture, mut rng) = (Fixture::new(&emulator)?, Rng::new(seed));
        for step in 0..4 {
            fixture.join_many(150).await?;
            if rng.below(2) == 0 {
                interrupt(&emulator, &mut rng);
            }
            for _ in 0..30 {
                fixture.random_change(&mut rng).await?;
            }
            fixture.is_shown_by(&view).await.with_context(|| format!("seed {seed}, step {step}"))?;
        }
        until("no room is stale", || view.stale_rooms() == 0).await?;
    }
    Ok(())
}
