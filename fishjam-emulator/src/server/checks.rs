//! The checks of a request to Fishjam, in the service's order.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{HeaderMap, request::Parts},
};
use bytes::Bytes;
use serde_json::Value;

use super::exchange::{Backend, IncomingRequest, Reply, content_type};
use crate::{
    http::{
        auth::{self, Authorization},
        response::HttpResponse,
        subprotocols,
        target::Target,
    },
    refusal::Refusal,
    routes::{
        self, Action, ApiRequest, Route,
        compositions::{self, CompositionRequest},
    },
    service::{Service, ServiceCore},
    socket_handlers::{self, composition},
};

/// The route of a request and the parameters of its path.
type Matched = (&'static Route, Vec<String>);

impl Backend for Service {
    const NAME: &'static str = "fishjam";

    type MatchedRequest = Matched;

    fn operations() -> Vec<&'static str> {
        routes::operations()
    }

    fn core(&self) -> &ServiceCore {
        &self.core
    }

    fn target(&self, path: &str, query: Option<&str>) -> Target {
        Target::new(path, query)
    }

    /// Finds no route for a different Fishjam id in the prefix. This is an assumption: the service publishes no rule.
    fn find(&self, method: &str, target: &Target) -> Option<(&'static str, Matched)> {
        if target.fishjam_id.as_ref().is_some_and(|id| *id != self.id) {
            return None;
        }
        let found = routes::find(method, target.segments.as_ref()?);
        // Media, files and compositions have no connect prefix.
        found
            .filter(|(route, _)| target.fishjam_id.is_none() || !route.action.is_under_origin())
            .map(|(route, parameters)| (route.operation, (route, parameters)))
    }

    fn usual_headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn authorization(&self, headers: &HeaderMap, matched: Option<&Matched>) -> Authorization {
        match matched {
            Some((Route { action: Action::Events, .. }, _)) => subprotocols::authorization(headers, &self.core.token),
            _ => Authorization::of(headers, &self.core.token),
        }
    }

    fn error_member(operation: &str) -> &'static str {
        if compositions::has_operation(operation) || operation == "composition_socket" { "message" } else { "errors" }
    }

    /// Returns `true` for JSON, which is checked first, and for operations that will be executed.
    fn needs_body(&self, headers: &HeaderMap, matched: Option<&Matched>, authorization: Authorization) -> bool {
        let executed = matched.is_some_and(|(route, _)| match route.action {
            Action::Managed(_) | Action::Composition(_) => authorization == Authorization::Valid,
            Action::Open(_) | Action::Origin(_) | Action::Whip(_) => true,
            Action::Socket(_) | Action::Events => false,
        });
        executed || is_json(headers)
    }

    async fn handle(self: Arc<Self>, parts: Parts, request: IncomingRequest<Matched>) -> Reply {
        check(self, parts, request).await.unwrap_or_else(|refusal| Reply::Response(refusal.into()))
    }
}

/// Checks and executes a request in the service's order: body and query, route, accepted type, token, operation.
async fn check(service: Arc<Service>, mut parts: Parts, request: IncomingRequest<Matched>) -> Result<Reply, Refusal> {
    if let Some((Route { action: Action::Composition(handler), .. }, parameters)) = request.matched {
        let content_type = content_type(&parts.headers).to_owned();
        let composition_request = CompositionRequest { parameters, content_type, payload: request.body };
        let response = compositions::execute(&service, *handler, request.authorization, composition_request)?;
        return Ok(Reply::Response(response));
    }
    if let Some((Route { action: Action::Events, .. }, parameters)) = &request.matched {
        let composition = parameters.first().map_or("", String::as_str);
        let script = (request.connection.unwrap_or_default(), request.handshake);
        let upgrade = composition::accept(service, composition, &mut parts, request.authorization, script).await?;
        return Ok(Reply::Upgrade(upgrade));
    }
    let payload = request.body?;
    let body = match request.matched {
        // A wrong content type is an error of the operation.
        Some((Route { action: Action::Whip(_), .. }, _)) => None,
        _ => json_body(&parts, &payload)?,
    };
    if request.target.is_query_too_deep() {
        return Err(Refusal::malformed());
    }
    if request.target.segments.is_none() {
        return Err(Refusal::crash());
    }
    let (route, parameters) = request.matched.ok_or_else(Refusal::no_route)?;
    let handler = match route.action {
        Action::Socket(socket) => {
            let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
            let upgrade = upgrade.map_err(|_| Refusal::malformed())?;
            let (connection, handshake) = (request.connection.unwrap_or_default(), request.handshake);
            let serve = move |open| socket_handlers::serve(service, socket, open, connection, handshake);
            return Ok(Reply::Upgrade(upgrade.on_upgrade(serve)));
        }
        Action::Open(handler) | Action::Managed(handler) | Action::Origin(handler) | Action::Whip(handler) => handler,
        // Compositions have their own checks, above.
        Action::Composition(_) | Action::Events => return Err(Refusal::no_route()),
    };
    if !matches!(route.action, Action::Origin(_) | Action::Whip(_)) && !accepts_json(&parts.headers) {
        return Err(Refusal::not_acceptable());
    }
    if matches!(route.action, Action::Managed(_)) {
        request.authorization.require()?;
    }
    let authorized = request.authorization == Authorization::Valid;
    let api_request = ApiRequest {
        parameters,
        target: request.target,
        authorized,
        bearer: auth::bearer(&parts.headers),
        content_type: content_type(&parts.headers).to_owned(),
        headers: parts.headers,
        payload,
        body,
    };
    let response = handler(&service, api_request).unwrap_or_else(HttpResponse::from);
    Ok(Reply::Response(service.contract.convert(route.operation, response, &service.core.authority)))
}

/// Reads a JSON body. The operations read bodies of other types.
fn json_body(parts: &Parts, body: &Bytes) -> Result<Option<Value>, Refusal> {
    if body.is_empty() || !is_json(&parts.headers) {
        return Ok(None);
    }
    serde_json::from_slice(body).map(Some).map_err(|_| Refusal::malformed())
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = content_type(headers).split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers.get_all("accept").iter().filter_map(|value| value.to_str().ok()).peekable();
    ranges.peek().is_none()
        || ranges.flat_map(|value| value.split(',')).any(|range| {
            let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            matches!(range.as_str(), "" | "*/*" | "application/*" | "application/json")
        })
}
