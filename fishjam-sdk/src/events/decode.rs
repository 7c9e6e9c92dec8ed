//! The decoder of Fishjam's server messages: frames of the socket and bodies of webhooks are the same message.

use fishjam_proto::fishjam::ServerMessage;

use super::{
    Notification,
    contents::{Message, MessageContent, unreadable},
    unknown::UnknownNotification,
    wire::{self, Field},
};
use crate::error::{Error, ErrorKind, Result};

/// The field number of `ServerMessage.notification_batch`.
const BATCH: u32 = 33;
/// The field number of `NotificationBatch.notifications`.
const MEMBER: u32 = 1;

/// The maximum number of notifications in a batch. A two-byte member becomes a value of about 130 bytes.
const MAX_BATCH: usize = 65_536;

/// Decodes notifications from the body of a webhook. Verify the body's signature first.
///
/// Returns the notifications of a batch in order, and no notifications for an empty body. A notification becomes
/// [`Notification::Unknown`] if this version does not know it. A member of a
/// batch becomes `Unknown`, too, if it cannot be read or is another batch. The other members are not affected.
///
/// Skips messages of a socket's handshake and logs a warning. Webhooks never contain them.
///
/// # Errors
///
/// Returns [`ErrorKind::Decode`] if:
///
/// - the bytes are not a valid message
/// - a batch contains more than 65,536 notifications
pub fn decode_server_notifications(body: &[u8]) -> Result<Vec<Notification>> {
    match decode(body)? {
        Message::Notifications(notifications) => Ok(notifications),
        Message::Handshake(_) => {
            log_skipped_handshakes(1);
            Ok(Vec::new())
        }
    }
}

/// Decodes one frame or webhook body.
///
/// The memory use is proportional to the input: each notification takes at least two bytes of it, and each copied byte is
/// one of its bytes. Decodes two layers of messages only: a batch in a batch stays encoded.
pub(crate) fn decode(bytes: &[u8]) -> Result<Message<Notification>> {
    if let Some(field) = Notification::single_field(bytes) {
        return Ok(Message::Notifications(vec![Notification::decode_payload(field.number, field.value)?]));
    }
    Ok(match parse(bytes)? {
        Parsed::Content(MessageContent::Notification(notification)) => Message::Notifications(vec![notification]),
        Parsed::Content(MessageContent::Handshake(handshake)) => Message::Handshake(handshake),
        Parsed::Batch(batch) => Message::Notifications(decode_batch(&batch)?),
        Parsed::Empty => Message::Notifications(Vec::new()),
    })
}

/// Returns the members of a message that is one batch of known notifications, as nearly all batches are.
///
/// Each member is a single field, see [`Notification::single_field`]. The members are not decoded.
pub(crate) fn plain_batch(message: &[u8]) -> Option<impl Iterator<Item = Field<'_>>> {
    let batch = wire::single_field(message).filter(|field| field.number == BATCH)?;
    let members = || {
        wire::fields(batch.value).map(|member| {
            let member = member.ok().filter(|member| member.number == MEMBER && member.delimited)?;
            Notification::single_field(member.value)
        })
    };
    // All members are checked before the first one is delivered.
    let plain = members().take(MAX_BATCH).all(|member| member.is_some()) && members().nth(MAX_BATCH).is_none();
    plain.then(|| members().flatten())
}

/// A message whose batch is still encoded.
enum Parsed<'a> {
    Content(MessageContent<Notification>),
    /// The encoded `NotificationBatch`. It has several parts if the sender split it, which protobuf permits.
    Batch(Vec<&'a [u8]>),
    Empty,
}

/// Parses a message that is not exactly one known notification.
fn parse(bytes: &[u8]) -> Result<Parsed<'_>> {
    let (mut batch, mut after_batch) = (Vec::new(), 0);
    let mut unknown: Option<Field<'_>> = None;
    for field in wire::fields(bytes) {
        let field = field.map_err(unreadable)?;
        if field.number == BATCH && field.delimited {
            batch.push(field.value);
            after_batch = field.end;
        } else if field.supersedes(unknown.as_ref()) {
            unknown = Some(field);
        }
    }
    // prost never sees the batch, because it drops the unknown fields of the members.
    let rest = bytes.get(after_batch..).unwrap_or_default();
    if let Some(content) = ServerMessage::from_frame(rest).map_err(unreadable)?.content {
        return Notification::from_content(content).map(Parsed::Content);
    }
    if !batch.is_empty() {
        return Ok(Parsed::Batch(batch));
    }
    Ok(match unknown {
        Some(field) => {
            let unknown = Notification::Unknown(UnknownNotification::new(&field));
            Parsed::Content(MessageContent::Notification(unknown))
        }
        None => Parsed::Empty,
    })
}

fn decode_batch(batch: &[&[u8]]) -> Result<Vec<Notification>> {
    let (mut notifications, mut handshakes) = (Vec::new(), 0);
    for field in batch.iter().flat_map(|part| wire::fields(part)) {
        let field = field.map_err(|cause| undecodable("the batch cannot be read").caused_by(cause))?;
        if field.number != MEMBER {
            continue;
        }
        if notifications.len() >= MAX_BATCH {
            return Err(undecodable("too many notifications in a batch: the limit is 65,536"));
        }
        if !field.delimited {
            let (field_number, bytes) = (0, field.value.to_vec());
            notifications.push(Notification::Unknown(UnknownNotification { field_number, bytes, malformed: true }));
            continue;
        }
        let malformed = || Notification::Unknown(UnknownNotification::malformed(field.value));
        if let Some(field) = Notification::single_field(field.value) {
            let notification = Notification::decode_payload(field.number, field.value);
            notifications.push(notification.unwrap_or_else(|_| malformed()));
            continue;
        }
        match parse(field.value) {
            Ok(Parsed::Content(MessageContent::Notification(notification))) => notifications.push(notification),
            Ok(Parsed::Content(MessageContent::Handshake(_))) => handshakes += 1,
            Ok(Parsed::Empty) => {}
            // The contract forbids a batch in a batch. The other members are still delivered.
            Ok(Parsed::Batch(_)) | Err(_) => notifications.push(malformed()),
        }
    }
    if handshakes > 0 {
        log_skipped_handshakes(handshakes);
    }
    Ok(notifications)
}

fn undecodable(message: &'static str) -> Error {
    Error::new(ErrorKind::Decode).message_text(message)
}

fn log_skipped_handshakes(count: usize) {
    tracing::warn!(count, "skipped handshake messages among notifications");
}
