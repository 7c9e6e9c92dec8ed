mod decoding;
mod json;
#[allow(dead_code, missing_docs, unreachable_pub, reason = "the integration tests own this table")]
#[path = "../../../../tests/src/notifications.rs"]
mod samples;
mod values;

use fishjam_proto::fishjam::{ServerMessage, server_message::Content};
use prost::Message as _;

use super::{
    Notification,
    contents::{Handshake, Message},
    decode::decode,
};

/// Encodes a message like the server.
fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}

/// Encodes a length-delimited field.
fn delimited(number: u32, value: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    prost::encoding::encode_varint(u64::from(number << 3 | 2), &mut field);
    prost::encoding::encode_varint(value.len() as u64, &mut field);
    field.extend_from_slice(value);
    field
}

/// Encodes a batch of encoded messages.
fn batch<'a>(members: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    delimited(33, &members.into_iter().flat_map(|member| delimited(1, member)).collect::<Vec<_>>())
}

fn notifications(bytes: &[u8]) -> Vec<Notification> {
    match decode(bytes).unwrap() {
        Message::Notifications(notifications) => notifications,
        Message::Handshake(handshake) => panic!("{handshake:?}"),
    }
}

fn one(content: Content) -> Notification {
    let mut all = notifications(&encode(content));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn notification_is_send_sync_and_small() {
    fn public<T: Send + Sync + std::fmt::Debug + Clone + 'static>() {}
    public::<super::Event>();
    public::<Notification>();
    public::<super::EndpointId>();
    // The size and the two bytes of the shortest notification limit the memory that a frame can use.
    assert!(size_of::<Notification>() <= 136, "{}", size_of::<Notification>());
}

#[test]
fn decode_distinguishes_handshakes() {
    use fishjam_proto::fishjam::server_message as wire;
    for (content, handshake) in [
        (Content::Authenticated(wire::Authenticated {}), Handshake::Authenticated),
        (Content::SubscribeResponse(wire::SubscribeResponse { event_type: 1 }), Handshake::Subscribed(1)),
        (Content::SubscribeResponse(wire::SubscribeResponse { event_type: 9 }), Handshake::Subscribed(9)),
        (Content::AuthRequest(wire::AuthRequest { token: "sentinel".into() }), Handshake::AuthRequest),
        (Content::SubscribeRequest(wire::SubscribeRequest { event_type: 1 }), Handshake::SubscribeRequest),
    ] {
        let bytes = encode(content);
        assert_eq!(decode(&bytes).unwrap(), Message::Handshake(handshake));
        assert_eq!(super::decode_server_notifications(&bytes).unwrap(), []);
    }
}
