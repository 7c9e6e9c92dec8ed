//! Notifiers: the official one and ours receive the same.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fishjam_emulator::{
    Emulator, TrackKind,
    proto::fishjam::{ServerMessage, server_message as wire},
};
use fishjam_sdk::{
    EventStream, FishjamNotifier, PeerOptions, PeerStatus, RoomOptions,
    events::{Event, Notification},
};
use fishjam_tests::notifications::camel_case;
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use serde_json::{Value, json};

use crate::{
    peer_socket::PeerSocket,
    python::Python,
    report::Section,
    scenario::{Scenario, client, emulator},
};

pub(crate) const SCENARIO: Scenario =
    Scenario { name: "notifications", calls: Some(calls), run_both: Some(run_both), ..Scenario::NOTHING };

/// Notifications that the official notifier drops, and the reason.
const WITHHELD_BY_PYTHON: [(&str, &str); 2] =
    [("vad_notification", "the Python SDK drops it (X21)"), ("track_forwarding", "the Python SDK drops it (X21)")];

/// The rooms that [`play`] deletes.
const ROOMS: &str = "3";

/// The time limit of Python's start and subscription on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

/// Connects, subscribes, and disconnects.
fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
        drop(notifier.events().await?);
        Ok(())
    }
    .boxed()
}

/// Both notifiers listen to one emulator while [`play`] runs.
fn run_both<'a>(python: &'a Python, section: &'a mut Section<'_>) -> BoxFuture<'a, Result<()>> {
    async move {
        let emulator = emulator().await?;
        let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
        let ours = async {
            let both = async {
                while emulator.subscribers() < 2 {
                    tokio::time::sleep(POLL).await;
                }
            };
            tokio::time::timeout(PATIENCE, both).await.context("the Python notifier did not subscribe")?;
            play(&emulator).await?;
            heard(&mut events).await
        };
        let (theirs, ours) = tokio::join!(python.run("notifications", &["listen", ROOMS], &emulator), ours);
        let theirs = theirs?;
        theirs.judge(section);
        match ours {
            Ok(ours) => compare(&theirs.notes, &ours, section),
            Err(error) => section.failed("our notifier received the scripted run", &format!("{error:#}")),
        }
        Ok(())
    }
    .boxed()
}

/// Causes all notifications, with peers that connect and disconnect in different ways.
async fn play(emulator: &Emulator) -> Result<()> {
    let fishjam = client(emulator)?;
    let quiet = fishjam.create_room(RoomOptions::new()).await?;
    let busy = fishjam.create_room(RoomOptions::new()).await?;
    let (room, other_room) = (busy.id.as_str(), quiet.id.as_str());

    let (leaver, token) = fishjam.create_peer(room, PeerOptions::new()).await?;
    let mut socket = PeerSocket::connect(emulator, &token).await?;
    socket.set_metadata(json!({ "name": "Ada" })).await?;
    let (never, _) = fishjam.create_peer(other_room, PeerOptions::new()).await?;
    for kind in [TrackKind::Audio, TrackKind::Video] {
        let track = emulator.add_track(room, leaver.id.as_str(), kind, json!({ "type": "camera" }));
        ensure!(track.is_some(), "the emulator does not take a track");
        if let Some(track) = track.filter(|_| kind == TrackKind::Video) {
            ensure!(emulator.remove_track(room, leaver.id.as_str(), &track), "the emulator does not drop a track");
        }
    }
    for content in withheld(room, leaver.id.as_str()) {
        emulator.publish(ServerMessage { content: Some(content) });
    }
    fishjam.delete_peer(other_room, &never.id).await?;
    socket.close().await;
    while fishjam.get_room(room).await?.peers.iter().any(|peer| peer.status == PeerStatus::Connected) {
        tokio::time::sleep(POLL).await;
    }
    fishjam.delete_peer(room, &leaver.id).await?;

    let (removed, token) = fishjam.create_peer(room, PeerOptions::new()).await?;
    let removed_socket = PeerSocket::connect(emulator, &token).await?;
    fishjam.delete_peer(room, &removed.id).await?;
    removed_socket.close().await;

    let (_, token) = fishjam.create_peer(room, PeerOptions::new()).await?;
    let last_socket = PeerSocket::connect(emulator, &token).await?;
    fishjam.delete_room(room).await?;
    last_socket.close().await;
    fishjam.delete_room(other_room).await?;
    let last = fishjam.create_room(RoomOptions::new()).await?;
    Ok(fishjam.delete_room(&last.id).await?)
}

/// Notifications that the emulator never sends on its own.
fn withheld(room_id: &str, peer_id: &str) -> [wire::Content; 2] {
    let (room_id, peer_id) = (room_id.to_owned(), peer_id.to_owned());
    [
        wire::Content::VadNotification(wire::VadNotification {
            room_id: room_id.clone(),
            peer_id: peer_id.clone(),
            status: 1,
            ..Default::default()
        }),
        wire::Content::TrackForwarding(wire::TrackForwarding { room_id, peer_id, ..Default::default() }),
    ]
}

/// Returns the notifications of our notifier until all rooms that [`play`] deletes are gone.
async fn heard(events: &mut EventStream) -> Result<Vec<Value>> {
    let mut heard = Vec::new();
    let rooms: usize = ROOMS.parse()?;
    while heard.iter().filter(|event: &&Value| event["type"] == "room_deleted").count() < rooms {
        match events.next().await {
            Some(Ok(Event::Notification(notification))) => heard.push(routing(&notification)?),
            Some(Ok(other)) => anyhow::bail!("our notifier got {other:?}"),
            Some(Err(error)) => return Err(error.into()),
            None => anyhow::bail!("our notifier's stream ended"),
        }
    }
    Ok(heard)
}

/// Returns the name and the ids of a notification.
fn routing(notification: &Notification) -> Result<Value> {
    Ok(json!({
        "type": notification.name(),
        "room_id": notification.room_id().map(|id| id.as_str()),
        "peer_id": notification.peer_id().map(|id| id.as_str()),
        "peer_type": serde_json::to_value(notification)?[camel_case(notification.name())]["peerType"],
    }))
}

fn compare(theirs: &[Value], ours: &[Value], section: &mut Section<'_>) {
    for (name, reason) in WITHHELD_BY_PYTHON {
        section.check(&format!("only our notifier delivers {name}"), || {
            ensure!(ours.iter().any(|event| event["type"] == name), "ours did not");
            ensure!(theirs.iter().all(|event| event["type"] != name), "so does the other, although {reason}");
            Ok(())
        });
    }
    let ours: Vec<_> =
        ours.iter().filter(|event| WITHHELD_BY_PYTHON.iter().all(|(name, _)| event["type"] != *name)).collect();
    section.check("both notifiers receive the same number of notifications", || {
        ensure!(!ours.is_empty() && ours.len() == theirs.len(), "Python {theirs:?}\nRust   {ours:?}");
        Ok(())
    });
    for (index, (their, our)) in theirs.iter().zip(ours).enumerate() {
        let name = our["type"].as_str().unwrap_or_default();
        section.check(&format!("event {:2}: {name}", index + 1), || {
            ensure!(their == our, "Python {their}\nRust   {our}");
            Ok(())
        });
    }
}
