//! Valid and invalid signatures. The vectors are results of the official Python SDK 0.31.1.

use fishjam_sdk::{
    WebhookSecret,
    webhook::{sign_webhook, verify_webhook_signature},
};
use proptest::prelude::*;
use serde_json::Value;

use crate::{SECRET, body, created};

fn bytes_of(hexadecimal: &str) -> Vec<u8> {
    (0..hexadecimal.len()).step_by(2).map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn signature_is_valid_exactly_when_the_official_sdk_agrees() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert!(vectors.len() >= 40, "{}", vectors.len());
    for vector in vectors {
        let text = |member: &str| vector[member].as_str().unwrap();
        let (body, header, secret) = (bytes_of(text("body")), text("header"), text("secret"));
        let valid = vector["valid"].as_bool().unwrap();
        assert_eq!(verify_webhook_signature(&body, header, secret), valid, "{}", text("name"));
        if valid {
            assert_eq!(sign_webhook(&body, secret), format!("sha256={}", header.trim().trim_start_matches("sha256=")));
        }
    }
}

// Defect X16 of the official SDKs.
#[test]
fn header_that_is_not_ascii_is_not_valid() {
    let body = body(created("r"));
    let right = sign_webhook(&body, SECRET);
    let full_width: String = right.chars().map(|c| if c == '0' { '０' } else { c }).collect();
    for header in [
        "ż".to_owned(),
        "sha256=ż".to_owned(),
        format!("{right}ż"),
        format!("\u{a0}{right}"),
        format!("{right}\u{feff}"),
        right.replacen("sha", "ſha", 1),
        format!("{full_width}０"),
        "ż".repeat(32),
        "🐟".repeat(16),
    ] {
        assert!(!verify_webhook_signature(&body, &header, SECRET), "{header}");
    }
    // The header contains bytes that are Latin-1 and not UTF-8.
    assert!(!verify_webhook_signature(&body, [right.as_bytes(), b"\xe9"].concat(), SECRET));
    assert!(!verify_webhook_signature(&body, [b"\xa0", right.as_bytes()].concat(), SECRET));
    assert!(!verify_webhook_signature(&body, [0xff; 64], SECRET));
}

#[test]
fn no_signature_is_valid_for_an_empty_secret() {
    let body = body(created("r"));
    assert!(!verify_webhook_signature(&body, sign_webhook(&body, ""), ""));
}

#[test]
fn header_and_secret_are_accepted_in_every_form() {
    let body = body(created("r"));
    let secret = WebhookSecret::from(SECRET);
    let header = sign_webhook(&body, &secret);
    let value = http::HeaderValue::try_from(&header).unwrap();
    assert!(verify_webhook_signature(&body, &value, &secret));
    assert!(verify_webhook_signature(&body, header.as_bytes(), SECRET.to_owned()));
    assert!(verify_webhook_signature(&body, header, secret));
}

proptest! {
    // Defect X16 of the official SDKs.
    #[test]
    fn arbitrary_header_is_not_valid(header in any::<Vec<u8>>(), text in any::<String>()) {
        let body = body(created("r"));
        prop_assert!(!verify_webhook_signature(&body, header, SECRET));
        prop_assert!(!verify_webhook_signature(&body, text, SECRET));
    }

    #[test]
    fn other_digits_are_not_valid(prefix in "(sha256=)?", digits in "[0-9a-f]{60,68}|[0-9a-fA-F]{64}") {
        prop_assert!(!verify_webhook_signature(&body(created("r")), prefix + &digits, SECRET));
    }

    // Defect X16 of the official SDKs.
    #[test]
    fn changed_signature_is_not_valid(at in 0..71_usize, byte in any::<u8>()) {
        let body = body(created("r"));
        let right = sign_webhook(&body, SECRET).into_bytes();
        let mut changed = right.clone();
        changed[at] = byte;
        prop_assert_eq!(verify_webhook_signature(&body, &changed, SECRET), changed == right);
        let mut longer = right.clone();
        longer.insert(at, byte);
        // White space at the edge does not change the signature.
        prop_assert!(!verify_webhook_signature(&body, &longer, SECRET) || longer.trim_ascii() == right || byte == 0x0b);
        let mut shorter = right;
        shorter.remove(at);
        prop_assert!(!verify_webhook_signature(&body, &shorter, SECRET));
    }

    #[test]
    fn signature_is_valid_for_its_body_and_secret_only(
        body in any::<Vec<u8>>(), other in any::<Vec<u8>>(), secret in "\\PC{1,100}", another in "\\PC{1,100}",
    ) {
        let header = sign_webhook(&body, &secret);
        prop_assert!(verify_webhook_signature(&body, &header, &secret));
        prop_assert_eq!(verify_webhook_signature(&other, &header, &secret), other == body);
        prop_assert_eq!(verify_webhook_signature(&body, &header, &another), another == secret);
    }
}
