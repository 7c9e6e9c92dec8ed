//! Tests of the rules, of the builder and of JSON.

mod builder;
mod depth;
mod json;
mod numbers;
mod rules;

use super::{AudioMix, Scene};
use crate::error::{Error, ErrorKind};

/// Returns the message of an error, which must be about the input.
#[track_caller]
fn message(error: &Error) -> String {
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:#}");
    error.message().unwrap_or_default().to_owned()
}

/// Checks that a component is accepted as the root of a scene.
#[track_caller]
fn accept(root: serde_json::Value) {
    let json = serde_json::json!({ "root": root }).to_string();
    if let Err(error) = Scene::from_json(&json) {
        panic!("{json}: {error:#}");
    }
}

/// Checks that a component is refused as the root of a scene, with this place and this part of the problem.
#[track_caller]
fn refuse(root: serde_json::Value, place: &str, problem: &str) {
    let json = serde_json::json!({ "root": root }).to_string();
    let message = message(&Scene::from_json(&json).expect_err(&json));
    assert!(message.starts_with(&format!("invalid scene at {place}: ")), "{json}: {message}");
    assert!(message.contains(problem), "{json}: {message}");
}

/// Checks that an audio mix is refused, with this place and this part of the problem.
#[track_caller]
fn refuse_mix(mix: serde_json::Value, place: &str, problem: &str) {
    let message = message(&AudioMix::from_json(&mix.to_string()).expect_err("the mix is invalid"));
    assert!(message.starts_with(&format!("invalid scene{place}: ")) && message.contains(problem), "{mix}: {message}");
}
