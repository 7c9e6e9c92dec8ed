//! Values of the Jellyfish API: their JSON is the server's JSON, in both directions.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic")]

use std::fmt::Debug;

use fishjam_sdk::{
    Exposed, Track,
    jellyfish::{
        Component, ComponentProperties, CreatedPeer, Distribution, FileProperties, Health, HlsProperties, Peer,
        RecordingProperties, Room, RoomConfig, RtspProperties, ServerAddress, SipCredentials, SipProperties,
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{observed::observed, responses};

const REDACTED: &str = "[redacted]";

/// Decodes JSON of the server in every way, and compares the JSON of the result.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &Value) -> T {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind_of_message")]
    enum Message<T> {
        Changed(T),
    }
    let text = json.to_string();
    let value: T = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_value(&value).unwrap(), *json);
    assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), value);
    assert_eq!(serde_json::from_reader::<_, T>(text.as_bytes()).unwrap(), value);
    let message = Message::Changed(value);
    let text = serde_json::to_string(&message).unwrap();
    let read: Message<T> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, message);
    let Message::Changed(value) = read;
    value
}

/// Decodes JSON with a secret. The secret is redacted in the JSON of the result, which cannot be read.
fn redacts<T: Serialize + DeserializeOwned>(json: &Value, secret: &str) -> T {
    let value: T = serde_json::from_value(json.clone()).unwrap();
    let redacted = serde_json::to_value(&value).unwrap();
    let expected = json.to_string().replace(&json!(secret).to_string(), &json!(REDACTED).to_string());
    assert_eq!(redacted.to_string(), expected);
    let Err(error) = serde_json::from_value::<T>(redacted) else { panic!("{expected}") };
    assert!(error.to_string().contains("`Exposed`"), "{error}");
    value
}

/// A room with everything that a server sends, and a new member in every object. It has no password.
fn room() -> Value {
    fn add(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.values_mut().for_each(add);
                members.insert("new".to_owned(), json!({ "a": [1, null] }));
            }
            Value::Array(items) => items.iter_mut().for_each(add),
            _ => {}
        }
    }
    let mut room = responses::room();
    room["peers"][0]["metadata"] = json!(["anything"]);
    let components = room["components"].as_array_mut().unwrap();
    components.retain(|component| component["type"] != "sip");
    components.push(json!({ "id": "new", "type": "srt", "tracks": [], "properties": { "bitrate": 5 } }));
    add(&mut room);
    room
}

fn sip() -> Value {
    let credentials = json!({ "address": "a", "username": "u", "password": "sentinel", "new": 1 });
    json!({ "registrarCredentials": credentials, "new": 1 })
}

#[test]
fn value_round_trips_through_the_json_of_the_server() {
    let json = room();
    let room = round_trip::<Room>(&json);
    let new = Some(r#"{"a":[1,null]}"#);
    assert_eq!((room.extra().get("new"), room.config.extra().get("new")), (new, new));
    let peer = &room.peers[0];
    assert_eq!((peer.extra().get("new"), peer.tracks[0].extra().get("new")), (new, new));
    for component in &room.components {
        let properties = match &component.properties {
            ComponentProperties::Hls(hls) => hls.extra(),
            ComponentProperties::Rtsp(rtsp) => rtsp.extra(),
            ComponentProperties::File(file) => file.extra(),
            ComponentProperties::Recording(recording) => recording.extra(),
            other => {
                assert_eq!(component.component_type, "srt", "{other:?}");
                continue;
            }
        };
        assert_eq!((component.extra().get("new"), properties.get("new")), (new, new));
    }
    round_trip::<RoomConfig>(&json["config"]);
    round_trip::<Peer>(&json["peers"][0]);
    round_trip::<Track>(&json["peers"][0]["tracks"][0]);
    let [hls, rtsp, file, recording, _] = &json["components"].as_array().unwrap()[..] else { panic!("{json}") };
    round_trip::<Component>(hls);
    round_trip::<HlsProperties>(&hls["properties"]);
    round_trip::<RtspProperties>(&rtsp["properties"]);
    round_trip::<FileProperties>(&file["properties"]);
    round_trip::<RecordingProperties>(&recording["properties"]);

    let distribution = json!({ "enabled": true, "nodeStatus": "UP", "nodesInCluster": 3, "new": 1 });
    round_trip::<Distribution>(&distribution);
    let health = json!({
        "status": "DEGRADED", "uptime": 5, "version": "0.6.0", "gitCommit": "dev", "distribution": distribution, "new": 1,
    });
    assert_eq!(round_trip::<Health>(&health).extra().get("new"), Some("1"));
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
    check::<Component>();
    check::<HlsProperties>();
    check::<RtspProperties>();
    check::<FileProperties>();
    check::<RecordingProperties>();
    check::<Health>();
    check::<Distribution>();
    let config = json!({
        "roomId": null, "maxPeers": null, "videoCodec": null, "webhookUrl": null, "peerlessPurgeTimeout": null,
        "peerDisconnectedTimeout": null,
    });
    let expected = json!({ "id": "", "config": config, "peers": [], "components": [] });
    assert_eq!(serde_json::to_value(Room::default()).unwrap(), expected);
    let password = |json: Value| json["registrarCredentials"]["password"].clone();
    assert_eq!(password(serde_json::to_value(SipProperties::default()).unwrap()), REDACTED);
}

/// The values of a real server keep each member. They contain no member that is new to the SDK, except `s3`.
#[test]
fn observed_value_serializes_as_the_server_sent_it() {
    let mut compared = 0;
    for (operation, status, body) in observed() {
        let Ok(body) = serde_json::from_slice::<Value>(&body) else { continue };
        let data = &body["data"];
        let check = match (operation, status) {
            (_, 300..) => continue,
            ("get_room", _) => same::<Room>,
            ("get_all_rooms", _) => same::<Vec<Room>>,
            ("add_component", _) => same::<Component>,
            ("healthcheck", _) => same::<Health>,
            ("create_room", _) => {
                same::<Room>(&data["room"]);
                let address: ServerAddress = serde_json::from_value(data["jellyfish_address"].clone()).unwrap();
                assert_eq!(serde_json::to_value(address).unwrap(), data["jellyfish_address"]);
                continue;
            }
            ("add_peer", _) => {
                same::<Peer>(&data["peer"]);
                redacts::<CreatedPeer>(data, data["token"].as_str().unwrap());
                continue;
            }
            _ => continue,
        };
        check(data);
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
}

fn same<T: Serialize + DeserializeOwned>(sent: &Value) {
    let value: T = serde_json::from_value(sent.clone()).unwrap();
    let mut expected = sent.clone();
    normalize(&mut expected);
    assert_eq!(serde_json::to_value(value).unwrap(), expected);
}

/// Redacts passwords, and replaces the negative duration that a server accepted and returned.
fn normalize(value: &mut Value) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| match name.as_str() {
            "password" => *value = json!(REDACTED),
            "targetWindowDuration" if *value == -1 => *value = Value::Null,
            _ => normalize(value),
        }),
        Value::Array(items) => items.iter_mut().for_each(normalize),
        _ => {}
    }
}

#[test]
fn value_with_secret_serializes_the_secret_as_redacted() {
    let component = json!({ "id": "c", "properties": sip(), "tracks": [], "type": "sip" });
    let mut room = room();
    room["components"].as_array_mut().unwrap().push(component.clone());
    let credentials = redacts::<SipCredentials>(&sip()["registrarCredentials"], "sentinel");
    assert_eq!((credentials.address(), credentials.username()), ("a", "u"));
    assert_eq!((credentials.password().expose(), credentials.extra().get("new")), ("sentinel", Some("1")));
    assert_eq!(serde_json::to_value(Exposed(credentials.password())).unwrap(), "sentinel");
    assert_eq!(redacts::<SipProperties>(&sip(), "sentinel").registrar_credentials, credentials);
    redacts::<Component>(&component, "sentinel");
    redacts::<Room>(&room, "sentinel");

    let peer = json!({ "id": "p", "metadata": null, "status": "connected", "tracks": [], "type": "webrtc" });
    let created = json!({ "peer": peer, "peer_websocket_url": "ws://h/socket/peer/websocket", "token": "sentinel" });
    let read = redacts::<CreatedPeer>(&created, "sentinel");
    assert_eq!((read.ws_url.as_str(), read.token.expose()), ("ws://h/socket/peer/websocket", "sentinel"));
    let error = serde_json::from_value::<CreatedPeer>(json!({ "peer": peer, "token": "t" })).unwrap_err();
    assert!(error.to_string().contains("peer_websocket_url"), "{error}");
}

/// A client must read the password that a server sends, even if it looks redacted.
#[tokio::test]
async fn client_reads_a_password_that_looks_redacted() -> anyhow::Result<()> {
    let (emulator, jellyfish) = crate::fixture::start().await?;
    let mut properties = sip();
    properties["registrarCredentials"]["password"] = json!(REDACTED);
    let component = json!({ "id": "c", "type": "sip", "tracks": [], "properties": properties });
    let room = json!({ "id": "r", "config": {}, "peers": [], "components": [component] });
    emulator.faults().on("get_room").status(200).body(json!({ "data": room }).to_string());
    let room = jellyfish.get_room("r").await?;
    assert!(matches!(room.components[0].properties, ComponentProperties::Sip(_)), "{room:?}");
    Ok(())
}

#[test]
fn unreadable_number_serializes_as_null() {
    let config = json!({ "maxPeers": "many", "peerlessPurgeTimeout": 1.5, "peerDisconnectedTimeout": -1 });
    let config = serde_json::to_value(serde_json::from_value::<RoomConfig>(config).unwrap()).unwrap();
    for name in ["maxPeers", "peerlessPurgeTimeout", "peerDisconnectedTimeout"] {
        assert_eq!(config[name], Value::Null, "{name}");
    }
}
