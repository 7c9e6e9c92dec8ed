//! The state of a notifier, and its log, when a connection ends or comes back; for both notifiers.

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context as TaskContext, Poll, Wake, Waker},
};

use anyhow::Context;
use fishjam_sdk::{ConnectionState, ErrorKind};
use fishjam_tests::support::{Log, record};
use futures_util::FutureExt;
use tokio::{sync::Notify, time::timeout};

use crate::{
    script::{ScriptStep, after_signal, handshake, serve, serve_in_turn},
    servers::{AnyNotifier, ConnectionSettings, Events, HANG, KINDS, Seen, next_seen},
};

/// A waker that records the state of a notifier at the moment when it is called.
struct StateWaker {
    notifier: Arc<dyn AnyNotifier>,
    state: Mutex<Option<ConnectionState>>,
    woken: Notify,
}

impl StateWaker {
    fn new(notifier: &Arc<dyn AnyNotifier>) -> Arc<Self> {
        Arc::new(Self { notifier: Arc::clone(notifier), state: Mutex::new(None), woken: Notify::new() })
    }

    fn state(&self) -> Option<ConnectionState> {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for StateWaker {
    fn wake(self: Arc<Self>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.notifier.state());
        self.woken.notify_one();
    }
}

fn poll(events: &mut Events, waker: &Arc<StateWaker>) -> Poll<Option<Result<Seen, fishjam_sdk::Error>>> {
    events.as_mut().poll_next(&mut TaskContext::from_waker(&Waker::from(Arc::clone(waker))))
}

/// The error that `wait_ready` returns without waiting.
fn refusal(notifier: &Arc<dyn AnyNotifier>) -> anyhow::Result<fishjam_sdk::Error> {
    notifier.wait_ready().now_or_never().context("it waits")?.err().context("it is ready")
}

#[tokio::test]
async fn state_is_closed_before_a_stream_yields_its_error() -> anyhow::Result<()> {
    for kind in KINDS {
        let signal = Arc::new(Notify::new());
        let url = serve(after_signal(&signal, [ScriptStep::Drop])).await?;
        let notifier = kind.notifier(&url, ConnectionSettings { reconnect: false, ..ConnectionSettings::default() })?;
        let mut events = timeout(HANG, notifier.events()).await??;
        let waker = StateWaker::new(&notifier);
        assert!(poll(&mut events, &waker).is_pending(), "{kind:?}");
        signal.notify_one();
        timeout(HANG, waker.woken.notified()).await?;
        assert_eq!(waker.state(), Some(ConnectionState::Closed), "{kind:?}");
        assert!(matches!(poll(&mut events, &waker), Poll::Ready(Some(Err(_)))), "{kind:?}");
        assert_eq!(refusal(&notifier)?.kind(), ErrorKind::Connection, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn state_is_closed_before_close_ends_a_stream() -> anyhow::Result<()> {
    let url = serve(handshake()).await?;
    for kind in KINDS {
        let notifier = kind.notifier(&url, ConnectionSettings::default())?;
        let mut events = timeout(HANG, notifier.events()).await??;
        let waker = StateWaker::new(&notifier);
        assert!(poll(&mut events, &waker).is_pending(), "{kind:?}");
        notifier.close();
        assert_eq!(waker.state(), Some(ConnectionState::Closed), "{kind:?}");
        assert_eq!(notifier.state(), ConnectionState::Closed, "{kind:?}");
        assert_eq!(refusal(&notifier)?.kind(), ErrorKind::Closed, "{kind:?}");
        assert!(matches!(poll(&mut events, &waker), Poll::Ready(None)), "{kind:?}");

        // A later stream has a connection again, whether or not the task has noticed the end of the first.
        for _ in 0..3 {
            let events = timeout(HANG, notifier.events()).await??;
            assert_eq!(notifier.state(), ConnectionState::Ready, "{kind:?}");
            drop(events);
            assert_eq!(notifier.state(), ConnectionState::Closed, "{kind:?}");
            assert_eq!(refusal(&notifier)?.kind(), ErrorKind::Closed, "{kind:?}");
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wait_ready_fails_after_close_on_any_thread() -> anyhow::Result<()> {
    let url = serve(handshake()).await?;
    for kind in KINDS {
        let notifier = kind.notifier(&url, ConnectionSettings::default())?;
        for run in 0..500 {
            let events = timeout(HANG, notifier.events()).await??;
            notifier.close();
            assert_eq!(notifier.state(), ConnectionState::Closed, "{kind:?} {run}");
            assert_eq!(refusal(&notifier)?.kind(), ErrorKind::Closed, "{kind:?} {run}");
            drop(events);
        }
    }
    Ok(())
}

#[tokio::test]
async fn wait_ready_returns_why_connect_was_refused() -> anyhow::Result<()> {
    for kind in KINDS {
        let notifier = kind.notifier("http://localhost:1", ConnectionSettings::default())?;
        let early = tokio::spawn({
            let notifier = Arc::clone(&notifier);
            async move { notifier.wait_ready().await }
        });
        tokio::task::yield_now().await;
        let error = notifier.connect().await.err().context("it connects without a handler")?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{kind:?}");
        for waited in [timeout(HANG, early).await??.err(), Some(refusal(&notifier)?)] {
            assert_eq!(waited.context("no error")?.to_string(), error.to_string(), "{kind:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn outage_is_logged_as_one_loss_and_one_recovery() -> anyhow::Result<()> {
    for kind in KINDS {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let _recording = record(subscriber);
        let signal = Arc::new(Notify::new());
        let (lost, failed, last) = (after_signal(&signal, [ScriptStep::Drop]), vec![ScriptStep::Drop], handshake());
        let url = serve_in_turn(vec![lost, failed.clone(), failed, last]).await?;
        let notifier = kind.notifier(&url, ConnectionSettings::default())?;
        let mut events = timeout(HANG, notifier.events()).await??;
        signal.notify_one();
        assert!(matches!(next_seen(&mut events).await?, Some(Ok(Seen::Gap(_)))), "{kind:?}");

        let text = log.text();
        let lines = |words: &str| text.lines().filter(|line| line.contains(words)).collect::<Vec<_>>();
        let (lost, failed, restored) =
            (lines("connection lost"), lines("failed to reconnect"), lines("connection restored"));
        assert_eq!((lost.len(), failed.len(), restored.len()), (1, 2, 1), "{kind:?}: {text}");
        assert!(lost[0].contains("WARN") && lost[0].contains("error="), "{kind:?}: {text}");
        assert!(failed.iter().all(|line| line.contains("DEBUG")), "{kind:?}: {text}");
        assert!(restored[0].contains("INFO") && restored[0].contains("attempts=3"), "{kind:?}: {text}");
        assert!(restored[0].contains("duration="), "{kind:?}: {text}");
        assert!(!text.contains("SENTINEL"), "{kind:?}: {text}");
    }
    Ok(())
}
