//! The JSON that the control API receives.

use std::{collections::BTreeMap, time::Duration};

use axum::http::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use super::answer::Failure;
use crate::{faults::Fault, operation, scripted_peer::ScriptedPeerOptions, state::TrackKind};

/// The longest outage and the longest delay: a day.
const MAX_MILLISECONDS: u64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OutageInput {
    #[serde(deserialize_with = "milliseconds")]
    pub(super) duration_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetadataInput {
    pub(super) metadata: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CrashInput {
    #[serde(default)]
    pub(super) reason: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum KindInput {
    Audio,
    Video,
}

impl From<KindInput> for TrackKind {
    fn from(kind: KindInput) -> Self {
        match kind {
            KindInput::Audio => TrackKind::Audio,
            KindInput::Video => TrackKind::Video,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrackInput {
    pub(super) kind: KindInput,
    #[serde(default)]
    pub(super) metadata: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PeerInput {
    room_id: String,
    peer_id: Option<String>,
    token: Option<String>,
    metadata: Option<Value>,
    #[serde(default)]
    tracks: Vec<TrackInput>,
}

impl PeerInput {
    /// Returns the room, the id or the token of the peer, and the options.
    pub(super) fn options(self) -> Result<(String, String, ScriptedPeerOptions), Failure> {
        let peer = match (self.peer_id, self.token) {
            (Some(peer), None) | (None, Some(peer)) => peer,
            _ => return Err(Failure(400, "invalid body: exactly one of `peerId` and `token` is required".to_owned())),
        };
        let mut options = ScriptedPeerOptions::new();
        if let Some(metadata) = self.metadata {
            options = options.metadata(metadata);
        }
        for track in self.tracks {
            options = options.track(track.kind.into(), track.metadata);
        }
        Ok((self.room_id, peer, options))
    }
}

/// The way in which a fault ends the connection.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum DisconnectInput {
    BeforeResponse,
    AfterHeaders,
    MidBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FaultInput {
    operation: String,
    times: Option<u64>,
    #[serde(default)]
    always: bool,
    after: Option<u64>,
    every: Option<u64>,
    status: Option<u16>,
    body: Option<Value>,
    body_text: Option<String>,
    content_type: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "optional_milliseconds")]
    retry_after_ms: Option<u64>,
    #[serde(default, deserialize_with = "optional_milliseconds")]
    delay_ms: Option<u64>,
    #[serde(default)]
    after_handling: bool,
    truncate: Option<usize>,
    disconnect: Option<DisconnectInput>,
    #[serde(default)]
    stall: bool,
    #[serde(default)]
    refuse_token: bool,
    close_code: Option<u16>,
}

impl FaultInput {
    /// Completes the description of a fault.
    pub(super) fn describe(&self, mut fault: Fault) -> Fault {
        if let Some(times) = self.times {
            fault = fault.times(times);
        }
        if self.always {
            fault = fault.always();
        }
        if let Some(after) = self.after {
            fault = fault.after(after);
        }
        if let Some(every) = self.every {
            fault = fault.every(every);
        }
        if self.after_handling {
            fault = fault.after_handling();
        }
        for (name, value) in &self.headers {
            fault = fault.header(name, value);
        }
        if let Some(after) = self.retry_after_ms {
            fault = fault.retry_after(Duration::from_millis(after));
        }
        if let Some(body) = &self.body {
            fault = fault.body(body.to_string()).content_type("application/json; charset=utf-8");
        }
        if let Some(body) = &self.body_text {
            fault = fault.body(body.as_str());
        }
        if let Some(content_type) = &self.content_type {
            fault = fault.content_type(content_type);
        }
        if let Some(bytes) = self.truncate {
            fault = fault.truncate(bytes);
        }
        if let Some(delay) = self.delay_ms {
            fault = fault.delay(Duration::from_millis(delay));
        }
        fault = match self.disconnect {
            Some(DisconnectInput::BeforeResponse) => fault.disconnect(),
            Some(DisconnectInput::AfterHeaders) => fault.disconnect_after_headers(),
            Some(DisconnectInput::MidBody) => fault.disconnect_mid_body(),
            None => fault,
        };
        if self.stall {
            fault = fault.stall();
        }
        if self.refuse_token {
            fault = fault.refuse_token();
        }
        if let Some(code) = self.close_code {
            fault = fault.accept_and_close(code, "");
        }
        if let Some(status) = self.status {
            fault = fault.status(status);
        }
        fault
    }

    /// Rejects faults that would never act. Returns the operation.
    pub(super) fn check(&self, known: &[&str]) -> Result<&str, Failure> {
        let operation = known_operation(&self.operation, known)?;
        let invalid = |reason: &str| Err(Failure(400, format!("invalid fault: {reason}")));
        let effects = [
            self.status.is_some(),
            self.body.is_some() || self.body_text.is_some() || self.content_type.is_some(),
            !self.headers.is_empty() || self.retry_after_ms.is_some(),
            self.delay_ms.is_some() || self.truncate.is_some(),
            self.disconnect.is_some() || self.stall,
            self.refuse_token || self.close_code.is_some(),
        ];
        if !effects.contains(&true) {
            return invalid("it has no effect; set `status`, `delayMs`, `disconnect` or another effect");
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return invalid("`status` must be from 200 to 599");
        }
        if self.close_code.is_some_and(|code| !(1000..=4999).contains(&code)) {
            return invalid("`closeCode` must be from 1000 to 4999");
        }
        if self.always && self.times.is_some() {
            return invalid("`times` and `always` exclude each other");
        }
        if self.body.is_some() && self.body_text.is_some() {
            return invalid("`body` and `bodyText` exclude each other");
        }
        if self.times == Some(0) || self.every == Some(0) {
            return invalid("`times` and `every` must be at least 1");
        }
        let is_valid = |(name, value): (&String, &String)| {
            HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok()
        };
        if !self.headers.iter().all(is_valid) {
            return invalid("`headers` contains a name or a value that HTTP does not allow");
        }
        let is_for_sockets = self.refuse_token || self.close_code.is_some();
        if is_for_sockets && operation != "*" && !operation.ends_with("_socket") {
            return invalid("`refuseToken` and `closeCode` need the operation of a socket, such as `server_socket`");
        }
        Ok(operation)
    }
}

/// Returns the contract's name of an operation, if it exists. A fault for an unknown name would never act, and the
/// journal would always count 0 requests.
pub(super) fn known_operation<'a>(name: &'a str, known: &[&str]) -> Result<&'a str, Failure> {
    let name = operation::canonical(name);
    if name == "*" || name == "unknown_route" || known.contains(&name) {
        return Ok(name);
    }
    let known = known.join(", ");
    Err(Failure(400, format!("invalid operation: {name:?} does not exist; the operations are: {known}")))
}

fn milliseconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let milliseconds = u64::deserialize(deserializer)?;
    if milliseconds > MAX_MILLISECONDS {
        return Err(serde::de::Error::custom(format!("the time must be at most {MAX_MILLISECONDS} ms")));
    }
    Ok(milliseconds)
}

fn optional_milliseconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    milliseconds(deserializer).map(Some)
}
