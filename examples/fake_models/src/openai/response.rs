//! The events of a response.

use serde_json::{Value, json};

use super::{OpenAi, shapes::Modality};
use crate::{check, reply::Reply, server::Step};

/// The number of bytes of one event of speech: 100 milliseconds.
const CHUNK: usize = 4_800;

impl OpenAi {
    /// Returns the main events of a response. The real server sends more events, and can mix speech and transcripts.
    pub(super) fn reply(&mut self, reply: &Reply) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(text) = reply.heard.as_ref().filter(|_| self.transcribes()) {
            steps.extend(self.transcript_of_peer(text));
        }
        if reply.said.is_none() && reply.audio.is_empty() {
            return steps;
        }
        let (response, item) = (self.id("resp"), self.id("item"));
        let state = |status: &str| json!({ "id": response, "object": "realtime.response", "status": status });
        steps.push(self.event("response.created", json!({ "response": state("in_progress") })));
        let message = json!({ "id": item, "type": "message", "role": "assistant", "content": [] });
        let added = json!({ "response_id": response, "output_index": 0, "item": message });
        steps.push(self.event("response.output_item.added", added));
        let base = json!({ "response_id": response, "item_id": item, "output_index": 0, "content_index": 0 });
        let part = |member: &str, value: Value| {
            let mut part = base.clone();
            part[member] = value;
            part
        };
        let said = reply.said.as_deref().unwrap_or_default();
        let (text, audio) = match self.modality() {
            Modality::Audio => ("response.output_audio_transcript", reply.audio.as_slice()),
            Modality::Text => ("response.output_text", [].as_slice()),
        };
        for pcm in audio.chunks(CHUNK) {
            let delta = part("delta", json!(check::base64(pcm)));
            steps.push(self.event("response.output_audio.delta", delta));
        }
        if !audio.is_empty() {
            self.speech.insert(item.clone(), audio.len() as u64);
            steps.push(self.event("response.output_audio.done", base.clone()));
        }
        for word in said.split_inclusive(' ') {
            steps.push(self.event(&format!("{text}.delta"), part("delta", json!(word))));
        }
        let whole = if text.ends_with("text") { "text" } else { "transcript" };
        steps.push(self.event(&format!("{text}.done"), part(whole, json!(said))));
        steps.push(self.event("rate_limits.updated", json!({ "rate_limits": [] })));
        steps.push(self.event("response.done", json!({ "response": state("completed") })));
        steps
    }

    fn transcript_of_peer(&mut self, text: &str) -> Vec<Step> {
        let kind = "conversation.item.input_audio_transcription";
        let item = format!("peer_{}", self.turns.saturating_sub(1));
        let members = |name: &str, text: &str| {
            let mut members = json!({ "item_id": item, "content_index": 0 });
            members[name] = json!(text);
            members
        };
        let words = text.split_inclusive(' ');
        let mut steps: Vec<_> =
            words.map(|word| self.event(&format!("{kind}.delta"), members("delta", word))).collect();
        steps.push(self.event(&format!("{kind}.completed"), members("transcript", text)));
        steps
    }
}
