//! Whether the credentials are right.

use super::{Action, Call, Route};
use crate::{error::Refusal, http::answer::Answer, service::Service};

pub(super) const ROUTES: &[Route] =
    &[Route { operation: "validate_credentials", method: "GET", path: &["validate"], action: Action::Open(validate) }];

/// A missing or wrong token is a 404 without a body here, never a 401.
fn validate(_: &Service, call: Call) -> Result<Answer, Refusal> {
    if call.authorized { Ok(Answer::empty(200)) } else { Err(Refusal::empty(404)) }
}
