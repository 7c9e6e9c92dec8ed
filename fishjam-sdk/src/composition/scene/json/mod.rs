//! Decodes scenes that callers pass as JSON.
//!
//! The generated types could decode themselves, but the errors of their unions quote values and do not name the place.

mod components;
mod members;

use fishjam_api::composition::types;
use serde_json::Value;

use self::members::Members;
use super::path::Path;
use crate::{
    error::{Error, Result},
    json_error::JsonError,
};

/// Decodes a scene. Returns the component that fills the picture, and the number of levels of JSON.
pub(super) fn scene(json: &str) -> Result<(types::Component, usize)> {
    let value = parse(json)?;
    let levels = levels(&value);
    let mut members = Members::of(value, &Path::SCENE)?;
    let root = members.object("root", components::component)?;
    let root = members.required("root", root)?;
    members.end().map(|()| (root, levels))
}

/// Returns the number of objects and arrays that are nested in each other.
fn levels(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(levels).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(levels).max().unwrap_or(0),
        _ => 0,
    }
}

/// Decodes an audio mix.
pub(super) fn audio_mix(json: &str) -> Result<types::AudioScene> {
    let mut members = Members::of(parse(json)?, &Path::SCENE)?;
    let inputs = members.list("inputs", audio_input)?;
    let inputs = members.required("inputs", inputs)?;
    members.end().map(|()| types::AudioScene { inputs })
}

fn audio_input(value: Value, path: &Path<'_>) -> Result<types::AudioSceneInput> {
    let mut members = Members::of(value, path)?;
    let input_id = members.text("input_id")?;
    let input =
        types::AudioSceneInput { input_id: members.required("input_id", input_id)?, volume: members.number("volume")? };
    members.end().map(|()| input)
}

/// Parses JSON text of at most 127 levels.
fn parse(json: &str) -> Result<Value> {
    serde_json::from_str(json).map_err(|e| not_json(&e))
}

/// Returns the error for a string that is not JSON.
pub(super) fn not_json(error: &serde_json::Error) -> Error {
    Error::invalid_input("scene cannot be read").caused_by(JsonError::from(error))
}
