//! Webhooks in an axum application.
//!
//! ```sh
//! cargo run --example webhook_axum --features axum
//! ```
//!
//! Without settings, the example starts an emulator that sends it the webhooks of one peer. It checks them and ends. With
//! `FISHJAM_WEBHOOK_SECRET`, it receives the webhooks of your Fishjam on port 3000 until you stop it. Configure Fishjam
//! with the public URL of this machine and the path `/fishjam`.

use std::env;

use anyhow::{Context, ensure};
use axum::Router;
use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, PeerOptions, RoomOptions, events::Notification, webhook::WebhookReceiver};
use tokio::{net::TcpListener, sync::mpsc};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match env::var("FISHJAM_WEBHOOK_SECRET") {
        Ok(secret) => {
            // During a rotation, the receiver accepts the previous secret as well.
            let secrets = [secret].into_iter().chain(env::var("FISHJAM_PREVIOUS_WEBHOOK_SECRET"));
            let listener = TcpListener::bind("0.0.0.0:3000").await?;
            println!("listening on http://{}/fishjam", listener.local_addr()?);
            axum::serve(listener, application(WebhookReceiver::new(secrets)?, None)).await?;
            Ok(())
        }
        Err(_) => try_on_emulator().await,
    }
}

/// Returns the application. It prints each notification and forwards it, if anything waits for it.
fn application(receiver: WebhookReceiver, forward: Option<mpsc::UnboundedSender<Notification>>) -> Router {
    // The route responds before it calls the handler, so the handler may take its time.
    let route = receiver.into_axum_route(move |notification: Notification| {
        let forward = forward.clone();
        async move {
            match &notification {
                Notification::PeerAdded(peer) => println!("{} is new in {}", peer.peer_id, peer.room_id),
                Notification::PeerDeleted(peer) => println!("{} left {}", peer.peer_id, peer.room_id),
                other => println!("{other}"),
            }
            if let Some(forward) = forward {
                let _ = forward.send(notification);
            }
        }
    });
    Router::new().route("/fishjam", route)
}

/// Lets an emulator send the webhooks of one peer, and checks that all of them arrive.
async fn try_on_emulator() -> anyhow::Result<()> {
    let (forward, mut received) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/fishjam", listener.local_addr()?);
    let serving = axum::serve(listener, application(WebhookReceiver::new(["sesame"])?, Some(forward)));
    let serving = tokio::spawn(async move { serving.await });

    let emulator = Emulator::builder().webhook_url(&url).webhook_secret("sesame").start().await?;
    println!("FISHJAM_WEBHOOK_SECRET is not set, so an emulator sends its webhooks to {url}.");
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    fishjam.delete_peer(&room.id, &peer.id).await?;
    fishjam.delete_room(&room.id).await?;

    for expected in ["room_created", "peer_added", "peer_deleted", "room_deleted"] {
        let notification = received.recv().await.context("the application ended")?;
        ensure!(notification.name() == expected, "expected {expected}, received {notification}");
    }
    println!("All notifications arrived in order.");
    serving.abort();
    Ok(())
}
