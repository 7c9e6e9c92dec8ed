//! Server-side composition: mixes inputs into one picture and one sound, and sends the result to outputs.

mod address;
mod client;
mod events;
mod handle;
mod inputs;
mod options;
mod outputs;
mod preview;
mod registered;
mod scene;

pub use client::{CompositionClient, CompositionClientBuilder};
pub use events::{
    CompositionEvent, CompositionEvents, CompositionWait, ErrorSeverity, EventOptions, InputEvent, MediaKind,
    OutputDone, OutputError, UnknownEvent,
};
pub use handle::Composition;
pub use inputs::CompositionInput;
pub use options::CompositionOptions;
pub use outputs::CompositionOutput;
pub use scene::{
    AspectRatio, AudioMix, BoxShadow, Color, Component, Easing, HorizontalAlign, Image, InputStream, Overflow,
    Position, RescaleMode, Rescaler, Scene, Text, TextStyle, TextWeight, TextWrapMode, Tiles, Transition,
    VerticalAlign, View, ViewDirection,
};

pub use crate::{
    id::composition::{CompositionId, ImageId, InputId, OutputId},
    secret::{EndpointToken, RtmpUrl, StreamKey},
};
