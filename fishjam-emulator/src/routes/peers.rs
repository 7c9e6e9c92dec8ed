//! Peers: add, delete, refresh the token, subscribe.

use std::time::Instant;

use serde_json::{Value, json};

use super::{ApiRequest, Route};
use crate::{
    http::{
        body::{self, Members},
        response::HttpResponse,
    },
    refusal::Refusal,
    service::Service,
    state::{DEFAULT_OUTPUT_RATE, PeerKind, PeerOptions, SubscribeMode},
    wire::PeerBody,
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("add_peer", "POST", &["room", "*", "peer"], add),
    Route::managed("delete_peer", "DELETE", &["room", "*", "peer", "*"], delete),
    Route::managed("refresh_token", "POST", &["room", "*", "peer", "*", "refresh_token"], refresh_token),
    Route::managed("subscribe_peer", "POST", &["room", "*", "peer", "*", "subscribe_peer"], subscribe_peer),
    Route::managed("subscribe_tracks", "POST", &["room", "*", "peer", "*", "subscribe_tracks"], subscribe_tracks),
];

/// Adds a peer. Checks in the predecessor's order: structure, type, room, limit, options.
fn add(service: &Service, mut request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let mut members = request.members()?;
    let kind = peer_kind(members.take("type"))?;
    let options = members.take("options");
    members.finish()?;
    service.state.read(|state| state.admits_peer(request.parameter(0)))?;
    let options = peer_options(kind, options)?;
    let (peer, token) = service.change(|state| state.add_peer(request.parameter(0), options, Instant::now()))?;
    let body = json!({
        "data": {
            "peer": PeerBody::from(&peer),
            "token": token,
            "peer_websocket_url": service.peer_websocket_url(),
        }
    });
    Ok(HttpResponse::json(201, &body))
}

fn delete(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service.change(|state| state.delete_peer(request.parameter(0), request.parameter(1)))?;
    Ok(HttpResponse::empty(204))
}

fn refresh_token(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let token =
        service.state.write(|state| state.refresh_token(request.parameter(0), request.parameter(1), Instant::now()))?;
    Ok(HttpResponse::json(201, &json!({ "data": { "token": token } })))
}

/// Subscribes to a peer. The contract says that `peer_id` is optional; the emulator assumes that it is required.
fn subscribe_peer(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let producer = request.target.query_value("peer_id").ok_or_else(Refusal::structure)?;
    service.state.write(|state| state.subscribe_peer(request.parameter(0), request.parameter(1), &producer))?;
    Ok(HttpResponse::empty(200))
}

fn subscribe_tracks(service: &Service, mut request: ApiRequest) -> Result<HttpResponse, Refusal> {
    // The contract leaves this object open.
    let tracks = match request.members()?.take("track_ids") {
        Some(Value::Array(tracks)) => tracks,
        _ => return Err(Refusal::structure()),
    };
    let tracks: Vec<String> = tracks
        .into_iter()
        .map(|track| match track {
            Value::String(track) => Ok(track),
            _ => Err(Refusal::structure()),
        })
        .collect::<Result<_, _>>()?;
    service.state.write(|state| state.subscribe_tracks(request.parameter(0), request.parameter(1), &tracks))?;
    Ok(HttpResponse::empty(200))
}

fn peer_kind(value: Option<Value>) -> Result<PeerKind, Refusal> {
    match value.ok_or_else(Refusal::structure)?.as_str() {
        Some("webrtc") => Ok(PeerKind::WebRtc),
        Some("agent") => Ok(PeerKind::Agent),
        Some("vapi") => Ok(PeerKind::Vapi),
        _ => Err(Refusal::bad_request("Invalid peer type")),
    }
}

/// Reads the `options` of a peer. They default to an empty object, because the service accepts `{"type": "agent"}`.
fn peer_options(kind: PeerKind, options: Option<Value>) -> Result<PeerOptions, Refusal> {
    let mut members = Members::of(options.unwrap_or_else(|| json!({})))?;
    let subscribe_mode = match members.take("subscribeMode") {
        None => SubscribeMode::Auto,
        Some(value) => match value.as_str() {
            Some("auto") => SubscribeMode::Auto,
            Some("manual") => SubscribeMode::Manual,
            _ => return Err(body::unexpected("subscribeMode", "'auto' or 'manual'", &value)),
        },
    };
    let mut metadata = json!({});
    let mut output_rate = DEFAULT_OUTPUT_RATE;
    match kind {
        PeerKind::WebRtc => {
            match members.take("metadata") {
                None => {}
                Some(value @ Value::Object(_)) => metadata = value,
                Some(value) => return Err(body::unexpected("metadata", "an object", &value)),
            }
            // Older versions of the contract have this option. It has no effect.
            if members.take_nullable("enableSimulcast").is_some_and(|value| !value.is_boolean()) {
                return Err(Refusal::structure());
            }
        }
        PeerKind::Agent => {
            if let Some(output) = members.take("output") {
                output_rate = agent_output(Members::of(output)?)?;
            }
        }
        PeerKind::Vapi => {
            match members.take("apiKey") {
                Some(Value::String(_)) => {}
                _ => return Err(Refusal::structure()),
            }
            match members.take("callId") {
                Some(Value::String(id)) if is_call_id(&id) => {}
                _ => return Err(Refusal::structure()),
            }
            members.take_bool("autoClose")?;
        }
    }
    members.finish()?;
    Ok(PeerOptions { kind, subscribe_mode, metadata, output_rate })
}

/// Reads the sample rate of an agent's output.
fn agent_output(mut members: Members) -> Result<u32, Refusal> {
    if let Some(format) = members.take("audioFormat")
        && format != "pcm16"
    {
        return Err(body::unexpected("audioFormat", "'pcm16'", &format));
    }
    let rate = match members.take("audioSampleRate") {
        None => DEFAULT_OUTPUT_RATE,
        Some(rate) => match body::whole_number(&rate) {
            Some(16_000) => 16_000,
            Some(24_000) => 24_000,
            _ => return Err(body::unexpected("audioSampleRate", "16000 or 24000", &rate)),
        },
    };
    members.finish()?;
    Ok(rate)
}

/// Returns `true` for `^[a-zA-Z0-9-]+$`.
fn is_call_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_checked_by_kind_of_peer() {
        let vapi = json!({ "apiKey": "key", "callId": "call-1", "autoClose": true, "subscribeMode": "manual" });
        for (kind, options, accepted) in [
            (PeerKind::WebRtc, None, true),
            (PeerKind::WebRtc, Some(json!({})), true),
            (PeerKind::WebRtc, Some(json!({ "metadata": { "a": 1 }, "subscribeMode": "manual" })), true),
            (PeerKind::WebRtc, Some(json!({ "enableSimulcast": false })), true),
            (PeerKind::WebRtc, Some(json!({ "enableSimulcast": null })), true),
            (PeerKind::WebRtc, Some(json!({ "enableSimulcast": 1 })), false),
            (PeerKind::WebRtc, Some(json!({ "metadata": "text" })), false),
            (PeerKind::WebRtc, Some(json!({ "metadata": null })), false),
            (PeerKind::WebRtc, Some(json!({ "subscribeMode": "sometimes" })), false),
            (PeerKind::WebRtc, Some(json!({ "output": {} })), false),
            (PeerKind::WebRtc, Some(json!(null)), false),
            (PeerKind::WebRtc, Some(json!("x")), false),
            (PeerKind::Agent, None, true),
            (PeerKind::Agent, Some(json!({ "output": { "audioFormat": "pcm16", "audioSampleRate": 24000 } })), true),
            (PeerKind::Agent, Some(json!({ "output": { "audioSampleRate": 48000 } })), false),
            (PeerKind::Agent, Some(json!({ "output": { "audioFormat": "opus" } })), false),
            (PeerKind::Agent, Some(json!({ "output": { "channels": 1 } })), false),
            (PeerKind::Agent, Some(json!({ "metadata": {} })), false),
            (PeerKind::Vapi, Some(vapi), true),
            (PeerKind::Vapi, Some(json!({ "apiKey": "key", "callId": "request 1" })), false),
            (PeerKind::Vapi, Some(json!({ "callId": "request" })), false),
            (PeerKind::Vapi, None, false),
        ] {
            let read = peer_options(kind, options.clone());
            assert_eq!(read.is_ok(), accepted, "{kind:?} {options:?}: {read:?}");
            if let Err(refusal) = read {
                assert_eq!(refusal.status, 400);
            }
        }
    }
}
