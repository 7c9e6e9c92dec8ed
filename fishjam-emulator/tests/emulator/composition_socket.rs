//! The event socket of compositions: its token, its events, its end, and its failures.

use std::time::Duration;

use fishjam_emulator::{Authorization, Emulator, ErrorSeverity, MediaState, TrackKind};
use serde_json::{Value, json};

use crate::{
    client::{Received, http},
    composition_client::{
        Events, address, create_composition, open_events, register_output, register_whip_input, succeed, whip_output,
    },
};

const ELSEWHERE: &str = "https://whip.example.com/whip";

/// The subprotocols of an event socket with this token.
fn protocols(token: &str) -> String {
    format!("json.fishjam.io, bearer.auth.fishjam.io.{token}")
}

#[tokio::test]
async fn event_socket_requires_the_management_token() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    let input_token = register_whip_input(&emulator, &composition, "cam").await;
    let (valid, invalid, input) = (protocols(emulator.token()), protocols("wrong"), protocols(&input_token));
    for (id, protocols, status) in [
        (composition.as_str(), None, 401),
        (&composition, Some("json.fishjam.io"), 401),
        (&composition, Some(invalid.as_str()), 401),
        (&composition, Some(input.as_str()), 401),
        // The token is checked before the composition.
        ("nothing", Some(invalid.as_str()), 401),
        ("nothing", Some(valid.as_str()), 404),
    ] {
        let refused = open_events(&emulator, id, protocols).await.map(|_| ()).unwrap_err();
        assert_eq!(refused, status, "{id} {protocols:?}");
    }
    assert_eq!(emulator.composition_sockets().connections(), 0);
    let (_socket, selected) = open_events(&emulator, &composition, Some(&valid)).await.map_err(drop).unwrap();
    assert_eq!(selected.as_deref(), Some("json.fishjam.io"));
    assert_eq!((emulator.composition_sockets().connections(), emulator.composition_sockets().count()), (1, 1));
    // A request without an upgrade is invalid after the other checks.
    let url = format!("{}/ws", address(&emulator, &composition));
    let plain = http().get(&url).header("sec-websocket-protocol", &valid).send().await.unwrap();
    assert_eq!((plain.status().as_u16(), plain.json::<Value>().await.unwrap()["message"].is_string()), (400, true));
    assert_eq!(http().get(&url).bearer_auth(emulator.token()).send().await.unwrap().status(), 401);
    // The path does not have the connect prefix.
    let under_prefix = format!("{}/api/composition/{composition}/ws", emulator.url()).replacen("http", "ws", 1);
    let refused = tokio_tungstenite::connect_async(under_prefix).await.unwrap_err();
    assert!(refused.to_string().contains("404"), "{refused}");
}

#[tokio::test]
async fn event_socket_hides_its_token_in_the_journal() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    let _events = Events::open(&emulator, &composition).await;
    let request = &emulator.journal().requests_for("composition_socket")[0];
    assert_eq!((request.authorization(), request.status()), (Authorization::Valid, Some(101)));
    assert_eq!(request.header("sec-websocket-protocol"), Some("json.fishjam.io, bearer.auth.fishjam.io.***"));
    assert!(!format!("{request:?} {:?}", request.headers()).contains(emulator.token()));
}

#[tokio::test]
async fn events_are_json_by_kind() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    register_whip_input(&emulator, &composition, "cam").await;
    for output in ["live", "backup"] {
        assert_eq!(register_output(&emulator, &composition, output, whip_output(ELSEWHERE, "t")).await.0, 200);
    }
    let mut events = Events::open(&emulator, &composition).await;
    let handle = emulator.composition(&composition);
    let input = handle.input("cam");
    for (kind, name) in [(TrackKind::Audio, "AUDIO"), (TrackKind::Video, "VIDEO")] {
        for (state, event) in [
            (MediaState::Delivered, "DELIVERED"),
            (MediaState::Playing, "PLAYING"),
            (MediaState::Paused, "PAUSED"),
            (MediaState::Ended, "EOS"),
        ] {
            assert!(input.set_media(kind, state));
            let expected = json!({ "type": format!("{name}_INPUT_{event}"), "input_id": "cam" });
            assert_eq!(events.next().await, expected);
        }
    }
    for (severity, name) in [
        (ErrorSeverity::Warning, "warning"),
        (ErrorSeverity::Transient, "transient"),
        (ErrorSeverity::Critical, "critical"),
    ] {
        assert!(handle.output("live").fail(severity, "no \"key\""));
        let error = json!({
            "type": "OUTPUT_ERROR", "output_id": "live", "severity": name,
            "err": "no \"key\"", "stack": ["no \"key\""],
        });
        assert_eq!(events.next().await, error);
    }
    assert!(handle.output("backup").end());
    assert_eq!(events.next().await, json!({ "type": "OUTPUT_DONE", "output_id": "backup" }));
    let sent = emulator.composition_sockets().written(1).unwrap();
    let kinds: Vec<Value> =
        sent.frames().map(|frame| serde_json::from_slice::<Value>(frame).unwrap()["type"].take()).collect();
    assert_eq!((kinds.len(), &kinds[0], &kinds[11]), (12, &json!("AUDIO_INPUT_DELIVERED"), &json!("OUTPUT_DONE")));
}

#[tokio::test]
async fn event_socket_reports_one_composition_until_its_end() {
    let emulator = Emulator::start().await.unwrap();
    let (one, other) = (create_composition(&emulator).await, create_composition(&emulator).await);
    for composition in [&one, &other] {
        register_whip_input(&emulator, composition, "cam").await;
    }
    let (mut first, mut second) = (Events::open(&emulator, &one).await, Events::open(&emulator, &one).await);
    let mut others = Events::open(&emulator, &other).await;
    emulator.composition(&one).input("cam").set_media(TrackKind::Audio, MediaState::Playing);
    for events in [&mut first, &mut second] {
        assert_eq!(events.names(2).await, ["AUDIO_INPUT_DELIVERED cam", "AUDIO_INPUT_PLAYING cam"]);
    }
    // A reset keeps the socket.
    succeed(&emulator, "POST", &format!("/{one}/reset"), None).await;
    register_whip_input(&emulator, &one, "mic").await;
    emulator.composition(&one).input("mic").set_media(TrackKind::Audio, MediaState::Delivered);
    // Queued events precede the close frame.
    succeed(&emulator, "DELETE", &format!("/{one}"), None).await;
    for events in [&mut first, &mut second] {
        assert_eq!(events.names(1).await, ["AUDIO_INPUT_DELIVERED mic"]);
        events.0.expect_close(1000, "").await;
    }
    let protocols = protocols(emulator.token());
    assert_eq!(open_events(&emulator, &one, Some(&protocols)).await.map(|_| ()).unwrap_err(), 404);
    others.0.expect_silence().await;
    emulator.composition(&other).input("cam").set_media(TrackKind::Video, MediaState::Delivered);
    assert_eq!(others.names(1).await, ["VIDEO_INPUT_DELIVERED cam"]);
    emulator.advance(Duration::from_secs(3600));
    others.0.expect_silence().await;
}

#[tokio::test]
async fn event_socket_ends_with_an_idle_composition() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    let mut events = Events::open(&emulator, &composition).await;
    emulator.advance(Duration::from_secs(301));
    events.0.expect_close(1000, "").await;
    let protocols = protocols(emulator.token());
    assert_eq!(open_events(&emulator, &composition, Some(&protocols)).await.map(|_| ()).unwrap_err(), 404);
}

#[tokio::test]
async fn event_socket_obeys_commands_and_raw_frames() {
    let emulator = Emulator::builder().ping_interval(Duration::from_millis(20)).start().await.unwrap();
    let composition = create_composition(&emulator).await;
    register_whip_input(&emulator, &composition, "cam").await;
    let sockets = emulator.composition_sockets();
    let mut events = Events::open(&emulator, &composition).await;
    assert_eq!(events.0.receive().await, Received::Ping);
    sockets.send_text("{\"type\":\"NEWER_KIND\"}");
    sockets.send_text("no JSON");
    sockets.send_raw([1, 2, 3]);
    emulator.composition(&composition).input("cam").set_media(TrackKind::Audio, MediaState::Delivered);
    sockets.duplicate_last();
    let event = Received::Text(json!({ "type": "AUDIO_INPUT_DELIVERED", "input_id": "cam" }).to_string());
    for expected in [
        Received::Text("{\"type\":\"NEWER_KIND\"}".to_owned()),
        Received::Text("no JSON".to_owned()),
        Received::Binary(vec![1, 2, 3]),
    ] {
        assert_eq!(next_frame(&mut events).await, expected);
    }
    let is_delivered = |frame: Received| match (frame, &event) {
        (Received::Text(got), Received::Text(sent)) => {
            serde_json::from_str::<Value>(&got).unwrap() == serde_json::from_str::<Value>(sent).unwrap()
        }
        _ => false,
    };
    for _ in 0..2 {
        assert!(is_delivered(next_frame(&mut events).await));
    }
    // The emulator ignores the frames of the client.
    events.0.text("hello").await;
    events.0.binary(vec![0; 3]).await;
    assert!(sockets.close(1, 1011, "gone"));
    let closed = next_frame(&mut events).await;
    assert_eq!(closed, Received::Closed(1011, "gone".to_owned()));
    drop(events);
    sockets.wait_for_count(0).await;
    let mut events = Events::open(&emulator, &composition).await;
    assert_eq!(sockets.drop_all(), 1);
    assert_eq!(next_frame(&mut events).await, Received::Cut);
    sockets.wait_for_count(0).await;
    assert_eq!(sockets.connections(), 2);
}

/// The next frame that is not a ping.
async fn next_frame(events: &mut Events) -> Received {
    loop {
        match events.0.receive().await {
            Received::Ping => {}
            other => return other,
        }
    }
}

#[tokio::test]
async fn faults_change_the_event_socket() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    register_whip_input(&emulator, &composition, "cam").await;
    let valid = protocols(emulator.token());
    let open = async || open_events(&emulator, &composition, Some(&valid)).await;
    emulator.faults().on("composition_socket").status(503);
    assert_eq!(open().await.map(|_| ()).unwrap_err(), 503);
    emulator.faults().on("composition_socket").refuse_token();
    assert_eq!(open().await.map(|_| ()).unwrap_err(), 401);
    emulator.faults().on("composition_socket").accept_and_close(1013, "later");
    open().await.map_err(drop).unwrap().0.expect_close(1013, "later").await;
    emulator.faults().on("composition_socket").ignore_token();
    let mut silent = open().await.map_err(drop).unwrap().0;
    let mut events = Events::open(&emulator, &composition).await;
    emulator.composition(&composition).input("cam").set_media(TrackKind::Audio, MediaState::Delivered);
    assert_eq!(events.names(1).await, ["AUDIO_INPUT_DELIVERED cam"]);
    silent.expect_silence().await;
    assert_eq!(emulator.composition_sockets().written(2).unwrap().written(), 0);
}
