//! The forwarding of a room's tracks to a composition.

use super::{ApiRequest, Route};
use crate::{
    http::{
        body::{self, Members},
        response::HttpResponse,
    },
    refusal::Refusal,
    service::Service,
};

pub(super) const ROUTES: &[Route] =
    &[Route::managed("create_track_forwarding", "POST", &["room", "*", "track_forwardings"], create)];

fn create(service: &Service, mut request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let url = composition_url(request.members()?)?;
    service.change(|state| state.forward_tracks(request.parameter(0), &url))?;
    Ok(HttpResponse::empty(201))
}

/// Reads a `TrackForwarding`. The only selector is `all`.
fn composition_url(mut members: Members) -> Result<String, Refusal> {
    let url = members.take_composition_url()?;
    match members.take("selector") {
        None => {}
        Some(value) if value == "all" => {}
        Some(value) => return Err(body::unexpected("selector", "'all'", &value)),
    }
    members.finish()?;
    Ok(url)
}
