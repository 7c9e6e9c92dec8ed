//! Webhooks from a Jellyfish server: unsigned requests with one notification each.
//!
//! Unlike Fishjam, **Jellyfish does not sign its webhooks**: any client that can reach the URL can send a request. Use at
//! least one of these protections:
//!
//! - Make the URL reachable only for the server.
//! - Put a secret into the path or query of each room's `webhook_url`, and compare it before you read the body. The server
//!   sends its requests to exactly this URL.
//!
//! Treat a notification as a hint, and read important state from the API.
//!
//! The server does not retry failed deliveries. It sends no webhooks for a room after its
//! [`RoomDeleted`](super::events::RoomDeleted). If you must not miss events, use the
//! [notifier](super::JellyfishNotifier).

use super::events::{Notification, decode::decode};
use crate::{error::Result, events::contents::Message};

/// Decodes the body of a webhook. There is no signature to verify.
///
/// Returns `None` if the body is empty, or if it contains a message of a socket's handshake. Servers never send such a
/// message to a webhook. An unknown notification becomes [`Notification::Unknown`].
///
/// # Errors
///
/// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the bytes are not a valid message.
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
