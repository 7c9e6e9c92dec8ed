//! The inputs and images of compositions.

use std::time::Duration;

use fishjam_emulator::{Emulator, InputKind, MediaState, TrackKind};
use serde_json::json;

use super::{Client, pair};

#[tokio::test]
async fn inputs_have_the_response_of_their_kind() {
    let client = Client::start().await;
    let made = client.ok("input/a%2Fb/register", json!({ "type": "whip_server" })).await;
    let token = made["bearer_token"].as_str().unwrap();
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)));
    assert_eq!(made, json!({ "bearer_token": token, "endpoint_route": "/whip/a%2Fb" }));
    let given = json!({ "type": "whip_server", "bearer_token": "secret-token", "video": false });
    let given = client.ok("input/given/register", given).await;
    assert_eq!(given, json!({ "bearer_token": "secret-token", "endpoint_route": "/whip/given" }));
    let whep = json!({ "type": "whep_client", "endpoint_url": "https://host/whep", "bearer_token": "secret-whep" });
    assert_eq!(client.ok("input/whep/register", whep).await, json!({}));
    let rtmp = client.ok("input/r%20/register", json!({ "type": "rtmp_server", "stream_key": "secret/key" })).await;
    assert_eq!(rtmp, json!({ "publish_url": "rtmp://127.0.0.1:1935/r%20/secret%2Fkey" }));
    let mp4 = client.ok("input/mp4/register", json!({ "type": "mp4", "url": "https://host/secret.mp4" })).await;
    assert_eq!(mp4, json!({ "video_duration_ms": 10_000, "audio_duration_ms": 10_000 }));

    client.ok("image/i/register", json!({ "asset_type": "png", "url": "https://host/secret.png" })).await;

    let state = client.state();
    let kinds: Vec<_> = state.inputs.iter().map(|input| input.kind).collect();
    let expected =
        [InputKind::WhipServer, InputKind::WhipServer, InputKind::WhepClient, InputKind::RtmpServer, InputKind::Mp4];
    assert_eq!(kinds, expected);
    assert_eq!(state.inputs[1].bearer_token.as_deref(), Some("secret-token"));
    assert_eq!(state.inputs[3].stream_key.as_deref(), Some("secret/key"));
    let shown = format!("{state:?}");
    assert!(!shown.contains("secret") && !shown.contains(token), "{shown}");
}

#[tokio::test]
async fn tests_set_the_durations_of_files() {
    let client = Client::start().await;
    let composition = client.emulator.composition(&client.id);
    let millis = |millis| Some(Duration::from_millis(millis));
    assert!(composition.set_mp4_durations("https://host/video.mp4", millis(1_500), None));
    assert!(composition.set_mp4_durations("https://host/audio.mp4", None, millis(70)));
    assert!(composition.set_mp4_durations("https://host/empty.mp4", None, None));
    assert!(!client.emulator.composition("none").set_mp4_durations("https://host/a.mp4", None, None));
    let file = |name: &str| json!({ "type": "mp4", "url": format!("https://host/{name}.mp4"), "loop": true });
    assert_eq!(client.ok("input/video/register", file("video")).await, json!({ "video_duration_ms": 1_500 }));
    assert_eq!(client.ok("input/audio/register", file("audio")).await, json!({ "audio_duration_ms": 70 }));
    assert_eq!(client.error("input/empty/register", file("empty")).await, pair(500, "INPUT_STREAM_INPUT_ERROR"));
    let state = client.state();
    let media: Vec<_> = state.inputs.iter().map(|input| (input.audio, input.video)).collect();
    assert_eq!(media, [(MediaState::Absent, MediaState::Playing), (MediaState::Playing, MediaState::Absent)]);
}

#[tokio::test]
async fn tests_set_the_media_of_inputs() {
    let client = Client::start().await;
    client.ok("input/both/register", json!({ "type": "whip_server" })).await;
    client.ok("input/audio/register", json!({ "type": "whip_server", "video": false })).await;
    let composition = client.emulator.composition(&client.id);
    let media = |index: usize| {
        let input = client.state().inputs.remove(index);
        (input.audio, input.video)
    };
    let (both, audio) = (composition.input("both"), composition.input("audio"));
    assert!(both.pause() && both.end());
    assert_eq!(media(0), (MediaState::Absent, MediaState::Absent));
    assert!(both.play() && audio.play());
    assert_eq!(media(0), (MediaState::Playing, MediaState::Playing));
    assert_eq!(media(1), (MediaState::Playing, MediaState::Absent));
    assert!(both.set_media(TrackKind::Video, MediaState::Ended) && both.pause());
    assert_eq!(media(0), (MediaState::Paused, MediaState::Ended));
    assert!(both.end());
    assert_eq!(media(0), (MediaState::Ended, MediaState::Ended));
    assert!(
        !composition.input("none").play() && !composition.input("none").set_media(TrackKind::Audio, MediaState::Ended)
    );
}

#[tokio::test]
async fn ids_are_taken_until_they_are_unregistered() {
    for (older, status) in [(false, 409), (true, 400)] {
        let emulator = Emulator::builder().refuse_taken_ids_with_400(older).start().await.unwrap();
        let client = Client::create(emulator, json!({})).await;
        for (kind, taken, unknown, body) in [
            (
                "input",
                "INPUT_STREAM_ALREADY_REGISTERED",
                "INPUT_STREAM_NOT_FOUND",
                json!({ "type": "rtmp_server", "stream_key": "k" }),
            ),
            ("output", "OUTPUT_STREAM_ALREADY_REGISTERED", "OUTPUT_STREAM_NOT_FOUND", super::audio_output()),
            (
                "image",
                "ENTITY_ALREADY_REGISTERED",
                "ENTITY_NOT_FOUND",
                json!({ "asset_type": "auto", "url": "https://host/a" }),
            ),
        ] {
            // Inputs, outputs and images have name spaces of their own.
            let (register, unregister) = (format!("{kind}/same/register"), format!("{kind}/same/unregister"));
            assert_eq!(client.error(&unregister, json!({})).await, pair(404, unknown));
            client.ok(&register, body.clone()).await;
            assert_eq!(client.error(&register, body.clone()).await, pair(status, taken));
            assert_eq!(client.ok(&unregister, json!({ "schedule_time_ms": null })).await, json!({}));
            assert_eq!(client.error(&unregister, json!({})).await, pair(404, unknown));
            client.ok(&register, body).await;
        }
    }
}

#[tokio::test]
async fn images_are_recorded_and_checked() {
    let client = Client::start().await;
    for (asset_type, status) in [("png", 200), ("jpeg", 200), ("svg", 200), ("gif", 200), ("auto", 200), ("bmp", 422)] {
        let body = json!({ "asset_type": asset_type, "url": "https://host/image" });
        assert_eq!(client.post(&format!("image/{asset_type}/register"), Some(body)).await.0, status, "{asset_type}");
    }
    let images = client.state().images;
    assert_eq!((images.len(), images[2].asset_type.as_str(), images[2].url.as_str()), (5, "svg", "https://host/image"));
}
