//! A cluster of two servers. Each room exists on one of them.

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    ErrorKind,
    jellyfish::{
        JellyfishClient, JellyfishNotifier, RoomOptions, WebRtc,
        events::{Event, Notification},
    },
};
use serde_json::json;

use crate::{
    notifier::{next, options},
    peer_socket::PeerSocket,
};

#[tokio::test]
async fn room_is_requested_from_its_own_server() -> anyhow::Result<()> {
    let (first, second) = Emulator::jellyfish().start_cluster().await?;
    let asked = JellyfishClient::new(options(&first))?;
    let (room, address) = asked.create_room(RoomOptions::new()).await?;
    assert_eq!(address.as_str(), second.address());
    assert_eq!(asked.get_room(&room.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(asked.get_all_rooms().await?.is_empty());
    assert_eq!(asked.add_peer(&room.id, WebRtc::new()).await.unwrap_err().kind(), ErrorKind::NotFound);

    let home = asked.update_address(address)?;
    assert_eq!(home.get_all_rooms().await?, std::slice::from_ref(&room));
    let created = home.add_peer(&room.id, WebRtc::new()).await?;
    assert!(created.ws_url.contains(second.address()), "{}", created.ws_url);
    PeerSocket::connect(&created).await?;
    home.delete_room(&room.id).await?;

    // The other way round, too.
    let (_, address) = home.create_room(RoomOptions::new()).await?;
    assert_eq!(address.as_str(), first.address());
    let distribution = home.health().await?.distribution;
    assert_eq!((distribution.enabled, distribution.nodes_in_cluster), (true, 2));
    Ok(())
}

#[tokio::test]
async fn handle_sends_requests_to_the_rooms_server() -> anyhow::Result<()> {
    let (first, second) = Emulator::jellyfish().start_cluster().await?;
    let handle = JellyfishClient::new(options(&first))?.create_room_handle(RoomOptions::new()).await?;
    handle.add_peer(WebRtc::new()).await?;
    assert_eq!(handle.get().await?.peers.len(), 1);
    handle.delete().await?;
    assert_eq!((first.journal().count("create_room"), second.journal().count("create_room")), (1, 0));
    assert_eq!((first.journal().count("add_peer"), second.journal().count("add_peer")), (0, 1));
    Ok(())
}

/// A server reports events of all rooms. So the resync reads the rooms of every server.
#[tokio::test]
async fn resync_reads_the_rooms_of_every_server() -> anyhow::Result<()> {
    let (first, second) = Emulator::jellyfish().start_cluster().await?;
    let here = JellyfishClient::new(options(&first))?;
    let there = here.update_address(second.address())?;
    let mut events = JellyfishNotifier::new(options(&first))?.events().await?;
    let (on_second, _) = here.create_room(RoomOptions::new()).await?;
    let (on_first, _) = there.create_room(RoomOptions::new()).await?;
    // The resync drops no event before it has the rooms of every server.
    second.faults().on("get_all_rooms").times(1).status(400);
    assert_eq!(events.resync([&here, &there]).await.unwrap_err().kind(), ErrorKind::BadRequest);
    assert_eq!(events.resync([]).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    match next(&mut events).await? {
        Event::Notification(Notification::RoomCreated(created)) => assert_eq!(created.room_id, on_second.id),
        other => panic!("{other:?}"),
    }
    assert_eq!(events.resync([&here, &there]).await?.items, [on_first, on_second]);
    Ok(())
}

#[tokio::test]
async fn resync_returns_the_unreadable_rooms_of_every_server() -> anyhow::Result<()> {
    let (first, second) = Emulator::jellyfish().start_cluster().await?;
    let here = JellyfishClient::new(options(&first))?;
    let there = here.update_address(second.address())?;
    let mut events = JellyfishNotifier::new(options(&first))?.events().await?;
    for (server, id) in [(&first, "a"), (&second, "b")] {
        let readable = json!({ "id": format!("readable-{id}"), "config": {}, "peers": [], "components": [] });
        let body = json!({ "data": [readable, { "id": id, "config": {}, "peers": 1, "components": [] }] });
        server.faults().on("get_all_rooms").body(body.to_string());
    }
    let rooms = events.resync([&here, &there]).await?;
    let ids: Vec<_> = rooms.items.iter().map(|room| room.id.as_str()).collect();
    assert_eq!(ids, ["readable-a", "readable-b"]);
    let unreadable: Vec<_> = rooms.unreadable.iter().map(|room| (room.id.as_deref(), room.index)).collect();
    assert_eq!(unreadable, [(Some("a"), 1), (Some("b"), 1)]);
    Ok(())
}

#[tokio::test]
async fn every_server_reports_all_rooms() -> anyhow::Result<()> {
    let (first, second) = Emulator::jellyfish().start_cluster().await?;
    let mut here = JellyfishNotifier::new(options(&first))?.events().await?;
    let mut there = JellyfishNotifier::new(options(&second))?.events().await?;
    let (room, _) = JellyfishClient::new(options(&first))?.create_room(RoomOptions::new()).await?;
    for events in [&mut here, &mut there] {
        match next(events).await? {
            Event::Notification(Notification::RoomCreated(created)) => assert_eq!(created.room_id, room.id),
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}
