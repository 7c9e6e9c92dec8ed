//! The events that compositions emit on their event socket.

use super::MediaState;
use crate::state::TrackKind;

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
