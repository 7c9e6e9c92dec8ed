//! Transitions of compositions and their events, in order.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{
    scene::{UpdateSpec, check_output, check_update},
    state::TrackKind::{self, Audio, Video},
};

const MINUTE: Duration = Duration::from_secs(60);

struct Fixture {
    state: State,
    id: String,
    now: Instant,
    effects: Vec<Effect>,
}

impl Fixture {
    fn new(autostart: bool, cleanup_without_inputs: bool) -> Self {
        let mut state = State::new(MINUTE);
        let now = Instant::now();
        let created = state.create_composition(CreateSpec { autostart, cleanup_without_inputs }, now);
        let mut fixture = Fixture { state, id: created.value, now, effects: Vec::new() };
        fixture.settle();
        fixture
    }

    fn settle(&mut self) {
        self.state.settle_compositions(self.now, &mut self.effects);
    }

    /// Changes the state as the service does. Returns the text of an error.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&mut State, &str, Instant) -> Result<Outcome<T>, Refusal>,
    ) -> Result<T, String> {
        let outcome = change(&mut self.state, &self.id, self.now).map_err(|refusal| refusal.text().to_owned())?;
        self.effects.extend(outcome.effects);
        self.settle();
        Ok(outcome.value)
    }

    fn pass(&mut self, by: Duration) {
        self.now += by;
        let effects = self.state.pass_time(self.now);
        self.effects.extend(effects);
    }

    fn input(&mut self, id: &str, source: InputSource) {
        self.change(|state, composition, now| state.register_input(composition, id, source, now)).unwrap();
    }

    fn rtmp_input(&mut self, id: &str) {
        self.input(id, InputSource::RtmpServer { stream_key: String::new() });
    }

    fn mp4_input(&mut self, id: &str, loops: bool, audio: u64, video: u64) {
        let tracks = Mp4Tracks { audio: Some(Duration::from_secs(audio)), video: Some(Duration::from_secs(video)) };
        self.input(id, InputSource::Mp4 { url: String::new(), loops, tracks, playing_since: None });
    }

    fn media(&mut self, input: &str, kind: TrackKind, media: MediaState) {
        let set = |state: &mut State, id: &str, _| Ok(state.set_input_media(id, input, kind, media).unwrap());
        self.change(set).unwrap();
    }

    fn output(&mut self, id: &str, end: Value) {
        let body = json!({
            "type": "rtmp_client", "url": "rtmp://host/app/key",
            "audio": { "initial": { "inputs": [] }, "send_eos_when": end },
        });
        let output = Output::new(id, check_output(&body).unwrap(), None);
        self.change(|state, composition, _| state.register_output(composition, output)).unwrap();
    }

    fn schedule(&mut self, milliseconds: f64, change: ScheduledChange) {
        let schedule = |state: &mut State, id: &str, _| state.change_composition(id, Some(milliseconds), change);
        self.change(schedule).unwrap();
    }

    /// Takes the events since the last call, as strings.
    fn events(&mut self) -> Vec<String> {
        let event = |effect| match effect {
            Effect::Composition { event: CompositionEvent::Input { input, kind, state }, .. } => {
                Some(format!("{kind:?} {state:?} {input}"))
            }
            Effect::Composition { event: CompositionEvent::OutputDone { output }, .. } => {
                Some(format!("Done {output}"))
            }
            Effect::Composition { event: CompositionEvent::OutputFailed { output, severity, error }, .. } => {
                Some(format!("{severity:?} {output} {error}"))
            }
            Effect::Composition { event: CompositionEvent::Deleted, .. } => Some("Deleted".to_owned()),
            _ => None,
        };
        self.effects.drain(..).filter_map(event).collect()
    }

    fn snapshot(&self) -> CompositionSnapshot {
        self.state.compositions.get(&self.id).unwrap().snapshot(self.now)
    }

    fn exists(&self) -> bool {
        self.state.compositions.get(&self.id).is_ok()
    }
}

fn audio_update(input: &str) -> UpdateSpec {
    check_update(&json!({ "audio": { "inputs": [{ "input_id": input }] } })).unwrap()
}

#[test]
fn media_is_delivered_before_it_plays() {
    let mut fixture = Fixture::new(true, true);
    fixture.rtmp_input("a");
    for (kind, media) in [
        (Audio, MediaState::Playing),
        (Audio, MediaState::Playing),
        (Video, MediaState::Delivered),
        (Video, MediaState::Playing),
        (Video, MediaState::Paused),
        (Video, MediaState::Playing),
        (Video, MediaState::Ended),
        (Video, MediaState::Paused),
        (Audio, MediaState::Absent),
    ] {
        fixture.media("a", kind, media);
    }
    let expected = [
        "Audio Delivered a",
        "Audio Playing a",
        "Video Delivered a",
        "Video Playing a",
        "Video Paused a",
        "Video Playing a",
        "Video Ended a",
        "Video Delivered a",
        "Video Paused a",
    ];
    assert_eq!(fixture.events(), expected);
    assert!(fixture.state.set_input_media(&fixture.id, "b", Audio, MediaState::Playing).is_none());
}

#[test]
fn unregistered_input_ends_its_live_media() {
    let mut fixture = Fixture::new(true, true);
    fixture.rtmp_input("a");
    fixture.media("a", Video, MediaState::Playing);
    fixture.events();
    let unregister = |state: &mut State, id: &str, _| {
        state.change_composition(id, None, ScheduledChange::UnregisterInput("a".to_owned()))
    };
    fixture.change(unregister).unwrap();
    assert_eq!(fixture.events(), ["Video Ended a"]);
    assert_eq!(fixture.change(unregister), Err("input a is not registered".to_owned()));
}

#[test]
fn file_plays_from_the_start_to_its_end() {
    let mut fixture = Fixture::new(false, true);
    fixture.mp4_input("once", false, 5, 8);
    fixture.mp4_input("loop", true, 5, 8);
    fixture.pass(MINUTE);
    assert_eq!(fixture.events(), [""; 0]);
    fixture.change(|state, id, now| state.start_composition(id, now)).unwrap();
    assert_eq!(fixture.events().len(), 8);
    fixture.pass(Duration::from_secs(5));
    assert_eq!(fixture.events(), ["Audio Ended once"]);
    assert_eq!(fixture.state.next_composition_event(), Some(fixture.now + Duration::from_secs(3)));
    fixture.pass(Duration::from_secs(3));
    assert_eq!(fixture.events(), ["Video Ended once"]);
    fixture.pass(10 * MINUTE);
    assert_eq!(fixture.events(), [""; 0]);
    // An input of a started composition plays immediately. A second start does not play files again.
    fixture.mp4_input("late", false, 1, 1);
    fixture.change(|state, id, now| state.start_composition(id, now)).unwrap();
    assert_eq!(fixture.events().len(), 4);
}

#[test]
fn output_ends_when_its_condition_is_fulfilled() {
    let mut fixture = Fixture::new(true, true);
    // Without inputs, three conditions are fulfilled at the registration.
    for (id, end) in [
        ("all_inputs", json!({ "all_inputs": true })),
        ("any_of", json!({ "any_of": ["x"] })),
        ("all_of", json!({ "all_of": ["x", "y"] })),
        ("any_input", json!({ "any_input": true })),
        ("never", json!({ "any_input": false })),
        ("absent", Value::Null),
    ] {
        fixture.output(id, end);
    }
    assert_eq!(fixture.events(), ["Done all_inputs", "Done any_of", "Done all_of"]);
    for id in ["a", "b"] {
        fixture.rtmp_input(id);
        fixture.media(id, Audio, MediaState::Playing);
        fixture.media(id, Video, MediaState::Playing);
    }
    fixture.output("any of a b", json!({ "any_of": ["a", "b"] }));
    fixture.output("all of a b", json!({ "all_of": ["a", "b"] }));
    fixture.output("all", json!({ "all_inputs": true }));
    fixture.events();
    // An input ends with the last of its media.
    fixture.media("a", Audio, MediaState::Ended);
    assert_eq!(fixture.events(), ["Audio Ended a"]);
    fixture.media("a", Video, MediaState::Ended);
    assert_eq!(fixture.events(), ["Video Ended a", "Done any_input", "Done any of a b"]);
    // An ended input does not end again when it is unregistered.
    fixture.output("any again", json!({ "any_input": true }));
    let unregister = |id: &str| ScheduledChange::UnregisterInput(id.to_owned());
    fixture.change(|state, id, _| state.change_composition(id, None, unregister("a"))).unwrap();
    assert_eq!(fixture.events(), [""; 0]);
    fixture.change(|state, id, _| state.change_composition(id, None, unregister("b"))).unwrap();
    let ended = ["Audio Ended b", "Video Ended b", "Done all of a b", "Done all", "Done any again"];
    assert_eq!(fixture.events(), ended);
    let live: Vec<_> = fixture.snapshot().outputs.into_iter().filter(|one| !one.is_ended).map(|one| one.id).collect();
    assert_eq!(live, ["never", "absent"]);
}

#[test]
fn output_with_two_kinds_ends_with_the_last_one() {
    let mut fixture = Fixture::new(true, true);
    fixture.rtmp_input("a");
    let body = json!({
        "type": "rtmp_client", "url": "rtmp://host/app/key",
        "audio": { "initial": { "inputs": [] }, "send_eos_when": { "any_of": ["gone"] } },
        "video": {
            "resolution": { "width": 2, "height": 2 }, "initial": { "root": { "type": "view" } },
            "send_eos_when": { "any_of": ["a"] },
        },
    });
    let output = Output::new("o", check_output(&body).unwrap(), None);
    fixture.change(|state, id, _| state.register_output(id, output)).unwrap();
    assert_eq!(fixture.events(), [""; 0]);
    // An update reaches only the video, because the audio ended.
    let root = json!({ "root": { "type": "view", "id": "new" } });
    let update = json!({ "video": root, "audio": { "inputs": [{ "input_id": "a" }] } });
    let change = ScheduledChange::UpdateOutput("o".to_owned(), check_update(&update).unwrap());
    fixture.change(|state, id, _| state.change_composition(id, None, change)).unwrap();
    let output = fixture.snapshot().outputs.remove(0);
    assert_eq!((output.scene, output.audio), (Some(root), Some(json!({ "inputs": [] }))));
    let unregister = ScheduledChange::UnregisterInput("a".to_owned());
    fixture.change(|state, id, _| state.change_composition(id, None, unregister)).unwrap();
    assert_eq!(fixture.events(), ["Done o"]);
}

#[test]
fn tests_end_and_fail_outputs() {
    let mut fixture = Fixture::new(true, true);
    fixture.output("a", Value::Null);
    fixture.output("b", Value::Null);
    for _ in 0..2 {
        fixture.change(|state, id, _| Ok(state.end_output(id, "a").unwrap())).unwrap();
    }
    let fail = |severity| move |state: &mut State, id: &str, _| Ok(state.fail_output(id, "b", severity, "x").unwrap());
    fixture.change(fail(ErrorSeverity::Transient)).unwrap();
    assert!(!fixture.snapshot().outputs[1].is_ended);
    fixture.change(fail(ErrorSeverity::Critical)).unwrap();
    assert!(fixture.snapshot().outputs[1].is_ended);
    assert_eq!(fixture.events(), ["Done a", "Transient b x", "Critical b x"]);
    assert!(fixture.state.end_output(&fixture.id, "c").is_none());
}

#[test]
fn scheduled_changes_follow_the_timeline() {
    let mut fixture = Fixture::new(false, true);
    fixture.output("o", Value::Null);
    let update = |input: &str| ScheduledChange::UpdateOutput("o".to_owned(), audio_update(input));
    fixture.schedule(2_000.0, update("third"));
    fixture.schedule(1_000.0, update("first"));
    fixture.schedule(1_000.0, update("second"));
    fixture.schedule(1_500.5, ScheduledChange::UnregisterImage("i".to_owned()));
    fixture.schedule(f64::MAX, update("never"));
    // The timeline starts with the composition.
    fixture.pass(MINUTE);
    assert_eq!(fixture.snapshot().scheduled_changes, 5);
    fixture.change(|state, id, now| state.start_composition(id, now)).unwrap();
    let mix = |fixture: &Fixture| fixture.snapshot().outputs[0].audio.clone().unwrap()["inputs"].clone();
    fixture.pass(Duration::from_millis(999));
    assert_eq!(mix(&fixture), json!([]));
    fixture.pass(Duration::from_millis(1));
    assert_eq!(mix(&fixture), json!([{ "input_id": "second" }]));
    fixture.pass(Duration::from_millis(501));
    assert_eq!(fixture.snapshot().schedule_errors, ["image i is not registered"]);
    fixture.pass(Duration::from_millis(499));
    assert_eq!(mix(&fixture), json!([{ "input_id": "third" }]));
    // A change in the past is executed immediately.
    fixture.schedule(0.0, update("late"));
    fixture.pass(Duration::ZERO);
    assert_eq!((mix(&fixture), fixture.snapshot().scheduled_changes), (json!([{ "input_id": "late" }]), 1));
}

#[test]
fn errors_of_scheduled_changes_are_limited() {
    let mut fixture = Fixture::new(true, true);
    for number in 0..1_002 {
        fixture.schedule(0.0, ScheduledChange::UnregisterImage(number.to_string()));
    }
    fixture.pass(Duration::ZERO);
    let errors = fixture.snapshot().schedule_errors;
    assert_eq!((errors.len(), errors[0].as_str()), (1_000, "image 2 is not registered"));
}

#[test]
fn composition_without_media_is_deleted_after_five_minutes() {
    let mut fixture = Fixture::new(true, true);
    fixture.output("o", Value::Null);
    fixture.pass(4 * MINUTE);
    fixture.rtmp_input("a");
    fixture.media("a", Audio, MediaState::Playing);
    fixture.pass(60 * MINUTE);
    // Paused media does not count. Its composition is idle from now on, and not since its creation.
    fixture.media("a", Audio, MediaState::Paused);
    fixture.events();
    fixture.pass(5 * MINUTE - Duration::from_nanos(1));
    assert!(fixture.exists());
    fixture.pass(Duration::from_nanos(1));
    assert_eq!((fixture.exists(), fixture.events()), (false, vec!["Deleted".to_owned()]));
    assert_eq!(fixture.state.next_composition_event(), None);
}

#[test]
fn late_change_does_not_shorten_the_idle_time() {
    let mut fixture = Fixture::new(true, true);
    fixture.mp4_input("file", false, 60, 60);
    fixture.rtmp_input("a");
    fixture.media("a", Audio, MediaState::Playing);
    fixture.pass(60 * MINUTE);
    // The time of the change is the start, an hour ago.
    fixture.schedule(0.0, ScheduledChange::UnregisterInput("a".to_owned()));
    fixture.pass(4 * MINUTE);
    assert!(fixture.exists());
    // The file ended an hour ago, so it ends immediately.
    fixture.media("file", Audio, MediaState::Playing);
    fixture.pass(5 * MINUTE - Duration::from_nanos(1));
    assert!(fixture.exists());
    fixture.pass(Duration::from_nanos(1));
    assert!(!fixture.exists());
}

#[test]
fn file_keeps_composition_until_its_end() {
    let mut fixture = Fixture::new(true, true);
    fixture.mp4_input("a", false, 600, 60);
    fixture.pass(15 * MINUTE - Duration::from_secs(1));
    assert!(fixture.exists());
    fixture.pass(Duration::from_secs(1));
    assert!(!fixture.exists());
}

#[test]
fn outputs_keep_composition_if_the_caller_chose_it() {
    let mut fixture = Fixture::new(false, false);
    fixture.output("o", Value::Null);
    fixture.pass(4 * MINUTE);
    // An output sends media only after the start.
    fixture.change(|state, id, now| state.start_composition(id, now)).unwrap();
    fixture.pass(60 * MINUTE);
    assert!(fixture.exists());
    fixture.change(|state, id, _| Ok(state.end_output(id, "o").unwrap())).unwrap();
    fixture.pass(5 * MINUTE);
    assert!(!fixture.exists());
}

#[test]
fn reset_drops_the_contents_and_stops() {
    let mut fixture = Fixture::new(true, true);
    fixture.rtmp_input("a");
    fixture.output("o", Value::Null);
    fixture.schedule(60_000.0, ScheduledChange::UnregisterInput("a".to_owned()));
    fixture.pass(4 * MINUTE);
    fixture.change(|state, id, _| state.reset_composition(id)).unwrap();
    let snapshot = fixture.snapshot();
    assert_eq!((snapshot.is_started, snapshot.position, snapshot.scheduled_changes), (false, None, 0));
    assert!(snapshot.inputs.is_empty() && snapshot.outputs.is_empty());
    // The idle time starts again.
    fixture.pass(5 * MINUTE - Duration::from_secs(1));
    assert!(fixture.exists());
    fixture.change(|state, id, now| state.start_composition(id, now)).unwrap();
    assert_eq!(fixture.snapshot().position, Some(Duration::ZERO));
}

#[test]
fn events_of_all_compositions_have_the_order_of_time() {
    let mut fixture = Fixture::new(true, true);
    fixture.mp4_input("late", false, 20, 30);
    let other =
        fixture.state.create_composition(CreateSpec { autostart: true, cleanup_without_inputs: true }, fixture.now);
    let first = std::mem::replace(&mut fixture.id, other.value);
    fixture.mp4_input("early", false, 10, 25);
    fixture.events();
    fixture.pass(MINUTE);
    let ended = ["Audio Ended early", "Audio Ended late", "Video Ended early", "Video Ended late"];
    assert_eq!(fixture.events(), ended);
    fixture.pass(10 * MINUTE);
    assert_eq!(fixture.events(), ["Deleted", "Deleted"]);
    assert!(fixture.state.compositions.get(&first).is_err());
}

#[test]
fn clock_is_woken_only_when_its_next_event_changes() {
    let mut fixture = Fixture::new(true, true);
    let reschedules =
        |fixture: &mut Fixture| fixture.effects.drain(..).filter(|effect| *effect == Effect::Reschedule).count();
    assert_eq!(reschedules(&mut fixture), 1);
    fixture.rtmp_input("a");
    assert_eq!(reschedules(&mut fixture), 0);
    fixture.schedule(1_000.0, ScheduledChange::UnregisterInput("a".to_owned()));
    assert_eq!(reschedules(&mut fixture), 1);
    fixture.schedule(2_000.0, ScheduledChange::UnregisterInput("a".to_owned()));
    assert_eq!(reschedules(&mut fixture), 0);
}
