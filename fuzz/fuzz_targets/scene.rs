//! Fuzzes the check of scenes. No input makes it panic, it rejects exactly the scenes that the emulator rejects, and the
//! SDK's own JSON of an accepted scene is accepted again and stays the same.

#![no_main]

use fishjam_emulator::check_composition_body;
use fishjam_sdk::composition::{AudioMix, Scene};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let scene = Scene::from_json(text);
    let mix = AudioMix::from_json(text);
    if let Ok(unchecked) = Scene::from_json_unchecked(text) {
        assert!(unchecked.check().is_ok());
        let sent = serde_json::to_string(&unchecked).expect("a raw scene is valid JSON");
        assert_eq!(sent, text.trim_matches([' ', '\t', '\r', '\n']));
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        assert!(scene.is_err() && mix.is_err());
        return;
    };
    assert_eq!(scene.is_ok(), emulator_accepts("video", &value), "{scene:?}");
    assert_eq!(mix.is_ok(), emulator_accepts("audio", &value), "{mix:?}");
    if let Ok(scene) = scene {
        let sent = serde_json::to_value(&scene).expect("a checked scene is valid JSON");
        let again = Scene::from_json(&sent.to_string()).expect("the SDK accepts its own scene");
        assert!(is_same(&serde_json::to_value(&again).expect("a checked scene is valid JSON"), &sent));
    }
    if let Ok(mix) = mix {
        let sent = serde_json::to_value(&mix).expect("a checked mix is valid JSON");
        let again = AudioMix::from_json(&sent.to_string()).expect("the SDK accepts its own mix");
        assert!(is_same(&serde_json::to_value(&again).expect("a checked mix is valid JSON"), &sent));
    }
});

fn emulator_accepts(kind: &str, scene: &Value) -> bool {
    // An update without a kind is valid here, and `null` is the same as no kind.
    !scene.is_null() && check_composition_body("update_output", &json!({ kind: scene })).is_ok()
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
            (Some(one), Some(other)) => (one - other).abs() <= one.abs().max(f64::MIN_POSITIVE) * 1e-15,
            _ => false,
        },
        _ => one == other,
    }
}
