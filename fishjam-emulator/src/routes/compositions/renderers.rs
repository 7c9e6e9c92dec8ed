//! Images and fonts of compositions.

use super::{
    CompositionRequest,
    body::{self, LARGEST_BODY},
    done,
};
use crate::{
    http::response::HttpResponse,
    refusal::Refusal,
    scene,
    service::Service,
    state::compositions::{Image, ScheduledChange, Upload},
};

pub(super) fn register_image(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let spec = scene::check_image(&body::json(&request)?)?;
    let image = Image { id: request.entity().to_owned(), spec };
    service.state.write(|state| state.register_image(request.composition(), image))?;
    Ok(done())
}

pub(super) fn unregister_image(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let at = scene::check_unregister(&body::json(&request)?)?;
    let change = ScheduledChange::UnregisterImage(request.entity().to_owned());
    service.change(|state| state.change_composition(request.composition(), at, change))?;
    Ok(done())
}

/// Registers a font. The content is not checked, as in the engine.
pub(super) fn register_font(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let mut parts = body::parts(&request)?;
    let (file_name, font) = body::take_file(&mut parts, "font")?;
    if font.len() > LARGEST_BODY {
        return Err(Refusal::malformed_request(format!("part font: expected at most {LARGEST_BODY} bytes")));
    }
    let upload = Upload { file_name, length: font.len() };
    service.state.write(|state| state.register_font(request.composition(), upload))?;
    Ok(done())
}
