//! Time and tokens of retries.

use std::time::Duration;

use fishjam_emulator::{Emulator, Fault};
use fishjam_sdk::{
    ErrorKind, FishjamClient, FishjamClientBuilder, FishjamNotifier, PeerOptions, RecordingFilter, RoomOptions,
};
use fishjam_tests::{
    clock::{StoppedClock, settle},
    support::{respond_with, unused_url, within},
};
use serde_json::json;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpSocket},
    task::JoinSet,
    time::Instant,
};

use crate::relay::Relay;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MESSAGE: &str = r#"{"errors":"slow down"}"#;

/// A client without waits between its attempts.
fn quick(emulator: &Emulator) -> FishjamClientBuilder {
    FishjamClient::builder(emulator.url(), emulator.token()).retry_backoff(Duration::ZERO, Duration::ZERO)
}

/// Moves a stopped clock in small steps. After each one, sockets and tasks get their turns.
async fn pass(clock: &StoppedClock, time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        clock.advance(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn no_attempt_starts_without_useful_time() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    // 50 milliseconds are left after the wait. Without the rule, this test would take a minute.
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .overall_timeout(Duration::from_millis(60_050))
        .build()?;
    for operation in ["create_room", "get_room"] {
        emulator.faults().on(operation).status(429).retry_after(Duration::from_secs(60)).body(MESSAGE);
        emulator.faults().on(operation).stall();
        let call = async {
            match operation {
                "create_room" => fishjam.create_room(RoomOptions::new()).await.map(drop),
                _ => fishjam.get_room("r").await.map(drop),
            }
        };
        let error = within("an error", call).await?.unwrap_err();
        assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::RateLimited, Some(429), 1));
        assert_eq!((error.message(), error.may_have_taken_effect()), (Some("slow down"), false), "{operation}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    }
    Ok(())
}

#[tokio::test]
async fn timeout_keeps_the_servers_message() -> anyhow::Result<()> {
    // The limit that interrupts the second attempt: the overall timeout, or the request timeout.
    let limits = [(10, 30, 4), (600, 9, 2)];
    let operations = ["get_room", "delete_room", "create_room"];
    let clock = StoppedClock::stop();
    for (operation, (overall, request, attempts)) in
        operations.into_iter().flat_map(|operation| limits.map(|limits| (operation, limits)))
    {
        let emulator = Emulator::start().await?;
        let fishjam = quick(&emulator)
            .overall_timeout(Duration::from_secs(overall))
            .request_timeout(Duration::from_secs(request))
            .max_attempts(attempts)
            .build()?;
        emulator.faults().on(operation).status(503).retry_after(Duration::from_secs(5)).body(MESSAGE);
        emulator.faults().on(operation).stall();
        let call = tokio::spawn(async move {
            match operation {
                "get_room" => fishjam.get_room("r").await.map(drop),
                "delete_room" => fishjam.delete_room("r").await,
                _ => fishjam.create_room(RoomOptions::new()).await.map(drop),
            }
        });
        while emulator.journal().requests_for(operation).first().is_none_or(|first| first.status().is_none())
            && !call.is_finished()
        {
            settle().await;
        }
        // The first response arrives.
        settle().await;
        while emulator.journal().count(operation) < 2 && !call.is_finished() {
            clock.advance(Duration::from_secs(1)).await;
        }
        clock.advance(Duration::from_secs(10)).await;
        let error = call.await?.unwrap_err();
        assert_eq!(error.attempts(), 2, "{operation}");
        assert_eq!(error.may_have_taken_effect(), operation != "get_room", "{operation}");
        if operation == "create_room" {
            assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, None));
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            assert!(source.contains("slow down"), "{source}");
        } else {
            assert_eq!((error.kind(), error.status()), (ErrorKind::ServiceUnavailable, Some(503)), "{operation}");
            assert_eq!(error.message(), Some("slow down"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_caller_survives_a_restart_of_three_seconds() -> anyhow::Result<()> {
    const TOKEN: &str = "token";
    // No other program gets this port, and no server listens there.
    let reserved = TcpSocket::new_v4()?;
    reserved.bind("127.0.0.1:0".parse()?)?;
    let port = reserved.local_addr()?.port();
    let fishjam = FishjamClient::new(format!("http://127.0.0.1:{port}"), TOKEN)?;
    let clock = StoppedClock::stop();
    let mut calls = JoinSet::new();
    for call in 0..100 {
        let fishjam = fishjam.clone();
        calls.spawn(async move {
            match call % 2 {
                0 => fishjam.create_room(RoomOptions::new()).await.map(drop),
                _ => fishjam.get_all_rooms().await.map(drop),
            }
        });
    }
    pass(&clock, Duration::from_secs(3)).await;
    assert!(calls.try_join_next().is_none(), "no call gives up");
    drop(reserved);
    let emulator = Emulator::builder().port(port).token(TOKEN).start().await?;
    while !calls.is_empty() {
        pass(&clock, Duration::from_millis(50)).await;
        while let Some(outcome) = calls.try_join_next() {
            outcome??;
        }
    }
    assert_eq!(fishjam.get_all_rooms().await?.len(), 50);
    drop(emulator);
    Ok(())
}

#[tokio::test]
async fn refused_connections_are_tried_eight_times() -> anyhow::Result<()> {
    let url = unused_url().await?;
    let client = || FishjamClient::builder(&*url, "token").retry_backoff(Duration::ZERO, Duration::ZERO);
    for (fishjam, attempts) in [
        (client().build()?, 8),
        // They cost no tokens.
        (client().retry_budget(0).build()?, 8),
        (client().max_attempts(3).build()?, 3),
        (client().max_attempts(1).build()?, 1),
    ] {
        let error = fishjam.create_room(RoomOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connection, attempts));
        assert!(!error.may_have_taken_effect());
    }
    Ok(())
}

#[tokio::test]
async fn connections_ended_in_the_handshake_cost_tokens() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("https://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Without unread data, the end is orderly.
            let _ = stream.read_buf(&mut Vec::with_capacity(4096)).await;
        }
    });
    let client = || FishjamClient::builder(&*url, "token").retry_backoff(Duration::ZERO, Duration::ZERO);
    for (fishjam, attempts) in
        [(client().build()?, 8), (client().retry_budget(20).build()?, 3), (client().retry_budget(0).build()?, 1)]
    {
        let error = within("an error", fishjam.create_room(RoomOptions::new())).await?.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connection, attempts), "{error:#}");
        assert!(!error.may_have_taken_effect());
    }
    Ok(())
}

#[tokio::test]
async fn outage_does_not_multiply_requests() -> anyhow::Result<()> {
    // The failure, the tokens of a retry, and the number of requests of 200 calls.
    for (fault, tokens, requests) in [
        ((|f| f.status(503)) as fn(Fault) -> Fault, 5, 300),
        (|f| f.status(429).retry_after(Duration::ZERO), 5, 300),
        (Fault::disconnect, 10, 250),
    ] {
        let emulator = Emulator::start().await?;
        let fishjam = quick(&emulator).build()?;
        fault(emulator.faults().on("get_all_rooms").always());
        for _ in 0..200 {
            fishjam.clone().get_all_rooms().await.unwrap_err();
        }
        assert_eq!(emulator.journal().count("get_all_rooms"), requests, "{tokens}");
    }

    // Without a budget, every call sends four requests.
    let emulator = Emulator::start().await?;
    let fishjam = quick(&emulator).no_retry_budget().build()?;
    emulator.faults().on("get_all_rooms").always().status(503);
    for _ in 0..60 {
        assert_eq!(fishjam.get_all_rooms().await.unwrap_err().attempts(), 4);
    }
    assert_eq!(emulator.journal().count("get_all_rooms"), 240);
    Ok(())
}

#[tokio::test]
async fn success_refills_the_budget() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = quick(&emulator).retry_budget(5).build()?;
    let fail = |times| emulator.faults().on("get_all_rooms").times(times).status(503);
    // A retry that succeeds gets its tokens back.
    for _ in 0..3 {
        fail(1);
        fishjam.get_all_rooms().await?;
    }
    fail(3);
    assert_eq!(fishjam.get_all_rooms().await.unwrap_err().attempts(), 2);
    assert_eq!(fishjam.get_all_rooms().await.unwrap_err().attempts(), 1);
    for _ in 0..5 {
        fishjam.get_all_rooms().await?;
    }
    fail(1);
    fishjam.get_all_rooms().await?;
    Ok(())
}

#[tokio::test]
async fn retry_after_never_exceeds_one_day() -> anyhow::Result<()> {
    for value in ["18446744073709551615", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let emulator = Emulator::start().await?;
        emulator.faults().on("create_room").status(429).header("retry-after", value);
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let error = fishjam.create_room(RoomOptions::new()).await.unwrap_err();
        assert_eq!((error.attempts(), error.retry_after()), (1, Some(DAY)), "{value}");

        let response = format!("HTTP/1.1 503 Service Unavailable\r\nretry-after: {value}\r\ncontent-length: 0\r\n\r\n");
        let builder = FishjamNotifier::builder(respond_with(response).await?, "token");
        let notifier = builder.retry_first_connection(false).build()?;
        let error = within("an error", notifier.events()).await?.unwrap_err();
        assert_eq!(error.retry_after(), Some(DAY), "{value}");
        assert!(std::time::Instant::now().checked_add(DAY).is_some());
    }
    Ok(())
}

#[tokio::test]
async fn retry_after_date_ignores_the_local_clock() -> anyhow::Result<()> {
    // The server's clock is far ahead of the local one, or far behind.
    for (date, after, wait, attempts) in [
        ("Fri, 01 Jan 2100 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", 0, 2),
        ("Sat, 01 Jan 2000 00:00:00 GMT", "Sat, 01 Jan 2000 01:00:00 GMT", 3600, 1),
    ] {
        let response = format!(
            "HTTP/1.1 503 Service Unavailable\r\ndate: {date}\r\nretry-after: {after}\r\nconnection: close\r\n\
             content-length: 0\r\n\r\n"
        );
        let fishjam = FishjamClient::builder(respond_with(response).await?, "token").max_attempts(2).build()?;
        let error = within("an error", fishjam.create_room(RoomOptions::new())).await?.unwrap_err();
        assert_eq!((error.attempts(), error.retry_after()), (attempts, Some(Duration::from_secs(wait))), "{date}");
    }
    Ok(())
}

#[tokio::test]
async fn request_that_cannot_be_built_is_invalid_input() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let long = "a".repeat(70_000);
    for error in [
        fishjam.get_room(&*long).await.unwrap_err(),
        fishjam.delete_room(&*long).await.unwrap_err(),
        fishjam.create_peer(&*long, PeerOptions::new()).await.unwrap_err(),
        fishjam.subscribe_peer("r", "p", &*long).await.unwrap_err(),
        fishjam.get_recording(&*long).await.unwrap_err(),
        fishjam.get_all_recordings(RecordingFilter::new().metadata(json!({ "a": &long }))).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error:?}");
        assert!(!error.may_have_taken_effect() && !error.is_retryable());
        let message = error.message().unwrap_or_default();
        assert!(message.contains("too long") && message.len() < 200, "{message}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn idle_connection_is_kept_for_pool_idle_timeout() -> anyhow::Result<()> {
    const CALLS: usize = 20;
    let emulator = Emulator::start().await?;
    for (idle, kept) in [(None, true), (Some(Duration::MAX), true), (Some(Duration::ZERO), false)] {
        let relay = Relay::start(emulator.origin()).await?;
        let url = emulator.url().replace(emulator.origin(), &relay.origin());
        let mut builder = FishjamClient::builder(url, emulator.token());
        if let Some(idle) = idle {
            builder = builder.pool_idle_timeout(idle);
        }
        let fishjam = builder.build()?;
        for _ in 0..CALLS {
            fishjam.get_all_rooms().await?;
        }
        assert_eq!(relay.accepted() < CALLS, kept, "{idle:?}: {}", relay.accepted());
    }
    Ok(())
}
