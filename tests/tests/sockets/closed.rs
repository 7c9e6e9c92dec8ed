//! Receiving without a stream crate, and waiting for the end of a notifier; for both notifiers.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::server_message::{Content, RoomCreated};
use fishjam_sdk::{
    ErrorKind, FishjamClient, FishjamNotifier, RoomOptions,
    events::{Event, Notification},
    jellyfish::{self, ConnectionOptions, JellyfishClient, JellyfishNotifier},
};
use fishjam_tests::{
    clock::{leap, or_stuck, settle},
    support::within,
};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{Notify, Semaphore};

use crate::{
    script::{ScriptStep, after_signal, frame, handshake, serve},
    servers::{AnyNotifier, ConnectionSettings, KINDS, Kind, Seen, next_seen},
    users::{Handle, Server, User},
};

fn is_closed(notifier: &Arc<dyn AnyNotifier>) -> bool {
    notifier.closed().now_or_never().is_some()
}

/// Starts a server that sends three notifications.
async fn three_notifications() -> anyhow::Result<String> {
    let created = |id: &str| ScriptStep::Send(frame(Content::RoomCreated(RoomCreated { room_id: id.to_owned() })));
    serve(handshake().into_iter().chain(["a", "b", "c"].map(created)).collect()).await
}

#[tokio::test]
async fn closed_returns_immediately_without_a_connection() -> anyhow::Result<()> {
    for kind in KINDS {
        let notifier = kind.notifier("http://localhost:1", ConnectionSettings::default())?;
        assert!(is_closed(&notifier), "{kind:?}");
        notifier.close();
        assert!(is_closed(&notifier), "{kind:?}");
        assert!(notifier.connect().await.is_err(), "there is no handler");
        assert!(is_closed(&notifier), "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn closed_waits_until_each_stream_yielded_its_end() -> anyhow::Result<()> {
    for kind in KINDS {
        let notifier = kind.notifier(&three_notifications().await?, ConnectionSettings::default())?;
        let (mut read, dropped) =
            (within("a stream", notifier.events()).await??, within("a stream", notifier.events()).await??);
        assert!(matches!(next_seen(&mut read).await?, Some(Ok(Seen::Line(_)))), "{kind:?}");
        assert!(!is_closed(&notifier), "{kind:?}");
        settle().await;
        notifier.close();
        // The waiting events are still delivered.
        for _ in 0..2 {
            settle().await;
            assert!(!is_closed(&notifier), "{kind:?}");
            assert!(matches!(next_seen(&mut read).await?, Some(Ok(Seen::Line(_)))), "{kind:?}");
        }
        assert!(next_seen(&mut read).await?.is_none(), "{kind:?}");
        settle().await;
        assert!(!is_closed(&notifier), "{kind:?}: the other stream is unread");
        drop(dropped);
        within("the end", notifier.closed()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn closed_waits_until_the_socket_is_closed() -> anyhow::Result<()> {
    for kind in KINDS {
        let server = Server::start(User::Notifier(kind)).await?;
        let (client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        let Handle::Notifier(notifier) = &client.handle else { anyhow::bail!("no notifier") };
        let notifier = Arc::clone(notifier);
        drop(client);
        let mut closed = notifier.closed();
        // The server does not respond to the close frame.
        assert!(or_stuck(closed.as_mut()).await.is_none(), "{kind:?}: it does not wait for a response");
        drop(closed);
        leap(Duration::from_millis(500)).await;
        within("the end", notifier.closed()).await?;
        let _ = within("a close frame", socket.next()).await?;

        // The server responds.
        let (client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        let Handle::Notifier(notifier) = &client.handle else { anyhow::bail!("no notifier") };
        let notifier = Arc::clone(notifier);
        drop(client);
        let reading = async { while let Some(Ok(_)) = socket.next().await {} };
        within("the end", futures_util::future::join(notifier.closed(), reading)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn closed_waits_until_the_handler_returned() -> anyhow::Result<()> {
    for kind in KINDS {
        let notifier = kind.notifier(&three_notifications().await?, ConnectionSettings::default())?;
        let (started, may_return) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        notifier.handle_with({
            let (started, may_return) = (Arc::clone(&started), Arc::clone(&may_return));
            Arc::new(move || {
                let (started, may_return) = (Arc::clone(&started), Arc::clone(&may_return));
                Box::pin(async move {
                    started.add_permits(1);
                    if let Ok(permit) = may_return.acquire().await {
                        permit.forget();
                    }
                })
            })
        });
        let running = tokio::spawn({
            let notifier = Arc::clone(&notifier);
            async move { notifier.connect().await }
        });
        within("the first call", started.acquire()).await??.forget();
        settle().await;
        notifier.close();
        for _ in 0..3 {
            settle().await;
            assert!(!is_closed(&notifier), "{kind:?}");
            may_return.add_permits(1);
        }
        within("the end", notifier.closed()).await?;
        within("the end of connect", running).await???;
    }
    Ok(())
}

#[tokio::test]
async fn closed_ends_after_a_permanent_error() -> anyhow::Result<()> {
    for kind in KINDS {
        let signal = Arc::new(Notify::new());
        let url = serve(after_signal(&signal, [ScriptStep::Drop])).await?;
        let settings = ConnectionSettings { reconnect: false, ..ConnectionSettings::default() };
        let notifier = kind.notifier(&url, settings)?;
        let mut events = within("a stream", notifier.events()).await??;
        let waiting = tokio::spawn({
            let notifier = Arc::clone(&notifier);
            async move { notifier.closed().await }
        });
        settle().await;
        assert!(!waiting.is_finished(), "{kind:?}");
        signal.notify_one();
        assert!(matches!(next_seen(&mut events).await?, Some(Err(_))), "{kind:?}");
        within("the end", waiting).await??;
        // The stream has yielded its last item, but it still exists.
        assert!(next_seen(&mut events).await?.is_none(), "{kind:?}");
    }
    Ok(())
}

#[test]
fn closed_ends_when_the_runtime_of_the_connection_ends() -> anyhow::Result<()> {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let (first, second) = (runtime()?, runtime()?);
    let url = second.block_on(serve(handshake()))?;
    let notifier = Kind::Fishjam.notifier(&url, ConnectionSettings::default())?;
    let mut events = first.block_on(notifier.events())?;
    assert!(!is_closed(&notifier));
    first.shutdown_timeout(Duration::from_secs(60));
    second.block_on(async {
        let error = next_seen(&mut events).await?.context("no reason")?.err().context("no error")?;
        assert_eq!(error.kind(), ErrorKind::Closed);
        within("the end", notifier.closed()).await
    })
}

#[tokio::test]
async fn receive_returns_the_items_of_the_stream() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let mut events = notifier.events().await?;
    // Dropped without a loss.
    assert!(events.receive().now_or_never().is_none());
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let event = within("an event", events.receive()).await?.context("it ended")??;
    assert!(matches!(event, Event::Notification(Notification::RoomCreated(created)) if created.room_id == room.id));
    notifier.close();
    assert!(within("the end", events.receive()).await?.is_none());

    let emulator = Emulator::jellyfish().start().await?;
    let options = ConnectionOptions::new(emulator.address(), emulator.token());
    let notifier = JellyfishNotifier::new(options.clone())?;
    let mut events = notifier.events().await?;
    assert!(events.receive().now_or_never().is_none());
    let (room, _) = JellyfishClient::new(options)?.create_room(jellyfish::RoomOptions::new()).await?;
    let event = within("an event", events.receive()).await?.context("it ended")??;
    let jellyfish::events::Event::Notification(jellyfish::events::Notification::RoomCreated(created)) = event else {
        anyhow::bail!("{event:?}")
    };
    assert_eq!(created.room_id, room.id);
    notifier.close();
    assert!(within("the end", events.receive()).await?.is_none());
    Ok(())
}
