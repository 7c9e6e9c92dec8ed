//! The content of HLS streams: playlists, segments and, with low latency, parts.

use bytes::Bytes;
use serde_json::Value;

use super::{Action, ApiRequest, Failure, Route};
use crate::{
    http::response::HttpResponse,
    jellyfish::{
        parameters::Parameters,
        service::Service,
        state::{State, no_file},
        stream::{Content, Position},
    },
};

pub(super) const ROUTES: &[Route] = &[Route::get("getHlsContent", &["hls", "*", "*"], Action::Stream)];

/// Returns a file of a stream. Waits for an announced part until its room ends. Ignores ranges.
pub(crate) async fn content(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    let room = request.path(0);
    let mut name = request.path(1).to_owned();
    if request.parameters.get("_HLS_skip").is_some()
        && let Some(playlist) = name.strip_suffix(".m3u8")
    {
        name = format!("{playlist}_delta.m3u8");
    }
    if let Some(part) = position(&request.parameters)? {
        let delta = name.ends_with("_delta.m3u8");
        let content = wait(service, |state| state.stream_playlist(room, part, delta)).await;
        return Ok(playlist(content.ok_or_else(no_file)?));
    }
    if name.ends_with("_part.m4s") {
        let content = wait(service, |state| state.stream_part(room, &name)).await;
        return Ok(HttpResponse::bytes(200, content.ok_or_else(no_file)?));
    }
    Ok(file(&name, service.state.read(|state| state.stream_file(room, &name))?))
}

/// Creates the response with a file. Only playlists have a content type.
pub(super) fn file(name: &str, content: Bytes) -> HttpResponse {
    if name.ends_with(".m3u8") { playlist(content) } else { HttpResponse::bytes(200, content) }
}

fn playlist(content: Bytes) -> HttpResponse {
    let mut response = HttpResponse::bytes(200, content);
    response.set_header("content-type", "application/vnd.apple.mpegurl");
    response
}

/// Returns the part that a playlist must contain.
///
/// The server ignores a segment without a part, and crashes on values that are not numbers.
fn position(parameters: &Parameters) -> Result<Option<Position>, Failure> {
    let (Some(segment), Some(part)) = (parameters.get("_HLS_msn"), parameters.get("_HLS_part")) else {
        return Ok(None);
    };
    let number = |value: &Value| value.as_str().and_then(|number| number.parse().ok()).ok_or(Failure::Crash);
    Ok(Some((number(segment)?, number(part)?)))
}

/// Waits until the content is ready or absent.
async fn wait(service: &Service, read: impl Fn(&State) -> Content) -> Option<Bytes> {
    let mut stream_changes = service.stream_changes.subscribe();
    loop {
        // The current version is marked as seen before the read, so a later change is not lost.
        stream_changes.borrow_and_update();
        match service.state.read(&read) {
            Content::Ready(content) => return Some(content),
            Content::Absent => return None,
            Content::Pending => stream_changes.changed().await.ok()?,
        }
    }
}
