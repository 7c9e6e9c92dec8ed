//! Every notification that there is, as bytes: the official decoder and ours read the same.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::Track,
    server_message::{self as wire, Content},
};
use fishjam_sdk::events::{Notification, decode_server_notifications};
use futures_util::{FutureExt, future::BoxFuture};
use prost::Message as _;
use serde_json::{Value, json};

use crate::{
    python::Python,
    report::Section,
    scenario::{Scenario, emulator},
};

pub(crate) const SCENARIO: Scenario = Scenario { name: "events", together: Some(together), ..Scenario::NOTHING };

const DROPPED: &str = "the Python SDK drops it (X21)";
const DEPRECATED: &str = "the Python SDK drops what the contract deprecates (X21)";

/// What the official decoder leaves out.
const WITHHELD_BY_PYTHON: [(&str, &str); 9] = [
    ("component_crashed", DEPRECATED),
    ("hls_playable", DEPRECATED),
    ("hls_uploaded", DEPRECATED),
    ("hls_upload_crashed", DEPRECATED),
    ("stream_connected", DEPRECATED),
    ("stream_disconnected", DEPRECATED),
    ("track_forwarding", DROPPED),
    ("track_forwarding_removed", DROPPED),
    ("vad_notification", DROPPED),
];

/// A number that no status has.
const NO_STATUS: i32 = 99;

fn together<'a>(python: &'a Python, section: &'a mut Section<'_>) -> BoxFuture<'a, Result<()>> {
    async move {
        let single: Vec<_> = contents().into_iter().map(message).collect();
        let mut payloads: Vec<_> = single.iter().map(ServerMessage::encode_to_vec).collect();
        let batch = wire::NotificationBatch { notifications: single };
        payloads.push(message(Content::NotificationBatch(batch)).encode_to_vec());
        payloads.push(message(recording(NO_STATUS)).encode_to_vec());
        payloads.push(Vec::new());

        let hex: Vec<_> = payloads.iter().map(|payload| hex(payload)).collect();
        let said = python.run("events", &["decode", &json!(hex).to_string()], &emulator().await?).await?;
        said.judge(section);
        let ours: Vec<_> = payloads.iter().map(|payload| read(payload)).collect::<Result<_>>()?;
        let [theirs @ .., their_batch, their_unknown, their_empty] = said.notes.as_slice() else {
            section.failed("the script read everything", "there are too few notes");
            return Ok(());
        };
        let [ours @ .., our_batch, our_unknown, our_empty] = ours.as_slice() else { return Ok(()) };
        section.check("the script read everything", || {
            ensure!(theirs.len() == ours.len(), "{} of {}", theirs.len(), ours.len());
            Ok(())
        });

        for (index, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
            let name = ours.first().and_then(|first| first["type"].as_str()).unwrap_or("nothing");
            section.check(&format!("message {:2}: {name}", index + 1), || same(theirs, ours));
        }
        section.check("all of them in one batch", || same(their_batch, our_batch));
        section.check("an empty body", || same(their_empty, our_empty));
        section.check("a status that neither knows: Python refuses it, we keep it", || {
            ensure!(*their_unknown == json!({ "error": "StaleSdkError" }), "Python {their_unknown}");
            ensure!(our_unknown.len() == 1 && our_unknown[0]["status"] == "99", "Rust {our_unknown:?}");
            Ok(())
        });
        for (name, reason) in WITHHELD_BY_PYTHON {
            section.check(&format!("only our decoder hands on {name}"), || {
                let is = |notification: &Value| notification["type"] == name;
                ensure!(our_batch.iter().any(is), "ours does not");
                let theirs = their_batch.as_array().context("Python refused the batch")?;
                ensure!(!theirs.iter().any(is), "never seen, so to be removed from the list: {reason}");
                Ok(())
            });
        }
        section.check("every notification that our decoder knows is among them", || every_one_is_there(our_batch));
        Ok(())
    }
    .boxed()
}

/// What both read, but for what Python leaves out.
fn same(python: &Value, rust: &[Value]) -> Result<()> {
    let withheld = |value: &Value| WITHHELD_BY_PYTHON.iter().any(|(name, _)| value["type"] == *name);
    let rust: Vec<_> = rust.iter().filter(|value| !withheld(value)).collect();
    ensure!(*python == json!(rust), "Python {python}\nRust   {}", json!(rust));
    Ok(())
}

/// An empty message in each field of the outermost layer is a notification of its type.
fn every_one_is_there(batch: &[Value]) -> Result<()> {
    let here: BTreeSet<_> = batch.iter().filter_map(|value| value["type"].as_str()).collect();
    let mut known = BTreeSet::new();
    for number in 1..=200_u32 {
        let mut bytes = Vec::new();
        prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut bytes);
        bytes.push(0);
        let read = decode_server_notifications(&bytes)?;
        known.extend(read.iter().map(Notification::name).filter(|name| *name != "unknown"));
    }
    ensure!(known.len() >= 28 && here == known, "missing: {:?}", known.difference(&here).collect::<Vec<_>>());
    Ok(())
}

fn read(payload: &[u8]) -> Result<Vec<Value>> {
    decode_server_notifications(payload)?.iter().map(|notification| Ok(serde_json::to_value(notification)?)).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn message(content: Content) -> ServerMessage {
    ServerMessage { content: Some(content) }
}

fn id(of: &str) -> String {
    format!("{of}-ż")
}

fn track(kind: i32) -> Option<Track> {
    Some(Track { id: id("track"), r#type: kind, metadata: r#"{"name": "Zażółć"}"#.to_owned() })
}

fn recording(status: i32) -> Content {
    let metadata = r#"{"a": {"b": null}}"#.to_owned();
    Content::RecordingStatusChanged(wire::RecordingStatusChanged { recording_id: id("recording"), status, metadata })
}

/// A message with these fields; the rest of what there is.
macro_rules! content {
    ($name:ident { $($field:ident: $value:expr),* $(,)? }) => {
        Content::$name(wire::$name { $($field: $value.into()),* })
    };
}

/// At least one notification of every type.
#[allow(deprecated, reason = "a server may send what the contract deprecates")]
fn contents() -> Vec<Content> {
    let (room, peer, component, stream) = (id("room"), id("peer"), id("component"), id("stream"));
    let (room, peer, component, stream) = (room.as_str(), peer.as_str(), component.as_str(), stream.as_str());
    let (channel, input, url) = ("channel-ż", "input", "https://rtc.fishjam.io/api/composition/c");
    let mut contents = vec![
        content!(RoomCreated { room_id: room }),
        content!(RoomDeleted { room_id: room }),
        content!(RoomCrashed { room_id: room }),
        content!(ComponentCrashed { room_id: room, component_id: component }),
        content!(HlsPlayable { room_id: room, component_id: component }),
        content!(HlsUploaded { room_id: room }),
        content!(HlsUploadCrashed { room_id: room }),
        content!(StreamConnected { stream_id: stream }),
        content!(StreamDisconnected { stream_id: stream }),
        content!(StreamerConnected { stream_id: stream, streamer_id: "streamer" }),
        content!(StreamerDisconnected { stream_id: stream, streamer_id: "streamer" }),
        content!(ViewerConnected { stream_id: stream, viewer_id: "viewer" }),
        content!(ViewerDisconnected { stream_id: stream, viewer_id: "viewer" }),
        content!(TrackForwarding {
            room_id: room,
            peer_id: peer,
            composition_url: url,
            input_id: input,
            audio_track: track(2),
            video_track: None,
        }),
        content!(TrackForwardingRemoved { room_id: room, peer_id: peer, composition_url: url, input_id: input }),
        content!(VadNotification { room_id: room, peer_id: peer, track_id: "track", status: 2 }),
    ];
    for peer_type in 0..=3 {
        contents.extend([
            content!(PeerAdded { room_id: room, peer_id: peer, peer_type: peer_type }),
            content!(PeerDeleted { room_id: room, peer_id: peer, peer_type: peer_type }),
            content!(PeerConnected { room_id: room, peer_id: peer, peer_type: peer_type }),
            content!(PeerDisconnected { room_id: room, peer_id: peer, peer_type: peer_type }),
            content!(PeerCrashed { room_id: room, peer_id: peer, reason: "przyczyna: ż", peer_type: peer_type }),
            content!(PeerMetadataUpdated {
                room_id: room,
                peer_id: peer,
                metadata: r#"{"mood": "świetnie"}"#,
                peer_type: peer_type,
            }),
        ]);
    }
    /// The same with a peer, a component and nobody as the endpoint.
    macro_rules! with_endpoints {
        ($name:ident $module:ident { $($field:ident: $value:expr),* }) => {
            for endpoint_info in [
                Some(wire::$module::EndpointInfo::PeerId(peer.to_owned())),
                Some(wire::$module::EndpointInfo::ComponentId(component.to_owned())),
                None,
            ] {
                contents.push(Content::$name(wire::$name { room_id: room.to_owned(), endpoint_info, $($field: $value),* }));
            }
        };
    }
    with_endpoints!(TrackAdded track_added { track: track(1) });
    with_endpoints!(TrackRemoved track_removed { track: track(2) });
    with_endpoints!(TrackMetadataUpdated track_metadata_updated { track: track(0) });
    with_endpoints!(ChannelAdded channel_added { channel_id: channel.to_owned() });
    with_endpoints!(ChannelRemoved channel_removed { channel_id: channel.to_owned() });
    contents.extend((1..=4).map(recording));
    contents
}
