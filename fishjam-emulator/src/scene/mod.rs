//! The check of the JSON bodies of the composition API, without any state of the server.
//!
//! Each check has two parts. The first part compares the body with the schema (`shape`, status 422). The second part
//! applies the rules in the order of the server and returns the first error (status 400).

mod audio;
mod color;
mod component;
mod node;
mod output;
mod resource;
mod schemas;
mod shape;
mod transition;
mod url;
mod verdict;
mod video;

#[cfg(test)]
mod tests;

pub(crate) use output::{
    Channels, EndCondition, MixingStrategy, OutputKind, OutputSpec, UpdateSpec, check_output, check_update,
};
pub(crate) use resource::{
    CreateSpec, EventSpec, ImageSpec, InputSpec, check_create, check_event, check_image, check_input, check_unregister,
};
pub use verdict::check_composition_body;
pub(crate) use video::Scene;
