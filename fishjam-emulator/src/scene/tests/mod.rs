//! The verdicts about whole bodies.

mod components;
mod outputs;
mod resources;
mod shapes;
mod vectors;

use serde_json::{Value, json};

use super::*;

/// Returns the status and the message, or 200 and an empty message.
fn verdict(operation: &str, body: &Value) -> (u16, String) {
    check_composition_body(operation, body).err().unwrap_or_else(|| (200, String::new()))
}

/// Returns the verdict about a scene with this root, as an immediate update.
fn scene(root: Value) -> (u16, String) {
    verdict("update_output", &json!({ "video": { "root": root } }))
}

/// Asserts that a scene is accepted.
#[track_caller]
fn accepts(root: Value) {
    assert_eq!(scene(root.clone()), (200, String::new()), "{root}");
}

/// Asserts that a scene is rejected with a status. The message begins with the path below `video`.
#[track_caller]
fn rejects(root: Value, status: u16, path: &str) {
    let (actual, message) = scene(root.clone());
    assert_eq!(actual, status, "{root} {message}");
    assert!(message.starts_with(&format!("video.{path}: ")), "{root} {message}");
}

/// Breaks members in the order of the rules, and asserts that the first broken rule decides.
///
/// Each breach is a path to the error and the members that break the rule.
#[track_caller]
fn breaks_in_order(base: &Value, breaches: &[(&str, Value)]) {
    for first in 0..breaches.len() {
        let mut root = base.clone();
        for (_, members) in breaches[first..].iter().rev() {
            root.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        }
        rejects(root, 400, breaches[first].0);
    }
}
