//! Livestreams with their streamers and viewers.

use super::{ApiRequest, Route};
use crate::{
    http::{body::Members, response::HttpResponse},
    refusal::Refusal,
    service::Service,
    state::{Role, RoomConfig},
    wire::{Data, StreamBody, StreamerBody, ViewerBody},
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("create_stream", "POST", &["livestream"], create),
    Route::managed("get_all_streams", "GET", &["livestream"], list),
    Route::managed("get_stream", "GET", &["livestream", "*"], get),
    Route::managed("delete_stream", "DELETE", &["livestream", "*"], delete),
    Route::managed("create_streamer", "POST", &["livestream", "*", "streamer"], create_streamer),
    Route::managed("delete_streamer", "DELETE", &["livestream", "*", "streamer", "*"], delete_streamer),
    Route::managed("create_viewer", "POST", &["livestream", "*", "viewer"], create_viewer),
    Route::managed("delete_viewer", "DELETE", &["livestream", "*", "viewer", "*"], delete_viewer),
];

fn create(service: &Service, mut request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let (audio_only, config) = stream_config(request.members()?)?;
    let room = service.change(|state| Ok::<_, Refusal>(state.create_livestream(audio_only, config)))?;
    Ok(HttpResponse::json(201, &Data { data: StreamBody::from(&room) }))
}

fn list(service: &Service, _: ApiRequest) -> Result<HttpResponse, Refusal> {
    Ok(service.state.read(|state| {
        let streams: Vec<StreamBody<'_>> = state.livestreams().into_iter().map(StreamBody::from).collect();
        HttpResponse::json(200, &Data { data: streams })
    }))
}

fn get(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service.state.read(|state| {
        Ok(HttpResponse::json(200, &Data { data: StreamBody::from(state.livestream(request.parameter(0))?) }))
    })
}

/// Deletes a livestream. The operation succeeds even if the livestream does not exist.
fn delete(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service.change(|state| Ok::<_, Refusal>(state.delete_livestream(request.parameter(0))))?;
    Ok(HttpResponse::empty(204))
}

fn create_streamer(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let streamer = service.state.write(|state| state.create_participant(request.parameter(0), Role::Streamer))?;
    Ok(HttpResponse::json(201, &Data { data: StreamerBody::of(&streamer) }))
}

fn create_viewer(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let viewer = service.state.write(|state| state.create_participant(request.parameter(0), Role::Viewer))?;
    Ok(HttpResponse::json(201, &Data { data: ViewerBody::of(&viewer) }))
}

fn delete_streamer(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    delete_participant(service, &request, Role::Streamer)
}

fn delete_viewer(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    delete_participant(service, &request, Role::Viewer)
}

fn delete_participant(service: &Service, request: &ApiRequest, role: Role) -> Result<HttpResponse, Refusal> {
    let (stream, id) = (request.parameter(0), request.parameter(1));
    service.change(|state| Ok::<_, Refusal>(state.delete_participant(stream, role, id)))?;
    Ok(HttpResponse::empty(204))
}

/// Reads a `StreamConfig`. Returns `audioOnly` and the other settings.
fn stream_config(mut members: Members) -> Result<(bool, RoomConfig), Refusal> {
    let webhook_url = members.take_webhook_url()?;
    let audio_only = members.take_nullable_bool("audioOnly")?;
    let config = RoomConfig {
        batch_webhook_notifications: members.take_bool("batchWebhookNotifications")?,
        public: members.take_bool("public")?,
        webhook_url,
        ..RoomConfig::default()
    };
    members.finish()?;
    Ok((audio_only, config))
}
