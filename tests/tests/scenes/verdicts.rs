//! Random JSON: the SDK rejects exactly the scenes that the emulator rejects.

use std::cell::Cell;

use fishjam_sdk::{
    ErrorKind,
    composition::{AudioMix, Scene},
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{
    emulator_refuses,
    generator::{audio_scene, component, deep_component},
    mutation::{Mutation, mutation},
};

/// Number of scenes that a test generates.
const CASES: u32 = 4_000;
/// Number of deep scenes, which are slow.
const DEEP_CASES: u32 = 500;

/// Scenes with each verdict of the emulator. A test needs enough of each.
#[derive(Default)]
struct Verdicts {
    accepted: Cell<u32>,
    broke_a_rule: Cell<u32>,
    misfit: Cell<u32>,
}

impl Verdicts {
    fn count(&self, refusal: Option<&(u16, String)>) {
        let counter = match refusal {
            None => &self.accepted,
            Some((400, _)) => &self.broke_a_rule,
            Some((422, _)) => &self.misfit,
            Some(other) => panic!("unexpected verdict: {other:?}"),
        };
        counter.set(counter.get() + 1);
    }

    /// Checks that each verdict occurred in this percentage of the scenes.
    fn require(&self, percentages: [u32; 3]) {
        let counts = [self.accepted.get(), self.broke_a_rule.get(), self.misfit.get()];
        let all: u32 = counts.iter().sum();
        for (count, percentage) in counts.into_iter().zip(percentages) {
            assert!(count >= all * percentage / 100, "accepted, 400, 422: {counts:?}");
        }
    }
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// Returns the place at the start of an error's message, such as `root.children[1]`.
fn place(message: &str) -> &str {
    let place = message.strip_prefix("invalid scene at ").unwrap_or(message);
    place.split_once(": ").map_or(place, |(place, _)| place)
}

/// Compares JSON. serde_json can round a number with many digits or a large exponent to a neighboring `f64`.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_same = |((name, one), (other_name, other))| name == other_name && is_same(one, other);
            one.len() == other.len() && one.iter().zip(other).all(is_same)
        }
        (Value::Number(one), Value::Number(other)) => match (one.as_f64(), other.as_f64()) {
            (Some(one), Some(other)) => (one - other).abs() <= one.abs() * 1e-15,
            _ => false,
        },
        _ => one == other,
    }
}

/// Compares the verdicts for a video scene.
fn compare_video(scene: &Value, verdicts: &Verdicts) -> Result<(), TestCaseError> {
    let refusal = emulator_refuses("video", scene);
    verdicts.count(refusal.as_ref());
    match (Scene::from_json(&scene.to_string()), refusal) {
        (Ok(ours), None) => {
            let sent = serde_json::to_value(&ours).expect("a checked scene is JSON");
            prop_assert_eq!(emulator_refuses("video", &sent), None);
            let again = Scene::from_json(&sent.to_string()).expect("the SDK accepts its own scene");
            prop_assert!(is_same(&serde_json::to_value(&again).expect("a checked scene is JSON"), &sent));
        }
        (Err(error), Some((status, message))) => {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
            // The first broken rule decides. The order of two wrong types is not defined.
            if status == 400 && !message.contains("levels") {
                let ours = place(error.message().unwrap_or_default());
                let theirs = place(message.strip_prefix("video.").unwrap_or(&message));
                prop_assert!(ours == theirs || ours == format!("{theirs}.id"), "{error:#}\nemulator: {message}");
            }
        }
        (ours, refusal) => prop_assert!(false, "{scene}\nSDK: {ours:?}\nemulator: {refusal:?}"),
    }
    Ok(())
}

#[test]
fn verdicts_on_random_scenes_are_equal() {
    let verdicts = Verdicts::default();
    runner(CASES).run(&component(), |root| compare_video(&json!({ "root": root }), &verdicts)).unwrap();
    verdicts.require([50, 3, 1]);
}

#[test]
fn verdicts_on_changed_scenes_are_equal() {
    let verdicts = Verdicts::default();
    let scenes =
        (component(), vec(mutation(), 1..3)).prop_map(|(root, mutations)| changed(json!({ "root": root }), &mutations));
    runner(CASES).run(&scenes, |scene| compare_video(&scene, &verdicts)).unwrap();
    verdicts.require([5, 0, 30]);
}

#[test]
fn verdicts_on_deep_scenes_are_equal() {
    let verdicts = Verdicts::default();
    let scenes = deep_component().prop_map(|root| json!({ "root": root }));
    runner(DEEP_CASES).run(&scenes, |scene| compare_video(&scene, &verdicts)).unwrap();
    verdicts.require([5, 20, 0]);
}

#[test]
fn verdicts_on_audio_mixes_are_equal() {
    let verdicts = Verdicts::default();
    let scenes = (audio_scene(), vec(mutation(), 0..2)).prop_map(|(scene, mutations)| changed(scene, &mutations));
    runner(CASES)
        .run(&scenes, |scene| {
            let refusal = emulator_refuses("audio", &scene);
            verdicts.count(refusal.as_ref());
            let ours = AudioMix::from_json(&scene.to_string());
            prop_assert_eq!(ours.is_ok(), refusal.is_none(), "{}\nSDK: {:?}\nemulator: {:?}", scene, ours, refusal);
            if let Ok(ours) = ours {
                let sent = serde_json::to_value(&ours).expect("a mix is JSON");
                prop_assert_eq!(emulator_refuses("audio", &sent), None);
            }
            Ok(())
        })
        .unwrap();
    verdicts.require([20, 3, 10]);
}

fn changed(mut scene: Value, mutations: &[Mutation]) -> Value {
    mutations.iter().for_each(|mutation| mutation.apply(&mut scene));
    scene
}
