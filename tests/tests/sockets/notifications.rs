//! Notifications: what happens arrives, in order, typed and whole, whether this version knows it or not.

use std::collections::BTreeSet;

use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{ServerMessage, notifications as shared, server_message as wire, server_message::Content};
use fishjam_sdk::{
    EventStream, FishjamClient, FishjamNotifier, PeerOptions, PeerType, RoomOptions,
    events::{self, Notification},
};
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
            assert_eq!(it.track.track_type, Some(events::TrackType::Audio));
            assert_eq!(it.track.metadata::<Value>()?, microphone);
        }
        other => panic!("{other}"),
    }
    assert!(emulator.remove_track(room.as_str(), peer.id.as_str(), &track));
    assert!(matches!(next(&mut events).await?, Notification::TrackRemoved(it) if it.track.id == track.as_str()));
    Ok(())
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn track(id: &str, kind: i32) -> shared::Track {
    shared::Track { id: text(id), r#type: kind, metadata: text(r#"{"a":1}"#) }
}

/// Every notification of the contract, beside what it must arrive as.
#[allow(deprecated, reason = "what the service deprecates is delivered as long as a server sends it")]
fn every_notification() -> Vec<(Content, Value)> {
    let (room_id, peer_id, component_id) = (text("r"), text("p"), text("c"));
    let (room, peer, component) = (|| room_id.clone(), || peer_id.clone(), || component_id.clone());
    let (stream, track_id, channel) = (|| text("s"), || text("t"), || text("ch"));
    let metadata = || text(r#"{"name":"Ada"}"#);
    let video = json!({ "id": "t", "type": "video", "metadata": r#"{"a":1}"# });
    vec![
        (
            Content::RoomCreated(wire::RoomCreated { room_id: room() }),
            json!({ "type": "room_created", "room_id": "r" }),
        ),
        (
            Content::RoomDeleted(wire::RoomDeleted { room_id: room() }),
            json!({ "type": "room_deleted", "room_id": "r" }),
        ),
        (
            Content::RoomCrashed(wire::RoomCrashed { room_id: room() }),
            json!({ "type": "room_crashed", "room_id": "r" }),
        ),
        (
            Content::PeerAdded(wire::PeerAdded { room_id: room(), peer_id: peer(), peer_type: 1 }),
            json!({ "type": "peer_added", "room_id": "r", "peer_id": "p", "peer_type": "webrtc" }),
        ),
        (
            Content::PeerDeleted(wire::PeerDeleted { room_id: room(), peer_id: peer(), peer_type: 2 }),
            json!({ "type": "peer_deleted", "room_id": "r", "peer_id": "p", "peer_type": "agent" }),
        ),
        (
            Content::PeerConnected(wire::PeerConnected { room_id: room(), peer_id: peer(), peer_type: 3 }),
            json!({ "type": "peer_connected", "room_id": "r", "peer_id": "p", "peer_type": "vapi" }),
        ),
        (
            Content::PeerDisconnected(wire::PeerDisconnected { room_id: room(), peer_id: peer(), peer_type: 0 }),
            json!({ "type": "peer_disconnected", "room_id": "r", "peer_id": "p", "peer_type": null }),
        ),
        (
            Content::PeerCrashed(wire::PeerCrashed {
                room_id: room(),
                peer_id: peer(),
                reason: text("bad codec"),
                peer_type: 9,
            }),
            json!({ "type": "peer_crashed", "room_id": "r", "peer_id": "p", "reason": "bad codec", "peer_type": "9" }),
        ),
        (
            Content::PeerMetadataUpdated(wire::PeerMetadataUpdated {
                room_id: room(),
                peer_id: peer(),
                metadata: metadata(),
                peer_type: 1,
            }),
            json!({
                "type": "peer_metadata_updated", "room_id": "r", "peer_id": "p",
                "metadata": metadata(), "peer_type": "webrtc",
            }),
        ),
        (
            Content::TrackAdded(wire::TrackAdded {
                room_id: room(),
                track: Some(track("t", 1)),
                endpoint_info: Some(wire::track_added::EndpointInfo::PeerId(peer())),
            }),
            json!({ "type": "track_added", "room_id": "r", "peer_id": "p", "track": video }),
        ),
        (
            Content::TrackRemoved(wire::TrackRemoved {
                room_id: room(),
                track: Some(track("t", 1)),
                endpoint_info: Some(wire::track_removed::EndpointInfo::ComponentId(component())),
            }),
            json!({ "type": "track_removed", "room_id": "r", "component_id": "c", "track": video }),
        ),
        (
            Content::TrackMetadataUpdated(wire::TrackMetadataUpdated {
                room_id: room(),
                track: Some(track("t", 7)),
                endpoint_info: None,
            }),
            json!({
                "type": "track_metadata_updated", "room_id": "r",
                "track": { "id": "t", "type": "7", "metadata": r#"{"a":1}"# },
            }),
        ),
        (
            Content::ChannelAdded(wire::ChannelAdded {
                room_id: room(),
                channel_id: channel(),
                endpoint_info: Some(wire::channel_added::EndpointInfo::PeerId(peer())),
            }),
            json!({ "type": "channel_added", "room_id": "r", "peer_id": "p", "channel_id": "ch" }),
        ),
        (
            Content::ChannelRemoved(wire::ChannelRemoved {
                room_id: room(),
                channel_id: channel(),
                endpoint_info: Some(wire::channel_removed::EndpointInfo::ComponentId(component())),
            }),
            json!({ "type": "channel_removed", "room_id": "r", "component_id": "c", "channel_id": "ch" }),
        ),
        (
            Content::TrackForwarding(wire::TrackForwarding {
                room_id: room(),
                peer_id: peer(),
                composition_url: text("https://rtc.example/c"),
                input_id: text("i"),
                audio_track: None,
                video_track: Some(track("t", 1)),
            }),
            json!({
                "type": "track_forwarding", "room_id": "r", "peer_id": "p",
                "composition_url": "https://rtc.example/c", "input_id": "i", "audio_track": null, "video_track": video,
            }),
        ),
        (
            Content::TrackForwardingRemoved(wire::TrackForwardingRemoved {
                room_id: room(),
                peer_id: peer(),
                composition_url: text("https://rtc.example/c"),
                input_id: text("i"),
            }),
            json!({
                "type": "track_forwarding_removed", "room_id": "r", "peer_id": "p",
                "composition_url": "https://rtc.example/c", "input_id": "i",
            }),
        ),
        (
            Content::VadNotification(wire::VadNotification {
                room_id: room(),
                peer_id: peer(),
                track_id: track_id(),
                status: wire::vad_notification::Status::Speech.into(),
            }),
            json!({ "type": "vad_notification", "room_id": "r", "peer_id": "p", "track_id": "t", "status": "speech" }),
        ),
        (
            Content::StreamerConnected(wire::StreamerConnected { stream_id: stream(), streamer_id: text("x") }),
            json!({ "type": "streamer_connected", "stream_id": "s", "streamer_id": "x" }),
        ),
        (
            Content::StreamerDisconnected(wire::StreamerDisconnected { stream_id: stream(), streamer_id: text("x") }),
            json!({ "type": "streamer_disconnected", "stream_id": "s", "streamer_id": "x" }),
        ),
        (
            Content::ViewerConnected(wire::ViewerConnected { stream_id: stream(), viewer_id: text("v") }),
            json!({ "type": "viewer_connected", "stream_id": "s", "viewer_id": "v" }),
        ),
        (
            Content::ViewerDisconnected(wire::ViewerDisconnected { stream_id: stream(), viewer_id: text("v") }),
            json!({ "type": "viewer_disconnected", "stream_id": "s", "viewer_id": "v" }),
        ),
        (
            Content::RecordingStatusChanged(wire::RecordingStatusChanged {
                recording_id: text("rec"),
                status: wire::recording_status_changed::Status::Finished.into(),
                metadata: metadata(),
            }),
            json!({
                "type": "recording_status_changed", "recording_id": "rec", "status": "finished",
                "metadata": metadata(),
            }),
        ),
        (
            Content::StreamConnected(wire::StreamConnected { stream_id: stream() }),
            json!({ "type": "stream_connected", "stream_id": "s" }),
        ),
        (
            Content::StreamDisconnected(wire::StreamDisconnected { stream_id: stream() }),
            json!({ "type": "stream_disconnected", "stream_id": "s" }),
        ),
        (
            Content::ComponentCrashed(wire::ComponentCrashed { room_id: room(), component_id: component() }),
            json!({ "type": "component_crashed", "room_id": "r", "component_id": "c" }),
        ),
        (
            Content::HlsPlayable(wire::HlsPlayable { room_id: room(), component_id: component() }),
            json!({ "type": "hls_playable", "room_id": "r", "component_id": "c" }),
        ),
        (
            Content::HlsUploaded(wire::HlsUploaded { room_id: room() }),
            json!({ "type": "hls_uploaded", "room_id": "r" }),
        ),
        (
            Content::HlsUploadCrashed(wire::HlsUploadCrashed { room_id: room() }),
            json!({ "type": "hls_upload_crashed", "room_id": "r" }),
        ),
    ]
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

// Defect X21 of the official SDKs.
#[tokio::test]
async fn every_notification_of_the_contract_arrives_typed() -> anyhow::Result<()> {
    let table = every_notification();
    let names: BTreeSet<_> = table.iter().filter_map(|(_, expected)| expected["type"].as_str()).collect();
    assert_eq!(names, names_in_the_contract(), "this test does not know the contract");
    assert_eq!(names.len(), 28);

    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    for (content, expected) in table {
        emulator.publish(ServerMessage { content: Some(content) });
        let notification = next(&mut events).await?;
        assert!(!matches!(notification, Notification::Unknown(_)), "{expected}");
        assert_eq!(Some(notification.name()), expected["type"].as_str());
        assert_eq!(serde_json::to_value(&notification)?, expected);
    }
    Ok(())
}

// Defect X1 of the official SDKs.
#[tokio::test]
async fn batch_arrives_as_its_notifications() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    let (contents, expected): (Vec<_>, Vec<_>) = every_notification().into_iter().unzip();
    let notifications = contents.into_iter().map(|content| ServerMessage { content: Some(content) }).collect();
    let batch = Content::NotificationBatch(wire::NotificationBatch { notifications });
    emulator.publish(ServerMessage { content: Some(batch) });
    for expected in expected {
        assert_eq!(serde_json::to_value(next(&mut events).await?)?, expected);
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
    // A known notification with a field of tomorrow.
    emulator.publish_raw([0x52, 6, 0x0a, 1, b'r', 0x7a, 1, b'x']);
    assert!(matches!(next(&mut events).await?, Notification::RoomCreated(it) if it.room_id == "r"));
    Ok(())
}

// Defect X7 of the official SDKs.
#[tokio::test]
async fn unknown_status_keeps_its_number() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    let recording = wire::RecordingStatusChanged { recording_id: text("rec"), status: 77, metadata: String::new() };
    emulator.publish(ServerMessage { content: Some(Content::RecordingStatusChanged(recording)) });
    match next(&mut events).await? {
        Notification::RecordingStatusChanged(it) => {
            assert_eq!(it.status, events::RecordingStatus::Unknown(text("77")));
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
        let created = wire::RoomCreated { room_id: format!("room-{number}") };
        emulator.publish(ServerMessage { content: Some(Content::RoomCreated(created)) });
    }
    for number in 0..5000 {
        assert_eq!(next(&mut events).await?.to_string(), format!("room_created room=room-{number}"));
    }
    Ok(())
}
