//! Snapshots of compositions for tests.

use std::{fmt, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

use super::{Composition, Input, InputSource, MediaState, Output, Upload};
use crate::scene::{self, Channels, MixingStrategy};

/// Snapshot of a composition, from [`EmulatedComposition::state`](crate::EmulatedComposition::state).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompositionSnapshot {
    /// Whether the composition is started. A reset stops it.
    pub is_started: bool,
    /// Time since the start. `None` before it.
    pub position: Option<Duration>,
    /// Whether outputs do not keep an idle composition alive.
    pub cleanup_without_inputs: bool,
    /// Inputs, in the order of registration.
    pub inputs: Vec<InputSnapshot>,
    /// Outputs, in the order of registration.
    pub outputs: Vec<OutputSnapshot>,
    /// Images, in the order of registration.
    pub images: Vec<ImageSnapshot>,
    /// Fonts, in the order of registration.
    pub fonts: Vec<UploadSnapshot>,
    /// Events that clients sent, oldest first.
    ///
    /// The emulator keeps the newest 65,536 events, and at most 64 MiB of them.
    pub events: Vec<EventSnapshot>,
    /// Number of scheduled changes that are not due yet.
    pub scheduled_changes: usize,
    /// Errors of scheduled changes, oldest first: the newest 1,000.
    pub schedule_errors: Vec<String>,
}

/// Input of a composition.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputSnapshot {
    /// Id of the input.
    pub id: String,
    /// Kind of the input.
    pub kind: InputKind,
    /// Bearer token of a WHIP or WHEP input.
    pub bearer_token: Option<String>,
    /// URL of a WHEP or MP4 input.
    pub url: Option<String>,
    /// Stream key of an RTMP input.
    pub stream_key: Option<String>,
    /// State of the audio.
    pub audio: MediaState,
    /// State of the video.
    pub video: MediaState,
}

/// Kind of a composition's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// A WHIP client sends the media to the composition.
    WhipServer,
    /// The composition receives the media from a WHEP server.
    WhepClient,
    /// The composition plays an MP4 file.
    Mp4,
    /// An RTMP client sends the media to the composition.
    RtmpServer,
    /// The tracks of a peer in a room.
    Forwarded,
}

/// Output of a composition.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct OutputSnapshot {
    /// Id of the output.
    pub id: String,
    /// Kind of the output.
    pub kind: OutputKind,
    /// URL to which the output sends its media.
    pub url: String,
    /// Bearer token for the URL.
    pub bearer_token: Option<String>,
    /// Width and height of the video in pixels. `None` without video.
    pub resolution: Option<(u64, u64)>,
    /// Video scene in force, as sent: `{"root": ...}`. `None` without video.
    pub scene: Option<Value>,
    /// Audio scene in force, as sent: `{"inputs": [...]}`. `None` without audio.
    pub audio: Option<Value>,
    /// Number of audio channels. `None` without audio.
    pub channels: Option<u8>,
    /// Strategy of the mixer: `sum_clip` or `sum_scale`. `None` without audio.
    pub mixing_strategy: Option<&'static str>,
    /// Whether all media of the output ended. The output stays registered.
    pub is_ended: bool,
    /// Template that renders the output.
    pub template: Option<UploadSnapshot>,
}

/// Kind of a composition's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutputKind {
    /// The composition sends the media to a WHIP server.
    WhipClient,
    /// The composition sends the media to an RTMP server.
    RtmpClient,
}

/// Registered image.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageSnapshot {
    /// Id of the image.
    pub id: String,
    /// Type: `png`, `jpeg`, `svg`, `gif` or `auto`.
    pub asset_type: String,
    /// URL of the image. The emulator does not fetch it.
    pub url: String,
}

/// Uploaded template or font. The [`Journal`](crate::Journal) has its content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadSnapshot {
    /// Name of the file.
    pub file_name: String,
    /// Size in bytes.
    pub length: usize,
}

/// Event that a client sent to the templates of a composition.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct EventSnapshot {
    /// Name of the event.
    pub name: String,
    /// Data of the event. `None` if the member was absent, and [`Value::Null`] if it was `null`.
    pub data: Option<Value>,
}

impl Composition {
    pub(crate) fn snapshot(&self, now: Instant) -> CompositionSnapshot {
        let event =
            |event: &scene::EventSpec| EventSnapshot { name: event.event_name.clone(), data: event.data.clone() };
        CompositionSnapshot {
            is_started: self.started.is_some(),
            position: self.started.map(|started| now.saturating_duration_since(started)),
            cleanup_without_inputs: self.cleanup_without_inputs,
            inputs: self.inputs.iter().map(Input::snapshot).collect(),
            outputs: self.outputs.iter().map(Output::snapshot).collect(),
            images: self
                .images
                .iter()
                .map(|image| ImageSnapshot {
                    id: image.id.clone(),
                    asset_type: image.spec.asset_type.clone(),
                    url: image.spec.url.clone(),
                })
                .collect(),
            fonts: self.fonts.iter().map(Upload::snapshot).collect(),
            events: self.events.iter().map(event).collect(),
            scheduled_changes: self.schedule.len(),
            schedule_errors: self.failures.iter().cloned().collect(),
        }
    }
}

impl Input {
    fn snapshot(&self) -> InputSnapshot {
        let (kind, bearer_token, url, stream_key) = match &self.source {
            InputSource::WhipServer { token, .. } => (InputKind::WhipServer, Some(token), None, None),
            InputSource::WhepClient { url, token, .. } => (InputKind::WhepClient, token.as_ref(), Some(url), None),
            InputSource::Mp4 { url, .. } => (InputKind::Mp4, None, Some(url), None),
            InputSource::RtmpServer { stream_key } => (InputKind::RtmpServer, None, None, Some(stream_key)),
            InputSource::Forwarded { .. } => (InputKind::Forwarded, None, None, None),
        };
        InputSnapshot {
            id: self.id.clone(),
            kind,
            bearer_token: bearer_token.cloned(),
            url: url.cloned(),
            stream_key: stream_key.cloned(),
            audio: self.audio,
            video: self.video,
        }
    }
}

impl Output {
    fn snapshot(&self) -> OutputSnapshot {
        let spec = &self.spec;
        OutputSnapshot {
            id: self.id.clone(),
            kind: match spec.kind {
                scene::OutputKind::WhipClient => OutputKind::WhipClient,
                scene::OutputKind::RtmpClient => OutputKind::RtmpClient,
            },
            url: spec.url.clone(),
            bearer_token: spec.bearer_token.clone(),
            resolution: spec.video.as_ref().map(|video| (video.width, video.height)),
            scene: spec.video.as_ref().map(|video| video.scene.value.clone()),
            audio: spec.audio.as_ref().map(|audio| audio.mix.value.clone()),
            channels: spec.audio.as_ref().map(|audio| match audio.channels {
                Channels::Mono => 1,
                Channels::Stereo => 2,
            }),
            mixing_strategy: spec.audio.as_ref().map(|audio| match audio.mixing_strategy {
                MixingStrategy::SumClip => "sum_clip",
                MixingStrategy::SumScale => "sum_scale",
            }),
            is_ended: self.is_ended(),
            template: self.template.as_ref().map(Upload::snapshot),
        }
    }
}

impl Upload {
    fn snapshot(&self) -> UploadSnapshot {
        UploadSnapshot { file_name: self.file_name.clone(), length: self.length }
    }
}

/// Shows no URL, token or stream key.
impl fmt::Debug for InputSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputSnapshot")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("audio", &self.audio)
            .field("video", &self.video)
            .finish_non_exhaustive()
    }
}

/// Shows no URL, no token and no video scene, because a video scene can contain personal data.
impl fmt::Debug for OutputSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputSnapshot")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("resolution", &self.resolution)
            .field("audio", &self.audio)
            .field("channels", &self.channels)
            .field("mixing_strategy", &self.mixing_strategy)
            .field("is_ended", &self.is_ended)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

/// Shows no URL.
impl fmt::Debug for ImageSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageSnapshot")
            .field("id", &self.id)
            .field("asset_type", &self.asset_type)
            .finish_non_exhaustive()
    }
}

/// Shows no data, because it can be personal.
impl fmt::Debug for EventSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSnapshot").field("name", &self.name).finish_non_exhaustive()
    }
}
