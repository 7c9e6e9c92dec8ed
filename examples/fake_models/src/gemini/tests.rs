use super::*;
use crate::check::base64;

fn gemini(replies: impl Fn(&Turn) -> Option<Reply> + Send + Sync + 'static) -> Gemini {
    Gemini::new(Arc::new(OnceLock::from(0)), true, SharedLog::new(), Arc::new(replies))
}

/// A session that was set up.
fn ready() -> Gemini {
    let mut gemini = gemini(|turn| Some(Reply::new().heard(format!("turn {}", turn.number)).audio([1, 0])));
    let steps = gemini.receive(&setup());
    assert_eq!(steps, [Step::Accepted, Step::Send(json!({ "setupComplete": {} }))]);
    gemini
}

fn setup() -> Value {
    json!({ "setup": {
        "model": "models/gemini-3.8-live",
        "generationConfig": { "responseModalities": ["AUDIO"] },
        "inputAudioTranscription": {},
    } })
}

fn audio(pcm: &[u8]) -> Value {
    json!({ "realtimeInput": { "audio": { "data": base64(pcm), "mimeType": "audio/pcm;rate=16000" } } })
}

/// Returns the violation of a message.
fn violation(gemini: &mut Gemini, message: &Value) -> Option<String> {
    gemini.receive(message).into_iter().find_map(|step| match step {
        Step::Violation(violation) => Some(violation),
        _ => None,
    })
}

#[test]
fn documented_messages_are_accepted() {
    let messages = [
        audio(&[0, 0]),
        json!({ "realtimeInput": { "audioStreamEnd": true } }),
        json!({ "realtimeInput": { "text": "hello" } }),
        json!({ "realtimeInput": { "video": { "data": base64(&[0xff, 0xd8, 0xff, 0]), "mimeType": "image/jpeg" } } }),
        json!({ "clientContent": { "turns": [{ "role": "user", "parts": [{ "text": "hi" }] }], "turnComplete": true } }),
    ];
    let mut gemini = ready();
    for message in messages {
        assert_eq!(violation(&mut gemini, &message), None, "{message}");
    }
    let log = gemini.log.lock();
    assert_eq!((log.audio.len(), log.images.len(), log.messages.len()), (2, 1, 3));
}

#[test]
fn wrong_setups_are_violations() {
    let mut unknown = setup();
    unknown["setup"]["temperature"] = json!(1);
    let mut unprefixed = setup();
    unprefixed["setup"]["model"] = json!("gemini-3.8-live");
    let mut text = setup();
    text["setup"]["generationConfig"]["responseModalities"] = json!(["TEXT"]);
    let mut both = setup();
    both["setup"]["generationConfig"]["responseModalities"] = json!(["AUDIO", "TEXT"]);
    let mut instruction = setup();
    instruction["setup"]["systemInstruction"] = json!("be kind");
    let mut handle = setup();
    handle["setup"]["sessionResumption"] = json!({ "handle": "" });
    for message in [unknown, unprefixed, text, both, instruction, handle, json!({ "setup": {} }), json!({}), json!([])]
    {
        assert!(violation(&mut gemini(|_| None), &message).is_some(), "{message}");
    }
}

#[test]
fn message_before_the_setup_is_a_violation() {
    let violation = violation(&mut gemini(|_| None), &audio(&[0, 0])).unwrap();
    assert!(violation.contains("first message"), "{violation}");
}

#[test]
fn wrong_inputs_are_violations_and_close() {
    let blob = |data: &str, mime: &str| json!({ "realtimeInput": { "audio": { "data": data, "mimeType": mime } } });
    let rate = "audio/pcm;rate=16000";
    let messages = [
        setup(),
        audio(&[0, 0, 0]),
        blob("", rate),
        blob("!", rate),
        blob(&base64(&[0, 0]), "audio/pcm;rate=24000"),
        json!({ "realtimeInput": { "audio": { "data": base64(&[0, 0]) } } }),
        json!({ "realtimeInput": { "video": { "data": base64(b"text"), "mimeType": "image/jpeg" } } }),
        json!({ "realtimeInput": { "text": "a", "audioStreamEnd": true } }),
        json!({ "realtimeInput": { "activityStart": {} } }),
        json!({ "realtimeInput": {} }),
        json!({ "realtimeInput": { "text": "a" }, "clientContent": {} }),
        json!({ "toolResponse": {} }),
        json!({ "realtime_input": { "text": "a" } }),
    ];
    for message in messages {
        let steps = ready().receive(&message);
        assert!(matches!(&steps[..], [Step::Violation(_), Step::Close(1007, _)]), "{message}: {steps:?}");
    }
}

#[test]
fn speech_causes_a_response_and_interrupts_it() {
    let mut gemini = ready();
    let loud = 5_000_i16.to_le_bytes().repeat(320);
    let silence = vec![0; 16_000];
    assert_eq!(gemini.receive(&audio(&loud)), []);
    let steps = gemini.receive(&audio(&silence));
    let sent = |index: usize| match &steps[index] {
        Step::Send(message) => message["serverContent"].clone(),
        step => panic!("{step:?}"),
    };
    assert_eq!(sent(0)["inputTranscription"]["text"], "turn ");
    assert_eq!(sent(1)["inputTranscription"]["text"], "0");
    assert_eq!(sent(2)["modelTurn"]["parts"][0]["inlineData"]["mimeType"], "audio/pcm;rate=24000");
    assert_eq!(sent(4)["turnComplete"], true);
    assert_eq!(gemini.receive(&audio(&loud)), [Step::Send(json!({ "serverContent": { "interrupted": true } }))]);
}

#[test]
fn api_key_is_checked() {
    let request = |uri: &str, header: Option<&str>| {
        let request = Request::builder().uri(uri);
        header.into_iter().fold(request, |request, key| request.header("x-goog-api-key", key)).body(()).unwrap()
    };
    assert_eq!(check_request(&request(PATH, Some("good")), "good"), (true, None));
    assert_eq!(check_request(&request(&format!("{PATH}?key=good"), None), "good"), (true, None));
    assert_eq!(check_request(&request(PATH, Some("bad")), "good"), (false, None));
    assert!(check_request(&request(PATH, None), "good").1.is_some());
    assert!(check_request(&request("/other", Some("good")), "good").1.is_some());
}
