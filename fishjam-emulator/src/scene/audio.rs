//! Audio scenes.

use serde_json::Value;

use super::node::Node;
use crate::refusal::Refusal;

/// Which inputs an output plays.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    /// The audio scene: `{"inputs": [...]}`.
    pub(crate) value: Value,
    /// The inputs in the order of the document. An input can occur several times.
    pub(crate) inputs: Vec<MixInput>,
}

/// An input of a mix.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MixInput {
    pub(crate) input_id: String,
    /// A factor from 0 to 2. Defaults to 1.
    pub(crate) volume: f32,
}

impl Mix {
    /// Checks the volumes of an audio scene, whose shape is already checked.
    pub(super) fn read(scene: &Node<'_>) -> Result<Self, Refusal> {
        let mut inputs = Vec::new();
        if let Some(items) = scene.member("inputs") {
            for item in items.items() {
                let volume = item.float("volume").unwrap_or(1.0);
                if let Some(member) = item.member("volume").filter(|_| !(0.0..=2.0).contains(&volume)) {
                    return Err(member.malformed("volume must be from 0 to 2"));
                }
                inputs.push(MixInput { input_id: item.text("input_id").unwrap_or_default().to_owned(), volume });
            }
        }
        Ok(Mix { value: scene.value().clone(), inputs })
    }
}
