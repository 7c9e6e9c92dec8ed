//! The journey of one request: journal, faults, the host that carries it out, the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request::Parts},
    response::Response,
};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::{sync::watch, time::timeout};
use uuid::Uuid;

use crate::{
    faults::{Delivery, Handshake},
    http::{auth::Authorization, connection::ConnectionHandle, response::HttpResponse, target::Target},
    journal::{RecordedRequest, SHORT_BODY},
    refusal::Refusal,
    service::ServiceCore,
};

/// The largest body that is read, as in Jellyfish and, one assumes, in its successors.
const BODY_LIMIT: usize = 8_000_000;
/// The largest body that is read to its end.
const DISCARD_LIMIT: usize = 64_000_000;
/// The longest time in which no more of a body arrives. Then the request gets its response.
const BODY_PAUSE: Duration = Duration::from_secs(30);
const REQUEST_ID: &str = "x-request-id";

/// A service that requests are addressed to: Fishjam or Jellyfish.
pub(crate) trait Backend: Send + Sync + 'static {
    /// What a request was found to ask for.
    type MatchedRequest: Send + 'static;

    fn core(&self) -> &ServiceCore;

    /// What a request line asks for.
    fn target(&self, path: &str, query: Option<&str>) -> Target;

    /// The operation's name and what belongs to it; `None` for what is no operation.
    fn find(&self, method: &str, target: &Target) -> Option<(&'static str, Self::MatchedRequest)>;

    /// The headers of every answer, beside `cache-control` and the request's id.
    fn usual_headers(&self) -> &'static [(&'static str, &'static str)];

    /// The headers of bare answers, too.
    fn headers_beneath(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Returns `true` if the response can depend on the request's body. Otherwise the body is read and discarded.
    fn needs_body(
        &self,
        headers: &HeaderMap,
        matched: Option<&Self::MatchedRequest>,
        authorization: Authorization,
    ) -> bool;

    /// Checks a request in the service's order, and carries it out.
    fn handle(
        self: Arc<Self>,
        parts: Parts,
        request: IncomingRequest<Self::MatchedRequest>,
    ) -> impl Future<Output = Reply> + Send;
}

/// What comes of a request.
pub(crate) enum Reply {
    Response(HttpResponse),
    /// The handshake of a socket succeeded.
    Upgrade(Response),
}

/// A request that has been read, and what it asks for.
pub(crate) struct IncomingRequest<M> {
    pub(crate) target: Target,
    pub(crate) authorization: Authorization,
    pub(crate) matched: Option<M>,
    pub(crate) body: Result<Bytes, Refusal>,
    pub(crate) connection: Option<ConnectionHandle>,
    pub(crate) handshake: Handshake,
}

pub(crate) async fn answer<B: Backend>(backend: Arc<B>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = backend.target(parts.uri.path(), parts.uri.query());
    let authorization = Authorization::of(&parts.headers, &backend.core().token);
    let (operation, matched) = match backend.find(parts.method.as_str(), &target) {
        Some((operation, matched)) => (operation, Some(matched)),
        None => ("unknown_route", None),
    };
    let needed = backend.needs_body(&parts.headers, matched.as_ref(), authorization);
    let body = read(body, if needed { BODY_LIMIT } else { SHORT_BODY }).await;
    let number = backend.core().journal.record(RecordedRequest {
        operation,
        method: parts.method.to_string(),
        target: target.clone(),
        headers: visible_headers(&parts.headers),
        authorization,
        body: body.clone().unwrap_or_default(),
        status: None,
    });
    let connection = parts.extensions.get::<ConnectInfo<ConnectionHandle>>().map(|info| info.0.clone());
    let request_id = request_id(&parts.headers);

    let injection = backend.core().faults.injection(operation);
    if let Some(delay) = injection.delay_before() {
        tokio::time::sleep(delay).await;
    }
    let reply = if injection.allows_handling() {
        let handshake = injection.handshake.clone();
        let request =
            IncomingRequest { target, authorization, matched, body, connection: connection.clone(), handshake };
        Some(Arc::clone(&backend).handle(parts, request).await)
    } else {
        None
    };
    if matches!(&reply, Some(Reply::Response(answer)) if answer.status >= 400) {
        backend.core().journal.shorten(number);
    }
    if let Some(delay) = injection.delay_after() {
        tokio::time::sleep(delay).await;
    }
    if !injection.delivery.has_response() {
        withhold(&backend.core().closing, &injection.delivery, connection).await;
        return Response::new(Body::empty());
    }
    let normal = match reply {
        Some(Reply::Upgrade(mut response)) if !injection.replaces_response() => {
            set_headers(response.headers_mut(), injection.headers());
            backend.core().journal.record_status(number, response.status().as_u16());
            return response;
        }
        Some(Reply::Response(normal)) => Some(normal),
        Some(Reply::Upgrade(_)) | None => None,
    };
    let (response, body) = respond(injection.response(normal), &*backend, &request_id);
    let response = injection.delivery.fill(response, body, connection);
    backend.core().journal.record_status(number, response.status().as_u16());
    response
}

/// Reads a body to its end, so that a client that is still sending receives the response. Keeps its first bytes, and
/// nothing of a body that is too large. A body that does not go on for [`BODY_PAUSE`] is an error.
async fn read(body: Body, kept_bytes: usize) -> Result<Bytes, Refusal> {
    let mut body = body.into_data_stream();
    let (mut kept, mut length) = (Vec::new(), 0);
    loop {
        let Ok(next) = timeout(BODY_PAUSE, body.next()).await else { return Err(Refusal::timed_out()) };
        // What breaks off gets no answer anyway.
        let Some(Ok(more)) = next else { break };
        length += more.len();
        if length > DISCARD_LIMIT {
            break;
        }
        if length <= BODY_LIMIT {
            let room = kept_bytes.saturating_sub(kept.len()).min(more.len());
            kept.extend_from_slice(more.get(..room).unwrap_or_default());
        } else {
            kept = Vec::new();
        }
    }
    // The journal counts the bytes of the body, and not those of its buffer.
    kept.shrink_to_fit();
    if length > BODY_LIMIT { Err(Refusal::too_large()) } else { Ok(kept.into()) }
}

/// Leaves a request without an answer. A response that is made afterwards does not get through.
async fn withhold(closing: &watch::Receiver<bool>, delivery: &Delivery, connection: Option<ConnectionHandle>) {
    let Some(connection) = connection else {
        return;
    };
    match delivery {
        Delivery::Garbage(garbage) => return connection.garble(garbage.clone()),
        Delivery::Never => {
            // This ends early when the client closes the connection. An error is a dropped emulator.
            let _ = closing.clone().wait_for(|closing| *closing).await;
        }
        _ => {}
    }
    connection.cut();
}

/// The `content-type` of a request, with its parameters; empty when there is none.
pub(crate) fn content_type(headers: &HeaderMap) -> &str {
    headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn visible_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| *name != axum::http::header::AUTHORIZATION)
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// A request id that the client sent, if it is of a sensible length, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    match headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()) {
        Some(sent) if (20..=200).contains(&sent.len()) => sent.to_owned(),
        _ => Uuid::new_v4().simple().to_string(),
    }
}

/// A response without its body, and the body.
fn respond(answer: HttpResponse, backend: &impl Backend, request_id: &str) -> (Response, Bytes) {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("max-age=0, private, must-revalidate"));
    set_headers(headers, backend.headers_beneath());
    if !answer.bare {
        if !answer.unnumbered {
            set_headers(headers, &[(REQUEST_ID, request_id)]);
        }
        set_headers(headers, backend.usual_headers());
    }
    set_headers(headers, &answer.headers);
    (response, answer.body)
}

fn set_headers(headers: &mut HeaderMap, added: &[(impl AsRef<str>, impl AsRef<str>)]) {
    for (name, value) in added {
        let (name, value) = (name.as_ref(), value.as_ref());
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}
