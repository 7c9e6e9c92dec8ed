//! The documented shapes of the client's events:
//! <https://platform.openai.com/docs/api-reference/realtime-client-events>.

use serde::Deserialize;
use serde_json::{Map, Value};

/// An event of the client, without its optional `event_id`.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum ClientEvent {
    #[serde(rename = "session.update")]
    SessionUpdate { session: Box<Session> },
    #[serde(rename = "input_audio_buffer.append")]
    Append { audio: String },
    #[serde(rename = "input_audio_buffer.commit")]
    Commit {},
    #[serde(rename = "input_audio_buffer.clear")]
    Clear {},
    #[serde(rename = "conversation.item.create")]
    ItemCreate {
        #[serde(rename = "previous_item_id")]
        _previous_item_id: Option<String>,
        item: Item,
    },
    #[serde(rename = "conversation.item.truncate")]
    ItemTruncate { item_id: String, content_index: u64, audio_end_ms: u64 },
    #[serde(rename = "conversation.item.delete")]
    ItemDelete { item_id: String },
    #[serde(rename = "response.create")]
    ResponseCreate {
        #[serde(rename = "response")]
        _response: Option<Map<String, Value>>,
    },
    #[serde(rename = "response.cancel")]
    ResponseCancel {
        #[serde(rename = "response_id")]
        _response_id: Option<String>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) output_modalities: Option<Vec<Modality>>,
    pub(super) audio: Option<Audio>,
    #[serde(rename = "model")]
    _model: Option<String>,
    #[serde(rename = "instructions")]
    _instructions: Option<String>,
    #[serde(rename = "max_output_tokens")]
    _max_output_tokens: Option<Value>,
    #[serde(rename = "tools")]
    _tools: Option<Vec<Map<String, Value>>>,
    #[serde(rename = "tool_choice")]
    _tool_choice: Option<Value>,
    #[serde(rename = "truncation")]
    _truncation: Option<Value>,
    #[serde(rename = "tracing")]
    _tracing: Option<Value>,
    #[serde(rename = "include")]
    _include: Option<Vec<String>>,
    #[serde(rename = "prompt")]
    _prompt: Option<Map<String, Value>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Modality {
    Audio,
    Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audio {
    pub(super) input: Option<AudioInput>,
    pub(super) output: Option<AudioOutput>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AudioInput {
    pub(super) format: Option<Format>,
    pub(super) transcription: Option<Transcription>,
    #[serde(rename = "turn_detection")]
    _turn_detection: Option<TurnDetection>,
    #[serde(rename = "noise_reduction")]
    _noise_reduction: Option<NoiseReduction>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AudioOutput {
    pub(super) format: Option<Format>,
    #[serde(rename = "voice")]
    _voice: Option<String>,
    #[serde(rename = "speed")]
    _speed: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Format {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) rate: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transcription {
    #[serde(rename = "model")]
    _model: Option<String>,
    #[serde(rename = "language")]
    _language: Option<String>,
    #[serde(rename = "prompt")]
    _prompt: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum TurnDetection {
    ServerVad {
        #[serde(rename = "create_response")]
        _create_response: Option<bool>,
        #[serde(rename = "interrupt_response")]
        _interrupt_response: Option<bool>,
        #[serde(rename = "prefix_padding_ms")]
        _prefix_padding_ms: Option<u32>,
        #[serde(rename = "silence_duration_ms")]
        _silence_duration_ms: Option<u32>,
        #[serde(rename = "threshold")]
        _threshold: Option<f64>,
        #[serde(rename = "idle_timeout_ms")]
        _idle_timeout_ms: Option<u32>,
    },
    SemanticVad {
        #[serde(rename = "create_response")]
        _create_response: Option<bool>,
        #[serde(rename = "interrupt_response")]
        _interrupt_response: Option<bool>,
        #[serde(rename = "eagerness")]
        _eagerness: Option<String>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum NoiseReduction {
    NearField {},
    FarField {},
}

/// An item that the client can create: a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) role: String,
    pub(super) content: Vec<Content>,
    #[serde(rename = "id")]
    _id: Option<String>,
    #[serde(rename = "status")]
    _status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Content {
    InputText {
        text: String,
    },
    InputAudio {
        audio: String,
    },
    InputImage {
        image_url: String,
        detail: Option<String>,
    },
    OutputText {
        #[serde(rename = "text")]
        _text: String,
    },
}
