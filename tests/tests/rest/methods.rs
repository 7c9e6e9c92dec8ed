//! The name in an error: that of the called method, in each method of both clients.

use std::fmt::Debug;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, CompositionRecordingOptions, Error, ErrorKind, FishjamClient, PeerOptions,
    RecordingFilter, Template, TemplateRecordingOptions,
    agent::SampleRate,
    jellyfish::{ConnectionOptions, JellyfishClient},
};
use fishjam_tests::{
    operations::{Entities, FISHJAM, JELLYFISH, JellyfishEntities, Operation},
    support::within,
};
use serde_json::json;

/// Calls each method of a table, and checks the names in its error.
async fn check<C: Debug, E: Debug>(table: &[Operation<C, E>], client: &C, entities: &E) -> anyhow::Result<()> {
    for Operation { method, id, call, .. } in table {
        let error = within(method, call(client, entities)).await?.err().context(*method)?;
        assert_named(&error, method, id);
    }
    Ok(())
}

fn assert_named(error: &Error, method: &str, id: &str) {
    let line = error.to_string();
    assert!(line.starts_with(&format!("{method}: unexpected status (418)")), "{method}: {line}");
    assert_eq!(error.operation(), Some(id), "{method}");
}

#[tokio::test]
async fn error_names_the_called_method() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    emulator.faults().on("*").always().status(418);
    check(FISHJAM, &fishjam, &Entities::absent()).await?;
    let error = FishjamClient::create_and_verify(emulator.url(), emulator.token()).await.unwrap_err();
    assert_named(&error, "create_and_verify", "validate_credentials");
    Ok(())
}

#[tokio::test]
async fn error_of_an_argument_names_the_called_method() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let filter = RecordingFilter::new().metadata(json!({ "a": ["b"] }));
    let composition = CompositionRecordingOptions::new("https://c/", "o").scale_ratio(f64::NAN);
    let template = TemplateRecordingOptions::new("https://c/", Template::from_bytes("", ""));
    let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz48000);
    for (method, error) in [
        ("get_room", fishjam.get_room("").await.err()),
        ("create_peer", fishjam.create_peer("r", PeerOptions::new().metadata(1)).await.err()),
        ("subscribe_peer", fishjam.subscribe_peer("r", "p", "").await.err()),
        ("subscribe_tracks", fishjam.subscribe_tracks("r", "p", [""]).await.err()),
        ("create_agent", fishjam.create_agent("r", AgentOptions::new().output(output)).await.err()),
        ("create_composition_recording", fishjam.create_composition_recording(composition).await.err()),
        ("create_template_recording", fishjam.create_template_recording(template).await.err()),
        ("get_all_recordings", fishjam.get_all_recordings(filter.clone()).await.err()),
        ("get_all_recordings_with_unreadable", fishjam.get_all_recordings_with_unreadable(filter).await.err()),
        ("public_livestream_whep_url", fishjam.public_livestream_whep_url("").err()),
    ] {
        let error = error.context(method)?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().starts_with(&format!("{method}: invalid input: ")), "{error}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn error_of_jellyfish_names_the_called_method() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let jellyfish = JellyfishClient::new(ConnectionOptions::new(emulator.address(), emulator.token()))?;
    let entities = JellyfishEntities::create(&jellyfish).await?;
    emulator.faults().on("*").always().status(418);
    check(JELLYFISH, &jellyfish, &entities).await
}
