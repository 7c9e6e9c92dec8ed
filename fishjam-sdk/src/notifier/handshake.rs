//! The requests by which a connection becomes a subscriber of a Fishjam.

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{AuthRequest, Content, EventType, SubscribeRequest},
};
use prost::Message as _;

use super::protocol::Protocol;
use crate::{
    error::Result,
    events::{
        Notification,
        decode::{Handshake, decode_onto},
    },
};

/// The events that we ask for, by their number.
pub(super) const WANTED: &[i32] = &[EventType::ServerNotification as i32];

impl Protocol for Notification {
    fn authenticate(token: &str) -> Vec<u8> {
        encode(Content::AuthRequest(AuthRequest { token: token.to_owned() }))
    }

    fn subscribe(events: i32) -> Vec<u8> {
        encode(Content::SubscribeRequest(SubscribeRequest { event_type: events }))
    }

    fn decode(frame: &[u8], notifications: &mut Vec<Self>) -> Result<Option<Handshake>> {
        decode_onto(frame, notifications)
    }
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}
