//! The notifier: how it connects, and every way in which a connection is refused, broken or ended.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use fishjam_emulator::{Authorization, Emulator};
use fishjam_proto::fishjam::server_message::{AuthRequest, Content, RoomCreated, SubscribeRequest, SubscribeResponse};
use fishjam_sdk::{
    Error, ErrorKind, EventStream, FishjamClient, FishjamNotifier, RoomOptions,
    events::{Event, Notification},
};
use fishjam_tests::{
    clock::{SteppedClock, leap},
    support::{silent, until, unused_url, within},
};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    end, next, one_connection,
    script::{ScriptStep, after_signal, authenticated, binary, close_frame, frame, serve, subscribed},
};

const TOKEN: &str = "SENTINEL-management-5f0c";

/// The error of opening a stream.
async fn refusal(url: &str, token: &str) -> anyhow::Result<Error> {
    match within("a response", one_connection(url, token).build()?.events()).await? {
        Ok(_) => anyhow::bail!("{url} was taken for a server"),
        Err(error) => Ok(error),
    }
}

#[tokio::test]
async fn events_is_authenticated_and_subscribed_when_it_returns() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    fishjam.create_room(RoomOptions::new()).await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    assert_eq!(emulator.subscribers(), 1);
    // There is no replay, so no event reports the first room.
    let room = fishjam.create_room(RoomOptions::new()).await?;
    assert!(matches!(next(&mut events).await?, Notification::RoomCreated(it) if it.room_id == room.id));
    Ok(())
}

// Defects X8 and X36 of the official SDKs.
#[tokio::test]
async fn every_form_of_an_address_gives_a_path_without_the_token() -> anyhow::Result<()> {
    let emulator = Emulator::builder().id("http-id").start().await?;
    let (bare, prefixed) = (emulator.origin(), emulator.url());
    for (given, path) in [
        (bare.to_owned(), "/socket/server/websocket"),
        (format!("{bare}/"), "/socket/server/websocket"),
        (bare.replacen("http", "HTTP", 1), "/socket/server/websocket"),
        (prefixed.to_owned(), "/api/v1/connect/http-id/socket/server/websocket"),
        (format!("{prefixed}//"), "/api/v1/connect/http-id/socket/server/websocket"),
    ] {
        let builder = || FishjamNotifier::builder("some-id", emulator.token()).user_agent_suffix("my-backend/1.2");
        for notifier in [
            FishjamNotifier::builder(given.as_str(), emulator.token()).user_agent_suffix("my-backend/1.2").build()?,
            builder().base_url(given.as_str()).build()?,
        ] {
            emulator.journal().clear();
            drop(notifier.events().await?);
            let requests = emulator.journal().requests();
            assert_eq!(requests.len(), 1, "{given}");
            assert_eq!((requests[0].full_path(), requests[0].query()), (path, None), "{given}");
            // The token is in the first message.
            assert_eq!(requests[0].authorization(), Authorization::Missing);
            assert!(requests[0].headers().iter().all(|(_, value)| !value.contains(emulator.token())));
            assert!(requests[0].header("user-agent").is_some_and(|agent| agent.ends_with(" my-backend/1.2")));
        }
    }
    Ok(())
}

#[tokio::test]
async fn lost_server_is_one_error_and_then_the_end() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = one_connection(emulator.url(), emulator.token()).build()?.events().await?;
    emulator.stop().await;
    let error = end(&mut events).await?;
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    assert!(error.to_string().contains("1001"), "{error}");

    let emulator = Emulator::start().await?;
    let notifier = one_connection(emulator.url(), emulator.token()).build()?;
    notifier.on_server_notification(|_: Notification| async {});
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    within("ready", notifier.wait_ready()).await??;
    emulator.stop().await;
    let error = within("the end of connect", running).await??.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    Ok(())
}

/// Opens a stream from a server that then runs these steps.
async fn stream(steps: Vec<ScriptStep>) -> anyhow::Result<EventStream> {
    let signal = Arc::new(Notify::new());
    let url = serve(after_signal(&signal, steps)).await?;
    let events = within("a stream", one_connection(&url, TOKEN).build()?.events()).await??;
    signal.notify_one();
    Ok(events)
}

#[tokio::test]
async fn every_end_of_a_connection_has_its_error() -> anyhow::Result<()> {
    let auth = frame(Content::AuthRequest(AuthRequest { token: "t".to_owned() }));
    let subscribe = frame(Content::SubscribeRequest(SubscribeRequest { event_type: 1 }));
    for (what, step, kind, words) in [
        ("a client's request", ScriptStep::Send(auth), ErrorKind::WebSocket, "broke the protocol"),
        ("another client's request", ScriptStep::Send(subscribe), ErrorKind::WebSocket, "broke the protocol"),
        ("a close frame", ScriptStep::Send(close_frame(1000, "bye")), ErrorKind::Closed, "(code 1000): bye"),
        ("a close frame without a reason", ScriptStep::Send(close_frame(1011, "")), ErrorKind::Closed, "1011"),
        ("an own code", ScriptStep::Send(close_frame(4321, "one\ntwo")), ErrorKind::Closed, "4321"),
        ("no close frame", ScriptStep::Drop, ErrorKind::Connection, "without a close frame"),
    ] {
        let error = end(&mut stream(vec![step]).await?).await.context(what)?;
        assert_eq!(error.kind(), kind, "{what}: {error}");
        let line = format!("{error:#}");
        assert!(line.contains(words) && !line.contains('\n'), "{what}: {line}");
    }
    Ok(())
}

#[tokio::test]
async fn unreadable_message_is_a_gap_with_its_error() -> anyhow::Result<()> {
    for (what, message, kind) in [
        ("a text", Message::text("hello"), ErrorKind::WebSocket),
        ("garbage", binary(vec![0xff; 11]), ErrorKind::Decode),
        ("half a message", binary([0x52, 9, 0x0a]), ErrorKind::Decode),
        ("a notification whose text is no UTF-8", binary([0x52, 3, 0x0a, 1, 0xff]), ErrorKind::Decode),
        ("a notification that ends in a field", binary([0x52, 2, 0x0a, 9]), ErrorKind::Decode),
    ] {
        let created = frame(Content::RoomCreated(RoomCreated { room_id: "r".to_owned() }));
        let mut events = stream(vec![ScriptStep::Send(message), ScriptStep::Send(created)]).await?;
        match within("a gap", events.next()).await?.context("the stream ended")?? {
            Event::Gap(gap) => assert_eq!(gap.reason.kind(), kind, "{what}: {}", gap.reason),
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(next(&mut events).await?.to_string(), "room_created room=r", "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn close_reason_with_the_token_is_not_printed() -> anyhow::Result<()> {
    let repeat = || ScriptStep::Send(close_frame(1000, &format!("unknown token {TOKEN}")));
    let early = refusal(&serve(vec![ScriptStep::Receive, repeat()]).await?, TOKEN).await?;
    let late = end(&mut stream(vec![repeat()]).await?).await?;
    for error in [early, late] {
        assert_eq!(error.kind(), ErrorKind::Closed);
        assert!(error.to_string().contains("unknown token"), "{error}");
        assert!(!format!("{error} {error:?}").contains(TOKEN), "{error:?}");
    }
    Ok(())
}

// Defect X5 of the official SDKs.
#[tokio::test]
async fn every_broken_handshake_has_its_error() -> anyhow::Result<()> {
    let say = |messages: Vec<_>| {
        std::iter::once(ScriptStep::Receive).chain(messages.into_iter().map(ScriptStep::Send)).collect()
    };
    let other = frame(Content::SubscribeResponse(SubscribeResponse { event_type: 2 }));
    let auth = frame(Content::AuthRequest(AuthRequest { token: "t".to_owned() }));
    for (what, steps, kind, words) in [
        ("a text", say(vec!["hello".into()]), ErrorKind::WebSocket, "text"),
        ("garbage", say(vec![binary(vec![0xff; 11])]), ErrorKind::Decode, ""),
        ("the second response first", say(vec![subscribed()]), ErrorKind::WebSocket, "unexpected handshake response"),
        ("our own request", say(vec![auth]), ErrorKind::WebSocket, ""),
        ("a subscription to something else", say(vec![authenticated(), other]), ErrorKind::WebSocket, "protocol"),
        ("no to the token", say(vec![close_frame(1000, "invalid token")]), ErrorKind::Unauthorized, "token"),
        ("another no", say(vec![close_frame(1000, "invalid auth request")]), ErrorKind::Closed, "invalid auth request"),
        ("a crash", say(vec![close_frame(1011, "")]), ErrorKind::Closed, "1011"),
        ("a crash later", say(vec![authenticated(), close_frame(1011, "")]), ErrorKind::Closed, "1011"),
        (
            "nothing any more",
            vec![ScriptStep::Receive, ScriptStep::Drop],
            ErrorKind::Connection,
            "without a close frame",
        ),
    ] {
        let error = refusal(&serve(steps).await?, "token").await?;
        assert_eq!(error.kind(), kind, "{what}: {error}");
        let line = format!("{error:#}");
        assert!(line.contains(words) && !line.contains('\n'), "{what}: {line}");
    }
    Ok(())
}

// Defect X5 of the official SDKs.
#[tokio::test]
async fn events_during_the_handshake_are_kept() -> anyhow::Result<()> {
    let created = |room: &str| ScriptStep::Send(frame(Content::RoomCreated(RoomCreated { room_id: room.to_owned() })));
    let steps = vec![
        ScriptStep::Receive,
        created("a"),
        ScriptStep::Send(authenticated()),
        ScriptStep::Receive,
        created("b"),
        ScriptStep::Send(subscribed()),
        created("c"),
        // A second confirmation changes nothing.
        ScriptStep::Send(authenticated()),
        ScriptStep::Send(subscribed()),
        created("d"),
    ];
    let mut events = one_connection(&serve(steps).await?, "token").build()?.events().await?;
    for room in ["a", "b", "c", "d"] {
        assert_eq!(next(&mut events).await?.to_string(), format!("room_created room={room}"));
    }
    Ok(())
}

#[tokio::test]
async fn refused_upgrade_is_an_error_with_its_status() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let elsewhere = Emulator::builder().token(emulator.token()).start().await?;
    let location = format!("{}/socket/server/websocket", elsewhere.url());
    for (status, kind) in [
        (200, ErrorKind::UnexpectedStatus),
        (301, ErrorKind::UnexpectedStatus),
        (307, ErrorKind::UnexpectedStatus),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::UnexpectedStatus),
        (404, ErrorKind::NotFound),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Server),
        (503, ErrorKind::ServiceUnavailable),
    ] {
        emulator.faults().on("server_socket").status(status).body("<html>").header("location", &location);
        let error = refusal(emulator.url(), emulator.token()).await?;
        assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{error}");
        assert!(error.to_string().contains(&format!("({status})")), "{error}");
    }
    assert_eq!(elsewhere.journal().count("*"), 0, "a redirect was followed");
    Ok(())
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_a_failed_connection() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    emulator.faults().on("server_socket").disconnect();
    for (what, url, retryable) in
        [("nobody listens", unused_url().await?, true), ("cut", emulator.url().to_owned(), true)]
    {
        let error = refusal(&url, emulator.token()).await?;
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Connection, retryable), "{what}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_times_out_wherever_it_stops() -> anyhow::Result<()> {
    let limit = Duration::from_millis(200);
    let (_listener, silent) = silent().await?;
    let _clock = SteppedClock::start(Duration::from_millis(10));
    for (what, url) in [
        ("no response at all", silent),
        ("an open socket and no more", serve(vec![]).await?),
        ("a token without a response", serve(vec![ScriptStep::Receive]).await?),
        ("no subscription", serve(vec![ScriptStep::Receive, ScriptStep::Send(authenticated())]).await?),
    ] {
        let notifier = one_connection(&url, "token").handshake_timeout(limit).build()?;
        let begun = tokio::time::Instant::now();
        let error = within(what, notifier.events()).await?.map(drop).unwrap_err();
        assert!(begun.elapsed() >= limit, "{what}: {:?}", begun.elapsed());
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, true), "{what}: {error}");
        assert!(error.to_string().contains("200ms"), "{what}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn silence_ends_a_connection_and_pings_keep_it() -> anyhow::Result<()> {
    let idle = Duration::from_millis(300);
    // Its first ping would come after 30 seconds.
    let emulator = Emulator::start().await?;
    let notifier = one_connection(emulator.url(), emulator.token()).idle_timeout(idle).build()?;
    let clock = SteppedClock::start(Duration::from_millis(10));
    let begun = tokio::time::Instant::now();
    let mut events = notifier.events().await?;
    let error = end(&mut events).await?;
    assert!(begun.elapsed() >= idle, "{:?}", begun.elapsed());
    drop(clock);
    assert!(matches!(error.kind(), ErrorKind::Closed | ErrorKind::Timeout), "{error:?}");
    assert!(error.to_string().contains("nothing arrived for 300ms"), "{error}");

    let (ping, idle) = (Duration::from_secs(10), Duration::from_secs(30));
    let emulator = Emulator::builder().ping_interval(ping).start().await?;
    let notifier = one_connection(emulator.url(), emulator.token()).idle_timeout(idle).build()?;
    let mut events = notifier.events().await?;
    for _ in 0..9 {
        leap(ping).await;
    }
    assert!(events.next().now_or_never().is_none());
    FishjamClient::new(emulator.url(), emulator.token())?.create_room(RoomOptions::new()).await?;
    assert!(matches!(next(&mut events).await?, Notification::RoomCreated(_)));
    Ok(())
}

#[tokio::test]
async fn pings_are_answered() -> anyhow::Result<()> {
    // The emulator closes a silent socket. Here, only the pongs keep the socket open.
    let (ping, idle) = (Duration::from_secs(10), Duration::from_secs(30));
    let emulator = Emulator::builder().ping_interval(ping).idle_timeout(idle).start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    for _ in 0..9 {
        leap(ping).await;
    }
    assert!(events.next().now_or_never().is_none());
    assert_eq!(emulator.subscribers(), 1);
    Ok(())
}

#[tokio::test]
async fn dropped_handles_close_the_connection() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let gone = || until("the emulator has no subscriber", || emulator.subscribers() == 0);
    let notifier = one_connection(emulator.url(), emulator.token()).build()?;
    let events = notifier.events().await?;
    assert_eq!(emulator.subscribers(), 1);
    drop(events);
    gone().await?;

    notifier.on_server_notification(|_: Notification| async {});
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    until("the emulator has a subscriber", || emulator.subscribers() == 1).await?;
    running.abort();
    gone().await?;

    // The handshake is dropped half way, and the server sees the end of the connection.
    let (listener, url) = silent().await?;
    let opening = tokio::spawn(async move { one_connection(&url, "token").build()?.events().await.map(drop) });
    let (mut stream, _) = within("a connection", listener.accept()).await??;
    opening.abort();
    let mut sent = Vec::new();
    // Receives the messages that were already sent, and then the end.
    let _ = within("the end", tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut sent)).await?;
    Ok(())
}

#[tokio::test]
async fn several_streams_receive_the_same_events() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let (mut first, mut second) = (notifier.events().await?, notifier.clone().events().await?);
    let room = FishjamClient::new(emulator.url(), emulator.token())?.create_room(RoomOptions::new()).await?;
    for events in [&mut first, &mut second] {
        assert!(matches!(next(events).await?, Notification::RoomCreated(it) if it.room_id == room.id));
    }
    Ok(())
}
