//! WHIP and WHEP: streamers and viewers connect to livestreams. The emulator carries no media.

use super::{Action, ApiRequest, Handler, Route};
use crate::{http::response::HttpResponse, refusal::Refusal, service::Service, state::Role};

const WHIP: &str = "/api/v1/live/api/whip";
const WHEP: &str = "/api/v1/live/api/whep";

/// A session description without media.
pub(super) const SDP_ANSWER: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=fishjam-emulator\r\nt=0 0\r\n";

const fn route(
    operation: &'static str,
    method: &'static str,
    path: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route { operation, method, path, action: Action::Origin(handler) }
}

pub(super) const ROUTES: &[Route] = &[
    route("whip", "POST", &["api", "v1", "live", "api", "whip"], publish),
    route("whip_end", "DELETE", &["api", "v1", "live", "api", "whip", "*"], end_publishing),
    route("whep", "POST", &["api", "v1", "live", "api", "whep"], watch),
    route("whep_public", "POST", &["api", "v1", "live", "api", "whep", "*"], watch_public),
    route("whep_end", "DELETE", &["api", "v1", "live", "api", "whep", "*"], end_watching),
];

fn publish(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    connect(service, &request, Role::Streamer, WHIP)
}

fn watch(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    connect(service, &request, Role::Viewer, WHEP)
}

fn connect(service: &Service, request: &ApiRequest, role: Role, path: &str) -> Result<HttpResponse, Refusal> {
    let token = request.bearer.as_deref().ok_or_else(Refusal::missing_token)?;
    let id = service.change(|state| state.connect_with_token(role, token))?;
    Ok(session(path, &id))
}

/// Connects a viewer without a token. Only a public livestream allows it.
fn watch_public(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let id = service.change(|state| state.watch_public(request.parameter(0)))?;
    Ok(session(WHEP, &id))
}

fn end_publishing(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service.change(|state| state.disconnect_by_id(Role::Streamer, request.parameter(0)))?;
    Ok(HttpResponse::empty(200))
}

fn end_watching(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service.change(|state| state.disconnect_by_id(Role::Viewer, request.parameter(0)))?;
    Ok(HttpResponse::empty(200))
}

fn session(path: &str, id: &str) -> HttpResponse {
    let mut response = HttpResponse::empty(201);
    response.set_header("content-type", "application/sdp");
    response.set_header("location", &format!("{path}/{id}"));
    response.body = SDP_ANSWER.into();
    response
}
