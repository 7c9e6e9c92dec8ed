//! The one decoder: frames of the server socket and bodies of webhooks are the same message.

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{self, Content},
};
use prost::{DecodeError, Message as _};

use super::{
    Notification,
    payload::FromWire,
    unknown::UnknownNotification,
    wire::{self, Field},
};
use crate::error::{Cause, Error, ErrorKind, Result};

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
/// A batch becomes its notifications in order; an empty body holds none. What this version does not know is
/// [`Notification::Unknown`], and so is a part of a batch that cannot be read: it does not cost its neighbours.
/// Messages of a socket's handshake, which a webhook never carries, are left out with a warning.
///
/// # Errors
///
/// [`ErrorKind::Decode`] if the bytes are no message of the service, or a batch holds another one, which the contract
/// rules out, or more than 65,536 notifications.
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
/// Takes memory in proportion to the input: a notification costs at least two bytes of it, and what is copied is part
/// of it. Looks into two layers of messages and no deeper, since a batch in a batch is refused.
pub(crate) fn decode(bytes: &[u8]) -> Result<Message> {
    let mut notifications = Vec::with_capacity(1);
    Ok(match decode_onto(bytes, &mut notifications)? {
        None => Message::Notifications(notifications),
        Some(handshake) => Message::Handshake(handshake),
    })
}

/// Like [`decode`], for a list that is used again and again: appends the notifications, or returns the step of the
/// handshake. The list must be empty.
pub(crate) fn decode_onto(bytes: &[u8], notifications: &mut Vec<Notification>) -> Result<Option<Handshake>> {
    match read(bytes, notifications).map_err(|cause| undecodable("the message cannot be read").caused_by(cause))? {
        Read::Notification => Ok(None),
        Read::Handshake(handshake) => Ok(Some(handshake)),
        Read::Batch(batch) => {
            open(&batch, notifications).inspect_err(|_| notifications.clear())?;
            Ok(None)
        }
    }
}

/// What one message holds.
enum Read<'a> {
    /// A notification, which was appended, or nothing at all.
    Notification,
    Handshake(Handshake),
    /// The encoded `NotificationBatch`; in several parts if the sender split it, as protobuf permits.
    Batch(Vec<&'a [u8]>),
}

/// The path that every message takes, alone or in a batch.
fn read<'a>(bytes: &'a [u8], notifications: &mut Vec<Notification>) -> Result<Read<'a>, Cause> {
    if let Some(field) = wire::only(bytes)
        && alone(&field, notifications)?
    {
        return Ok(Read::Notification);
    }
    let (mut batch, mut after_batch) = (Vec::new(), 0);
    let mut unknown: Option<Field<'_>> = None;
    for field in wire::fields(bytes) {
        let field = field?;
        if field.number == BATCH && field.delimited {
            batch.push(field.value);
            after_batch = field.end;
        } else if field.outranks(unknown.as_ref()) {
            unknown = Some(field);
        }
    }
    // prost would read a batch too, but drop what it does not know in it.
    let rest = bytes.get(after_batch..).unwrap_or_default();
    if let Some(content) = ServerMessage::decode(rest)?.content {
        return known(content, notifications);
    }
    if !batch.is_empty() {
        return Ok(Read::Batch(batch));
    }
    if let Some(field) = unknown {
        notifications.push(Notification::Unknown(UnknownNotification::new(&field)));
    }
    Ok(Read::Notification)
}

/// Appends what the batch holds.
fn open(batch: &[&[u8]], notifications: &mut Vec<Notification>) -> Result<()> {
    let mut handshakes = 0;
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
        match read(field.value, notifications) {
            Ok(Read::Notification) => {}
            Ok(Read::Handshake(_)) => handshakes += 1,
            Ok(Read::Batch(_)) => return Err(undecodable("a batch of notifications holds another batch")),
            Err(_) => notifications.push(Notification::Unknown(UnknownNotification::malformed(field.value))),
        }
    }
    if handshakes > 0 {
        warn_of_handshakes(handshakes);
    }
    Ok(())
}

macro_rules! known {
    ($($name:ident = $number:literal,)+) => {
        /// Appends what prost read.
        #[allow(deprecated, reason = "what the service deprecates is delivered as long as a server sends it")]
        fn known<'a>(content: Content, notifications: &mut Vec<Notification>) -> Result<Read<'a>, Cause> {
            notifications.push(match content {
                Content::Authenticated(_) => return Ok(Read::Handshake(Handshake::Authenticated)),
                Content::AuthRequest(_) => return Ok(Read::Handshake(Handshake::AuthRequest)),
                Content::SubscribeRequest(_) => return Ok(Read::Handshake(Handshake::SubscribeRequest)),
                Content::SubscribeResponse(x) => return Ok(Read::Handshake(Handshake::Subscribed(x.event_type))),
                // `read` takes batches out before prost sees them.
                Content::NotificationBatch(_) => return Err("a batch is in an impossible place".into()),
                $(Content::$name(x) => Notification::$name(FromWire::from_wire(x)),)+
            });
            Ok(Read::Notification)
        }

        /// Appends the notification that is all of a message, without a detour over prost's [`Content`]; false if the
        /// field is none.
        #[allow(deprecated, reason = "what the service deprecates is delivered as long as a server sends it")]
        fn alone(field: &Field<'_>, notifications: &mut Vec<Notification>) -> Result<bool, DecodeError> {
            match field.number {
                $($number => notifications.push(Notification::$name(FromWire::from_wire(
                    server_message::$name::decode(field.value)?,
                ))),)+
                _ => return Ok(false),
            }
            Ok(true)
        }
    };
}

// The numbers of `ServerMessage.content`.
known! {
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
}

fn undecodable(message: &'static str) -> Error {
    Error::new(ErrorKind::Decode).message_text(message)
}

fn warn_of_handshakes(count: usize) {
    tracing::warn!(count, "handshake messages arrived where only notifications belong, and were left out");
}
