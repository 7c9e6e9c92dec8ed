//! Server-side composition: mixes inputs into one picture and one sound, and sends the result to outputs.

mod address;
mod client;
mod events;
mod fonts;
mod handle;
mod images;
mod inputs;
mod options;
mod outputs;
mod preview;
mod registered;
mod resolution;
mod scene;
mod template_event;

pub use client::{CompositionClient, CompositionClientBuilder};
pub use events::{
    CompositionEvent, CompositionEvents, CompositionWait, ErrorSeverity, EventOptions, InputEvent, MediaKind,
    OutputDone, OutputError, UnknownEvent,
};
pub use fonts::Font;
pub use handle::Composition;
pub use images::ImageSource;
pub use inputs::{
    CompositionInput, Mp4Input, Mp4InputOptions, RtmpInput, WhepInputOptions, WhipInput, WhipInputOptions,
};
pub use options::CompositionOptions;
pub use outputs::{
    AudioChannels, AudioEncoder, AudioOutput, CompositionOutput, EndCondition, MixingStrategy, OpusEncoder, OpusPreset,
    OpusSampleRate, Output, OutputUpdate, VideoOutput,
};
pub use preview::{ComponentKind, InputSizes, Layout, LayoutBox, Rect};
pub use scene::{
    AspectRatio, AudioMix, BoxShadow, Color, Component, Easing, HorizontalAlign, Image, InputStream, Overflow,
    Position, RescaleMode, Rescaler, Scene, Text, TextStyle, TextWeight, TextWrapMode, Tiles, Transition,
    VerticalAlign, View, ViewDirection,
};
pub use template_event::TemplateEvent;

pub use crate::{
    id::composition::{CompositionId, ImageId, InputId, OutputId},
    secret::{EndpointToken, RtmpUrl, StreamKey},
};
