//! The control API under `/_emulator/`: tests in any language drive the emulator with JSON.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{self, Body},
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    faults::{Fault, Faults},
    http::{connection::ConnectionHandle, target::Target},
    lock::lock,
    outage::Outages,
    scripted_peer::{PeerService, ScriptedPeer},
};

mod answer;
mod guard;
mod input;
mod view;

use answer::{Answer, Failure};
use input::{CrashInput, FaultInput, MetadataInput, OutageInput, PeerInput, TrackInput};

/// The first segment of all paths of the control API.
const PREFIX: &str = "_emulator";

/// The section of the guide that lists the paths.
const GUIDE: &str = "https://github.com/fishjam-rs/fishjam-rs/blob/main/docs/guide/src/testing.md#use-the-control-api";

/// The size of the largest body.
const BODY_LIMIT: usize = 1024 * 1024;

/// The number of faults and of peers that the control API remembers.
const MAX_KEPT: usize = 10_000;

/// The control API of one emulator.
pub(crate) struct Control {
    /// The emulated service: `fishjam` or `jellyfish`.
    pub(crate) name: &'static str,
    /// The names of the operations that faults can have.
    pub(crate) operations: Vec<&'static str>,
    pub(crate) service: Arc<dyn PeerService>,
    pub(crate) outages: Outages,
    pub(crate) memory: Mutex<Memory>,
}

/// The faults and the peers that clients of the control API created.
#[derive(Default)]
pub(crate) struct Memory {
    faults: BTreeMap<u64, Fault>,
    last_fault: u64,
    peers: BTreeMap<String, ScriptedPeer>,
}

impl Control {
    /// Returns `true` for a path of the control API.
    pub(crate) fn owns(path: &str) -> bool {
        path.trim_start_matches('/').split('/').next() == Some(PREFIX)
    }

    /// Handles a request with a path of the control API.
    pub(crate) async fn handle(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let answer = match guard::check(&parts.method, &parts.headers, &self.service.core().origin) {
            Ok(()) => {
                let connection = parts.extensions.get::<ConnectInfo<ConnectionHandle>>().map(|info| info.0.clone());
                let target = Target::without_prefix(parts.uri.path(), parts.uri.query());
                match body::to_bytes(body, BODY_LIMIT).await {
                    Ok(body) => self.execute(parts.method.as_str(), &target, &body, connection),
                    Err(_) => Err(Failure(413, "the body is larger than 1 MiB or incomplete".to_owned())),
                }
            }
            Err(failure) => Err(failure),
        };
        respond(answer.unwrap_or_else(|Failure(status, error)| Answer::json(status, json!({ "error": error }))))
    }

    /// Returns the response to a health check.
    pub(crate) fn health(&self) -> Response {
        respond(self.health_answer())
    }

    fn health_answer(&self) -> Answer {
        let version = env!("CARGO_PKG_VERSION");
        Answer::json(200, json!({ "status": "ok", "service": self.name, "emulator": version }))
    }

    fn execute(
        &self,
        method: &str,
        target: &Target,
        body: &[u8],
        connection: Option<ConnectionHandle>,
    ) -> Result<Answer, Failure> {
        let segments = target.segments.as_deref().unwrap_or_default();
        let path: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
        let core = self.service.core();
        match (method, path.as_slice()) {
            ("GET" | "HEAD", ["health"]) => Ok(self.health_answer()),
            ("GET", ["journal"]) => {
                let name = target.query_value("operation").unwrap_or_else(|| "*".to_owned());
                let operation = input::known_operation(&name, &self.operations)?;
                Ok(Answer::json(200, view::journal(&core.journal, operation)))
            }
            ("DELETE", ["journal"]) => {
                core.journal.clear();
                Ok(Answer::empty())
            }
            ("GET", ["faults"]) => {
                let memory = lock(&self.memory);
                let faults: Vec<_> = memory.faults.iter().map(|(id, fault)| view::fault(*id, fault)).collect();
                Ok(Answer::json(200, json!({ "faults": faults })))
            }
            ("POST", ["faults"]) => self.add_fault(&read(body)?),
            ("DELETE", ["faults"]) => {
                core.faults.clear();
                lock(&self.memory).faults.clear();
                Ok(Answer::empty())
            }
            ("GET", ["faults", id]) => {
                let memory = lock(&self.memory);
                let found = id.parse().ok().and_then(|id: u64| Some((id, memory.faults.get(&id)?)));
                let (id, fault) = found.ok_or_else(|| Failure(404, format!("no fault {id}")))?;
                Ok(Answer::json(200, view::fault(id, fault)))
            }
            ("GET", ["webhooks"]) => Ok(Answer::json(200, view::webhooks(&core.webhooks))),
            ("POST", ["outage"]) => {
                let OutageInput { duration_ms } = read(body)?;
                // The response still uses this connection, and closes it.
                self.outages.start(Duration::from_millis(duration_ms), connection.as_ref());
                Ok(Answer::json(200, json!({ "durationMs": duration_ms })).and_close())
            }
            ("GET", ["peers"]) => {
                let memory = lock(&self.memory);
                let peers = memory.peers.values().filter(|peer| peer.is_connected()).map(view::peer);
                Ok(Answer::json(200, json!({ "peers": peers.collect::<Vec<_>>() })))
            }
            ("POST", ["peers"]) => self.connect_peer(read(body)?),
            (_, ["peers", id, rest @ ..]) => self.change_peer(method, id, rest, body),
            (_, ["health" | "journal" | "webhooks" | "outage" | "peers" | "faults"] | ["faults", _]) => {
                Err(Failure(405, format!("{method} is not allowed here")))
            }
            _ => Err(Failure(404, format!("the control API has no such path; see {GUIDE}"))),
        }
    }

    fn add_fault(&self, input: &FaultInput) -> Result<Answer, Failure> {
        let core = self.service.core();
        let operation = input.check(&self.operations)?;
        let fault = core.faults.add(input.describe(Faults::default().on(operation)));
        let mut memory = lock(&self.memory);
        memory.last_fault += 1;
        let id = memory.last_fault;
        let view = view::fault(id, &fault);
        memory.faults.insert(id, fault);
        while memory.faults.len() > MAX_KEPT {
            memory.faults.pop_first();
        }
        Ok(Answer::json(201, view))
    }

    fn connect_peer(&self, input: PeerInput) -> Result<Answer, Failure> {
        let (room, peer, options) = input.options()?;
        let connected = ScriptedPeer::connect(Arc::clone(&self.service), &room, &peer, options);
        let peer = connected.map_err(|error| Failure(409, error.to_string()))?;
        let view = view::peer(&peer);
        let mut memory = lock(&self.memory);
        memory.peers.retain(|_, peer| peer.is_connected());
        if memory.peers.len() >= MAX_KEPT {
            peer.disconnect();
            return Err(Failure(409, format!("{MAX_KEPT} scripted peers are connected, which is the limit")));
        }
        memory.peers.insert(peer.peer_id().to_owned(), peer);
        Ok(Answer::json(201, view))
    }

    /// Handles a request for one scripted peer.
    fn change_peer(&self, method: &str, id: &str, rest: &[&str], body: &[u8]) -> Result<Answer, Failure> {
        let peer = lock(&self.memory).peers.get(id).filter(|peer| peer.is_connected()).cloned();
        let peer = peer.ok_or_else(|| Failure(404, format!("no connected scripted peer {id}")))?;
        let ended = |_| Failure(409, "the peer is not connected anymore".to_owned());
        let no_track = |track: &str| Failure(404, format!("the peer has no track {track}"));
        match (method, rest) {
            ("GET", []) => Ok(Answer::json(200, view::peer(&peer))),
            ("PATCH", []) => {
                let MetadataInput { metadata } = read(body)?;
                peer.set_metadata(metadata).map_err(ended)?;
                Ok(Answer::json(200, view::peer(&peer)))
            }
            ("DELETE", []) => {
                peer.disconnect();
                Ok(Answer::empty())
            }
            ("POST", ["crash"]) => {
                let CrashInput { reason } = read(body)?;
                peer.crash(&reason);
                Ok(Answer::empty())
            }
            ("POST", ["tracks"]) => {
                let TrackInput { kind, metadata } = read(body)?;
                let track = peer.add_track(kind.into(), metadata).map_err(ended)?;
                Ok(Answer::json(201, json!({ "id": track })))
            }
            ("PATCH", ["tracks", track]) => {
                let MetadataInput { metadata } = read(body)?;
                if peer.update_track(track, metadata) { Ok(Answer::empty()) } else { Err(no_track(track)) }
            }
            ("DELETE", ["tracks", track]) => {
                if peer.remove_track(track) {
                    Ok(Answer::empty())
                } else {
                    Err(no_track(track))
                }
            }
            (_, [] | ["crash"] | ["tracks"] | ["tracks", _]) => {
                Err(Failure(405, format!("{method} is not allowed here")))
            }
            _ => Err(Failure(404, format!("the control API has no such path; see {GUIDE}"))),
        }
    }
}

/// Reads a JSON body. The error names the unknown or invalid member.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure(400, format!("invalid body: {error}")))
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(answer.body.map_or_else(Body::empty, |body: Value| Body::from(body.to_string())));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    if answer.closes {
        headers.insert("connection", HeaderValue::from_static("close"));
    }
    response
}
