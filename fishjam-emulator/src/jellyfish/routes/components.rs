//! Components: add, delete, subscribe to tracks.

use serde_json::{Map, Value};

use super::{ApiRequest, Failure, Route};
use crate::{
    http::response::HttpResponse,
    jellyfish::{
        command_error::CommandError,
        component::ComponentType,
        service::Service,
        state::RemovalReason,
        wire::{ComponentBody, Data},
    },
    refusal::Refusal,
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("add_component", "POST", &["room", "*", "component"], add),
    Route::managed("delete_component", "DELETE", &["room", "*", "component", "*"], delete),
    Route::managed("subscribe_to", "POST", &["room", "*", "component", "*", "subscribe"], subscribe),
];

fn add(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    let room = request.path(0);
    let component_type = ComponentType::parse(request.parameters.get("type").ok_or_else(Refusal::structure)?)?;
    let none = Map::new();
    let options = match request.parameters.get("options") {
        None => Some(&none),
        Some(options) => options.as_object(),
    };
    let component = service.change_room(room, |state| {
        state.room(room)?;
        // The room reads the options first. Options that are not an object crash it.
        state.add_component(room, component_type, options.ok_or(CommandError::RoomCrash)?)
    })?;
    Ok(HttpResponse::json(201, &Data { data: ComponentBody::from(&component) }))
}

fn delete(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    service.change(|state| state.remove_component(request.path(0), request.path(1), RemovalReason::Finished))?;
    Ok(HttpResponse::empty(204))
}

/// Subscribes without a check of the origins, like the server.
fn subscribe(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    let origins = request.parameters.get("origins").ok_or_else(Refusal::structure)?;
    let origins = origins.as_array().map(Vec::as_slice).unwrap_or_default();
    let origins: Vec<String> = origins.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    service.change(|state| state.subscribe(request.path(0), request.path(1), &origins))?;
    Ok(HttpResponse::plain(201, "Successfully subscribed for tracks"))
}
