//! Webhooks with any other server framework: verify, decode, handle, respond.
//!
//! ```sh
//! cargo run --example webhook_plain
//! ```
//!
//! For axum and hyper, see the examples `webhook_axum` and `webhook_hyper`.

use std::cell::RefCell;

use fishjam_sdk::{
    ErrorKind,
    events::Notification,
    webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook},
};

/// The headers of a request. Maps and `http::HeaderMap` work as well.
type Headers = Vec<(String, String)>;

/// Your database, which may be unavailable.
struct Database {
    is_available: bool,
    stored: RefCell<Vec<Notification>>,
}

impl Database {
    fn store(&self, notification: Notification) -> Result<(), &'static str> {
        if !self.is_available {
            return Err("the database is not available");
        }
        self.stored.borrow_mut().push(notification);
        Ok(())
    }
}

fn main() -> anyhow::Result<()> {
    // During a rotation, the receiver accepts the previous secret as well.
    let receiver = WebhookReceiver::new(["current-secret", "previous-secret"])?;
    let database = |is_available| Database { is_available, stored: RefCell::default() };

    // Fishjam sends this body for a new room: room_created in protobuf.
    let body = b"\x52\x08\x0a\x06a-room";
    let signed = |secret| vec![(SIGNATURE_HEADER.to_owned(), sign_webhook(body, secret))];

    for (delivery, headers, body, is_available, expected) in [
        ("signed with the current secret", signed("current-secret"), &body[..], true, 200),
        ("signed with the previous secret", signed("previous-secret"), &body[..], true, 200),
        ("signed with another secret", signed("guessed"), &body[..], true, 401),
        ("signed, then changed", signed("current-secret"), b"another body", true, 401),
        ("not signed", Headers::new(), &body[..], true, 401),
        ("received without the database", signed("current-secret"), &body[..], false, 503),
    ] {
        let database = database(is_available);
        let status = respond(&receiver, &database, &headers, body);
        println!("{delivery}: {status}, stored {}", database.stored.borrow().len());
        anyhow::ensure!(status == expected, "expected {expected}");
        anyhow::ensure!(database.stored.borrow().len() == usize::from(status == 200));
    }
    Ok(())
}

/// Returns the status of the response. `body` must be the received bytes, before any parser.
fn respond(receiver: &WebhookReceiver, database: &Database, headers: &Headers, body: &[u8]) -> u16 {
    let notifications = match receiver.receive(headers, body) {
        Ok(notifications) => notifications,
        Err(error) => {
            eprintln!("rejected: {error:#}");
            return if error.kind() == ErrorKind::Unauthorized { 401 } else { 400 };
        }
    };
    // Store the notifications before the response, and process them afterwards.
    for notification in notifications {
        if let Err(error) = database.store(notification) {
            eprintln!("not stored: {error}");
            // Fishjam can send the delivery again.
            return 503;
        }
    }
    200
}
