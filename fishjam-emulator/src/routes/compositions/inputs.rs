//! Inputs of compositions.

use std::time::Duration;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{CompositionRequest, body, done};
use crate::{
    http::{response::HttpResponse, target},
    refusal::Refusal,
    scene::{self, InputSpec},
    service::Service,
    state::compositions::{Composition, InputSource, ScheduledChange},
};

/// The address of the RTMP server in responses. The emulator has no RTMP server.
const RTMP_SERVER: &str = "rtmp://127.0.0.1:1935";

pub(super) fn register(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let spec = scene::check_input(&body::json(&request)?)?;
    let (composition, input) = (request.composition(), request.entity());
    let now = service.clock.now();
    let response = service.change(|state| {
        let (source, response) = describe(state.compositions.get(composition)?, input, spec)?;
        let registered = state.register_input(composition, input, source, now)?;
        Ok::<_, Refusal>(registered.with(response))
    })?;
    Ok(HttpResponse::json(200, &response))
}

/// Returns the source of a new input and the response to its registration.
fn describe(composition: &Composition, input: &str, spec: InputSpec) -> Result<(InputSource, Value), Refusal> {
    Ok(match spec {
        InputSpec::WhipServer { bearer_token, video } => {
            let token = bearer_token.unwrap_or_else(input_token);
            let route = format!("/whip/{}", target::encode_segment(input));
            let response = json!({ "bearer_token": token, "endpoint_route": route });
            (InputSource::WhipServer { token, video }, response)
        }
        InputSpec::WhepClient { endpoint_url: url, bearer_token: token, video } => {
            (InputSource::WhepClient { url, token, video }, json!({}))
        }
        InputSpec::Mp4 { url, is_loop } => {
            let tracks = composition.mp4_tracks(&url)?;
            let durations = [("video_duration_ms", tracks.video), ("audio_duration_ms", tracks.audio)].into_iter();
            let response: Map<_, _> =
                durations.filter_map(|(name, duration)| Some((name.to_owned(), milliseconds(duration?)))).collect();
            (InputSource::Mp4 { url, loops: is_loop, tracks, playing_since: None }, Value::Object(response))
        }
        InputSpec::RtmpServer { stream_key } => {
            let (input, key) = (target::encode_segment(input), target::encode_segment(&stream_key));
            let response = json!({ "publish_url": format!("{RTMP_SERVER}/{input}/{key}") });
            (InputSource::RtmpServer { stream_key }, response)
        }
    })
}

pub(super) fn unregister(service: &Service, request: CompositionRequest) -> Result<HttpResponse, Refusal> {
    let at = scene::check_unregister(&body::json(&request)?)?;
    let change = ScheduledChange::UnregisterInput(request.entity().to_owned());
    service.change(|state| state.change_composition(request.composition(), at, change))?;
    Ok(done())
}

/// Creates a token of 32 uppercase hexadecimal digits.
fn input_token() -> String {
    Uuid::new_v4().simple().to_string().to_ascii_uppercase()
}

fn milliseconds(duration: Duration) -> Value {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).into()
}
