//! The end condition of an output.

use fishjam_api::composition::types;

use crate::{error::Result, id::composition::InputId};

/// The condition on which the video or the audio of an output ends. Without a condition, it ends when you unregister
/// the output.
///
/// After its end, the output stays registered. The server accepts and ignores its updates.
///
/// ```
/// use fishjam_sdk::composition::EndCondition;
///
/// let condition = EndCondition::any_of(["camera", "screen"]);
/// assert_eq!(condition, EndCondition::AnyOf(vec!["camera".into(), "screen".into()]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndCondition {
    /// Any of these inputs has ended, or was never registered.
    AnyOf(Vec<InputId>),
    /// All of these inputs have ended, or were never registered.
    AllOf(Vec<InputId>),
    /// Any input ends after the registration of the output.
    AnyInput,
    /// No input exists any more. This is immediately true for an output that is registered before the first input.
    ///
    /// An input that was registered and never delivered media also counts. To ignore it, use [`AllOf`](Self::AllOf) or
    /// unregister it.
    AllInputs,
}

impl EndCondition {
    /// Creates [`AnyOf`](Self::AnyOf) with these inputs.
    #[must_use]
    pub fn any_of(inputs: impl IntoIterator<Item = impl Into<InputId>>) -> Self {
        Self::AnyOf(inputs.into_iter().map(Into::into).collect())
    }

    /// Creates [`AllOf`](Self::AllOf) with these inputs.
    #[must_use]
    pub fn all_of(inputs: impl IntoIterator<Item = impl Into<InputId>>) -> Self {
        Self::AllOf(inputs.into_iter().map(Into::into).collect())
    }

    pub(super) fn into_wire(self) -> Result<types::OutputEndCondition> {
        let ids = |ids: Vec<InputId>| ids.iter().map(|id| Ok(id.value()?.to_owned())).collect::<Result<Vec<_>>>();
        let wire = types::OutputEndCondition::default();
        Ok(match self {
            Self::AnyOf(inputs) => types::OutputEndCondition { any_of: Some(ids(inputs)?), ..wire },
            Self::AllOf(inputs) => types::OutputEndCondition { all_of: Some(ids(inputs)?), ..wire },
            Self::AnyInput => types::OutputEndCondition { any_input: Some(true), ..wire },
            Self::AllInputs => types::OutputEndCondition { all_inputs: Some(true), ..wire },
        })
    }
}
