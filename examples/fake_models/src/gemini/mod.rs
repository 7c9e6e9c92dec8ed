//! The protocol of Gemini Live.

mod shapes;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::handshake::server::Request;

use self::shapes::{Blob, ClientContent, ClientMessage, Modality, RealtimeInput, Setup};
use crate::{
    check,
    reply::{Input, Replies, Reply, Turn},
    server::{Protocol, Step},
    session::{Command, SharedLog},
    voice::{Activity, VoiceDetector},
};

pub(crate) const PATH: &str = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const INPUT_HERTZ: usize = 16_000;
/// The number of bytes of one message of speech: 100 milliseconds.
const CHUNK: usize = 4_800;

/// The start of the handles that resume a session. The number of the session follows.
const HANDLE: &str = "handle-";

/// Checks the request of a connection. Returns whether its API key is valid, and the violation, if there is one.
pub(crate) fn check_request(request: &Request, key: &str) -> (bool, Option<String>) {
    let uri = request.uri();
    let in_header = request.headers().get("x-goog-api-key").map(|value| value.as_bytes() == key.as_bytes());
    let mut parameters = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let in_query = parameters.find(|(name, _)| *name == "key").map(|(_, value)| value == key);
    let violation = match (uri.path() == PATH, in_header, in_query) {
        (false, ..) => Some(format!("unknown path {}", uri.path())),
        (true, None, None) => Some("the request has no API key".to_owned()),
        (true, Some(_), Some(_)) => Some("the request has two API keys".to_owned()),
        _ => None,
    };
    (in_header.or(in_query) == Some(true), violation)
}

/// One connection.
pub(crate) struct Gemini {
    number: Arc<OnceLock<usize>>,
    authorized: bool,
    log: SharedLog,
    replies: Replies,
    setup: Option<Setup>,
    voice: VoiceDetector,
    turns: usize,
    /// Whether the model has responded since the peers last spoke.
    responded: bool,
}

impl Gemini {
    pub(crate) fn new(number: Arc<OnceLock<usize>>, authorized: bool, log: SharedLog, replies: Replies) -> Self {
        let voice = VoiceDetector::new(INPUT_HERTZ);
        Self { number, authorized, log, replies, setup: None, voice, turns: 0, responded: false }
    }
}

impl Protocol for Gemini {
    const BINARY: bool = true;

    fn greet(&mut self) -> Vec<Step> {
        if self.authorized {
            Vec::new()
        } else {
            vec![Step::Close(1007, "API key not valid. Please pass a valid API key.".to_owned())]
        }
    }

    fn receive(&mut self, message: &Value) -> Vec<Step> {
        // The real server closes the connection, too.
        self.check(message).unwrap_or_else(|violation| {
            let reason = "Request contains an invalid argument.".to_owned();
            vec![Step::Violation(format!("{violation} in {}", shortened(message))), Step::Close(1007, reason)]
        })
    }

    fn accepted(&mut self) -> Vec<Step> {
        if self.setup.as_ref().is_none_or(|setup| setup.session_resumption.is_none()) {
            return Vec::new();
        }
        let handle = format!("{HANDLE}{}", self.number.get().copied().unwrap_or_default());
        vec![Step::Send(json!({ "sessionResumptionUpdate": { "newHandle": handle, "resumable": true } }))]
    }

    fn command(&mut self, command: Command) -> Vec<Step> {
        match command {
            Command::Reply(reply) => self.reply(&reply),
            Command::GoingAway(seconds) => {
                vec![Step::Send(json!({ "goAway": { "timeLeft": format!("{seconds}s") } }))]
            }
            Command::Error(message) => vec![Step::Close(1011, message)],
            Command::Send(message) => vec![Step::Send(message)],
            Command::Close(code, reason) => vec![Step::Close(code, reason)],
            Command::Garbage(_) | Command::Lose => Vec::new(),
        }
    }
}

impl Gemini {
    /// Responds to a message, or returns a violation.
    fn check(&mut self, message: &Value) -> Result<Vec<Step>, String> {
        if message.as_object().is_none_or(|members| members.len() != 1) {
            return Err("the message does not have exactly one member".to_owned());
        }
        let ClientMessage { setup, client_content, realtime_input, tool_response } = check::shape(message)?;
        if let Some(setup) = setup {
            return self.set_up(setup, message);
        }
        if self.setup.is_none() {
            return Err("the first message is not a setup".to_owned());
        }
        if let Some(input) = realtime_input {
            return self.input(input, message);
        }
        self.log.change(|log| log.messages.push(message.clone()));
        match (client_content, tool_response) {
            (Some(content), _) => Ok(self.content(&content)),
            (None, Some(_)) => Err("a tool response without a tool call".to_owned()),
            (None, None) => Err("the message has no value".to_owned()),
        }
    }

    fn set_up(&mut self, setup: Setup, message: &Value) -> Result<Vec<Step>, String> {
        if self.setup.is_some() {
            return Err("a second setup".to_owned());
        }
        let name = setup.model.strip_prefix("models/").filter(|name| !name.is_empty());
        let name = name.ok_or("the model does not start with models/")?;
        let modality = if name.contains("transcribe") { Modality::Text } else { Modality::Audio };
        if !matches!(setup.generation_config.response_modalities.as_slice(), [only] if *only == modality) {
            return Err(format!("the model {name} supports only the modality {modality:?}"));
        }
        let handle = setup.session_resumption.as_ref().and_then(|resumption| resumption.handle.as_deref());
        if let Some(handle) = handle.filter(|handle| !handle.starts_with(HANDLE)) {
            return Err(format!("unknown handle {handle:?} of a session"));
        }
        self.setup = Some(setup);
        self.log.change(|log| log.setup = message["setup"].clone());
        Ok(vec![Step::Accepted, Step::Send(json!({ "setupComplete": {} }))])
    }

    fn input(&mut self, input: RealtimeInput, message: &Value) -> Result<Vec<Step>, String> {
        if message["realtimeInput"].as_object().is_none_or(|members| members.len() != 1) {
            return Err("the input does not have exactly one member".to_owned());
        }
        if input.activity_start.is_some() || input.activity_end.is_some() {
            return Err("an activity although the server detects the activity".to_owned());
        }
        if let Some(Blob { data, mime_type }) = input.audio {
            if mime_type != "audio/pcm;rate=16000" {
                return Err(format!("unsupported audio type {mime_type}"));
            }
            let pcm = check::audio(&data)?;
            self.log.change(|log| log.audio.extend_from_slice(&pcm));
            let activity = self.voice.push(&pcm);
            return Ok(self.heard(activity));
        }
        if let Some(Blob { data, mime_type }) = input.video {
            let image = check::image(&mime_type, &data)?;
            self.log.change(|log| log.images.push(image));
            return Ok(Vec::new());
        }
        self.log.change(|log| log.messages.push(message.clone()));
        match (input.text, input.audio_stream_end) {
            (Some(text), _) => Ok(self.respond(Input::Text(text))),
            (None, Some(true)) => {
                let activity = self.voice.stop();
                Ok(self.heard(activity))
            }
            (None, _) => Err("the input has no value".to_owned()),
        }
    }

    fn content(&mut self, content: &ClientContent) -> Vec<Step> {
        let text: Vec<_> = content.turns.iter().flat_map(|turn| &turn.parts).map(|part| part.text.as_str()).collect();
        if content.turn_complete { self.respond(Input::Text(text.join(" "))) } else { Vec::new() }
    }

    fn heard(&mut self, activity: Option<Activity>) -> Vec<Step> {
        match activity {
            None => Vec::new(),
            Some(Activity::Started) if std::mem::take(&mut self.responded) => {
                vec![Step::Send(json!({ "serverContent": { "interrupted": true } }))]
            }
            Some(Activity::Started) => Vec::new(),
            Some(Activity::Stopped(speech)) => self.respond(Input::Speech(speech)),
        }
    }

    fn respond(&mut self, input: Input) -> Vec<Step> {
        let session = self.number.get().copied().unwrap_or_default();
        let turn = Turn { session, number: self.turns, input, images: self.log.lock().images.len() };
        self.turns += 1;
        turn.reply(&self.replies).map(|reply| self.reply(&reply)).unwrap_or_default()
    }

    /// Returns the messages of a response: transcripts and audio in pieces, then the end of the turn.
    fn reply(&mut self, reply: &Reply) -> Vec<Step> {
        let Some(setup) = &self.setup else { return Vec::new() };
        let content = |content: Value| Step::Send(json!({ "serverContent": content }));
        let mut steps = Vec::new();
        let transcription_only = setup.generation_config.response_modalities == [Modality::Text];
        if let Some(text) = reply.heard.as_ref().filter(|_| setup.input_audio_transcription.is_some()) {
            if transcription_only {
                // The words can change until the end of the utterance.
                steps.push(content(json!({ "interimInputTranscription": { "text": text.to_lowercase() } })));
                steps.push(content(json!({ "inputTranscription": { "text": text } })));
            } else {
                let pieces = pieces(text).into_iter();
                steps.extend(pieces.map(|piece| content(json!({ "inputTranscription": { "text": piece } }))));
            }
        }
        if transcription_only {
            return steps;
        }
        for pcm in reply.audio.chunks(CHUNK) {
            let blob = json!({ "mimeType": "audio/pcm;rate=24000", "data": check::base64(pcm) });
            steps.push(content(json!({ "modelTurn": { "role": "model", "parts": [{ "inlineData": blob }] } })));
        }
        if let Some(text) = reply.said.as_ref().filter(|_| setup.output_audio_transcription.is_some()) {
            let pieces = pieces(text).into_iter();
            steps.extend(pieces.map(|piece| content(json!({ "outputTranscription": { "text": piece } }))));
        }
        steps.push(content(json!({ "generationComplete": true })));
        steps.push(Step::Send(json!({
            "serverContent": { "turnComplete": true },
            "usageMetadata": { "totalTokenCount": 42 },
        })));
        self.responded = !reply.audio.is_empty();
        steps
    }
}

/// Splits a string into words with their spaces.
fn pieces(text: &str) -> Vec<&str> {
    text.split_inclusive(' ').collect()
}

/// Returns the start of a message.
fn shortened(message: &Value) -> String {
    message.to_string().chars().take(200).collect()
}
