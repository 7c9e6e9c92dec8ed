//! The decoder of Jellyfish's server messages: frames of the socket and bodies of webhooks are the same message.

use fishjam_proto::jellyfish::ServerMessage;

use super::Notification;
use crate::{
    error::Result,
    events::{
        UnknownNotification,
        contents::{Message, MessageContent, unreadable},
        wire::{self, Field},
    },
};

/// Decodes one frame or webhook body. The memory use is proportional to the input.
pub(crate) fn decode(bytes: &[u8]) -> Result<Message<Notification>> {
    Ok(match parse(bytes)? {
        Some(MessageContent::Notification(notification)) => Message::Notifications(vec![notification]),
        Some(MessageContent::Handshake(handshake)) => Message::Handshake(handshake),
        None => Message::Notifications(Vec::new()),
    })
}

fn parse(bytes: &[u8]) -> Result<Option<MessageContent<Notification>>> {
    if let Some(field) = Notification::single_field(bytes) {
        let notification = Notification::decode_payload(field.number, field.value)?;
        return Ok(Some(MessageContent::Notification(notification)));
    }
    if let Some(content) = ServerMessage::from_frame(bytes).map_err(unreadable)?.content {
        return Notification::from_content(content).map(Some);
    }
    let mut unknown: Option<Field<'_>> = None;
    for field in wire::fields(bytes) {
        let field = field.map_err(unreadable)?;
        if field.supersedes(unknown.as_ref()) {
            unknown = Some(field);
        }
    }
    Ok(unknown.map(|field| MessageContent::Notification(Notification::Unknown(UnknownNotification::new(&field)))))
}
