//! Notifications and metrics of Jellyfish: the official SDK and ours receive the same.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result, ensure};
use fishjam_emulator::{
    Emulator, JellyfishEmulator, TrackKind,
    proto::jellyfish::{
        ServerMessage,
        server_message::{self as wire, Content},
    },
};
use fishjam_sdk::jellyfish::{
    ConnectionOptions, EventStream, File, JellyfishNotifier, RoomOptions, WebRtc,
    events::{Event, Notification},
    webhook,
};
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use prost::Message as _;
use serde_json::{Value, json};

use crate::{
    jellyfish_rooms::client,
    python::Python,
    report::Section,
    scenario::{Scenario, Sdk, jellyfish},
};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "jellyfish_events",
    sdk: Sdk::Jellyfish,
    jellyfish_calls: Some(calls),
    run_both: Some(run_both),
    ..Scenario::NOTHING
};

pub(crate) const SELF_HOSTED: Scenario = Scenario {
    name: "self_hosted_events",
    script: Some("jellyfish_events"),
    sdk: Sdk::SelfHosted,
    jellyfish_calls: Some(calls),
    run_both: Some(run_both),
    ..Scenario::NOTHING
};

/// The rooms that [`play`] deletes.
const ROOMS: &str = "2";

/// The time limit of Python's start and subscription on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn notifier(emulator: &JellyfishEmulator, metrics: bool) -> Result<JellyfishNotifier> {
    let options = ConnectionOptions::new(emulator.address(), emulator.token());
    Ok(JellyfishNotifier::builder(options).metrics(metrics).build()?)
}

/// Connects, subscribes to both kinds of events, and disconnects.
fn calls(emulator: &JellyfishEmulator) -> BoxFuture<'_, Result<()>> {
    async move {
        drop(notifier(emulator, true)?.events().await?);
        Ok(())
    }
    .boxed()
}

fn run_both<'a>(python: &'a Python, section: &'a mut Section<'_>) -> BoxFuture<'a, Result<()>> {
    async move {
        listen(python, section).await?;
        decode(python, section).await
    }
    .boxed()
}

/// Both notifiers listen to one emulator while [`play`] runs.
async fn listen(python: &Python, section: &mut Section<'_>) -> Result<()> {
    let emulator = jellyfish().await?;
    let mut events = notifier(&emulator, false)?.events().await?;
    let ours = async {
        tokio::time::timeout(PATIENCE, emulator.server_sockets().wait_for_subscribers(2))
            .await
            .context("the Python notifier did not subscribe")?;
        play(&emulator).await?;
        heard(&mut events).await
    };
    let (theirs, ours) = tokio::join!(python.run("jellyfish_events", &["listen", ROOMS], &emulator), ours);
    let theirs = theirs?;
    theirs.judge(section);
    let ours = match ours {
        Ok(ours) => ours,
        Err(error) => {
            section.failed("our notifier received the scripted run", &format!("{error:#}"));
            return Ok(());
        }
    };
    section.check("both notifiers receive the same number of notifications", || {
        ensure!(!ours.is_empty() && ours.len() == theirs.notes.len(), "Python {:?}\nRust   {ours:?}", theirs.notes);
        Ok(())
    });
    for (index, (their, our)) in theirs.notes.iter().zip(&ours).enumerate() {
        let name = our.as_object().and_then(|members| members.keys().next()).map_or("", String::as_str);
        section.check(&format!("event {:2}: {name}", index + 1), || same(their, our));
    }
    Ok(())
}

async fn play(emulator: &JellyfishEmulator) -> Result<()> {
    let jellyfish = client(emulator)?;
    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    let peer = jellyfish.add_peer(&room.id, WebRtc::new()).await?.peer;
    for kind in [TrackKind::Audio, TrackKind::Video] {
        let track = emulator.add_track(room.id.as_str(), peer.id.as_str(), kind, json!({ "name": "Zażółć" }));
        let track = track.context("the emulator does not take a track")?;
        ensure!(emulator.update_track(room.id.as_str(), peer.id.as_str(), &track, json!(1)), "nor other metadata");
    }
    jellyfish.add_component(&room.id, File::new("audio.ogg")).await?;
    ensure!(emulator.crash_peer(room.id.as_str(), peer.id.as_str(), "przyczyna: ż"), "the emulator has no such peer");
    jellyfish.delete_room(&room.id).await?;
    let (last, _) = jellyfish.create_room(RoomOptions::new()).await?;
    Ok(jellyfish.delete_room(&last.id).await?)
}

/// Everything up to the end of the last room.
async fn heard(events: &mut EventStream) -> Result<Vec<Value>> {
    let (mut heard, mut rooms) = (Vec::new(), ROOMS.parse::<usize>()?);
    while rooms > 0 {
        let event =
            tokio::time::timeout(PATIENCE, events.next()).await.context("our notifier received no further event")?;
        let Event::Notification(notification) = event.context("the stream ended")?? else {
            anyhow::bail!("there was a gap")
        };
        rooms -= usize::from(matches!(notification, Notification::RoomDeleted(_)));
        heard.push(serde_json::to_value(&notification)?);
    }
    Ok(heard)
}

/// Both decoders read every notification, as the body of a webhook.
async fn decode(python: &Python, section: &mut Section<'_>) -> Result<()> {
    let mut bodies: Vec<_> =
        contents().into_iter().map(|content| ServerMessage { content: Some(content) }.encode_to_vec()).collect();
    bodies.push(Vec::new());
    let hex: Vec<String> = bodies.iter().map(|body| body.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
    let emulator = Emulator::jellyfish().start().await?;
    let said = python.run("jellyfish_events", &["decode", &json!(hex).to_string()], &emulator).await?;
    said.judge(section);
    section.check("the script read everything", || {
        ensure!(said.notes.len() == bodies.len(), "{} of {}", said.notes.len(), bodies.len());
        Ok(())
    });
    let mut here = BTreeSet::new();
    for (index, (body, theirs)) in bodies.iter().zip(&said.notes).enumerate() {
        let ours = webhook::receive(body)?;
        let name = ours.as_ref().map_or("nothing", Notification::name);
        here.insert(name);
        let ours = serde_json::to_value(&ours)?;
        section.check(&format!("message {:2}: {name}", index + 1), || same(theirs, &ours));
    }
    section.check("every notification that our decoder knows is among them", || {
        let mut known = BTreeSet::from(["nothing"]);
        for number in 1..=200_u32 {
            let mut bytes = Vec::new();
            prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut bytes);
            bytes.push(0);
            known.extend(webhook::receive(&bytes)?.map(|read| read.name()).filter(|name| *name != "unknown"));
        }
        ensure!(known.len() == 18 && here == known, "missing: {:?}", known.difference(&here).collect::<Vec<_>>());
        Ok(())
    });
    Ok(())
}

fn same(python: &Value, rust: &Value) -> Result<()> {
    ensure!(python == rust, "Python {python}\nRust   {rust}");
    Ok(())
}

/// A message with these fields.
macro_rules! content {
    ($name:ident { $($field:ident: $value:expr),* $(,)? }) => {
        Content::$name(wire::$name { $($field: $value.into()),* })
    };
}

/// At least one notification of every type.
fn contents() -> Vec<Content> {
    let (room, peer, component) = ("room-ż", "peer-ż", "component-ż");
    let mut contents = vec![
        content!(RoomCreated { room_id: room }),
        content!(RoomDeleted { room_id: room }),
        content!(RoomCrashed { room_id: room }),
        content!(PeerAdded { room_id: room, peer_id: peer }),
        content!(PeerDeleted { room_id: room, peer_id: peer }),
        content!(PeerConnected { room_id: room, peer_id: peer }),
        content!(PeerDisconnected { room_id: room, peer_id: peer }),
        content!(PeerCrashed { room_id: room, peer_id: peer, reason: "przyczyna: ż" }),
        content!(PeerMetadataUpdated { room_id: room, peer_id: peer, metadata: r#"{"mood": "świetnie"}"# }),
        content!(ComponentCrashed { room_id: room, component_id: component }),
        content!(HlsPlayable { room_id: room, component_id: component }),
        content!(HlsUploaded { room_id: room }),
        content!(HlsUploadCrashed { room_id: room }),
        content!(MetricsReport { metrics: r#"{"room_id=r": {}}"# }),
    ];
    /// Adds a message with a peer, with a component, and without an endpoint.
    macro_rules! with_endpoints {
        ($name:ident $module:ident $kind:literal) => {
            for endpoint_info in [
                Some(wire::$module::EndpointInfo::PeerId(peer.to_owned())),
                Some(wire::$module::EndpointInfo::ComponentId(component.to_owned())),
                None,
            ] {
                let track = wire::Track { id: "track-ż".to_owned(), r#type: $kind, metadata: "null".to_owned() };
                contents.push(Content::$name(wire::$name {
                    room_id: room.to_owned(),
                    endpoint_info,
                    track: Some(track),
                }));
            }
        };
    }
    with_endpoints!(TrackAdded track_added 1);
    with_endpoints!(TrackRemoved track_removed 2);
    with_endpoints!(TrackMetadataUpdated track_metadata_updated 0);
    contents
}
