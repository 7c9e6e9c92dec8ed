//! The recordings of persistent HLS streams: list, delete, read.

use super::{Action, ApiRequest, Failure, Route, hls::file};
use crate::{
    http::response::HttpResponse,
    jellyfish::{service::Service, wire::Data},
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("get_recordings", "GET", &["recording"], list),
    Route::managed("delete_recording", "DELETE", &["recording", "*"], delete),
    Route::get("getRecordingContent", &["recording", "*", "*"], Action::Content(content)),
];

fn list(service: &Service, _: ApiRequest) -> Result<HttpResponse, Failure> {
    Ok(service.state.read(|state| HttpResponse::json(200, &Data { data: state.recordings() })))
}

fn delete(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    service.state.write(|state| state.delete_recording(request.path(0)))?;
    Ok(HttpResponse::empty(204))
}

fn content(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    let (id, name) = (request.path(0), request.path(1));
    Ok(file(name, service.state.read(|state| state.recording_file(id, name))?))
}
