//! Server-side composition: mixes inputs into one picture and one sound, and sends the result to outputs.

mod events;
mod preview;
mod scene;

pub use preview::{ComponentKind, InputSizes, Layout, LayoutBox, Rect};
pub use scene::{
    AspectRatio, AudioMix, BoxShadow, Color, Component, Easing, HorizontalAlign, Image, InputStream, Overflow,
    Position, RescaleMode, Rescaler, Scene, Text, TextStyle, TextWeight, TextWrapMode, Tiles, Transition,
    VerticalAlign, View, ViewDirection,
};
