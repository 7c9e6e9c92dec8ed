//! The notifier of Jellyfish: admission, subscriptions, and lost connections.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::{Emulator, JellyfishEmulator};
use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{Content, RoomCreated, SubscribeResponse},
};
use fishjam_sdk::{
    ConnectionState, Error, ErrorKind,
    jellyfish::{
        ConnectionOptions, EventStream, JellyfishClient, JellyfishNotifier, JellyfishNotifierBuilder, RoomOptions,
        events::{Event, MetricsReport, Notification},
    },
};
use fishjam_tests::{
    clock::SteppedClock,
    support::{PATIENCE, unused_url, within},
};
use futures_util::StreamExt;
use tokio::sync::mpsc;

const TOKEN: &str = "SENTINEL-server-api-9d1e";
/// The waits between attempts to reconnect.
pub(crate) const SOON: Duration = Duration::from_millis(2);

pub(crate) fn options(emulator: &JellyfishEmulator) -> ConnectionOptions {
    ConnectionOptions::new(emulator.address(), emulator.token())
}

pub(crate) fn notifier(emulator: &JellyfishEmulator) -> JellyfishNotifierBuilder {
    JellyfishNotifier::builder(options(emulator)).reconnect_backoff(SOON, SOON)
}

pub(crate) async fn next(events: &mut EventStream) -> anyhow::Result<Event> {
    Ok(within("an event", events.next()).await?.context("the stream ended")??)
}

/// The next notification, as a line.
pub(crate) async fn line(events: &mut EventStream) -> anyhow::Result<String> {
    match next(events).await? {
        Event::Notification(notification) => Ok(notification.to_string()),
        other => anyhow::bail!("this is no notification: {other:?}"),
    }
}

pub(crate) async fn lines(events: &mut EventStream, count: usize) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(line(events).await?);
    }
    Ok(lines)
}

async fn refusal(builder: JellyfishNotifierBuilder) -> anyhow::Result<Error> {
    match within("a response", builder.retry_first_connection(false).build()?.events()).await? {
        Ok(_) => anyhow::bail!("it is subscribed"),
        Err(error) => Ok(error),
    }
}

fn room_created(room: &str) -> ServerMessage {
    ServerMessage { content: Some(Content::RoomCreated(RoomCreated { room_id: room.to_owned() })) }
}

#[tokio::test]
async fn each_handler_receives_its_own_kind_of_event() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().metrics_interval(Duration::from_millis(5)).start().await?;
    let notifier = notifier(&emulator).metrics(true).build()?;
    let (told, mut heard) = mpsc::unbounded_channel();
    let (reported, mut reports) = mpsc::unbounded_channel();
    notifier.on_server_notification(move |notification: Notification| {
        let told = told.clone();
        async move { assert!(told.send(notification.to_string()).is_ok()) }
    });
    notifier.on_metrics(move |report: MetricsReport| drop(reported.send(report)));
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    within("ready", notifier.wait_ready()).await??;
    assert_eq!(notifier.state(), ConnectionState::Ready);
    assert_eq!(within("a report", reports.recv()).await?.context("no report")?.as_str(), "{}");
    emulator.publish(room_created("r"));
    assert_eq!(within("a notification", heard.recv()).await?.as_deref(), Some("room_created room=r"));
    notifier.close();
    within("the end", running).await???;
    Ok(())
}

#[tokio::test]
async fn handler_without_its_subscription_is_an_error() -> anyhow::Result<()> {
    let options = || ConnectionOptions::new("localhost:5002", TOKEN);
    let nothing = JellyfishNotifier::builder(options()).notifications(false).build().unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::InvalidInput);

    let deaf = JellyfishNotifier::new(options())?;
    assert_eq!(deaf.connect().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    deaf.on_metrics(|_: MetricsReport| {});
    let error = deaf.connect().await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("metrics(true)"), "{error}");
    let waited = within("a response", deaf.wait_ready()).await?.unwrap_err();
    assert_eq!(waited.to_string(), error.to_string());

    let deaf = JellyfishNotifier::builder(options()).notifications(false).metrics(true).build()?;
    deaf.on_server_notification(|_: Notification| {});
    assert_eq!(deaf.connect().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[tokio::test]
async fn refused_token_is_permanent_and_never_printed() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let builder = JellyfishNotifier::builder(ConnectionOptions::new(emulator.address(), TOKEN));
    let notifier = builder.clone().build()?;
    let error = within("a response", notifier.events()).await?.unwrap_err();
    assert_eq!((error.kind(), error.close_code()), (ErrorKind::Unauthorized, Some(1000)));
    assert_eq!(emulator.server_sockets().connections(), 1);
    let printed = format!("{error} {error:?} {builder:?} {notifier:?}");
    assert!(!printed.contains("SENTINEL"), "{printed}");
    Ok(())
}

#[tokio::test]
async fn failed_first_connection_is_reported_with_its_reason() -> anyhow::Result<()> {
    let _clock = SteppedClock::start(Duration::from_millis(5));
    let short = Duration::from_millis(50);
    let long = Duration::from_secs(60);
    for (fault, kind, limit) in
        [("silent", ErrorKind::Timeout, short), ("deaf", ErrorKind::Timeout, short), ("crash", ErrorKind::Closed, long)]
    {
        let emulator = Emulator::jellyfish().start().await?;
        let faulty = emulator.faults().on("server_socket");
        let _faulty = match fault {
            "silent" => faulty.ignore_token(),
            "deaf" => faulty.ignore_subscription(),
            _ => faulty.accept_and_close(1011, ""),
        };
        let error = refusal(notifier(&emulator).handshake_timeout(limit)).await?;
        assert_eq!(error.kind(), kind, "{fault}: {error}");
    }
    let address = unused_url().await?.trim_start_matches("http://").to_owned();
    let error = refusal(JellyfishNotifier::builder(ConnectionOptions::new(address, TOKEN))).await?;
    assert_eq!(error.kind(), ErrorKind::Connection);
    Ok(())
}

#[tokio::test]
async fn events_between_both_subscription_responses_are_kept() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let emulated = emulator.faults().on("server_socket");
    let again = ServerMessage { content: Some(Content::SubscribeResponse(SubscribeResponse { event_type: 1 })) };
    let _early = emulated.before_subscription(&room_created("early")).before_subscription(&again);
    let mut events = within("both", notifier(&emulator).metrics(true).build()?.events()).await??;
    assert_eq!(line(&mut events).await?, "room_created room=early");
    assert_eq!(emulator.subscribers(), 1);
    Ok(())
}

#[tokio::test]
async fn reconnection_restores_subscriptions_and_reports_the_gap() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().metrics_interval(Duration::from_millis(5)).start().await?;
    let mut events = notifier(&emulator).metrics(true).build()?.events().await?;
    for round in 1..=3 {
        match round {
            1 => drop(emulator.server_sockets().close_all(1011, "")),
            2 => drop(emulator.server_sockets().drop_all()),
            _ => drop(emulator.server_sockets().reset_all()),
        }
        within("the next connection", emulator.server_sockets().wait_for_connections(round + 1)).await?;
        within("its subscription", emulator.server_sockets().wait_for_subscribers(1)).await?;
        emulator.publish(room_created("after"));
        let (mut gaps, mut reports) = (0, 0);
        loop {
            match next(&mut events).await? {
                Event::Gap(gap) => {
                    assert!(gap.duration() < PATIENCE);
                    gaps += 1;
                }
                Event::Notification(Notification::MetricsReport(_)) => reports += gaps,
                Event::Notification(Notification::RoomCreated(_)) => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(gaps, 1, "{round}");
        while reports == 0 {
            reports +=
                usize::from(matches!(next(&mut events).await?, Event::Notification(Notification::MetricsReport(_))));
        }
    }
    Ok(())
}

#[tokio::test]
async fn unreadable_frame_is_a_gap_and_unknown_event_is_kept() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let mut events = notifier(&emulator).build()?.events().await?;
    emulator.publish_raw(*b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    // A created room whose id is not valid UTF-8.
    emulator.publish_raw(*b"\x52\x03\x0a\x01\xff");
    emulator.publish_raw(*b"\xba\x06\x05Hello");
    emulator.publish(room_created("r"));
    for _ in 0..2 {
        assert!(matches!(next(&mut events).await?, Event::Gap(gap) if gap.reason.kind() == ErrorKind::Decode));
    }
    assert_eq!(lines(&mut events, 2).await?, ["unknown field=103 bytes=5", "room_created room=r"]);
    assert_eq!(emulator.server_sockets().connections(), 1);
    Ok(())
}

#[tokio::test]
async fn every_way_to_end_a_socket_has_its_outcome() -> anyhow::Result<()> {
    // The close frame, the kind of the error, and whether the notifier reconnects.
    for (code, reason, kind, again) in [
        (1000, "", ErrorKind::Closed, true),
        (1000, "invalid token", ErrorKind::Unauthorized, false),
        (1000, "invalid auth request", ErrorKind::Closed, true),
        (1001, "", ErrorKind::Closed, true),
        (1003, "operation not allowed", ErrorKind::Closed, false),
        (1011, "", ErrorKind::Closed, true),
        (1011, "Internal server error", ErrorKind::Closed, true),
    ] {
        let emulator = Emulator::jellyfish().start().await?;
        let faults = emulator.faults();
        // During the first handshake, each of these ends the connection permanently.
        let first = faults.on("server_socket").times(1).accept_and_close(code, reason);
        let error = refusal(notifier(&emulator)).await?;
        assert_eq!((error.kind(), error.close_code()), (kind, Some(code)), "{code} {reason}");
        drop(first);
        let mut events = notifier(&emulator).build()?.events().await?;
        emulator.server_sockets().close_all(code, reason);
        let next = within("what comes of it", events.next()).await?.context("the stream ended")?;
        let reason_told = match next {
            Ok(Event::Gap(gap)) if again => gap.reason,
            Err(error) if !again => error,
            other => anyhow::bail!("{code} {reason}: {other:?}"),
        };
        assert_eq!((reason_told.kind(), reason_told.close_code()), (kind, Some(code)));
    }
    for (status, kind) in [(403, ErrorKind::UnexpectedStatus), (404, ErrorKind::NotFound), (500, ErrorKind::Server)] {
        let emulator = Emulator::jellyfish().start().await?;
        let _refused = emulator.faults().on("server_socket").status(status);
        assert_eq!(refusal(notifier(&emulator)).await?.kind(), kind);
    }
    Ok(())
}

#[tokio::test]
async fn close_for_a_client_error_is_permanent() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let mut events = notifier(&emulator).build()?.events().await?;
    emulator.server_sockets().close_all(1003, "operation not allowed");
    let error = within("the end", events.next()).await?.context("no error")?.unwrap_err();
    assert_eq!((error.kind(), error.close_code()), (ErrorKind::Closed, Some(1003)));
    assert!(error.to_string().contains("operation not allowed"), "{error}");
    assert!(within("the end", events.next()).await?.is_none());
    assert_eq!(emulator.server_sockets().connections(), 1);
    Ok(())
}

#[tokio::test]
async fn resync_drops_events_older_than_the_rooms() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let mut events = notifier(&emulator).build()?.events().await?;
    let (first, _) = jellyfish.create_room(RoomOptions::new()).await?;
    assert_eq!(line(&mut events).await?, format!("room_created room={}", first.id));
    let (second, _) = jellyfish.create_room(RoomOptions::new()).await?;
    let rooms = events.resync([&jellyfish]).await?.items;
    assert!(rooms.len() == 2 && rooms.contains(&first) && rooms.contains(&second), "{rooms:?}");
    jellyfish.delete_room(&second.id).await?;
    // The stream can contain the creation of the second room, although the read already returned it.
    let after = line(&mut events).await?;
    let deleted = format!("room_deleted room={}", second.id);
    if after != deleted {
        assert_eq!(after, format!("room_created room={}", second.id));
        assert_eq!(line(&mut events).await?, deleted);
    }
    Ok(())
}

#[tokio::test]
async fn notifications_over_tls_need_the_root_certificate() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().tls(true).start().await?;
    let root = emulator.certificate_pem().context("no certificate")?;
    let options = || options(&emulator).secure(true);
    let mut events = JellyfishNotifier::builder(options()).add_root_certificates(root).build()?.events().await?;
    let jellyfish = JellyfishClient::builder(options()).add_root_certificates(root).build()?;
    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    assert_eq!(line(&mut events).await?, format!("room_created room={}", room.id));
    assert_eq!(refusal(JellyfishNotifier::builder(options())).await?.kind(), ErrorKind::Connection);
    Ok(())
}

#[tokio::test]
async fn connection_lasts_as_long_as_a_consumer() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let notifier = notifier(&emulator).build()?;
    let (one, other) = (notifier.events().await?, notifier.events().await?);
    assert_eq!(emulator.server_sockets().connections(), 1);
    drop(one);
    assert_eq!(notifier.state(), ConnectionState::Ready);
    drop(other);
    within("the end of the connection", emulator.server_sockets().wait_for_count(0)).await?;
    Ok(())
}

#[test]
fn handles_and_events_can_cross_threads() {
    use fishjam_sdk::jellyfish::events::*;
    fn check<T: Send + Sync + std::fmt::Debug + 'static>() {}
    check::<JellyfishNotifier>();
    check::<JellyfishNotifierBuilder>();
    check::<EventStream>();
    check::<Event>();
    check::<Notification>();
    check::<MetricsReport>();
    check::<Metrics>();
    check::<RoomMetrics>();
    check::<EndpointMetrics>();
    check::<TrackMetrics>();
}
