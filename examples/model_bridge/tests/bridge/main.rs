//! Both bridges against servers that check every message.

mod failures;
mod gemini;
mod openai;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fake_models::FakeModel;
use model_bridge::{Model, ModelEvent, Speaker, Transcript};
use tokio::time::timeout;

/// The API key of the tests.
const KEY: &str = "secret-key-1234";
/// A broken bridge ends its test after this time. No test depends on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the next event.
async fn next(model: &mut Model) -> Result<ModelEvent> {
    let event = timeout(PATIENCE, model.receive()).await.context("no event")?;
    Ok(event.context("the session ended")??)
}

/// Returns all events up to the end of a turn.
async fn turn(model: &mut Model) -> Result<Vec<ModelEvent>> {
    let mut events = Vec::new();
    while events.last() != Some(&ModelEvent::TurnComplete) {
        events.push(next(model).await?);
    }
    Ok(events)
}

/// Returns the audio of the events.
fn audio(events: &[ModelEvent]) -> Vec<u8> {
    let chunks = events.iter().filter_map(|event| match event {
        ModelEvent::Audio(audio) => Some(audio.as_ref()),
        _ => None,
    });
    chunks.collect::<Vec<_>>().concat()
}

/// Returns the final transcripts of a speaker.
fn transcripts(events: &[ModelEvent], speaker: Speaker) -> Vec<&str> {
    let finals = events.iter().filter_map(|event| match event {
        ModelEvent::Transcript(Transcript { speaker: by, text, is_final: true }) if *by == speaker => {
            Some(text.as_str())
        }
        _ => None,
    });
    finals.collect()
}

/// This many milliseconds of a sample value.
fn pcm(value: i16, hertz: usize, ms: usize) -> Vec<u8> {
    value.to_le_bytes().repeat(hertz / 1_000 * ms)
}

/// Sends speech, and the silence that ends it.
async fn speak(model: &mut Model) -> Result<()> {
    let hertz = usize::try_from(model.input_rate().hertz())?;
    for chunk in pcm(8_000, hertz, 100).chunks(640) {
        model.send_audio(chunk).await?;
    }
    Ok(model.send_audio(&pcm(0, hertz, 500)).await?)
}

fn check(server: &FakeModel) -> Result<()> {
    ensure!(server.violations().is_empty(), "{:?}", server.violations());
    Ok(())
}
