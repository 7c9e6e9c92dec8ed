//! Inputs of a composition.

use super::handle::Composition;
use crate::id::composition::InputId;

/// An input of a composition: its id and the handle of its composition.
///
/// Dropping it does not change the composition.
#[derive(Clone, Debug)]
pub struct CompositionInput {
    pub(super) composition: Composition,
    pub(super) id: InputId,
}

impl CompositionInput {
    /// Returns the id of the input.
    #[must_use]
    pub fn id(&self) -> &InputId {
        &self.id
    }

    /// Returns the handle of the composition.
    #[must_use]
    pub fn composition(&self) -> &Composition {
        &self.composition
    }
}
