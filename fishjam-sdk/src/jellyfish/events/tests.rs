use std::error::Error as _;

use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{Content, *},
};
use proptest::prelude::*;
use prost::Message as _;
use serde_json::{Value, json};

use super::{Notification, decode::decode};
use crate::{
    error::{Error, ErrorKind},
    events::{
        EndpointId, Event,
        contents::{Handshake, Message},
        wire,
    },
    jellyfish::webhook,
};

const METADATA: &str = r#"{"name":"sentinel"}"#;
const REPORT: &str = r#"{"room_id=r":{"sentinel":1}}"#;

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}

fn one(bytes: &[u8]) -> Notification {
    webhook::receive(bytes).unwrap().unwrap()
}

fn track(id: &str, kind: i32) -> Option<Track> {
    Some(Track { id: id.into(), r#type: kind, metadata: METADATA.into() })
}

/// Returns every notification of the contract with its number, its line and its JSON without `type`.
fn samples() -> Vec<(u32, Content, &'static str, Value)> {
    let (room_id, peer_id, component_id) = ("r".to_owned(), "p".to_owned(), "c".to_owned());
    let (r, p, c) = (|| room_id.clone(), || peer_id.clone(), || component_id.clone());
    let room = || json!({"roomId": "r"});
    let peer = || json!({"roomId": "r", "peerId": "p"});
    let component = || json!({"roomId": "r", "componentId": "c"});
    let published = |endpoint: &str, id: &str, kind: Value| {
        json!({
            "roomId": "r", endpoint: id, "track": {"id": "t", "type": kind, "metadata": {"name": "sentinel"}},
        })
    };
    vec![
        (1, Content::RoomCrashed(RoomCrashed { room_id: r() }), "room_crashed room=r", room()),
        (
            2,
            Content::PeerConnected(PeerConnected { room_id: r(), peer_id: p() }),
            "peer_connected room=r peer=p",
            peer(),
        ),
        (
            3,
            Content::PeerDisconnected(PeerDisconnected { room_id: r(), peer_id: p() }),
            "peer_disconnected room=r peer=p",
            peer(),
        ),
        (
            4,
            Content::PeerCrashed(PeerCrashed { room_id: r(), peer_id: p(), reason: "out\nof\u{2028}luck".into() }),
            "peer_crashed room=r peer=p reason=out of luck",
            json!({"roomId": "r", "peerId": "p", "reason": "out\nof\u{2028}luck"}),
        ),
        (
            5,
            Content::ComponentCrashed(ComponentCrashed { room_id: r(), component_id: c() }),
            "component_crashed room=r component=c",
            component(),
        ),
        (10, Content::RoomCreated(RoomCreated { room_id: r() }), "room_created room=r", room()),
        (11, Content::RoomDeleted(RoomDeleted { room_id: r() }), "room_deleted room=r", room()),
        (
            12,
            Content::MetricsReport(MetricsReport { metrics: REPORT.into() }),
            "metrics_report bytes=28",
            json!({"metrics": {"room_id=r": {"sentinel": 1}}}),
        ),
        (
            13,
            Content::HlsPlayable(HlsPlayable { room_id: r(), component_id: c() }),
            "hls_playable room=r component=c",
            component(),
        ),
        (14, Content::HlsUploaded(HlsUploaded { room_id: r() }), "hls_uploaded room=r", room()),
        (15, Content::HlsUploadCrashed(HlsUploadCrashed { room_id: r() }), "hls_upload_crashed room=r", room()),
        (
            16,
            Content::PeerMetadataUpdated(PeerMetadataUpdated { room_id: r(), peer_id: p(), metadata: METADATA.into() }),
            "peer_metadata_updated room=r peer=p",
            json!({"roomId": "r", "peerId": "p", "metadata": {"name": "sentinel"}}),
        ),
        (
            17,
            Content::TrackAdded(TrackAdded {
                room_id: r(),
                endpoint_info: Some(track_added::EndpointInfo::PeerId(p())),
                track: track("t", 1),
            }),
            "track_added room=r peer=p track=t",
            published("peerId", "p", json!("video")),
        ),
        (
            18,
            Content::TrackRemoved(TrackRemoved {
                room_id: r(),
                endpoint_info: Some(track_removed::EndpointInfo::ComponentId(c())),
                track: track("t", 2),
            }),
            "track_removed room=r component=c track=t",
            published("componentId", "c", json!("audio")),
        ),
        (
            19,
            Content::TrackMetadataUpdated(TrackMetadataUpdated {
                room_id: r(),
                endpoint_info: Some(track_metadata_updated::EndpointInfo::PeerId(p())),
                track: track("t", 7),
            }),
            "track_metadata_updated room=r peer=p track=t",
            published("peerId", "p", json!("7")),
        ),
        (20, Content::PeerAdded(PeerAdded { room_id: r(), peer_id: p() }), "peer_added room=r peer=p", peer()),
        (21, Content::PeerDeleted(PeerDeleted { room_id: r(), peer_id: p() }), "peer_deleted room=r peer=p", peer()),
    ]
}

/// Checks that the JSON of a notification can be read, and that it keeps everything.
fn assert_round_trip(notification: &Notification) {
    let text = serde_json::to_string(notification).unwrap();
    let read: Notification = serde_json::from_str(&text).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((serde_json::to_value(&read).unwrap(), read.name()), (json.clone(), notification.name()));
    let event: Event<Notification> = serde_json::from_value(json!({ "notification": json })).unwrap();
    assert!(matches!(event, Event::Notification(again) if again == read));
}

#[test]
fn notification_of_a_test_is_one_line() {
    fn handle(notification: Notification) -> String {
        notification.to_string()
    }
    assert_eq!(handle(super::HlsPlayable::default().into()), "hls_playable room= component=");
    let json = json!({ "hlsPlayable": { "roomId": "r", "componentId": "c" } });
    assert_eq!(handle(serde_json::from_value(json).unwrap()), "hls_playable room=r component=c");
}

#[test]
fn report_has_nested_metrics_in_json() {
    let report: super::MetricsReport = serde_json::from_str(r#"{"metrics": {"a": 1}}"#).unwrap();
    assert_eq!(report.metrics().unwrap().number("a"), Some(1.0));
    assert_eq!(super::MetricsReport::default().metrics().unwrap(), super::Metrics::default());
    let error = serde_json::from_str::<Notification>(r#"{"metricsReport": {"sentinel": 1}}"#).unwrap_err();
    assert_eq!(error.to_string(), "missing field `metrics` at `metricsReport`");
}

#[test]
fn default_payload_equals_an_empty_message() {
    for number in (1..=40).filter(|number| *number != 12) {
        let Some(notification) = webhook::receive(&field(number)).unwrap() else { continue };
        assert_round_trip(&notification);
    }
    assert_eq!(one(&field(4)), super::PeerCrashed::default().into());
    assert_eq!(one(&field(17)), super::TrackAdded::default().into());
}

/// Returns a message with one empty field.
fn field(number: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_varint(u64::from(number) << 3 | 2, &mut bytes);
    bytes.push(0);
    bytes
}

#[test]
fn decode_returns_each_notification_with_all_fields() {
    for (number, content, line, json) in samples() {
        // `Debug` of a message starts with the name of its variant.
        let variant = format!("{content:?}");
        let variant = variant.split('(').next().unwrap();
        let variant = variant[..1].to_lowercase() + &variant[1..];
        let bytes = encode(content);
        let notification = one(&bytes);
        assert_eq!(notification.to_string(), line);
        assert!(line.starts_with(notification.name()));
        let json = json!({ (variant): json });
        assert_eq!(serde_json::to_value(&notification).unwrap(), json);
        assert_eq!(serde_json::from_value::<Notification>(json).unwrap(), notification);
        assert_round_trip(&notification);
        let printed = format!("{notification} {notification:?}");
        assert!(!printed.contains("sentinel"), "{printed}");

        // The number must match the contract, independently of the generated code.
        assert_eq!(wire::fields(&bytes).next().unwrap().unwrap().number, number, "{line}");
        // A later version may add a field.
        let mut newer = ServerMessage::decode(bytes.as_slice()).unwrap().encode_to_vec();
        newer.extend_from_slice(b"\xba\x06\x05Hello");
        assert_eq!(one(&newer), notification);
    }
}

#[test]
fn decode_keeps_unknown_notifications() {
    assert_eq!(one(b"\xba\x06\x05Hello").to_string(), "unknown field=103 bytes=5");
    // Of several unknown fields, the last message counts. A number does not count after a message.
    assert_eq!(one(b"\xba\x06\x02no\xb2\x06\x03yes\xc0\x06\x01").to_string(), "unknown field=102 bytes=3");
    // Fishjam's batch is unknown here.
    assert_eq!(one(b"\x8a\x02\x02\x0a\x00").to_string(), "unknown field=33 bytes=2");
    assert_eq!(webhook::receive(b"").unwrap(), None);
}

#[test]
fn publisher_of_a_track_can_be_unknown() {
    let nobody = TrackAdded { room_id: "r".into(), endpoint_info: None, track: None };
    let Notification::TrackAdded(added) = one(&encode(Content::TrackAdded(nobody))) else { panic!("another") };
    assert_eq!(added.endpoint, EndpointId::Unknown);
    assert_eq!((added.track.id.as_str(), added.track.track_type), ("", None));
    assert!(added.track.metadata.is_null());
}

#[test]
fn decode_distinguishes_handshakes_from_notifications() {
    for (content, handshake) in [
        (Content::Authenticated(Authenticated {}), Handshake::Authenticated),
        (Content::SubscribeResponse(SubscribeResponse { event_type: 2 }), Handshake::Subscribed(2)),
        (Content::AuthRequest(AuthRequest { token: "sentinel".into() }), Handshake::AuthRequest),
        (Content::SubscribeRequest(SubscribeRequest { event_type: 1 }), Handshake::SubscribeRequest),
    ] {
        let bytes = encode(content);
        assert_eq!(decode(&bytes).unwrap(), Message::Handshake(handshake));
        assert_eq!(webhook::receive(&bytes).unwrap(), None);
    }
}

#[test]
fn invalid_message_is_an_error_without_its_content() {
    for bytes in
        [&b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"[..], b"\x00\x00", b"\x52\x03\x0a\x01", b"{\"sentinel\":1}"]
    {
        let error: Error = webhook::receive(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.source().is_some());
        assert!(!format!("{error} {error:?}").contains("sentinel"));
    }
}

fn report(metrics: &str) -> crate::Result<super::Metrics> {
    let content = Content::MetricsReport(MetricsReport { metrics: metrics.into() });
    let Notification::MetricsReport(report) = one(&encode(content)) else { panic!("another") };
    assert_eq!(report.as_str(), metrics);
    report.metrics()
}

#[test]
fn metrics_keep_unknown_values() {
    let text = json!({
        "inbound-rtp.frames": 406,
        "room_id=r": {
            "room-wide": true,
            "endpoint_id=p": {
                "ice.protocol": "udp",
                "ice.bytes_received": 20672,
                "ice.bytes_received-per-second": 68.5,
                "peer.metadata": {"name": "sentinel"},
                "track_id=p:t:high": {
                    "inbound-rtp.encoding": "VP8",
                    "inbound-rtp.packets": 7,
                    "rtx_stream": {"inbound-rtp.packets": 1},
                },
            },
            "endpoint_id=c": {},
            // A key with the form of an endpoint, but with a value of another type.
            "endpoint_id=word": "odd",
        },
        "room_id=": {},
    });
    let metrics = report(&text.to_string()).unwrap();
    assert_eq!(metrics.number("inbound-rtp.frames"), Some(406.0));
    assert_eq!(metrics.rooms.keys().map(|room| room.as_str()).collect::<Vec<_>>(), ["", "r"]);
    let room = metrics.room(&"r".into()).unwrap();
    assert_eq!(room.endpoints.keys().collect::<Vec<_>>(), ["c", "p"]);
    assert_eq!(room.values, *json!({"room-wide": true, "endpoint_id=word": "odd"}).as_object().unwrap());
    assert!(room.component(&"c".into()).unwrap().values.is_empty());
    let peer = room.peer(&"p".into()).unwrap();
    assert_eq!(peer.text("ice.protocol"), Some("udp"));
    assert_eq!(peer.number("ice.bytes_received"), Some(20672.0));
    assert_eq!(peer.per_second("ice.bytes_received"), Some(68.5));
    assert_eq!((peer.number("ice.protocol"), peer.per_second("ice.protocol"), peer.text("none")), (None, None, None));
    let track = &peer.tracks["p:t:high"];
    for id in ["t", "p:t", "p:t:high", "t:high"] {
        assert_eq!(peer.track(&id.into()).collect::<Vec<_>>(), [("p:t:high", track)], "{id}");
    }
    for id in ["p", "high", "p:", "p:t:h"] {
        assert_eq!(peer.track(&id.into()).count(), 0, "{id}");
    }
    assert_eq!(track.text("inbound-rtp.encoding"), Some("VP8"));
    assert_eq!(track.values["rtx_stream"]["inbound-rtp.packets"], 1);
    assert!(!format!("{metrics:?}").contains("sentinel"));

    assert_eq!(report("{}").unwrap(), super::Metrics::default());
}

#[test]
fn metrics_error_does_not_quote_an_invalid_report() {
    for text in ["", "[]", "null", "{\"sentinel\"", "sentinel"] {
        let error = report(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(!format!("{error} {error:?} {:?}", error.source()).contains("sentinel"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn receive_never_panics_for_arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        if let Ok(Some(notification)) = webhook::receive(&bytes) {
            prop_assert!(!notification.to_string().contains('\n'));
            assert_round_trip(&notification);
            if let Notification::MetricsReport(report) = notification {
                let _ = report.metrics();
            }
        }
    }
}
