//! The requests: method, path and body of each operation and each option.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::{Authorization, Emulator};
use fishjam_sdk::{
    FishjamClient, StreamerToken,
    composition::{
        AudioChannels, AudioEncoder, AudioMix, AudioOutput, Composition, CompositionOptions, EndCondition, ImageSource,
        InputStream, MixingStrategy, Mp4InputOptions, OpusEncoder, OpusPreset, OpusSampleRate, Output, OutputUpdate,
        Scene, TemplateEvent, VideoOutput, View, WhepInputOptions, WhipInputOptions,
    },
};
use serde_json::{Value, json};

use crate::{only, start};

/// Checks the only request: its method, its path below the composition, and its JSON.
fn assert_sent(
    emulator: &Emulator,
    composition: &Composition,
    operation: &str,
    path: &str,
    body: Option<Value>,
) -> anyhow::Result<()> {
    let request = only(emulator, operation)?;
    let expected = format!("/api/composition/{}{path}", composition.id());
    assert_eq!((request.method(), request.full_path()), ("POST", expected.as_str()), "{operation}");
    let sent = (!request.body().is_empty()).then(|| serde_json::from_slice(request.body())).transpose()?;
    assert_eq!(sent, body, "{operation}");
    assert_eq!(request.header("content-type"), body.map(|_| "application/json"), "{operation}");
    Ok(())
}

fn scene() -> Scene {
    Scene::new(InputStream::new("camera"))
}

const SCENE: &str = r#"{ "root": { "type": "input_stream", "input_id": "camera" } }"#;

fn scene_json() -> anyhow::Result<Value> {
    Ok(serde_json::from_str(SCENE)?)
}

#[tokio::test]
async fn request_has_the_headers_of_each_call() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    composition.start().await?;
    let request = only(&emulator, "start")?;
    assert_eq!(request.authorization(), Authorization::Valid);
    for (name, value) in [
        ("content-length", "0"),
        ("accept", "application/json"),
        ("x-fishjam-api-client", concat!("rust-server/", env!("CARGO_PKG_VERSION"))),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn create_sends_both_options() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    for (options, autostart, cleanup) in [
        (CompositionOptions::new(), true, true),
        (CompositionOptions::new().autostart(false), false, true),
        (CompositionOptions::new().cleanup_without_inputs(false), true, false),
    ] {
        let composition = compositions.create(options).await?;
        let request = only(&emulator, "create_composition")?;
        assert_eq!((request.method(), request.full_path()), ("POST", "/api/composition"));
        let sent: Value = serde_json::from_slice(request.body())?;
        assert_eq!(sent, json!({ "autostart": autostart, "cleanup_without_inputs": cleanup }));
        assert_eq!(emulator.composition(composition.id()).state().map(|state| state.is_started), Some(autostart));
    }
    Ok(())
}

#[tokio::test]
async fn commands_of_the_composition_have_no_body() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    composition.start().await?;
    assert_sent(&emulator, &composition, "start", "/start", None)?;
    composition.reset().await?;
    assert_sent(&emulator, &composition, "reset", "/reset", None)?;
    let video = Output::whip_without_token("https://example.com/whip").video(VideoOutput::new(2, 2, scene())?);
    composition.register_output("main", video).await?;
    emulator.journal().clear();
    composition.request_keyframe("main").await?;
    assert_sent(&emulator, &composition, "request_keyframe", "/output/main/request_keyframe", None)?;
    composition.delete().await?;
    let request = only(&emulator, "delete_composition")?;
    let path = format!("/api/composition/{}", composition.id());
    assert_eq!((request.method(), request.full_path(), request.body()), ("DELETE", path.as_str(), &b""[..]));
    Ok(())
}

#[tokio::test]
async fn each_input_has_its_members() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let sent = |id: &str, body: Value| {
        let path = format!("/input/{id}/register");
        assert_sent(&emulator, &composition, "register_input", &path, Some(body))
    };
    composition.register_whip_input("a", WhipInputOptions::new()).await?;
    sent("a", json!({ "type": "whip_server" }))?;
    composition.register_whip_input("b", WhipInputOptions::new().bearer_token("t").video(false)).await?;
    sent("b", json!({ "type": "whip_server", "bearer_token": "t", "video": false }))?;
    composition.register_whep_input("c", "https://e.com/whep").await?;
    sent("c", json!({ "type": "whep_client", "endpoint_url": "https://e.com/whep" }))?;
    let options = WhepInputOptions::new("https://e.com/whep").bearer_token("t").video(true);
    composition.register_whep_input("d", options).await?;
    let whep =
        json!({ "type": "whep_client", "endpoint_url": "https://e.com/whep", "bearer_token": "t", "video": true });
    sent("d", whep)?;
    composition.register_mp4_input("e", "https://e.com/a.mp4").await?;
    sent("e", json!({ "type": "mp4", "url": "https://e.com/a.mp4" }))?;
    composition.register_mp4_input("f", Mp4InputOptions::new("https://e.com/a.mp4").repeat(true)).await?;
    sent("f", json!({ "type": "mp4", "url": "https://e.com/a.mp4", "loop": true }))?;
    composition.register_rtmp_input("g", "key").await?;
    sent("g", json!({ "type": "rtmp_server", "stream_key": "key" }))?;
    Ok(())
}

#[tokio::test]
async fn unregister_sends_the_time_only_if_it_is_set() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    composition.register_whip_input("in", WhipInputOptions::new()).await?;
    composition.register_image("logo", ImageSource::auto("https://e.com/a.png")).await?;
    let audio = Output::whip("https://e.com/whip", "t").audio(AudioMix::all(["in"]));
    composition.register_output("out", audio).await?;
    emulator.journal().clear();
    let sent = |noun: &str, id: &str, body: Value| {
        let (operation, path) = (format!("unregister_{noun}"), format!("/{noun}/{id}/unregister"));
        assert_sent(&emulator, &composition, &operation, &path, Some(body))
    };
    let (time, scheduled) = (Duration::from_micros(1_500_500), json!({ "schedule_time_ms": 1500.5 }));
    composition.unregister_input_at("in", time).await?;
    sent("input", "in", scheduled.clone())?;
    composition.unregister_input("in").await?;
    sent("input", "in", json!({}))?;
    composition.unregister_image_at("logo", time).await?;
    sent("image", "logo", scheduled.clone())?;
    composition.unregister_image("logo").await?;
    sent("image", "logo", json!({}))?;
    composition.unregister_output_at("out", time).await?;
    sent("output", "out", scheduled)?;
    composition.unregister_output("out").await?;
    sent("output", "out", json!({}))?;
    Ok(())
}

#[tokio::test]
async fn whip_output_has_all_of_its_options() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let opus = OpusEncoder::new()
        .preset(OpusPreset::LowestLatency)
        .sample_rate(OpusSampleRate::Hz16000)
        .forward_error_correction(true);
    let audio = AudioOutput::new(AudioMix::new().input("a").input_with_volume("b", 0.5))
        .mixing_strategy(MixingStrategy::SumScale)
        .channels(AudioChannels::Mono)
        .ends(EndCondition::AllInputs)
        .encoder_preferences([opus.into(), AudioEncoder::Any]);
    let video = VideoOutput::new(1280, 720, scene())?.ends(EndCondition::any_of(["a", "b"]));
    composition.register_output("main", Output::whip("https://e.com/whip", "t").video(video).audio(audio)).await?;
    let opus =
        json!({ "type": "opus", "preset": "lowest_latency", "sample_rate": 16000, "forward_error_correction": true });
    let body = json!({
        "type": "whip_client",
        "endpoint_url": "https://e.com/whip",
        "bearer_token": "t",
        "video": {
            "resolution": { "width": 1280, "height": 720 },
            "initial": scene_json()?,
            "send_eos_when": { "any_of": ["a", "b"] },
        },
        "audio": {
            "initial": { "inputs": [{ "input_id": "a" }, { "input_id": "b", "volume": 0.5 }] },
            "mixing_strategy": "sum_scale",
            "channels": "mono",
            "send_eos_when": { "all_inputs": true },
            "encoder_preferences": [opus, { "type": "any" }],
        },
    });
    assert_sent(&emulator, &composition, "register_output", "/output/main/register", Some(body))
}

#[tokio::test]
async fn rtmp_output_has_all_of_its_options() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let audio = AudioOutput::new(AudioMix::all(["a"]))
        .mixing_strategy(MixingStrategy::SumClip)
        .channels(AudioChannels::Stereo)
        .ends(EndCondition::all_of(["a"]));
    let video = VideoOutput::new(2, 4, scene())?.ends(EndCondition::AnyInput);
    composition.register_output("my out", Output::rtmp("rtmps://e.com/app/key").video(video).audio(audio)).await?;
    let body = json!({
        "type": "rtmp_client",
        "url": "rtmps://e.com/app/key",
        "video": {
            "resolution": { "width": 2, "height": 4 },
            "initial": scene_json()?,
            "send_eos_when": { "any_input": true },
        },
        "audio": {
            "initial": { "inputs": [{ "input_id": "a" }] },
            "mixing_strategy": "sum_clip",
            "channels": "stereo",
            "send_eos_when": { "all_of": ["a"] },
        },
    });
    assert_sent(&emulator, &composition, "register_output", "/output/my%20out/register", Some(body))
}

#[tokio::test]
async fn each_opus_option_has_its_value() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let of = OpusEncoder::new;
    for (opus, member, value) in [
        (of().preset(OpusPreset::Quality), "preset", json!("quality")),
        (of().preset(OpusPreset::Voip), "preset", json!("voip")),
        (of().sample_rate(OpusSampleRate::Hz8000), "sample_rate", json!(8000)),
        (of().sample_rate(OpusSampleRate::Hz24000), "sample_rate", json!(24000)),
        (of().sample_rate(OpusSampleRate::Hz48000), "sample_rate", json!(48000)),
        (of().forward_error_correction(false), "forward_error_correction", json!(false)),
    ] {
        let audio = AudioOutput::new(AudioMix::new()).encoder_preferences([opus]);
        composition.register_output("o", Output::whip_without_token("https://e.com/whip").audio(audio)).await?;
        let sent: Value = serde_json::from_slice(only(&emulator, "register_output")?.body())?;
        assert_eq!(sent["audio"]["encoder_preferences"], json!([{ "type": "opus", member: value }]));
        assert_eq!((sent.get("bearer_token"), sent.get("video")), (None, None));
        composition.unregister_output("o").await?;
        emulator.journal().clear();
    }
    Ok(())
}

#[tokio::test]
async fn output_of_a_livestream_takes_its_token() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let token = StreamerToken::from("streamer");
    for output in [Output::whip("https://e.com/whip", &token), Output::whip("https://e.com/whip", token.clone())] {
        composition.register_output("o", output.audio(AudioMix::new())).await?;
        let sent: Value = serde_json::from_slice(only(&emulator, "register_output")?.body())?;
        assert_eq!(sent["bearer_token"], "streamer");
        composition.unregister_output("o").await?;
        emulator.journal().clear();
    }
    Ok(())
}

#[tokio::test]
async fn update_sends_its_kinds_and_its_time() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    // An adopted composition does not know the kinds of its outputs.
    let adopted = FishjamClient::new(emulator.url(), emulator.token())?.compositions().adopt(composition.id())?;
    let whip = || Output::whip("https://e.com/whip", "t");
    let video = || VideoOutput::new(2, 2, scene());
    composition.register_output("v", whip().video(video()?)).await?;
    composition.register_output("a", whip().audio(AudioMix::new())).await?;
    composition.register_output("va", whip().video(video()?).audio(AudioMix::new())).await?;
    emulator.journal().clear();
    let mix = json!({ "inputs": [{ "input_id": "a" }] });
    let scene_json = scene_json()?;
    let both = OutputUpdate::new().video(scene()).audio(AudioMix::all(["a"])).schedule_time(Duration::from_secs(2));
    for handle in [&composition, &adopted] {
        for (id, update, body) in [
            ("v", OutputUpdate::from(scene()), json!({ "video": scene_json })),
            ("a", AudioMix::all(["a"]).into(), json!({ "audio": mix })),
            ("va", both.clone(), json!({ "video": scene_json, "audio": mix, "schedule_time_ms": 2000.0 })),
        ] {
            handle.update_output(id, update).await?;
            let path = format!("/output/{id}/update");
            assert_sent(&emulator, &composition, "update_output", &path, Some(body))?;
        }
    }
    composition.output("v").update(Scene::new(View::new())).await?;
    let body = json!({ "video": { "root": { "type": "view" } } });
    assert_sent(&emulator, &composition, "update_output", "/output/v/update", Some(body))
}

#[tokio::test]
async fn each_image_has_its_type() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let url = "https://e.com/image";
    for (id, source, kind) in [
        ("a", ImageSource::auto(url), "auto"),
        ("b", ImageSource::gif(url), "gif"),
        ("c", ImageSource::jpeg(url), "jpeg"),
        ("d", ImageSource::png(url), "png"),
        ("e", ImageSource::svg(url), "svg"),
    ] {
        composition.register_image(id, source).await?;
        let body = json!({ "asset_type": kind, "url": url });
        assert_sent(&emulator, &composition, "register_image", &format!("/image/{id}/register"), Some(body))?;
    }
    composition.register_image("f", ImageSource::svg_with_resolution(url, 64, 32)).await?;
    let body = json!({ "asset_type": "svg", "url": url, "resolution": { "width": 64, "height": 32 } });
    assert_sent(&emulator, &composition, "register_image", "/image/f/register", Some(body))
}

// Defect P22 of the official client.
#[tokio::test]
async fn event_has_no_data_or_null_or_a_value() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for (event, body) in [
        ("refresh".into(), json!({ "event_name": "refresh" })),
        (TemplateEvent::new("e").data(()), json!({ "event_name": "e", "data": null })),
        (TemplateEvent::new("e").data(None::<u8>), json!({ "event_name": "e", "data": null })),
        (TemplateEvent::new("e").data(json!({ "a": [1] })), json!({ "event_name": "e", "data": { "a": [1] } })),
        (TemplateEvent::new("ż".repeat(128)), json!({ "event_name": "ż".repeat(128) })),
    ] {
        composition.send_event(event).await?;
        assert_sent(&emulator, &composition, "send_composition_event", "/event", Some(body))?;
    }
    Ok(())
}

#[tokio::test]
async fn ids_are_encoded_as_one_segment() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    let composition = compositions.adopt("a b?c#d%ż")?;
    let error = composition.unregister_input("x y/".trim_end_matches('/')).await.err().context("it exists")?;
    assert!(error.is_not_found(), "{error}");
    let request = only(&emulator, "unregister_input")?;
    assert_eq!(request.full_path(), "/api/composition/a%20b%3Fc%23d%25%C5%BC/input/x%20y/unregister");
    assert!(composition.address().ends_with("/api/composition/a%20b%3Fc%23d%25%C5%BC"));
    Ok(())
}
