//! The exchange of one request and its response: journal, faults, backend.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
        request::Parts,
    },
    response::Response,
};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::{sync::watch, time::timeout};
use uuid::Uuid;

use super::request_log::Withheld;
use crate::{
    faults::{Delivery, Handshake},
    http::{auth::Authorization, connection::ConnectionHandle, response::HttpResponse, subprotocols, target::Target},
    journal::{RecordedRequest, SHORT_BODY},
    refusal::Refusal,
    service::ServiceCore,
};

/// The size of the largest body that is accepted, as in Jellyfish. The service's limit is unknown.
const BODY_LIMIT: usize = 8_000_000;
/// The size of the largest body that is read to its end.
const DISCARD_LIMIT: usize = 64_000_000;
/// The timeout of a body that stops arriving. The request then gets its response.
const BODY_PAUSE: Duration = Duration::from_secs(30);
const REQUEST_ID: &str = "x-request-id";

/// A service that handles requests: Fishjam or Jellyfish.
pub(crate) trait Backend: Send + Sync + 'static {
    /// The name of the service in the control API.
    const NAME: &'static str;

    /// The route that matches a request.
    type MatchedRequest: Send + 'static;

    /// Returns the names of all operations.
    fn operations() -> Vec<&'static str>;

    fn core(&self) -> &ServiceCore;

    /// Parses the target of a request.
    fn target(&self, path: &str, query: Option<&str>) -> Target;

    /// Returns the name and the route of a request's operation, if there is one.
    fn find(&self, method: &str, target: &Target) -> Option<(&'static str, Self::MatchedRequest)>;

    /// Checks the token of a request.
    fn authorization(&self, headers: &HeaderMap, _: Option<&Self::MatchedRequest>) -> Authorization {
        Authorization::of(headers, &self.core().token)
    }

    /// Returns the headers of every response except bare ones, beside `cache-control` and the id of the request.
    fn usual_headers(&self) -> &'static [(&'static str, &'static str)];

    /// Returns the headers of every response, including bare ones.
    fn base_headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Returns the member of an operation's error bodies that contains the message.
    fn error_member(_operation: &str) -> &'static str {
        "errors"
    }

    /// Returns `true` if the response can depend on the request's body. Otherwise the body is read and discarded.
    fn needs_body(
        &self,
        headers: &HeaderMap,
        matched: Option<&Self::MatchedRequest>,
        authorization: Authorization,
    ) -> bool;

    /// Checks a request in the service's order, and executes it.
    fn handle(
        self: Arc<Self>,
        parts: Parts,
        request: IncomingRequest<Self::MatchedRequest>,
    ) -> impl Future<Output = Reply> + Send;
}

/// The result of a request.
pub(crate) enum Reply {
    Response(HttpResponse),
    /// The successful handshake of a socket.
    Upgrade(Response),
}

/// A received request and its matched route.
pub(crate) struct IncomingRequest<M> {
    pub(crate) target: Target,
    pub(crate) authorization: Authorization,
    pub(crate) matched: Option<M>,
    pub(crate) body: Result<Bytes, Refusal>,
    pub(crate) connection: Option<ConnectionHandle>,
    pub(crate) handshake: Handshake,
}

pub(crate) async fn handle<B: Backend>(backend: Arc<B>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = backend.target(parts.uri.path(), parts.uri.query());
    let (operation, matched) = match backend.find(parts.method.as_str(), &target) {
        Some((operation, matched)) => (operation, Some(matched)),
        None => ("unknown_route", None),
    };
    let authorization = backend.authorization(&parts.headers, matched.as_ref());
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
    if matches!(&reply, Some(Reply::Response(response)) if response.status >= 400) {
        backend.core().journal.shorten(number);
    }
    if let Some(delay) = injection.delay_after() {
        tokio::time::sleep(delay).await;
    }
    if !injection.delivery.has_response() {
        withhold(&backend.core().closing, &injection.delivery, connection).await;
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Withheld);
        return response;
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
    let (response, body) = respond(injection.response(normal, B::error_member(operation)), &*backend, &request_id);
    let response = injection.delivery.fill(response, body, connection);
    backend.core().journal.record_status(number, response.status().as_u16());
    response
}

/// Reads a body and returns its first bytes, or an error if it is too large or stops for [`BODY_PAUSE`].
///
/// The body is read to its end, because a client that is still sending would not read the response.
async fn read(body: Body, kept_bytes: usize) -> Result<Bytes, Refusal> {
    let mut body = body.into_data_stream();
    let (mut kept, mut length) = (Vec::new(), 0);
    loop {
        let Ok(next) = timeout(BODY_PAUSE, body.next()).await else { return Err(Refusal::timed_out()) };
        // The connection of an incomplete body ended, so its response does not matter.
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
    // The journal counts the length of the body, so the buffer must not be larger.
    kept.shrink_to_fit();
    if length > BODY_LIMIT { Err(Refusal::too_large()) } else { Ok(kept.into()) }
}

/// Leaves a request without a response. The connection is cut, so a later response is not sent.
async fn withhold(closing: &watch::Receiver<bool>, delivery: &Delivery, connection: Option<ConnectionHandle>) {
    let Some(connection) = connection else {
        return;
    };
    match delivery {
        Delivery::Garbage(garbage) => return connection.garble(garbage.clone()),
        Delivery::Never => {
            // This also ends when the client closes the connection. An error means that the emulator was dropped.
            let _ = closing.clone().wait_for(|closing| *closing).await;
        }
        _ => {}
    }
    connection.cut();
}

/// Returns the `content-type` of a request with its parameters, or an empty string.
pub(crate) fn content_type(headers: &HeaderMap) -> &str {
    headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Returns the headers without tokens.
fn visible_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let visible = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = if name == SEC_WEBSOCKET_PROTOCOL { subprotocols::without_token(&value) } else { value.into() };
        (name.to_string(), value)
    };
    headers.iter().filter(|(name, _)| *name != AUTHORIZATION).map(visible).collect()
}

/// Returns the request id from the client if its length is valid, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    match headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()) {
        Some(sent) if (20..=200).contains(&sent.len()) => sent.to_owned(),
        _ => Uuid::new_v4().simple().to_string(),
    }
}

/// Creates a response without its body, and returns the body separately.
fn respond(http_response: HttpResponse, backend: &impl Backend, request_id: &str) -> (Response, Bytes) {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(http_response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("max-age=0, private, must-revalidate"));
    set_headers(headers, backend.base_headers());
    if !http_response.bare {
        if !http_response.unnumbered {
            set_headers(headers, &[(REQUEST_ID, request_id)]);
        }
        set_headers(headers, backend.usual_headers());
    }
    set_headers(headers, &http_response.headers);
    (response, http_response.body)
}

fn set_headers(headers: &mut HeaderMap, added: &[(impl AsRef<str>, impl AsRef<str>)]) {
    for (name, value) in added {
        let (name, value) = (name.as_ref(), value.as_ref());
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}
