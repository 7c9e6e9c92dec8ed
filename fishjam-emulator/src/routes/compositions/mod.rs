//! Compositions, under the origin: they have no connect prefix, and errors and checks of their own.

use bytes::Bytes;
use serde_json::json;

use super::{Action, Route};
use crate::{
    http::{auth::Authorization, response::HttpResponse},
    refusal::Refusal,
    scene,
    service::Service,
};

mod body;
mod inputs;
mod outputs;
mod renderers;

/// The handler of an operation of a composition.
pub(crate) type CompositionHandler = fn(&Service, CompositionRequest) -> Result<HttpResponse, Refusal>;

const fn route(
    operation: &'static str,
    method: &'static str,
    path: &'static [&'static str],
    handler: CompositionHandler,
) -> Route {
    Route { operation, method, path, action: Action::Composition(handler) }
}

macro_rules! path {
    ($($segment:literal),*) => { &["api", "composition", $($segment),*] };
}

pub(super) const ROUTES: &[Route] = &[
    route("create_composition", "POST", path!(), create),
    route("delete_composition", "DELETE", path!("*"), delete),
    route("start", "POST", path!("*", "start"), start),
    route("reset", "POST", path!("*", "reset"), reset),
    route("send_composition_event", "POST", path!("*", "event"), send_event),
    route("register_input", "POST", path!("*", "input", "*", "register"), inputs::register),
    route("unregister_input", "POST", path!("*", "input", "*", "unregister"), inputs::unregister),
    route("register_output", "POST", path!("*", "output", "*", "register"), outputs::register),
    route("register_template_output", "POST", path!("*", "output", "*", "template"), outputs::register_template),
    route("update_output", "POST", path!("*", "output", "*", "update"), outputs::update),
    route("request_keyframe", "POST", path!("*", "output", "*", "request_keyframe"), outputs::request_keyframe),
    route("unregister_output", "POST", path!("*", "output", "*", "unregister"), outputs::unregister),
    route("register_image", "POST", path!("*", "image", "*", "register"), renderers::register_image),
    route("unregister_image", "POST", path!("*", "image", "*", "unregister"), renderers::unregister_image),
    route("register_font", "POST", path!("*", "font", "register"), renderers::register_font),
];

/// Returns `true` for the name of an operation of compositions.
pub(crate) fn has_operation(name: &str) -> bool {
    ROUTES.iter().any(|route| route.operation == name)
}

/// A request about a composition.
pub(crate) struct CompositionRequest {
    /// The ids of the composition and of its input, output or image. Empty for the creation.
    pub(crate) parameters: Vec<String>,
    pub(crate) content_type: String,
    /// The body as sent, or the error of a body that was too large or stopped.
    pub(crate) payload: Result<Bytes, Refusal>,
}

impl CompositionRequest {
    fn composition(&self) -> &str {
        self.parameters.first().map_or("", String::as_str)
    }

    /// Returns the id of the input, output or image.
    fn entity(&self) -> &str {
        self.parameters.get(1).map_or("", String::as_str)
    }
}

/// Checks and executes a request: token, composition, body. The order is an assumption.
pub(crate) fn execute(
    service: &Service,
    handler: CompositionHandler,
    authorization: Authorization,
    request: CompositionRequest,
) -> Result<HttpResponse, Refusal> {
    let response = authorization.require().and_then(|()| {
        // The composition can be due for its clean-up.
        service.pass_time();
        if let Some(id) = request.parameters.first() {
            service.state.read(|state| state.compositions.get(id).map(drop))?;
        }
        handler(service, request)
    });
    response.map_err(Refusal::into_composition)
}

/// Returns the response of commands: an object without members.
fn done() -> HttpResponse {
    HttpResponse::json(200, &json!({}))
}

fn create(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let config = scene::check_create(&body::json(&request)?)?;
    let now = service.clock.now();
    let id = service.change(|state| Ok::<_, Refusal>(state.create_composition(config, now)))?;
    Ok(HttpResponse::json(201, &json!({ "composition_id": id, "api_url": service.core.origin })))
}

fn delete(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    service.change(|state| state.delete_composition(request.composition()))?;
    Ok(HttpResponse::empty(200))
}

fn start(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let now = service.clock.now();
    service.change(|state| state.start_composition(request.composition(), now))?;
    Ok(done())
}

fn reset(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    service.change(|state| state.reset_composition(request.composition()))?;
    Ok(done())
}

fn send_event(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let event = scene::check_event(&body::json(&request)?)?;
    service.state.write(|state| state.send_composition_event(request.composition(), event))?;
    Ok(done())
}
