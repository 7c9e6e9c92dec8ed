//! The live view of all rooms: its state after changes and gaps, and its reports of stale data.

mod refresh;
mod stale;
mod start;
mod unreadable;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, PeerMetadataUpdated},
};
use fishjam_sdk::{
    ConnectionState, ErrorKind, FishjamClient, Overflow, PeerOptions, Room, RoomChange, RoomChanges, RoomOptions,
    RoomsView,
};
use fishjam_tests::{
    clock::{SteppedClock, leap},
    support::{until, within},
};
use futures_util::StreamExt;
use serde_json::json;

use crate::{
    fixture::{Fixture, Rng, interrupt},
    peer, quick,
};

async fn start(emulator: &Emulator) -> anyhow::Result<(FishjamClient, RoomsView)> {
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let view = RoomsView::start(&fishjam, &quick(emulator).build()?).await?;
    Ok((fishjam, view))
}

async fn next(changes: &mut RoomChanges) -> anyhow::Result<RoomChange> {
    Ok(within("a change", changes.receive()).await?.context("the changes ended")??)
}

fn is_shown(view: &RoomsView, rooms: &[Room]) -> bool {
    let shown = view.list();
    shown.iter().map(|room| &**room).eq(rooms)
}

/// Waits until the view shows these rooms.
async fn shows(view: &RoomsView, rooms: &[Room]) -> anyhow::Result<()> {
    let mut changes = view.changes();
    within("the view is right", async {
        while !is_shown(view, rooms) {
            // A change causes another check. The time limit covers a change from before the subscription.
            let _ = tokio::time::timeout(Duration::from_millis(20), changes.next()).await;
        }
    })
    .await
}

#[tokio::test]
async fn view_starts_complete_and_applies_every_change() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let earlier = FishjamClient::new(emulator.url(), emulator.token())?.create_room(RoomOptions::new()).await?;
    let (fishjam, view) = start(&emulator).await?;
    assert!(is_shown(&view, std::slice::from_ref(&earlier)));
    assert!(view.is_live());

    let mut changes = view.changes();
    let (peer, token) = fishjam.create_peer(&earlier.id, PeerOptions::new().metadata(json!({ "a": 1 }))).await?;
    let RoomChange::Room(room) = next(&mut changes).await? else { panic!("the room is there") };
    assert_eq!(room.peers, [peer]);

    let joined = peer::join(&emulator, &token).await?;
    let RoomChange::Room(room) = next(&mut changes).await? else { panic!("the room is there") };
    assert_eq!(room.peers[0].status, fishjam_sdk::PeerStatus::Connected);
    assert_eq!(view.get(&earlier.id), Some(room));

    drop(joined);
    next(&mut changes).await?;
    fishjam.delete_room(&earlier.id).await?;
    loop {
        if let RoomChange::Gone(id) = next(&mut changes).await? {
            assert_eq!(id, earlier.id);
            break;
        }
    }
    assert!(view.get(&earlier.id).is_none() && view.list().is_empty());
    Ok(())
}

#[tokio::test]
async fn view_reads_rooms_again_after_a_gap() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let doomed = fishjam.create_room(RoomOptions::new()).await?;
    shows(&view, std::slice::from_ref(&doomed)).await?;

    emulator.faults().on("server_socket").status(503).times(3);
    emulator.server_sockets().drop_all();
    fishjam.delete_room(&doomed.id).await?;
    let born = fishjam.create_room(RoomOptions::new()).await?;
    shows(&view, &[born]).await?;
    within("the view is live", view.wait_live()).await??;
    Ok(())
}

#[tokio::test]
async fn failed_read_of_rooms_is_repeated_until_it_succeeds() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let view = RoomsView::start(&fishjam, &quick(&emulator).build()?).await?;
    emulator.faults().on("get_room").status(500).times(2);
    let _clock = SteppedClock::start(Duration::from_millis(20));
    let room = fishjam.create_room(RoomOptions::new()).await?;
    shows(&view, &[room]).await?;
    assert_eq!(emulator.journal().count("get_room"), 3);
    Ok(())
}

#[tokio::test]
async fn view_reports_the_end_and_keeps_its_last_rooms() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    shows(&view, std::slice::from_ref(&room)).await?;
    let mut changes = view.changes();
    emulator.faults().on("server_socket").always().refuse_token();
    emulator.server_sockets().drop_all();
    let error = within("the end", changes.next()).await?.context("no reason")?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(view.wait_live().await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert!(!view.is_live());
    assert!(is_shown(&view, &[room]));
    Ok(())
}

#[tokio::test]
async fn changes_end_with_the_view() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (_, view) = start(&emulator).await?;
    let mut changes = view.changes();
    drop(view);
    assert!(within("the end", changes.next()).await?.is_none());
    Ok(())
}

#[test]
fn every_wait_on_a_view_ends_when_its_runtime_ends() -> anyhow::Result<()> {
    for notifier_survives in [false, true] {
        let (first, second) = (runtime()?, runtime()?);
        let (emulator, notifier) = second.block_on(async {
            let emulator = Emulator::start().await?;
            let notifier = quick(&emulator).build()?;
            anyhow::Ok((emulator, notifier))
        })?;
        // The connection runs where its first consumer is.
        let _consumer = if notifier_survives { Some(second.block_on(notifier.events())?) } else { None };
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let starting = notifier.clone();
        let view = second.block_on(first.spawn(async move { RoomsView::start(&fishjam, &starting).await }))??;
        let mut changes = view.changes();
        let waiting = second.block_on(async {
            emulator.faults().on("server_socket").always().status(503);
            emulator.server_sockets().drop_all();
            until("it is not live", || !view.is_live()).await?;
            let view = view.clone();
            anyhow::Ok(tokio::spawn(async move { view.wait_live().await }))
        })?;
        first.shutdown_timeout(Duration::from_secs(60));
        second.block_on(async {
            let error = within("the end", changes.next()).await?.context("no reason")?.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
            assert!(within("the end", changes.next()).await?.is_none());
            assert!(!view.is_live());
            assert_eq!(within("the end", waiting).await??.unwrap_err().kind(), ErrorKind::Closed);
            assert!(within("the end", view.wait_live()).await?.is_err());
            let late = within("the end", view.changes().next()).await?.context("no reason")?;
            assert_eq!(late.unwrap_err().kind(), ErrorKind::Closed);
            anyhow::Ok(())
        })?;
    }
    Ok(())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

#[tokio::test]
async fn view_is_not_live_while_disconnected() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (_, view) = start(&emulator).await?;
    emulator.faults().on("server_socket").always().status(503);
    emulator.server_sockets().drop_all();
    until("it is not live", || !view.is_live()).await?;
    emulator.faults().clear();
    within("it is live again", view.wait_live()).await??;
    Ok(())
}

#[tokio::test]
async fn view_is_not_live_with_an_unprocessed_gap() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = quick(&emulator).build()?;
    let view = RoomsView::start(&fishjam, &notifier).await?;
    // The view reads this room, and then all rooms, until after the reconnection.
    let busy = emulator.faults().on("get_room").delay(Duration::from_secs(20));
    emulator.faults().on("get_all_rooms").delay(Duration::from_secs(20));
    fishjam.create_room(RoomOptions::new()).await?;
    until("the view reads the room", || busy.hits() == 1).await?;
    assert!(view.is_live());

    emulator.server_sockets().drop_all();
    until("the loss is noticed", || notifier.state() != ConnectionState::Ready).await?;
    within("it is connected again", notifier.wait_ready()).await??;
    assert!(!view.is_live());
    leap(Duration::from_secs(20)).await;
    within("it is live again", view.wait_live()).await??;
    assert!(view.is_live());
    assert!(emulator.journal().count("get_all_rooms") >= 2);
    Ok(())
}

#[tokio::test]
async fn view_is_not_live_with_an_unprocessed_invalid_message() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let busy = emulator.faults().on("get_room").delay(Duration::from_secs(20));
    emulator.faults().on("get_all_rooms").delay(Duration::from_secs(20));
    fishjam.create_room(RoomOptions::new()).await?;
    until("the view reads the room", || busy.hits() == 1).await?;
    assert!(view.is_live());

    // The id of this new room is not UTF-8.
    emulator.server_sockets().send_raw([0x52, 3, 0x0a, 1, 0xff]);
    until("the queue counts the message as a loss", || !view.is_live()).await?;
    leap(Duration::from_secs(20)).await;
    within("the view is live", view.wait_live()).await??;
    assert_eq!(emulator.journal().count("get_all_rooms"), 2);
    Ok(())
}

#[test]
fn queued_events_are_limited_in_bytes() -> anyhow::Result<()> {
    let (first, second) = (runtime()?, runtime()?);
    second.block_on(async {
        let emulator = Emulator::start().await?;
        let notifier = quick(&emulator).queue_bytes(16 * 1024 * 1024).build()?;
        // The connection runs where its first consumer is.
        let _consumer = notifier.subscribe_with(1, Overflow::DropOldest)?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let view = first.spawn(async move { RoomsView::start(&fishjam, &notifier).await }).await??;
        // The task of the view cannot run while its only thread is blocked.
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let (block, is_blocked) = tokio::sync::oneshot::channel();
        first.spawn(async move {
            let _ = block.send(());
            let _ = blocked.recv();
        });
        is_blocked.await?;
        assert!(view.is_live());
        emulator.server_sockets().burst(24, |_| large_event());
        until("the queue drops events", || !view.is_live()).await?;
        drop(release);
        within("the view is live", view.wait_live()).await??;
        anyhow::Ok(())
    })
}

fn large_event() -> ServerMessage {
    let metadata = format!("{:?}", "x".repeat(1024 * 1024));
    let updated =
        PeerMetadataUpdated { room_id: "nowhere".into(), peer_id: "nobody".into(), metadata, ..Default::default() };
    ServerMessage { content: Some(Content::PeerMetadataUpdated(updated)) }
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_connection() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (_, view) = start(&emulator).await?;
    let other = view.clone();
    drop(view);
    assert!(other.is_live());
    drop(other);
    within("the connection goes", emulator.server_sockets().wait_for_count(0)).await
}

#[tokio::test]
async fn view_equals_the_server_after_many_changes_and_losses() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (_, view) = start(&emulator).await?;
    let (mut fixture, mut rng) = (Fixture::new(&emulator)?, Rng::new(7));
    let mut interruptions = 0;
    for step in 0..3000 {
        fixture.random_change(&mut rng).await?;
        if rng.below(40) == 0 {
            interruptions += interrupt(&emulator, &mut rng);
        }
        if step % 500 == 499 {
            fixture.is_shown_by(&view).await.with_context(|| format!("step {step}"))?;
        }
    }
    assert!(interruptions > 30, "{interruptions}");
    Ok(())
}

#[tokio::test]
async fn queued_changes_are_limited_in_bytes() -> anyhow::Result<()> {
    const MEBIBYTE: usize = 1024 * 1024;
    const CHANGES: u64 = 24;
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    until("the peer is shown", || view.get(&room.id).is_some_and(|room| room.peers.len() == 1)).await?;

    let mut changes = view.changes();
    let size = |room: &Room| room.peers[0].metadata.as_ref().map_or(0, |metadata| metadata.as_str().len());
    for change in 0..CHANGES {
        let metadata = format!("\"{change}{}\"", "x".repeat(MEBIBYTE));
        let updated = PeerMetadataUpdated {
            room_id: room.id.to_string(),
            peer_id: peer.id.to_string(),
            metadata: metadata.clone(),
            ..Default::default()
        };
        emulator.publish(ServerMessage { content: Some(Content::PeerMetadataUpdated(updated)) });
        let shown = |room: Arc<Room>| room.peers[0].metadata.as_ref().is_some_and(|it| it.as_str().contains(&metadata));
        until("the metadata is shown", || view.get(&room.id).is_some_and(shown)).await?;
    }
    let RoomChange::Dropped(dropped) = next(&mut changes).await? else { panic!("nothing was dropped") };
    let (mut bytes, left) = (0, CHANGES - dropped);
    for _ in 0..left {
        let RoomChange::Room(room) = next(&mut changes).await? else { panic!("the room is there") };
        bytes += size(&room);
    }
    assert!(bytes <= 16 * MEBIBYTE && left == 15, "{left} changes with {bytes} bytes");
    Ok(())
}
