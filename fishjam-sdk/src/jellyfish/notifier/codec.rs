//! The messages of a Jellyfish server: token, subscription and notifications.

use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{AuthRequest, Content, EventType, SubscribeRequest},
};

use crate::{
    connection::socket::Credentials,
    error::Result,
    events::{UnknownNotification, contents::Message, wire::Field},
    jellyfish::events::{Notification, decode},
    notifier::codec::NotificationCodec,
};

const NOTIFICATIONS: i32 = EventType::ServerNotification as i32;
const METRICS: i32 = EventType::Metrics as i32;

/// Returns the numbers of the requested kinds of events.
pub(super) fn wanted(notifications: bool, metrics: bool) -> &'static [i32] {
    match (notifications, metrics) {
        (true, true) => &[NOTIFICATIONS, METRICS],
        (true, false) => &[NOTIFICATIONS],
        (false, true) => &[METRICS],
        (false, false) => &[],
    }
}

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
