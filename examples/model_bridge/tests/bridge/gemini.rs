//! Gemini Live.

use std::time::Duration;

use anyhow::Result;
use fake_models::{FakeModel, Input, Reply, Turn};
use fishjam_sdk::agent::SampleRate;
use model_bridge::{ModelEvent, Speaker, Transcript, gemini::Options};
use serde_json::json;
use tokio::time::timeout;

use super::{KEY, PATIENCE, audio, check, next, pcm, speak, transcripts, turn};

fn respond(turn: &Turn) -> Option<Reply> {
    let reply = Reply::new().heard("What is this?").said("This is a cat.").audio(pcm(1_000, 24_000, 250));
    Some(match &turn.input {
        Input::Speech(_) => reply,
        Input::Text(text) => reply.said(format!("You wrote {text}")),
    })
}

async fn server() -> Result<(FakeModel, Options)> {
    let server = FakeModel::gemini(KEY, respond).await?;
    let options = Options::new(KEY).url(server.url()).transcribe_input().transcribe_output();
    Ok((server, options))
}

#[tokio::test]
async fn settings_are_sent_as_documented() -> Result<()> {
    let (server, options) = server().await?;
    let model = options.instructions("Be kind.").voice("Kore").long_session().connect().await?;
    assert_eq!((model.input_rate(), model.output_rate()), (SampleRate::Hz16000, SampleRate::Hz24000));
    let expected = json!({
        "model": "models/gemini-3.8-live",
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "speechConfig": { "voiceConfig": { "prebuiltVoiceConfig": { "voiceName": "Kore" } } },
        },
        "systemInstruction": { "parts": [{ "text": "Be kind." }] },
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
        "contextWindowCompression": { "slidingWindow": {} },
        "sessionResumption": {},
    });
    assert_eq!(server.session(0).await.setup(), expected);
    check(&server)
}

#[tokio::test]
async fn speech_returns_audio_and_transcripts() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    speak(&mut model).await?;
    let events = turn(&mut model).await?;
    assert_eq!(audio(&events), pcm(1_000, 24_000, 250));
    assert_eq!(transcripts(&events, Speaker::Peer), ["What is this?"]);
    assert_eq!(transcripts(&events, Speaker::Model), ["This is a cat."]);
    let session = server.session(0).await;
    assert_eq!(session.audio(), [pcm(8_000, 16_000, 100), pcm(0, 16_000, 500)].concat());
    check(&server)
}

#[tokio::test]
async fn text_and_images_reach_the_model() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    model.send_image(&[0xff, 0xd8, 0xff, 0xe0], "image/jpeg").await?;
    model.send_text("hello").await?;
    assert_eq!(transcripts(&turn(&mut model).await?, Speaker::Model), ["You wrote hello"]);
    assert_eq!(server.session(0).await.images(), [[0xff, 0xd8, 0xff, 0xe0]]);
    check(&server)
}

#[tokio::test]
async fn speech_during_the_response_interrupts_it() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    speak(&mut model).await?;
    turn(&mut model).await?;
    model.send_audio(&pcm(8_000, 16_000, 20)).await?;
    assert_eq!(next(&mut model).await?, ModelEvent::Interrupted);
    model.truncate(Duration::from_millis(100)).await?;
    check(&server)
}

#[tokio::test]
async fn end_of_audio_ends_the_turn_without_silence() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    model.send_audio(&pcm(8_000, 16_000, 20)).await?;
    model.end_audio().await?;
    turn(&mut model).await?;
    check(&server)
}

#[tokio::test]
async fn transcription_model_returns_only_transcripts() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.transcription_only().connect().await?;
    let setup = server.session(0).await.setup();
    assert_eq!(setup["model"], "models/gemini-3.5-transcribe-live");
    speak(&mut model).await?;
    let words = |text: &str, is_final| {
        ModelEvent::Transcript(Transcript { speaker: Speaker::Peer, text: text.to_owned(), is_final })
    };
    assert_eq!(next(&mut model).await?, words("what is this?", false));
    assert_eq!(next(&mut model).await?, words("What is this?", false));
    assert_eq!(next(&mut model).await?, words("What is this?", true));
    check(&server)
}

#[tokio::test]
async fn going_away_is_an_event_and_the_session_resumes() -> Result<()> {
    let (server, options) = server().await?;
    let options = options.long_session();
    let mut model = options.connect().await?;
    let session = server.session(0).await;
    // A response cannot be resumed.
    session.send(json!({ "sessionResumptionUpdate": { "newHandle": "", "resumable": false } }));
    session.going_away(50);
    assert_eq!(next(&mut model).await?, ModelEvent::GoingAway(Some(Duration::from_secs(50))));
    let handle = model.resumption().map(ToOwned::to_owned);
    assert_eq!(handle.as_deref(), Some("handle-0"));
    model.close().await;
    timeout(PATIENCE, session.ended()).await?;

    let mut resumed = options.resume(handle.as_deref()).connect().await?;
    let session = server.session(1).await;
    assert_eq!(session.setup()["sessionResumption"], json!({ "handle": "handle-0" }));
    // The next resumption uses the newest handle.
    session.going_away(50);
    assert_eq!(next(&mut resumed).await?, ModelEvent::GoingAway(Some(Duration::from_secs(50))));
    assert_eq!(resumed.resumption(), Some("handle-1"));
    check(&server)
}

#[tokio::test]
async fn unknown_messages_and_thoughts_are_ignored() -> Result<()> {
    let (server, options) = server().await?;
    let mut model = options.connect().await?;
    let session = server.session(0).await;
    session.send(json!({ "voiceActivity": { "type": "ACTIVITY_START" }, "serverContent": {} }));
    session.send(
        json!({ "serverContent": { "modelTurn": { "parts": [{ "text": "hm", "thought": true }, { "x": 1 }] } } }),
    );
    session.send(json!({ "toolCallCancellation": { "ids": ["1"] } }));
    session.send(json!({ "serverContent": { "turnComplete": true, "newMember": [] } }));
    assert_eq!(turn(&mut model).await?, [ModelEvent::TurnComplete]);
    check(&server)
}
