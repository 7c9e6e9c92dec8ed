//! The stream of a composition's events: its connection, its gaps, and messages that cannot be read.

use fishjam_emulator::{Authorization, Emulator, ErrorSeverity};
use fishjam_sdk::{
    ErrorKind, Overflow,
    composition::{self, CompositionEvent, CompositionOptions, EventOptions, MediaKind},
    events::Event,
};
use fishjam_tests::{proxy::TestProxy, support::within};
use futures_util::FutureExt;

use crate::event_fixture::{Fixture, INPUT, OUTPUT, client, end, gap, item, next};

#[tokio::test]
async fn stream_reports_each_kind_of_event() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let mut events = fixture.composition.events().await?;
    let (input, output) = (fixture.emulated.input(INPUT), fixture.emulated.output(OUTPUT));
    assert!(input.play() && input.pause() && input.end());
    assert!(output.fail(ErrorSeverity::Warning, "slow") && output.end());
    let mut lines = Vec::new();
    for _ in 0..6 {
        let event = next(&mut events).await?;
        assert!(!matches!(event, CompositionEvent::Unknown(_)), "{event}");
        if let CompositionEvent::InputPlaying(input) = &event {
            assert_eq!((input.input_id.as_str(), input.kind), (INPUT, MediaKind::Audio));
        }
        if let CompositionEvent::OutputError(error) = &event {
            assert_eq!((error.output_id.as_str(), &error.severity), (OUTPUT, &composition::ErrorSeverity::Warning));
            assert_eq!((error.message.as_deref(), error.causes.len()), (Some("slow"), 1));
        }
        lines.push(event.to_string());
    }
    assert_eq!(
        lines,
        [
            "AUDIO_INPUT_DELIVERED input=camera",
            "AUDIO_INPUT_PLAYING input=camera",
            "AUDIO_INPUT_PAUSED input=camera",
            "AUDIO_INPUT_EOS input=camera",
            "OUTPUT_ERROR output=main severity=warning message=slow",
            "OUTPUT_DONE output=main",
        ]
    );
    let requests = fixture.emulator.journal().requests_for("composition_socket");
    assert_eq!((requests.len(), requests[0].authorization()), (1, Authorization::Valid));
    // The token is only in the subprotocol.
    assert_eq!((requests[0].header("authorization"), requests[0].query()), (None, None));
    Ok(())
}

#[tokio::test]
async fn clones_and_streams_share_one_connection() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let composition = fixture.composition.clone();
    let mut streams = [composition.events().await?, fixture.composition.events().await?];
    composition.watch().await?;
    let sockets = fixture.emulator.composition_sockets();
    assert_eq!(sockets.connections(), 1);
    fixture.emulated.input(INPUT).play();
    for events in &mut streams {
        assert_eq!(next(events).await?.name(), "AUDIO_INPUT_DELIVERED");
    }
    within("the waiter", composition.input(INPUT).playing()).await??;
    assert_eq!((sockets.connections(), sockets.count()), (1, 1));
    // The recorded states still use the connection.
    drop(streams);
    fixture.emulated.input(INPUT).end();
    within("the waiter", composition.input(INPUT).ended()).await??;
    assert_eq!((sockets.connections(), sockets.count()), (1, 1));
    drop((composition, fixture.composition));
    within("the end of the connection", sockets.wait_for_count(0)).await?;
    Ok(())
}

#[tokio::test]
async fn connection_closes_with_its_last_stream() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let events = fixture.composition.events().await?;
    drop(events);
    within("the end of the connection", fixture.emulator.composition_sockets().wait_for_count(0)).await?;
    let mut events = fixture.composition.events().await?;
    fixture.emulated.output(OUTPUT).end();
    assert_eq!(next(&mut events).await?.output_id().map(|id| id.as_str()), Some(OUTPUT));
    Ok(())
}

#[tokio::test]
async fn lost_connection_is_a_gap() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let mut events = fixture.composition.events().await?;
    let sockets = fixture.emulator.composition_sockets();
    fixture.emulated.input(INPUT).play();
    assert_eq!(next(&mut events).await?.name(), "AUDIO_INPUT_DELIVERED");
    assert_eq!(next(&mut events).await?.name(), "AUDIO_INPUT_PLAYING");
    sockets.close_all(1012, "restart");
    assert_eq!(gap(&mut events).await?.reason.close_code(), Some(1012));
    sockets.drop_all();
    assert_eq!(gap(&mut events).await?.reason.kind(), ErrorKind::Connection);
    fixture.emulated.input(INPUT).pause();
    assert_eq!(next(&mut events).await?.name(), "AUDIO_INPUT_PAUSED");
    Ok(())
}

#[tokio::test]
async fn unreadable_message_is_a_gap_on_the_same_connection() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let mut events = fixture.composition.events().await?;
    let sockets = fixture.emulator.composition_sockets();
    for text in ["", "sentinel", "[]", r#"{"type":"OUTPUT_DONE","output_id":{"a":"sentinel"}}"#] {
        sockets.send_text(text);
        let gap = gap(&mut events).await?;
        assert_eq!(gap.reason.kind(), ErrorKind::Decode);
        assert!(!format!("{gap:?} {:#}", gap.reason).contains("sentinel"), "{gap:?}");
    }
    sockets.send_raw([1, 2, 3]);
    assert_eq!(gap(&mut events).await?.reason.kind(), ErrorKind::WebSocket);
    let json = r#"{ "type": "SCENE_CHANGED", "outputs": [1, 2] }"#;
    sockets.send_text(json);
    let CompositionEvent::Unknown(unknown) = next(&mut events).await? else { anyhow::bail!("it is known") };
    assert_eq!((unknown.kind.as_str(), unknown.json.as_str()), ("SCENE_CHANGED", json));
    sockets.send_text(r#"{"type":"OUTPUT_DONE","output_id":"main","at_ms":7}"#);
    let CompositionEvent::OutputDone(done) = next(&mut events).await? else { anyhow::bail!("it is not known") };
    assert_eq!(done.extra().get("at_ms"), Some("7"));
    assert_eq!(sockets.connections(), 1);
    // A message above the limit ends the connection, and not the stream.
    sockets.send_text(&format!(r#"{{"type":"LARGE","a":"{}"}}"#, "x".repeat(1024 * 1024)));
    assert_eq!(gap(&mut events).await?.reason.kind(), ErrorKind::TooLarge);
    assert_eq!(sockets.connections(), 2);
    Ok(())
}

#[tokio::test]
async fn refused_socket_is_an_error() -> anyhow::Result<()> {
    let fixture = Fixture::empty().await?;
    let id = fixture.composition.id();
    for (token, id, kind) in [
        ("SENTINEL", id.as_str(), ErrorKind::Unauthorized),
        (fixture.emulator.token(), "nothing", ErrorKind::NotFound),
        ("SENTI,NEL", id.as_str(), ErrorKind::InvalidInput),
    ] {
        let composition = client(&fixture.emulator, token)?.adopt(id)?;
        for error in [
            within("an error", composition.events()).await?.map(drop).unwrap_err(),
            within("an error", composition.watch()).await?.unwrap_err(),
        ] {
            assert_eq!(error.kind(), kind, "{error:#}");
            assert!(!format!("{error:#} {error:?} {composition:?}").contains("SENTI"), "{error:?}");
        }
    }
    assert_eq!(fixture.emulator.composition_sockets().connections(), 0);
    Ok(())
}

#[tokio::test]
async fn first_connection_waits_for_the_server() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    fixture.emulator.faults().on("composition_socket").status(503);
    let mut events = within("a stream", fixture.composition.events()).await??;
    fixture.emulated.output(OUTPUT).end();
    // No connection was lost, so there is no gap.
    assert_eq!(next(&mut events).await?.name(), "OUTPUT_DONE");
    Ok(())
}

#[tokio::test]
async fn deleted_composition_ends_the_stream() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let mut events = fixture.composition.events().await?;
    fixture.composition.reset().await?;
    fixture.register().await?;
    fixture.emulated.input(INPUT).play();
    loop {
        if next(&mut events).await?.name() == "AUDIO_INPUT_PLAYING" {
            break;
        }
    }
    fixture.composition.delete().await?;
    let error = loop {
        match within("the end", events.receive()).await? {
            Some(Ok(Event::Notification(_))) => {}
            Some(Err(error)) => break error,
            other => anyhow::bail!("{other:?}"),
        }
    };
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
    let error = within("an error", fixture.composition.events()).await?.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

#[tokio::test]
async fn token_that_is_refused_later_ends_the_stream() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let mut events = fixture.composition.events().await?;
    fixture.emulator.faults().on("composition_socket").always().refuse_token();
    fixture.emulator.composition_sockets().drop_all();
    assert_eq!(end(&mut events).await?.kind(), ErrorKind::Unauthorized);
    Ok(())
}

#[tokio::test]
async fn slow_stream_follows_the_policy_of_its_queue() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let options = EventOptions::new().queue(2, Overflow::DropOldest);
    let mut dropping = fixture.composition.events_with(options).await?;
    let mut small = fixture.composition.events_with(EventOptions::new().queue_bytes(1)).await?;
    let sockets = fixture.emulator.composition_sockets();
    for number in 0..5 {
        sockets.send_text(&format!(r#"{{"type":"OUTPUT_DONE","output_id":"{number}"}}"#));
    }
    // The queue of one event waits, and loses nothing.
    for number in 0..5 {
        assert_eq!(next(&mut small).await?.output_id().map(ToString::to_string), Some(number.to_string()));
    }
    let first = item(&mut dropping).await?;
    assert!(matches!(first, Event::Dropped(3)), "{first:?}");
    assert_eq!(next(&mut dropping).await?.output_id().map(|id| id.as_str()), Some("3"));
    let error = fixture.composition.events_with(EventOptions::new().queue(0, Overflow::Wait)).await;
    assert_eq!(error.map(drop).unwrap_err().kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[tokio::test]
async fn event_socket_uses_a_tunnel_behind_a_proxy() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let address = fixture.emulator.origin().trim_start_matches("http://").to_owned();
    let proxy = TestProxy::start(&address).await?;
    let client = composition::CompositionClient::builder(fixture.emulator.token())
        .base_url("http://rtc.invalid")
        .proxy(proxy.url())
        .build()?;
    let mut events = within("a stream", client.adopt(fixture.composition.id())?.events()).await??;
    fixture.emulated.output(OUTPUT).end();
    assert_eq!(next(&mut events).await?.name(), "OUTPUT_DONE");
    let requests = proxy.requests();
    assert!(requests.iter().any(|request| request.starts_with("CONNECT rtc.invalid:80 ")), "{requests:?}");
    Ok(())
}

#[tokio::test]
async fn event_socket_uses_the_trusted_certificates() -> anyhow::Result<()> {
    let emulator = Emulator::builder().tls(true).start().await?;
    let root = emulator.certificate_pem().unwrap_or_default();
    let builder = composition::CompositionClient::builder(emulator.token()).base_url(emulator.origin());
    let composition = builder.add_root_certificates(root).build()?.create(CompositionOptions::new()).await?;
    let mut events = within("a stream", composition.events()).await??;
    emulator.composition_sockets().send_text(r#"{"type":"OUTPUT_DONE","output_id":"o"}"#);
    assert_eq!(next(&mut events).await?.name(), "OUTPUT_DONE");
    Ok(())
}

#[test]
fn events_without_a_runtime_are_an_error() -> anyhow::Result<()> {
    let composition = composition::CompositionClient::builder("token").build()?.adopt("c")?;
    let events = composition.events().now_or_never().map(|events| events.map(drop));
    for outcome in [events, composition.watch().now_or_never(), composition.output("o").done().now_or_never()] {
        assert_eq!(outcome.and_then(Result::err).map(|error| error.kind()), Some(ErrorKind::Setup));
    }
    Ok(())
}
