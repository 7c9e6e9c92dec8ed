//! Decoders keep unknown members, and reject the same responses as the derived decoders.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use fishjam_api::{RawJson, UnknownMembers, fishjam::types, with_unknown_members};
use serde::Deserialize;
use serde_json::{Value, json};

fn room() -> Value {
    json!({
        "id": "r",
        "config": { "maxPeers": 4, "e2ee": { "b": 1, "a": [null] } },
        "peers": [{
            "id": "p", "type": "webrtc", "status": "connected", "metadata": null, "subscribeMode": "auto",
            "subscriptions": { "peers": [], "tracks": [], "layers": ["low"] },
            "tracks": [{ "id": "t", "type": "audio", "muted": false }],
            "region": "eu",
        }],
        "createdAt": 7,
        "closedAt": null,
    })
}

fn members(unknown: &UnknownMembers) -> Vec<(&str, &str)> {
    unknown.iter().map(|(name, value)| (name, value.get())).collect()
}

fn check(room: &types::Room, e2ee: &str) {
    assert_eq!(members(&room.extra), [("closedAt", "null"), ("createdAt", "7")]);
    assert_eq!(members(&room.config.extra), [("e2ee", e2ee)]);
    assert_eq!(room.config.max_peers, Some(4));
    let peer = &room.peers[0];
    assert_eq!(members(&peer.extra), [("region", r#""eu""#)]);
    assert_eq!(members(&peer.subscriptions.as_ref().unwrap().extra), [("layers", r#"["low"]"#)]);
    assert_eq!(members(&peer.tracks[0].extra), [("muted", "false")]);
}

#[test]
fn unknown_members_are_kept_in_every_object() {
    check(&serde_json::from_value(room()).unwrap(), r#"{"a":[null],"b":1}"#);
    // From text, the values keep their form.
    let text = room().to_string().replace(r#"{"a":[null],"b":1}"#, r#"{ "b":1e0, "a" :[ null ] }"#);
    check(&serde_json::from_str(&text).unwrap(), r#"{ "b":1e0, "a" :[ null ] }"#);
    check(&serde_json::from_reader(text.as_bytes()).unwrap(), r#"{ "b":1e0, "a" :[ null ] }"#);
    let mut json = serde_json::Deserializer::from_str(&text);
    check(&serde_path_to_error::deserialize(&mut json).unwrap(), r#"{ "b":1e0, "a" :[ null ] }"#);
}

#[test]
fn unknown_members_are_kept_in_buffered_content() {
    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "lowercase")]
    enum Message {
        Room(types::Room),
    }
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(flatten)]
        message: Message,
    }
    let mut tagged = room();
    tagged["type"] = json!("room");
    let Envelope { message: Message::Room(room) } = serde_json::from_str(&tagged.to_string()).unwrap();
    check(&room, r#"{"a":[null],"b":1}"#);
}

#[test]
fn object_without_unknown_members_has_none() {
    let viewer: types::Viewer = serde_json::from_str(r#"{"id":"v","token":"t"}"#).unwrap();
    assert!(viewer.extra.is_empty() && viewer.extra.iter().next().is_none() && viewer.extra.get("id").is_none());
    assert_eq!(size_of::<UnknownMembers>(), size_of::<usize>());
}

#[test]
fn last_of_equal_unknown_members_counts() {
    let viewer: types::Viewer = serde_json::from_str(r#"{"a":1,"id":"v","a":2,"token":"t","a":3}"#).unwrap();
    assert_eq!(viewer.extra.get("a").map(RawJson::get), Some("3"));
}

#[test]
fn name_with_escape_is_recognized() {
    let viewer: types::Viewer = serde_json::from_str(r#"{"\u0069d":"v","token":"t","\u0061":1}"#).unwrap();
    assert_eq!((viewer.id.as_str(), members(&viewer.extra)), ("v", vec![("a", "1")]));
}

#[test]
fn unusual_unknown_value_does_not_affect_the_object() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    for odd in [deep.as_str(), "1e400", r#""\ud800""#, r#"{"\udc00":0}"#] {
        let text = format!(r#"{{"id":"v","new":{odd},"token":"t"}}"#);
        let viewer: types::Viewer = serde_json::from_str(&text).unwrap();
        assert_eq!(viewer.extra.get("new").map(RawJson::get), Some(odd));
    }
}

#[test]
fn wrong_object_is_the_same_error_as_without_unknown_members() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only decoded")]
    struct Viewer {
        id: String,
        token: String,
    }
    for wrong in [
        r#"{"id":"v","id":"w","token":"t"}"#,
        r#"{"id":"v"}"#,
        r#"{"id":1,"token":"t"}"#,
        r#"{"id":"v","token":"t","new":}"#,
        r#"{"id":"v","token":"t","new":[}"#,
        r#"["v"]"#,
        r#""text""#,
        "null",
        "7",
        "",
    ] {
        let expected = serde_json::from_str::<Viewer>(wrong).unwrap_err().to_string();
        let decoded = with_unknown_members(&mut serde_json::Deserializer::from_str(wrong), |members| {
            Viewer::deserialize(members)
        });
        assert_eq!(decoded.unwrap_err().to_string(), expected, "{wrong}");
        let generated = serde_json::from_str::<types::Viewer>(wrong).unwrap_err().to_string();
        assert_eq!(generated.replace("struct Viewer with 3", "struct Viewer with 2"), expected, "{wrong}");
    }
    // A sequence is a valid struct for serde.
    serde_json::from_str::<types::Viewer>(r#"["v","t"]"#).unwrap();
}

#[test]
fn sent_object_omits_unknown_members() {
    let config: types::RoomConfig = serde_json::from_value(json!({ "maxPeers": 1, "new": 1 })).unwrap();
    assert_eq!(serde_json::to_value(&config).unwrap(), json!({ "maxPeers": 1 }));
}

#[test]
fn debug_prints_no_unknown_value() {
    let text = r#"{"id":"v","token":"t","new":"sentinel"}"#;
    let printed = format!("{:?}", serde_json::from_str::<types::Viewer>(text).unwrap().extra);
    assert_eq!(printed, r#"{"new": RawJson(10 bytes)}"#);
}
