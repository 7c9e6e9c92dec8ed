//! The messages of Fishjam: token, subscription and notifications.

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{AuthRequest, Content, EventType, SubscribeRequest},
};

use super::codec::NotificationCodec;
use crate::{
    connection::socket::Credentials,
    error::Result,
    events::{Notification, UnknownNotification, contents::Message, decode, wire::Field},
};

/// The numbers of the requested kinds of events.
pub(super) const WANTED: &[i32] = &[EventType::ServerNotification as i32];

impl NotificationCodec for Notification {
    fn credentials(token: &str) -> Result<Credentials> {
        let message = encode(Content::AuthRequest(AuthRequest { token: token.to_owned() }));
        Ok(Credentials::Message(message))
    }

    fn subscribe(events: i32) -> Vec<u8> {
        encode(Content::SubscribeRequest(SubscribeRequest { event_type: events }))
    }

    fn unknown(notification: UnknownNotification) -> Self {
        notification.into()
    }

    fn single_field(frame: &[u8]) -> Option<Field<'_>> {
        Self::single_field(frame)
    }

    fn plain_batch(frame: &[u8]) -> Option<impl Iterator<Item = Field<'_>>> {
        decode::plain_batch(frame)
    }

    fn decode_payload(number: u32, payload: &[u8]) -> Result<Self> {
        Self::decode_payload(number, payload)
    }

    fn decode(frame: &[u8]) -> Result<Message<Self>> {
        decode::decode(frame)
    }
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.to_frame()
}
