//! Webhooks: the service's notifications as HTTP requests to your server, verified and then decoded.
//!
//! The service sends each delivery with `POST`: the body is the same message that the socket carries, and the header
//! [`SIGNATURE_HEADER`] proves that it comes from somebody who knows the webhook secret. [`WebhookReceiver`] checks
//! that and returns the typed notifications. It needs the body's bytes as they arrived: take them before anything
//! parses them, and let no proxy change them.
//!
//! Answer with 200 as soon as a delivery is verified and put away, and work on it afterwards: a room's events come one
//! after the other, so that a slow answer holds up those behind it. With the feature `axum`,
//! `WebhookReceiver::into_axum_route` does all of this.
//!
//! ## Nothing is de-duplicated
//!
//! A delivery has no id and no time. If the service sends one again, because your answer got lost, nothing tells the
//! second from the first; and two that are the same in every byte, the signature included, may well be two events, as
//! when a peer connects, leaves and connects again. So nothing here drops a delivery because it was seen before, and
//! neither should you: make it harmless to handle an event twice, for example by reading the room's present state. For
//! the same reason whoever has recorded a delivery can send it again: receive webhooks over TLS only.
//!
//! Deliveries can also get lost. What must be right in the end needs a look at the present state now and then.

#[cfg(feature = "axum")]
mod axum;
mod binary;
mod headers;
#[cfg(feature = "axum")]
mod queue;
mod signature;

use std::sync::Arc;

#[cfg(feature = "axum")]
pub use self::axum::{VerifiedNotifications, WebhookRejection};
#[allow(deprecated, reason = "kept for those who know it from the Python SDK")]
pub use self::binary::{ReceivedBinary, receive_binary};
use self::signature::Signature;
pub use self::{
    headers::WebhookHeaders,
    signature::{SIGNATURE_HEADER, sign_webhook, verify_webhook_signature},
};
pub use crate::events::decode_server_notifications;
use crate::{
    error::{Error, ErrorKind, Result},
    events::Notification,
    secret::WebhookSecret,
};

/// Receives webhooks: verifies a delivery, then decodes it.
///
/// Takes the current secret, and during a rotation the previous one too. Cloning is cheap. `Debug` prints no secret.
///
/// ```
/// use fishjam_sdk::{ErrorKind, webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook}};
///
/// let receiver = WebhookReceiver::new(["current-secret", "previous-secret"])?;
///
/// // What your server framework gives you: the headers, and the body's bytes as they arrived.
/// let body = b"\x52\x03\x0a\x01r";
/// let headers = [(SIGNATURE_HEADER, sign_webhook(body, "current-secret"))];
/// for notification in receiver.receive(&headers, body)? {
///     println!("{notification}");
/// }
///
/// let refused = receiver.receive(&headers, b"another body").unwrap_err();
/// assert_eq!(refused.kind(), ErrorKind::Unauthorized);
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookReceiver {
    secrets: Arc<[WebhookSecret]>,
    #[cfg(feature = "axum")]
    limits: axum::Limits,
}

impl WebhookReceiver {
    /// A receiver of what is signed with any of these secrets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`]: there is no secret, or one is blank or holds a control character, for example
    /// the line break at the end of the file that it was read from.
    pub fn new<S: Into<WebhookSecret>>(secrets: impl IntoIterator<Item = S>) -> Result<Self> {
        let secrets: Arc<[WebhookSecret]> = secrets.into_iter().map(Into::into).collect();
        if secrets.is_empty() {
            return Err(Error::invalid_input("a receiver of webhooks needs at least one secret"));
        }
        for secret in secrets.iter().map(WebhookSecret::expose) {
            if secret.trim().is_empty() {
                return Err(Error::invalid_input("a webhook secret is blank"));
            }
            if secret.contains(char::is_control) {
                return Err(Error::invalid_input("a webhook secret holds a line break or another control character"));
            }
        }
        Ok(Self {
            secrets,
            #[cfg(feature = "axum")]
            limits: axum::Limits::default(),
        })
    }

    /// Verifies a delivery and returns its notifications in order; those of a batch one by one.
    ///
    /// `body` is what arrived, byte for byte. It is not looked into before its signature is found to be right. How the
    /// signature may be written is said at [`verify_webhook_signature`]; there must be exactly one. All secrets are
    /// tried every time.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`]: the signature is missing, not alone or wrong; answer with 401.
    /// [`ErrorKind::Decode`]: the signature is right, but the body is no message of the service; answer with 400.
    pub fn receive(&self, headers: &(impl WebhookHeaders + ?Sized), body: &[u8]) -> Result<Vec<Notification>> {
        self.verified(&claimed(headers)?, body)
    }

    fn verified(&self, signature: &Signature, body: &[u8]) -> Result<Vec<Notification>> {
        if !signature.is_of_any(body, &self.secrets) {
            return Err(unauthorized("the signature is not that of this body with a secret of this receiver"));
        }
        decode_server_notifications(body)
    }
}

/// The signature that a delivery comes with, whether or not it is its own.
fn claimed(headers: &(impl WebhookHeaders + ?Sized)) -> Result<Signature> {
    match *headers.values_of(SIGNATURE_HEADER) {
        [] => Err(unauthorized("there is no header x-fishjam-signature-256")),
        [value] => Signature::parse(value)
            .ok_or_else(|| unauthorized("the header x-fishjam-signature-256 does not hold a signature")),
        // The service sends one. To look for a right one among others would let a proxy's mistake pass unseen.
        [..] => Err(unauthorized("there are several headers x-fishjam-signature-256")),
    }
}

fn unauthorized(message: &'static str) -> Error {
    Error::new(ErrorKind::Unauthorized).message_text(message)
}
