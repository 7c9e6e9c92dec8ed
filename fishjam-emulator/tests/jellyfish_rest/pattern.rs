//! The expected JSON body: objects without their usual members, and names for generated values.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::made_up::is_generated;

/// The generated values, by name.
#[derive(Debug, Default)]
pub(crate) struct Bindings(HashMap<String, String>);

impl Bindings {
    pub(crate) fn bind(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Replaces names with their generated values.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut names: Vec<&String> = self.0.keys().collect();
        // `$room10` is not `$room1` and a zero.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_owned(), |text, name| text.replace(&format!("${name}"), &self.0[name]))
    }

    /// Compares a body with the expected one, and binds generated values.
    pub(crate) fn compare(&mut self, wanted: &Value, got: &Value) -> Result<(), String> {
        match (wanted, got) {
            (Value::Object(wanted), Value::Object(got)) => {
                let mut names: Vec<_> = wanted.keys().chain(got.keys()).collect();
                names.sort_unstable();
                names.dedup();
                for name in names {
                    let (Some(wanted), Some(got)) = (wanted.get(name), got.get(name)) else {
                        return Err(format!("only one has the member {name}"));
                    };
                    self.compare(wanted, got).map_err(|difference| format!("{name}: {difference}"))?;
                }
                Ok(())
            }
            (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
                wanted.iter().zip(got).try_for_each(|(wanted, got)| self.compare(wanted, got))
            }
            (Value::String(wanted), got) if wanted == "$uptime" && got.is_u64() => Ok(()),
            (Value::String(wanted), Value::String(got)) => self.compare_texts(wanted, got),
            _ if wanted == got => Ok(()),
            _ => Err(format!("{got}, expected {wanted}")),
        }
    }

    fn compare_texts(&mut self, wanted: &str, got: &str) -> Result<(), String> {
        let wanted = self.fill(wanted);
        if let Some(name) = wanted.strip_prefix('$') {
            if !is_generated(name, got) || self.0.values().any(|bound| bound == got) {
                return Err(format!("{got:?} is no new {name}"));
            }
            self.bind(name, got);
            return Ok(());
        }
        if wanted == got { Ok(()) } else { Err(format!("{got:?}, expected {wanted:?}")) }
    }
}

/// Adds the usual members to the expected rooms, peers and components.
pub(crate) fn expand(value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            for (shape, expand) in SHAPES {
                if let Some(Value::String(_)) = members.get(*shape) {
                    let id = members.remove(*shape).unwrap();
                    return expand(shape, id, members);
                }
            }
            members.into_iter().map(|(name, value)| (name, self::expand(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(expand).collect(),
        other => other,
    }
}

type Expand = fn(&str, Value, Map<String, Value>) -> Value;

const SHAPES: &[(&str, Expand)] = &[
    ("room", room),
    ("peer", peer),
    ("hls", component),
    ("rtsp", component),
    ("file", component),
    ("sip", component),
    ("recording", component),
];

fn room(_: &str, id: Value, mut members: Map<String, Value>) -> Value {
    let mut list = |name| expand(members.remove(name).unwrap_or_else(|| json!([])));
    let (components, peers) = (list("components"), list("peers"));
    let config = json!({
        "roomId": id, "maxPeers": null, "videoCodec": null, "webhookUrl": null, "peerlessPurgeTimeout": null,
        "peerDisconnectedTimeout": null,
    });
    json!({ "id": id, "config": merged(config, members), "components": components, "peers": peers })
}

fn peer(_: &str, id: Value, members: Map<String, Value>) -> Value {
    assert!(members.is_empty(), "{members:?}");
    json!({ "id": id, "type": "webrtc", "status": "disconnected", "tracks": [], "metadata": null })
}

fn component(kind: &str, id: Value, mut members: Map<String, Value>) -> Value {
    let tracks = members.remove("tracks").unwrap_or_else(|| json!([]));
    let usual = match kind {
        "hls" => json!({
            "lowLatency": false, "persistent": false, "playable": false, "s3": null, "subscribeMode": "auto",
            "targetWindowDuration": null,
        }),
        "rtsp" => json!({ "rtpPort": 20000, "reconnectDelay": 15000, "keepAliveInterval": 15000, "pierceNat": true }),
        "file" => json!({ "framerate": null }),
        "recording" => json!({ "subscribeMode": "auto" }),
        _ => json!({}),
    };
    json!({ "id": id, "type": kind, "properties": merged(usual, members), "tracks": tracks })
}

fn merged(mut usual: Value, members: Map<String, Value>) -> Value {
    if let Value::Object(usual) = &mut usual {
        usual.extend(members);
    }
    usual
}

#[test]
fn pattern_finds_differences() {
    let wanted = expand(json!({ "data": { "room": "$room1", "maxPeers": 3, "peers": [{ "peer": "$peer1" }] } }));
    let (room, peer) = ("5f3759df-0000-4abc-9def-0123456789ab", "5f3759df-0000-4abc-9def-0123456789ac");
    let got = json!({ "data": {
        "id": room,
        "config": {
            "roomId": room, "maxPeers": 3, "videoCodec": null, "webhookUrl": null, "peerlessPurgeTimeout": null,
            "peerDisconnectedTimeout": null,
        },
        "components": [],
        "peers": [{ "id": peer, "type": "webrtc", "status": "disconnected", "tracks": [], "metadata": null }],
    } });
    assert_eq!(Bindings::default().compare(&wanted, &got), Ok(()));
    for change in [
        (|got: &mut Value| got["data"]["config"]["maxPeers"] = json!(4)) as fn(&mut Value),
        |got| got["data"]["config"]["roomId"] = json!("5f3759df-0000-4abc-9def-0123456789ad"),
        |got| got["data"]["peers"][0]["id"] = got["data"]["id"].clone(),
        |got| got["data"]["peers"] = json!([]),
        |got| got["data"]["new"] = json!(null),
        |got| drop(got["data"].as_object_mut().unwrap().remove("components")),
    ] {
        let mut changed = got.clone();
        change(&mut changed);
        assert!(Bindings::default().compare(&wanted, &changed).is_err(), "{changed}");
    }
}
