//! Webhook headers and body. No input makes the receiver panic, and it accepts a body only with its signature.
//!
//! An input is a list of header lines, an empty line and a body.

#![no_main]

use fishjam_sdk::{
    ErrorKind,
    webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook, verify_webhook_signature},
};
use libfuzzer_sys::fuzz_target;

const SECRETS: [&str; 2] = ["current-secret", "previous-secret"];

fuzz_target!(|input: &[u8]| {
    let receiver = WebhookReceiver::new(SECRETS).expect("the secrets are valid");
    let (head, body) = split(input, b"\n\n");
    let headers: Vec<(String, &[u8])> = head
        .split(|byte| *byte == b'\n')
        .map(|line| split(line, b": "))
        .map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value))
        .collect();

    let valid = |value: &[u8]| SECRETS.iter().any(|secret| verify_webhook_signature(body, value, *secret));
    let signatures: Vec<_> =
        headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE_HEADER)).map(|(_, value)| *value).collect();
    let verified = matches!(*signatures, [value] if valid(value));
    match receiver.receive(&headers, body) {
        Ok(_) => assert!(verified),
        Err(error) if error.kind() == ErrorKind::Unauthorized => assert!(!verified),
        Err(error) => assert!(verified && error.kind() == ErrorKind::Decode, "{error}"),
    }

    // The same body with its own signature: only the body decides.
    let signed = [(SIGNATURE_HEADER, sign_webhook(body, SECRETS[1]))];
    match receiver.receive(&signed, body) {
        Ok(notifications) => {
            for notification in notifications {
                assert!(!notification.to_string().contains('\n'));
            }
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert!(!error.to_string().contains('\n'));
        }
    }
    #[allow(deprecated)]
    let _ = fishjam_sdk::webhook::receive_binary(body);
});

/// Returns the parts before and after the first separator; everything is before a separator that is not there.
fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> (&'a [u8], &'a [u8]) {
    match bytes.windows(separator.len()).position(|window| window == separator) {
        Some(at) => (&bytes[..at], &bytes[at + separator.len()..]),
        None => (bytes, &[]),
    }
}
