//! The outputs of compositions and their scenes.

use fishjam_emulator::{ErrorSeverity, OutputKind};
use serde_json::{Value, json};

use super::{Client, audio_output, pair, video_output, view};

fn image(id: &str) -> Value {
    json!({ "type": "view", "children": [{ "type": "image", "image_id": id }] })
}

fn whip_output() -> Value {
    json!({
        "type": "whip_client", "endpoint_url": "https://host/secret-path", "bearer_token": "secret",
        "video": { "resolution": { "width": 1280, "height": 720 }, "initial": { "root": view() } },
        "audio": {
            "initial": { "inputs": [{ "input_id": "a", "volume": 0.5 }] },
            "channels": "mono", "mixing_strategy": "sum_scale",
        },
    })
}

#[tokio::test]
async fn output_is_registered_with_its_scenes() {
    let client = Client::start().await;
    assert_eq!(client.ok("output/whip/register", whip_output()).await, json!({}));
    client.ok("output/rtmp/register", audio_output()).await;
    let state = client.state();
    let (whip, rtmp) = (&state.outputs[0], &state.outputs[1]);
    assert_eq!((whip.kind, whip.resolution), (OutputKind::WhipClient, Some((1280, 720))));
    assert_eq!((whip.url.as_str(), whip.bearer_token.as_deref()), ("https://host/secret-path", Some("secret")));
    assert_eq!(whip.scene, Some(json!({ "root": { "type": "view" } })));
    assert_eq!(whip.audio, Some(json!({ "inputs": [{ "input_id": "a", "volume": 0.5 }] })));
    assert_eq!((whip.channels, whip.mixing_strategy), (Some(1), Some("sum_scale")));
    assert_eq!((rtmp.kind, rtmp.resolution, &rtmp.scene), (OutputKind::RtmpClient, None, &None));
    assert_eq!((rtmp.channels, rtmp.mixing_strategy), (Some(2), Some("sum_clip")));
    assert!(!format!("{state:?}").contains("secret"));
}

#[tokio::test]
async fn invalid_outputs_are_not_registered() {
    let client = Client::start().await;
    let with = |member: &str, value: Value| {
        let mut body = video_output(&view());
        body["video"][member] = value;
        body
    };
    for (body, expected) in [
        (json!({ "type": "rtmp_client", "url": "rtmp://host/app/key" }), pair(400, "MALFORMED_REQUEST")),
        (json!({ "type": "file", "url": "rtmp://host/app/key" }), pair(422, "MALFORMED_REQUEST")),
        (with("resolution", json!({ "width": 641, "height": 360 })), pair(400, "MALFORMED_REQUEST")),
        (with("resolution", json!({ "width": 640, "height": 0 })), pair(400, "MALFORMED_REQUEST")),
        (with("send_eos_when", json!({ "any_input": true, "all_inputs": true })), pair(400, "MALFORMED_REQUEST")),
        (video_output(&json!({ "type": "view", "top": 1 })), pair(400, "MALFORMED_REQUEST")),
        (video_output(&json!({ "type": "view", "color": "red" })), pair(422, "MALFORMED_REQUEST")),
        (video_output(&image("none")), pair(400, "BUILD_SCENE_ERROR")),
    ] {
        assert_eq!(client.error("output/o/register", body.clone()).await, expected, "{body}");
    }
    assert!(client.state().outputs.is_empty());
}

#[tokio::test]
async fn update_replaces_the_scenes() {
    let client = Client::start().await;
    client.ok("output/o/register", whip_output()).await;
    client.ok("output/other/register", whip_output()).await;
    let root = json!({ "root": { "type": "text", "text": "x", "font_size": 10 } });
    let update = json!({ "video": root, "audio": { "inputs": [] } });
    assert_eq!(client.ok("output/o/update", update).await, json!({}));
    let outputs = client.state().outputs;
    assert_eq!((&outputs[0].scene, &outputs[0].audio), (&Some(root), &Some(json!({ "inputs": [] }))));
    assert_eq!(outputs[1].scene, Some(json!({ "root": view() })));
}

#[tokio::test]
async fn update_needs_the_kinds_of_its_output() {
    let client = Client::start().await;
    client.ok("output/both/register", whip_output()).await;
    client.ok("output/audio/register", audio_output()).await;
    let (video, audio) = (json!({ "root": view() }), json!({ "inputs": [] }));
    let mismatch = pair(400, "AUDIO_VIDEO_SPECIFICATION_NOT_MATCHING");
    for (output, body) in [
        ("both", json!({ "video": video })),
        ("both", json!({ "audio": audio })),
        ("both", json!({ "video": video, "audio": null })),
        ("both", json!({})),
        ("audio", json!({ "video": video, "audio": audio })),
        ("audio", json!({})),
    ] {
        assert_eq!(client.error(&format!("output/{output}/update"), body.clone()).await, mismatch, "{output} {body}");
    }
    client.ok("output/audio/update", json!({ "audio": audio })).await;
    let unknown = client.error("output/none/update", json!({ "audio": audio })).await;
    assert_eq!(unknown, pair(400, "OUTPUT_STREAM_NOT_FOUND"));
}

#[tokio::test]
async fn bad_scene_changes_nothing() {
    let client = Client::start().await;
    client.ok("output/o/register", whip_output()).await;
    let audio = json!({ "inputs": [{ "input_id": "new" }] });
    let bad = json!({ "video": { "root": image("none") }, "audio": audio });
    assert_eq!(client.error("output/o/update", bad).await, pair(400, "BUILD_SCENE_ERROR"));
    let same = json!({ "type": "view", "children": [{ "type": "view", "id": "x" }, { "type": "view", "id": "x" }] });
    let bad = json!({ "video": { "root": same }, "audio": audio });
    assert_eq!(client.error("output/o/update", bad).await, pair(400, "BUILD_SCENE_ERROR"));
    let output = client.state().outputs.remove(0);
    assert_eq!(output.scene, Some(json!({ "root": view() })));
    assert_eq!(output.audio, Some(json!({ "inputs": [{ "input_id": "a", "volume": 0.5 }] })));
}

#[tokio::test]
async fn shown_image_stays_until_the_next_update() {
    let client = Client::start().await;
    client.ok("image/logo/register", json!({ "asset_type": "png", "url": "https://host/logo.png" })).await;
    client.ok("output/o/register", video_output(&image("logo"))).await;
    client.ok("output/o/update", json!({ "video": { "root": image("logo") } })).await;
    client.ok("image/logo/unregister", json!({})).await;
    let refused = client.error("output/o/update", json!({ "video": { "root": image("logo") } })).await;
    assert_eq!(refused, pair(400, "BUILD_SCENE_ERROR"));
    assert_eq!(client.state().outputs[0].scene, Some(json!({ "root": image("logo") })));
}

#[tokio::test]
async fn ended_output_ignores_updates() {
    let client = Client::start().await;
    client.ok("output/o/register", video_output(&view())).await;
    client.ok("output/failed/register", video_output(&view())).await;
    let composition = client.emulator.composition(&client.id);
    assert!(composition.output("o").end());
    assert!(composition.output("failed").fail(ErrorSeverity::Critical, "gone"));
    assert!(!composition.output("none").fail(ErrorSeverity::Warning, "x"));
    for output in ["o", "failed"] {
        // Even a scene that cannot be built is ignored.
        let update = json!({ "video": { "root": image("none") } });
        assert_eq!(client.ok(&format!("output/{output}/update"), update).await, json!({}));
    }
    for output in client.state().outputs {
        assert_eq!((output.is_ended, output.scene), (true, Some(json!({ "root": view() }))));
    }
    client.ok("output/o/unregister", json!({})).await;
    client.ok("output/o/register", video_output(&view())).await;
}

#[tokio::test]
async fn keyframe_needs_an_output_with_video() {
    let client = Client::start().await;
    client.ok("output/video/register", video_output(&view())).await;
    client.ok("output/audio/register", audio_output()).await;
    assert_eq!(client.post("output/video/request_keyframe", None).await, (200, json!({})));
    for output in ["audio", "none"] {
        let (status, body) = client.post(&format!("output/{output}/request_keyframe"), None).await;
        assert_eq!((status, &body["error_code"]), (400, &json!("REQUEST_KEYFRAME_ERROR")), "{output}");
    }
}
