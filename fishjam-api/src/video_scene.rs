//! Scenes of compositions: a component tree, or JSON of the caller.

use serde::Serialize;

use crate::{RawJson, composition::types};

/// The video scene of an output.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum VideoScene {
    /// A tree of components.
    Tree {
        /// The component that fills the picture.
        root: Box<types::Component>,
    },
    /// JSON that is sent as it is.
    Json(RawJson),
}
