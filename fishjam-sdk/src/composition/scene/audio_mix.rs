//! The audio scene of an output.

use std::fmt;

use fishjam_api::composition::types;
use serde::{Serialize, Serializer};

use super::{json, rules};
use crate::{error::Result, id::composition::InputId};

/// The audio scene of an output: the inputs that it mixes, each with a volume.
///
/// Only listed inputs are audible. An input that is not registered yet is silent. An input can be listed more than once.
///
/// `AudioMix` serializes to the JSON of the REST API. `Debug` prints no id.
///
/// ```
/// use fishjam_sdk::composition::AudioMix;
///
/// let mix = AudioMix::all(["ada", "bob"]).input_with_volume("music", 0.2);
/// ```
#[derive(Clone)]
pub struct AudioMix {
    wire: types::AudioScene,
}

impl AudioMix {
    /// Creates a mix without inputs, which is silence.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a mix of these inputs at their original volume.
    #[must_use]
    pub fn all(inputs: impl IntoIterator<Item = impl Into<InputId>>) -> Self {
        inputs.into_iter().fold(Self::new(), Self::input)
    }

    /// Appends an input at its original volume. A new mix has no inputs.
    #[must_use]
    pub fn input(self, input_id: impl Into<InputId>) -> Self {
        self.with(input_id.into(), None)
    }

    /// Appends an input with a volume from 0 to 2. The volume 1 is the original volume.
    ///
    /// The methods that send the mix return [`InvalidInput`](crate::ErrorKind::InvalidInput) for other volumes.
    #[must_use]
    pub fn input_with_volume(self, input_id: impl Into<InputId>, volume: f64) -> Self {
        self.with(input_id.into(), Some(volume))
    }

    fn with(mut self, input_id: InputId, volume: Option<f64>) -> Self {
        self.wire.inputs.push(types::AudioSceneInput { input_id: input_id.into(), volume });
        self
    }

    /// Creates a mix from its JSON, such as `{"inputs": [{"input_id": "ada", "volume": 0.5}]}`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the JSON cannot be parsed, or if the server would reject
    /// the mix. The error names the place, such as `inputs[0].volume`, and quotes no string of the JSON.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// use fishjam_sdk::composition::AudioMix;
    ///
    /// let mix = AudioMix::from_json(r#"{ "inputs": [{ "input_id": "ada", "volume": 0.5 }] }"#)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_json(json: &str) -> Result<Self> {
        let mix = Self { wire: json::audio_mix(json)? };
        mix.check()?;
        Ok(mix)
    }

    /// Checks that each volume is from 0 to 2. The methods that send a mix call it.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) for other volumes.
    pub fn check(&self) -> Result<()> {
        rules::check_audio(&self.wire)
    }

    /// Checks the mix and converts it to a part of a request's body.
    pub(in crate::composition) fn into_wire(self) -> Result<types::AudioScene> {
        self.check()?;
        Ok(self.wire)
    }
}

/// Creates a mix without inputs, which is silence.
impl Default for AudioMix {
    fn default() -> Self {
        Self { wire: types::AudioScene { inputs: Vec::new() } }
    }
}

/// Writes the JSON of the mix.
impl Serialize for AudioMix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.wire.serialize(serializer)
    }
}

impl fmt::Debug for AudioMix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioMix").field("inputs", &self.wire.inputs.len()).finish_non_exhaustive()
    }
}
