use super::*;

/// 59 updates of an output with video and audio, with the status of each.
const VECTORS: &str = include_str!("scene-vectors.json");

#[test]
fn update_verdicts_match_the_contract() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 59);
    for vector in vectors {
        let status = match check_update(&vector["body"]) {
            Err(refusal) => refusal.status,
            // The kinds of the output are state.
            Ok(update) if update.schedule_time_ms.is_some() => 200,
            Ok(update) if update.video.is_some() && update.audio.is_some() => 200,
            Ok(_) => 400,
        };
        assert_eq!(status, vector["status"], "{}", vector["name"]);
        let known = vector["name"] != "only_video" && vector["name"] != "only_audio";
        if known {
            assert_eq!(verdict("update_output", &vector["body"]).0, vector["status"], "{}", vector["name"]);
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
        for operation in ["register_output", "register_template_output"] {
            assert_eq!(verdict(operation, &output).0, vector["status"], "{}", vector["name"]);
        }
        checked += 1;
    }
    assert_eq!(checked, 54);
}
