//! Handlers, and waiting for a connection.

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{ConnectionState, ErrorKind, FishjamClient, FishjamNotifier, RoomOptions, events::Notification};
use fishjam_tests::support::{until, within};
use tokio::sync::mpsc;

use crate::one_connection;

#[tokio::test]
async fn handler_receives_every_event_until_close() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = one_connection(emulator.url(), emulator.token()).build()?;
    let (told, mut heard) = mpsc::unbounded_channel();
    notifier.on_server_notification(move |notification: Notification| {
        let told = told.clone();
        async move { assert!(told.send(notification.to_string()).is_ok()) }
    });
    // A task waits before the notifier connects.
    let early = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.wait_ready().await }
    });
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    within("ready", early).await???;
    within("ready", notifier.wait_ready()).await??;
    assert_eq!(emulator.subscribers(), 1);

    let room = fishjam.create_room(RoomOptions::new()).await?.id;
    fishjam.delete_room(&room).await?;
    for expected in [format!("room_created room={room}"), format!("room_deleted room={room}")] {
        assert_eq!(within("a notification", heard.recv()).await?, Some(expected));
    }
    notifier.close();
    within("the end of connect", running).await???;
    until("the emulator has no subscriber", || emulator.subscribers() == 0).await?;
    Ok(())
}

// Defect X3 of the official SDKs.
#[tokio::test]
async fn wait_ready_after_a_close_does_not_hang() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = one_connection(emulator.url(), emulator.token()).build()?;
    notifier.on_server_notification(|_: Notification| async {});
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    within("ready", notifier.wait_ready()).await??;
    notifier.close();
    within("the end of connect", running).await???;
    let error = within("a response", notifier.wait_ready()).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    Ok(())
}

#[tokio::test]
async fn later_handler_replaces_an_earlier_one() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = one_connection(emulator.url(), emulator.token()).build()?;
    let (told, mut heard) = mpsc::unbounded_channel();
    for name in ["first", "second"] {
        let told = told.clone();
        notifier.on_server_notification(move |_: Notification| {
            let told = told.clone();
            async move { assert!(told.send(name).is_ok()) }
        });
    }
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    within("ready", notifier.wait_ready()).await??;
    FishjamClient::new(emulator.url(), emulator.token())?.create_room(RoomOptions::new()).await?;
    assert_eq!(within("a notification", heard.recv()).await?, Some("second"));
    notifier.close();
    within("the end of connect", running).await???;
    assert!(heard.try_recv().is_err());
    Ok(())
}

// Defects X3 and X4 of the official SDKs.
#[tokio::test]
async fn waits_report_why_no_connection_can_start() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = one_connection(emulator.url(), emulator.token()).build()?;
    let (connected, waited) =
        within("a response", async { tokio::join!(notifier.connect(), notifier.wait_ready()) }).await?;
    let waiting = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.wait_ready().await }
    });
    let later = within("a response", waiting).await??;
    for (what, outcome) in [("connect", connected), ("wait_ready", waited), ("later", later)] {
        let error = outcome.err().with_context(|| format!("{what} found a handler"))?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{what}: {error}");
        assert!(error.to_string().contains("on_server_notification"), "{what}: {error}");
    }

    // A stream also makes a connection, but `connect` needs a handler.
    let events = within("a stream", notifier.events()).await??;
    assert_eq!(notifier.connect().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    within("ready", notifier.wait_ready()).await??;
    assert_eq!(notifier.state(), ConnectionState::Ready);
    drop(events);
    Ok(())
}

// Defects X3 and X4 of the official SDKs.
#[test]
fn waits_without_a_runtime_are_errors() -> anyhow::Result<()> {
    use futures_util::FutureExt;
    let notifier = FishjamNotifier::new("https://fishjam.example", "token")?;
    notifier.on_server_notification(|_: Notification| async {});
    let connected = notifier.connect().now_or_never().context("it connects")?;
    let waited = notifier.wait_ready().now_or_never().context("it waits")?;
    for outcome in [connected, waited] {
        let error = outcome.unwrap_err();
        assert!(error.kind() == ErrorKind::Setup && error.to_string().contains("runtime"), "{error}");
    }
    Ok(())
}

// Defect X4 of the official SDKs.
#[tokio::test]
async fn connect_without_a_handler_sends_no_request() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let error =
        within("a response", FishjamNotifier::new(emulator.url(), emulator.token())?.connect()).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("on_server_notification"), "{error}");
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

// Defect X3 of the official SDKs.
#[tokio::test]
async fn every_wait_reports_a_wrong_token() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let notifier = one_connection(emulator.url(), "wrong").build()?;
    notifier.on_server_notification(|_: Notification| async {});
    let before = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.wait_ready().await }
    });
    let connected = within("the end of connect", notifier.connect()).await?;
    let waiting = within("the end of waiting", before).await??;
    let after = within("a response", notifier.wait_ready()).await?;
    let events = within("a response", notifier.events()).await?.map(drop);
    for (what, outcome) in [("connect", connected), ("wait_ready", waiting), ("later", after), ("events", events)] {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Unauthorized, false), "{what}: {error}");
        assert!(error.to_string().contains("token"), "{what}: {error}");
    }
    assert_eq!(emulator.subscribers(), 0);
    Ok(())
}
