//! The clock of compositions: scheduled changes and the clean-up of idle compositions.

use std::time::Duration;

use fishjam_emulator::{Emulator, MediaState};
use serde_json::{Value, json};

use super::{COMPOSITION, Client, audio_output, pair, post};
use crate::clock::StoppedClock;

const MINUTE: Duration = Duration::from_secs(60);

fn mix(client: &Client) -> Value {
    client.state().outputs[0].audio.clone().unwrap()["inputs"].clone()
}

fn update(input: &str, schedule: Value) -> Value {
    json!({ "audio": { "inputs": [{ "input_id": input }] }, "schedule_time_ms": schedule })
}

#[tokio::test]
async fn scheduled_changes_wait_for_the_clock() {
    let _clock = StoppedClock::stop();
    let client = Client::create(Emulator::start().await.unwrap(), json!({ "autostart": false })).await;
    client.ok("output/o/register", audio_output()).await;
    client.ok("input/i/register", json!({ "type": "whip_server" })).await;
    client.ok("output/o/update", update("a", json!(60_000))).await;
    client.ok("input/i/unregister", json!({ "schedule_time_ms": 120_000.5 })).await;
    // Nothing is checked before the time, neither the id nor the kinds nor the scene.
    client.ok("output/none/unregister", json!({ "schedule_time_ms": 60_000 })).await;
    client.ok("output/o/update", json!({ "schedule_time_ms": 60_001 })).await;
    client.emulator.advance(MINUTE);
    assert_eq!(client.state().scheduled_changes, 4);
    assert_eq!(client.post("start", None).await.0, 200);
    client.emulator.advance(MINUTE);
    assert_eq!(mix(&client), json!([{ "input_id": "a" }]));
    client.emulator.advance(MINUTE + Duration::from_millis(1));
    let state = client.state();
    assert_eq!((state.inputs.len(), state.scheduled_changes, state.schedule_errors.len()), (0, 0, 2));
    assert!(state.schedule_errors[0].contains("none"), "{:?}", state.schedule_errors);
    // A time in the past is due immediately.
    client.ok("output/o/update", update("b", json!(0))).await;
    assert_eq!(mix(&client), json!([{ "input_id": "b" }]));
}

#[tokio::test]
async fn negative_times_are_rejected() {
    let _clock = StoppedClock::stop();
    let client = Client::start().await;
    for path in ["output/o/update", "output/o/unregister", "input/i/unregister", "image/i/unregister"] {
        let refused = client.error(path, json!({ "schedule_time_ms": -0.5 })).await;
        assert_eq!(refused, pair(400, "MALFORMED_REQUEST"), "{path}");
    }
    assert_eq!(client.state().scheduled_changes, 0);
}

#[tokio::test]
async fn scheduled_change_follows_the_clock_of_tokio() {
    let clock = StoppedClock::stop();
    let client = Client::start().await;
    client.ok("output/o/register", audio_output()).await;
    client.ok("output/o/update", update("a", json!(100_000))).await;
    clock.advance(Duration::from_secs(99)).await;
    assert_eq!(mix(&client), json!([]));
    clock.advance(Duration::from_secs(1)).await;
    assert_eq!(mix(&client), json!([{ "input_id": "a" }]));
}

#[tokio::test]
async fn idle_composition_is_deleted() {
    let _clock = StoppedClock::stop();
    let client = Client::start().await;
    client.ok("output/o/register", audio_output()).await;
    client.ok("input/i/register", json!({ "type": "whip_server" })).await;
    client.emulator.advance(4 * MINUTE);
    let composition = client.emulator.composition(&client.id);
    assert!(composition.input("i").play());
    client.emulator.advance(60 * MINUTE);
    assert_eq!(client.post("start", None).await.0, 200);
    assert!(composition.input("i").end());
    client.emulator.advance(4 * MINUTE);
    assert_eq!(client.post("start", None).await.0, 200);
    client.emulator.advance(MINUTE);
    assert_eq!(client.post("start", None).await.0, 404);
    assert!(composition.state().is_none());
}

#[tokio::test]
async fn output_keeps_composition_without_cleanup() {
    let _clock = StoppedClock::stop();
    let emulator = Emulator::start().await.unwrap();
    let client = Client::create(emulator, json!({ "cleanup_without_inputs": false })).await;
    client.ok("output/o/register", audio_output()).await;
    client.emulator.advance(60 * MINUTE);
    client.ok("output/o/unregister", json!({})).await;
    client.emulator.advance(5 * MINUTE);
    assert!(client.emulator.composition_ids().is_empty());
}

#[tokio::test]
async fn request_after_the_clean_up_time_gets_404() {
    let clock = StoppedClock::stop();
    let emulator = Emulator::start().await.unwrap();
    let (_, created) = post(&emulator, COMPOSITION, Some(json!({}))).await;
    let path = format!("{COMPOSITION}/{}/start", created["composition_id"].as_str().unwrap());
    clock.advance(4 * MINUTE).await;
    assert_eq!(post(&emulator, &path, None).await.0, 200);
    clock.advance(MINUTE).await;
    assert_eq!(post(&emulator, &path, None).await.0, 404);
}

#[tokio::test]
async fn file_ends_on_the_clock() {
    let _clock = StoppedClock::stop();
    let client = Client::start().await;
    client.ok("input/file/register", json!({ "type": "mp4", "url": "https://host/a.mp4" })).await;
    client
        .ok("output/o/register", {
            let mut body = audio_output();
            body["audio"]["send_eos_when"] = json!({ "all_inputs": true });
            body
        })
        .await;
    client.emulator.advance(Duration::from_secs(9));
    assert_eq!((client.state().inputs[0].video, client.state().outputs[0].is_ended), (MediaState::Playing, false));
    client.emulator.advance(Duration::from_secs(1));
    assert_eq!((client.state().inputs[0].video, client.state().outputs[0].is_ended), (MediaState::Ended, true));
}
