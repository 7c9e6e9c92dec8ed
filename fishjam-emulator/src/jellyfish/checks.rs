//! What a request to Jellyfish has to pass before it is carried out, in the server's order.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{HeaderMap, request::Parts},
};
use serde_json::Value;

use super::{
    parameters::Parameters,
    routes::{self, Action, Call, Failure, Matched},
    service::Service,
    socket_handlers,
};
use crate::{
    http::{auth::Authorization, response::HttpResponse, target::Target},
    refusal::Refusal,
    server::exchange::{Backend, IncomingRequest, Reply, content_type},
    service::ServiceCore,
};

const CORS: &[(&str, &str)] = &[
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", ""),
    ("access-control-allow-credentials", "true"),
];

/// What every answer has, whoever made it.
const SERVER: &[(&str, &str)] = &[("server", "Cowboy")];

const PREFLIGHT: &[(&str, &str)] = &[
    ("access-control-max-age", "1728000"),
    (
        "access-control-allow-headers",
        "Authorization,Content-Type,Accept,Origin,User-Agent,DNT,Cache-Control,X-Mx-ReqToken,Keep-Alive,\
         X-Requested-With,If-Modified-Since,X-CSRF-Token",
    ),
    ("access-control-allow-methods", "GET,POST,PUT,PATCH,DELETE,OPTIONS"),
];

impl Backend for Service {
    type MatchedRequest = Matched;

    fn core(&self) -> &ServiceCore {
        &self.core
    }

    fn target(&self, path: &str, query: Option<&str>) -> Target {
        Target::without_prefix(path, query)
    }

    fn find(&self, method: &str, target: &Target) -> Option<(&'static str, Matched)> {
        let found = routes::find(method, target.segments.as_ref()?);
        found.map(|(route, parameters)| (route.operation, (route, parameters)))
    }

    fn usual_headers(&self) -> &'static [(&'static str, &'static str)] {
        CORS
    }

    fn base_headers(&self) -> &'static [(&'static str, &'static str)] {
        SERVER
    }

    /// Returns `true` for bodies with parameters, which the server reads before it checks anything else.
    fn needs_body(&self, headers: &HeaderMap, _: Option<&Matched>, _: Authorization) -> bool {
        Parameters::are_in(content_type(headers))
    }

    async fn handle(self: Arc<Self>, parts: Parts, request: IncomingRequest<Matched>) -> Reply {
        check(self, parts, request).await.unwrap_or_else(|failure| Reply::Response(failure.into()))
    }
}

/// Sockets come before everything else; then what is beneath the routes: the query, the body, a method that the body
/// asks for, CORS; then the route; and only then, for operations, the accepted type and the token.
async fn check(service: Arc<Service>, mut parts: Parts, request: IncomingRequest<Matched>) -> Result<Reply, Failure> {
    if let Some(socket) = request.target.segments.as_deref().and_then(routes::socket) {
        let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
            Ok(upgrade) => upgrade,
            Err(_) => return Ok(Reply::Response(no_upgrade(&parts))),
        };
        let (connection, handshake) = (request.connection.unwrap_or_default(), request.handshake);
        return Ok(socket_handlers::upgrade(service, socket, (&parts.headers, upgrade), connection, handshake));
    }
    let (body, parameters) = match parameters(&parts, &request) {
        Ok(read) => read,
        Err(refusal) => return Ok(Reply::Response(HttpResponse { bare: true, ..refusal.into() })),
    };
    let asked_for = if parts.method == "POST" { other_method(&body)? } else { None };
    let method = asked_for.unwrap_or(parts.method.as_str());
    if method == "OPTIONS" {
        return Ok(Reply::Response(preflight()));
    }
    let segments = request.target.segments.ok_or(Failure::Crash)?;
    let Some((route, path)) = routes::find(method, &segments) else {
        return Ok(Reply::Response(no_route(&parts.headers)));
    };
    let call = Call { path, parameters: parameters.beneath(body) };
    let answer = match route.action {
        Action::Managed(carry_out) => {
            if !accepts_json(&parts.headers, &call.parameters) {
                return Err(Refusal::not_acceptable().into());
            }
            request.authorization.require()?;
            carry_out(&service, call)?
        }
        Action::Content(carry_out) => carry_out(&service, call)?,
        Action::Stream => routes::hls::content(&service, call).await?,
        // It was met above.
        Action::Socket(_) => no_upgrade(&parts),
    };
    Ok(Reply::Response(answer))
}

/// The answer to a request at a socket's place that is no upgrade: what is missing first, as a text.
fn no_upgrade(parts: &Parts) -> HttpResponse {
    let text = if parts.method == "GET" { complaint(&parts.headers) } else { String::new() };
    HttpResponse { bare: true, ..HttpResponse::plain(400, &text) }
}

/// The answer where nothing is; who asks for a socket there gets no id of the request, as observed.
fn no_route(headers: &HeaderMap) -> HttpResponse {
    let is_handshake =
        headers.get("upgrade").is_some_and(|upgrade| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket"));
    HttpResponse { unnumbered: is_handshake, ..Refusal::no_route().into() }
}

fn complaint(headers: &HeaderMap) -> String {
    let values = |name: &str| -> Vec<String> {
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
    };
    for (name, wanted) in [("connection", "upgrade"), ("upgrade", "websocket")] {
        let values = values(name);
        if !values.iter().flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(wanted)) {
            return format!("'{name}' header must contain '{wanted}', got {values:?}");
        }
    }
    if headers.contains_key("sec-websocket-key") {
        let name = "sec-websocket-version";
        return format!("'{name}' header must equal '13', got {:?}", values(name));
    }
    "'sec-websocket-key' header is absent".to_owned()
}

/// What the body says, and what the query says.
fn parameters(parts: &Parts, request: &IncomingRequest<Matched>) -> Result<(Parameters, Parameters), Refusal> {
    let query = Parameters::of_query(request.target.query.as_deref())?;
    let is_read = matches!(parts.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE");
    let body = match (&request.body, is_read) {
        (Ok(body), true) => Parameters::of_body(content_type(&parts.headers), body)?,
        (Err(refusal), true) if Parameters::are_in(content_type(&parts.headers)) => return Err(refusal.clone()),
        _ => Parameters::default(),
    };
    Ok((body, query))
}

/// The method that a body asks for in place of `POST`.
fn other_method(body: &Parameters) -> Result<Option<&'static str>, Failure> {
    match body.given("_method") {
        None => Ok(None),
        Some(Value::String(method)) => {
            let others = ["PUT", "PATCH", "DELETE"];
            Ok(others.into_iter().find(|other| other.eq_ignore_ascii_case(method)))
        }
        // It is changed to upper case before anything else.
        Some(_) => Err(Failure::BareCrash),
    }
}

fn preflight() -> HttpResponse {
    let mut answer = HttpResponse::empty(204);
    for (name, value) in PREFLIGHT {
        answer.set_header(name, value);
    }
    answer
}

/// The parameter `_format` decides, else the first `accept` header.
fn accepts_json(headers: &HeaderMap, parameters: &Parameters) -> bool {
    if let Some(format) = parameters.get("_format") {
        return format == "json";
    }
    let Some(accept) = headers.get("accept") else { return true };
    let accept = accept.to_str().unwrap_or_default();
    accept.contains("*/*")
        || accept.split(',').any(|range| {
            let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            matches!(range.as_str(), "application/*" | "application/json")
        })
}
