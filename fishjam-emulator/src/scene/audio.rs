//! Audio scenes.

use serde_json::Value;

use super::node::Node;
use crate::refusal::Refusal;

/// The inputs that an output plays, and their volumes.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    /// The audio scene: `{"inputs": [...]}`. An input can occur several times.
    pub(crate) value: Value,
}

impl Mix {
    /// Checks the volumes of an audio scene, whose shape is already checked.
    pub(super) fn read(scene: &Node<'_>) -> Result<Self, Refusal> {
        if let Some(inputs) = scene.member("inputs") {
            inputs.items().try_for_each(|input| check_volume(&input))?;
        }
        Ok(Mix { value: scene.value().clone() })
    }
}

fn check_volume(input: &Node<'_>) -> Result<(), Refusal> {
    match (input.float("volume"), input.member("volume")) {
        (Some(volume), Some(member)) if !(0.0..=2.0).contains(&volume) => {
            Err(member.malformed("volume must be from 0 to 2"))
        }
        _ => Ok(()),
    }
}
