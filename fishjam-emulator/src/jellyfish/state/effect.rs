//! What follows from a change of the state.

use super::Event;
use crate::state::Session;

/// Something that must happen because the state changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Tell the subscribers.
    Notify(Event),
    /// Close the socket through which a peer is connected, with this code and reason.
    CloseSession(Session, u16, &'static str),
    /// Let media do this after a while.
    Media(Happening),
    /// A playlist or a part of one has changed: those who wait for it look again.
    StreamGrew,
    /// When the next purge is due may have changed.
    Reschedule,
}

/// What media does some time after it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// A camera's pictures arrive at an RTSP component.
    CameraArrives { room: String, component: String },
    /// The first playlist with pictures is written.
    Playable { room: String, component: String },
    /// A call cannot be made.
    CallFails { room: String, component: String },
}

/// What a transition did.
#[derive(Debug)]
pub(crate) struct Outcome<T> {
    pub(crate) value: T,
    pub(crate) effects: Vec<Effect>,
}
