//! The types of compositions: inputs, outputs, images, fonts and events.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    log::Log,
    scene::{EventSpec, ImageSpec, OutputSpec, UpdateSpec},
    state::composition_event::MediaState,
};

/// A composition that the emulator serves.
#[derive(Debug)]
pub(crate) struct Composition {
    pub(crate) id: String,
    /// The time of `start`, which is the origin of the timeline. `None` before it.
    pub(crate) started: Option<Instant>,
    /// Whether outputs do not keep an idle composition alive.
    pub(crate) cleanup_without_inputs: bool,
    /// The number of resets. Each one drops the contents.
    pub(crate) resets: u64,
    /// In the order of registration.
    pub(crate) inputs: Vec<Input>,
    /// In the order of registration.
    pub(crate) outputs: Vec<Output>,
    pub(crate) images: Vec<Image>,
    pub(crate) fonts: Vec<Upload>,
    /// The events of clients, which a real composition delivers to its templates.
    pub(crate) events: Log<EventSpec>,
    /// The tracks of MP4 files by URL, which tests set.
    pub(super) mp4_files: HashMap<String, Mp4Tracks>,
    /// The scheduled changes by their times since the start and their numbers.
    ///
    /// Changes at the same time have the order of their requests.
    pub(super) schedule: BTreeMap<(Duration, u64), ScheduledChange>,
    pub(super) schedules_created: u64,
    /// The errors of scheduled changes.
    pub(super) failures: VecDeque<String>,
    /// The time since when the composition is idle. `None` if it is not idle.
    pub(super) idle_since: Option<Instant>,
}

/// An input of a composition.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) id: String,
    pub(crate) source: InputSource,
    pub(crate) audio: MediaState,
    pub(crate) video: MediaState,
}

/// The source of an input.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum InputSource {
    WhipServer {
        token: String,
        video: bool,
    },
    WhepClient {
        url: String,
        token: Option<String>,
        video: bool,
    },
    Mp4 {
        url: String,
        loops: bool,
        tracks: Mp4Tracks,
        playing_since: Option<Instant>,
    },
    RtmpServer {
        stream_key: String,
    },
    /// The tracks of a peer in a room. The service registers these inputs, not the caller.
    Forwarded {
        room: String,
        peer: String,
    },
}

/// Shows no URL, token or stream key.
impl fmt::Debug for InputSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InputSource::WhipServer { .. } => "WhipServer",
            InputSource::WhepClient { .. } => "WhepClient",
            InputSource::Mp4 { .. } => "Mp4",
            InputSource::RtmpServer { .. } => "RtmpServer",
            InputSource::Forwarded { .. } => "Forwarded",
        })
    }
}

/// The durations of the tracks of an MP4 file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mp4Tracks {
    pub(crate) audio: Option<Duration>,
    pub(crate) video: Option<Duration>,
}

impl Default for Mp4Tracks {
    /// Returns ten seconds of both, which is an assumption: the emulator does not fetch the file.
    fn default() -> Self {
        let duration = Some(Duration::from_secs(10));
        Mp4Tracks { audio: duration, video: duration }
    }
}

/// An output of a composition.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) id: String,
    /// The registration. The scenes in it are those in force.
    pub(crate) spec: OutputSpec,
    pub(crate) ended: EndedMedia,
    /// The template that renders the output instead of the scenes.
    pub(crate) template: Option<Upload>,
}

/// The media of an output that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EndedMedia {
    pub(crate) video: bool,
    pub(crate) audio: bool,
}

impl Output {
    pub(crate) fn new(id: &str, spec: OutputSpec, template: Option<Upload>) -> Self {
        Output { id: id.to_owned(), spec, ended: EndedMedia::default(), template }
    }

    /// Returns `true` if all media of the output ended.
    pub(crate) fn is_ended(&self) -> bool {
        (self.spec.video.is_none() || self.ended.video) && (self.spec.audio.is_none() || self.ended.audio)
    }
}

/// A registered image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) id: String,
    pub(crate) spec: ImageSpec,
}

/// An uploaded file. The emulator does not keep its content; the journal does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) file_name: String,
    pub(crate) length: usize,
}

/// A change that can be scheduled.
#[derive(Clone, Debug)]
pub(crate) enum ScheduledChange {
    UpdateOutput(String, UpdateSpec),
    UnregisterOutput(String),
    UnregisterInput(String),
    UnregisterImage(String),
}
