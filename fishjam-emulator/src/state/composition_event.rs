//! The events that compositions emit on their event socket, and the states in them.

use super::TrackKind;

/// An event of a composition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CompositionEvent {
    /// The media of an input has a new state, which is not [`MediaState::Absent`].
    Input {
        input: String,
        kind: TrackKind,
        state: MediaState,
    },
    /// All media of an output ended.
    OutputDone {
        output: String,
    },
    OutputFailed {
        output: String,
        severity: ErrorSeverity,
        error: String,
    },
    /// The composition was deleted. Its sockets close.
    Deleted,
}

/// Severity of an output's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorSeverity {
    /// The output ends.
    Critical,
    /// The output continues after an interruption.
    Transient,
    /// The output continues.
    Warning,
}

/// State of the audio or the video of a composition's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaState {
    /// No media arrived yet.
    #[default]
    Absent,
    /// The first media arrived.
    Delivered,
    /// The composition plays the media.
    Playing,
    /// The media is paused.
    Paused,
    /// The media ended.
    Ended,
}

impl MediaState {
    /// Returns `true` if media arrives.
    pub(super) fn flows(self) -> bool {
        matches!(self, MediaState::Delivered | MediaState::Playing)
    }

    pub(super) fn is_live(self) -> bool {
        self.flows() || self == MediaState::Paused
    }
}
