//! The start of a view while the server is not available, and the end of its notifier.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, FishjamNotifierBuilder, RoomOptions, RoomsView};
use fishjam_tests::{
    clock::{SteppedClock, StoppedClock, or_stuck},
    support::{until, within},
};

use super::{is_shown, start};
use crate::quick;

fn one_attempt(emulator: &Emulator) -> Result<FishjamClient, fishjam_sdk::Error> {
    FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()
}

#[tokio::test]
async fn start_waits_until_socket_and_api_are_available() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = one_attempt(&emulator)?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    emulator.faults().on("server_socket").status(503).times(2);
    for (status, times) in [(503, 1), (500, 1), (429, 1)] {
        emulator.faults().on("get_all_rooms").status(status).times(times);
    }
    let notifier = quick(&emulator).build()?;
    let _clock = SteppedClock::start(Duration::from_millis(50));
    let view = within("the view", RoomsView::start(&fishjam, &notifier)).await??;
    assert!(is_shown(&view, &[room]) && view.is_live());
    assert_eq!((emulator.journal().count("server_socket"), emulator.journal().count("get_all_rooms")), (3, 4));
    Ok(())
}

#[tokio::test]
async fn start_fails_immediately_if_another_read_cannot_help() -> anyhow::Result<()> {
    type Change = fn(FishjamNotifierBuilder) -> FishjamNotifierBuilder;
    let cases: [(u16, Change, ErrorKind); 4] = [
        (401, |builder| builder, ErrorKind::Unauthorized),
        (404, |builder| builder, ErrorKind::NotFound),
        (503, |builder| builder.retry_first_connection(false), ErrorKind::ServiceUnavailable),
        (503, |builder| builder.reconnect(false), ErrorKind::ServiceUnavailable),
    ];
    for (status, change, kind) in cases {
        let emulator = Emulator::start().await?;
        emulator.faults().on("get_all_rooms").always().status(status);
        let notifier = change(quick(&emulator)).build()?;
        let error = within("a response", RoomsView::start(&one_attempt(&emulator)?, &notifier)).await?.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(emulator.journal().count("get_all_rooms"), 1, "{error}");
        within("the notifier has no consumer", notifier.closed()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn start_ends_when_the_notifier_is_closed() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let reads = emulator.faults().on("get_all_rooms").always().status(503);
    let (fishjam, notifier) = (one_attempt(&emulator)?, quick(&emulator).build()?);
    let starting = tokio::spawn({
        let notifier = notifier.clone();
        async move { RoomsView::start(&fishjam, &notifier).await.map(drop) }
    });
    until("the view reads the rooms", || reads.hits() == 1).await?;
    notifier.close();
    assert_eq!(within("the end", starting).await??.unwrap_err().kind(), ErrorKind::Closed);
    Ok(())
}

#[tokio::test]
async fn closed_notifier_ends_the_view_without_an_error_item() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let notifier = quick(&emulator).build()?;
    let view = RoomsView::start(&fishjam, &notifier).await?;
    let mut changes = view.changes();
    notifier.close();
    assert!(within("the end", changes.receive()).await?.is_none());
    within("the end", notifier.closed()).await?;
    assert!(!view.is_live() && is_shown(&view, std::slice::from_ref(&room)));
    // Another consumer connects again. The view stays at its end.
    let _events = within("a stream", notifier.events()).await??;
    assert_eq!(within("a response", view.wait_live()).await?.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(within("a response", view.refresh(&room.id)).await?.unwrap_err().kind(), ErrorKind::Closed);
    assert!(within("the end", view.changes().receive()).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn closed_notifier_ends_the_view_during_a_read() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = quick(&emulator).build()?;
    let view = RoomsView::start(&fishjam, &notifier).await?;
    let mut changes = view.changes();
    let read = emulator.faults().on("get_room").always().stall();
    fishjam.create_room(RoomOptions::new()).await?;
    until("the view reads the room", || read.hits() == 1).await?;
    // The read has no end, because its time limit never comes.
    let clock = StoppedClock::stop();
    notifier.close();
    assert!(or_stuck(changes.receive()).await.context("the changes do not end")?.is_none());
    drop(clock);
    within("the end", notifier.closed()).await?;
    Ok(())
}

#[tokio::test]
async fn first_seen_is_kept_while_the_room_exists() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, view) = start(&emulator).await?;
    assert!(view.first_seen("unknown").is_none());
    let room = fishjam.create_room(RoomOptions::new()).await?;
    until("the room is shown", || view.get(&room.id).is_some()).await?;
    let seen = view.first_seen(&room.id);
    assert!(seen.is_some());
    view.refresh(&room.id).await?;
    assert_eq!(view.first_seen(&room.id), seen);
    fishjam.delete_room(&room.id).await?;
    until("the room is gone", || view.get(&room.id).is_none()).await?;
    assert!(view.first_seen(&room.id).is_none());
    Ok(())
}
