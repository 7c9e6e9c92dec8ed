//! Webhooks: notifications that Fishjam sends as HTTP requests to your backend.
//!
//! Fishjam sends each delivery with `POST`. The body is the same message as on the socket. The header [`SIGNATURE_HEADER`]
//! proves that the sender knows the webhook secret. [`WebhookReceiver`] verifies the signature and returns typed
//! notifications. It requires the received bytes of the body: read them before any parser, and make sure that no proxy
//! changes them.
//!
//! Respond with 200 as soon as a delivery is verified and stored, and process it afterwards. Fishjam sends the events of a
//! room one after the other, so a slow response delays the following events. With the feature `axum`,
//! `WebhookReceiver::into_axum_route` does all of this.
//!
//! ## Duplicate and lost deliveries
//!
//! A delivery has no id and no time. If a response is lost, Fishjam may send the same delivery again. But two deliveries
//! with equal bytes and signatures can also be two events, for example if a peer connects, disconnects and connects again.
//! Therefore the SDK never drops a delivery as a duplicate, and your backend should not do so either. Make sure that an
//! event can be processed twice, for example by reading the current state of the room.
//!
//! An attacker who recorded a delivery can send it again. Receive webhooks over TLS only.
//!
//! Deliveries can get lost. Read the current state from time to time if your data must be right.

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
#[allow(deprecated, reason = "users of the Python SDK know it")]
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

/// A receiver of webhooks that verifies and decodes each delivery.
///
/// It accepts several secrets, so that you can rotate them. Cloning is cheap. `Debug` prints no secret.
///
/// ```
/// use fishjam_sdk::{ErrorKind, webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook}};
///
/// let receiver = WebhookReceiver::new(["current-secret", "previous-secret"])?;
///
/// // Your server framework provides the headers and the bytes of the body.
/// let body = b"\x52\x03\x0a\x01r";
/// let headers = [(SIGNATURE_HEADER, sign_webhook(body, "current-secret"))];
/// for notification in receiver.receive(&headers, body)? {
///     println!("{notification}");
/// }
///
/// let error = receiver.receive(&headers, b"another body").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Unauthorized);
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookReceiver {
    secrets: Arc<[WebhookSecret]>,
    #[cfg(feature = "axum")]
    limits: axum::Limits,
}

impl WebhookReceiver {
    /// Creates a receiver of deliveries that are signed with any of these secrets.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidInput`] if:
    ///
    /// - there are no secrets
    /// - a secret is blank
    /// - a secret contains a control character, such as a line break at the end of a file
    pub fn new<S: Into<WebhookSecret>>(secrets: impl IntoIterator<Item = S>) -> Result<Self> {
        let secrets: Arc<[WebhookSecret]> = secrets.into_iter().map(Into::into).collect();
        if secrets.is_empty() {
            return Err(Error::invalid_input("missing webhook secret: pass at least one"));
        }
        for secret in secrets.iter().map(WebhookSecret::expose) {
            if secret.trim().is_empty() {
                return Err(Error::invalid_input("invalid webhook secret: it is blank"));
            }
            if secret.contains(char::is_control) {
                return Err(Error::invalid_input(
                    "invalid webhook secret: it contains a line break or another control character",
                ));
            }
        }
        Ok(Self {
            secrets,
            #[cfg(feature = "axum")]
            limits: axum::Limits::default(),
        })
    }

    /// Verifies a delivery and returns its notifications in order.
    ///
    /// `body` must be the received bytes. The receiver decodes the body only if the signature is right. There must be
    /// exactly one signature, in the form that [`verify_webhook_signature`] documents. The receiver tries all secrets every
    /// time.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - [`ErrorKind::Unauthorized`]: the signature is missing, duplicate or wrong; respond with 401
    /// - [`ErrorKind::Decode`]: the signature is right, but the body is not a valid message; respond with 400
    pub fn receive(&self, headers: &(impl WebhookHeaders + ?Sized), body: &[u8]) -> Result<Vec<Notification>> {
        self.verify(&claimed_signature(headers)?, body)
    }

    fn verify(&self, signature: &Signature, body: &[u8]) -> Result<Vec<Notification>> {
        if !signature.is_of_any(body, &self.secrets) {
            return Err(unauthorized("wrong signature for this body and the receiver's secrets"));
        }
        decode_server_notifications(body)
    }
}

/// Returns the signature header of a delivery, without verifying it.
fn claimed_signature(headers: &(impl WebhookHeaders + ?Sized)) -> Result<Signature> {
    match *headers.values_of(SIGNATURE_HEADER) {
        [] => Err(unauthorized("missing header x-fishjam-signature-256")),
        [value] => Signature::parse(value)
            .ok_or_else(|| unauthorized("invalid header x-fishjam-signature-256: it is not a signature")),
        // Fishjam sends one header. Accepting the right one of several would hide a misconfigured proxy.
        [..] => Err(unauthorized("duplicate header x-fishjam-signature-256")),
    }
}

fn unauthorized(message: &'static str) -> Error {
    Error::new(ErrorKind::Unauthorized).message_text(message)
}
