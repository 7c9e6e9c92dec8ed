//! Tokens for streamers and viewers of a livestream room.

use serde_json::json;

use super::{ApiRequest, Route};
use crate::{http::response::HttpResponse, refusal::Refusal, service::Service, state::Role};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("generate_viewer_token", "POST", &["room", "*", "viewer"], viewer),
    Route::managed("generate_streamer_token", "POST", &["room", "*", "streamer"], streamer),
];

/// Creates a viewer token. The operation also succeeds for a public livestream, whose viewers need no token.
fn viewer(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let token = service.state.write(|state| state.livestream_token(request.parameter(0), Role::Viewer))?;
    Ok(HttpResponse::json(201, &json!({ "token": token })))
}

fn streamer(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let token = service.state.write(|state| state.livestream_token(request.parameter(0), Role::Streamer))?;
    Ok(HttpResponse::json(201, &json!({ "token": token })))
}
