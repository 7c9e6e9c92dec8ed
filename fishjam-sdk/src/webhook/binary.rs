//! The decoder under its old name.

use super::decode_server_notifications;
use crate::{error::Result, events::Notification};

/// What [`receive_binary`] found.
///
/// Closed, since the function is deprecated and finds nothing else.
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceivedBinary {
    /// A notification that came alone.
    Single(Notification),
    /// The notifications of a batch, in order.
    Batch(Vec<Notification>),
}

/// The number of `ServerMessage.notification_batch`, which stays unread here.
#[derive(Clone, PartialEq, prost::Message)]
struct Envelope {
    #[prost(bytes = "vec", optional, tag = "33")]
    notification_batch: Option<Vec<u8>>,
}

/// Reads the body of a webhook; it does not verify it.
///
/// As in the Python SDK, a notification that came alone is returned alone, a batch as a list, which may be empty, and
/// `None` says that there was no notification. Unlike there, one that this version does not know is not dropped.
///
/// # Errors
///
/// [`ErrorKind::Decode`](crate::ErrorKind::Decode) as from [`decode_server_notifications`].
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
    note = "use `WebhookReceiver::receive`, which verifies first, or `decode_server_notifications`"
)]
pub fn receive_binary(binary: &[u8]) -> Result<Option<ReceivedBinary>> {
    let mut notifications = decode_server_notifications(binary)?;
    let envelope = <Envelope as prost::Message>::decode(binary).unwrap_or_default();
    Ok(match envelope.notification_batch {
        Some(_) => Some(ReceivedBinary::Batch(notifications)),
        None => notifications.pop().map(ReceivedBinary::Single),
    })
}
