//! Lost connections: when the notifier replaces them, and when it ends.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{ConnectionState, ErrorKind, events::Event};
use fishjam_tests::{
    clock::{SteppedClock, leap},
    support::within,
};
use futures_util::{FutureExt, StreamExt};

use crate::{created, next, next_room, quick};

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
    // The test lasts longer than the idle timeout.
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
async fn oversized_message_causes_a_reconnection() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = quick(&emulator).build()?.events().await?;
    emulator.server_sockets().send_oversized(17 * 1024 * 1024);
    let Event::Gap(gap) = next(&mut events).await? else { panic!("no gap") };
    assert_eq!(gap.reason.kind(), ErrorKind::TooLarge);
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
    let response = fishjam_proto::fishjam::ServerMessage { content: Some(content) };
    emulator.faults().on("server_socket").answer_token_with(&response);
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
    let _clock = SteppedClock::start(Duration::from_millis(10));
    for stall in stalls {
        let emulator = Emulator::start().await?;
        stall(&emulator);
        let builder = quick(&emulator).handshake_timeout(Duration::from_millis(200));
        let notifier = builder.retry_first_connection(false).build()?;
        let error = within("an error", notifier.events()).await?.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
    Ok(())
}
