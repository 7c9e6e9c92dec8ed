//! Tests of field values: metadata and unknown numbers.

use std::error::Error as _;

use fishjam_api::fishjam::enums::{PeerType, RecordingStatus, TrackType};
use fishjam_proto::fishjam::{
    notifications::Track,
    server_message::{Content, *},
};
use serde::Deserialize;

use super::{
    super::{Notification, VoiceActivity},
    json::assert_round_trip,
    one,
};
use crate::error::{ErrorKind, Result};

// Defect X7 of the official SDKs.
#[test]
fn unknown_recording_status_keeps_its_number() {
    for (status, expected, json) in [
        (0, RecordingStatus::Unknown("0".into()), "0"),
        (1, RecordingStatus::Active, "active"),
        (2, RecordingStatus::Finished, "finished"),
        (3, RecordingStatus::Available, "available"),
        (4, RecordingStatus::Failed, "failed"),
        (7, RecordingStatus::Unknown("7".into()), "7"),
        (-1, RecordingStatus::Unknown("-1".into()), "-1"),
    ] {
        let notification = one(Content::RecordingStatusChanged(RecordingStatusChanged {
            recording_id: "k".into(),
            status,
            metadata: String::new(),
        }));
        assert_eq!(serde_json::to_value(&notification).unwrap()["recordingStatusChanged"]["status"], json);
        assert_round_trip(&notification);
        assert_eq!(notification.to_string(), format!("recording_status_changed recording=k status={json}"));
        let Notification::RecordingStatusChanged(recording) = notification else { panic!("{notification}") };
        assert_eq!(recording.status, expected);
    }
}

#[test]
fn unknown_voice_activity_is_not_silence() {
    for (status, expected) in [
        (0, VoiceActivity::Unknown(0)),
        (1, VoiceActivity::Silence),
        (2, VoiceActivity::Speech),
        (3, VoiceActivity::Unknown(3)),
        (i32::MIN, VoiceActivity::Unknown(i32::MIN)),
    ] {
        let Notification::VadNotification(voice) =
            one(Content::VadNotification(VadNotification { status, ..Default::default() }))
        else {
            panic!("{status}")
        };
        assert_eq!(voice.status, expected);
        assert_eq!(serde_json::to_value(voice.status).unwrap(), voice.status.to_string());
        assert_round_trip(&Notification::VadNotification(voice));
    }
}

#[test]
fn peer_type_is_none_if_absent_or_a_number_if_unknown() {
    for (peer_type, expected) in [
        (0, None),
        (1, Some(PeerType::Webrtc)),
        (2, Some(PeerType::Agent)),
        (3, Some(PeerType::Vapi)),
        (4, Some(PeerType::Unknown("4".into()))),
    ] {
        let Notification::PeerConnected(peer) =
            one(Content::PeerConnected(PeerConnected { peer_type, ..Default::default() }))
        else {
            panic!("{peer_type}")
        };
        assert_eq!(peer.peer_type, expected);
        assert_round_trip(&peer.into());
    }
}

#[test]
fn track_type_is_none_if_absent_or_a_number_if_unknown() {
    for (r#type, expected) in
        [(0, None), (1, Some(TrackType::Video)), (2, Some(TrackType::Audio)), (3, Some(TrackType::Unknown("3".into())))]
    {
        assert_eq!(added(Some(Track { r#type, ..Default::default() })).track_type, expected);
    }
}

#[test]
fn absent_track_becomes_an_empty_track() {
    let track = added(None);
    assert_eq!((track.id.as_str(), track.track_type.as_ref(), track.metadata.is_null()), ("", None, true));
}

fn added(track: Option<Track>) -> super::super::TrackInfo {
    match one(Content::TrackAdded(TrackAdded { track, ..Default::default() })) {
        Notification::TrackAdded(added) => {
            assert_eq!((added.endpoint.peer_id(), added.endpoint.component_id()), (None, None));
            added.track
        }
        other => panic!("{other}"),
    }
}

fn peer(metadata: &str) -> super::super::PeerMetadataUpdated {
    match one(Content::PeerMetadataUpdated(PeerMetadataUpdated { metadata: metadata.into(), ..Default::default() })) {
        Notification::PeerMetadataUpdated(peer) => peer,
        other => panic!("{other}"),
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Person {
    name: String,
}

#[test]
fn metadata_parses_into_the_users_type() {
    let json = r#"{"name":"Ada"}"#;
    let ada = || Person { name: "Ada".into() };
    assert_eq!(peer(json).metadata::<Person>().unwrap(), ada());
    assert_eq!(peer(json).metadata.as_str(), json);
    assert_eq!(added(Some(Track { metadata: json.into(), ..Default::default() })).metadata::<Person>().unwrap(), ada());
    let recording = RecordingStatusChanged { metadata: json.into(), ..Default::default() };
    let Notification::RecordingStatusChanged(recording) = one(Content::RecordingStatusChanged(recording)) else {
        panic!("another notification")
    };
    assert_eq!(recording.metadata::<Person>().unwrap(), ada());
}

#[test]
fn metadata_is_null_if_empty_or_null() {
    for metadata in ["", "null", " \n", " null "] {
        let peer = peer(metadata);
        assert!(peer.metadata.is_null());
        assert_eq!(peer.metadata::<Option<Person>>().unwrap(), None);
        assert_eq!(peer.metadata::<serde_json::Value>().unwrap(), serde_json::Value::Null);
        assert_eq!(peer.metadata.as_str(), metadata);
    }
    for metadata in ["{}", "\"\"", "\"null\"", "0", "nul"] {
        assert!(!peer(metadata).metadata.is_null(), "{metadata}");
    }
}

#[test]
fn metadata_error_has_a_position_and_no_content() {
    let deep = format!("{}\"sentinel\"", "[".repeat(100_000));
    for (metadata, why) in [
        (r#"{"name":["sentinel"]}"#, "it does not match the type, at line 1 column"),
        (r#"{"sentinel":"Ada"}"#, "missing field `name`, at line 1 column 18"),
        ("sentinel", "it is not valid JSON, at line 1 column 1"),
        (r#"{"name":"sentinel""#, "it ends too early (EOF), at line 1 column 18"),
        ("null", "it does not match"),
        (&deep, "it"),
    ] {
        let read: Result<Person> = peer(metadata).metadata();
        let error = read.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let line = format!("{error:#}");
        assert!(line.starts_with("decoding failed: metadata of peer_metadata_updated cannot be read: "), "{line}");
        assert!(line.contains(why), "{line}");
        assert!(error.source().is_some());
        assert!(!format!("{error:#} {error:?} {:?}", error.source()).contains("sentinel"));
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
    let reason = "out\nof\u{2028}luck".to_owned();
    let notification = one(Content::PeerCrashed(PeerCrashed { reason: reason.clone(), ..Default::default() }));
    assert_eq!(notification.to_string(), "peer_crashed room= peer= reason=out of luck");
    assert_eq!(serde_json::to_value(&notification).unwrap()["peerCrashed"]["reason"], reason);
}
