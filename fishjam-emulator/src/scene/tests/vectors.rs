use super::*;

/// 59 updates of an output with video and audio, with the status of each.
const VECTORS: &str = include_str!("scene-vectors.json");

#[test]
fn update_verdicts_match_the_contract() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 59);
    for vector in vectors {
        let (status, message) = verdict("update_output", &vector["body"]);
        // The kinds of the output are state.
        if vector["name"] == "only_video" || vector["name"] == "only_audio" {
            assert_eq!((status, &vector["status"]), (200, &json!(400)));
        } else {
            assert_eq!(status, vector["status"], "{} {message}", vector["name"]);
        }
    }
}

#[test]
fn register_verdicts_match_the_contract() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let mut checked = 0;
    for vector in vectors {
        let (Some(video), Some(audio)) = (vector["body"].get("video"), vector["body"].get("audio")) else { continue };
        let output = json!({
            "type": "whip_client",
            "endpoint_url": "https://host/whip",
            "video": { "resolution": { "width": 1280, "height": 720 }, "initial": video },
            "audio": { "initial": audio },
        });
        assert_eq!(verdict("register_output", &output).0, vector["status"], "{}", vector["name"]);
        checked += 1;
    }
    assert_eq!(checked, 54);
}
