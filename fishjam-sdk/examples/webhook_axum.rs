//! Webhooks in an axum application.
//!
//! ```sh
//! FISHJAM_WEBHOOK_SECRET=... cargo run --example webhook_axum --features axum
//! ```
//!
//! Give the service the public URL of this machine, with the path `/fishjam`. To try it without the service:
//!
//! ```sh
//! FISHJAM_WEBHOOK_SECRET=sesame cargo run --example webhook_axum --features axum
//! cargo run --package fishjam-emulator -- --webhook-url http://127.0.0.1:3000/fishjam --webhook-secret sesame
//! ```

use std::env;

use anyhow::Context;
use axum::Router;
use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let secret = env::var("FISHJAM_WEBHOOK_SECRET").context("set FISHJAM_WEBHOOK_SECRET to the webhook secret")?;
    // While the secret is being rotated, the previous one too.
    let secrets = [secret].into_iter().chain(env::var("FISHJAM_PREVIOUS_WEBHOOK_SECRET"));
    let receiver = WebhookReceiver::new(secrets)?;

    // A delivery is answered before this is called, so it may take its time.
    let route = receiver.into_axum_route(|notification: Notification| async move {
        match notification {
            Notification::PeerConnected(peer) => println!("{} is in {}", peer.peer_id, peer.room_id),
            Notification::PeerDisconnected(peer) => println!("{} left {}", peer.peer_id, peer.room_id),
            other => println!("{other}"),
        }
    });

    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    println!("listening on http://{}/fishjam", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/fishjam", route)).await?;
    Ok(())
}
