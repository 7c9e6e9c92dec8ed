//! The check of credentials.

use super::{Action, ApiRequest, Route};
use crate::{http::response::HttpResponse, refusal::Refusal, service::Service};

pub(super) const ROUTES: &[Route] =
    &[Route { operation: "validate_credentials", method: "GET", path: &["validate"], action: Action::Open(validate) }];

/// Checks the management token. A missing or invalid token gets 404 without a body instead of 401.
fn validate(_: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    if request.authorized { Ok(HttpResponse::empty(200)) } else { Err(Refusal::empty(404)) }
}
