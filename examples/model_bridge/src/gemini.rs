//! Gemini Live: audio at 16,000 Hz in, audio at 24,000 Hz out, images, transcripts.
//!
//! The protocol is described at <https://ai.google.dev/api/live>.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use fishjam_sdk::agent::SampleRate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Error, Model, ModelEvent, Result, Speaker, Transcript,
    key::{self, ApiKey},
    model::{Decoded, Protocol},
    transcript::Utterance,
};

/// The sample rate of the audio that you send.
pub const INPUT_RATE: SampleRate = SampleRate::Hz16000;
/// The sample rate of the model's audio.
pub const OUTPUT_RATE: SampleRate = SampleRate::Hz24000;

const URL: &str = "wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
/// The default model: it speaks, and cannot respond with text only.
pub const MODEL: &str = "gemini-3.8-live";
/// The model of [`Options::transcription_only`].
pub const TRANSCRIPTION_MODEL: &str = "gemini-3.5-transcribe-live";

/// Options for a connection to Gemini Live. The options can connect several times.
#[derive(Clone)]
pub struct Options {
    url: String,
    key: ApiKey,
    session: Session,
}

/// The settings of a session, and its state.
#[derive(Clone, Debug)]
struct Session {
    model: String,
    instructions: Option<String>,
    voice: Option<String>,
    transcribe_input: bool,
    transcribe_output: bool,
    transcription_only: bool,
    long: bool,
    resume: Option<String>,
    peer: Utterance,
    spoken: Utterance,
}

impl Options {
    /// Creates options with the default settings.
    #[must_use]
    pub fn new(api_key: &str) -> Self {
        Self::with_key(ApiKey::new(api_key))
    }

    /// Reads `GEMINI_API_KEY`, and `GEMINI_LIVE_URL` and `GEMINI_LIVE_MODEL` if they are set.
    ///
    /// # Errors
    ///
    /// Returns an error if `GEMINI_API_KEY` is not set.
    pub fn from_env() -> Result<Self> {
        let mut options = Self::with_key(ApiKey::from_env("GEMINI_API_KEY")?);
        options.url = key::optional("GEMINI_LIVE_URL").unwrap_or(options.url);
        options.session.model = key::optional("GEMINI_LIVE_MODEL").unwrap_or(options.session.model);
        Ok(options)
    }

    fn with_key(key: ApiKey) -> Self {
        let session = Session {
            model: MODEL.to_owned(),
            instructions: None,
            voice: None,
            transcribe_input: false,
            transcribe_output: false,
            transcription_only: false,
            long: false,
            resume: None,
            peer: Utterance::new(Speaker::Peer),
            spoken: Utterance::new(Speaker::Model),
        };
        Self { url: URL.to_owned(), key, session }
    }

    /// Sets the URL of the server. `ws://` works only on this machine. Defaults to Google's server.
    #[must_use]
    pub fn url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// Sets the model, without the prefix `models/`. Defaults to [`MODEL`].
    #[must_use]
    pub fn model(mut self, model: &str) -> Self {
        model.clone_into(&mut self.session.model);
        self
    }

    /// Sets the system instruction.
    #[must_use]
    pub fn instructions(mut self, instructions: &str) -> Self {
        self.session.instructions = Some(instructions.to_owned());
        self
    }

    /// Sets the voice, for example `Kore`. Server default if unset.
    #[must_use]
    pub fn voice(mut self, voice: &str) -> Self {
        self.session.voice = Some(voice.to_owned());
        self
    }

    /// Requests transcripts of the peers' speech.
    #[must_use]
    pub fn transcribe_input(mut self) -> Self {
        self.session.transcribe_input = true;
        self
    }

    /// Requests transcripts of the model's speech.
    #[must_use]
    pub fn transcribe_output(mut self) -> Self {
        self.session.transcribe_output = true;
        self
    }

    /// Requests only transcripts of the peers' speech, from [`TRANSCRIPTION_MODEL`]. The model does not respond.
    #[must_use]
    pub fn transcription_only(mut self) -> Self {
        self.session.transcription_only = true;
        self.model(TRANSCRIPTION_MODEL).transcribe_input()
    }

    /// Removes the limit of the session's length: the server forgets the oldest part of a conversation that is too long.
    ///
    /// A connection is still limited, to about ten minutes. [`resume`](Self::resume) continues the conversation on a new
    /// connection.
    #[must_use]
    pub fn long_session(mut self) -> Self {
        self.session.long = true;
        self
    }

    /// Continues a conversation, with the handle of [`Model::resumption`]. `None` starts a new conversation.
    ///
    /// Requires [`long_session`](Self::long_session). A handle is valid for two hours after the end of its session.
    #[must_use]
    pub fn resume(mut self, handle: Option<&str>) -> Self {
        self.session.resume = handle.map(ToOwned::to_owned);
        self
    }

    /// Connects. Returns when the server has accepted the settings.
    ///
    /// # Errors
    ///
    /// Returns an error if the server cannot be reached, or rejects the API key or the settings.
    pub async fn connect(&self) -> Result<Model> {
        let header = ("x-goog-api-key", self.key.header("")?);
        Model::connect(&self.url, &self.key, header, Box::new(self.session.clone())).await
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("url", &self.url).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Protocol for Session {
    fn setup(&self) -> Value {
        let mut generation = json!({ "responseModalities": [if self.transcription_only { "TEXT" } else { "AUDIO" }] });
        if let Some(voice) = &self.voice {
            generation["speechConfig"] = json!({ "voiceConfig": { "prebuiltVoiceConfig": { "voiceName": voice } } });
        }
        let mut setup = json!({ "model": format!("models/{}", self.model), "generationConfig": generation });
        if let Some(instructions) = &self.instructions {
            setup["systemInstruction"] = json!({ "parts": [{ "text": instructions }] });
        }
        if self.transcribe_input {
            setup["inputAudioTranscription"] = json!({});
        }
        if self.transcribe_output {
            setup["outputAudioTranscription"] = json!({});
        }
        if self.long {
            setup["contextWindowCompression"] = json!({ "slidingWindow": {} });
            setup["sessionResumption"] = self.resume.as_ref().map_or(json!({}), |handle| json!({ "handle": handle }));
        }
        json!({ "setup": setup })
    }

    fn input_rate(&self) -> SampleRate {
        INPUT_RATE
    }

    fn output_rate(&self) -> SampleRate {
        OUTPUT_RATE
    }

    fn audio(&self, pcm: &[u8]) -> Value {
        let mime_type = format!("audio/pcm;rate={INPUT_RATE}");
        json!({ "realtimeInput": { "audio": { "data": BASE64.encode(pcm), "mimeType": mime_type } } })
    }

    fn image(&self, data: &[u8], content_type: &str) -> Value {
        json!({ "realtimeInput": { "video": { "data": BASE64.encode(data), "mimeType": content_type } } })
    }

    fn text(&self, text: &str) -> Vec<Value> {
        vec![json!({ "realtimeInput": { "text": text } })]
    }

    fn end_of_audio(&self) -> Value {
        json!({ "realtimeInput": { "audioStreamEnd": true } })
    }

    fn truncate(&mut self, _played: Duration) -> Vec<Value> {
        Vec::new()
    }

    fn decode(&mut self, message: &[u8]) -> Result<Vec<Decoded>> {
        let message: ServerMessage = serde_json::from_slice(message)
            .map_err(|error| Error::Protocol(format!("not a message of Gemini Live: {:?}", error.classify())))?;
        let mut decoded = Vec::new();
        if message.setup_complete.is_some() {
            decoded.push(Decoded::Accepted);
        }
        // The handle is empty while the conversation cannot be resumed, for example during a response.
        let handle = message.session_resumption_update.and_then(|update| update.new_handle);
        if let Some(handle) = handle.filter(|handle| !handle.is_empty()) {
            self.resume = Some(handle);
        }
        let mut events = Vec::new();
        if let Some(content) = message.server_content {
            self.decode_content(content, &mut events)?;
        }
        if let Some(going) = message.go_away {
            events.push(ModelEvent::GoingAway(going.time_left.as_deref().and_then(seconds)));
        }
        decoded.extend(events.into_iter().map(Decoded::Event));
        Ok(decoded)
    }

    fn resumption(&self) -> Option<&str> {
        self.resume.as_deref()
    }
}

impl Session {
    /// One message can contain audio, transcripts and the end of the turn.
    fn decode_content(&mut self, content: ServerContent, events: &mut Vec<ModelEvent>) -> Result<()> {
        let spoken = |transcripts: Vec<Transcript>| transcripts.into_iter().map(ModelEvent::Transcript);
        // These words can still change.
        if let Some(words) = content.interim_input_transcription.filter(|words| !words.text.is_empty()) {
            let words = Transcript { speaker: Speaker::Peer, text: words.text, is_final: false };
            events.push(ModelEvent::Transcript(words));
        }
        if let Some(piece) = content.input_transcription {
            events.extend(spoken(self.peer.push(&piece.text)));
            // The transcription model sends whole utterances.
            if piece.finished || self.transcription_only {
                events.extend(self.peer.finish().map(ModelEvent::Transcript));
            }
        }
        if let Some(piece) = content.output_transcription {
            events.extend(spoken(self.spoken.push(&piece.text)));
            if piece.finished {
                events.extend(self.spoken.finish().map(ModelEvent::Transcript));
            }
        }
        for part in content.model_turn.map(|turn| turn.parts).unwrap_or_default() {
            if let Some(audio) = part.inline_data.filter(|data| data.mime_type.starts_with("audio/pcm")) {
                let pcm = BASE64.decode(audio.data).map_err(|_| Error::Protocol("invalid base64".to_owned()))?;
                events.push(ModelEvent::Audio(pcm.into()));
            }
            // A thought is not part of the response.
            if let Some(text) = part.text.filter(|_| !part.thought) {
                events.extend(spoken(self.spoken.push(&text)));
            }
        }
        if content.interrupted {
            events.push(ModelEvent::Interrupted);
        }
        if content.turn_complete || content.interrupted {
            let ends = [self.peer.finish(), self.spoken.finish()];
            events.extend(ends.into_iter().flatten().map(ModelEvent::Transcript));
        }
        if content.turn_complete {
            events.push(ModelEvent::TurnComplete);
        }
        Ok(())
    }
}

/// Parses a duration of protobuf's JSON form, such as `9.5s`.
fn seconds(duration: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(duration.strip_suffix('s')?.parse().ok()?).ok()
}

/// A message of the server. Unknown members are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerMessage {
    setup_complete: Option<serde::de::IgnoredAny>,
    server_content: Option<ServerContent>,
    go_away: Option<GoAway>,
    session_resumption_update: Option<SessionResumptionUpdate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct ServerContent {
    model_turn: Option<Turn>,
    input_transcription: Option<Piece>,
    interim_input_transcription: Option<Piece>,
    output_transcription: Option<Piece>,
    interrupted: bool,
    turn_complete: bool,
}

#[derive(Deserialize)]
struct Turn {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
    inline_data: Option<Blob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blob {
    mime_type: String,
    data: String,
}

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    text: String,
    #[serde(default)]
    finished: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GoAway {
    time_left: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionResumptionUpdate {
    new_handle: Option<String>,
}
