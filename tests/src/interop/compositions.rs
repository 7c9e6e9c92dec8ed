//! Compositions: their inputs, outputs, images, fonts and events.

use std::{fs, time::Duration};

use anyhow::Result;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Template,
    composition::{
        AudioChannels, AudioEncoder, AudioMix, AudioOutput, Component, Composition, CompositionClient,
        CompositionOptions, EndCondition, Font, Image, ImageSource, InputStream, MixingStrategy, Mp4InputOptions,
        OpusEncoder, OpusPreset, OpusSampleRate, Output, OutputUpdate, Scene, TemplateEvent, Tiles, VideoOutput, View,
        WhepInputOptions, WhipInputOptions,
    },
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;

use crate::{
    composition_statuses,
    scenario::{Scenario, UNKNOWN_ID, refused},
    scenes::{RED, every_component},
};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "compositions",
    calls: Some(calls),
    run_both: Some(composition_statuses::run_both),
    ..Scenario::NOTHING
};

/// An id with characters that need an encoding.
const ODD_ID: &str = "wejście 1/2?#%41&+;:@~ż";
const WHIP: &str = "https://whip.example/publish?a=b";
const WHEP: &str = "https://whep.example/play";
const RTMP: &str = "rtmp://live.example/app/key";
const PNG: &str = "https://img.example/logo.png";
pub(crate) const TEMPLATE: &[u8] = b"export default () => null;\n";
const FONT: &[u8] = b"\0\x01\0\0 not a font";

/// Returns a client of the emulator's composition API.
pub(crate) fn client(emulator: &Emulator, token: &str) -> Result<CompositionClient> {
    Ok(CompositionClient::builder(token).base_url(emulator.origin()).max_attempts(1).build()?)
}

fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let api = client(emulator, emulator.token())?;
        let composition = api.create(CompositionOptions::new()).await?;
        let files = tempfile::tempdir()?;
        inputs(&api, &composition).await?;
        renderers(&composition, &files).await?;
        outputs(&composition).await?;
        templates(&composition, &files).await?;
        updates(&composition).await?;
        events(&api, &composition).await?;
        let second = api.create(CompositionOptions::new().autostart(false)).await?;
        api.create(CompositionOptions::new().cleanup_without_inputs(false)).await?;
        api.create(CompositionOptions::new().autostart(true).cleanup_without_inputs(false)).await?;
        second.start().await?;
        second.start().await?;
        second.reset().await?;
        second.delete().await?;
        refused(second.delete().await, 404)?;
        refused(api.adopt(ODD_ID)?.start().await, 404)?;
        refused(api.adopt(UNKNOWN_ID)?.reset().await, 404)?;
        let stranger = client(emulator, "not-the-management-token")?;
        refused(stranger.create(CompositionOptions::new()).await, 401)
    }
    .boxed()
}

async fn inputs(api: &CompositionClient, composition: &Composition) -> Result<()> {
    composition.register_whip_input("whip", WhipInputOptions::new()).await?;
    let every = WhipInputOptions::new().bearer_token("żeton 1").video(false);
    composition.register_whip_input(ODD_ID, every).await?;
    composition.register_whip_input("whip video", WhipInputOptions::new().video(true)).await?;
    refused(composition.register_whip_input("whip", WhipInputOptions::new()).await, 409)?;
    composition.register_whep_input("whep", WHEP).await?;
    let every = WhepInputOptions::new(WHEP).bearer_token("t").video(false);
    composition.register_whep_input("whep2", every).await?;
    composition.register_mp4_input("mp4", "https://films.example/film ż.mp4").await?;
    let film = Mp4InputOptions::new("https://films.example/film.mp4?a=b").repeat(true);
    composition.register_mp4_input("loop", film).await?;
    let film = Mp4InputOptions::new("https://films.example/film.mp4").repeat(false);
    composition.register_mp4_input("once", film).await?;
    composition.register_rtmp_input("rtmp", "klucz/ż").await?;
    composition.register_rtmp_input("rtmp2", "k").await?;
    composition.unregister_input(ODD_ID).await?;
    refused(composition.unregister_input(ODD_ID).await, 404)?;
    composition.unregister_input_at("whip", Duration::from_micros(1_500_500)).await?;
    for unknown in [UNKNOWN_ID, ODD_ID] {
        refused(api.adopt(unknown)?.register_whip_input("whip", WhipInputOptions::new()).await, 404)?;
    }
    Ok(())
}

async fn renderers(composition: &Composition, files: &tempfile::TempDir) -> Result<()> {
    composition.register_image("logo", ImageSource::png(PNG)).await?;
    refused(composition.register_image("logo", ImageSource::png(PNG)).await, 409)?;
    for (name, source) in [
        ("obraz jpeg", ImageSource::jpeg("https://img.example/jpeg")),
        ("obraz gif", ImageSource::gif("https://img.example/gif")),
        ("obraz auto", ImageSource::auto("https://img.example/auto")),
        ("obraz svg", ImageSource::svg("https://img.example/svg")),
        ("sized", ImageSource::svg_with_resolution("https://img.example/svg", 64, 33)),
    ] {
        composition.register_image(name, source).await?;
    }
    composition.unregister_image("sized").await?;
    refused(composition.unregister_image("sized").await, 404)?;
    composition.unregister_image_at("obraz gif", Duration::ZERO).await?;
    composition.register_font(Font::from_bytes(FONT)).await?;
    let path = files.path().join("krój ż.ttf");
    fs::write(&path, FONT)?;
    Ok(composition.register_font(Font::from_path(path)).await?)
}

pub(crate) fn picture(root: impl Into<Component>) -> Result<VideoOutput> {
    Ok(VideoOutput::new(1280, 720, Scene::new(root))?)
}

fn small(root: impl Into<Component>) -> Result<VideoOutput> {
    Ok(VideoOutput::new(640, 360, Scene::new(root))?)
}

fn whip() -> Output {
    Output::whip_without_token(WHIP)
}

fn opus() -> OpusEncoder {
    OpusEncoder::new()
}

async fn outputs(composition: &Composition) -> Result<()> {
    composition.register_output("wyjście 1/ż", whip().video(picture(View::new())?)).await?;
    let mix = AudioMix::new().input("ada").input_with_volume("bob", 0.5);
    let mix = mix.input_with_volume("eve", 2.0).input_with_volume("zoe", 0.0);
    let every = Output::whip(WHIP, "t").video(VideoOutput::new(1920, 1080, every_component())?).audio(mix);
    composition.register_output("every", every).await?;
    refused(composition.register_output("every", whip().video(picture(View::new())?)).await, 409)?;
    let sound = || AudioOutput::new(AudioMix::new());
    let encoders = [
        opus().preset(OpusPreset::Quality).sample_rate(OpusSampleRate::Hz8000).forward_error_correction(true),
        opus().preset(OpusPreset::Voip).sample_rate(OpusSampleRate::Hz16000).forward_error_correction(false),
        opus().preset(OpusPreset::LowestLatency).sample_rate(OpusSampleRate::Hz24000),
        opus().sample_rate(OpusSampleRate::Hz48000),
    ];
    for (number, audio) in [
        sound().channels(AudioChannels::Mono),
        sound().channels(AudioChannels::Stereo),
        sound().mixing_strategy(MixingStrategy::SumClip),
        sound().mixing_strategy(MixingStrategy::SumScale),
        sound().encoder_preferences([opus().into(), AudioEncoder::Any]),
        sound().encoder_preferences(encoders),
        sound().ends(EndCondition::any_of(["ada", "bob"])),
        sound().ends(EndCondition::all_of(["ada"])),
        sound().ends(EndCondition::AnyInput),
        sound().ends(EndCondition::AllInputs),
    ]
    .into_iter()
    .enumerate()
    {
        composition.register_output(format!("sound{number}"), whip().audio(audio)).await?;
    }
    let ends = picture(View::new())?.ends(EndCondition::AnyInput);
    composition.register_output("ends", whip().video(ends)).await?;
    let tiles = Tiles::new().child(InputStream::new("ada"));
    composition.register_output("rtmp", Output::rtmp(RTMP).video(small(tiles)?)).await?;
    let heard = AudioOutput::new(AudioMix::all(["ada"]))
        .channels(AudioChannels::Mono)
        .mixing_strategy(MixingStrategy::SumScale)
        .ends(EndCondition::all_of(["ada", "bob"]));
    composition.register_output("heard", Output::rtmp("rtmps://live.example/app/a/key").audio(heard)).await?;
    let ends = small(View::new())?.ends(EndCondition::AllInputs);
    composition.register_output("both", Output::rtmp(RTMP).video(ends).audio(AudioMix::all(["ada"]))).await?;
    refused(composition.register_output("no", whip().video(picture(Image::new("no"))?)).await, 400)
}

async fn templates(composition: &Composition, files: &tempfile::TempDir) -> Result<()> {
    let config = Output::whip(WHIP, "t").video(picture(View::new())?).audio(AudioMix::new());
    let template = Template::from_bytes("template.js", TEMPLATE);
    composition.register_template_output("template", config, template).await?;
    let path = files.path().join("szablon ż.mjs");
    fs::write(&path, "// Zażółć\r\n--boundary--\r\n\0export default {}")?;
    let config = Output::rtmp(RTMP).audio(AudioMix::all(["ada"]));
    composition.register_template_output("szablon", config, Template::from_path(path)).await?;
    Ok(())
}

async fn updates(composition: &Composition) -> Result<()> {
    composition.update_output("wyjście 1/ż", every_component()).await?;
    composition.update_output("sound0", AudioMix::new().input_with_volume("ada", 1.5)).await?;
    let red = OutputUpdate::new().video(Scene::new(View::new().background_color(RED))).audio(AudioMix::new());
    composition.update_output("every", red).await?;
    let later = OutputUpdate::new().video(Scene::new(View::new()));
    composition.update_output("wyjście 1/ż", later.schedule_time(Duration::from_micros(2_500_250))).await?;
    let later = OutputUpdate::new().video(Scene::new(Tiles::new())).audio(AudioMix::all(["ada"]));
    composition.update_output("every", later.schedule_time(Duration::ZERO)).await?;
    refused(composition.update_output("unknown", Scene::new(View::new())).await, 400)?;
    composition.request_keyframe("wyjście 1/ż").await?;
    refused(composition.request_keyframe("sound0").await, 400)?;
    composition.unregister_output("sound1").await?;
    refused(composition.unregister_output("sound1").await, 404)?;
    Ok(composition.unregister_output_at("sound2", Duration::from_secs(60)).await?)
}

async fn events(api: &CompositionClient, composition: &Composition) -> Result<()> {
    composition.send_event("bare").await?;
    composition.send_event(TemplateEvent::new("null").data(())).await?;
    for data in [
        json!({ "nested": { "list": [1, 2.5, null, true], "ż": "ó" } }),
        json!({}),
        json!([]),
        json!([{ "a": 1 }]),
        json!(""),
        json!("tekst"),
        json!(0),
        json!(-1.5),
        json!(false),
    ] {
        composition.send_event(TemplateEvent::new("nazwa ż").data(data)).await?;
    }
    refused(api.adopt(UNKNOWN_ID)?.send_event("name").await, 404)
}
