//! Bodies about compositions, inputs, images and events.

use std::fmt;

use serde_json::Value;

use super::{
    node::Node,
    schemas::{CREATE, EVENT, IMAGE_SPEC, REGISTER_INPUT, UNREGISTER},
    transition,
    url::has_scheme_and_host,
};
use crate::refusal::Refusal;

/// The maximum number of characters of the name of an event.
const MAX_EVENT_NAME: usize = 128;

/// A composition to create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CreateSpec {
    pub(crate) autostart: bool,
    pub(crate) cleanup_without_inputs: bool,
}

/// An input to register.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum InputSpec {
    WhipServer { bearer_token: Option<String>, video: bool },
    WhepClient { endpoint_url: String, bearer_token: Option<String>, video: bool },
    Mp4 { url: String, is_loop: bool },
    RtmpServer { stream_key: String },
}

/// An image to register.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ImageSpec {
    /// `png`, `jpeg`, `svg`, `gif` or `auto`.
    pub(crate) asset_type: String,
    pub(crate) url: String,
}

/// An event to send to the templates of a composition.
#[derive(Clone, PartialEq)]
pub(crate) struct EventSpec {
    pub(crate) event_name: String,
    /// The data, where `null` is a value.
    pub(crate) data: Option<Value>,
}

/// Checks the body of `create_composition`.
pub(crate) fn check_create(body: &Value) -> Result<CreateSpec, Refusal> {
    let body = Node::body(body);
    CREATE.check(&body)?;
    Ok(CreateSpec {
        autostart: body.boolean("autostart").unwrap_or(true),
        cleanup_without_inputs: body.boolean("cleanup_without_inputs").unwrap_or(true),
    })
}

/// Checks the body of `register_input`.
pub(crate) fn check_input(body: &Value) -> Result<InputSpec, Refusal> {
    let body = Node::body(body);
    REGISTER_INPUT.check(&body)?;
    let text = |name| body.text(name).unwrap_or_default().to_owned();
    let bearer_token = body.text("bearer_token").map(str::to_owned);
    let video = body.boolean("video").unwrap_or(true);
    match body.text("type") {
        Some("whep_client") => {
            check_url(&body, "endpoint_url", "WHEP_INVALID_SERVER_URL")?;
            Ok(InputSpec::WhepClient { endpoint_url: text("endpoint_url"), bearer_token, video })
        }
        Some("mp4") => {
            check_url(&body, "url", "INVALID_MP4_SOURCE")?;
            Ok(InputSpec::Mp4 { url: text("url"), is_loop: body.boolean("loop").unwrap_or(false) })
        }
        Some("rtmp_server") => Ok(InputSpec::RtmpServer { stream_key: text("stream_key") }),
        _ => Ok(InputSpec::WhipServer { bearer_token, video }),
    }
}

/// Checks the body of `register_image`.
pub(crate) fn check_image(body: &Value) -> Result<ImageSpec, Refusal> {
    let body = Node::body(body);
    IMAGE_SPEC.check(&body)?;
    check_url(&body, "url", "REGISTER_IMAGE_ERROR")?;
    let text = |name| body.text(name).unwrap_or_default().to_owned();
    Ok(ImageSpec { asset_type: text("asset_type"), url: text("url") })
}

/// Checks the body of `unregister_input`, `unregister_output` or `unregister_image`. Returns `schedule_time_ms`.
pub(crate) fn check_unregister(body: &Value) -> Result<Option<f64>, Refusal> {
    let body = Node::body(body);
    UNREGISTER.check(&body)?;
    transition::check_time(&body, "schedule_time_ms")?;
    Ok(body.double("schedule_time_ms"))
}

/// Checks the body of `send_composition_event`.
pub(crate) fn check_event(body: &Value) -> Result<EventSpec, Refusal> {
    let body = Node::body(body);
    EVENT.check(&body)?;
    let event_name = body.text("event_name").unwrap_or_default();
    if !(1..=MAX_EVENT_NAME).contains(&event_name.chars().count()) {
        let problem = format!("event_name: expected 1 to {MAX_EVENT_NAME} characters");
        return Err(Refusal::malformed_request(problem));
    }
    let data = body.nullable_member("data").map(|data| data.value().clone());
    Ok(EventSpec { event_name: event_name.to_owned(), data })
}

/// Returns an error for a URL that the server cannot fetch.
fn check_url(body: &Node<'_>, name: &str, code: &'static str) -> Result<(), Refusal> {
    let url = body.text(name).unwrap_or_default();
    if has_scheme_and_host(url, &["http", "https"]) {
        return Ok(());
    }
    let message = format!("{name}: invalid URL; expected http or https and a host");
    Err(Refusal::composition(400, Some(code), message))
}

/// Shows no URL, token or stream key.
impl fmt::Debug for InputSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InputSpec::WhipServer { .. } => "WhipServer",
            InputSpec::WhepClient { .. } => "WhepClient",
            InputSpec::Mp4 { .. } => "Mp4",
            InputSpec::RtmpServer { .. } => "RtmpServer",
        })
    }
}

/// Shows no URL, because a URL can contain a token.
impl fmt::Debug for ImageSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageSpec").field("asset_type", &self.asset_type).finish_non_exhaustive()
    }
}

/// Shows no data, because the data can be personal.
impl fmt::Debug for EventSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSpec").field("event_name", &self.event_name).finish_non_exhaustive()
    }
}
