//! Webhooks of a Jellyfish: bodies that hold one notification each, and **nothing that proves who sent them**.
//!
//! Unlike Fishjam, Jellyfish does not sign its webhooks: whoever can reach the address can post to it. Let only the
//! server reach it, or give each room a `webhook_url` with a secret in its path or query and compare it before you read
//! the body; the server sends to the URL exactly as it was given. Take a notification as a hint and read from the API
//! what matters. A delivery that fails is not repeated, and nothing is sent for a room after its
//! [`RoomDeleted`](super::events::RoomDeleted): use the [notifier](super::JellyfishNotifier) where nothing may be missed.

use super::events::{Notification, decode::decode};
use crate::{error::Result, events::contents::Message};

/// Reads the body of a webhook, as the Elixir SDK's function of this name does; it verifies nothing, since there is
/// nothing to verify.
///
/// `None` says that there was no notification in it: an empty body, or a message of a socket's handshake, which no
/// Jellyfish sends to a webhook. What this version does not know is [`Notification::Unknown`].
///
/// # Errors
///
/// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the bytes are no message of a Jellyfish.
///
/// ```
/// use fishjam_sdk::jellyfish::webhook;
///
/// let body = b"\x52\x03\x0a\x01r";
/// assert_eq!(webhook::receive(body)?.expect("a notification").to_string(), "room_created room=r");
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
pub fn receive(body: &[u8]) -> Result<Option<Notification>> {
    Ok(match decode(body)? {
        Message::Notifications(mut notifications) => notifications.pop(),
        Message::Handshake(handshake) => {
            tracing::warn!(?handshake, "skipped a handshake message in a webhook");
            None
        }
    })
}
