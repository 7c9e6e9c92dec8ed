//! OpenAI Realtime: audio at 24,000 Hz in both directions, images, transcripts.
//!
//! The protocol is described at <https://platform.openai.com/docs/api-reference/realtime-client-events>.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use fishjam_sdk::agent::{PcmFormat, SampleRate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Error, Model, ModelEvent, Result, Speaker,
    key::{self, ApiKey},
    model::{Decoded, Protocol},
    playback::Playback,
    transcript::Utterance,
};

/// The sample rate of the audio that you send.
pub const INPUT_RATE: SampleRate = SampleRate::Hz24000;
/// The sample rate of the model's audio.
pub const OUTPUT_RATE: SampleRate = SampleRate::Hz24000;

const URL: &str = "wss://api.openai.com/v1/realtime";
/// The default model.
pub const MODEL: &str = "gpt-realtime-2.1";
/// The model that transcribes the peers' speech.
const TRANSCRIPTION_MODEL: &str = "gpt-4o-mini-transcribe";

/// The maximum length of an item's id in bytes. It bounds the memory of the playback.
const MAX_ID: usize = 512;

/// Options for a connection to OpenAI Realtime. The options can connect several times.
#[derive(Clone)]
pub struct Options {
    url: String,
    key: ApiKey,
    model: String,
    session: Session,
}

/// The settings of a session, and its state.
#[derive(Clone, Debug)]
struct Session {
    instructions: Option<String>,
    voice: Option<String>,
    transcribe_input: bool,
    text_only: bool,
    playback: Playback,
    peer: Utterance,
    spoken: Utterance,
    /// The current response.
    response: Option<String>,
    /// The response that a peer interrupted.
    interrupted: Option<String>,
}

impl Options {
    /// Creates options with the default settings.
    #[must_use]
    pub fn new(api_key: &str) -> Self {
        Self::with_key(ApiKey::new(api_key))
    }

    /// Reads `OPENAI_API_KEY`, and `OPENAI_REALTIME_URL` and `OPENAI_REALTIME_MODEL` if they are set.
    ///
    /// # Errors
    ///
    /// Returns an error if `OPENAI_API_KEY` is not set.
    pub fn from_env() -> Result<Self> {
        let mut options = Self::with_key(ApiKey::from_env("OPENAI_API_KEY")?);
        options.url = key::optional("OPENAI_REALTIME_URL").unwrap_or(options.url);
        options.model = key::optional("OPENAI_REALTIME_MODEL").unwrap_or(options.model);
        Ok(options)
    }

    fn with_key(key: ApiKey) -> Self {
        let session = Session {
            instructions: None,
            voice: None,
            transcribe_input: false,
            text_only: false,
            playback: Playback::new(OUTPUT_RATE),
            peer: Utterance::new(Speaker::Peer),
            spoken: Utterance::new(Speaker::Model),
            response: None,
            interrupted: None,
        };
        Self { url: URL.to_owned(), key, model: MODEL.to_owned(), session }
    }

    /// Sets the URL of the server, without a query. `ws://` works only on this machine. Defaults to OpenAI's server.
    #[must_use]
    pub fn url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// Sets the model. Defaults to [`MODEL`].
    #[must_use]
    pub fn model(mut self, model: &str) -> Self {
        model.clone_into(&mut self.model);
        self
    }

    /// Sets the system instructions.
    #[must_use]
    pub fn instructions(mut self, instructions: &str) -> Self {
        self.session.instructions = Some(instructions.to_owned());
        self
    }

    /// Sets the voice, for example `marin`. Server default if unset.
    #[must_use]
    pub fn voice(mut self, voice: &str) -> Self {
        self.session.voice = Some(voice.to_owned());
        self
    }

    /// Requests transcripts of the peers' speech. The server always sends transcripts of the model's speech.
    #[must_use]
    pub fn transcribe_input(mut self) -> Self {
        self.session.transcribe_input = true;
        self
    }

    /// Requests text instead of speech.
    #[must_use]
    pub fn text_only(mut self) -> Self {
        self.session.text_only = true;
        self
    }

    /// Connects. Returns when the server has accepted the settings.
    ///
    /// # Errors
    ///
    /// Returns an error if the server cannot be reached, or rejects the API key or the settings.
    pub async fn connect(&self) -> Result<Model> {
        let valid = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        if self.url.contains(['?', '#']) || !self.model.chars().all(valid) {
            return Err(Error::Invalid("invalid URL or model: the URL must not have a query".to_owned()));
        }
        let url = format!("{}?model={}", self.url, self.model);
        let header = ("authorization", self.key.header("Bearer ")?);
        Model::connect(&url, &self.key, header, Box::new(self.session.clone())).await
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("url", &self.url).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Protocol for Session {
    fn setup(&self) -> Value {
        let format = json!({ "type": "audio/pcm", "rate": INPUT_RATE.hertz() });
        let turns = json!({ "type": "server_vad", "create_response": true, "interrupt_response": true });
        let mut session = json!({
            "type": "realtime",
            "output_modalities": [if self.text_only { "text" } else { "audio" }],
            "audio": { "input": { "format": format, "turn_detection": turns }, "output": { "format": format } },
        });
        if let Some(instructions) = &self.instructions {
            session["instructions"] = json!(instructions);
        }
        if let Some(voice) = &self.voice {
            session["audio"]["output"]["voice"] = json!(voice);
        }
        if self.transcribe_input {
            session["audio"]["input"]["transcription"] = json!({ "model": TRANSCRIPTION_MODEL });
        }
        json!({ "type": "session.update", "session": session })
    }

    fn input_rate(&self) -> SampleRate {
        INPUT_RATE
    }

    fn output_rate(&self) -> SampleRate {
        OUTPUT_RATE
    }

    fn audio(&self, pcm: &[u8]) -> Value {
        json!({ "type": "input_audio_buffer.append", "audio": BASE64.encode(pcm) })
    }

    fn image(&self, data: &[u8], content_type: &str) -> Value {
        let url = format!("data:{content_type};base64,{}", BASE64.encode(data));
        user_message(&json!({ "type": "input_image", "image_url": url }))
    }

    fn text(&self, text: &str) -> Vec<Value> {
        vec![user_message(&json!({ "type": "input_text", "text": text })), json!({ "type": "response.create" })]
    }

    fn end_of_audio(&self) -> Value {
        // The server detects the end of speech in the audio only.
        self.audio(&vec![0; PcmFormat::mono(INPUT_RATE).bytes_in(Duration::from_secs(1))])
    }

    fn truncate(&mut self, played: Duration) -> Vec<Value> {
        let truncation = |(item_id, heard): (String, Duration)| {
            let audio_end_ms = u64::try_from(heard.as_millis()).unwrap_or(u64::MAX);
            json!({
                "type": "conversation.item.truncate",
                "item_id": item_id,
                "content_index": 0,
                "audio_end_ms": audio_end_ms,
            })
        };
        self.playback.truncate(played).into_iter().map(truncation).collect()
    }

    fn decode(&mut self, message: &[u8]) -> Result<Vec<Decoded>> {
        let event: ServerEvent = serde_json::from_slice(message)
            .map_err(|error| Error::Protocol(format!("not an event of OpenAI Realtime: {:?}", error.classify())))?;
        if let ServerEvent::SessionUpdated {} = event {
            return Ok(vec![Decoded::Accepted]);
        }
        Ok(self.events(event)?.into_iter().map(Decoded::Event).collect())
    }

    fn resumption(&self) -> Option<&str> {
        None
    }
}

impl Session {
    fn events(&mut self, event: ServerEvent) -> Result<Vec<ModelEvent>> {
        let events = match event {
            ServerEvent::Error { error } | ServerEvent::InputTranscriptFailed { error } => {
                vec![ModelEvent::ServerError(error.text())]
            }
            ServerEvent::ResponseCreated { response } => {
                self.response = Some(response.id);
                Vec::new()
            }
            ServerEvent::OutputAudioDelta { response_id, item_id, delta } => {
                // The model sent this audio before it received the interruption.
                if self.interrupted.as_ref() == Some(&response_id) {
                    return Ok(Vec::new());
                }
                if item_id.len() > MAX_ID {
                    return Err(Error::Protocol("the id of an item is too long".to_owned()));
                }
                let pcm = BASE64.decode(delta).map_err(|_| Error::Protocol("invalid base64".to_owned()))?;
                self.playback.push(&item_id, pcm.len());
                vec![ModelEvent::Audio(pcm.into())]
            }
            ServerEvent::OutputTranscriptDelta { delta } | ServerEvent::OutputTextDelta { delta } => {
                self.spoken.push(&delta).into_iter().map(ModelEvent::Transcript).collect()
            }
            ServerEvent::OutputTranscriptDone { transcript: text } | ServerEvent::OutputTextDone { text } => {
                self.spoken.finish_as(&text).into_iter().map(ModelEvent::Transcript).collect()
            }
            ServerEvent::InputTranscriptDelta { delta } => {
                self.peer.push(&delta).into_iter().map(ModelEvent::Transcript).collect()
            }
            ServerEvent::InputTranscriptCompleted { transcript } => {
                self.peer.finish_as(&transcript).into_iter().map(ModelEvent::Transcript).collect()
            }
            ServerEvent::SpeechStarted {} => {
                self.interrupted = self.response.take().or_else(|| self.interrupted.take());
                vec![ModelEvent::Interrupted]
            }
            ServerEvent::ResponseDone { response } => {
                let failure = response.status_details.and_then(|details| details.error);
                let failure = failure.filter(|_| response.status.as_deref() == Some("failed"));
                let failure = failure.map(|error| ModelEvent::ServerError(error.text()));
                failure.into_iter().chain([ModelEvent::TurnComplete]).collect()
            }
            ServerEvent::SessionUpdated {} | ServerEvent::Unknown => Vec::new(),
        };
        Ok(events)
    }
}

fn user_message(content: &Value) -> Value {
    json!({
        "type": "conversation.item.create",
        "item": { "type": "message", "role": "user", "content": [content] },
    })
}

/// An event of the server. Unknown events and members are ignored.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum ServerEvent {
    #[serde(rename = "error")]
    Error { error: Failure },
    #[serde(rename = "session.updated")]
    SessionUpdated {},
    #[serde(rename = "response.created")]
    ResponseCreated { response: Created },
    #[serde(rename = "response.output_audio.delta")]
    OutputAudioDelta { response_id: String, item_id: String, delta: String },
    #[serde(rename = "response.output_audio_transcript.delta")]
    OutputTranscriptDelta { delta: String },
    #[serde(rename = "response.output_audio_transcript.done")]
    OutputTranscriptDone { transcript: String },
    #[serde(rename = "response.output_text.delta")]
    OutputTextDelta { delta: String },
    #[serde(rename = "response.output_text.done")]
    OutputTextDone { text: String },
    #[serde(rename = "response.done")]
    ResponseDone { response: Done },
    #[serde(rename = "conversation.item.input_audio_transcription.delta")]
    InputTranscriptDelta { delta: String },
    #[serde(rename = "conversation.item.input_audio_transcription.completed")]
    InputTranscriptCompleted { transcript: String },
    #[serde(rename = "conversation.item.input_audio_transcription.failed")]
    InputTranscriptFailed { error: Failure },
    #[serde(rename = "input_audio_buffer.speech_started")]
    SpeechStarted {},
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
struct Done {
    status: Option<String>,
    status_details: Option<StatusDetails>,
}

#[derive(Deserialize)]
struct StatusDetails {
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    code: Option<String>,
    message: Option<String>,
}

impl Failure {
    fn text(self) -> String {
        self.message.or(self.code).unwrap_or_else(|| "no reason".to_owned())
    }
}
