//! The reasons to read the state again: events, a restored connection, and timers.

use std::{future::pending, time::Duration};

use futures_util::FutureExt;

use crate::{
    backoff::Backoff,
    error::Result,
    events::{Event, Notification},
    notifier::{ConnectionState, EventStream, FishjamNotifier, Overflow},
};

/// The waits between reads without events.
const POLL: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(10) };
/// The waits between reads with events. They start short, because an event can arrive before the API shows its effect.
const BACKSTOP: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
/// The maximum number of events that wait during a read. Lost events only cause another read.
const EVENTS: usize = 1024;

/// The reasons to read the state again.
pub(super) struct Triggers {
    source: Source,
    reads: u32,
}

/// The source of events.
enum Source {
    /// No notifier, or a notifier that has ended.
    None,
    /// A notifier that is not connected for the first time yet.
    Connecting(FishjamNotifier, EventStream),
    Connected(EventStream),
}

impl Triggers {
    /// Subscribes to the events of a notifier.
    pub(super) fn new(notifier: Option<FishjamNotifier>) -> Result<Self> {
        let source = match notifier {
            None => Source::None,
            Some(notifier) => {
                let events = notifier.subscribe_with(EVENTS, Overflow::DropOldest)?;
                match notifier.state() {
                    // No event is missing from now on, so the first read needs no other one.
                    ConnectionState::Ready => Source::Connected(events),
                    _ => Source::Connecting(notifier, events),
                }
            }
        };
        Ok(Self { source, reads: 0 })
    }

    /// Returns the wait after another read that did not find the awaited state.
    pub(super) fn pause(&mut self) -> Duration {
        self.reads = self.reads.saturating_add(1);
        let backoff = if matches!(self.source, Source::Connected(_)) { BACKSTOP } else { POLL };
        backoff.wait(self.reads, fastrand::f64())
    }

    /// Starts with short waits again.
    pub(super) fn reset_pause(&mut self) {
        self.reads = 0;
    }

    /// Waits until the state may have changed. This method is cancel safe.
    pub(super) async fn next(&mut self, is_relevant: &impl Fn(&Notification) -> bool) {
        loop {
            match &mut self.source {
                Source::None => return pending().await,
                Source::Connecting(notifier, _) => {
                    let connected = notifier.wait_ready().await;
                    self.source = match (connected, std::mem::replace(&mut self.source, Source::None)) {
                        // Events between the last read and the connection may be missing.
                        (Ok(()), Source::Connecting(_, events)) => Source::Connected(events),
                        _ => Source::None,
                    };
                    if matches!(self.source, Source::Connected(_)) {
                        return;
                    }
                }
                Source::Connected(events) => match events.receive().await {
                    Some(Ok(event)) if may_change(&event, is_relevant) => {
                        // One read is enough for all events that have arrived.
                        while let Some(Some(Ok(_))) = events.receive().now_or_never() {}
                        return;
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => self.source = Source::None,
                },
            }
        }
    }
}

/// Returns `true` if the event reports a relevant change, or a loss of events.
fn may_change(event: &Event, is_relevant: &impl Fn(&Notification) -> bool) -> bool {
    match event {
        Event::Notification(notification) => is_relevant(notification) || event.is_loss(),
        Event::Gap(_) | Event::Dropped(_) => true,
    }
}
