//! Every notification once: from the wire to what a user sees.

use fishjam_proto::fishjam::{
    notifications::Track,
    server_message::{Content, *},
};
use serde_json::{Value, json};

use super::{super::Notification, one};

pub(super) struct Sample {
    pub(super) content: Content,
    /// What `Display` prints.
    line: &'static str,
    /// What it serializes to.
    json: Value,
}

fn track(id: &str, kind: i32) -> Track {
    Track { id: id.into(), r#type: kind, metadata: r#"{"name":"sentinel"}"#.into() }
}

/// All notifications of the contract, by number.
#[allow(deprecated, reason = "deprecated notifications are delivered too")]
pub(super) fn samples() -> Vec<Sample> {
    let (r, p, c, s) = (|| "r".to_owned(), || "p".to_owned(), || "c".to_owned(), || "s".to_owned());
    let text = || r#"{"name":"sentinel"}"#.to_owned();
    let metadata = r#"{"name":"sentinel"}"#;
    let sample = |content, line, json| Sample { content, line, json };
    vec![
        sample(
            Content::RoomCrashed(RoomCrashed { room_id: r() }),
            "room_crashed room=r",
            json!({"type": "room_crashed", "room_id": "r"}),
        ),
        sample(
            Content::PeerConnected(PeerConnected { room_id: r(), peer_id: p(), peer_type: 2 }),
            "peer_connected room=r peer=p",
            json!({"type": "peer_connected", "room_id": "r", "peer_id": "p", "peer_type": "agent"}),
        ),
        sample(
            Content::PeerDisconnected(PeerDisconnected { room_id: r(), peer_id: p(), peer_type: 3 }),
            "peer_disconnected room=r peer=p",
            json!({"type": "peer_disconnected", "room_id": "r", "peer_id": "p", "peer_type": "vapi"}),
        ),
        sample(
            Content::PeerCrashed(PeerCrashed {
                room_id: r(),
                peer_id: p(),
                reason: "out\nof\u{2028}luck".into(),
                peer_type: 0,
            }),
            "peer_crashed room=r peer=p reason=out of luck",
            json!({
                "type": "peer_crashed", "room_id": "r", "peer_id": "p", "reason": "out\nof\u{2028}luck", "peer_type": null,
            }),
        ),
        sample(
            Content::ComponentCrashed(ComponentCrashed { room_id: r(), component_id: c() }),
            "component_crashed room=r component=c",
            json!({"type": "component_crashed", "room_id": "r", "component_id": "c"}),
        ),
        sample(
            Content::RoomCreated(RoomCreated { room_id: r() }),
            "room_created room=r",
            json!({"type": "room_created", "room_id": "r"}),
        ),
        sample(
            Content::RoomDeleted(RoomDeleted { room_id: r() }),
            "room_deleted room=r",
            json!({"type": "room_deleted", "room_id": "r"}),
        ),
        sample(
            Content::HlsPlayable(HlsPlayable { room_id: r(), component_id: c() }),
            "hls_playable room=r component=c",
            json!({"type": "hls_playable", "room_id": "r", "component_id": "c"}),
        ),
        sample(
            Content::HlsUploaded(HlsUploaded { room_id: r() }),
            "hls_uploaded room=r",
            json!({"type": "hls_uploaded", "room_id": "r"}),
        ),
        sample(
            Content::HlsUploadCrashed(HlsUploadCrashed { room_id: r() }),
            "hls_upload_crashed room=r",
            json!({"type": "hls_upload_crashed", "room_id": "r"}),
        ),
        sample(
            Content::PeerMetadataUpdated(PeerMetadataUpdated {
                room_id: r(),
                peer_id: p(),
                metadata: text(),
                peer_type: 1,
            }),
            "peer_metadata_updated room=r peer=p",
            json!({
                "type": "peer_metadata_updated", "room_id": "r", "peer_id": "p", "metadata": metadata,
                "peer_type": "webrtc",
            }),
        ),
        sample(
            Content::TrackAdded(TrackAdded {
                room_id: r(),
                endpoint_info: Some(track_added::EndpointInfo::PeerId(p())),
                track: Some(track("t", 1)),
            }),
            "track_added room=r peer=p track=t",
            json!({
                "type": "track_added", "room_id": "r", "peer_id": "p",
                "track": {"id": "t", "type": "video", "metadata": metadata},
            }),
        ),
        sample(
            Content::TrackRemoved(TrackRemoved {
                room_id: r(),
                endpoint_info: Some(track_removed::EndpointInfo::ComponentId(c())),
                track: Some(track("t", 2)),
            }),
            "track_removed room=r component=c track=t",
            json!({
                "type": "track_removed", "room_id": "r", "component_id": "c",
                "track": {"id": "t", "type": "audio", "metadata": metadata},
            }),
        ),
        sample(
            Content::TrackMetadataUpdated(TrackMetadataUpdated {
                room_id: r(),
                endpoint_info: None,
                track: Some(track("t", 0)),
            }),
            "track_metadata_updated room=r track=t",
            json!({
                "type": "track_metadata_updated", "room_id": "r",
                "track": {"id": "t", "type": null, "metadata": metadata},
            }),
        ),
        sample(
            Content::PeerAdded(PeerAdded { room_id: r(), peer_id: p(), peer_type: 1 }),
            "peer_added room=r peer=p",
            json!({"type": "peer_added", "room_id": "r", "peer_id": "p", "peer_type": "webrtc"}),
        ),
        sample(
            Content::PeerDeleted(PeerDeleted { room_id: r(), peer_id: p(), peer_type: 1 }),
            "peer_deleted room=r peer=p",
            json!({"type": "peer_deleted", "room_id": "r", "peer_id": "p", "peer_type": "webrtc"}),
        ),
        sample(
            Content::StreamConnected(StreamConnected { stream_id: s() }),
            "stream_connected stream=s",
            json!({"type": "stream_connected", "stream_id": "s"}),
        ),
        sample(
            Content::StreamDisconnected(StreamDisconnected { stream_id: s() }),
            "stream_disconnected stream=s",
            json!({"type": "stream_disconnected", "stream_id": "s"}),
        ),
        sample(
            Content::ViewerConnected(ViewerConnected { stream_id: s(), viewer_id: "v".into() }),
            "viewer_connected stream=s viewer=v",
            json!({"type": "viewer_connected", "stream_id": "s", "viewer_id": "v"}),
        ),
        sample(
            Content::ViewerDisconnected(ViewerDisconnected { stream_id: s(), viewer_id: "v".into() }),
            "viewer_disconnected stream=s viewer=v",
            json!({"type": "viewer_disconnected", "stream_id": "s", "viewer_id": "v"}),
        ),
        sample(
            Content::StreamerConnected(StreamerConnected { stream_id: s(), streamer_id: "m".into() }),
            "streamer_connected stream=s streamer=m",
            json!({"type": "streamer_connected", "stream_id": "s", "streamer_id": "m"}),
        ),
        sample(
            Content::StreamerDisconnected(StreamerDisconnected { stream_id: s(), streamer_id: "m".into() }),
            "streamer_disconnected stream=s streamer=m",
            json!({"type": "streamer_disconnected", "stream_id": "s", "streamer_id": "m"}),
        ),
        sample(
            Content::ChannelAdded(ChannelAdded {
                room_id: r(),
                channel_id: "d".into(),
                endpoint_info: Some(channel_added::EndpointInfo::PeerId(p())),
            }),
            "channel_added room=r peer=p channel=d",
            json!({"type": "channel_added", "room_id": "r", "peer_id": "p", "channel_id": "d"}),
        ),
        sample(
            Content::ChannelRemoved(ChannelRemoved {
                room_id: r(),
                channel_id: "d".into(),
                endpoint_info: Some(channel_removed::EndpointInfo::ComponentId(c())),
            }),
            "channel_removed room=r component=c channel=d",
            json!({"type": "channel_removed", "room_id": "r", "component_id": "c", "channel_id": "d"}),
        ),
        sample(
            Content::TrackForwarding(TrackForwarding {
                room_id: r(),
                peer_id: p(),
                composition_url: "https://c".into(),
                input_id: "i".into(),
                audio_track: Some(track("a", 2)),
                video_track: None,
            }),
            "track_forwarding room=r peer=p input=i",
            json!({
                "type": "track_forwarding", "room_id": "r", "peer_id": "p", "composition_url": "https://c",
                "input_id": "i", "audio_track": {"id": "a", "type": "audio", "metadata": metadata},
                "video_track": null,
            }),
        ),
        sample(
            Content::TrackForwardingRemoved(TrackForwardingRemoved {
                room_id: r(),
                peer_id: p(),
                composition_url: "https://c".into(),
                input_id: "i".into(),
            }),
            "track_forwarding_removed room=r peer=p input=i",
            json!({
                "type": "track_forwarding_removed", "room_id": "r", "peer_id": "p", "composition_url": "https://c",
                "input_id": "i",
            }),
        ),
        sample(
            Content::VadNotification(VadNotification { room_id: r(), peer_id: p(), track_id: "t".into(), status: 2 }),
            "vad_notification room=r peer=p track=t status=speech",
            json!({"type": "vad_notification", "room_id": "r", "peer_id": "p", "track_id": "t", "status": "speech"}),
        ),
        sample(
            Content::RecordingStatusChanged(RecordingStatusChanged {
                recording_id: "k".into(),
                status: 3,
                metadata: text(),
            }),
            "recording_status_changed recording=k status=available",
            json!({
                "type": "recording_status_changed", "recording_id": "k", "status": "available", "metadata": metadata,
            }),
        ),
    ]
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
fn x21_every_notification_of_the_contract_arrives_with_its_name_ids_line_and_json() {
    let mut names = std::collections::BTreeSet::new();
    for Sample { content, line, json } in samples() {
        let notification = one(content);
        assert!(names.insert(notification.name()), "{line} is listed twice");
        assert_ne!(notification.name(), "unknown");
        assert_eq!(notification.to_string(), line);
        assert_eq!(serde_json::to_value(&notification).unwrap(), json);
        assert_eq!(json["type"], notification.name());

        for (name, id) in ids(&notification) {
            assert!(line.contains(&format!(" {name}={id}")), "{line} has no {name}");
            let sent = if name == "track" && json["track_id"].is_null() {
                &json["track"]["id"]
            } else {
                &json[format!("{name}_id")]
            };
            assert_eq!(sent, id, "{name} of {json}");
        }
        let named = json.as_object().unwrap().keys().filter(|key| key.ends_with("_id") && *key != "input_id").count();
        assert_eq!(ids(&notification).len(), named + usize::from(json["track"].is_object()), "{line}");
    }
    // The contract's table: 34 numbers without 12, four handshakes and the batch.
    assert_eq!(names.len(), 34 - 1 - 4 - 1);
}

#[test]
fn metadata_is_in_no_line_and_in_no_debug_output() {
    for Sample { content, .. } in samples() {
        let notification = one(content);
        let event = super::super::Event::Notification(notification.clone());
        let printed = format!("{notification} {event:?} {event:#?}");
        assert!(!printed.contains("sentinel"), "{printed}");
    }
}

#[test]
fn foreign_text_cannot_break_a_log_line() {
    let notification = one(Content::PeerAdded(PeerAdded {
        room_id: "r\nroom_created room=x".into(),
        peer_id: "\u{1b}[31mp\u{0}".into(),
        peer_type: 0,
    }));
    assert_eq!(notification.to_string(), "peer_added room=r room_created room=x peer= [31mp ");
}
