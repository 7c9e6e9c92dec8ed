//! Events of a composition.

use std::fmt;

use crate::{
    error::OneLine,
    extra::Extra,
    id::composition::{InputId, OutputId},
    metadata::Metadata,
};

/// An event of a composition.
///
/// A newer server can send events that are not listed here; see [`Unknown`](Self::Unknown).
///
/// `Display` prints one line for a log. In JSON, an event has the form in which the server sends it, with all members that
/// this version does not know:
///
/// ```
/// use fishjam_sdk::composition::{CompositionEvent, MediaKind};
/// use serde_json::json;
///
/// let json = json!({ "type": "VIDEO_INPUT_PLAYING", "input_id": "camera" });
/// let event: CompositionEvent = serde_json::from_value(json.clone())?;
/// assert!(matches!(&event, CompositionEvent::InputPlaying(input) if input.kind == MediaKind::Video));
/// assert_eq!(serde_json::to_value(&event)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompositionEvent {
    /// The first media of an input arrived. The input does not play yet.
    InputDelivered(InputEvent),
    /// An input started playing, or continued after a pause.
    InputPlaying(InputEvent),
    /// An input paused.
    InputPaused(InputEvent),
    /// An input ended: its connection was lost, its file is over, or it was unregistered.
    InputEnded(InputEvent),
    /// An output ended, by its end condition or because it was unregistered.
    OutputDone(OutputDone),
    /// An output has a problem. Its [`severity`](OutputError::severity) shows whether the output still works.
    OutputError(OutputError),
    /// An event that this version does not know.
    Unknown(UnknownEvent),
}

/// The audio or the video of an input. For an example, see [`CompositionEvent`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputEvent {
    /// The input.
    pub input_id: InputId,
    /// Whether the event is about the input's audio or about its video. An input with both has an event for each.
    pub kind: MediaKind,
    pub(super) extra: Extra,
}

/// The end of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputDone {
    /// The output.
    pub output_id: OutputId,
    pub(super) extra: Extra,
}

/// A problem of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputError {
    /// The output.
    pub output_id: OutputId,
    /// Whether the output still works.
    pub severity: ErrorSeverity,
    /// The server's message, if it sent one.
    pub message: Option<String>,
    /// The server's messages about the causes of the problem, if it sent some.
    pub causes: Vec<String>,
    pub(super) extra: Extra,
}

/// An event that this version does not know.
///
/// `Debug` prints only the length of the JSON, because it may hold personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownEvent {
    /// The member `type` of the event.
    pub kind: String,
    /// The whole event as the server sent it.
    pub json: Metadata,
}

/// The media of an [`InputEvent`]: audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "an input has no other kind of media")]
pub enum MediaKind {
    /// Audio.
    Audio,
    /// Video.
    Video,
}

/// Severity of an [`OutputError`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorSeverity {
    /// The output failed.
    Critical,
    /// The output has a temporary problem.
    Transient,
    /// The output works despite a problem.
    Warning,
    /// A value that this version does not know, as sent by the server.
    Unknown(String),
}

macro_rules! extra {
    ($($name:ident)+) => {$(
        impl $name {
            /// Returns the members of the event that this version of the SDK does not know.
            #[must_use]
            pub fn extra(&self) -> &Extra {
                &self.extra
            }
        }
    )+};
}

extra! { InputEvent OutputDone OutputError }

impl ErrorSeverity {
    pub(super) fn from_server(severity: String) -> Self {
        match severity.as_str() {
            "critical" => Self::Critical,
            "transient" => Self::Transient,
            "warning" => Self::Warning,
            _ => Self::Unknown(severity),
        }
    }

    /// Returns the value as sent by the server.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Critical => "critical",
            Self::Transient => "transient",
            Self::Warning => "warning",
            Self::Unknown(severity) => severity,
        }
    }
}

impl fmt::Display for ErrorSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl CompositionEvent {
    /// Returns the server's name of the event, such as `AUDIO_INPUT_PLAYING`.
    #[must_use]
    pub fn name(&self) -> &str {
        let of_input = |input: &InputEvent, audio, video| match input.kind {
            MediaKind::Audio => audio,
            MediaKind::Video => video,
        };
        match self {
            Self::InputDelivered(input) => of_input(input, "AUDIO_INPUT_DELIVERED", "VIDEO_INPUT_DELIVERED"),
            Self::InputPlaying(input) => of_input(input, "AUDIO_INPUT_PLAYING", "VIDEO_INPUT_PLAYING"),
            Self::InputPaused(input) => of_input(input, "AUDIO_INPUT_PAUSED", "VIDEO_INPUT_PAUSED"),
            Self::InputEnded(input) => of_input(input, "AUDIO_INPUT_EOS", "VIDEO_INPUT_EOS"),
            Self::OutputDone(_) => "OUTPUT_DONE",
            Self::OutputError(_) => "OUTPUT_ERROR",
            Self::Unknown(unknown) => &unknown.kind,
        }
    }

    /// Returns the id of the input, or `None` for events of outputs.
    #[must_use]
    pub fn input_id(&self) -> Option<&InputId> {
        self.input().map(|input| &input.input_id)
    }

    /// Returns the id of the output, or `None` for events of inputs.
    #[must_use]
    pub fn output_id(&self) -> Option<&OutputId> {
        match self {
            Self::OutputDone(output) => Some(&output.output_id),
            Self::OutputError(output) => Some(&output.output_id),
            _ => None,
        }
    }

    /// Returns the content of an event about an input.
    pub(super) fn input(&self) -> Option<&InputEvent> {
        match self {
            Self::InputDelivered(input)
            | Self::InputPlaying(input)
            | Self::InputPaused(input)
            | Self::InputEnded(input) => Some(input),
            Self::OutputDone(_) | Self::OutputError(_) | Self::Unknown(_) => None,
        }
    }
}

/// One line for a log: the name, the id, and the severity and the message of a problem.
impl fmt::Display for CompositionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneLine(self.name()))?;
        if let Some(input) = self.input_id() {
            write!(f, " input={}", OneLine(input.as_str()))?;
        }
        if let Some(output) = self.output_id() {
            write!(f, " output={}", OneLine(output.as_str()))?;
        }
        match self {
            Self::OutputError(error) => {
                write!(f, " severity={}", OneLine(error.severity.as_str()))?;
                error.message.iter().try_for_each(|message| write!(f, " message={}", OneLine(message)))
            }
            Self::Unknown(unknown) => write!(f, " bytes={}", unknown.json.as_str().len()),
            _ => Ok(()),
        }
    }
}
