//! The verdict about a body, without a running server.

use serde_json::Value;

use super::{
    output::{check_output, check_update},
    resource::{check_create, check_event, check_image, check_input, check_unregister},
    video::Scene,
};
use crate::refusal::Refusal;

/// The maximum number of arrays and objects around a value that the JSON parser of the server accepts.
const MAX_DEPTH: usize = 127;

/// Checks a JSON body of the composition API as the emulator does.
///
/// The operation is an operation id such as `register_output`. The check covers the rules that need no state of the
/// server: it accepts images that are not registered, and updates of any kinds of media.
///
/// # Errors
///
/// Returns the status and the message of the response if the server rejects the body:
///
/// - 400: the body breaks a rule
/// - 404: the operation does not exist or has no JSON body
/// - 422: the body does not fit the schema
///
/// # Examples
///
/// ```
/// let body = serde_json::json!({ "video": { "root": { "type": "view", "top": 1 } } });
/// let (status, message) = fishjam_emulator::check_composition_body("update_output", &body).unwrap_err();
/// assert_eq!(status, 400);
/// assert!(message.starts_with("video.root: "));
/// ```
pub fn check_composition_body(operation: &str, body: &Value) -> Result<(), (u16, String)> {
    if is_deeper_than(MAX_DEPTH, body) {
        return Err((400, format!("body: more than {MAX_DEPTH} levels")));
    }
    let verdict = match operation {
        "create_composition" => check_create(body).map(drop),
        "send_composition_event" => check_event(body).map(drop),
        "register_image" => check_image(body).map(drop),
        "register_input" => check_input(body).map(drop),
        "register_output" => check_output(body).and_then(|output| build(output.video.map(|video| video.scene))),
        "update_output" => check_update(body).and_then(|update| match update.schedule_time_ms {
            // The change fails later, without a response.
            Some(_) => Ok(()),
            // An output has at least one kind of media, so an empty update never matches its kinds.
            None if update.video.is_none() && update.audio.is_none() => Err(Refusal::kinds_mismatch()),
            None => build(update.video),
        }),
        "unregister_input" | "unregister_output" | "unregister_image" => check_unregister(body).map(drop),
        _ => return Err((404, "no operation with a JSON body".to_owned())),
    };
    verdict.map_err(|refusal| (refusal.status, refusal.text().to_owned()))
}

/// Builds a scene as if all images were registered.
fn build(scene: Option<Scene>) -> Result<(), Refusal> {
    scene.map_or(Ok(()), |scene| scene.build(|_| true))
}

/// Returns `true` if a value nests deeper. The loop keeps its own stack, because the value can be of any depth.
fn is_deeper_than(max: usize, value: &Value) -> bool {
    let mut pending = vec![(value, 1)];
    while let Some((value, depth)) = pending.pop() {
        if depth > max && (value.is_array() || value.is_object()) {
            return true;
        }
        match value {
            Value::Array(items) => pending.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => pending.extend(members.values().map(|member| (member, depth + 1))),
            _ => {}
        }
    }
    false
}
