//! Tests of messages from newer and from malicious senders.

use fishjam_proto::{
    fishjam::{
        AgentResponse, PeerMessage, ServerMessage,
        server_message::{Content, NotificationBatch, PeerAdded, PeerType, RecordingStatusChanged},
    },
    jellyfish,
};
use prost::Message;

/// A field with number 99 that holds a message `{1: "x"}`.
const UNKNOWN_VARIANT: &[u8] = &[0x9a, 0x06, 0x03, 0x0a, 0x01, b'x'];

#[test]
fn unknown_variant_decodes_without_content() {
    assert_eq!(ServerMessage::decode(UNKNOWN_VARIANT).unwrap().content, None);
    assert_eq!(AgentResponse::decode(UNKNOWN_VARIANT).unwrap().content, None);
    assert_eq!(PeerMessage::decode(UNKNOWN_VARIANT).unwrap().content, None);
    assert_eq!(jellyfish::ServerMessage::decode(UNKNOWN_VARIANT).unwrap().content, None);
    assert_eq!(jellyfish::PeerMessage::decode(UNKNOWN_VARIANT).unwrap().content, None);
}

#[test]
fn unknown_variant_in_a_batch_keeps_the_other_members() {
    let mut frame = vec![0x8a, 0x02, 18, 0x0a, UNKNOWN_VARIANT.len() as u8];
    frame.extend(UNKNOWN_VARIANT);
    frame.extend([0x0a, 0x08, 0x52, 0x06, 0x0a, 0x04, b'r', b'o', b'o', b'm']);
    let Some(Content::NotificationBatch(batch)) = ServerMessage::decode(frame.as_slice()).unwrap().content else {
        panic!("not a batch");
    };
    assert_eq!(batch.notifications.len(), 2);
    assert_eq!(batch.notifications[0].content, None);
    assert!(matches!(&batch.notifications[1].content, Some(Content::RoomCreated(r)) if r.room_id == "room"));
}

#[test]
fn unknown_enum_number_is_kept() {
    let frame = [0x08, 0x63];
    let status = RecordingStatusChanged::decode([0x10, 0x63].as_slice()).unwrap();
    assert_eq!(status.status, 99);
    assert_eq!(status.encode_to_vec(), [0x10, 0x63]);

    let added = PeerAdded::decode([0x18, 0x2a].as_slice()).unwrap();
    assert_eq!(added.peer_type, 42);
    assert_eq!(PeerType::try_from(added.peer_type).map_err(|unknown| unknown.0), Err(42));
    assert_eq!(added.encode_to_vec(), [0x18, 0x2a]);

    // Reserved by Fishjam, known to Jellyfish.
    let subscribe = fishjam_proto::fishjam::server_message::SubscribeRequest::decode(frame.as_slice()).unwrap();
    assert_eq!(subscribe.event_type, 99);
}

#[test]
fn unknown_field_is_skipped() {
    let added = PeerAdded::decode([0x0a, 0x01, b'r', 0x9a, 0x06, 0x01, b'x', 0x12, 0x01, b'p'].as_slice()).unwrap();
    assert_eq!(added, PeerAdded { room_id: "r".into(), peer_id: "p".into(), peer_type: 0 });
}

#[test]
fn empty_frame_decodes_without_content() {
    assert_eq!(ServerMessage::decode([].as_slice()).unwrap(), ServerMessage::default());
}

#[test]
fn invalid_and_truncated_frames_are_errors() {
    for frame in [
        [0xff; 16].as_slice(),
        // A variant without a length.
        &[0x52],
        // A length beyond the end of the frame.
        &[0x52, 0x7f, 0x0a],
        // The largest possible length.
        &[0x52, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        // A number instead of a message.
        &[0x50, 0x01],
        // A string that is not UTF-8.
        &[0x52, 0x03, 0x0a, 0x01, 0xff],
    ] {
        assert!(ServerMessage::decode(frame).is_err(), "{frame:x?}");
    }
}

/// Returns nested batches of the given depth around an empty message.
fn nested_batches(levels: usize) -> Vec<u8> {
    // The bytes are written in reverse order, because a length comes before its message.
    let mut reversed = Vec::new();
    let push_length = |reversed: &mut Vec<u8>| {
        let mut length = Vec::new();
        prost::encode_length_delimiter(reversed.len(), &mut length).unwrap_or_default();
        reversed.extend(length.into_iter().rev());
    };
    for _ in 0..levels {
        push_length(&mut reversed);
        reversed.push(0x0a);
        push_length(&mut reversed);
        reversed.extend([0x02, 0x8a]);
    }
    reversed.reverse();
    reversed
}

#[test]
fn nesting_is_limited() {
    let twice = ServerMessage::decode(nested_batches(2).as_slice()).unwrap();
    let inner = NotificationBatch { notifications: vec![ServerMessage::default()] };
    let middle = ServerMessage { content: Some(Content::NotificationBatch(inner)) };
    let outer = NotificationBatch { notifications: vec![middle] };
    assert_eq!(twice.content, Some(Content::NotificationBatch(outer)));

    for levels in [100, 10_000, 100_000] {
        let error = ServerMessage::decode(nested_batches(levels).as_slice()).unwrap_err();
        assert!(error.to_string().contains("recursion limit"), "{levels}: {error}");
    }
    // Skipped fields have the same limit: groups, which proto3 does not support.
    let groups = [0x9b, 0x06].repeat(100_000);
    let error = ServerMessage::decode(groups.as_slice()).unwrap_err();
    assert!(error.to_string().contains("recursion limit"), "{error}");
}
