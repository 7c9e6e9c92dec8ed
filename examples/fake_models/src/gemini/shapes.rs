//! The documented shapes of the client's messages: <https://ai.google.dev/api/live>.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A message has exactly one of these members.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ClientMessage {
    pub(super) setup: Option<Setup>,
    pub(super) client_content: Option<ClientContent>,
    pub(super) realtime_input: Option<RealtimeInput>,
    pub(super) tool_response: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Setup {
    pub(super) model: String,
    #[serde(default)]
    pub(super) generation_config: GenerationConfig,
    #[serde(rename = "systemInstruction")]
    pub(super) _system_instruction: Option<Content>,
    #[serde(rename = "tools")]
    pub(super) _tools: Option<Vec<Map<String, Value>>>,
    #[serde(rename = "realtimeInputConfig")]
    pub(super) _realtime_input_config: Option<Map<String, Value>>,
    pub(super) session_resumption: Option<SessionResumption>,
    #[serde(rename = "contextWindowCompression")]
    pub(super) _context_window_compression: Option<ContextWindowCompression>,
    pub(super) input_audio_transcription: Option<AudioTranscription>,
    pub(super) output_audio_transcription: Option<AudioTranscription>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct GenerationConfig {
    pub(super) response_modalities: Vec<Modality>,
    #[serde(rename = "speechConfig")]
    pub(super) _speech_config: Option<SpeechConfig>,
    #[serde(rename = "temperature")]
    pub(super) _temperature: Option<f64>,
    #[serde(rename = "topP")]
    pub(super) _top_p: Option<f64>,
    #[serde(rename = "topK")]
    pub(super) _top_k: Option<u32>,
    #[serde(rename = "maxOutputTokens")]
    pub(super) _max_output_tokens: Option<u32>,
    #[serde(rename = "mediaResolution")]
    pub(super) _media_resolution: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Modality {
    Audio,
    Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SpeechConfig {
    #[serde(rename = "voiceConfig")]
    _voice_config: Option<VoiceConfig>,
    #[serde(rename = "languageCode")]
    _language_code: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct VoiceConfig {
    #[serde(rename = "prebuiltVoiceConfig")]
    _prebuilt_voice_config: PrebuiltVoiceConfig,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PrebuiltVoiceConfig {
    #[serde(rename = "voiceName")]
    _voice_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SessionResumption {
    pub(super) handle: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ContextWindowCompression {
    #[serde(rename = "slidingWindow")]
    _sliding_window: Option<Map<String, Value>>,
    #[serde(rename = "triggerTokens")]
    _trigger_tokens: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct AudioTranscription {
    #[serde(rename = "languageCodes")]
    _language_codes: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Content {
    #[serde(rename = "role")]
    _role: Option<String>,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Part {
    pub(super) text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ClientContent {
    #[serde(default)]
    pub(super) turns: Vec<Content>,
    #[serde(default)]
    pub(super) turn_complete: bool,
}

/// An input has exactly one of these members.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RealtimeInput {
    pub(super) audio: Option<Blob>,
    pub(super) video: Option<Blob>,
    pub(super) text: Option<String>,
    pub(super) audio_stream_end: Option<bool>,
    pub(super) activity_start: Option<Map<String, Value>>,
    pub(super) activity_end: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Blob {
    pub(super) data: String,
    pub(super) mime_type: String,
}
