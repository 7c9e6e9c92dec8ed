//! Tests of batches, unknown content and invalid messages.

use std::error::Error as _;

use fishjam_proto::{
    fishjam::server_message::{Content, *},
    jellyfish,
};
use proptest::prelude::*;
use prost::Message as _;

use super::{
    super::{
        Notification, UnknownNotification,
        contents::Message,
        decode::{decode, plain_batch},
        decode_server_notifications,
    },
    batch, delimited, encode,
    json::assert_round_trip,
    notifications, one,
    samples::{SHORT, notifications as samples},
};
use crate::error::{Error, ErrorKind};

fn created(room: &str) -> Vec<u8> {
    encode(Content::RoomCreated(RoomCreated { room_id: room.into() }))
}

fn lines(bytes: &[u8]) -> Vec<String> {
    notifications(bytes).iter().map(ToString::to_string).collect()
}

fn decode_error(bytes: &[u8]) -> Error {
    let error = decode(bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(decode_server_notifications(bytes).unwrap_err().kind(), ErrorKind::Decode);
    error
}

// Defect X1 of the official SDKs.
#[test]
fn decode_flattens_a_batch_in_order() {
    let singles: Vec<_> = samples(&SHORT).into_iter().map(|sample| one(sample.content)).collect();
    let encoded: Vec<_> = samples(&SHORT).into_iter().map(|sample| encode(sample.content)).collect();
    let batch = batch(encoded.iter().map(Vec::as_slice));
    assert_eq!(notifications(&batch), singles);
    assert_eq!(decode_server_notifications(&batch).unwrap(), singles);
}

#[test]
fn decode_accepts_a_batch_in_two_parts() {
    let member =
        |room: &str| ServerMessage { content: Some(Content::RoomCreated(RoomCreated { room_id: room.into() })) };
    use fishjam_proto::fishjam::ServerMessage;
    let whole = encode(Content::NotificationBatch(NotificationBatch { notifications: vec![member("a"), member("b")] }));
    assert_eq!(lines(&whole), ["room_created room=a", "room_created room=b"]);
    // protobuf joins the parts of a message that comes in several.
    let parts = [batch([&*created("a")]), batch([&*created("b")])].concat();
    assert_eq!(lines(&parts), ["room_created room=a", "room_created room=b"]);
    // The last variant of a oneof counts.
    assert_eq!(lines(&[batch([&*created("a")]), created("b")].concat()), ["room_created room=b"]);
    assert_eq!(lines(&[created("b"), batch([&*created("a")])].concat()), ["room_created room=a"]);
}

#[test]
fn decode_returns_nothing_for_empty_messages() {
    for empty in [Vec::new(), batch([]), batch([&[] as &[u8], &[]])] {
        assert_eq!(decode(&empty).unwrap(), Message::Notifications(Vec::new()));
    }
}

// Defect X17 of the official SDKs.
#[test]
fn unknown_notification_keeps_its_number_and_bytes() {
    let content = RoomCreated { room_id: "tomorrow".into() }.encode_to_vec();
    let [Notification::Unknown(unknown)] = &*notifications(&delimited(95, &content)) else { panic!("not unknown") };
    assert_eq!((unknown.field_number, &*unknown.bytes, unknown.malformed), (95, &*content, false));
    let notification = Notification::Unknown(unknown.clone());
    assert_eq!((notification.name(), notification.room_id()), ("unknown", None));
    assert_eq!(notification.to_string(), "unknown field=95 bytes=10");
    let printed = format!("{notification:?}");
    assert!(printed.contains("95") && printed.contains("10 bytes") && !printed.contains("116"), "{printed}");
    assert_eq!(
        serde_json::to_value(&notification).unwrap(),
        serde_json::json!({"unknown": {"fieldNumber": 95, "bytes": "0a08746f6d6f72726f77", "malformed": false}}),
    );
}

#[test]
fn decode_prefers_known_variants_and_the_last_unknown_message() {
    let unknown = |bytes: &[u8]| match &*notifications(bytes) {
        [Notification::Unknown(unknown)] => (unknown.field_number, unknown.bytes.clone()),
        other => panic!("{other:?}"),
    };
    let number = [0xc0, 0x02, 0x96, 0x01]; // Field 40 is 150.
    assert_eq!(unknown(&number), (40, vec![0x96, 0x01]));
    assert_eq!(unknown(&[delimited(95, b"a"), delimited(96, b"b"), number.to_vec()].concat()), (96, b"b".to_vec()));
    assert_eq!(unknown(&[number.to_vec(), delimited(95, b"a")].concat()), (95, b"a".to_vec()));
    for known in [[delimited(99, b"new"), created("r")].concat(), [created("r"), number.to_vec()].concat()] {
        assert_eq!(lines(&known), ["room_created room=r"]);
    }
    let known = batch([&*[created("r"), delimited(99, b"new")].concat()]);
    assert_eq!(lines(&[known, delimited(99, b"new")].concat()), ["room_created room=r"]);
}

// Defect X17 of the official SDKs.
#[test]
fn unknown_notification_in_a_batch_keeps_its_place() {
    let unknown = delimited(95, b"xyz");
    let batch = batch([&*created("a"), &unknown, &created("b")]);
    assert_eq!(lines(&batch), ["room_created room=a", "unknown field=95 bytes=3", "room_created room=b"]);
}

// Defect X7 of the official SDKs.
#[test]
fn unknown_status_in_a_batch_keeps_its_neighbors() {
    let recording = RecordingStatusChanged { recording_id: "k".into(), status: 9, metadata: String::new() };
    let batch = batch([&*created("a"), &encode(Content::RecordingStatusChanged(recording)), &created("b")]);
    let expected = ["room_created room=a", "recording_status_changed recording=k status=9", "room_created room=b"];
    assert_eq!(lines(&batch), expected);
}

// Defect X33 of the official SDKs.
#[test]
fn damaged_member_is_unknown_and_keeps_its_neighbors() {
    let not_text = delimited(10, &delimited(1, &[0xff]));
    let cut_off = &created("c")[..3];
    let batch = batch([&*created("a"), &not_text, cut_off, &created("b")]);
    let expected = [
        "room_created room=a",
        "unknown field=10 bytes=3 malformed",
        "unknown field=0 bytes=3 malformed",
        "room_created room=b",
    ];
    assert_eq!(lines(&batch), expected);
    let Notification::Unknown(UnknownNotification { bytes, .. }) = &notifications(&batch)[2] else { panic!("known") };
    assert_eq!(bytes, cut_off);
}

#[test]
fn nested_batch_is_unknown_and_keeps_its_neighbors() {
    let (a, b) = ("room_created room=a", "room_created room=b");
    let inner = batch([&*created("inner")]);
    for (message, expected) in [
        (batch([&*created("a"), &inner, &created("b")]), vec![a, "unknown field=33 bytes=11 malformed", b]),
        (batch([&*batch([]), &created("b")]), vec!["unknown field=33 bytes=0 malformed", b]),
        // Two parts of one batch.
        ([batch([&*created("a")]), batch([&*inner])].concat(), vec![a, "unknown field=33 bytes=11 malformed"]),
        // After a notification, the batch counts, because the last variant counts.
        (
            batch([&*[created("x"), inner.clone()].concat(), &created("b")]),
            vec!["unknown field=33 bytes=11 malformed", b],
        ),
    ] {
        assert_eq!(lines(&message), expected);
        assert_eq!(decode_server_notifications(&message).unwrap(), notifications(&message));
    }
    let deep = (0..1_000).fold(created("a"), |inner, _| batch([&*inner]));
    match notifications(&deep).as_slice() {
        [Notification::Unknown(unknown)] => assert!(unknown.malformed && unknown.field_number == 33),
        other => panic!("{other:?}"),
    }
}

#[test]
fn member_without_a_length_is_malformed() {
    let number = [0x08, 0x96, 0x01]; // Field 1 is 150.
    let batch = delimited(33, &[delimited(1, &created("a")), number.to_vec(), delimited(1, &created("b"))].concat());
    let expected = ["room_created room=a", "unknown field=0 bytes=2 malformed", "room_created room=b"];
    assert_eq!(lines(&batch), expected);
}

#[test]
fn decode_rejects_a_batch_above_the_limit() {
    let member = created("");
    let full = vec![&*member; 65_536];
    assert_eq!(notifications(&batch(full.clone())).len(), 65_536);
    assert_eq!(decode_server_notifications(&batch(full.clone())).unwrap().len(), 65_536);
    let over = batch(full.into_iter().chain([&*member]));
    assert!(decode_error(&over).to_string().contains("65,536"));
}

#[test]
fn decode_skips_handshakes_in_a_batch() {
    let handshakes = [
        Content::Authenticated(Authenticated {}),
        Content::AuthRequest(AuthRequest { token: "sentinel".into() }),
        Content::SubscribeRequest(SubscribeRequest { event_type: 1 }),
        Content::SubscribeResponse(SubscribeResponse { event_type: 1 }),
    ]
    .map(encode);
    let members = [created("a")].into_iter().chain(handshakes).chain([created("b")]).collect::<Vec<_>>();
    let batch = batch(members.iter().map(Vec::as_slice));
    assert_eq!(lines(&batch), ["room_created room=a", "room_created room=b"]);
}

// Defect X17 of the official SDKs.
#[test]
fn invalid_message_is_a_decode_error_with_a_cause() {
    for (bytes, cause) in [
        (vec![0xff], "a field ends after the message"),
        (vec![0x52, 5, 0x0a], "a field ends after the message"),
        (vec![0x50, 1], "invalid wire type"),
        (vec![0x88, 0x02, 1], "invalid wire type"),
        (delimited(10, &delimited(1, &[0xff])), "UTF-8"),
        (delimited(33, &[0x0a]), "a field ends after the message"),
        (vec![0x53, 0x54], "an encoding that proto3 does not support"),
        (b"{\"json\":\"sentinel\"}".to_vec(), ""),
    ] {
        let error = decode_error(&bytes);
        assert!(error.source().is_some());
        assert!(format!("{error:#}").contains(cause), "{error:#}");
        assert!(!format!("{error:#} {error:?}").contains("sentinel"));
    }
}

#[test]
fn decode_accepts_frames_of_jellyfish() {
    use jellyfish::server_message as old;
    let encode = |content| jellyfish::ServerMessage { content: Some(content) }.encode_to_vec();
    let track = old::Track { id: "t".into(), r#type: 1, metadata: "null".into() };
    for (content, line) in [
        (
            old::Content::PeerConnected(old::PeerConnected { room_id: "r".into(), peer_id: "p".into() }),
            "peer_connected room=r peer=p",
        ),
        (
            old::Content::TrackAdded(old::TrackAdded {
                room_id: "r".into(),
                endpoint_info: Some(old::track_added::EndpointInfo::ComponentId("c".into())),
                track: Some(track),
            }),
            "track_added room=r component=c track=t",
        ),
        (
            old::Content::HlsPlayable(old::HlsPlayable { room_id: "r".into(), component_id: "c".into() }),
            "hls_playable room=r component=c",
        ),
        (old::Content::MetricsReport(old::MetricsReport { metrics: "{}".into() }), "unknown field=12 bytes=4"),
    ] {
        assert_eq!(lines(&encode(content)), [line]);
    }
}

#[test]
fn decode_handles_truncated_and_changed_messages() {
    let mut messages: Vec<_> = samples(&SHORT).into_iter().map(|sample| encode(sample.content)).collect();
    messages.push(batch(messages.iter().map(Vec::as_slice).collect::<Vec<_>>()));
    for message in messages {
        for end in 0..message.len() {
            if end > 0 {
                decode_error(&message[..end]);
            }
            for change in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                let mut changed = message.clone();
                changed[end] ^= change;
                let _ = decode(&changed);
            }
        }
    }
}

/// Checks the limits of decoding: at most one notification for each two bytes.
fn check_limits(bytes: &[u8]) {
    match decode(bytes) {
        Ok(Message::Notifications(all)) => {
            assert!(all.len() <= bytes.len() / 2);
            let kept: usize =
                all.iter().map(|n| if let Notification::Unknown(u) = n { u.bytes.len() } else { 0 }).sum();
            assert!(kept <= bytes.len());
            for notification in &all {
                assert!(!notification.to_string().contains('\n'));
                assert_round_trip(notification);
            }
        }
        Ok(Message::Handshake(_)) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::Decode),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn decode_never_panics_for_arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        check_limits(&bytes);
    }

    #[test]
    fn decode_never_panics_for_arbitrary_payloads(
        members in prop::collection::vec((1u32..40, prop::collection::vec(any::<u8>(), 0..24)), 0..12),
    ) {
        let members: Vec<_> = members.iter().map(|(number, content)| delimited(*number, content)).collect();
        members.iter().for_each(|member| check_limits(member));
        check_limits(&batch(members.iter().map(Vec::as_slice)));
    }

    #[test]
    fn single_field_decoding_equals_prost(
        fields in prop::collection::vec(
            (0usize..128, 1u32..40, prop::collection::vec(any::<u8>(), 0..24), any::<(u16, u8)>()),
            0..3,
        ),
    ) {
        let samples = samples(&SHORT);
        // Valid messages, messages with one changed byte, and arbitrary fields. No batches: prost decodes them differently.
        let message: Vec<u8> = fields
            .into_iter()
            .flat_map(|(sample, number, content, (place, change))| match samples.get(sample) {
                Some(sample) => {
                    let encoded = encode(sample.content.clone());
                    let field = super::super::wire::single_field(&encoded).unwrap();
                    let mut content = field.value.to_vec();
                    if place % 2 == 0 && !content.is_empty() {
                        let place = usize::from(place) % content.len();
                        content[place] ^= change;
                    }
                    delimited(field.number, &content)
                }
                None if number == 33 => Vec::new(),
                None => delimited(number, &content),
            })
            .collect();
        match fishjam_proto::fishjam::ServerMessage::decode(&*message) {
            Err(_) => prop_assert!(decode(&message).is_err()),
            Ok(fishjam_proto::fishjam::ServerMessage { content: Some(content) }) => {
                // A second field prevents the fast path. It changes nothing, because it is an unknown number.
                let long = [encode(content), vec![0xc0, 0x02, 0x96, 0x01]].concat();
                prop_assert_eq!(decode(&message).unwrap(), decode(&long).unwrap());
            }
            Ok(_) => {
                let seen = notifications(&message);
                prop_assert!(seen.iter().all(|n| matches!(n, Notification::Unknown(unknown) if !unknown.malformed)));
                prop_assert_eq!(seen.is_empty(), message.is_empty());
            }
        }
    }

    #[test]
    fn decode_keeps_any_string(room in ".*", metadata in ".*", peer_type: i32) {
        let sent = PeerMetadataUpdated { room_id: room.clone(), peer_id: String::new(), metadata: metadata.clone(), peer_type };
        let Notification::PeerMetadataUpdated(seen) = one(Content::PeerMetadataUpdated(sent)) else { panic!("another") };
        prop_assert_eq!(seen.room_id.as_str(), room);
        prop_assert_eq!(seen.metadata.as_str(), metadata);
        let number = seen.peer_type.map(|kind| kind.to_string());
        prop_assert!(peer_type != 0 || number.is_none());
        prop_assert!((0..=3).contains(&peer_type) || number == Some(peer_type.to_string()));
    }
}

#[test]
fn plain_batch_has_the_members_of_a_decoded_batch() {
    let plain = |message: &[u8]| {
        plain_batch(message).map(|members| members.map(|field| field.value.to_vec()).collect::<Vec<_>>())
    };
    let member = |id: &str| delimited(1, id.as_bytes());
    let (a, b) = (created("a"), created("b"));
    assert_eq!(plain(&batch([&*a, &b])), Some(vec![member("a"), member("b")]));
    assert_eq!(plain(&batch([])), Some(Vec::new()));
    // A damaged payload stays in the list. The code that decodes the members rejects it.
    assert_eq!(plain(&batch([&*delimited(10, &[0x0a, 9]), &b])), Some(vec![vec![0x0a, 9], member("b")]));
    let others = [
        a.clone(),
        [batch([&*a]), batch([&*b])].concat(),
        batch([&*a, &delimited(95, b"new")]),
        batch([&*a, &[]]),
        batch([&*batch([&*a])]),
        batch([&*[a.clone(), b.clone()].concat()]),
        delimited(33, &[delimited(1, &a), vec![0x08, 1]].concat()),
        delimited(33, &[delimited(1, &a), vec![0x0a, 9]].concat()),
        batch(vec![&*a; 65_537]),
    ];
    for message in others {
        assert_eq!(plain(&message), None, "{} bytes", message.len());
    }
    assert_eq!(plain(&batch(vec![&*a; 65_536])).map(|members| members.len()), Some(65_536));
}
