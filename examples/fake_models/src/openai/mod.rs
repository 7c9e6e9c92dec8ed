//! The protocol of OpenAI Realtime.

mod response;
mod shapes;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{handshake::server::Request, http::StatusCode};

use self::shapes::{ClientEvent, Content, Format, Item, Modality, Session};
use crate::{
    check,
    reply::{Input, Replies, Turn},
    server::{Protocol, Step},
    session::{Command, SharedLog},
    voice::{Activity, VoiceDetector},
};

pub(crate) const PATH: &str = "/v1/realtime";
const HERTZ: u32 = 24_000;
/// The number of bytes of a millisecond of audio.
const BYTES_PER_MS: u64 = 48;

/// Checks the request of a connection. Returns the status of the response, and the violation, if there is one.
pub(crate) fn check_request(request: &Request, key: &str) -> (StatusCode, Option<String>) {
    let (uri, headers) = (request.uri(), request.headers());
    let model = uri.query().and_then(|query| query.strip_prefix("model=")).filter(|model| !model.is_empty());
    if uri.path() != PATH {
        return (StatusCode::NOT_FOUND, Some(format!("unknown path {}", uri.path())));
    }
    if headers.contains_key("openai-beta") {
        return (StatusCode::BAD_REQUEST, Some("the header OpenAI-Beta selects the old protocol".to_owned()));
    }
    if model.is_none_or(|model| model.contains('&')) {
        return (StatusCode::BAD_REQUEST, Some("the query is not only the model".to_owned()));
    }
    match headers.get("authorization").map(|value| value.as_bytes() == format!("Bearer {key}").as_bytes()) {
        Some(true) => (StatusCode::SWITCHING_PROTOCOLS, None),
        Some(false) => (StatusCode::UNAUTHORIZED, None),
        None => (StatusCode::UNAUTHORIZED, Some("the request has no API key".to_owned())),
    }
}

/// One connection.
pub(crate) struct OpenAi {
    number: Arc<OnceLock<usize>>,
    log: SharedLog,
    replies: Replies,
    session: Option<Session>,
    voice: VoiceDetector,
    /// The items of the model's speech, with the number of bytes of their audio.
    speech: HashMap<String, u64>,
    /// The text messages since the last response.
    texts: Vec<String>,
    turns: usize,
    ids: usize,
}

impl OpenAi {
    pub(crate) fn new(number: Arc<OnceLock<usize>>, log: SharedLog, replies: Replies) -> Self {
        let voice = VoiceDetector::new(HERTZ as usize);
        Self { number, log, replies, session: None, voice, speech: HashMap::new(), texts: Vec::new(), turns: 0, ids: 0 }
    }
}

impl Protocol for OpenAi {
    const BINARY: bool = false;

    fn greet(&mut self) -> Vec<Step> {
        let session = json!({ "type": "realtime", "object": "realtime.session", "id": self.id("sess") });
        vec![self.event("session.created", json!({ "session": session }))]
    }

    fn receive(&mut self, message: &Value) -> Vec<Step> {
        self.check(message).unwrap_or_else(|violation| {
            let violation = Step::Violation(format!("{violation} in {}", shortened(message)));
            vec![violation, self.error("invalid_request_error", "Invalid event.")]
        })
    }

    fn command(&mut self, command: Command) -> Vec<Step> {
        match command {
            Command::Reply(reply) => self.reply(&reply),
            Command::Error(message) => vec![self.error("server_error", &message)],
            Command::Send(message) => vec![Step::Send(message)],
            Command::Close(code, reason) => vec![Step::Close(code, reason)],
            Command::GoingAway(_) | Command::Garbage(_) | Command::Lose => Vec::new(),
        }
    }
}

impl OpenAi {
    /// Returns a new id.
    fn id(&mut self, kind: &str) -> String {
        self.ids += 1;
        format!("{kind}_{}", self.ids)
    }

    /// Adds the type and the id to the members of an event.
    fn event(&mut self, kind: &str, mut members: Value) -> Step {
        members["type"] = json!(kind);
        members["event_id"] = json!(self.id("event"));
        Step::Send(members)
    }

    fn error(&mut self, kind: &str, message: &str) -> Step {
        let error = json!({ "type": kind, "code": null, "message": message, "param": null, "event_id": null });
        self.event("error", json!({ "error": error }))
    }

    /// Responds to an event, or returns a violation.
    fn check(&mut self, message: &Value) -> Result<Vec<Step>, String> {
        let mut event = message.clone();
        let id = event.as_object_mut().and_then(|members| members.remove("event_id"));
        if id.is_some_and(|id| !id.is_string()) {
            return Err("the event id is not a string".to_owned());
        }
        let event = check::shape(&event)?;
        if !matches!(event, ClientEvent::SessionUpdate { .. } | ClientEvent::Append { .. }) {
            self.log.change(|log| log.messages.push(message.clone()));
        }
        match event {
            ClientEvent::SessionUpdate { session, .. } => self.update(*session, message),
            ClientEvent::Append { audio, .. } => {
                let pcm = check::audio(&audio)?;
                self.log.change(|log| log.audio.extend_from_slice(&pcm));
                let activity = self.voice.push(&pcm);
                Ok(self.heard(activity))
            }
            ClientEvent::ItemCreate { item, .. } => self.create_item(&item, &message["item"]),
            ClientEvent::ItemTruncate { item_id, content_index, audio_end_ms, .. } => {
                self.truncate(&item_id, content_index, audio_end_ms)
            }
            ClientEvent::ResponseCreate { .. } => {
                let text = self.texts.drain(..).collect::<Vec<_>>().join(" ");
                Ok(self.respond(Input::Text(text)))
            }
            ClientEvent::Clear { .. } => Ok(vec![self.event("input_audio_buffer.cleared", json!({}))]),
            ClientEvent::Commit { .. } => Err("a commit although the server detects the turns".to_owned()),
            ClientEvent::ItemDelete { item_id, .. } => match self.speech.remove(&item_id) {
                Some(_) => Ok(vec![self.event("conversation.item.deleted", json!({ "item_id": item_id }))]),
                None => Err("the item does not exist".to_owned()),
            },
            ClientEvent::ResponseCancel { .. } => Err("no response to cancel".to_owned()),
        }
    }

    fn update(&mut self, session: Session, message: &Value) -> Result<Vec<Step>, String> {
        if session.kind != "realtime" {
            return Err(format!("the type of the session is {}", session.kind));
        }
        if session.output_modalities.as_ref().is_some_and(|modalities| modalities.len() != 1) {
            return Err("not exactly one output modality".to_owned());
        }
        let audio = session.audio.as_ref();
        let input = audio.and_then(|audio| audio.input.as_ref()).and_then(|input| input.format.as_ref());
        let output = audio.and_then(|audio| audio.output.as_ref()).and_then(|output| output.format.as_ref());
        let supported = |format: &Format| format.kind == "audio/pcm" && format.rate == Some(HERTZ);
        if let Some(format) = [input, output].into_iter().flatten().find(|format| !supported(format)) {
            return Err(format!("unsupported audio format {} {:?}", format.kind, format.rate));
        }
        self.log.change(|log| log.setup = message["session"].clone());
        let mut effective = message["session"].clone();
        effective["object"] = json!("realtime.session");
        let first = self.session.replace(session).is_none();
        let updated = self.event("session.updated", json!({ "session": effective }));
        Ok(first.then_some(Step::Accepted).into_iter().chain([updated]).collect())
    }

    fn create_item(&mut self, item: &Item, value: &Value) -> Result<Vec<Step>, String> {
        if item.kind != "message" || item.content.is_empty() {
            return Err("the item is not a message with content".to_owned());
        }
        for content in &item.content {
            match (content, item.role.as_str()) {
                (Content::InputText { text }, "user" | "system") => self.texts.push(text.clone()),
                (Content::InputAudio { audio }, "user") => drop(check::audio(audio)?),
                (Content::InputImage { image_url, detail }, "user") => {
                    if detail.as_ref().is_some_and(|detail| !["auto", "low", "high"].contains(&detail.as_str())) {
                        return Err("unknown detail of an image".to_owned());
                    }
                    let data = image_url.strip_prefix("data:").and_then(|url| url.split_once(";base64,"));
                    let (mime_type, data) = data.ok_or("the URL of the image is not a data URL")?;
                    let image = check::image(mime_type, data)?;
                    self.log.change(|log| {
                        log.images.push(image);
                        log.messages.pop();
                    });
                }
                (Content::OutputText { .. }, "assistant") => {}
                (content, role) => return Err(format!("the role {role} cannot have {content:?}")),
            }
        }
        let mut item = value.clone();
        item["id"] = json!(self.id("item"));
        Ok(["conversation.item.added", "conversation.item.done"]
            .map(|kind| self.event(kind, json!({ "item": item, "previous_item_id": null })))
            .into())
    }

    fn truncate(&mut self, item_id: &str, content_index: u64, audio_end_ms: u64) -> Result<Vec<Step>, String> {
        let bytes = self.speech.get_mut(item_id).ok_or("the item is not speech of the model")?;
        if content_index != 0 {
            return Err("the content index is not 0".to_owned());
        }
        if audio_end_ms > *bytes / BYTES_PER_MS {
            return Err(format!("the audio is shorter: {} ms", *bytes / BYTES_PER_MS));
        }
        *bytes = audio_end_ms * BYTES_PER_MS;
        let members = json!({ "item_id": item_id, "content_index": 0, "audio_end_ms": audio_end_ms });
        Ok(vec![self.event("conversation.item.truncated", members)])
    }

    fn heard(&mut self, activity: Option<Activity>) -> Vec<Step> {
        let position = self.voice.position_ms();
        match activity {
            None => Vec::new(),
            Some(Activity::Started) => {
                let members = json!({ "audio_start_ms": position, "item_id": format!("peer_{}", self.turns) });
                vec![self.event("input_audio_buffer.speech_started", members)]
            }
            Some(Activity::Stopped(speech)) => {
                let item_id = format!("peer_{}", self.turns);
                let stopped = json!({ "audio_end_ms": position, "item_id": item_id });
                let committed = json!({ "item_id": item_id, "previous_item_id": null });
                let mut steps = vec![
                    self.event("input_audio_buffer.speech_stopped", stopped),
                    self.event("input_audio_buffer.committed", committed),
                ];
                steps.extend(self.respond(Input::Speech(speech)));
                steps
            }
        }
    }

    fn respond(&mut self, input: Input) -> Vec<Step> {
        let session = self.number.get().copied().unwrap_or_default();
        let turn = Turn { session, number: self.turns, input, images: self.log.lock().images.len() };
        self.turns += 1;
        turn.reply(&self.replies).map(|reply| self.reply(&reply)).unwrap_or_default()
    }

    /// Returns `true` if the program requested transcripts of the peers.
    fn transcribes(&self) -> bool {
        let audio = self.session.as_ref().and_then(|session| session.audio.as_ref());
        audio.and_then(|audio| audio.input.as_ref()).is_some_and(|input| input.transcription.is_some())
    }

    fn modality(&self) -> Modality {
        let modalities = self.session.as_ref().and_then(|session| session.output_modalities.as_ref());
        modalities.and_then(|modalities| modalities.first().copied()).unwrap_or(Modality::Audio)
    }
}

/// Returns the start of a message.
fn shortened(message: &Value) -> String {
    message.to_string().chars().take(200).collect()
}
