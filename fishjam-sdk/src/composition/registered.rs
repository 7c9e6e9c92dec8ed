//! The ids that a handle registered, because the API has no operation that lists them.

use std::collections::BTreeMap;

use crate::id::composition::{InputId, OutputId};

/// The inputs and outputs that a handle registered.
#[derive(Debug, Default)]
pub(super) struct Registered {
    pub(super) inputs: BTreeMap<InputId, ()>,
    pub(super) outputs: BTreeMap<OutputId, ()>,
}
