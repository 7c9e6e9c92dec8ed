//! Tokens of a livestream room: for its streamer and its viewers.

use serde_json::json;

use super::{Call, Route};
use crate::{http::response::HttpResponse, refusal::Refusal, service::Service, state::Role};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("generate_viewer_token", "POST", &["room", "*", "viewer"], viewer),
    Route::managed("generate_streamer_token", "POST", &["room", "*", "streamer"], streamer),
];

/// Allowed for a public livestream too, although its viewers need no token.
fn viewer(service: &Service, call: Call) -> Result<HttpResponse, Refusal> {
    let token = service.state.write(|state| state.livestream_token(call.parameter(0), Role::Viewer))?;
    Ok(HttpResponse::json(201, &json!({ "token": token })))
}

fn streamer(service: &Service, call: Call) -> Result<HttpResponse, Refusal> {
    let token = service.state.write(|state| state.livestream_token(call.parameter(0), Role::Streamer))?;
    Ok(HttpResponse::json(201, &json!({ "token": token })))
}
