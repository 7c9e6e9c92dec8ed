//! Every notification as bytes: both decoders return the same.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use fishjam_proto::fishjam::server_message::{Content, RecordingStatusChanged};
use fishjam_sdk::events::{Notification, decode_server_notifications};
use fishjam_tests::notifications::{SHORT, Strings, batch, camel_case, message, notifications};
use futures_util::{FutureExt, future::BoxFuture};
use prost::Message as _;
use serde_json::{Value, json};

use crate::{
    python::Python,
    report::Section,
    scenario::{Scenario, emulator},
};

pub(crate) const SCENARIO: Scenario = Scenario { name: "events", run_both: Some(run_both), ..Scenario::NOTHING };

const DROPPED: &str = "the Python SDK drops it (X21)";
const DEPRECATED: &str = "the Python SDK drops what the contract deprecates (X21)";

/// Notifications that the official decoder drops.
const WITHHELD_BY_PYTHON: [(&str, &str); 9] = [
    ("componentCrashed", DEPRECATED),
    ("hlsPlayable", DEPRECATED),
    ("hlsUploaded", DEPRECATED),
    ("hlsUploadCrashed", DEPRECATED),
    ("streamConnected", DEPRECATED),
    ("streamDisconnected", DEPRECATED),
    ("trackForwarding", DROPPED),
    ("trackForwardingRemoved", DROPPED),
    ("vadNotification", DROPPED),
];

/// A number of an unknown status.
const NO_STATUS: i32 = 99;

/// Strings with letters outside ASCII.
const FOREIGN: Strings = Strings {
    room_id: "room-ż",
    peer_id: "peer-ż",
    component_id: "component-ż",
    track_id: "track-ż",
    channel_id: "channel-ż",
    stream_id: "stream-ż",
    recording_id: "recording-ż",
    reason: "przyczyna: ż",
    metadata: r#"{"name": "Zażółć", "a": {"b": null}}"#,
    ..SHORT
};

fn run_both<'a>(python: &'a Python, section: &'a mut Section<'_>) -> BoxFuture<'a, Result<()>> {
    async move {
        let contents: Vec<_> = notifications(&FOREIGN).into_iter().map(|sample| sample.content).collect();
        let unknown = RecordingStatusChanged { status: NO_STATUS, ..Default::default() };
        let mut payloads: Vec<_> = contents.iter().map(|content| message(content.clone()).encode_to_vec()).collect();
        payloads.push(batch(contents).encode_to_vec());
        payloads.push(message(Content::RecordingStatusChanged(unknown)).encode_to_vec());
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
            let name = ours.first().map_or("nothing", name);
            section.check(&format!("message {:2}: {name}", index + 1), || same(theirs, ours));
        }
        section.check("all notifications in one batch", || same(their_batch, our_batch));
        section.check("an empty body", || same(their_empty, our_empty));
        section.check("a status that neither knows: Python refuses it, we keep it", || {
            ensure!(*their_unknown == json!({ "error": "StaleSdkError" }), "Python {their_unknown}");
            ensure!(
                our_unknown.len() == 1 && our_unknown[0]["recordingStatusChanged"]["status"] == "99",
                "Rust {our_unknown:?}"
            );
            Ok(())
        });
        for (name, reason) in WITHHELD_BY_PYTHON {
            section.check(&format!("only our decoder delivers {name}"), || {
                let is = |notification: &Value| self::name(notification) == name;
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

/// Compares the results, without the notifications that Python drops.
fn same(python: &Value, rust: &[Value]) -> Result<()> {
    let withheld = |value: &Value| WITHHELD_BY_PYTHON.iter().any(|(name, _)| self::name(value) == *name);
    let rust: Vec<_> = rust.iter().filter(|value| !withheld(value)).collect();
    ensure!(*python == json!(rust), "Python {python}\nRust   {}", json!(rust));
    Ok(())
}

/// An empty message in each field of the outermost layer is a notification of its type.
fn every_one_is_there(batch: &[Value]) -> Result<()> {
    let here: BTreeSet<_> = batch.iter().map(|value| name(value).to_owned()).collect();
    let mut known = BTreeSet::new();
    for number in 1..=200_u32 {
        let mut bytes = Vec::new();
        prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut bytes);
        bytes.push(0);
        let read = decode_server_notifications(&bytes)?;
        known.extend(read.iter().map(Notification::name).filter(|name| *name != "unknown").map(camel_case));
    }
    ensure!(known.len() >= 28 && here == known, "missing: {:?}", known.difference(&here).collect::<Vec<_>>());
    Ok(())
}

/// Returns the name of a notification, which is the name of its only member.
fn name(notification: &Value) -> &str {
    notification.as_object().and_then(|members| members.keys().next()).map_or("", String::as_str)
}

fn read(payload: &[u8]) -> Result<Vec<Value>> {
    decode_server_notifications(payload)?.iter().map(|notification| Ok(serde_json::to_value(notification)?)).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
