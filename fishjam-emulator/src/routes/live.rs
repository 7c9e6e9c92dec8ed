//! WHIP and WHEP: who may send into a livestream and who may watch. There is no media behind it.

use super::{Action, Call, Route};
use crate::{http::response::HttpResponse, refusal::Refusal, service::Service, state::Role};

const WHIP: &str = "/api/v1/live/api/whip";
const WHEP: &str = "/api/v1/live/api/whep";

/// A session description without media.
const ANSWER: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=fishjam-emulator\r\nt=0 0\r\n";

const fn route(
    operation: &'static str,
    method: &'static str,
    path: &'static [&'static str],
    carry_out: fn(&Service, Call) -> Result<HttpResponse, Refusal>,
) -> Route {
    Route { operation, method, path, action: Action::Media(carry_out) }
}

pub(super) const ROUTES: &[Route] = &[
    route("whip", "POST", &["api", "v1", "live", "api", "whip"], publish),
    route("whip_end", "DELETE", &["api", "v1", "live", "api", "whip", "*"], end_publishing),
    route("whep", "POST", &["api", "v1", "live", "api", "whep"], watch),
    route("whep_public", "POST", &["api", "v1", "live", "api", "whep", "*"], watch_public),
    route("whep_end", "DELETE", &["api", "v1", "live", "api", "whep", "*"], end_watching),
];

fn publish(service: &Service, call: Call) -> Result<HttpResponse, Refusal> {
    connect(service, &call, Role::Streamer, WHIP)
}

fn watch(service: &Service, call: Call) -> Result<HttpResponse, Refusal> {
    connect(service, &call, Role::Viewer, WHEP)
}

fn connect(service: &Service, call: &Call, role: Role, path: &str) -> Result<HttpResponse, Refusal> {
    let token = call.bearer.as_deref().ok_or_else(Refusal::missing_token)?;
    let id = service.change(|state| state.connect_with_token(role, token))?;
    Ok(session(path, &id))
}

/// Without a token; only a public livestream allows it.
fn watch_public(service: &Service, call: Call) -> Result<HttpResponse, Refusal> {
    let id = service.change(|state| state.watch_public(call.parameter(0)))?;
    Ok(session(WHEP, &id))
}

fn end_publishing(service: &Service, call: Call) -> Result<HttpResponse, Refusal> {
    service.change(|state| state.disconnect_by_id(Role::Streamer, call.parameter(0)))?;
    Ok(HttpResponse::empty(200))
}

fn end_watching(service: &Service, call: Call) -> Result<HttpResponse, Refusal> {
    service.change(|state| state.disconnect_by_id(Role::Viewer, call.parameter(0)))?;
    Ok(HttpResponse::empty(200))
}

fn session(path: &str, id: &str) -> HttpResponse {
    let mut answer = HttpResponse::empty(201);
    answer.set_header("content-type", "application/sdp");
    answer.set_header("location", &format!("{path}/{id}"));
    answer.body = ANSWER.into();
    answer
}
