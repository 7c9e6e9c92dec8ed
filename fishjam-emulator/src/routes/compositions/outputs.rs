//! Outputs of compositions.

use super::{
    CompositionRequest,
    body::{self, is_json},
    done,
};
use crate::{
    http::response::HttpResponse,
    refusal::Refusal,
    scene::{self, OutputSpec},
    service::Service,
    state::compositions::{Output, ScheduledChange, Upload},
};

/// The size of the largest template in bytes.
const LARGEST_TEMPLATE: usize = 1_000_000;

pub(super) fn register(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let spec = scene::check_output(&body::json(&request)?)?;
    add(service, &request, spec, None)
}

/// Registers an output that a template renders. The scenes in `config` have no effect.
pub(super) fn register_template(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let mut parts = body::parts(&request)?;
    let config = body::take(&mut parts, "config")?;
    if !config.content_type.as_deref().is_some_and(is_json) {
        return Err(Refusal::malformed_request("part config: expected content type application/json"));
    }
    let spec = scene::check_output(&body::parse(&config.body)?).map_err(without_422)?;
    let (file_name, template) = body::take_file(&mut parts, "template")?;
    if !(1..=LARGEST_TEMPLATE).contains(&template.len()) {
        let message = format!("part template: expected 1 to {LARGEST_TEMPLATE} bytes");
        return Err(Refusal::malformed_request(message));
    }
    add(service, &request, spec, Some(Upload { file_name, length: template.len() }))
}

/// Replaces status 422, which the operation does not document.
fn without_422(refusal: Refusal) -> Refusal {
    Refusal { status: if refusal.status == 422 { 400 } else { refusal.status }, ..refusal }
}

fn add(
    service: &Service,
    request: &CompositionRequest,
    spec: OutputSpec,
    template: Option<Upload>,
) -> Result<HttpResponse, Refusal> {
    let output = Output::new(request.entity(), spec, template);
    service.change(|state| state.register_output(request.composition(), output))?;
    Ok(done())
}

pub(super) fn update(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let update = scene::check_update(&body::json(&request)?)?;
    let at = update.schedule_time_ms;
    let change = ScheduledChange::UpdateOutput(request.entity().to_owned(), update);
    service.change(|state| state.change_composition(request.composition(), at, change))?;
    Ok(done())
}

pub(super) fn request_keyframe(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    service.state.read(|state| state.request_keyframe(request.composition(), request.entity()))?;
    Ok(done())
}

pub(super) fn unregister(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let at = scene::check_unregister(&body::json(&request)?)?;
    let change = ScheduledChange::UnregisterOutput(request.entity().to_owned());
    service.change(|state| state.change_composition(request.composition(), at, change))?;
    Ok(done())
}
