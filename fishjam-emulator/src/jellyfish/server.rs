//! The checks of a request before its operation, in the order of the server.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{HeaderMap, request::Parts},
};
use serde_json::Value;

use super::{
    parameters::Parameters,
    routes::{self, Action, ApiRequest, Failure, MatchedRoute},
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

/// The headers of all responses, from each layer of the server.
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
    const NAME: &'static str = "jellyfish";

    type MatchedRequest = MatchedRoute;

    fn operations() -> Vec<&'static str> {
        routes::operations()
    }

    fn core(&self) -> &ServiceCore {
        &self.core
    }

    fn target(&self, path: &str, query: Option<&str>) -> Target {
        Target::without_prefix(path, query)
    }

    fn find(&self, method: &str, target: &Target) -> Option<(&'static str, MatchedRoute)> {
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
    fn needs_body(&self, headers: &HeaderMap, _: Option<&MatchedRoute>, _: Authorization) -> bool {
        Parameters::are_read_from(content_type(headers))
    }

    async fn handle(self: Arc<Self>, parts: Parts, request: IncomingRequest<MatchedRoute>) -> Reply {
        check(self, parts, request).await.unwrap_or_else(|failure| Reply::Response(failure.into()))
    }
}

/// Checks a request in this order:
///
/// 1. the handshake of a socket
/// 2. the query, the body, the method that the body selects, and CORS
/// 3. the route
/// 4. for operations, the accepted type and the token
async fn check(
    service: Arc<Service>,
    mut parts: Parts,
    request: IncomingRequest<MatchedRoute>,
) -> Result<Reply, Failure> {
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
    let override_method = if parts.method == "POST" { override_method(&body)? } else { None };
    let method = override_method.unwrap_or(parts.method.as_str());
    if method == "OPTIONS" {
        return Ok(Reply::Response(preflight()));
    }
    let segments = request.target.segments.ok_or(Failure::Crash)?;
    let Some((route, path)) = routes::find(method, &segments) else {
        return Ok(Reply::Response(no_route(&parts.headers)));
    };
    let api_request = ApiRequest { path, parameters: parameters.replaced_by(body) };
    let response = match route.action {
        Action::Managed(handler) => {
            if !accepts_json(&parts.headers, &api_request.parameters) {
                return Err(Refusal::not_acceptable().into());
            }
            request.authorization.require()?;
            handler(&service, api_request)?
        }
        Action::Content(handler) => handler(&service, api_request)?,
        Action::Stream => routes::hls::content(&service, api_request).await?,
        // The first check handles sockets.
        Action::Socket(_) => no_upgrade(&parts),
    };
    Ok(Reply::Response(response))
}

/// Returns the response to a request for a socket that is not a handshake. It names the first missing header.
fn no_upgrade(parts: &Parts) -> HttpResponse {
    let problem = if parts.method == "GET" { handshake_problem(&parts.headers) } else { String::new() };
    HttpResponse { bare: true, ..HttpResponse::plain(400, &problem) }
}

/// Returns the response for an unknown path. The server sends no request id if the request is a handshake.
fn no_route(headers: &HeaderMap) -> HttpResponse {
    let is_handshake =
        headers.get("upgrade").is_some_and(|upgrade| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket"));
    HttpResponse { unnumbered: is_handshake, ..Refusal::no_route().into() }
}

/// Returns the first header that prevents a handshake.
fn handshake_problem(headers: &HeaderMap) -> String {
    let values = |name: &str| -> Vec<String> {
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
    };
    for (name, expected) in [("connection", "upgrade"), ("upgrade", "websocket")] {
        let values = values(name);
        if !values.iter().flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(expected)) {
            return format!("'{name}' header must contain '{expected}', got {values:?}");
        }
    }
    if headers.contains_key("sec-websocket-key") {
        let name = "sec-websocket-version";
        return format!("'{name}' header must equal '13', got {:?}", values(name));
    }
    "'sec-websocket-key' header is absent".to_owned()
}

/// Returns the parameters of the body and of the query.
fn parameters(parts: &Parts, request: &IncomingRequest<MatchedRoute>) -> Result<(Parameters, Parameters), Refusal> {
    let query = Parameters::of_query(request.target.query.as_deref())?;
    let is_read = matches!(parts.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE");
    let body = match (&request.body, is_read) {
        (Ok(body), true) => Parameters::of_body(content_type(&parts.headers), body)?,
        (Err(refusal), true) if Parameters::are_read_from(content_type(&parts.headers)) => return Err(refusal.clone()),
        _ => Parameters::default(),
    };
    Ok((body, query))
}

/// Returns the method that a body selects instead of `POST`.
fn override_method(body: &Parameters) -> Result<Option<&'static str>, Failure> {
    match body.non_null("_method") {
        None => Ok(None),
        Some(Value::String(method)) => {
            let others = ["PUT", "PATCH", "DELETE"];
            Ok(others.into_iter().find(|other| other.eq_ignore_ascii_case(method)))
        }
        // The server converts the value to upper case and crashes on other types.
        Some(_) => Err(Failure::BareCrash),
    }
}

fn preflight() -> HttpResponse {
    let mut response = HttpResponse::empty(204);
    for (name, value) in PREFLIGHT {
        response.set_header(name, value);
    }
    response
}

/// Returns `true` if the client accepts JSON: the parameter `_format` decides, or else the first `accept` header.
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
