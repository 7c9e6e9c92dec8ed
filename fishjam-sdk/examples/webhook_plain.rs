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

fn main() -> fishjam_sdk::Result<()> {
    // The secret of now and, as long as it is being rotated, the one before.
    let receiver = WebhookReceiver::new(["current-secret", "previous-secret"])?;

    // The service would send this: room_created with the room's id, in protobuf.
    let body = b"\x52\x08\x0a\x06a-room";
    let signed = |secret| vec![(SIGNATURE_HEADER.to_owned(), sign_webhook(body, secret))];

    println!("signed with the current secret:  {}", answer(&receiver, &signed("current-secret"), body));
    println!("signed with the previous secret: {}", answer(&receiver, &signed("previous-secret"), body));
    println!("signed with another secret:      {}", answer(&receiver, &signed("guessed"), body));
    println!("not signed:                      {}", answer(&receiver, &Headers::new(), body));
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
