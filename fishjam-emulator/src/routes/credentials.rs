//! Whether the credentials are right.

use super::{Action, Call, Route};
use crate::{http::response::HttpResponse, refusal::Refusal, service::Service};

pub(super) const ROUTES: &[Route] =
    &[Route { operation: "validate_credentials", method: "GET", path: &["validate"], action: Action::Open(validate) }];

/// A missing or wrong token is a 404 without a body here, never a 401.
fn validate(_: &Service, call: Call) -> Result<HttpResponse, Refusal> {
    if call.authorized { Ok(HttpResponse::empty(200)) } else { Err(Refusal::empty(404)) }
}
