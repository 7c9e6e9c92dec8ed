//! Both notifiers behind one interface, for tests of their shared mechanisms.

use std::{fmt::Display, future::Future, pin::Pin, sync::Arc, time::Duration};

use anyhow::Context;
use fishjam_sdk::{
    ConnectionState, Error, FishjamNotifier, Overflow,
    events::{self, Event, Gap},
    jellyfish::{self, ConnectionOptions, JellyfishNotifier},
};
use futures_util::{Stream, StreamExt};

/// The token of every notifier here.
pub(crate) const TOKEN: &str = "SENTINEL-management-91b7";

/// The time limit after which a test assumes a hang.
pub(crate) const HANG: Duration = Duration::from_secs(60);

/// An item of a stream: a line for a notification.
#[derive(Debug)]
pub(crate) enum Seen {
    Line(String),
    Gap(Gap),
    Dropped(u64),
    Other,
}

/// The events of either notifier.
pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<Seen, Error>> + Send>>;

/// Handles a notification.
pub(crate) type Handler = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A notifier of either server.
pub(crate) trait AnyNotifier: Send + Sync {
    fn events(&self) -> Reply<'_, Events>;
    fn subscribe_with(&self, capacity: usize, overflow: Overflow) -> Result<Events, Error>;
    fn connect(&self) -> Reply<'_, ()>;
    fn wait_ready(&self) -> Reply<'_, ()>;
    fn state(&self) -> ConnectionState;
    fn close(&self);
    fn closed(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
    fn handle_with(&self, handler: Handler);
}

/// The settings of either builder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionSettings {
    pub(crate) handshake: Duration,
    pub(crate) reconnect: bool,
    pub(crate) retry_first: bool,
    pub(crate) idle: Duration,
    pub(crate) queue_bytes: usize,
    /// The capacity of the queue, in events.
    pub(crate) capacity: usize,
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            handshake: HANG,
            reconnect: true,
            retry_first: true,
            idle: Duration::from_secs(75),
            queue_bytes: usize::MAX,
            capacity: 1024,
        }
    }
}

/// The kind of a notifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fishjam,
    Jellyfish,
}

pub(crate) const KINDS: [Kind; 2] = [Kind::Fishjam, Kind::Jellyfish];

impl Kind {
    /// Creates a notifier for this URL.
    pub(crate) fn notifier(self, url: &str, settings: ConnectionSettings) -> anyhow::Result<Arc<dyn AnyNotifier>> {
        macro_rules! build {
            ($builder:expr) => {
                Arc::new(
                    $builder
                        .handshake_timeout(settings.handshake)
                        .reconnect(settings.reconnect)
                        .retry_first_connection(settings.retry_first)
                        .idle_timeout(settings.idle)
                        .reconnect_backoff(Duration::from_millis(2), Duration::from_millis(2))
                        .queue(settings.capacity, Overflow::Wait)
                        .queue_bytes(settings.queue_bytes)
                        .build()?,
                )
            };
        }
        let address = url.strip_prefix("http://").context("no http URL")?;
        Ok(match self {
            Self::Fishjam => build!(FishjamNotifier::builder(url, TOKEN)),
            Self::Jellyfish => build!(JellyfishNotifier::builder(ConnectionOptions::new(address, TOKEN))),
        })
    }
}

fn seen<N: Display>(event: Result<Event<N>, Error>) -> Result<Seen, Error> {
    event.map(|event| match event {
        Event::Notification(notification) => Seen::Line(notification.to_string()),
        Event::Gap(gap) => Seen::Gap(gap),
        Event::Dropped(events) => Seen::Dropped(events),
        _ => Seen::Other,
    })
}

macro_rules! any_notifier {
    ($($notifier:ty, $notification:ty);*) => {
        $(
            impl AnyNotifier for $notifier {
                fn events(&self) -> Reply<'_, Events> {
                    Box::pin(async { Ok(Box::pin(self.events().await?.map(seen)) as Events) })
                }

                fn subscribe_with(&self, capacity: usize, overflow: Overflow) -> Result<Events, Error> {
                    Ok(Box::pin(self.subscribe_with(capacity, overflow)?.map(seen)))
                }

                fn connect(&self) -> Reply<'_, ()> {
                    Box::pin(self.connect())
                }

                fn wait_ready(&self) -> Reply<'_, ()> {
                    Box::pin(self.wait_ready())
                }

                fn state(&self) -> ConnectionState {
                    self.state()
                }

                fn close(&self) {
                    self.close();
                }

                fn closed(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
                    Box::pin(self.closed())
                }

                fn handle_with(&self, handler: Handler) {
                    self.on_server_notification(move |_: $notification| handler());
                }
            }
        )*
    };
}

any_notifier!(FishjamNotifier, events::Notification; JellyfishNotifier, jellyfish::events::Notification);

/// Waits for the next item of a stream, but not forever.
pub(crate) async fn next_seen(events: &mut Events) -> anyhow::Result<Option<Result<Seen, Error>>> {
    Ok(tokio::time::timeout(HANG, events.next()).await?)
}
