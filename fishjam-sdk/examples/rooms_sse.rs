//! Server-sent events in an axum application: a dashboard that follows all rooms, and a graceful shutdown.
//!
//! ```sh
//! cargo run --example rooms_sse --features axum
//! ```
//!
//! Without settings, the example starts an emulator, reads one change from the response and shuts down. With `FISHJAM_ID`
//! and `FISHJAM_MANAGEMENT_TOKEN`, it serves `http://localhost:3000/rooms` until you press Ctrl+C. If Fishjam is down when
//! the example starts, the example waits for Fishjam.

use std::{env, future::Future};

use anyhow::{Context, ensure};
use axum::{
    Router,
    extract::State,
    response::sse::{Event, Sse},
    routing::get,
};
use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomChange, RoomOptions, RoomsView};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if env::var_os("FISHJAM_ID").is_none() {
        return try_on_emulator().await;
    }
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("open http://localhost:3000/rooms");
    serve(listener, &FishjamClient::from_env()?, FishjamNotifier::from_env()?, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await
}

/// Serves the changes of all rooms until the shutdown is requested.
async fn serve(
    listener: TcpListener,
    fishjam: &FishjamClient,
    notifier: FishjamNotifier,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let view = RoomsView::start(fishjam, &notifier).await?;
    let application = Router::new().route("/rooms", get(rooms)).with_state(view);
    axum::serve(listener, application)
        .with_graceful_shutdown({
            let notifier = notifier.clone();
            async move {
                shutdown.await;
                // The server waits for all open responses. This ends their streams.
                notifier.close();
            }
        })
        .await?;
    notifier.closed().await;
    Ok(())
}

/// Sends the current rooms and all later changes as JSON. The response ends with the changes.
async fn rooms(State(view): State<RoomsView>) -> Sse<impl Stream<Item = anyhow::Result<Event>>> {
    // The changes come first, so that none is missing between the list and the changes.
    let changes = view.changes();
    let current = stream::iter(view.list()).map(|room| Ok(RoomChange::Room(room)));
    Sse::new(current.chain(changes).map(|change| Ok(Event::default().data(serde_json::to_string(&change?)?))))
}

/// Reads one change from the response, and checks that the shutdown ends the response and the application.
async fn try_on_emulator() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let application = tokio::spawn({
        let fishjam = fishjam.clone();
        async move {
            serve(listener, &fishjam, notifier, async {
                let _ = stopped.await;
            })
            .await
        }
    });

    let mut browser = TcpStream::connect(address).await?;
    browser.write_all(b"GET /rooms HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let mut received = Vec::new();
    while !String::from_utf8_lossy(&received).contains(room.id.as_str()) {
        ensure!(browser.read_buf(&mut received).await? > 0, "the response ended");
    }
    println!("The response contains the new room. The application shuts down.");
    stop.send(()).ok().context("the application ended")?;
    browser.read_to_end(&mut received).await?;
    application.await??;
    println!("The response and the application have ended.");
    Ok(())
}
