//! Limits: the time of each call, times in requests, and the depth of scenes.

use std::time::Duration;

use anyhow::Context;
use fishjam_sdk::{
    ErrorKind, Template,
    composition::{
        AudioMix, Component, InputStream, Output, OutputUpdate, Rescaler, Scene, VideoOutput, WhepInputOptions,
        WhipInputOptions,
    },
};
use fishjam_tests::{operations::COMPOSITION_HANDLE, operations::CompositionEntities, support::within};

use crate::start;

// Defects P3 and J7 of the official clients.
#[tokio::test]
async fn server_that_never_answers_ends_each_call() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("*").always().stall();
    let composition = composition.with_timeout(Duration::from_millis(5)).with_max_attempts(1);
    for row in COMPOSITION_HANDLE {
        let of = CompositionEntities::absent();
        let error = within(row.method, (row.call)(&composition, &of)).await?.err().context(row.method)?;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1), "{}: {error}", row.method);
    }
    Ok(())
}

#[tokio::test]
async fn overall_limit_ends_a_registration() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("register_input").always().stall();
    let composition = composition.with_overall_timeout(Duration::from_millis(5));
    let error = within("the call", composition.register_mp4_input("m", "https://e.com")).await?.err();
    assert_eq!(error.context("registered")?.kind(), ErrorKind::Timeout);
    Ok(())
}

#[tokio::test]
async fn empty_secrets_are_refused() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let whip = WhipInputOptions::new().bearer_token("");
    let whep = WhepInputOptions::new("https://e.com").bearer_token("");
    let output = |output: Output| composition.register_output("o", output.audio(AudioMix::new()));
    for (name, outcome) in [
        ("bearer_token", composition.register_whip_input("i", whip).await.map(drop)),
        ("bearer_token", composition.register_whep_input("i", whep).await.map(drop)),
        ("stream_key", composition.register_rtmp_input("i", "").await.map(drop)),
        ("bearer_token", output(Output::whip("https://e.com", "")).await.map(drop)),
        ("RTMP URL", output(Output::rtmp("")).await.map(drop)),
    ] {
        let error = outcome.err().context(name)?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains(&format!("invalid {name}: it is empty")), "{error}");
    }
    assert!(emulator.journal().requests().is_empty());
    assert!(composition.inputs().is_empty() && composition.outputs().is_empty());
    Ok(())
}

/// The server would reject such a time, because it does not fit into its durations.
#[tokio::test]
async fn longest_schedule_times_are_refused() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let longest = Duration::MAX;
    for (name, outcome) in [
        ("input", composition.unregister_input_at("i", longest).await),
        ("image", composition.unregister_image_at("i", longest).await),
        ("output", composition.unregister_output_at("o", longest).await),
        ("update", composition.update_output("o", OutputUpdate::from(AudioMix::new()).schedule_time(longest)).await),
    ] {
        let error = outcome.err().context(name)?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}: {error}");
        assert!(error.to_string().contains("the schedule time is too long"), "{name}: {error}");
    }
    assert!(emulator.journal().requests().is_empty());
    // A tenth of it fits, and is more than 58 billion years.
    composition.update_output("o", OutputUpdate::from(AudioMix::new()).schedule_time(longest / 10)).await?;
    Ok(())
}

/// Returns a scene with this number of rescalers around an input. Each one is a level of JSON.
fn nested(rescalers: usize) -> Scene {
    let input = Component::from(InputStream::new("i"));
    Scene::new((0..rescalers).fold(input, |child, _| Rescaler::new(child).into()))
}

/// The body of a registration has one level more than the body of an update.
#[tokio::test]
async fn deepest_scene_of_each_body_is_sent() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let output = |rescalers| -> fishjam_sdk::Result<Output> {
        Ok(Output::rtmp("rtmp://e.com/app/key").video(VideoOutput::new(640, 360, nested(rescalers))?))
    };
    let template = || Template::from_bytes("template.js", "export default () => null;");
    composition.register_output("o", output(123)?).await?;
    composition.register_template_output("t", output(123)?, template()).await?;
    composition.update_output("o", nested(124)).await?;
    emulator.journal().clear();
    for (name, error) in [
        ("register", composition.register_output("p", output(124)?).await.err()),
        ("template", composition.register_template_output("p", output(124)?, template()).await.err()),
        ("update", composition.update_output("o", nested(125)).await.err()),
    ] {
        let error = error.context(name)?;
        assert_eq!((error.kind(), error.possible_object()), (ErrorKind::InvalidInput, None), "{name}: {error}");
    }
    assert!(emulator.journal().requests().is_empty());
    Ok(())
}
