//! Webhooks without a framework: what every server does with a delivery, on one that is made up here.
//!
//! ```sh
//! cargo run --example webhook_plain
//! ```

use fishjam_sdk::{
    ErrorKind,
    webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook},
};

/// The headers of a request, as your server has them; maps and `http::HeaderMap` do as well.
type Headers = Vec<(String, String)>;

fn main() -> anyhow::Result<()> {
    // The secret of now and, as long as it is being rotated, the one before.
    let receiver = WebhookReceiver::new(["current-secret", "previous-secret"])?;

    // The service would send this: room_created with the room's id, in protobuf.
    let body = b"\x52\x08\x0a\x06a-room";
    let signed = |secret| vec![(SIGNATURE_HEADER.to_owned(), sign_webhook(body, secret))];

    for (delivery, headers, body, expected) in [
        ("signed with the current secret", signed("current-secret"), &body[..], 200),
        ("signed with the previous secret", signed("previous-secret"), &body[..], 200),
        ("signed with another secret", signed("guessed"), &body[..], 401),
        ("signed, then changed", signed("current-secret"), b"another body", 401),
        ("not signed", Headers::new(), &body[..], 401),
    ] {
        let status = answer(&receiver, &headers, body);
        println!("{delivery}: {status}");
        anyhow::ensure!(status == expected, "expected {expected}");
    }
    Ok(())
}

/// The status with which to answer. The body has to be what arrived, before anything parsed it.
fn answer(receiver: &WebhookReceiver, headers: &Headers, body: &[u8]) -> u16 {
    match receiver.receive(headers, body) {
        Ok(notifications) => {
            // Put them away and answer; what takes long is for later.
            for notification in notifications {
                println!("received {notification}");
            }
            200
        }
        Err(error) => {
            eprintln!("refused: {error:#}");
            if error.kind() == ErrorKind::Unauthorized { 401 } else { 400 }
        }
    }
}
