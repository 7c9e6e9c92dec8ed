//! Slow consumers: events are lost only with `DropOldest`, and lost events are counted.

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Overflow,
    events::{Event, Notification},
};
use fishjam_tests::support::within;

use crate::{created, next, next_room, quick};

/// As many events as make every buffer on the way overflow.
const FLOOD: u64 = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_queue_pauses_reads_and_loses_nothing() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = quick(&emulator).queue(16, Overflow::Wait).build()?.events().await?;
    emulator.server_sockets().burst(FLOOD, |n| created(n.to_string()));
    for expected in 0..FLOOD {
        assert_eq!(next_room(&mut events).await?, expected.to_string());
    }
    assert_eq!(emulator.server_sockets().connections(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_oldest_keeps_the_newest_and_counts_the_rest() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    // One consumer reads everything. The other consumer does not read.
    let mut prompt = notifier.events().await?;
    let mut slow = notifier.subscribe_with(100, Overflow::DropOldest)?;
    emulator.server_sockets().burst(FLOOD, |n| created(n.to_string()));
    for expected in 0..FLOOD {
        assert_eq!(next_room(&mut prompt).await?, expected.to_string());
    }
    emulator.publish(created("the end"));
    assert_eq!(next_room(&mut prompt).await?, "the end");
    // The last events may still be on their way to the slow one when the prompt one has them.
    let (mut dropped, mut rooms) = (0, Vec::new());
    while rooms.last().is_none_or(|room| room != "the end") {
        match next(&mut slow).await? {
            Event::Dropped(events) => dropped += events,
            Event::Notification(Notification::RoomCreated(room)) => rooms.push(room.room_id.to_string()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(dropped + rooms.len() as u64, FLOOD + 1);
    // Reads the waiting events and the end.
    assert!((100..=101).contains(&rooms.len()), "{} were kept", rooms.len());
    let newest: Vec<_> = (FLOOD - 99..FLOOD).map(|n| n.to_string()).chain(["the end".to_owned()]).collect();
    assert!(rooms.ends_with(&newest), "{rooms:?}");
    Ok(())
}

#[tokio::test]
async fn dropped_slow_consumer_releases_the_others() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    let mut prompt = notifier.events().await?;
    let stuck = notifier.subscribe_with(1, Overflow::Wait)?;
    emulator.server_sockets().burst(2000, |n| created(n.to_string()));
    assert_eq!(next_room(&mut prompt).await?, "0");
    drop(stuck);
    for expected in 1..2000 {
        assert_eq!(next_room(&mut prompt).await?, expected.to_string());
    }
    within("one subscriber stays", emulator.server_sockets().wait_for_subscribers(1)).await?;
    Ok(())
}
