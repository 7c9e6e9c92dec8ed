//! The deprecated decoder of the Python SDK.

use crate::{
    error::Result,
    events::{Notification, decode_server_notifications},
};

/// The notifications that [`receive_binary`] returns.
///
/// The enum is exhaustive, because the function is deprecated and its results will not change.
#[allow(clippy::large_enum_variant, reason = "callers match one value immediately and keep none")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceivedBinary {
    /// A single notification.
    Single(Notification),
    /// The notifications of a batch, in order.
    Batch(Vec<Notification>),
}

/// A `ServerMessage` whose `notification_batch` stays encoded.
#[derive(Clone, PartialEq, prost::Message)]
struct Envelope {
    #[prost(bytes = "vec", optional, tag = "33")]
    notification_batch: Option<Vec<u8>>,
}

/// Decodes the body of a webhook without verifying it.
///
/// As in the Python SDK, the result is a single notification, the list of a batch, or `None` if the body contains no
/// notification. The list may be empty. Unlike the Python SDK, this function also returns unknown notifications.
///
/// # Errors
///
/// Returns the errors of [`decode_server_notifications`].
///
/// ```
/// #![allow(deprecated)]
/// use fishjam_sdk::webhook::{ReceivedBinary, receive_binary};
///
/// let Some(ReceivedBinary::Single(notification)) = receive_binary(b"\x52\x03\x0a\x01r")? else { panic!() };
/// assert_eq!(notification.to_string(), "room_created room=r");
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[deprecated(
    since = "0.1.0",
    note = "use `WebhookReceiver::receive`, which verifies first, or `events::decode_server_notifications`"
)]
pub fn receive_binary(binary: &[u8]) -> Result<Option<ReceivedBinary>> {
    let mut notifications = decode_server_notifications(binary)?;
    let envelope = <Envelope as prost::Message>::decode(binary).unwrap_or_default();
    Ok(match envelope.notification_batch {
        Some(_) => Some(ReceivedBinary::Batch(notifications)),
        None => notifications.pop().map(ReceivedBinary::Single),
    })
}
