//! Server-side composition: mixes inputs into one picture and one sound (feature `composition`).
//!
//! A composition has inputs, such as the peers of a room or an MP4 file. It mixes them by a scene and an audio mix. It
//! sends
//! the result to outputs, such as a livestream or an RTMP server.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! # let emulator = fishjam_emulator::Emulator::start().await?;
//! # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
//! # let room = fishjam.create_room(Default::default()).await?;
//! # let stream = fishjam.create_stream(Default::default()).await?;
//! # let streamer_token = fishjam.create_streamer(&stream.id).await?.token;
//! use fishjam_sdk::composition::{AudioMix, InputStream, Output, Scene, Tiles, VideoOutput};
//!
//! let composition = fishjam.compositions().create(Default::default()).await?;
//! fishjam.forward_room_tracks(&room.id, composition.address()).await?;
//!
//! // Fishjam chooses the ids of the inputs that receive the peers.
//! let info = fishjam.get_room(&room.id).await?.composition_info()?;
//! let inputs: Vec<_> = info.iter().flat_map(|info| &info.forwardings).map(|one| one.input_id.as_str()).collect();
//!
//! let scene = Scene::new(Tiles::new().children(inputs.iter().copied().map(InputStream::new)).margin(8.0));
//! let output = Output::whip(fishjam.livestream_whip_url(), streamer_token)
//!     .video(VideoOutput::new(1280, 720, scene)?)
//!     .audio(AudioMix::all(inputs));
//! composition.register_output("main", output).await?;
//! composition.delete().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The notification [`TrackForwarding`](crate::events::TrackForwarding) reports the input of each peer, also of peers
//! that join
//! later.
//!
//! | task | start at |
//! |---|---|
//! | create a client | [`FishjamClient::compositions`](crate::FishjamClient::compositions), [`CompositionClient::from_env`] |
//! | create a composition, or find one again | [`CompositionClient::create`], [`CompositionClient::adopt`] |
//! | receive the peers of a room | [`forward_room_tracks`](crate::FishjamClient::forward_room_tracks), [`Composition::address`] |
//! | receive other media | [`Composition::register_whip_input`], [`Composition::register_mp4_input`] |
//! | lay out the picture | [`Scene`], [`Tiles`], [`View`], [`Rescaler`], [`Text`], [`Image`], [`InputStream`] |
//! | mix the sound | [`AudioMix`] |
//! | see a layout without a server | [`Scene::layout`] |
//! | send the result | [`Composition::register_output`], [`Output`] |
//! | render with your own template | [`Composition::register_template_output`], [`Composition::send_event`] |
//! | record an output | [`Composition::recording_of`] |
//! | wait for events | [`Composition::events`], [`CompositionOutput::done`], [`CompositionInput::playing`] |
//!
//! Everything has a time limit and retries: see [`CompositionClient`]. Nothing is lost: the error of a failed registration
//! names the object that may exist ([`Error::possible_object`](crate::Error::possible_object)).

mod address;
mod client;
mod events;
mod fonts;
mod handle;
mod images;
mod inputs;
mod media_kinds;
mod options;
mod outputs;
mod preview;
mod registered;
mod registration;
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
