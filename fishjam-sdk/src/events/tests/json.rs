//! Tests of the JSON of notifications, events and gaps.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_str, from_value, json, to_string, to_value};

use super::{
    super::{
        ChannelAdded, EndpointId, Event, Gap, Notification, PeerConnected, PeerMetadataUpdated, RecordingStatusChanged,
        RoomCreated, TrackAdded, TrackInfo, UnknownNotification, VadNotification, VoiceActivity,
        decode_server_notifications,
    },
    delimited, notifications, one,
    samples::{SHORT, notifications as samples},
};
use crate::{
    error::{Error, ErrorKind},
    metadata::Metadata,
};

/// Checks that the JSON of a notification can be read, and that it keeps everything.
pub(super) fn assert_round_trip(notification: &Notification) {
    let text = to_string(notification).unwrap();
    let read: Notification = from_str(&text).unwrap();
    assert_eq!(to_value(&read).unwrap(), from_str::<Value>(&text).unwrap());
    assert_eq!(read.to_string(), notification.to_string());
    assert_eq!(from_value::<Notification>(to_value(notification).unwrap()).unwrap(), read);
    let event = format!(r#"{{"notification":{text}}}"#);
    let Event::<Notification>::Notification(again) = from_str(&event).unwrap() else { panic!("another event") };
    assert_eq!(again, read);
}

fn read_error<T: DeserializeOwned + std::fmt::Debug>(json: Value) -> String {
    let error = from_str::<T>(&json.to_string()).unwrap_err().to_string();
    assert_eq!(from_value::<T>(json).unwrap_err().to_string(), error);
    assert!(!error.contains("sentinel"), "{error}");
    error
}

#[test]
fn notification_has_the_json_of_the_table_and_round_trips() {
    for sample in samples(&SHORT) {
        let notification = one(sample.content);
        assert_eq!(to_value(&notification).unwrap(), sample.json);
        assert_eq!(from_value::<Notification>(sample.json.clone()).unwrap(), notification);
        assert_eq!(from_str::<Notification>(&sample.json.to_string()).unwrap(), notification);
        assert_round_trip(&notification);
    }
}

#[test]
fn notification_has_the_documented_text() {
    let track = r#"{"id":"track","type":"audio","metadata":{"name":"sentinel"}}"#;
    for (name, text) in [
        ("room_created", r#"{"roomCreated":{"roomId":"room"}}"#.to_owned()),
        (
            "vad_notification",
            r#"{"vadNotification":{"roomId":"room","peerId":"peer","trackId":"track","status":"speech"}}"#.to_owned(),
        ),
        ("peer_added", r#"{"peerAdded":{"roomId":"room","peerId":"peer","peerType":"webrtc"}}"#.to_owned()),
        (
            "track_forwarding",
            format!(
                r#"{{"trackForwarding":{{"roomId":"room","peerId":"peer","compositionUrl":"https://example.com/c","inputId":"input","audioTrack":{track},"videoTrack":null}}}}"#
            ),
        ),
        ("track_added", format!(r#"{{"trackAdded":{{"roomId":"room","componentId":"component","track":{track}}}}}"#)),
    ] {
        let texts: Vec<_> = samples(&SHORT)
            .into_iter()
            .filter(|sample| sample.name() == name)
            .map(|sample| to_string(&one(sample.content)).unwrap())
            .collect();
        assert!(texts.contains(&text), "{texts:?}");
    }
}

#[test]
fn notification_of_a_test_is_one_line() {
    fn handle(notification: Notification) -> String {
        notification.to_string()
    }
    assert_eq!(handle(RoomCreated::default().into()), "room_created room=");
    let json = json!({ "peerConnected": { "roomId": "r", "peerId": "p" } });
    assert_eq!(handle(from_value(json).unwrap()), "peer_connected room=r peer=p");
    assert_eq!(handle(UnknownNotification::default().into()), "unknown field=0 bytes=0");
}

#[test]
fn default_payload_equals_an_empty_message() {
    let mut names = Vec::new();
    for number in 1..=40 {
        for notification in decode_server_notifications(&delimited(number, &[])).unwrap() {
            assert_round_trip(&notification);
            names.push(notification.name());
        }
    }
    assert!(names.len() >= 28, "{names:?}");
    assert_eq!(notifications(&delimited(2, &[])), [PeerConnected::default().into()]);
    assert_eq!(notifications(&delimited(17, &[])), [TrackAdded::default().into()]);
    assert_eq!(notifications(&delimited(32, &[])), [VadNotification::default().into()]);
    assert_eq!(notifications(&delimited(34, &[])), [RecordingStatusChanged::default().into()]);
    assert_eq!(TrackAdded::default().track, TrackInfo::default());
    assert_eq!(VadNotification::default().status, VoiceActivity::Unknown(0));
}

#[test]
fn json_may_lack_optional_members_and_have_unknown_ones() {
    let peer: PeerConnected = from_value(json!({ "roomId": "r", "peerId": "p", "new": { "a": [1] } })).unwrap();
    assert_eq!((peer.room_id.as_str(), peer.peer_type), ("r", None));
    let peer: PeerMetadataUpdated = from_value(json!({ "roomId": "r", "peerId": "p", "peerType": null })).unwrap();
    assert!(peer.metadata.is_null());
    let added: TrackAdded = from_value(json!({ "roomId": "r", "track": { "id": "t", "new": 1 }, "new": 1 })).unwrap();
    assert_eq!((added.endpoint, added.track.track_type), (EndpointId::Unknown, None));
    for nobody in [json!({}), json!({ "peerId": null, "componentId": null })] {
        assert_eq!(from_value::<EndpointId>(nobody).unwrap(), EndpointId::Unknown);
    }
}

#[test]
fn unknown_notification_round_trips() {
    let json = json!({ "unknown": { "fieldNumber": 95, "bytes": "00fF", "malformed": true } });
    let notification: Notification = from_value(json).unwrap();
    let Notification::Unknown(unknown) = &notification else { panic!("{notification}") };
    assert_eq!((unknown.field_number, &*unknown.bytes, unknown.malformed), (95, &[0, 255][..], true));
    assert_round_trip(&notification);
}

#[test]
fn metadata_of_any_depth_and_kind_round_trips() {
    let deep = "[".repeat(127) + &"]".repeat(127);
    for text in [&deep, &format!("[{deep}]"), "1e400", "{", "", "null", r#""text""#, "0.10000000000000000001"] {
        let peer = PeerMetadataUpdated { metadata: Metadata::new(text), ..Default::default() };
        let read = to_json_and_back(&peer);
        assert_eq!(to_string(&read).unwrap(), to_string(&peer).unwrap());
        // Other text becomes a JSON string.
        let is_json = from_str::<Value>(text).is_ok() || text.is_empty();
        assert_eq!(read == peer, is_json, "{text}");
    }
}

#[test]
fn json_error_names_the_place_without_the_value() {
    for (json, error) in [
        (json!({ "roomCreated": { "roomId": { "sentinel": 1 } } }), "invalid type at `roomCreated.roomId`"),
        (json!({ "roomCreated": { "roomid": "sentinel" } }), "missing field `roomId` at `roomCreated`"),
        (json!({ "roomCreated": "sentinel" }), "invalid type at `roomCreated`"),
        (json!({ "sentinel": { "roomId": "r" } }), "unknown variant"),
        (json!("sentinel"), "unknown variant"),
        (
            json!({ "peerAdded": { "roomId": "r", "peerId": "p", "peerType": 1 } }),
            "invalid type at `peerAdded.peerType`",
        ),
        (json!({ "trackAdded": { "roomId": "r", "track": {} } }), "missing field `id` at `trackAdded.track`"),
        (
            json!({ "trackAdded": { "roomId": "r", "peerId": ["sentinel"], "track": { "id": "t" } } }),
            "invalid type at `trackAdded`",
        ),
        (
            json!({ "unknown": { "fieldNumber": 1, "bytes": "sentinel", "malformed": false } }),
            "invalid value at `unknown.bytes`",
        ),
        (
            json!({ "unknown": { "fieldNumber": -1, "bytes": "", "malformed": false } }),
            "invalid value at `unknown.fieldNumber`",
        ),
    ] {
        let text = read_error::<Notification>(json.clone());
        assert_eq!(text, error, "{json}");
        let event = read_error::<Event>(json!({ "notification": json }));
        assert!(event.contains("notification"), "{event}");
    }
    let voice = json!({ "roomId": "r", "peerId": "p", "trackId": "t", "status": "sentinel" });
    assert_eq!(read_error::<VadNotification>(voice), "invalid value at `status`");
    let both = json!({ "roomId": "r", "channelId": "c", "peerId": "sentinel", "componentId": "sentinel" });
    assert_eq!(read_error::<ChannelAdded>(both), "invalid value");
    assert_eq!(from_str::<RoomCreated>("").unwrap_err().classify(), serde_json::error::Category::Eof);
    assert!(from_str::<RoomCreated>("{\n!").unwrap_err().to_string().contains("line 2"));
}

#[test]
fn event_has_one_member_in_json() {
    let created = RoomCreated { room_id: "r".into() };
    let event: Event = Event::Notification(created.into());
    assert_eq!(to_value(&event).unwrap(), json!({ "notification": { "roomCreated": { "roomId": "r" } } }));
    let event: Event = from_value(json!({ "dropped": 3 })).unwrap();
    assert!(matches!(event, Event::Dropped(3)));
    assert_eq!(to_value(&event).unwrap(), json!({ "dropped": 3 }));
    assert_eq!(read_error::<Event>(json!({ "dropped": "sentinel" })), "invalid type at `dropped`");
}

#[test]
fn gap_has_times_and_reason_in_json() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_769_860_800);
    let reason = Error::new(ErrorKind::Closed).with_close_code(Some(1001)).with_close_reason(Some("bye".to_owned()));
    let gap = Gap { from: start, to: start + Duration::from_nanos(1_500_000_001), reason };
    let json = json!({ "gap": {
        "from": "2026-01-31T12:00:00Z",
        "to": "2026-01-31T12:00:01.500000001Z",
        "reason": { "kind": "closed", "closeCode": 1001, "closeReason": "bye" },
    }});
    assert_eq!(to_value(Event::<Notification>::Gap(gap.clone())).unwrap(), json);
    let Event::<Notification>::Gap(read) = from_value(json).unwrap() else { panic!("another event") };
    assert_eq!((read.from, read.to, read.duration()), (gap.from, gap.to, gap.duration()));
    assert_eq!(format!("{:?}", read.reason), format!("{:?}", gap.reason));
}

#[test]
fn gap_outside_of_the_calendar_gets_the_nearest_time() {
    let gap = |time| Gap { from: time, to: time, reason: Error::new(ErrorKind::Closed) };
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    for (time, text) in [
        (SystemTime::UNIX_EPOCH - year, "1970-01-01T00:00:00Z"),
        (SystemTime::UNIX_EPOCH + 8_100 * year, "9999-12-31T23:59:59Z"),
    ] {
        assert_eq!(to_value(gap(time)).unwrap()["from"], text);
        assert_eq!(to_string(&gap(time)).unwrap().matches(text).count(), 2);
    }
}

#[test]
fn gap_with_a_wrong_time_or_reason_is_an_error() {
    let gap =
        |from: Value, kind: &str| json!({ "from": from, "to": "2026-01-31T12:00:00Z", "reason": { "kind": kind } });
    for (json, error) in [
        (gap(json!("sentinel sentinel sentinel"), "closed"), "invalid value at `from`"),
        (gap(json!("2026-13-31T12:00:00Z"), "closed"), "invalid value at `from`"),
        (gap(json!("2026-01-31T12:00:00+01:00"), "closed"), "invalid value at `from`"),
        (gap(json!(1), "closed"), "invalid type at `from`"),
        (gap(json!("2026-01-31T12:00:00Z"), "sentinel"), "unknown variant at `reason.kind`"),
        (json!({ "to": "2026-01-31T12:00:00Z", "reason": { "kind": "closed" } }), "missing field `from`"),
    ] {
        assert_eq!(read_error::<Gap>(json), error);
    }
}

fn to_json_and_back<T: Serialize + DeserializeOwned>(value: &T) -> T {
    from_str(&to_string(value).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn strings_and_numbers_survive_json(text in ".*", number: i32, bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let peer = PeerConnected { room_id: text.clone().into(), peer_id: text.into(), ..Default::default() };
        prop_assert_eq!(to_json_and_back(&peer), peer);
        let voice = VadNotification { status: super::super::from_wire::FromWire::from_wire(number), ..Default::default() };
        prop_assert_eq!(to_json_and_back(&voice), voice);
        let unknown = UnknownNotification { bytes, ..Default::default() };
        prop_assert_eq!(to_json_and_back(&unknown), unknown);
    }

    #[test]
    fn time_survives_json_with_its_nanoseconds(seconds in 0..253_402_300_800_u64, nanos in 0..1_000_000_000_u32) {
        let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
        let gap = Gap { from: time, to: time, reason: Error::new(ErrorKind::Closed) };
        prop_assert_eq!(to_json_and_back(&gap).from, time);
    }

    #[test]
    fn arbitrary_text_as_json_never_panics(text in ".*", time in "[0-9T:.Z+é-]{0,40}") {
        let _ = from_str::<Event>(&text);
        let _ = from_value::<Gap>(json!({ "from": time, "to": time, "reason": { "kind": "closed" } }));
    }
}
