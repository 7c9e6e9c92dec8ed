//! Webhooks with hyper and no framework: a queued service and a graceful shutdown.
//!
//! ```sh
//! cargo run --example webhook_hyper
//! ```
//!
//! The service responds as soon as a delivery is in its queue, because the handler of this example is slow. An emulator
//! sends the webhooks of one room, and the server stops while the handler still works.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    FishjamClient, RoomOptions,
    events::Notification,
    webhook::{WebhookReceiver, WebhookService},
};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let handled = Arc::new(AtomicUsize::new(0));
    let handler = {
        let handled = Arc::clone(&handled);
        move |notification: Notification| {
            let handled = Arc::clone(&handled);
            async move {
                // A call to another service, for example.
                tokio::time::sleep(Duration::from_millis(200)).await;
                println!("handled {notification}");
                handled.fetch_add(1, Ordering::SeqCst);
            }
        }
    };
    let (service, queue) = WebhookReceiver::new(["sesame"])?.into_queued_service(handler);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/fishjam", listener.local_addr()?);
    // In a program, `tokio::signal::ctrl_c` stops the server.
    let (stop, stopped) = watch::channel(());
    let serving = tokio::spawn(serve(listener, service, stopped));

    let emulator = Emulator::builder().webhook_url(&url).webhook_secret("sesame").start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.delete_room(&room.id).await?;
    emulator.webhooks().idle().await;

    drop(stop);
    serving.await.context("the server panicked")??;
    println!("The server has stopped. {} deliveries are in the queue.", queue.len());
    queue.drained().await;
    ensure!(handled.load(Ordering::SeqCst) == 2, "a delivery is lost");
    println!("All accepted deliveries are handled.");
    Ok(())
}

/// Serves until the signal, and then ends when all responses are sent.
async fn serve(
    listener: TcpListener,
    service: WebhookService,
    mut stopped: watch::Receiver<()>,
) -> std::io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted?.0,
            // The sender was dropped.
            _ = stopped.changed() => break,
        };
        connections.spawn(connection(stream, service.clone(), stopped.clone()));
        // Forget the connections that have ended.
        while connections.try_join_next().is_some() {}
    }
    connections.join_all().await;
    Ok(())
}

async fn connection(stream: TcpStream, service: WebhookService, mut stopped: watch::Receiver<()>) {
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        eprintln!("a connection failed: {error}");
    }
}
