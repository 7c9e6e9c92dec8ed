//! The one decoder: frames of the server socket and bodies of webhooks are the same message.

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{self, Content},
};

use super::{
    Notification,
    contents::{Said, contents, unreadable},
    payload::FromWire,
    unknown::UnknownNotification,
    wire::{self, Field},
};
use crate::error::{Error, ErrorKind, Result};

/// The number of `ServerMessage.notification_batch`.
const BATCH: u32 = 33;
/// The number of `NotificationBatch.notifications`.
const MEMBER: u32 = 1;

/// How many notifications one message may hold. A tiny member of a batch becomes a value some sixty times its size.
const MOST: usize = 65_536;

/// What one frame or body says.
#[derive(Debug, PartialEq)]
pub(crate) enum Message<N = Notification> {
    /// What happened, in order: one notification, all of a batch, or none if there was nothing in it.
    Notifications(Vec<N>),
    /// A step of the socket's handshake.
    Handshake(Handshake),
}

/// A step of the server socket's handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    /// The server accepted the token.
    Authenticated,
    /// The server confirms a subscription to the events of this type.
    Subscribed(i32),
    /// Only a client sends it.
    AuthRequest,
    /// Only a client sends it.
    SubscribeRequest,
}

/// Reads notifications from the bytes of a webhook's body, which must have been verified before.
///
/// A batch becomes its notifications in order; an empty body holds none. A notification that this version does not know
/// becomes [`Notification::Unknown`]. So does a part of a batch that cannot be read, or that is another batch. The other
/// parts are returned.
/// Messages of a socket's handshake, which a webhook never carries, are left out with a warning.
///
/// # Errors
///
/// [`ErrorKind::Decode`] if the bytes are not a message of the service, or if a batch holds more than 65,536
/// notifications.
pub fn decode_server_notifications(body: &[u8]) -> Result<Vec<Notification>> {
    match decode(body)? {
        Message::Notifications(notifications) => Ok(notifications),
        Message::Handshake(_) => {
            warn_of_handshakes(1);
            Ok(Vec::new())
        }
    }
}

/// Reads one frame or body.
///
/// Takes memory in proportion to the input: each notification takes at least two bytes of it, and copies are parts of it.
/// Looks into two layers of messages and no deeper: a batch in a batch stays as it is.
pub(crate) fn decode(bytes: &[u8]) -> Result<Message> {
    if let Some(field) = only(bytes) {
        return Ok(Message::Notifications(vec![payload(field.number, field.value)?]));
    }
    Ok(match read(bytes)? {
        Read::Said(Said::Notification(notification)) => Message::Notifications(vec![notification]),
        Read::Said(Said::Handshake(handshake)) => Message::Handshake(handshake),
        Read::Batch(batch) => Message::Notifications(open(&batch)?),
        Read::Nothing => Message::Notifications(Vec::new()),
    })
}

/// What one message holds.
enum Read<'a> {
    Said(Said<Notification>),
    /// The encoded `NotificationBatch`; in several parts if the sender split it, as protobuf permits.
    Batch(Vec<&'a [u8]>),
    Nothing,
}

/// The path of the few messages, alone or in a batch, that are more or less than one known notification.
fn read(bytes: &[u8]) -> Result<Read<'_>> {
    let (mut batch, mut after_batch) = (Vec::new(), 0);
    let mut unknown: Option<Field<'_>> = None;
    for field in wire::fields(bytes) {
        let field = field.map_err(unreadable)?;
        if field.number == BATCH && field.delimited {
            batch.push(field.value);
            after_batch = field.end;
        } else if field.outranks(unknown.as_ref()) {
            unknown = Some(field);
        }
    }
    // prost would read a batch too, but drop what it does not know in it.
    let rest = bytes.get(after_batch..).unwrap_or_default();
    if let Some(content) = ServerMessage::from_frame(rest).map_err(unreadable)?.content {
        return said(content).map(Read::Said);
    }
    if !batch.is_empty() {
        return Ok(Read::Batch(batch));
    }
    Ok(match unknown {
        Some(field) => Read::Said(Said::Notification(Notification::Unknown(UnknownNotification::new(&field)))),
        None => Read::Nothing,
    })
}

/// What the batch holds.
fn open(batch: &[&[u8]]) -> Result<Vec<Notification>> {
    let (mut notifications, mut handshakes) = (Vec::new(), 0);
    for field in batch.iter().flat_map(|part| wire::fields(part)) {
        let field = field.map_err(|cause| undecodable("the batch cannot be read").caused_by(cause))?;
        if field.number != MEMBER {
            continue;
        }
        if notifications.len() >= MOST {
            return Err(undecodable("a batch holds more than 65,536 notifications"));
        }
        if !field.delimited {
            let (field_number, bytes) = (0, field.value.to_vec());
            notifications.push(Notification::Unknown(UnknownNotification { field_number, bytes, malformed: true }));
            continue;
        }
        let malformed = || Notification::Unknown(UnknownNotification::malformed(field.value));
        if let Some(field) = only(field.value) {
            notifications.push(payload(field.number, field.value).unwrap_or_else(|_| malformed()));
            continue;
        }
        match read(field.value) {
            Ok(Read::Said(Said::Notification(notification))) => notifications.push(notification),
            Ok(Read::Said(Said::Handshake(_))) => handshakes += 1,
            Ok(Read::Nothing) => {}
            // The contract rules out a batch in a batch. It costs its neighbors nothing.
            Ok(Read::Batch(_)) | Err(_) => notifications.push(malformed()),
        }
    }
    if handshakes > 0 {
        warn_of_handshakes(handshakes);
    }
    Ok(notifications)
}

// The numbers of `ServerMessage.content`.
contents! {
    RoomCreated = 10,
    RoomDeleted = 11,
    RoomCrashed = 1,
    PeerAdded = 20,
    PeerDeleted = 21,
    PeerConnected = 2,
    PeerDisconnected = 3,
    PeerCrashed = 4,
    PeerMetadataUpdated = 16,
    TrackAdded = 17,
    TrackRemoved = 18,
    TrackMetadataUpdated = 19,
    ChannelAdded = 28,
    ChannelRemoved = 29,
    TrackForwarding = 30,
    TrackForwardingRemoved = 31,
    VadNotification = 32,
    StreamerConnected = 26,
    StreamerDisconnected = 27,
    ViewerConnected = 24,
    ViewerDisconnected = 25,
    RecordingStatusChanged = 34,
    StreamConnected = 22,
    StreamDisconnected = 23,
    ComponentCrashed = 5,
    HlsPlayable = 13,
    HlsUploaded = 14,
    HlsUploadCrashed = 15,
    ..
    Content::Authenticated(_) => Said::Handshake(Handshake::Authenticated),
    Content::AuthRequest(_) => Said::Handshake(Handshake::AuthRequest),
    Content::SubscribeRequest(_) => Said::Handshake(Handshake::SubscribeRequest),
    Content::SubscribeResponse(x) => Said::Handshake(Handshake::Subscribed(x.event_type)),
    // `read` takes batches out before prost sees them.
    Content::NotificationBatch(_) => return Err(undecodable("a batch is in an impossible place")),
}

fn undecodable(message: &'static str) -> Error {
    Error::new(ErrorKind::Decode).message_text(message)
}

fn warn_of_handshakes(count: usize) {
    tracing::warn!(count, "handshake messages arrived where only notifications belong, and were left out");
}
