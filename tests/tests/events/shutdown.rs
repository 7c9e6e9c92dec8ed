//! A graceful shutdown of an axum server whose handlers forward events as server-sent events.

use std::{convert::Infallible, sync::Arc};

use anyhow::Context;
use axum::{
    Router,
    extract::State,
    response::sse::{Event as Sent, Sse},
    routing::get,
};
use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomChange, RoomOptions, RoomsView, events::Event};
use fishjam_tests::{clock::or_stuck, support::within};
use futures_util::{Stream, stream};
use tokio::{net::TcpListener, sync::Notify};

#[derive(Clone)]
struct App {
    notifier: FishjamNotifier,
    view: RoomsView,
}

async fn changes(State(app): State<App>) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    Sse::new(stream::unfold(app.view.changes(), |mut changes| async move {
        loop {
            match changes.receive().await? {
                Ok(RoomChange::Room(room)) => return Some((Ok(Sent::default().data(room.id.as_str())), changes)),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }))
}

async fn events(State(app): State<App>) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    Sse::new(stream::unfold(app.notifier.subscribe().ok(), |events| async move {
        let mut events = events?;
        loop {
            match events.receive().await? {
                Ok(Event::Notification(notification)) => {
                    return Some((Ok(Sent::default().data(notification.to_string())), Some(events)));
                }
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }))
}

async fn line(response: &mut reqwest::Response) -> anyhow::Result<String> {
    let chunk = within("a chunk", response.chunk()).await??.context("the response ended")?;
    Ok(String::from_utf8_lossy(&chunk).trim().to_owned())
}

#[tokio::test]
async fn open_responses_end_when_the_shutdown_closes_the_notifier() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let view = RoomsView::start(&fishjam, &notifier).await?;
    let app = Router::new().route("/changes", get(changes)).route("/events", get(events));
    let app = app.with_state(App { notifier: notifier.clone(), view });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let started = Arc::new(Notify::new());
    let server = axum::serve(listener, app).with_graceful_shutdown({
        let started = Arc::clone(&started);
        async move { started.notified().await }
    });
    let mut server = tokio::spawn(async move { server.await });

    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut changes = within("a response", http.get(format!("{url}/changes")).send()).await??;
    let mut events = within("a response", http.get(format!("{url}/events")).send()).await??;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    assert_eq!(line(&mut changes).await?, format!("data: {}", room.id));
    assert_eq!(line(&mut events).await?, format!("data: room_created room={}", room.id));

    started.notify_one();
    assert!(or_stuck(&mut server).await.is_none(), "the open responses hold the server");
    notifier.close();
    within("the end of the server", server).await???;
    for mut response in [changes, events] {
        assert!(within("the end of a response", response.chunk()).await??.is_none());
    }
    within("the end of the notifier", notifier.closed()).await?;
    Ok(())
}
