//! Scenes: the layout of a composition, and their rules.

mod aspect_ratio;
mod audio_mix;
mod box_shadow;
mod choices;
mod color;
mod color_names;
mod component;
mod image;
mod input_stream;
mod json;
mod limits;
mod path;
mod position;
mod rescaler;
mod rules;
#[allow(clippy::module_inception, reason = "the module of the type `Scene`")]
mod scene;
#[cfg(test)]
mod tests;
mod text;
mod tiles;
mod transition;
mod unique_ids;
mod view;

pub use aspect_ratio::AspectRatio;
pub use audio_mix::AudioMix;
pub use box_shadow::BoxShadow;
pub use choices::{
    HorizontalAlign, Overflow, RescaleMode, TextStyle, TextWeight, TextWrapMode, VerticalAlign, ViewDirection,
};
pub use color::Color;
pub use component::Component;
pub use image::Image;
pub use input_stream::InputStream;
pub use position::Position;
pub use rescaler::Rescaler;
pub(in crate::composition) use scene::Body;
pub use scene::Scene;
pub use text::Text;
pub use tiles::Tiles;
pub use transition::{Easing, Transition};
pub use view::View;
