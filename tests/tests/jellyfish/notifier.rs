//! The notifier of a Jellyfish: who is let in, what is told, what becomes of a connection that breaks.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::{Emulator, JellyfishEmulator, TrackKind};
use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{Content, RoomCreated, SubscribeResponse},
};
use fishjam_sdk::{
    ConnectionState, Error, ErrorKind, VideoCodec,
    jellyfish::{
        ConnectionOptions, EventStream, File, Hls, JellyfishClient, JellyfishNotifier, JellyfishNotifierBuilder,
        RoomOptions, Sip, SipCredentials, WebRtc,
        events::{EndpointId, Event, MetricsReport, Notification},
    },
};
use fishjam_tests::support::{PATIENCE, deserted, within};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::peer_socket::PeerSocket;

const TOKEN: &str = "SENTINEL-server-api-9d1e";
/// The waits between attempts to reconnect.
const SOON: Duration = Duration::from_millis(2);

pub(crate) fn options(emulator: &JellyfishEmulator) -> ConnectionOptions {
    ConnectionOptions::new(emulator.address(), emulator.token())
}

fn notifier(emulator: &JellyfishEmulator) -> JellyfishNotifierBuilder {
    JellyfishNotifier::builder(options(emulator)).reconnect_backoff(SOON, SOON)
}

pub(crate) async fn next(events: &mut EventStream) -> anyhow::Result<Event> {
    Ok(within("an event", events.next()).await?.context("the stream ended")??)
}

/// The next notification, as a line.
async fn line(events: &mut EventStream) -> anyhow::Result<String> {
    match next(events).await? {
        Event::Notification(notification) => Ok(notification.to_string()),
        other => anyhow::bail!("this is no notification: {other:?}"),
    }
}

async fn lines(events: &mut EventStream, count: usize) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(line(events).await?);
    }
    Ok(lines)
}

async fn refusal(builder: JellyfishNotifierBuilder) -> anyhow::Result<Error> {
    match within("an answer", builder.build()?.events()).await? {
        Ok(_) => anyhow::bail!("it is subscribed"),
        Err(error) => Ok(error),
    }
}

fn room_created(room: &str) -> ServerMessage {
    ServerMessage { content: Some(Content::RoomCreated(RoomCreated { room_id: room.to_owned() })) }
}

#[tokio::test]
async fn room_peer_and_component_events_arrive_in_order() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().manual_media().start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let mut events = notifier(&emulator).build()?.events().await?;
    assert_eq!(emulator.subscribers(), 1);

    let (room, _) = jellyfish.create_room(RoomOptions::new().room_id("r").video_codec(VideoCodec::H264)).await?;
    assert_eq!(line(&mut events).await?, "room_created room=r");
    let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    let p = created.peer.id.as_str();
    let mut socket = PeerSocket::connect(&created).await?;
    socket.media_event(&json!({ "type": "connect", "data": { "metadata": { "name": "Ada" } } })).await?;
    assert_eq!(
        lines(&mut events, 2).await?,
        [format!("peer_added room=r peer={p}"), format!("peer_connected room=r peer={p}")]
    );
    let Event::Notification(Notification::PeerMetadataUpdated(updated)) = next(&mut events).await? else {
        panic!("the metadata was not told")
    };
    assert_eq!(updated.metadata::<Value>()?, json!({ "name": "Ada" }));

    let track = emulator.add_track("r", p, TrackKind::Video, json!({ "cam": 1 })).context("no track")?;
    assert!(emulator.update_track("r", p, &track, json!({ "cam": 2 })));
    let Event::Notification(Notification::TrackAdded(added)) = next(&mut events).await? else { panic!("no track") };
    assert_eq!((&added.endpoint, added.track.id.as_str()), (&EndpointId::Peer(p.into()), track.as_str()));
    assert_eq!(line(&mut events).await?, format!("track_metadata_updated room=r peer={p} track={track}"));
    socket.close().await?;
    assert_eq!(
        lines(&mut events, 2).await?,
        [format!("peer_disconnected room=r peer={p}"), format!("track_removed room=r peer={p} track={track}")]
    );

    let file = jellyfish.add_component(&room.id, File::new("audio.ogg")).await?;
    let Event::Notification(Notification::TrackAdded(added)) = next(&mut events).await? else { panic!("no track") };
    assert_eq!(added.endpoint.component_id(), Some(&file.id));
    let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    assert!(emulator.make_playable("r", hls.id.as_str()));
    assert_eq!(line(&mut events).await?, format!("hls_playable room=r component={}", hls.id));
    let sip = jellyfish.add_component(&room.id, Sip::new(SipCredentials::new("sip.example.com", "u", "p"))).await?;
    assert!(emulator.crash_component("r", sip.id.as_str()));
    assert_eq!(line(&mut events).await?, format!("component_crashed room=r component={}", sip.id));

    jellyfish.delete_room(&room.id).await?;
    let ended = lines(&mut events, 3).await?;
    assert_eq!(ended[0], format!("peer_deleted room=r peer={p}"));
    assert!(ended[1].starts_with(&format!("track_removed room=r component={}", file.id)), "{ended:?}");
    assert_eq!(ended[2], "room_deleted room=r");
    Ok(())
}

#[tokio::test]
async fn crashes_are_reported() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let (room, _) = jellyfish.create_room(RoomOptions::new().room_id("r")).await?;
    let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    let p = created.peer.id.as_str();
    let mut socket = PeerSocket::connect(&created).await?;
    let mut events = notifier(&emulator).build()?.events().await?;
    assert!(emulator.crash_peer("r", p, "out of luck"));
    assert!(emulator.crash_room("r"));
    assert_eq!(
        lines(&mut events, 2).await?,
        [format!("peer_crashed room=r peer={p} reason=out of luck"), "room_crashed room=r".to_owned()]
    );
    assert_eq!(socket.closed().await?, (1011, "Internal server error".to_owned()));
    Ok(())
}

#[tokio::test]
async fn metrics_arrive_if_they_are_requested() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().metrics_interval(Duration::from_millis(5)).start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let notifier = notifier(&emulator).notifications(false).metrics(true).build()?;
    let mut events = notifier.events().await?;
    let Event::Notification(Notification::MetricsReport(report)) = next(&mut events).await? else {
        panic!("no report")
    };
    assert_eq!((report.as_str(), report.metrics()?.rooms.len()), ("{}", 0));

    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    let _socket = PeerSocket::connect(&created).await?;
    let peer = created.peer.id;
    let track =
        emulator.add_track(room.id.as_str(), peer.as_str(), TrackKind::Audio, Value::Null).context("no track")?;
    emulator.advance(Duration::from_secs(10));
    let measured = within("a report of the track", async {
        loop {
            let Event::Notification(Notification::MetricsReport(report)) = next(&mut events).await? else {
                anyhow::bail!("notifications were not asked for")
            };
            let metrics = report.metrics()?;
            let peer = metrics.room(&room.id).and_then(|room| room.peer(&peer)).cloned();
            if let Some(peer) = peer.filter(|peer| !peer.tracks.is_empty()) {
                return Ok(peer);
            }
        }
    })
    .await??;
    assert_eq!(measured.text("ice.protocol"), Some("udp"));
    let received = measured.number("ice.bytes_received").context("nothing was received")?;
    assert!(received >= 10.0 * measured.per_second("ice.bytes_received").context("nothing is received")?);
    let track = track.as_str().into();
    let (_, of_track) = measured.track(&track).next().context("no track")?;
    assert_eq!(of_track.text("inbound-rtp.encoding"), Some("OPUS"));

    // Whatever else a server reports is there, too.
    emulator.set_metrics(Some(json!({ "room_id=x": { "endpoint_id=y": {} }, "later": [1] })));
    let later = within("the other report", async {
        loop {
            if let Event::Notification(Notification::MetricsReport(report)) = next(&mut events).await?
                && let Some(later) = report.metrics()?.values.remove("later")
            {
                return anyhow::Ok(later);
            }
        }
    });
    assert_eq!(later.await??, json!([1]));
    Ok(())
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
    let waited = within("an answer", deaf.wait_ready()).await?.unwrap_err();
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
    let error = within("an answer", notifier.events()).await?.unwrap_err();
    assert_eq!((error.kind(), error.close_code()), (ErrorKind::Unauthorized, Some(1000)));
    assert_eq!(emulator.server_sockets().connections(), 1);
    let printed = format!("{error} {error:?} {builder:?} {notifier:?}");
    assert!(!printed.contains("SENTINEL"), "{printed}");
    Ok(())
}

#[tokio::test]
async fn failed_first_connection_is_reported_with_its_reason() -> anyhow::Result<()> {
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
    let address = deserted().await?.trim_start_matches("http://").to_owned();
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
    // The creation of a room whose id is no UTF-8.
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
    // How it is closed; what that is; whether another connection is tried.
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
        // At first it is the end in any case.
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
    // What was told of the second room while the rooms were read may stay or go.
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
