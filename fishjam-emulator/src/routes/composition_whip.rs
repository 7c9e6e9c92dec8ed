//! The WHIP endpoints of compositions' inputs. The emulator carries no media.

use super::{Action, ApiRequest, Handler, Route, live::SDP_ANSWER};
use crate::{
    http::{response::HttpResponse, target::encode_segment},
    refusal::Refusal,
    service::Service,
};

const fn route(
    operation: &'static str,
    method: &'static str,
    path: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route { operation, method, path, action: Action::Whip(handler) }
}

pub(super) const ROUTES: &[Route] = &[
    route("composition_whip", "POST", &["api", "composition", "*", "whip", "*"], publish),
    route("composition_whip_end", "DELETE", &["api", "composition", "*", "whip", "*", "*"], end),
];

/// Opens a session. Checks the input, the content type and the input's token, in the order of the engine.
fn publish(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let (composition, input) = (request.parameter(0), request.parameter(1));
    let session = service.change(|state| {
        let token = state.whip_token(composition, input)?;
        check_content_type(&request.content_type)?;
        match request.bearer.as_deref() {
            Some(given) if given == token => state.open_whip_session(composition, input),
            Some(_) => Err(Refusal::plain(401, "invalid token")),
            None => Err(Refusal::plain(401, "missing or malformed token")),
        }
    })?;
    let (composition, input) = (encode_segment(composition), encode_segment(input));
    let mut response = HttpResponse::empty(201);
    response.set_header("content-type", "application/sdp");
    response.set_header("location", &format!("/api/composition/{composition}/whip/{input}/{session}"));
    response.body = SDP_ANSWER.into();
    Ok(response)
}

/// Checks the content type as the engine does, which fails for a wrong one.
fn check_content_type(content_type: &str) -> Result<(), Refusal> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    match media_type {
        "" => Err(Refusal::plain(400, "missing content type")),
        sdp if sdp.eq_ignore_ascii_case("application/sdp") => Ok(()),
        _ => Err(Refusal::plain(500, "unexpected content type; use application/sdp")),
    }
}

/// Ends a session. Its random id is a secret, so the token is not checked. This is an assumption.
fn end(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let (composition, input, session) = (request.parameter(0), request.parameter(1), request.parameter(2));
    service.change(|state| state.end_whip_session(composition, input, session))?;
    Ok(HttpResponse::empty(200))
}
