use super::*;

fn whip(members: Value) -> Value {
    let mut body = json!({ "type": "whip_client", "endpoint_url": "https://host/whip" });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

fn video(members: Value) -> Value {
    let resolution = json!({ "width": 1280, "height": 720 });
    let mut video = json!({ "resolution": resolution, "initial": { "root": { "type": "view" } } });
    video.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    whip(json!({ "video": video }))
}

fn audio(members: Value) -> Value {
    let mut audio = json!({ "initial": { "inputs": [] } });
    audio.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    whip(json!({ "audio": audio }))
}

#[track_caller]
fn output(body: Value) -> OutputSpec {
    check_output(&body).unwrap()
}

/// Asserts that an output is rejected with status 400, a code and the path at the start of the message.
#[track_caller]
fn rejects_output(body: &Value, code: &str, path: &str) {
    let built = check_output(body).and_then(|output| output.video.map_or(Ok(()), |video| video.scene.build(|_| true)));
    let refusal = built.unwrap_err();
    assert_eq!(refusal.status, 400, "{body}");
    assert!(format!("{refusal:?}").contains(code), "{refusal:?}");
    let (_, message) = verdict("register_output", body);
    assert!(message.starts_with(&format!("{path}: ")), "{body} {message}");
}

const MALFORMED: &str = "MALFORMED_REQUEST";

#[test]
fn output_is_read_with_defaults() {
    let both = output(whip(json!({
        "bearer_token": "secret",
        "video": video(json!({}))["video"],
        "audio": { "initial": { "inputs": [{ "input_id": "a" }, { "input_id": "a", "volume": 0.5 }] } },
    })));
    assert_eq!(both.kind, OutputKind::WhipClient);
    assert_eq!((both.url.as_str(), both.bearer_token.as_deref()), ("https://host/whip", Some("secret")));
    assert!(!format!("{both:?}").contains("secret") && !format!("{both:?}").contains("https"), "{both:?}");
    let (video, audio) = (both.video.unwrap(), both.audio.unwrap());
    assert_eq!((video.width, video.height, video.end), (1280, 720, EndCondition::Never));
    assert_eq!(video.scene.value, json!({ "root": { "type": "view" } }));
    assert_eq!(audio.mix.value, json!({ "inputs": [{ "input_id": "a" }, { "input_id": "a", "volume": 0.5 }] }));
    assert_eq!(audio.mixing_strategy, MixingStrategy::SumClip);
    assert_eq!((audio.channels, audio.end), (Channels::Stereo, EndCondition::Never));
}

#[test]
fn output_is_read_with_all_options() {
    let rtmp = output(json!({
        "type": "rtmp_client",
        "url": "rtmps://host/app/key",
        "audio": {
            "initial": { "inputs": [] },
            "mixing_strategy": "sum_scale",
            "channels": "mono",
            "send_eos_when": { "all_of": ["a", "b"] },
        },
    }));
    assert_eq!((rtmp.kind, rtmp.url.as_str()), (OutputKind::RtmpClient, "rtmps://host/app/key"));
    assert!(rtmp.video.is_none() && rtmp.bearer_token.is_none());
    let audio = rtmp.audio.unwrap();
    assert_eq!((audio.mixing_strategy, audio.channels), (MixingStrategy::SumScale, Channels::Mono));
    assert_eq!(audio.end, EndCondition::AllOf(vec!["a".to_owned(), "b".to_owned()]));
}

#[test]
fn output_requires_video_or_audio() {
    rejects_output(&whip(json!({})), MALFORMED, "body");
    rejects_output(&whip(json!({ "video": null, "audio": null })), MALFORMED, "body");
    rejects_output(&json!({ "type": "rtmp_client", "url": "rtmp://host" }), MALFORMED, "body");
}

#[test]
fn resolution_is_even_and_above_zero() {
    let with = |width: u64, height: u64| video(json!({ "resolution": { "width": width, "height": height } }));
    for (width, height) in [(2, 2), (1280, 720), (1_000_000, 4)] {
        let video = output(with(width, height)).video.unwrap();
        assert_eq!((video.width, video.height), (width, height));
    }
    for (width, height) in [(0, 720), (1280, 0), (0, 0), (1281, 720), (1280, 721), (1, 1), (u64::MAX, 2)] {
        rejects_output(&with(width, height), MALFORMED, "video.resolution");
    }
}

#[test]
fn end_condition_is_at_most_one() {
    let list = || vec!["a".to_owned()];
    for (condition, end) in [
        (json!(null), EndCondition::Never),
        (json!({}), EndCondition::Never),
        (json!({ "any_input": false }), EndCondition::Never),
        (json!({ "all_inputs": false }), EndCondition::Never),
        (json!({ "any_input": false, "all_inputs": false }), EndCondition::Never),
        (json!({ "any_of": null, "all_of": null, "any_input": null, "all_inputs": null }), EndCondition::Never),
        (json!({ "any_of": ["a"] }), EndCondition::AnyOf(list())),
        (json!({ "any_of": [] }), EndCondition::AnyOf(vec![])),
        (json!({ "all_of": ["a"], "any_input": null }), EndCondition::AllOf(list())),
        (json!({ "any_input": true }), EndCondition::AnyInput),
        (json!({ "all_inputs": true, "any_of": null }), EndCondition::AllInputs),
    ] {
        let body = video(json!({ "send_eos_when": condition }));
        assert_eq!(output(body).video.unwrap().end, end, "{condition}");
        let body = audio(json!({ "send_eos_when": condition }));
        assert_eq!(output(body).audio.unwrap().end, end, "{condition}");
    }
    for condition in [
        json!({ "any_of": ["a"], "all_of": ["a"] }),
        json!({ "any_of": [], "all_of": [] }),
        json!({ "any_of": ["a"], "any_input": false }),
        json!({ "any_of": ["a"], "any_input": true }),
        json!({ "all_of": ["a"], "all_inputs": false }),
        json!({ "all_of": [], "all_inputs": true }),
        json!({ "any_input": true, "all_inputs": true }),
        json!({ "any_input": true, "all_inputs": false }),
        json!({ "any_input": false, "all_inputs": true }),
    ] {
        rejects_output(&video(json!({ "send_eos_when": condition })), MALFORMED, "video.send_eos_when");
        rejects_output(&audio(json!({ "send_eos_when": condition })), MALFORMED, "audio.send_eos_when");
    }
}

#[test]
fn volume_is_from_zero_to_two() {
    let with = |volume: Value| json!({ "inputs": [{ "input_id": "a" }, { "input_id": "a", "volume": volume }] });
    // The last two are 2 and 0 as 32-bit floats.
    for volume in
        [json!(null), json!(0), json!(-0.0), json!(1), json!(2), json!(2.0), json!(2.000_000_01), json!(-1e-50)]
    {
        let accepted = output(audio(json!({ "initial": with(volume.clone()) })));
        assert_eq!(accepted.audio.unwrap().mix.value, with(volume));
    }
    for volume in [json!(-0.1), json!(2.1), json!(3), json!(1e39), json!(-1e39)] {
        let path = "audio.initial.inputs[1].volume";
        rejects_output(&audio(json!({ "initial": with(volume.clone()) })), MALFORMED, path);
        let (status, message) = verdict("update_output", &json!({ "audio": with(volume) }));
        assert_eq!((status, message.starts_with("audio.inputs[1].volume: ")), (400, true), "{message}");
    }
}

#[test]
fn url_must_be_usable() {
    let rtmp = |url: &str| json!({ "type": "rtmp_client", "url": url, "audio": { "initial": { "inputs": [] } } });
    for url in ["rtmp://host/app/key", "rtmps://host", "rtmp://127.0.0.1:1936/live"] {
        assert_eq!(output(rtmp(url)).url, url);
    }
    for url in ["", "host/app", "https://host/app", "rtmp://", "rtmp:///app", "rtmp://host:x/key"] {
        rejects_output(&rtmp(url), MALFORMED, "url");
        assert!(url.is_empty() || !verdict("register_output", &rtmp(url)).1.contains(url));
    }
    for url in ["", "host", "rtmp://host/whip", "https://"] {
        let body = whip(json!({ "endpoint_url": url, "audio": { "initial": { "inputs": [] } } }));
        rejects_output(&body, "WHIP_INVALID_SERVER_URL", "endpoint_url");
    }
}

#[test]
fn encoder_preferences_are_not_limited_by_rules() {
    for preferences in [
        json!(null),
        json!([]),
        json!([{ "type": "any" }]),
        json!([{ "type": "opus" }, { "type": "any" }]),
        json!([{ "type": "opus", "preset": "lowest_latency", "sample_rate": 48000, "forward_error_correction": true }]),
        json!([{ "type": "opus", "preset": null, "sample_rate": null, "forward_error_correction": null }]),
        // The server does not check the rate.
        json!([{ "type": "opus", "sample_rate": 0 }, { "type": "opus", "sample_rate": 4_294_967_295_u64 }]),
    ] {
        output(audio(json!({ "encoder_preferences": preferences })));
    }
    for preferences in [
        json!([null]),
        json!(["opus"]),
        json!([{}]),
        json!([{ "type": "aac" }]),
        json!([{ "type": "opus", "preset": "music" }]),
        json!([{ "type": "opus", "sample_rate": 48000.0 }]),
        json!([{ "type": "opus", "sample_rate": -1 }]),
        json!([{ "type": "opus", "sample_rate": 4_294_967_296_u64 }]),
        json!([{ "type": "opus", "forward_error_correction": 1 }]),
    ] {
        let refusal = check_output(&audio(json!({ "encoder_preferences": preferences }))).unwrap_err();
        assert_eq!(refusal.status, 422, "{preferences}");
    }
    let rtmp = json!({
        "type": "rtmp_client",
        "url": "rtmp://host",
        "audio": { "initial": { "inputs": [] }, "encoder_preferences": [] },
    });
    assert_eq!(check_output(&rtmp).unwrap_err().status, 422);
}

#[test]
fn output_reports_the_first_broken_rule() {
    let mut body = json!({
        "type": "whip_client",
        "endpoint_url": "x",
        "video": {
            "resolution": { "width": 1, "height": 1 },
            "initial": { "root": { "type": "view", "id": "a", "children": [{ "type": "view", "id": "a" }], "padding": -1 } },
            "send_eos_when": { "any_of": [], "all_of": [] },
        },
        "audio": {
            "initial": { "inputs": [{ "input_id": "a", "volume": 3 }] },
            "send_eos_when": { "any_of": [], "all_of": [] },
        },
    });
    rejects_output(&body, MALFORMED, "video.resolution");
    body["video"]["resolution"] = json!({ "width": 2, "height": 2 });
    rejects_output(&body, MALFORMED, "video.initial.root.padding");
    body["video"]["initial"]["root"]["padding"] = json!(null);
    rejects_output(&body, MALFORMED, "video.send_eos_when");
    body["video"]["send_eos_when"] = json!(null);
    rejects_output(&body, MALFORMED, "audio.initial.inputs[0].volume");
    body["audio"]["initial"]["inputs"] = json!([]);
    rejects_output(&body, MALFORMED, "audio.send_eos_when");
    body["audio"]["send_eos_when"] = json!(null);
    rejects_output(&body, "WHIP_INVALID_SERVER_URL", "endpoint_url");
    body["endpoint_url"] = json!("https://host");
    rejects_output(&body, "BUILD_SCENE_ERROR", "root.children[0]");
    body["video"]["initial"]["root"]["id"] = json!(null);
    output(body);
}

#[test]
fn update_is_read() {
    let body = json!({ "audio": { "inputs": [{ "input_id": "a" }] }, "schedule_time_ms": 1500.5 });
    let update = check_update(&body).unwrap();
    assert!(update.video.is_none());
    assert_eq!(update.audio.unwrap().value, body["audio"]);
    assert_eq!(update.schedule_time_ms, Some(1500.5));
}

#[test]
fn update_without_media_is_for_a_schedule_only() {
    assert_eq!(verdict("update_output", &json!({})).0, 400);
    assert_eq!(verdict("update_output", &json!({ "video": null, "schedule_time_ms": null })).0, 400);
    assert_eq!(verdict("update_output", &json!({ "schedule_time_ms": 0 })).0, 200);
}

#[test]
fn update_reports_the_schedule_last() {
    let mut body = json!({
        "video": { "root": { "type": "view", "padding": -1 } },
        "audio": { "inputs": [{ "input_id": "a", "volume": 3 }] },
        "schedule_time_ms": -1,
    });
    for path in ["video.root.padding", "audio.inputs[0].volume", "schedule_time_ms"] {
        let (status, message) = verdict("update_output", &body);
        assert_eq!((status, message.split(':').next()), (400, Some(path)));
        let member = path.split('.').next().unwrap();
        body.as_object_mut().unwrap().remove(member);
    }
}
