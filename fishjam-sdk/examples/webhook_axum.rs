//! Webhooks in an axum application, with a graceful shutdown.
//!
//! ```sh
//! cargo run --example webhook_axum --features axum
//! ```
//!
//! Without settings, the example starts an emulator that sends it the webhooks of one peer. It checks them and ends. With
//! `FISHJAM_WEBHOOK_SECRET`, it receives the webhooks of your Fishjam on port 3000 until you press Ctrl+C. Configure Fishjam
//! with the public URL of this machine and the path `/fishjam`.

use std::{
    env,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, ensure};
use axum::Router;
use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, PeerOptions, RoomOptions, events::Notification, webhook::WebhookReceiver};
use tokio::{net::TcpListener, sync::oneshot};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Ok(secret) = env::var("FISHJAM_WEBHOOK_SECRET") else { return try_on_emulator().await };
    // During a rotation, the receiver accepts the previous secret as well.
    let secrets = [secret].into_iter().chain(env::var("FISHJAM_PREVIOUS_WEBHOOK_SECRET"));
    let listener = TcpListener::bind("0.0.0.0:3000").await?;
    println!("listening on http://{}/fishjam", listener.local_addr()?);
    let ctrl_c = async { drop(tokio::signal::ctrl_c().await) };
    serve(listener, WebhookReceiver::new(secrets)?, Store::default(), ctrl_c).await
}

/// Your database. Here it is a list of lines.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<String>>>);

impl Store {
    /// Stores a notification. After an error, the response is 503, and Fishjam can send the delivery again.
    async fn handle(self, notification: Notification) -> anyhow::Result<()> {
        match &notification {
            Notification::PeerAdded(peer) => println!("{} is new in {}", peer.peer_id, peer.room_id),
            Notification::PeerDeleted(peer) => println!("{} left {}", peer.peer_id, peer.room_id),
            other => println!("{other}"),
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(notification.name().to_owned());
        Ok(())
    }
}

/// Serves until the signal. The response follows the handler, so the shutdown loses no accepted delivery.
async fn serve(
    listener: TcpListener,
    receiver: WebhookReceiver,
    store: Store,
    signal: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let service = receiver.into_service(move |notification| store.clone().handle(notification));
    // Handlers that exceeded the response timeout may still run after the shutdown of the server.
    let queue = service.queue();
    let app = Router::new().route("/fishjam", service.into_axum_route());
    axum::serve(listener, app).with_graceful_shutdown(signal).await?;
    queue.drained().await;
    println!("All accepted deliveries are handled.");
    Ok(())
}

/// Lets an emulator send the webhooks of one peer, and checks that all of them arrive.
async fn try_on_emulator() -> anyhow::Result<()> {
    let store = Store::default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/fishjam", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let signal = async { drop(stopped.await) };
    let serving = tokio::spawn(serve(listener, WebhookReceiver::new(["sesame"])?, store.clone(), signal));

    let emulator = Emulator::builder().webhook_url(&url).webhook_secret("sesame").start().await?;
    println!("FISHJAM_WEBHOOK_SECRET is not set, so an emulator sends its webhooks to {url}.");
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    fishjam.delete_peer(&room.id, &peer.id).await?;
    fishjam.delete_room(&room.id).await?;
    emulator.webhooks().idle().await;

    drop(stop);
    serving.await.context("the server panicked")??;
    let received = store.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    ensure!(received == ["room_created", "peer_added", "peer_deleted", "room_deleted"], "received {received:?}");
    println!("All notifications arrived in order.");
    Ok(())
}
