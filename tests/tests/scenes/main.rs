//! Scenes: the verdicts of the SDK against those of the contract and of the emulator, which share no code.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

mod builder;
mod exhaustive;
mod generator;
mod mutation;
mod vectors;
mod verdicts;

use fishjam_emulator::check_composition_body;
use serde_json::{Value, json};

/// Returns the status and the message of the emulator for a scene in an update, or `None` if it accepts the scene.
fn emulator_refuses(kind: &str, scene: &Value) -> Option<(u16, String)> {
    check_composition_body("update_output", &json!({ kind: scene })).err()
}
