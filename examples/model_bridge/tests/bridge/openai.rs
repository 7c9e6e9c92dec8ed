//! OpenAI Realtime.

use std::time::Duration;

use anyhow::Result;
use fake_models::{FakeModel, Input, Reply, Turn};
use fishjam_sdk::agent::SampleRate;
use model_bridge::{ModelEvent, Speaker, openai::Options};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{KEY, PATIENCE, audio, check, next, pcm, speak, transcripts, turn};

fn respond(turn: &Turn) -> Option<Reply> {
    let reply = Reply::new().heard("A poem, please.").said("Tyger tyger").audio(pcm(1_000, 24_000, 2_000));
    Some(match &turn.input {
        Input::Speech(_) => reply,
        Input::Text(text) => reply.said(format!("You wrote {text}")),
    })
}

async fn server() -> Result<(FakeModel, Options)> {
    let server = FakeModel::openai(KEY, respond).await?;
    let options = Options::new(KEY).url(server.url()).transcribe_input();
    Ok((server, options))
}

#[tokio::test]
async fn settings_are_sent_as_documented() -> Result<()> {
    let (server, options) = server().await?;
    let model = options.instructions("Be kind.").voice("marin").connect().await?;
    assert_eq!((model.input_rate(), model.output_rate()), (SampleRate::Hz24000, SampleRate::Hz24000));
    let format = json!({ "type": "audio/pcm", "rate": 24_000 });
    let expected = json!({
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": "Be kind.",
        "audio": {
            "input": {
                "format": format,
                "transcription": { "model": "gpt-4o-mini-transcribe" },
                "turn_detection": { "type": "server_vad", "create_response": true, "interrupt_response": true },
            },
            "output": { "format": format, "voice": "marin" },
        },
    });
    assert_eq!(server.session(0).await.setup(), expected);
    assert_eq!(model.resumption(), None);
    check(&server)
}

#[tokio::test]
async fn speech_returns_audio_and_transcripts() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    speak(&mut model).await?;
    assert_eq!(next(&mut model).await?, ModelEvent::Interrupted);
    let events = turn(&mut model).await?;
    assert_eq!(audio(&events), pcm(1_000, 24_000, 2_000));
    assert_eq!(transcripts(&events, Speaker::Peer), ["A poem, please."]);
    assert_eq!(transcripts(&events, Speaker::Model), ["Tyger tyger"]);
    assert_eq!(server.session(0).await.audio(), [pcm(8_000, 24_000, 100), pcm(0, 24_000, 500)].concat());
    check(&server)
}

#[tokio::test]
async fn text_and_images_reach_the_model() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.text_only().connect().await?;
    model.send_image(&[0xff, 0xd8, 0xff, 0xe0], "image/jpeg").await?;
    model.send_text("hello").await?;
    let events = turn(&mut model).await?;
    assert_eq!(transcripts(&events, Speaker::Model), ["You wrote hello"]);
    assert!(audio(&events).is_empty());
    assert_eq!(server.session(0).await.images(), [[0xff, 0xd8, 0xff, 0xe0]]);
    check(&server)
}

#[tokio::test]
async fn truncation_names_the_items_that_were_not_heard() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    model.send_text("one").await?;
    turn(&mut model).await?;
    model.send_text("two").await?;
    turn(&mut model).await?;
    // Each response has two seconds of audio.
    model.truncate(Duration::from_millis(2_300)).await?;
    let session = server.session(0).await;
    let is_truncation = |message: &Value| message["type"] == "conversation.item.truncate";
    let truncation = timeout(PATIENCE, session.wait_for(is_truncation)).await?;
    assert_eq!(truncation["audio_end_ms"], 300);
    model.truncate(Duration::ZERO).await?;
    model.send_text("end").await?;
    turn(&mut model).await?;
    assert_eq!(session.messages().iter().filter(|message| is_truncation(message)).count(), 1);
    check(&server)
}

#[tokio::test]
async fn audio_of_an_interrupted_response_is_dropped() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    let session = server.session(0).await;
    let delta = |response: &str| json!({ "type": "response.output_audio.delta", "response_id": response, "item_id": "i", "delta": "AAA=" });
    session.send(json!({ "type": "response.created", "response": { "id": "old" } }));
    session.send(delta("old"));
    session.send(json!({ "type": "input_audio_buffer.speech_started", "audio_start_ms": 0, "item_id": "p" }));
    session.send(delta("old"));
    session.send(json!({ "type": "response.done", "response": { "id": "old", "status": "cancelled" } }));
    session.send(json!({ "type": "response.created", "response": { "id": "new" } }));
    session.send(delta("new"));
    let pcm = || ModelEvent::Audio(vec![0, 0].into());
    for expected in [pcm(), ModelEvent::Interrupted, ModelEvent::TurnComplete, pcm()] {
        assert_eq!(next(&mut model).await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn end_of_audio_ends_the_turn() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    model.send_audio(&pcm(8_000, 24_000, 20)).await?;
    model.end_audio().await?;
    turn(&mut model).await?;
    check(&server)
}

#[tokio::test]
async fn errors_of_the_server_do_not_end_the_session() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    let session = server.session(0).await;
    session.error(&format!("the server failed for {KEY}"));
    assert_eq!(next(&mut model).await?, ModelEvent::ServerError("the server failed for [API key]".to_owned()));
    let failed = json!({ "status": "failed", "status_details": { "error": { "code": "rate_limit_exceeded" } } });
    session.send(json!({ "type": "response.done", "response": failed }));
    assert_eq!(turn(&mut model).await?[0], ModelEvent::ServerError("rate_limit_exceeded".to_owned()));
    model.send_text("hello").await?;
    turn(&mut model).await?;
    check(&server)
}

#[tokio::test]
async fn unknown_events_are_ignored() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    let session = server.session(0).await;
    session.send(json!({ "type": "conversation.item.retrieved", "item": [] }));
    session.send(json!({ "type": "response.new_thing.delta" }));
    session.send(json!({ "type": "response.done", "response": { "id": "r", "new_member": 1 } }));
    assert_eq!(turn(&mut model).await?, [ModelEvent::TurnComplete]);
    check(&server)
}
