//! Compositions are created, started, reset and deleted.

use fishjam_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

use super::{COMPOSITION, Client, audio_output, post, send, video_output, view};

#[tokio::test]
async fn composition_is_created_and_deleted() {
    let emulator = Emulator::start().await.unwrap();
    let (status, created) = post(&emulator, COMPOSITION, Some(json!({}))).await;
    assert_eq!((status, &created["api_url"]), (201, &json!(emulator.origin())));
    let id = created["composition_id"].as_str().unwrap();
    assert_eq!(emulator.composition_ids(), [id]);
    let state = emulator.composition(id).state().unwrap();
    assert!(state.is_started && state.cleanup_without_inputs);

    let path = format!("{COMPOSITION}/{id}");
    assert_eq!(send(&emulator, Method::DELETE, &path, Some(emulator.token()), None).await, (200, Value::Null));
    let (status, body) = send(&emulator, Method::DELETE, &path, Some(emulator.token()), None).await;
    assert_eq!((status, body["message"].is_string(), body.get("error_code")), (404, true, None));
    for operation in ["start", "reset", "output/o/request_keyframe"] {
        assert_eq!(post(&emulator, &format!("{path}/{operation}"), None).await.0, 404, "{operation}");
    }
    assert!(emulator.composition(id).state().is_none());
    assert!(!emulator.composition(id).input("a").play() && !emulator.composition(id).output("a").end());
}

#[tokio::test]
async fn composition_starts_once() {
    let emulator = Emulator::start().await.unwrap();
    let client = Client::create(emulator, json!({ "autostart": false, "cleanup_without_inputs": false })).await;
    let state = client.state();
    assert!(!state.is_started && state.position.is_none() && !state.cleanup_without_inputs);
    for _ in 0..2 {
        // A body is not read.
        assert_eq!(client.post("start", None).await, (200, json!({})));
        assert_eq!(client.post("start", Some(json!([]))).await, (200, json!({})));
    }
    assert!(client.state().is_started);
}

#[tokio::test]
async fn reset_composition_is_empty_and_stopped() {
    let client = Client::start().await;
    client.ok("input/a/register", json!({ "type": "whip_server" })).await;
    client.ok("output/a/register", video_output(&view())).await;
    client.ok("output/b/register", audio_output()).await;
    client.ok("image/a/register", json!({ "asset_type": "png", "url": "https://host/a.png" })).await;
    client.ok("event", json!({ "event_name": "x" })).await;
    assert_eq!(client.post("reset", None).await, (200, json!({})));
    let state = client.state();
    assert!(!state.is_started);
    assert!(state.inputs.is_empty() && state.outputs.is_empty() && state.images.is_empty());
    assert_eq!(state.events.len(), 1);
    client.ok("input/a/register", json!({ "type": "whip_server" })).await;
    assert_eq!(client.post("start", None).await.0, 200);
    assert!(client.state().is_started);
}

#[tokio::test]
async fn events_are_recorded() {
    let client = Client::start().await;
    for body in [
        json!({ "event_name": "absent" }),
        json!({ "event_name": "null", "data": null }),
        json!({ "event_name": "ż".repeat(128), "data": { "a": [1] } }),
    ] {
        assert_eq!(client.ok("event", body).await, json!({}));
    }
    for name in [String::new(), "x".repeat(129)] {
        assert_eq!(client.error("event", json!({ "event_name": name })).await.0, 400);
    }
    let events: Vec<_> = client.state().events.into_iter().map(|event| (event.name, event.data)).collect();
    let expected = [
        ("absent".to_owned(), None),
        ("null".to_owned(), Some(Value::Null)),
        ("ż".repeat(128), Some(json!({ "a": [1] }))),
    ];
    assert_eq!(events, expected);
}
