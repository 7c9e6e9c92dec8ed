//! Notifications arrive in order, complete and typed. Unknown notifications arrive, too.

use std::collections::BTreeSet;

use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::server_message::{Content, RecordingStatusChanged, RoomCreated};
use fishjam_sdk::{
    EventStream, FishjamClient, FishjamNotifier, PeerOptions, PeerType, RecordingStatus, RoomOptions, TrackType,
    events::{self, Notification},
};
use fishjam_tests::notifications::{SHORT, Sample, batch, camel_case, message, notifications};
use prost::Message as _;
use serde_json::{Value, json};

use crate::{next, peer::join};

/// The next notifications, each as one line.
async fn lines(events: &mut EventStream, count: usize) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(next(events).await?.to_string());
    }
    Ok(lines)
}

#[tokio::test]
async fn events_of_a_peer_arrive_in_order() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;

    let room = fishjam.create_room(RoomOptions::new()).await?.id;
    let (peer, token) = fishjam.create_peer(&room, PeerOptions::new()).await?;
    let peer = peer.id;
    let mut joined = join(&emulator, &token).await?;
    joined.set_metadata(json!({ "name": "Ada" })).await?;
    joined.leave().await?;
    let told = lines(&mut events, 5).await?;
    fishjam.delete_peer(&room, &peer).await?;
    fishjam.delete_room(&room).await?;
    let told = [told, lines(&mut events, 2).await?].concat();
    assert_eq!(
        told,
        [
            format!("room_created room={room}"),
            format!("peer_added room={room} peer={peer}"),
            format!("peer_connected room={room} peer={peer}"),
            format!("peer_metadata_updated room={room} peer={peer}"),
            format!("peer_disconnected room={room} peer={peer}"),
            format!("peer_deleted room={room} peer={peer}"),
            format!("room_deleted room={room}"),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn deleted_room_disconnects_and_deletes_its_peers() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?.id;
    let (peer, token) = fishjam.create_peer(&room, PeerOptions::new()).await?;
    let _joined = join(&emulator, &token).await?;

    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    fishjam.delete_room(&room).await?;
    match next(&mut events).await? {
        Notification::PeerDisconnected(it) => {
            assert_eq!((&it.room_id, &it.peer_id, &it.peer_type), (&room, &peer.id, &Some(PeerType::Webrtc)));
        }
        other => panic!("{other}"),
    }
    assert!(matches!(next(&mut events).await?, Notification::PeerDeleted(it) if it.peer_id == peer.id));
    assert!(matches!(next(&mut events).await?, Notification::RoomDeleted(it) if it.room_id == room));
    Ok(())
}

#[tokio::test]
async fn metadata_and_tracks_of_a_peer_arrive_whole() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?.id;
    let (peer, token) = fishjam.create_peer(&room, PeerOptions::new()).await?;
    let mut joined = join(&emulator, &token).await?;

    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    let ada = json!({ "name": "Ada", "tags": ["ü", null] });
    joined.set_metadata(ada.clone()).await?;
    match next(&mut events).await? {
        Notification::PeerMetadataUpdated(it) => assert_eq!(it.metadata::<Value>()?, ada),
        other => panic!("{other}"),
    }
    let (kind, microphone) = (fishjam_emulator::TrackKind::Audio, json!({ "type": "microphone" }));
    let track = emulator.add_track(room.as_str(), peer.id.as_str(), kind, microphone.clone()).unwrap();
    match next(&mut events).await? {
        Notification::TrackAdded(it) => {
            assert_eq!((it.endpoint.peer_id(), it.track.id.as_str()), (Some(&peer.id), track.as_str()));
            assert_eq!(it.track.track_type, Some(TrackType::Audio));
            assert_eq!(it.track.metadata::<Value>()?, microphone);
        }
        other => panic!("{other}"),
    }
    assert!(emulator.remove_track(room.as_str(), peer.id.as_str(), &track));
    assert!(matches!(next(&mut events).await?, Notification::TrackRemoved(it) if it.track.id == track.as_str()));
    Ok(())
}

/// The names of the variants in the contract's text, without the handshake and the envelope.
fn names_in_the_contract() -> BTreeSet<&'static str> {
    const CONTRACT: &str = include_str!("../../../proto/proto/fishjam/server_notifications.proto");
    let variants = CONTRACT.split("oneof content {").nth(1).unwrap_or_default().split("\n  }").next();
    let handshake = ["authenticated", "auth_request", "subscribe_request", "subscribe_response", "notification_batch"];
    variants
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter_map(|line| line.split_once('=')?.0.split_whitespace().nth(1))
        .filter(|name| !handshake.contains(name))
        .collect()
}

/// The notification's ids by the names that `Display` and JSON give them.
fn ids(n: &Notification) -> Vec<(&'static str, &str)> {
    [
        ("room", n.room_id().map(AsRef::as_ref)),
        ("peer", n.peer_id().map(AsRef::as_ref)),
        ("component", n.component_id().map(AsRef::as_ref)),
        ("track", n.track_id().map(AsRef::as_ref)),
        ("channel", n.channel_id().map(AsRef::as_ref)),
        ("stream", n.stream_id().map(AsRef::as_ref)),
        ("streamer", n.streamer_id().map(AsRef::as_ref)),
        ("viewer", n.viewer_id().map(AsRef::as_ref)),
        ("recording", n.recording_id().map(AsRef::as_ref)),
    ]
    .into_iter()
    .filter_map(|(name, id)| Some((name, id?)))
    .collect()
}

#[test]
fn table_has_every_notification_of_the_contract() {
    let samples = notifications(&SHORT);
    let names: BTreeSet<_> = samples.iter().map(Sample::name).collect();
    assert_eq!(names, names_in_the_contract());
    assert!(names.len() >= 28, "{names:?}");
}

// Defect X21 of the official SDKs.
#[tokio::test]
async fn every_notification_of_the_contract_arrives_typed() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    for sample in notifications(&SHORT) {
        let name = sample.name().to_owned();
        let Sample { content, line, json } = sample;
        emulator.publish(message(content));
        let notification = next(&mut events).await?;
        assert!(!matches!(notification, Notification::Unknown(_)), "{line}");
        assert_eq!(notification.name(), name);
        assert_eq!(notification.to_string(), line);
        assert_eq!(serde_json::to_value(&notification)?, json);
        let json = &json[camel_case(&name)];

        for (name, id) in ids(&notification) {
            assert!(line.contains(&format!(" {name}={id}")), "{line} has no {name}");
            let track = name == "track" && json["trackId"].is_null();
            assert_eq!(if track { &json["track"]["id"] } else { &json[format!("{name}Id")] }, id, "{name} of {json}");
        }
        let keys = json.as_object().map(|json| json.keys().filter(|key| key.ends_with("Id") && *key != "inputId"));
        let named = keys.map_or(0, Iterator::count);
        assert_eq!(ids(&notification).len(), named + usize::from(json["track"].is_object()), "{line}");
    }
    Ok(())
}

// Defect X1 of the official SDKs.
#[tokio::test]
async fn batch_arrives_as_its_notifications() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    let samples = notifications(&SHORT);
    emulator.publish(batch(samples.iter().map(|sample| sample.content.clone())));
    for sample in samples {
        assert_eq!(serde_json::to_value(next(&mut events).await?)?, sample.json);
    }
    Ok(())
}

#[test]
fn metadata_is_in_no_line_and_in_no_debug_output() -> anyhow::Result<()> {
    let bytes = batch(notifications(&SHORT).into_iter().map(|sample| sample.content)).encode_to_vec();
    for notification in events::decode_server_notifications(&bytes)? {
        let event = events::Event::Notification(notification.clone());
        let printed = format!("{notification} {event:?} {event:#?}");
        assert!(!printed.contains("sentinel"), "{printed}");
    }
    Ok(())
}

// Defect X17 of the official SDKs.
#[tokio::test]
async fn unknown_notification_arrives_and_does_not_end_the_stream() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    // Number 99, a message of the three bytes "new".
    emulator.publish_raw([0x9a, 0x06, 3, b'n', b'e', b'w']);
    match next(&mut events).await? {
        Notification::Unknown(it) => {
            assert_eq!((it.field_number, it.bytes.as_slice(), it.malformed), (99, &b"new"[..], false));
        }
        other => panic!("{other}"),
    }
    // A known notification with an unknown field.
    emulator.publish_raw([0x52, 6, 0x0a, 1, b'r', 0x7a, 1, b'x']);
    assert!(matches!(next(&mut events).await?, Notification::RoomCreated(it) if it.room_id == "r"));
    Ok(())
}

// Defect X7 of the official SDKs.
#[tokio::test]
async fn unknown_status_keeps_its_number() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    let recording = RecordingStatusChanged { recording_id: "rec".into(), status: 77, metadata: String::new() };
    emulator.publish(message(Content::RecordingStatusChanged(recording)));
    match next(&mut events).await? {
        Notification::RecordingStatusChanged(it) => {
            assert_eq!(it.status, RecordingStatus::Unknown("77".into()));
            assert!(it.metadata.is_null());
        }
        other => panic!("{other}"),
    }
    Ok(())
}

#[tokio::test]
async fn many_notifications_arrive_in_order_and_complete() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    for number in 0..5000 {
        let created = RoomCreated { room_id: format!("room-{number}") };
        emulator.publish(message(Content::RoomCreated(created)));
    }
    for number in 0..5000 {
        assert_eq!(next(&mut events).await?.to_string(), format!("room_created room=room-{number}"));
    }
    Ok(())
}
