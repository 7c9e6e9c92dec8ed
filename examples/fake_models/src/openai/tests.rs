use super::*;
use crate::{check::base64, reply::Reply};

fn openai() -> OpenAi {
    let replies = |turn: &Turn| {
        let reply = Reply::new().heard(format!("turn {}", turn.number)).said("Good day").audio(vec![0; 9_600]);
        Some(reply)
    };
    let mut openai = OpenAi::new(Arc::new(OnceLock::from(0)), SharedLog::new(), Arc::new(replies));
    assert_eq!(kinds(&openai.greet()), ["session.created"]);
    openai
}

fn update() -> Value {
    let format = json!({ "type": "audio/pcm", "rate": 24_000 });
    json!({ "type": "session.update", "session": {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": "Be kind.",
        "audio": {
            "input": {
                "format": format,
                "turn_detection": { "type": "server_vad", "interrupt_response": true },
                "transcription": { "model": "gpt-4o-mini-transcribe" },
            },
            "output": { "format": format, "voice": "marin" },
        },
    } })
}

fn append(pcm: &[u8]) -> Value {
    json!({ "type": "input_audio_buffer.append", "audio": base64(pcm) })
}

/// The types of the events that were sent.
fn kinds(steps: &[Step]) -> Vec<String> {
    let kind = |step: &Step| match step {
        Step::Send(event) => Some(event["type"].as_str().unwrap().to_owned()),
        _ => None,
    };
    steps.iter().filter_map(kind).collect()
}

fn is_violation(steps: &[Step]) -> bool {
    matches!(steps, [Step::Violation(_), Step::Send(error)] if error["type"] == "error")
}

#[test]
fn documented_events_are_accepted() {
    let mut openai = openai();
    let steps = openai.receive(&update());
    assert_eq!(steps[0], Step::Accepted);
    assert_eq!(kinds(&steps), ["session.updated"]);
    let message = |content: Value| {
        json!({
            "type": "conversation.item.create",
            "item": { "type": "message", "role": "user", "content": [content] },
        })
    };
    let image = format!("data:image/jpeg;base64,{}", base64(&[0xff, 0xd8, 0xff, 0]));
    let events = [
        append(&[0, 0]),
        message(json!({ "type": "input_text", "text": "hello" })),
        message(json!({ "type": "input_image", "image_url": image })),
        json!({ "type": "response.create", "event_id": "mine" }),
        json!({ "type": "input_audio_buffer.clear" }),
    ];
    for event in events {
        assert!(!is_violation(&openai.receive(&event)), "{event}");
    }
    let log = openai.log.lock();
    assert_eq!((log.audio.len(), log.images.len(), log.messages.len()), (2, 1, 3));
}

#[test]
fn wrong_configurations_are_violations() {
    let changed = |pointer: &str, value: Value| {
        let mut update = update();
        *update.pointer_mut(pointer).unwrap() = value;
        update
    };
    let mut beta = update();
    beta["session"]["modalities"] = json!(["audio"]);
    let mut untyped = update();
    untyped["session"].as_object_mut().unwrap().remove("type");
    let updates = [
        beta,
        untyped,
        changed("/session/type", json!("transcription")),
        changed("/session/output_modalities", json!(["audio", "text"])),
        changed("/session/audio/input/format/rate", json!(16_000)),
        changed("/session/audio/output/format/type", json!("pcm16")),
        changed("/session/audio/input/turn_detection", json!({ "type": "none" })),
        changed("/session/audio/input/turn_detection", json!({ "type": "server_vad", "eagerness": "low" })),
        changed("/session/audio/output/voice", json!(1)),
    ];
    for update in updates {
        assert!(is_violation(&openai().receive(&update)), "{update}");
    }
}

#[test]
fn wrong_events_are_violations() {
    let message = |role: &str, content: Value| {
        json!({
            "type": "conversation.item.create",
            "item": { "type": "message", "role": role, "content": [content] },
        })
    };
    let events = [
        json!({ "type": "input_audio_buffer.append", "audio": "!" }),
        json!({ "type": "input_audio_buffer.append", "audio": base64(&[0]) }),
        json!({ "type": "input_audio_buffer.append", "audio": base64(&[0, 0]), "rate": 24_000 }),
        json!({ "type": "input_audio_buffer.append" }),
        json!({ "type": "input_audio_buffer.commit" }),
        json!({ "type": "conversation.item.truncate", "item_id": "x", "content_index": 0, "audio_end_ms": 0 }),
        json!({ "type": "response.cancel" }),
        json!({ "type": "hello" }),
        json!({ "audio": "AAA=" }),
        message("user", json!({ "type": "text", "text": "old" })),
        message("assistant", json!({ "type": "input_text", "text": "x" })),
        message("user", json!({ "type": "input_image", "image_url": "https://example.com/cat.jpg" })),
        message("user", json!({ "type": "input_image", "image_url": "data:image/png;base64,AAAA" })),
    ];
    for event in events {
        assert!(is_violation(&openai().receive(&event)), "{event}");
    }
}

#[test]
fn speech_causes_events_in_the_documented_order() {
    let mut openai = openai();
    openai.receive(&update());
    let loud = 5_000_i16.to_le_bytes().repeat(480);
    assert_eq!(kinds(&openai.receive(&append(&loud))), ["input_audio_buffer.speech_started"]);
    let mut kinds = kinds(&openai.receive(&append(&vec![0; 24_000])));
    kinds.dedup();
    let expected = [
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
        "response.created",
        "response.output_item.added",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.delta",
        "response.output_audio_transcript.done",
        "rate_limits.updated",
        "response.done",
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn truncation_longer_than_the_audio_is_a_violation() {
    let mut openai = openai();
    openai.receive(&update());
    let steps = openai.receive(&json!({ "type": "response.create" }));
    let item = steps.iter().find_map(|step| match step {
        Step::Send(event) => event["item_id"].as_str().map(ToOwned::to_owned),
        _ => None,
    });
    let item = item.unwrap();
    let mut truncate = |index: u64, end: u64| {
        openai.receive(&json!({
            "type": "conversation.item.truncate", "item_id": item, "content_index": index, "audio_end_ms": end,
        }))
    };
    assert!(is_violation(&truncate(0, 201)));
    assert!(is_violation(&truncate(1, 200)));
    assert_eq!(kinds(&truncate(0, 150)), ["conversation.item.truncated"]);
    assert!(is_violation(&truncate(0, 151)), "the item is already shorter");
}

#[test]
fn request_is_checked() {
    let request = |uri: &str, headers: &[(&str, &str)]| {
        let request = Request::builder().uri(uri);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).body(()).unwrap()
    };
    let check = |uri: &str, headers: &[(&str, &str)]| {
        let (status, violation) = check_request(&request(uri, headers), "good");
        (status.as_u16(), violation.is_some())
    };
    let good = ("authorization", "Bearer good");
    assert_eq!(check("/v1/realtime?model=gpt-realtime-2.1", &[good]), (101, false));
    assert_eq!(check("/v1/realtime?model=gpt-realtime-2.1", &[("authorization", "Bearer bad")]), (401, false));
    assert_eq!(check("/v1/realtime?model=gpt-realtime-2.1", &[]), (401, true));
    assert_eq!(check("/v1/realtime?model=gpt-realtime-2.1", &[good, ("openai-beta", "realtime=v1")]), (400, true));
    assert_eq!(check("/v1/realtime", &[good]), (400, true));
    assert_eq!(check("/v1/realtime?model=m&key=good", &[good]), (400, true));
    assert_eq!(check("/realtime?model=m", &[good]), (404, true));
}
