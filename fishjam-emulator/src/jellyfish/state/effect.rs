//! The results of transitions.

use super::Event;
use crate::state::Session;

/// An action that must follow a change of the state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Notify the subscribers and the webhook.
    Notify(Event),
    /// Close the socket of a peer with this code and reason.
    CloseSession(Session, u16, &'static str),
    /// Execute this media step later.
    Media(MediaStep),
    /// Wake the requests that wait for a playlist or a part.
    StreamChanged,
    /// Recompute the time of the next purge.
    Reschedule,
}

/// A delayed effect of media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MediaStep {
    /// An RTSP component receives the video of its source.
    RtspConnected { room: String, component: String },
    /// An HLS component writes its first playlist.
    Playable { room: String, component: String },
    /// A call of a SIP component fails.
    CallFailed { room: String, component: String },
}

/// The result of a transition.
pub(crate) type Outcome<T> = crate::state::Outcome<T, Effect>;
