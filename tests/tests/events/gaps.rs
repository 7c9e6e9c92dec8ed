//! Gaps: when they start and end, and how to continue after one.

use std::time::Duration;

use fishjam_emulator::Emulator;
use fishjam_sdk::{ConnectionState, ErrorKind, FishjamClient, Overflow, RoomOptions, UnreadableItem, events::Event};
use fishjam_tests::{
    clock::{leap, settle},
    support::{until, within},
};
use serde_json::json;

use crate::{created, next, next_room, quick};

/// A way to lose a connection, and the reason in the gap.
type Loss = (&'static str, fn(&Emulator) -> usize, ErrorKind, Option<u16>);

const LOSSES: [Loss; 6] = [
    ("closed as if all were well", |e| e.server_sockets().close_all(1000, ""), ErrorKind::Closed, Some(1000)),
    ("closed because the server goes away", |e| e.server_sockets().close_all(1001, "x"), ErrorKind::Closed, Some(1001)),
    ("closed after a crash", |e| e.server_sockets().close_all(1011, ""), ErrorKind::Closed, Some(1011)),
    ("closed with a code of its own", |e| e.server_sockets().close_all(4000, "why"), ErrorKind::Closed, Some(4000)),
    ("dropped", |e| e.server_sockets().drop_all(), ErrorKind::Connection, None),
    ("reset", |e| e.server_sockets().reset_all(), ErrorKind::Connection, None),
];

#[tokio::test]
async fn gap_starts_at_the_last_received_message() -> anyhow::Result<()> {
    let quiet = Duration::from_millis(200);
    for (loss, lose, ..) in LOSSES.into_iter().filter(|(.., code)| code.is_none()) {
        let emulator = Emulator::start().await?;
        let mut events = quick(&emulator).build()?.events().await?;
        emulator.publish(created("r"));
        assert_eq!(next_room(&mut events).await?, "r");
        // The gap must include this silence.
        leap(quiet).await;
        lose(&emulator);
        let Event::Gap(gap) = next(&mut events).await? else { panic!("no gap") };
        assert!(gap.duration() >= quiet, "{loss}: {:?}", gap.duration());
    }
    Ok(())
}

#[tokio::test]
async fn gap_keeps_its_length_for_a_slow_consumer() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = quick(&emulator).queue(1, Overflow::Wait).build()?.events().await?;
    emulator.server_sockets().burst(100, |n| created(n.to_string()));
    until("the burst is written", || emulator.server_sockets().written(1).is_some_and(|r| r.written() == 100)).await?;
    emulator.server_sockets().drop_all();
    // The consumer does not read. Afterwards it reads messages from before the loss.
    let stalled = Duration::from_millis(500);
    settle().await;
    leap(stalled).await;
    for number in 0..100 {
        assert_eq!(next_room(&mut events).await?, number.to_string());
    }
    let Event::Gap(gap) = next(&mut events).await? else { panic!("no gap") };
    assert!(gap.duration() >= stalled, "{:?}", gap.duration());
    Ok(())
}

// Defects X2 and X34 of the official SDKs.
#[tokio::test]
async fn every_loss_is_one_gap_and_the_stream_continues() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    let mut events = notifier.events().await?;
    for (round, (loss, lose, kind, code)) in LOSSES.into_iter().cycle().take(100).enumerate() {
        emulator.publish(created(format!("{round}")));
        assert_eq!(next_room(&mut events).await?, round.to_string());
        let connections = emulator.server_sockets().connections();
        assert_eq!(lose(&emulator), 1, "{loss}");
        within("another connection", emulator.server_sockets().wait_for_connections(connections + 1)).await?;
        within("a subscriber", emulator.server_sockets().wait_for_subscribers(1)).await?;
        match next(&mut events).await? {
            Event::Gap(gap) => {
                assert_eq!((gap.reason.kind(), gap.reason.close_code()), (kind, code), "{loss}: {}", gap.reason);
                assert!(gap.from <= gap.to);
            }
            other => panic!("{loss}: {other:?}"),
        }
        assert_eq!(notifier.state(), ConnectionState::Ready);
    }
    Ok(())
}

#[tokio::test]
async fn unreadable_message_is_only_a_gap() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = quick(&emulator).build()?.events().await?;
    let garbage: [fn(&Emulator); 3] = [
        |e| e.server_sockets().send_raw([0xff; 7]),
        |e| e.server_sockets().send_text("text"),
        // A created room whose id is not valid UTF-8.
        |e| e.server_sockets().send_raw([0x52, 3, 0x0a, 1, 0xff]),
    ];
    for (round, send) in garbage.into_iter().enumerate() {
        emulator.publish(created("before"));
        send(&emulator);
        emulator.publish(created("after"));
        assert_eq!(next_room(&mut events).await?, "before", "{round}");
        assert!(matches!(next(&mut events).await?, Event::Gap(_)), "{round}");
        assert_eq!(next_room(&mut events).await?, "after", "{round}");
    }
    assert_eq!(emulator.server_sockets().connections(), 1);
    Ok(())
}

#[tokio::test]
async fn gap_of_a_late_notification_starts_before_its_arrival() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = quick(&emulator).build()?.events().await?;
    emulator.server_sockets().send_raw([0x52, 3, 0x0a, 1, 0xff]);
    emulator.publish(created("after"));
    let late = Duration::from_millis(300);
    leap(late).await;
    let Event::Gap(gap) = next(&mut events).await? else { panic!("no gap") };
    assert_eq!(gap.reason.kind(), ErrorKind::Decode);
    assert!(gap.duration() >= late, "{:?}", gap.duration());
    assert_eq!(next_room(&mut events).await?, "after");
    Ok(())
}

#[tokio::test]
async fn resync_returns_unreadable_rooms_and_streams() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let mut events = quick(&emulator).build()?.events().await?;
    let rooms = json!({ "data": [{ "id": "a", "config": {}, "peers": 1 }, { "id": "b", "config": {}, "peers": [] }] });
    emulator.faults().on("get_all_rooms").body(rooms.to_string());
    let stream = json!({ "id": "c", "public": true, "streamers": [], "viewers": [] });
    let streams = json!({ "data": [stream, { "id": "d", "public": true, "streamers": 1, "viewers": [] }] });
    emulator.faults().on("get_all_streams").body(streams.to_string());

    let snapshot = events.resync(&fishjam).await?;
    assert_eq!((snapshot.rooms.len(), snapshot.rooms[0].id.as_str()), (1, "b"));
    assert_eq!((snapshot.streams.len(), snapshot.streams[0].id.as_str()), (1, "c"));
    let ids = |items: &[UnreadableItem]| items.iter().map(|item| (item.id.clone(), item.index)).collect::<Vec<_>>();
    assert_eq!(ids(&snapshot.unreadable_rooms), [(Some("a".to_owned()), 0)]);
    assert_eq!(ids(&snapshot.unreadable_streams), [(Some("d".to_owned()), 1)]);
    Ok(())
}

#[tokio::test]
async fn resync_drops_only_events_that_the_snapshot_includes() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let mut events = quick(&emulator).build()?.events().await?;
    let mut prompt = quick(&emulator).build()?.events().await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    assert_eq!(next_room(&mut prompt).await?, room.id.as_str());

    emulator.faults().on("get_all_rooms").status(500);
    assert_eq!(events.resync(&fishjam).await.unwrap_err().kind(), ErrorKind::Server);
    assert_eq!(next_room(&mut events).await?, room.id.as_str(), "nothing is let go for nothing");

    let second = fishjam.create_room(RoomOptions::new()).await?;
    assert_eq!(next_room(&mut prompt).await?, second.id.as_str());
    let snapshot = events.resync(&fishjam).await?;
    assert_eq!(snapshot.rooms.len(), 2);
    emulator.publish(created("after"));
    let mut told = next_room(&mut events).await?;
    if told == second.id.as_str() {
        // This consumer may receive it later than the other one.
        told = next_room(&mut events).await?;
    }
    assert_eq!(told, "after");
    Ok(())
}
