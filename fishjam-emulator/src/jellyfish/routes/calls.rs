//! Phone calls of SIP components: dial, end.

use super::{ApiRequest, Failure, Route};
use crate::{
    http::response::HttpResponse,
    jellyfish::{parameters::printed, service::Service},
    refusal::Refusal,
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("dial", "POST", &["sip", "*", "*", "call"], dial),
    Route::managed("end_call", "DELETE", &["sip", "*", "*", "call"], end),
];

/// Dials before the number is printed into the response. An unprintable number crashes the server only then.
fn dial(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    let number = printed(request.parameters.get("phoneNumber").ok_or_else(Refusal::structure)?);
    service.change(|state| state.dial(request.path(0), request.path(1), number.as_deref().unwrap_or_default()))?;
    let number = number.ok_or(Failure::Crash)?;
    Ok(HttpResponse::plain(201, &format!("Successfully schedule calling phone_number: {number}")))
}

fn end(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    service.state.read(|state| state.end_call(request.path(0), request.path(1)))?;
    let mut response = HttpResponse::empty(204);
    response.set_header("content-type", "application/json; charset=utf-8");
    Ok(response)
}
