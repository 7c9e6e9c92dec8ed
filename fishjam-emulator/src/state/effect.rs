//! The results of transitions.

use super::{Event, Session, composition_event::CompositionEvent};

/// An action that must follow a change of the state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Notify the subscribers and the webhook.
    Notify(Event),
    /// Close the socket of a peer with this code and reason.
    CloseSession(Session, u16, &'static str),
    /// Finish a stopped recording later.
    ConcludeRecording(String),
    /// Send an event to the event sockets of a composition.
    Composition { composition: String, event: CompositionEvent },
    /// The time of the next event of the clock changed.
    Reschedule,
}

/// The result of a transition.
#[derive(Debug)]
pub(crate) struct Outcome<T, E = Effect> {
    pub(crate) value: T,
    pub(crate) effects: Vec<E>,
}

impl<T> Outcome<T> {
    /// Replaces the value.
    pub(crate) fn with<U>(self, value: U) -> Outcome<U> {
        Outcome { value, effects: self.effects }
    }
}
