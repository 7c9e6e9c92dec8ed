//! The signature of a webhook: HMAC-SHA256 of the received body.

use std::{str, sync::Arc};

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{
    error::{Error, ErrorKind, Result},
    secret::WebhookSecret,
};

/// The name of the header with the signature of a webhook. Header names are case-insensitive.
pub const SIGNATURE_HEADER: &str = "x-fishjam-signature-256";

const PREFIX: &str = "sha256=";

/// Returns `true` if the body was signed with this secret.
///
/// `body` must be the received bytes. A body that was parsed and serialized again has another signature. `header` is the
/// value of [`SIGNATURE_HEADER`]: 64 lowercase hexadecimal digits, with or without the prefix `sha256=`. Surrounding white
/// space is ignored. For any other value, and for an empty secret, the result is `false`. The comparison takes constant
/// time.
///
/// [`WebhookReceiver`](super::WebhookReceiver) verifies the signature and decodes the body in one call.
///
/// ```
/// use fishjam_sdk::webhook::verify_webhook_signature;
///
/// let header = "sha256=54ade546eb7fec70dd729676385f6ff8e1dd2fa6aa7dc296ec021d71bd34e265";
/// assert!(verify_webhook_signature(b"a body", header, "a secret"));
/// assert!(!verify_webhook_signature(b"another body", header, "a secret"));
/// ```
#[must_use]
pub fn verify_webhook_signature(body: &[u8], header: impl AsRef<[u8]>, secret: impl Into<WebhookSecret>) -> bool {
    Signature::parse(header.as_ref()).is_some_and(|signature| signature.is_of(body, &secret.into()))
}

/// Returns the value of [`SIGNATURE_HEADER`] for this body, for tests of your endpoint.
///
/// ```
/// use fishjam_sdk::webhook::{sign_webhook, verify_webhook_signature};
///
/// let header = sign_webhook(b"a body", "a secret");
/// assert!(header.starts_with("sha256="));
/// assert!(verify_webhook_signature(b"a body", header, "a secret"));
/// ```
#[must_use]
pub fn sign_webhook(body: &[u8], secret: impl Into<WebhookSecret>) -> String {
    let signature = mac(body, &secret.into()).finalize().into_bytes();
    format!("{PREFIX}{}", HEXLOWER.encode(&signature))
}

/// A well-formed signature that is not verified yet.
pub(super) struct Signature([u8; 32]);

impl Signature {
    /// Parses the values of the signature header, without verifying the signature.
    pub(super) fn claimed<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self> {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Err(unauthorized("missing header x-fishjam-signature-256")),
            (Some(value), None) => Self::parse(value)
                .ok_or_else(|| unauthorized("invalid header x-fishjam-signature-256: it is not a signature")),
            // Fishjam sends one header. Accepting the right one of several would hide a misconfigured proxy.
            (Some(_), Some(_)) => Err(unauthorized("duplicate header x-fishjam-signature-256")),
        }
    }

    fn parse(header: &[u8]) -> Option<Self> {
        let text = str::from_utf8(header).ok().filter(|text| text.is_ascii())?.trim();
        let digits = text.strip_prefix(PREFIX).unwrap_or(text).as_bytes();
        let mut signature = [0; 32];
        if HEXLOWER.decode_len(digits.len()) != Ok(signature.len()) {
            return None;
        }
        HEXLOWER.decode_mut(digits, &mut signature).ok()?;
        Some(Self(signature))
    }

    /// Returns `true` if this is the signature of the body. Takes constant time.
    fn is_of(&self, body: &[u8], secret: &WebhookSecret) -> bool {
        // Anyone could sign with an empty secret.
        !secret.expose().is_empty() && mac(body, secret).verify_slice(&self.0).is_ok()
    }
}

/// The secrets of a receiver. There is at least one, and none is blank.
#[derive(Clone, Debug)]
pub(super) struct Secrets(Arc<[WebhookSecret]>);

impl Secrets {
    pub(super) fn new<S: Into<WebhookSecret>>(secrets: impl IntoIterator<Item = S>) -> Result<Self> {
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
        Ok(Self(secrets))
    }

    /// Tries every secret, so that the duration does not reveal which one matches.
    pub(super) fn verify(&self, signature: &Signature, body: &[u8]) -> Result<()> {
        if self.0.iter().fold(false, |found, secret| found | signature.is_of(body, secret)) {
            Ok(())
        } else {
            Err(unauthorized("wrong signature for this body and the receiver's secrets"))
        }
    }
}

fn unauthorized(message: &'static str) -> Error {
    Error::new(ErrorKind::Unauthorized).message_text(message)
}

#[allow(clippy::expect_used, reason = "HMAC is defined for keys of every length")]
fn mac(body: &[u8], secret: &WebhookSecret) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.expose().as_bytes()).expect("a key of any length").chain_update(body)
}
