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
use crate::auth::{self, Authorization};
use crate::connection::Line;
use crate::error::Refusal;
use crate::faults::{Delivery, Handshake};
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
        let handshake = injection.handshake.clone();
        let arrival = Arrival { target, authorization, matched, body, line: line.clone(), handshake };
        Some(arrival.handle(Arc::clone(&service), parts).await.unwrap_or_else(|refusal| Reply::Answer(refusal.into())))
    } else {
        None
    };
    if let Some(delay) = injection.delay_after() {
        tokio::time::sleep(delay).await;
    }
    if !injection.delivery.answers() {
        withhold(&service, &injection.delivery, line).await;
        return Response::new(Body::empty());
    }
    let response = match reply {
        Some(Reply::Upgrade(mut response)) if !injection.refuses() => {
            set_headers(response.headers_mut(), injection.headers());
            response
        }
        Some(Reply::Answer(normal)) => respond(injection.answer(Some(normal)), &request_id, &injection.delivery, line),
        Some(Reply::Upgrade(_)) | None => respond(injection.answer(None), &request_id, &injection.delivery, line),
    };
    service.journal.answered(number, response.status().as_u16());
    response
}

/// Leaves a request without an answer. A response that is made afterwards does not get through.
async fn withhold(service: &Service, delivery: &Delivery, line: Option<Line>) {
    let Some(line) = line else {
        return;
    };
    match delivery {
        Delivery::Garbage(garbage) => return line.garble(garbage.clone()),
        Delivery::Never => {
            // This ends early when the client closes the connection. An error is a dropped emulator.
            let _ = service.closing.clone().wait_for(|closing| *closing).await;
        }
        _ => {}
    }
    line.cut();
}

/// A request that has been read, and what it asks for.
struct Arrival {
    target: Target,
    authorization: Authorization,
    matched: Option<(&'static Route, Vec<String>)>,
    body: Result<Bytes, Refusal>,
    line: Option<Line>,
    handshake: Handshake,
}

impl Arrival {
    /// The service's order: the body's syntax, the route, the accepted type, the token, and only then the rest.
    async fn handle(self, service: Arc<Service>, mut parts: Parts) -> Result<Reply, Refusal> {
        let payload = self.body?;
        let body = json_body(&parts, &payload)?;
        if self.target.segments.is_none() {
            return Err(Refusal::crash());
        }
        let (route, parameters) = self.matched.ok_or_else(Refusal::no_route)?;
        let carry_out = match route.action {
            Action::Socket(socket) => {
                let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
                let upgrade = upgrade.map_err(|_| Refusal::malformed())?;
                let (line, handshake) = (self.line.unwrap_or_default(), self.handshake);
                let serve = move |open| sockets::serve(service, socket, open, line, handshake);
                return Ok(Reply::Upgrade(upgrade.on_upgrade(serve)));
            }
            Action::Open(carry_out) | Action::Managed(carry_out) | Action::Media(carry_out) => carry_out,
        };
        if !matches!(route.action, Action::Media(_)) && !accepts_json(&parts.headers) {
            return Err(Refusal::not_acceptable());
        }
        if matches!(route.action, Action::Managed(_)) {
            self.authorization.require()?;
        }
        let authorized = self.authorization == Authorization::Valid;
        let call = Call {
            parameters,
            target: self.target,
            authorized,
            bearer: auth::bearer(&parts.headers),
            content_type: content_type(&parts.headers).to_owned(),
            payload,
            body,
        };
        let answer = carry_out(&service, call).unwrap_or_else(Answer::from);
        Ok(Reply::Answer(service.contract.shape(route.operation, answer, &service.authority)))
    }
}

/// The route of a request. The prefix of another Fishjam id leads nowhere (assumption: the service publishes no rule).
fn find(service: &Service, parts: &Parts, target: &Target) -> Option<(&'static Route, Vec<String>)> {
    if target.fishjam_id.as_ref().is_some_and(|id| *id != service.id) {
        return None;
    }
    let found = routes::find(parts.method.as_str(), target.segments.as_ref()?);
    // Media has its own place beside the connect prefix.
    found.filter(|(route, _)| target.fishjam_id.is_none() || !matches!(route.action, Action::Media(_)))
}

/// Only JSON is read here; a body of another type is left to the operation that knows it.
fn json_body(parts: &Parts, body: &Bytes) -> Result<Option<Value>, Refusal> {
    let media_type = content_type(&parts.headers).split(';').next().unwrap_or_default().trim();
    if body.is_empty() || !media_type.eq_ignore_ascii_case("application/json") {
        return Ok(None);
    }
    serde_json::from_slice(body).map(Some).map_err(|_| Refusal::malformed())
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
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

fn respond(answer: Answer, request_id: &str, delivery: &Delivery, line: Option<Line>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("max-age=0, private, must-revalidate"));
    set_headers(headers, &[(REQUEST_ID.to_owned(), request_id.to_owned())]);
    set_headers(headers, &answer.headers);
    delivery.fill(response, answer.body, line)
}

fn set_headers(headers: &mut HeaderMap, added: &[(String, String)]) {
    for (name, value) in added {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}
