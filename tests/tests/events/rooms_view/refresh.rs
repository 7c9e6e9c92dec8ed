//! Reads of one room on request, while the view follows the events.

use std::{sync::Arc, time::Duration};

use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, PeerMetadataUpdated},
};
use fishjam_sdk::{
    ErrorKind, FishjamClient, PeerId, PeerOptions, Room, RoomChange, RoomId, RoomOptions, RoomsView, SubscribeMode,
};
use fishjam_tests::{
    clock::leap,
    support::{until, within},
};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{next, start};

/// The delay of a response that is older than an event.
const DELAY: Duration = Duration::from_secs(20);

/// A view with a room, which has a peer.
async fn one_peer(emulator: &Emulator) -> anyhow::Result<(FishjamClient, RoomsView, Room, PeerId)> {
    let (fishjam, view) = start(emulator).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new().subscribe_mode(SubscribeMode::Manual)).await?;
    until("the peer is shown", || view.get(&room.id).is_some_and(|room| room.peers.len() == 1)).await?;
    // The view has no further read for the room.
    within("the view is live", view.wait_live()).await??;
    Ok((fishjam, view, room, peer.id))
}

/// Publishes a change of the peer's metadata, and waits until the view shows it.
async fn set_metadata(
    emulator: &Emulator,
    view: &RoomsView,
    room: &RoomId,
    peer: &PeerId,
    value: &str,
) -> anyhow::Result<()> {
    let updated = PeerMetadataUpdated {
        room_id: room.to_string(),
        peer_id: peer.to_string(),
        metadata: json!(value).to_string(),
        ..Default::default()
    };
    emulator.publish(ServerMessage { content: Some(Content::PeerMetadataUpdated(updated)) });
    until("the metadata is shown", || view.get(room).is_some_and(|room| metadata(&room) == Some(json!(value)))).await
}

fn metadata(room: &Room) -> Option<Value> {
    Some(room.peers.first()?.metadata::<Value>().ok()?["peer"].clone())
}

#[tokio::test]
async fn refresh_shows_a_subscription_that_no_event_reports() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view, room, bob) = one_peer(&emulator).await?;
    let (ada, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    until("the peer is shown", || view.get(&room.id).is_some_and(|room| room.peers.len() == 2)).await?;
    let mut changes = view.changes();
    fishjam.subscribe_peer(&room.id, &bob, &ada.id).await?;

    let refreshed = view.refresh(&room.id).await?;
    let subscribed =
        |room: &Room| room.peers.iter().any(|peer| peer.id == bob && peer.subscriptions.peers == [ada.id.clone()]);
    assert!(subscribed(&refreshed));
    let RoomChange::Room(changed) = next(&mut changes).await? else { anyhow::bail!("the room is there") };
    assert!(Arc::ptr_eq(&changed, &refreshed));
    assert!(view.get(&room.id).is_some_and(|shown| Arc::ptr_eq(&shown, &refreshed)));
    // Without a change, there is nothing to report.
    assert!(Arc::ptr_eq(&view.refresh(&room.id).await?, &refreshed));
    assert!(changes.receive().now_or_never().is_none());
    Ok(())
}

#[tokio::test]
async fn refresh_adds_a_room_and_removes_a_missing_one() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    let mut changes = view.changes();
    // The events arrive only after the test releases them.
    emulator.server_sockets().stall_all();
    let room = fishjam.create_room(RoomOptions::new()).await?;
    assert_eq!(*view.refresh(&room.id).await?, room);
    assert!(view.get(&room.id).is_some() && view.first_seen(&room.id).is_some());
    fishjam.delete_room(&room.id).await?;
    assert_eq!(view.refresh(&room.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(view.get(&room.id).is_none());
    assert!(matches!(next(&mut changes).await?, RoomChange::Room(new) if *new == room));
    assert!(matches!(next(&mut changes).await?, RoomChange::Gone(id) if id == room.id));
    Ok(())
}

#[tokio::test]
async fn failed_refresh_keeps_the_room() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (_, view, room, _) = one_peer(&emulator).await?;
    let before = view.get(&room.id);
    emulator.faults().on("get_room").status(400);
    assert_eq!(view.refresh(&room.id).await.unwrap_err().kind(), ErrorKind::BadRequest);
    assert_eq!(view.refresh("a/b").await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(view.get(&room.id), before);
    assert!(view.is_live());
    Ok(())
}

#[tokio::test]
async fn refresh_reads_again_if_an_event_is_newer_than_its_response() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (_, view, room, peer) = one_peer(&emulator).await?;
    let before = emulator.journal().count("get_room");
    let old = json!({ "data": { "id": room.id, "config": {}, "peers": [] } });
    let reads = emulator.faults().on("get_room").body(old.to_string()).delay(DELAY);
    let refreshing = tokio::spawn({
        let (view, id) = (view.clone(), room.id.clone());
        async move { view.refresh(id).await }
    });
    until("the room is read", || reads.hits() == 1).await?;
    set_metadata(&emulator, &view, &room.id, &peer, "newer").await?;
    leap(DELAY).await;
    let refreshed = within("a response", refreshing).await???;
    assert_eq!(refreshed.peers.len(), 1, "the old response has no peer");
    assert_eq!(view.get(&room.id), Some(refreshed));
    assert_eq!(emulator.journal().count("get_room"), before + 2);
    Ok(())
}

#[tokio::test]
async fn refresh_of_a_busy_room_leaves_the_last_read_to_the_view() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view, room, peer) = one_peer(&emulator).await?;
    let (ada, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    until("the peer is shown", || view.get(&room.id).is_some_and(|room| room.peers.len() == 2)).await?;
    within("the view is live", view.wait_live()).await??;
    let before = emulator.journal().count("get_room");
    fishjam.subscribe_peer(&room.id, &peer, &ada.id).await?;
    let reads = emulator.faults().on("get_room").times(3).delay(DELAY);
    let refreshing = tokio::spawn({
        let (view, id) = (view.clone(), room.id.clone());
        async move { view.refresh(id).await }
    });
    for read in 1..=3 {
        until("the room is read", || reads.hits() == read).await?;
        set_metadata(&emulator, &view, &room.id, &peer, &read.to_string()).await?;
        leap(DELAY).await;
    }
    let refreshed = within("a response", refreshing).await???;
    let subscribed = |room: &Room| room.peers.iter().any(|peer| peer.subscriptions.peers == [ada.id.clone()]);
    assert!(subscribed(&refreshed));
    until("the view reads the room", || view.get(&room.id).is_some_and(|room| subscribed(&room))).await?;
    assert_eq!(emulator.journal().count("get_room"), before + 4);
    Ok(())
}
