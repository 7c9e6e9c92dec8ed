//! Outputs of a composition.

use super::handle::Composition;
use crate::id::composition::OutputId;

/// An output of a composition: its id and the handle of its composition.
///
/// Dropping it does not change the composition.
#[derive(Clone, Debug)]
pub struct CompositionOutput {
    pub(super) composition: Composition,
    pub(super) id: OutputId,
}

impl CompositionOutput {
    /// Returns the id of the output.
    #[must_use]
    pub fn id(&self) -> &OutputId {
        &self.id
    }

    /// Returns the handle of the composition.
    #[must_use]
    pub fn composition(&self) -> &Composition {
        &self.composition
    }
}
