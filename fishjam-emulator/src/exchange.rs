//! The journey of one request: journal, faults, the checks in the service's order, the operation, the answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, Request, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use crate::answer::Answer;
use crate::auth::Authorization;
use crate::connection::Line;
use crate::error::Refusal;
use crate::journal::RecordedRequest;
use crate::routes::{self, Action, Call, Route};
use crate::service::Service;
use crate::sockets;
use crate::target::Target;

/// The largest body that is read, as in the service's predecessor.
const BODY_LIMIT: usize = 8_000_000;
const REQUEST_ID: &str = "x-request-id";

enum Reply {
    Answer(Answer),
    /// The handshake of a socket succeeded.
    Upgrade(Response),
}

pub(crate) async fn answer(service: Arc<Service>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| Refusal::too_large());
    let target = Target::new(parts.uri.path(), parts.uri.query());
    let authorization = Authorization::of(&parts.headers, &service.token);
    let matched = find(&service, &parts, &target);
    let operation = matched.as_ref().map_or("unknown_route", |(route, _)| route.operation);
    let number = service.journal.record(RecordedRequest {
        operation,
        method: parts.method.to_string(),
        target: target.clone(),
        headers: visible_headers(&parts.headers),
        authorization,
        body: body.clone().unwrap_or_default(),
        status: None,
    });
    let line = parts.extensions.get::<ConnectInfo<Line>>().map(|info| info.0.clone());
    let request_id = request_id(&parts.headers);

    let injection = service.faults.strike(operation);
    if let Some(delay) = injection.delay_before() {
        tokio::time::sleep(delay).await;
    }
    let reply = if injection.lets_handle() {
        let arrival = Arrival { target, authorization, matched, body };
        Some(arrival.handle(Arc::clone(&service), parts).await.unwrap_or_else(|refusal| Reply::Answer(refusal.into())))
    } else {
        None
    };
    if let Some(delay) = injection.delay_after() {
        tokio::time::sleep(delay).await;
    }
    if injection.disconnect {
        if let Some(line) = line {
            line.cut();
        }
        return Response::new(Body::empty());
    }
    let response = match reply {
        Some(Reply::Upgrade(mut response)) if !injection.refuses() => {
            set_headers(response.headers_mut(), injection.headers());
            response
        }
        Some(Reply::Answer(normal)) => respond(injection.answer(Some(normal)), &request_id),
        Some(Reply::Upgrade(_)) | None => respond(injection.answer(None), &request_id),
    };
    service.journal.answered(number, response.status().as_u16());
    response
}

/// A request that has been read, and what it asks for.
struct Arrival {
    target: Target,
    authorization: Authorization,
    matched: Option<(&'static Route, Vec<String>)>,
    body: Result<Bytes, Refusal>,
}

impl Arrival {
    /// The service's order: the body's syntax, the route, the accepted type, the token, and only then the rest.
    async fn handle(self, service: Arc<Service>, mut parts: Parts) -> Result<Reply, Refusal> {
        let body = json_body(&parts, &self.body?)?;
        if self.target.segments.is_none() {
            return Err(Refusal::crash());
        }
        let (route, parameters) = self.matched.ok_or_else(Refusal::no_route)?;
        let carry_out = match route.action {
            Action::Socket(socket) => {
                let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
                let upgrade = upgrade.map_err(|_| Refusal::malformed())?;
                return Ok(Reply::Upgrade(upgrade.on_upgrade(move |open| sockets::serve(service, socket, open))));
            }
            Action::Open(carry_out) | Action::Managed(carry_out) => carry_out,
        };
        if !accepts_json(&parts.headers) {
            return Err(Refusal::not_acceptable());
        }
        if matches!(route.action, Action::Managed(_)) {
            self.authorization.require()?;
        }
        let authorized = self.authorization == Authorization::Valid;
        carry_out(&service, Call { parameters, target: self.target, authorized, body }).map(Reply::Answer)
    }
}

/// The route of a request. The prefix of another Fishjam id leads nowhere (assumption: the service publishes no rule).
fn find(service: &Service, parts: &Parts, target: &Target) -> Option<(&'static Route, Vec<String>)> {
    if target.fishjam_id.as_ref().is_some_and(|id| *id != service.id) {
        return None;
    }
    routes::find(parts.method.as_str(), target.segments.as_ref()?)
}

/// Only JSON is read here; a body of another type is left to the operation that knows it.
fn json_body(parts: &Parts, body: &Bytes) -> Result<Option<Value>, Refusal> {
    let content_type = parts.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if body.is_empty() || !media_type.eq_ignore_ascii_case("application/json") {
        return Ok(None);
    }
    serde_json::from_slice(body).map(Some).map_err(|_| Refusal::malformed())
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers.get_all("accept").iter().filter_map(|value| value.to_str().ok()).peekable();
    ranges.peek().is_none()
        || ranges.flat_map(|value| value.split(',')).any(|range| {
            let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            matches!(range.as_str(), "" | "*/*" | "application/*" | "application/json")
        })
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

fn respond(answer: Answer, request_id: &str) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("max-age=0, private, must-revalidate"));
    set_headers(headers, &[(REQUEST_ID.to_owned(), request_id.to_owned())]);
    set_headers(headers, &answer.headers);
    response
}

fn set_headers(headers: &mut HeaderMap, added: &[(String, String)]) {
    for (name, value) in added {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}
