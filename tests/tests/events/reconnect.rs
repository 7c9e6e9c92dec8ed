//! Lost connections: replaced, told, and not replaced where that cannot help.

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
    ConnectionState, ErrorKind, FishjamClient, FishjamNotifier, Overflow, RoomOptions, UnreadableItem,
    events::{Event, Notification},
};
use fishjam_tests::{
    clock::{SteppedClock, leap},
    support::{until, within},
};
use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use tokio::sync::Notify;

use crate::{created, next, next_room, quick};

/// How a connection is lost, what the gap then says of it.
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
async fn silence_ends_a_half_open_connection() -> anyhow::Result<()> {
    let emulator = Emulator::builder().ping_interval(Duration::from_secs(10)).start().await?;
    let mut events = quick(&emulator).idle_timeout(Duration::from_secs(30)).build()?.events().await?;
    assert_eq!(emulator.server_sockets().stall_all(), 1);
    emulator.publish(created("lost"));
    leap(Duration::from_secs(30)).await;
    let Event::Gap(gap) = next(&mut events).await? else { panic!("no gap") };
    assert_eq!(gap.reason.kind(), ErrorKind::Timeout);
    assert!(gap.reason.to_string().contains("nothing arrived"), "{}", gap.reason);
    emulator.publish(created("after"));
    assert_eq!(next_room(&mut events).await?, "after");
    Ok(())
}

#[tokio::test]
async fn pings_keep_a_quiet_connection() -> anyhow::Result<()> {
    let emulator = Emulator::builder().ping_interval(Duration::from_secs(10)).start().await?;
    let mut events = quick(&emulator).idle_timeout(Duration::from_secs(30)).build()?.events().await?;
    // Longer than the connection may be silent.
    for _ in 0..9 {
        leap(Duration::from_secs(10)).await;
    }
    assert!(events.next().now_or_never().is_none());
    assert_eq!(emulator.server_sockets().connections(), 1);
    Ok(())
}

#[tokio::test]
async fn token_refused_on_reconnection_ends_the_stream() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    let mut events = notifier.events().await?;
    emulator.faults().on("server_socket").always().refuse_token();
    emulator.server_sockets().close_all(1012, "restarting");
    let error = within("the end", events.next()).await?.context("no reason")?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(within("the end", events.next()).await?.is_none());
    assert_eq!(emulator.server_sockets().connections(), 2, "the token is not tried again");
    assert_eq!(notifier.wait_ready().await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(notifier.state(), ConnectionState::Closed);
    Ok(())
}

#[tokio::test]
async fn permanent_close_code_ends_the_stream() -> anyhow::Result<()> {
    for code in [1002, 1003, 1008] {
        let emulator = Emulator::start().await?;
        let mut events = quick(&emulator).build()?.events().await?;
        emulator.server_sockets().close_all(code, "no");
        let error = within("the end", events.next()).await?.context("no reason")?.unwrap_err();
        assert_eq!((error.kind(), error.close_code()), (ErrorKind::Closed, Some(code)));
        assert!(events.next().await.is_none());
        assert_eq!(emulator.server_sockets().connections(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn reconnection_backs_off_when_the_server_closes_early() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (first, longest) = (Duration::from_millis(20), Duration::from_millis(320));
    let notifier = quick(&emulator).reconnect_backoff(first, longest).build()?;
    let _events = notifier.events().await?;
    emulator.faults().on("server_socket").always().accept_and_close(1000, "");
    let _clock = SteppedClock::start(Duration::from_millis(5));
    let began = tokio::time::Instant::now();
    emulator.server_sockets().close_all(1000, "");
    within("seven more connections", emulator.server_sockets().wait_for_connections(8)).await?;
    // At least half of 20, 40, 80, 160, 320, 320 and 320 milliseconds.
    assert!(began.elapsed() >= Duration::from_millis(630), "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test]
async fn refused_upgrade_is_retried_unless_it_is_permanent() -> anyhow::Result<()> {
    for (status, again) in [(503, true), (502, true), (404, true), (403, false), (401, false)] {
        let emulator = Emulator::start().await?;
        let mut events = quick(&emulator).build()?.events().await?;
        emulator.faults().on("server_socket").times(2).status(status);
        emulator.server_sockets().drop_all();
        let next = within("an event", events.next()).await?.context("the stream ended")?;
        assert_eq!(matches!(next, Ok(Event::Gap(_))), again, "{status}: {next:?}");
    }
    Ok(())
}

#[tokio::test]
async fn stream_without_reconnecting_ends_with_the_reason() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = quick(&emulator).reconnect(false).build()?.events().await?;
    emulator.server_sockets().close_all(1001, "restarting");
    let error = within("the end", events.next()).await?.context("no reason")?.unwrap_err();
    assert_eq!(error.close_code(), Some(1001));
    assert!(error.to_string().contains("restarting"), "{error}");
    assert!(events.next().await.is_none());
    Ok(())
}

#[tokio::test]
async fn unreadable_message_is_only_a_gap() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = quick(&emulator).build()?.events().await?;
    let garbage: [fn(&Emulator); 3] = [
        |e| e.server_sockets().send_raw([0xff; 7]),
        |e| e.server_sockets().send_text("text"),
        // The creation of a room whose id is no UTF-8.
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
async fn oversized_message_causes_a_reconnection() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = quick(&emulator).build()?.events().await?;
    emulator.server_sockets().send_oversized(17 * 1024 * 1024);
    let Event::Gap(gap) = next(&mut events).await? else { panic!("no gap") };
    assert_eq!(gap.reason.kind(), ErrorKind::WebSocket);
    emulator.publish(created("after"));
    assert_eq!(next_room(&mut events).await?, "after");
    Ok(())
}

// Defect X5 of the official SDKs.
#[tokio::test]
async fn stream_keeps_events_before_the_subscription_response() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    emulator.faults().on("server_socket").before_subscription(&created("early"));
    let mut events = quick(&emulator).build()?.events().await?;
    emulator.publish(created("late"));
    assert_eq!(next_room(&mut events).await?, "early");
    assert_eq!(next_room(&mut events).await?, "late");
    Ok(())
}

// Defect X5 of the official SDKs.
#[tokio::test]
async fn unexpected_handshake_response_is_an_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let subscribed = fishjam_proto::fishjam::server_message::SubscribeResponse { event_type: 1 };
    let content = fishjam_proto::fishjam::server_message::Content::SubscribeResponse(subscribed);
    let answer = fishjam_proto::fishjam::ServerMessage { content: Some(content) };
    emulator.faults().on("server_socket").answer_token_with(&answer);
    let error = quick(&emulator).build()?.events().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WebSocket);
    assert!(error.to_string().contains("unexpected handshake response"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_handshake_that_stalls_anywhere_ends_in_time() -> anyhow::Result<()> {
    let stalls: [fn(&Emulator); 2] = [
        |e| drop(e.faults().on("server_socket").ignore_token()),
        |e| drop(e.faults().on("server_socket").ignore_subscription()),
    ];
    for stall in stalls {
        let emulator = Emulator::start().await?;
        stall(&emulator);
        let notifier = quick(&emulator).handshake_timeout(Duration::from_millis(200)).build()?;
        let error = within("an error", notifier.events()).await?.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
    Ok(())
}

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
    let error = within("an answer", notifier.wait_ready()).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(running.await?.unwrap_err().kind(), ErrorKind::Unauthorized);

    // And after a drop it does not return at once, as if nothing had happened.
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
    // The server closes whoever does not answer its pings for 30 seconds.
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
    assert_eq!(notifier.subscribe().unwrap_err().kind(), ErrorKind::InvalidInput);
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
    let none = quick(&emulator).handshake_timeout(Duration::ZERO).build()?;
    assert_eq!(within("an answer", none.events()).await?.unwrap_err().kind(), ErrorKind::Timeout);
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
    // What waited can still be read, and then it is over.
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
        // It was still on its way to this consumer when the other one had it.
        told = next_room(&mut events).await?;
    }
    assert_eq!(told, "after");
    Ok(())
}
