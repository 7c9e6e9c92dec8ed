//! The first connection of both notifiers: repeated while the server is not available, and refused immediately otherwise.

use std::sync::Arc;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::server_message::{Content, RoomCreated};
use fishjam_sdk::{ConnectionState, ErrorKind, FishjamNotifier};
use fishjam_tests::support::{Log, record, until, within};
use futures_util::FutureExt;
use tokio::sync::Notify;

use crate::{
    script::{ScriptStep, close_frame, frame, handshake, serve, serve_in_turn},
    servers::{ConnectionSettings, KINDS, Seen, next_seen},
};

/// A server that is down for two attempts, and then sends a notification.
async fn late_server() -> anyhow::Result<String> {
    let created = ScriptStep::Send(frame(Content::RoomCreated(RoomCreated { room_id: "r".to_owned() })));
    let restarting = vec![ScriptStep::Receive, ScriptStep::Send(close_frame(1012, "restart"))];
    serve_in_turn(vec![vec![ScriptStep::Drop], restarting, handshake().into_iter().chain([created]).collect()]).await
}

#[tokio::test]
async fn every_start_waits_for_the_server_and_reports_no_gap() -> anyhow::Result<()> {
    for kind in KINDS {
        let notifier = kind.notifier(&late_server().await?, ConnectionSettings::default())?;
        let mut events = within("a stream", notifier.events()).await??;
        assert_eq!(notifier.state(), ConnectionState::Ready, "{kind:?}");
        assert!(matches!(next_seen(&mut events).await?, Some(Ok(Seen::Line(_)))), "{kind:?}");

        let notifier = kind.notifier(&late_server().await?, ConnectionSettings::default())?;
        let mut events = notifier.subscribe_with(8, fishjam_sdk::Overflow::Wait)?;
        assert!(matches!(next_seen(&mut events).await?, Some(Ok(Seen::Line(_)))), "{kind:?}");

        let notifier = kind.notifier(&late_server().await?, ConnectionSettings::default())?;
        let handled = Arc::new(Notify::new());
        notifier.handle_with({
            let handled = Arc::clone(&handled);
            Arc::new(move || {
                handled.notify_one();
                Box::pin(std::future::ready(()))
            })
        });
        let running = tokio::spawn({
            let notifier = Arc::clone(&notifier);
            async move { notifier.connect().await }
        });
        within("ready", notifier.wait_ready()).await??;
        within("a notification", handled.notified()).await?;
        notifier.close();
        within("the end of connect", running).await???;
    }
    Ok(())
}

#[tokio::test]
async fn refused_token_fails_immediately_although_starts_are_repeated() -> anyhow::Result<()> {
    for kind in KINDS {
        let refusal = vec![ScriptStep::Receive, ScriptStep::Send(close_frame(1000, "invalid token"))];
        let url = serve_in_turn(vec![vec![ScriptStep::Drop], refusal, handshake()]).await?;
        let notifier = kind.notifier(&url, ConnectionSettings::default())?;
        let error = within("a response", notifier.events()).await?.err().context("it is connected")?;
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{kind:?}");
        assert_eq!(notifier.state(), ConnectionState::Closed, "{kind:?}");
        let later = notifier.wait_ready().now_or_never().context("it waits")?.err().context("it is ready")?;
        assert_eq!(later.kind(), ErrorKind::Unauthorized, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn wrong_id_or_token_fails_with_the_default_settings() -> anyhow::Result<()> {
    let emulator = Emulator::builder().id("right").start().await?;
    let wrong_id = emulator.url().replace("right", "wrong");
    for (url, token, kind) in
        [(wrong_id.as_str(), emulator.token(), ErrorKind::NotFound), (emulator.url(), "wrong", ErrorKind::Unauthorized)]
    {
        let error = within("a response", FishjamNotifier::new(url, token)?.events()).await?.map(drop).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn first_failure_is_final_if_starts_are_not_repeated() -> anyhow::Result<()> {
    for kind in KINDS {
        for (retry_first, reconnect) in [(false, true), (true, false)] {
            let settings = ConnectionSettings { retry_first, reconnect, ..ConnectionSettings::default() };
            let url = serve_in_turn(vec![vec![ScriptStep::Drop], handshake()]).await?;
            let notifier = kind.notifier(&url, settings)?;
            let error = within("a response", notifier.events()).await?.err().context("it is connected")?;
            assert_eq!(error.kind(), ErrorKind::Connection, "{kind:?}");
            // A second call is a new start.
            drop(within("a stream", notifier.events()).await??);
        }
    }
    Ok(())
}

#[tokio::test]
async fn repeated_start_ends_when_it_is_dropped_or_closed() -> anyhow::Result<()> {
    for kind in KINDS {
        let notifier = kind.notifier(&serve(vec![ScriptStep::Drop]).await?, ConnectionSettings::default())?;
        let mut starting = notifier.events();
        assert!(starting.as_mut().now_or_never().is_none());
        until("it waits for the next attempt", || notifier.state() == ConnectionState::BackingOff).await?;
        drop(starting);
        assert_eq!(notifier.state(), ConnectionState::Closed, "{kind:?}");
        within("the end of the attempts", notifier.closed()).await?;

        let starting = tokio::spawn({
            let notifier = Arc::clone(&notifier);
            async move { notifier.events().await.map(drop) }
        });
        until("it waits for the next attempt", || notifier.state() == ConnectionState::BackingOff).await?;
        notifier.close();
        let error = within("the end", starting).await??.err().context("it is connected")?;
        assert_eq!(error.kind(), ErrorKind::Closed, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn repeated_start_is_logged_once_and_with_its_success() -> anyhow::Result<()> {
    for kind in KINDS {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let _recording = record(subscriber);
        let notifier = kind.notifier(&late_server().await?, ConnectionSettings::default())?;
        drop(within("a stream", notifier.events()).await??);

        let text = log.text();
        let lines = |words: &str| text.lines().filter(|line| line.contains(words)).collect::<Vec<_>>();
        let (first, again, success) =
            (lines("failed to connect; retrying"), lines("failed to connect again"), lines("connected after"));
        assert_eq!((first.len(), again.len(), success.len()), (1, 1, 1), "{kind:?}: {text}");
        assert!(first[0].contains("WARN") && first[0].contains("error="), "{kind:?}: {text}");
        assert!(again[0].contains("DEBUG") && again[0].contains("1012"), "{kind:?}: {text}");
        assert!(success[0].contains("INFO") && success[0].contains("attempts=3"), "{kind:?}: {text}");
        assert!(!text.contains("SENTINEL"), "{kind:?}: {text}");
    }
    Ok(())
}
