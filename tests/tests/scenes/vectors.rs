//! The scenes of the contract, with their statuses.

use fishjam_sdk::composition::{AudioMix, Scene};
use serde_json::Value;

const VECTORS: &str = include_str!("../../../fishjam-emulator/src/scene/tests/scene-vectors.json");

#[test]
fn sdk_accepts_exactly_the_valid_scenes_of_the_contract() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 59);
    let mut about_bodies = 0;
    for vector in vectors {
        let (name, body) = (&vector["name"], &vector["body"]);
        let video = body.get("video").map(|scene| Scene::from_json(&scene.to_string()));
        let audio = body.get("audio").map(|mix| AudioMix::from_json(&mix.to_string()));
        // These bodies are wrong because of the parts that they have or lack. Their scenes are right.
        let about_body = !matches!((&video, &audio), (Some(_), Some(_)));
        about_bodies += usize::from(about_body);
        let error = video.and_then(Result::err).or(audio.and_then(Result::err));
        let expected = about_body || vector["status"] == 200;
        assert_eq!(error.is_none(), expected, "{name}: {error:?}");
    }
    assert_eq!(about_bodies, 5);
}
