//! The states of inputs and outputs, as the events report them. Pure.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

use super::event::{CompositionEvent, ErrorSeverity, MediaKind, OutputError};
use crate::{
    error::{Error, OneLine},
    events::Event,
    id::composition::{InputId, OutputId},
    secret::{ManagementToken, redact},
};

/// The number of inputs, and of outputs, whose states are kept. A server can report any number of ids.
const MAX_KEPT: usize = 1024;
/// The longest id whose state is kept, in bytes.
const MAX_ID: usize = 1024;
/// The longest part of the message of a failed output that is kept, in characters.
const MAX_MESSAGE: usize = 1024;

/// The last known states, and the interruptions of the event socket.
#[derive(Debug)]
pub(super) struct States {
    inputs: Kept<InputId, InputState>,
    outputs: Kept<OutputId, OutputState>,
    removals: Removals,
    /// The number of interruptions so far. Each can hide events.
    interruptions: u64,
    /// The reason for the last interruption.
    reason: Option<Error>,
    /// The error that ended the event socket.
    end: Option<Error>,
    /// The token, which no message may contain.
    token: ManagementToken,
}

/// The latest removals by this handle. A waiter that started before a removal ends with it.
///
/// The states alone do not suffice: if the id is used again, a waiter can miss the state before the new registration.
#[derive(Debug, Default)]
struct Removals {
    /// The number of removals so far.
    count: u64,
    /// The number of the latest removal of all objects.
    all: u64,
    /// The numbers of the latest removals.
    inputs: Kept<InputId, u64>,
    outputs: Kept<OutputId, u64>,
}

impl Removals {
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

/// The start of a wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    interruptions: u64,
    removals: u64,
}

/// The states of an input's media.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InputState {
    audio: MediaState,
    video: MediaState,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum MediaState {
    /// No event has reported this kind of media.
    #[default]
    Unseen,
    /// Media has arrived, and does not play.
    Waiting,
    Playing,
    Ended,
}

impl InputState {
    /// Returns `true` if audio or video plays.
    pub(super) fn is_playing(self) -> bool {
        [self.audio, self.video].contains(&MediaState::Playing)
    }

    /// Returns `true` if all media that the events reported has ended.
    pub(super) fn is_ended(self) -> bool {
        let states = [self.audio, self.video];
        let over = |state: &MediaState| matches!(state, MediaState::Ended | MediaState::Unseen);
        states.contains(&MediaState::Ended) && states.iter().all(over)
    }
}

/// The end of an output. It never changes.
#[derive(Clone, Debug)]
pub(super) enum OutputState {
    Done,
    /// The server's message about a critical problem, on one line.
    Failed(String),
}

impl States {
    /// Creates states without a known input or output. The token is removed from messages.
    pub(super) fn new(token: ManagementToken) -> Self {
        Self {
            inputs: Kept::default(),
            outputs: Kept::default(),
            removals: Removals::default(),
            interruptions: 0,
            reason: None,
            end: None,
            token,
        }
    }

    /// Records an item of the stream of events.
    pub(super) fn apply(&mut self, event: Event<CompositionEvent>) {
        match event {
            Event::Notification(event) => self.apply_event(&event),
            Event::Gap(gap) => {
                self.interruptions += 1;
                self.reason = Some(gap.reason);
            }
            Event::Dropped(_) => self.interruptions += 1,
        }
    }

    fn apply_event(&mut self, event: &CompositionEvent) {
        let state = match event {
            CompositionEvent::InputDelivered(_) | CompositionEvent::InputPaused(_) => MediaState::Waiting,
            CompositionEvent::InputPlaying(_) => MediaState::Playing,
            CompositionEvent::InputEnded(_) => MediaState::Ended,
            CompositionEvent::OutputDone(output) => return self.end_output(&output.output_id, || OutputState::Done),
            CompositionEvent::OutputError(error) if error.severity == ErrorSeverity::Critical => {
                let message = self.message(error);
                return self.end_output(&error.output_id, || OutputState::Failed(message));
            }
            CompositionEvent::OutputError(_) | CompositionEvent::Unknown(_) => return,
        };
        if let Some(input) = event.input()
            && let Some(states) = self.inputs.entry(&input.input_id, InputState::default)
        {
            match input.kind {
                MediaKind::Audio => states.audio = state,
                MediaKind::Video => states.video = state,
            }
        }
    }

    /// Records the end of an output. The first end counts: an output that failed is never done.
    fn end_output(&mut self, id: &OutputId, state: impl FnOnce() -> OutputState) {
        let _ = self.outputs.entry(id, state);
    }

    /// Records the end of the event socket. The first error counts.
    pub(super) fn end(&mut self, error: Error) {
        self.end.get_or_insert(error);
    }

    /// Returns the start of the server's message about a problem.
    fn message(&self, error: &OutputError) -> String {
        let message = error.message.as_deref().or(error.causes.first().map(String::as_str)).unwrap_or_default();
        let message = redact(&[self.token.expose()], message);
        OneLine(&message).to_string().chars().take(MAX_MESSAGE).collect()
    }

    pub(super) fn input(&self, id: &InputId) -> InputState {
        self.inputs.get(id).copied().unwrap_or_default()
    }

    pub(super) fn output(&self, id: &OutputId) -> Option<&OutputState> {
        self.outputs.get(id)
    }

    /// Forgets an input, because its id is used again.
    pub(super) fn forget_input(&mut self, id: &InputId) {
        self.inputs.remove(id);
    }

    /// Forgets an output, because its id is used again.
    pub(super) fn forget_output(&mut self, id: &OutputId) {
        self.outputs.remove(id);
    }

    /// Records that an input was unregistered. The server may report no end of media that it has not reported before.
    pub(super) fn remove_input(&mut self, id: &InputId) {
        let number = self.removals.next();
        if let Some(latest) = self.removals.inputs.entry(id, || number) {
            *latest = number;
        }
        if let Some(state) = self.inputs.entry(id, InputState::default) {
            *state = InputState { audio: MediaState::Ended, video: MediaState::Ended };
        }
    }

    /// Records that an output was unregistered. The server may report no end.
    pub(super) fn remove_output(&mut self, id: &OutputId) {
        let number = self.removals.next();
        if let Some(latest) = self.removals.outputs.entry(id, || number) {
            *latest = number;
        }
        self.end_output(id, || OutputState::Done);
    }

    /// Forgets all inputs and outputs, because the composition was reset.
    pub(super) fn remove_all(&mut self) {
        self.removals.all = self.removals.next();
        (self.inputs, self.outputs) = (Kept::default(), Kept::default());
    }

    /// Returns the start of a wait that starts now.
    pub(super) fn mark(&self) -> Mark {
        Mark { interruptions: self.interruptions, removals: self.removals.count }
    }

    /// Returns `true` if this handle removed the input since the mark.
    pub(super) fn is_input_removed(&self, id: &InputId, since: Mark) -> bool {
        self.removals.all.max(self.removals.inputs.get(id).copied().unwrap_or_default()) > since.removals
    }

    /// Returns `true` if this handle removed the output since the mark.
    pub(super) fn is_output_removed(&self, id: &OutputId, since: Mark) -> bool {
        self.removals.all.max(self.removals.outputs.get(id).copied().unwrap_or_default()) > since.removals
    }

    /// Returns `true` if events may be missing since the mark.
    pub(super) fn is_interrupted(&self, since: Mark) -> bool {
        self.interruptions != since.interruptions
    }

    /// Returns the reason for the last interruption.
    pub(super) fn reason(&self) -> Option<&Error> {
        self.reason.as_ref()
    }

    /// Returns the error that ended the event socket.
    pub(super) fn ended(&self) -> Option<&Error> {
        self.end.as_ref()
    }
}

/// The values of the latest ids.
#[derive(Debug)]
struct Kept<K, V> {
    values: HashMap<K, V>,
    /// The ids in the order in which they were added.
    order: VecDeque<K>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: AsRef<str> + Clone + Eq + Hash, V> Kept<K, V> {
    fn get(&self, id: &K) -> Option<&V> {
        self.values.get(id)
    }

    /// Returns the value of an id, which is added if necessary. Returns `None` if the id is too long.
    fn entry(&mut self, id: &K, value: impl FnOnce() -> V) -> Option<&mut V> {
        if id.as_ref().len() > MAX_ID {
            return None;
        }
        if !self.values.contains_key(id) {
            if self.order.len() >= MAX_KEPT
                && let Some(oldest) = self.order.pop_front()
            {
                self.values.remove(&oldest);
            }
            self.order.push_back(id.clone());
        }
        Some(self.values.entry(id.clone()).or_insert_with(value))
    }

    fn remove(&mut self, id: &K) {
        if self.values.remove(id).is_some() {
            self.order.retain(|kept| kept != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states() -> States {
        States::new("sentinel".into())
    }

    fn apply(states: &mut States, kind: &str, id: &str) {
        let member = if kind.starts_with("OUTPUT") { "output_id" } else { "input_id" };
        let json = serde_json::json!({ "type": kind, member: id }).to_string();
        states.apply(Event::Notification(CompositionEvent::from_json(&json).unwrap()));
    }

    fn fail(states: &mut States, id: &str, severity: &str, message: &str) {
        let json = serde_json::json!({ "type": "OUTPUT_ERROR", "output_id": id, "severity": severity, "err": message });
        states.apply(Event::Notification(CompositionEvent::from_json(&json.to_string()).unwrap()));
    }

    #[test]
    fn input_plays_and_ends_by_its_media() {
        for (events, playing, ended) in [
            (&[][..], false, false),
            (&["AUDIO_INPUT_DELIVERED"], false, false),
            (&["AUDIO_INPUT_PLAYING"], true, false),
            (&["AUDIO_INPUT_PLAYING", "AUDIO_INPUT_PAUSED"], false, false),
            (&["AUDIO_INPUT_PLAYING", "VIDEO_INPUT_PAUSED"], true, false),
            (&["AUDIO_INPUT_PLAYING", "AUDIO_INPUT_PAUSED", "AUDIO_INPUT_PLAYING"], true, false),
            (&["AUDIO_INPUT_EOS"], false, true),
            (&["AUDIO_INPUT_PLAYING", "VIDEO_INPUT_DELIVERED", "AUDIO_INPUT_EOS"], false, false),
            (&["AUDIO_INPUT_PLAYING", "VIDEO_INPUT_PLAYING", "AUDIO_INPUT_EOS"], true, false),
            (&["AUDIO_INPUT_PLAYING", "VIDEO_INPUT_PAUSED", "AUDIO_INPUT_EOS", "VIDEO_INPUT_EOS"], false, true),
            // The id is used again.
            (&["AUDIO_INPUT_EOS", "AUDIO_INPUT_PLAYING"], true, false),
        ] {
            let mut states = states();
            events.iter().for_each(|event| apply(&mut states, event, "a"));
            let state = states.input(&"a".into());
            assert_eq!((state.is_playing(), state.is_ended()), (playing, ended), "{events:?}");
            let other = states.input(&"b".into());
            assert!(!other.is_playing() && !other.is_ended());
        }
    }

    #[test]
    fn first_end_of_an_output_counts() {
        let mut states = states();
        for severity in ["transient", "warning", "new"] {
            fail(&mut states, "a", severity, "");
        }
        assert!(states.output(&"a".into()).is_none());
        fail(&mut states, "a", "critical", &"no\nsentinel".repeat(MAX_MESSAGE));
        apply(&mut states, "OUTPUT_DONE", "a");
        let Some(OutputState::Failed(message)) = states.output(&"a".into()) else { panic!("{states:?}") };
        assert!(message.starts_with("no [redacted]no ") && message.len() == MAX_MESSAGE, "{message}");
        assert!(!message.contains("sentinel"));
        apply(&mut states, "OUTPUT_DONE", "b");
        fail(&mut states, "b", "critical", "");
        assert!(matches!(states.output(&"b".into()), Some(OutputState::Done)));
    }

    #[test]
    fn id_that_is_used_again_is_forgotten() {
        let mut states = states();
        for id in ["a", "b"] {
            apply(&mut states, "AUDIO_INPUT_EOS", id);
            apply(&mut states, "OUTPUT_DONE", id);
        }
        states.forget_input(&"a".into());
        states.forget_output(&"a".into());
        assert!(!states.input(&"a".into()).is_ended() && states.output(&"a".into()).is_none());
        assert!(states.input(&"b".into()).is_ended() && states.output(&"b".into()).is_some());
        states.remove_all();
        assert!(!states.input(&"b".into()).is_ended() && states.output(&"b".into()).is_none());
    }

    #[test]
    fn removal_counts_for_waits_that_started_before() {
        let (mut states, id) = (states(), "a");
        let (input, output) = (id.into(), id.into());
        let removed =
            |states: &States, mark| (states.is_input_removed(&input, mark), states.is_output_removed(&output, mark));
        let start = states.mark();
        states.remove_input(&"b".into());
        states.remove_output(&"b".into());
        assert_eq!(removed(&states, start), (false, false));
        states.remove_input(&input);
        assert!(states.input(&input).is_ended() && states.output(&output).is_none());
        states.remove_output(&output);
        assert!(matches!(states.output(&output), Some(OutputState::Done)));
        // A new registration hides the states, but not the removals.
        states.forget_input(&input);
        states.forget_output(&output);
        assert_eq!(removed(&states, start), (true, true));
        let again = states.mark();
        assert_eq!(removed(&states, again), (false, false));
        states.remove_all();
        assert_eq!(removed(&states, again), (true, true));
        assert_eq!(removed(&states, states.mark()), (false, false));
    }

    #[test]
    fn only_the_latest_ids_are_kept() {
        let mut states = states();
        for number in 0..2 * MAX_KEPT {
            apply(&mut states, "AUDIO_INPUT_EOS", &number.to_string());
            apply(&mut states, "OUTPUT_DONE", &number.to_string());
        }
        apply(&mut states, "AUDIO_INPUT_EOS", &"x".repeat(MAX_ID + 1));
        assert_eq!((states.inputs.values.len(), states.inputs.order.len()), (MAX_KEPT, MAX_KEPT));
        assert_eq!((states.outputs.values.len(), states.outputs.order.len()), (MAX_KEPT, MAX_KEPT));
        assert!(states.input(&MAX_KEPT.to_string().into()).is_ended());
        assert!(!states.input(&(MAX_KEPT - 1).to_string().into()).is_ended());
    }
}
