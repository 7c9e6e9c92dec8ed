//! Handlers and streams that share the connection of a notifier.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    ConnectionState, ErrorKind, FishjamNotifier, Overflow,
    events::{Event, Notification},
};
use fishjam_tests::{
    clock::leap,
    support::{until, within},
};
use futures_util::StreamExt;
use tokio::sync::Notify;

use crate::{created, next, next_room, quick};

// Defect X3 of the official SDKs.
#[tokio::test]
async fn wait_ready_fails_when_no_connection_can_follow() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = FishjamNotifier::new(emulator.url(), "wrong")?;
    notifier.on_server_notification(|_: Notification| {});
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    let error = within("a response", notifier.wait_ready()).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(running.await?.unwrap_err().kind(), ErrorKind::Unauthorized);

    // After a drop, it waits for the next connection.
    let notifier = quick(&emulator).build()?;
    let _events = notifier.events().await?;
    emulator.faults().on("server_socket").status(503).times(2);
    emulator.server_sockets().drop_all();
    until("the loss is noticed", || notifier.state() != ConnectionState::Ready).await?;
    within("another connection", notifier.wait_ready()).await??;
    assert_eq!(emulator.server_sockets().count(), 1);
    Ok(())
}

// Defect X4 of the official SDKs.
#[tokio::test]
async fn connect_without_a_handler_opens_no_connection() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let error = quick(&emulator).build()?.connect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(emulator.server_sockets().connections(), 0);
    Ok(())
}

// Defect X6 of the official SDKs.
#[tokio::test]
async fn slow_handler_loses_no_event_and_pongs_continue() -> anyhow::Result<()> {
    let emulator = Emulator::builder()
        .ping_interval(Duration::from_secs(10))
        .idle_timeout(Duration::from_secs(30))
        .start()
        .await?;
    let notifier = quick(&emulator).build()?;
    let (go_on, handled) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    notifier.on_server_notification({
        let (go_on, handled) = (Arc::clone(&go_on), Arc::clone(&handled));
        move |_: Notification| {
            let (go_on, handled) = (Arc::clone(&go_on), Arc::clone(&handled));
            async move {
                if handled.fetch_add(1, Ordering::SeqCst) == 0 {
                    go_on.notified().await;
                }
            }
        }
    });
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    notifier.wait_ready().await?;
    for room in 0..50 {
        emulator.publish(created(format!("{room}")));
    }
    until("the handler works", || handled.load(Ordering::SeqCst) == 1).await?;
    // The server closes a connection that does not respond to pings for 30 seconds.
    for _ in 0..9 {
        leap(Duration::from_secs(10)).await;
    }
    assert_eq!((emulator.server_sockets().connections(), emulator.server_sockets().count()), (1, 1));
    go_on.notify_one();
    until("all are handled", || handled.load(Ordering::SeqCst) == 50).await?;
    notifier.close();
    within("the end", running).await???;
    Ok(())
}

#[tokio::test]
async fn a_handler_may_be_a_plain_function_too() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    let seen = Arc::new(AtomicUsize::new(0));
    notifier.on_server_notification({
        let seen = Arc::clone(&seen);
        move |_: Notification| {
            seen.fetch_add(1, Ordering::SeqCst);
        }
    });
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    notifier.wait_ready().await?;
    emulator.publish(created("r"));
    until("it is called", || seen.load(Ordering::SeqCst) == 1).await?;
    notifier.close();
    within("the end", running).await???;
    Ok(())
}

#[tokio::test]
async fn connect_returns_ok_when_closed_right_after_ready() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    for _ in 0..50 {
        let notifier = quick(&emulator).build()?;
        notifier.on_server_notification(|_: Notification| {});
        let running = tokio::spawn({
            let notifier = notifier.clone();
            async move { notifier.connect().await }
        });
        notifier.wait_ready().await?;
        notifier.close();
        within("the end", running).await???;
    }
    Ok(())
}

#[tokio::test]
async fn consumers_share_a_connection_and_receive_every_event() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    let mut consumers = [notifier.events().await?, notifier.subscribe()?, notifier.clone().subscribe()?];
    assert_eq!(emulator.server_sockets().connections(), 1);
    emulator.publish(created("before"));
    for events in &mut consumers {
        assert_eq!(next_room(events).await?, "before");
    }
    emulator.server_sockets().drop_all();
    within("another connection", emulator.server_sockets().wait_for_connections(2)).await?;
    within("a subscriber", emulator.server_sockets().wait_for_subscribers(1)).await?;
    emulator.publish(created("after"));
    for events in &mut consumers {
        assert!(matches!(next(events).await?, Event::Gap(_)));
        assert_eq!(next_room(events).await?, "after");
    }
    Ok(())
}

#[tokio::test]
async fn last_dropped_consumer_closes_the_connection() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    for round in 1..=3 {
        let (first, second) = (notifier.events().await?, notifier.events().await?);
        drop(first);
        emulator.publish(created("still there"));
        let mut second = second;
        assert_eq!(next_room(&mut second).await?, "still there");
        drop(second);
        within("the connection goes", emulator.server_sockets().wait_for_count(0)).await?;
        assert_eq!(emulator.server_sockets().connections(), round);
    }
    Ok(())
}

#[tokio::test]
async fn close_ends_every_stream_without_an_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    let (mut first, mut second) = (notifier.events().await?, notifier.events().await?);
    notifier.close();
    assert!(within("the end", first.next()).await?.is_none());
    assert!(within("the end", second.next()).await?.is_none());
    within("the connection goes", emulator.server_sockets().wait_for_count(0)).await?;
    // And it can be used again.
    let mut again = notifier.events().await?;
    emulator.publish(created("again"));
    assert_eq!(next_room(&mut again).await?, "again");
    Ok(())
}

#[test]
fn events_outside_a_runtime_is_an_error() {
    let notifier = FishjamNotifier::new("http://127.0.0.1:9", "token").unwrap();
    assert_eq!(notifier.subscribe().unwrap_err().kind(), ErrorKind::Setup);
    assert_eq!(notifier.state(), ConnectionState::Idle);
}

#[tokio::test]
async fn limits_of_any_length_work() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = FishjamNotifier::builder(emulator.url(), emulator.token())
        .handshake_timeout(Duration::MAX)
        .idle_timeout(Duration::MAX)
        .reconnect_backoff(Duration::ZERO, Duration::ZERO)
        .build()?;
    let mut events = notifier.events().await?;
    emulator.server_sockets().drop_all();
    assert!(matches!(next(&mut events).await?, Event::Gap(_)));
    let none = quick(&emulator).handshake_timeout(Duration::ZERO).retry_first_connection(false).build()?;
    assert_eq!(within("a response", none.events()).await?.unwrap_err().kind(), ErrorKind::Timeout);
    Ok(())
}

#[tokio::test]
async fn close_releases_a_task_blocked_by_a_full_queue() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).queue(1, Overflow::Wait).build()?;
    let mut stuck = notifier.events().await?;
    emulator.server_sockets().burst(100, |n| created(n.to_string()));
    until("the burst is written", || emulator.server_sockets().written(1).is_some_and(|r| r.written() == 100)).await?;
    notifier.close();
    let mut fresh = notifier.events().await?;
    emulator.publish(created("fresh"));
    while next_room(&mut fresh).await? != "fresh" {}
    // The waiting events can still be read, and then the stream ends.
    while let Some(event) = within("the end", stuck.next()).await? {
        event?;
    }
    Ok(())
}

#[test]
fn stream_ends_with_its_runtime_and_another_can_start() -> anyhow::Result<()> {
    let lasting = tokio::runtime::Runtime::new()?;
    let emulator = lasting.block_on(Emulator::start())?;
    let notifier = quick(&emulator).build()?;
    let passing = tokio::runtime::Runtime::new()?;
    let mut events = passing.block_on(notifier.events())?;
    passing.shutdown_background();
    lasting.block_on(async {
        let error = within("the end", events.next()).await?.context("no reason")?.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
        let mut again = notifier.events().await?;
        emulator.publish(created("again"));
        assert_eq!(next_room(&mut again).await?, "again");
        anyhow::Ok(())
    })
}
