//! Values of the REST API: their JSON is the server's JSON, in both directions.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{
    events::{Event, Gap},
    *,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Returns a room with every member of the contract, and unknown members in every object.
fn room() -> Value {
    json!({
        "id": "r",
        "config": {
            "batchWebhookNotifications": true, "maxPeers": 0, "public": true, "roomType": "livestream", "videoCodec": "vp8",
            "webhookUrl": "https://example.com/hook?key=1", "e2ee": null,
        },
        "peers": [{
            "id": "p", "type": "agent", "status": "connected", "metadata": { "peer": { "name": "Ada" }, "server": {} },
            "subscribeMode": "manual",
            "subscriptions": { "peers": ["q"], "tracks": ["t"], "layers": ["low"] },
            "tracks": [{ "id": "t", "type": "hologram", "metadata": [1, "a"], "muted": false }],
            "region": { "name": "eu" },
        }],
        "compositionInfo": {
            "compositionUrl": "https://rtc.example.com/api/composition/c",
            "forwardings": [{ "peerId": "p", "inputId": "i", "audioTrackId": "a", "videoTrackId": null, "volume": 0.5 }],
            "kind": "mixed",
        },
        "createdAt": 7,
    })
}

fn recording(source: &Value) -> Value {
    json!({
        "id": "r", "status": "paused", "source": source, "metadata": { "a": [1, null] },
        "files": [{ "url": "https://example.com/1.mp4?signature=1", "bytes": 3 }], "startedAt": "now",
    })
}

fn sources() -> [Value; 3] {
    [
        json!({ "compositionURL": "u", "outputId": "o", "scaleRatio": 0.5, "new": 1 }),
        json!({ "compositionURL": "u", "audio": false, "resolution": { "width": 2, "height": 4, "fps": 30 }, "new": [] }),
        json!({ "hologramURL": "u", "depth": { "near": 1 } }),
    ]
}

/// Decodes JSON of the server in every way, and compares the JSON of the result.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &Value) -> T {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind_of_message", rename_all = "camelCase")]
    enum Message<T> {
        Changed(T),
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Envelope<T> {
        #[serde(flatten)]
        message: Message<T>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Either<T> {
        Value(T),
    }
    let text = json.to_string();
    let value: T = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_value(&value).unwrap(), *json);
    assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), value);
    assert_eq!(serde_json::from_reader::<_, T>(text.as_bytes()).unwrap(), value);
    assert_eq!(serde_json::from_str::<T>(&serde_json::to_string(&value).unwrap()).unwrap(), value);
    assert_eq!(serde_json::from_str::<Either<T>>(&text).unwrap(), Either::Value(serde_json::from_str(&text).unwrap()));
    let envelope = Envelope { message: Message::Changed(value) };
    let text = serde_json::to_string(&envelope).unwrap();
    let read: Envelope<T> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, envelope);
    let Envelope { message: Message::Changed(value) } = read;
    value
}

#[test]
fn value_round_trips_through_the_json_of_the_server() {
    let room = round_trip::<Room>(&room());
    assert_eq!(room.extra().get("createdAt"), Some("7"));
    assert_eq!(room.config.extra().get("e2ee"), Some("null"));
    let peer = &room.peers[0];
    assert_eq!(peer.extra().parse::<Value>("region").unwrap(), Some(json!({ "name": "eu" })));
    assert_eq!(peer.subscriptions.extra().get("layers"), Some(r#"["low"]"#));
    assert_eq!(peer.tracks[0].extra().get("muted"), Some("false"));
    let info = room.composition_info().unwrap().unwrap();
    assert_eq!(info.extra().get("kind"), Some(r#""mixed""#));
    assert_eq!(info.forwardings[0].extra().get("volume"), Some("0.5"));

    let parts = self::room();
    round_trip::<RoomConfig>(&parts["config"]);
    round_trip::<Peer>(&parts["peers"][0]);
    round_trip::<Subscriptions>(&parts["peers"][0]["subscriptions"]);
    round_trip::<Track>(&parts["peers"][0]["tracks"][0]);
    round_trip::<Track>(&json!({ "metadata": null }));
    round_trip::<CompositionInfo>(&parts["compositionInfo"]);
    round_trip::<TrackForwardingInfo>(&parts["compositionInfo"]["forwardings"][0]);
    for source in sources() {
        round_trip::<RecordingSource>(&source);
        let recording = round_trip::<Recording>(&recording(&source));
        assert_eq!(recording.extra().get("startedAt"), Some(r#""now""#));
        assert_eq!(recording.files[0].extra().get("bytes"), Some("3"));
    }
    round_trip::<CompositionSource>(&sources()[0]);
    round_trip::<TemplateSource>(&sources()[1]);
    round_trip::<TemplateSourceResolution>(&sources()[1]["resolution"]);
    round_trip::<RecordingFile>(&recording(&Value::Null)["files"][0]);
}

#[test]
fn value_without_equality_round_trips() {
    fn check<T: Serialize + DeserializeOwned + Debug>(json: &Value) {
        let value: T = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&value).unwrap(), *json);
        let value: T = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap().parse::<Value>().unwrap(), *json);
    }
    let error =
        json!({ "kind": "decode", "operation": "get_all_rooms", "status": 200, "causes": ["it ends too early"] });
    let gap = json!({ "from": "2026-01-31T12:00:00Z", "to": "2026-01-31T12:00:01Z", "reason": error });
    check::<Gap>(&gap);
    check::<Event>(&json!({ "gap": gap }));
    check::<Event>(&json!({ "dropped": 3 }));
    check::<Event>(&json!({ "notification": { "peerMetadataUpdated": {
        "roomId": "r", "peerId": "p", "metadata": { "name": "Ada" }, "peerType": null,
    } } }));
    for change in [json!({ "room": room() }), json!({ "gone": "r" }), json!({ "dropped": 3 })] {
        round_trip::<RoomChange>(&change);
    }
    let unreadable = json!({ "index": 1, "id": "q", "error": error });
    check::<UnreadableItem>(&unreadable);
    // A livestream without tokens.
    let stream = json!({
        "id": "r", "public": true, "audioOnly": true, "streamers": [], "viewers": [], "startedAt": { "unix": 7 },
    });
    check::<Livestream>(&stream);
    check::<Snapshot>(&json!({
        "rooms": [room()], "streams": [stream],
        "unreadableRooms": [unreadable], "unreadableStreams": [{ "index": 0, "id": null, "error": error }],
    }));
    check::<Snapshot>(&serde_json::to_value(Snapshot::default()).unwrap());
}

#[test]
fn default_value_round_trips() {
    fn check<T: Default + Serialize + DeserializeOwned + PartialEq + Debug>() {
        let json = serde_json::to_value(T::default()).unwrap();
        assert_eq!(round_trip::<T>(&json), T::default());
    }
    check::<Room>();
    check::<RoomConfig>();
    check::<Peer>();
    check::<Track>();
    check::<Subscriptions>();
    check::<CompositionInfo>();
    check::<TrackForwardingInfo>();
    check::<Recording>();
    check::<RecordingSource>();
    check::<RecordingFile>();
    check::<CompositionSource>();
    check::<TemplateSource>();
    check::<TemplateSourceResolution>();
    assert_eq!(serde_json::to_value(RoomId::default()).unwrap(), "");
    assert_eq!(serde_json::to_value(Metadata::default()).unwrap(), Value::Null);
    let expected = json!({
        "id": "", "peers": [],
        "config": {
            "batchWebhookNotifications": false, "maxPeers": 0, "public": false, "roomType": "conference",
            "videoCodec": "h264", "webhookUrl": null,
        },
    });
    assert_eq!(serde_json::to_value(Room::default()).unwrap(), expected);
}

#[tokio::test]
async fn room_serializes_as_the_emulator_sends_it() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let options = RoomOptions::new().webhook_url("https://example.com/hook?key=1").max_peers(3);
    let id = fishjam.create_room(options).await?.id;
    let (peer, _) = fishjam.create_peer(&id, PeerOptions::new().metadata(json!({ "name": "Ada" }))).await?;
    emulator.add_track(id.as_str(), peer.id.as_str(), TrackKind::Audio, json!({ "a": 1 }));
    fishjam.forward_room_tracks(&id, "https://rtc.fishjam.io/api/composition/c").await?;
    let sent = Arc::new(Mutex::new(Value::Null));
    let copy = Arc::clone(&sent);
    emulator.faults().on("get_room").patch_json(move |response| *copy.lock().unwrap() = response["data"].clone());
    let room = fishjam.get_room(&id).await?;
    let sent = sent.lock().unwrap().clone();
    assert!(sent["compositionInfo"].is_object() && sent["peers"][0]["tracks"][0].is_object(), "{sent}");
    assert_eq!(serde_json::to_value(&room)?, sent);
    assert_eq!(serde_json::from_value::<Room>(sent)?, room);
    Ok(())
}

#[test]
fn value_with_token_serializes_the_token_as_redacted() {
    fn check<T: Serialize + DeserializeOwned>(sent: &Value, redacted: &Value) {
        let value: T = serde_json::from_value(sent.clone()).unwrap();
        assert_eq!(serde_json::to_value(&value).unwrap(), *redacted);
        let Err(error) = serde_json::from_value::<T>(redacted.clone()) else { panic!("{redacted}") };
        assert!(error.to_string().contains("`Exposed`"), "{error}");
    }
    let streamer = |token| json!({ "id": "s", "status": "connected", "token": token, "new": 1 });
    let viewer = |token| json!({ "id": "v", "token": token, "new": 1 });
    let stream = |token| {
        json!({
            "id": "r", "public": true, "audioOnly": false, "streamers": [streamer(token)], "viewers": [viewer(token)],
            "new": 1,
        })
    };
    let access = |token| json!({ "connection_url": token, "token": token, "new": 1 });
    let redacted = "[redacted]";
    check::<Streamer>(&streamer("sentinel"), &streamer(redacted));
    check::<Viewer>(&viewer("sentinel"), &viewer(redacted));
    check::<Livestream>(&stream("sentinel"), &stream(redacted));
    check::<MoqAccess>(&access("sentinel"), &access(redacted));
    // A snapshot has the tokens of its livestreams.
    let snapshot =
        |token| json!({ "rooms": [], "streams": [stream(token)], "unreadableRooms": [], "unreadableStreams": [] });
    check::<Snapshot>(&snapshot("sentinel"), &snapshot(redacted));
    // One redacted token is enough.
    let mut viewers = stream("sentinel");
    viewers["viewers"][0]["token"] = json!(redacted);
    serde_json::from_value::<Livestream>(viewers).unwrap_err();
    for default in [
        serde_json::to_value(Streamer::default()).unwrap(),
        serde_json::to_value(Viewer::default()).unwrap(),
        serde_json::to_value(MoqAccess::default()).unwrap(),
    ] {
        assert_eq!(default["token"], redacted);
    }
}

#[test]
fn unreadable_metadata_does_not_affect_the_json_of_a_room() {
    let deep = "[".repeat(500) + &"]".repeat(500);
    for odd in [deep.as_str(), "1e400", r#""\ud800""#] {
        let text = format!(
            r#"{{"id":"r","config":{{}},"compositionInfo":{odd},"new":{odd},"peers":[{{"id":"p","type":"webrtc",
            "status":"connected","metadata":{odd},"subscribeMode":"auto","tracks":[]}}]}}"#
        );
        let room: Room = serde_json::from_str(&text).unwrap();
        assert_eq!(room.peers[0].metadata.as_ref().map(Metadata::as_str), Some(odd));
        let json = serde_json::to_value(&room).unwrap();
        for place in [&json["peers"][0]["metadata"], &json["new"], &json["compositionInfo"]] {
            assert_eq!(place, odd);
        }
    }
}

#[test]
fn only_known_values_parse() {
    assert_eq!("vp8".parse::<VideoCodec>(), Ok(VideoCodec::Vp8));
    assert_eq!("manual".parse::<SubscribeMode>(), Ok(SubscribeMode::Manual));
    let error: ParseEnumError = "vp9x".parse::<VideoCodec>().unwrap_err();
    assert_eq!(error.to_string(), r#"invalid VideoCodec "vp9x": must be "h264" or "vp8""#);
    assert_eq!(serde_json::from_str::<VideoCodec>(r#""av2""#).unwrap(), VideoCodec::Unknown("av2".to_owned()));
    assert_eq!("r".parse::<RoomId>().unwrap(), "r");
}

#[test]
fn error_of_a_value_names_the_place_and_quotes_nothing() {
    fn check<T: DeserializeOwned>(json: &Value, expected: &str) {
        let Err(error) = serde_json::from_value::<T>(json.clone()) else { panic!("{json}") };
        assert_eq!(error.to_string(), expected, "{json}");
        let Err(error) = serde_json::from_str::<T>(&json.to_string()) else { panic!("{json}") };
        assert_eq!(error.to_string(), expected, "{json}");
    }
    // A queue or a database can return JSON in a string.
    let encoded = json!(json!({ "id": "sentinel", "token": "sentinel" }).to_string());
    check::<Room>(&encoded, "invalid type");
    check::<Peer>(&encoded, "invalid type");
    check::<Recording>(&encoded, "invalid type");
    check::<TemplateSourceResolution>(&encoded, "invalid type");
    check::<Livestream>(&encoded, "invalid type");
    check::<Streamer>(&encoded, "invalid type");
    check::<Viewer>(&encoded, "invalid type");
    check::<MoqAccess>(&encoded, "invalid type");
    check::<RoomChange>(&encoded, "unknown variant");
    check::<Snapshot>(&encoded, "invalid type");
    check::<UnreadableItem>(&encoded, "invalid type");
    check::<PeerToken>(&json!(12_345), "invalid type");
    check::<Viewer>(&json!({ "id": "v", "token": 12_345 }), "invalid type at `token`");
    check::<Viewer>(&json!({ "id": "v" }), "missing field `token`");
    let mut room = room();
    room["peers"][0]["tracks"][0]["id"] = json!(["sentinel"]);
    check::<Room>(&room, "invalid type at `peers[0].tracks[0].id`");
}
