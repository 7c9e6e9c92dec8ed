//! The notifier: what happens on a Jellyfish, told over a WebSocket while it happens.

mod config;
mod handshake;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

pub use config::JellyfishNotifierBuilder;

use super::{
    ConnectionOptions, JellyfishClient, Room,
    events::{MetricsReport, Notification},
};
use crate::{
    ConnectionState, Listing, NotificationHandler, Overflow,
    error::{Error, Result},
    notifier::{
        core::Listening,
        handler::{Handler, Handling},
    },
};

/// Everything that happens on a Jellyfish, in the order in which the server reports it; a [`crate::EventStream`].
pub type EventStream = crate::EventStream<Notification>;

/// Receives a Jellyfish's notifications and, if they are asked for, its metrics: either as a stream
/// ([`events`](Self::events)) or with handlers ([`on_server_notification`](Self::on_server_notification),
/// [`on_metrics`](Self::on_metrics), [`connect`](Self::connect), [`wait_ready`](Self::wait_ready)).
///
/// It works as the [`FishjamNotifier`](crate::FishjamNotifier) does, by the same code: it keeps its connection up
/// (it answers pings, notices silence, reconnects with growing waits) and says where it could not: an
/// [`Event::Gap`](crate::events::Event::Gap) stands wherever events may be missing. The first connection must succeed;
/// from then on only a refused token, another answer that will not change, or [`close`](Self::close) ends it. All
/// consumers of one notifier and its clones share one connection, each with a bounded queue of its own; see
/// [`Overflow`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
/// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
/// use fishjam_sdk::jellyfish::{JellyfishClient, JellyfishNotifier, RoomOptions, events::{Event, Notification}};
/// use futures_util::StreamExt;
///
/// let mut events = JellyfishNotifier::new(options.clone())?.events().await?;
/// let (room, _) = JellyfishClient::new(options)?.create_room(RoomOptions::new()).await?;
///
/// match events.next().await.expect("an event")? {
///     Event::Notification(Notification::RoomCreated(created)) => assert_eq!(created.room_id, room.id),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JellyfishNotifier(Arc<Shared>);

struct Shared {
    listening: Listening<Notification>,
    notifications: Heard<Notification>,
    metrics: Heard<MetricsReport>,
}

/// Whether something is asked for, and who is told of it.
struct Heard<N> {
    wanted: bool,
    handler: RwLock<Option<Handler<N>>>,
}

impl<N> Heard<N> {
    fn new(wanted: bool) -> Self {
        Self { wanted, handler: RwLock::new(None) }
    }

    fn set(&self, handler: Handler<N>) {
        *self.handler.write().unwrap_or_else(PoisonError::into_inner) = Some(handler);
    }

    /// The handler, unless it waits for what is not asked for.
    fn handler(&self, deaf: &'static str) -> Result<Option<Handler<N>>> {
        let handler = self.handler.read().unwrap_or_else(PoisonError::into_inner).clone();
        if handler.is_some() && !self.wanted { Err(Error::invalid_input(deaf)) } else { Ok(handler) }
    }
}

impl JellyfishNotifier {
    /// A notifier of the Jellyfish at this address, with default settings: notifications, no metrics.
    ///
    /// Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): the address or the token is unusable.
    pub fn new(options: ConnectionOptions) -> Result<Self> {
        Self::builder(options).build()
    }

    /// Like [`new`](Self::new), with settings to choose.
    pub fn builder(options: ConnectionOptions) -> JellyfishNotifierBuilder {
        JellyfishNotifierBuilder::new(options)
    }

    fn of(listening: Listening<Notification>, notifications: bool, metrics: bool) -> Self {
        Self(Arc::new(Shared { listening, notifications: Heard::new(notifications), metrics: Heard::new(metrics) }))
    }

    /// Connects, if that is still to do, and returns what happens from now on; authenticated and subscribed when
    /// this returns.
    ///
    /// Cancel safe. While a lost connection is being restored for another consumer, this waits with it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) if the token is refused,
    /// [`Timeout`](crate::ErrorKind::Timeout) or [`Connection`](crate::ErrorKind::Connection) if the server cannot be
    /// reached, [`Closed`](crate::ErrorKind::Closed) or [`WebSocket`](crate::ErrorKind::WebSocket) if it ends or
    /// breaks the handshake, [`InvalidInput`](crate::ErrorKind::InvalidInput) outside a Tokio runtime.
    pub async fn events(&self) -> Result<EventStream> {
        self.0.listening.events().await
    }

    /// Adds a consumer without waiting for the connection; the stream's error says if it cannot be made.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) outside a Tokio runtime.
    pub fn subscribe(&self) -> Result<EventStream> {
        self.0.listening.subscribe()
    }

    /// Like [`subscribe`](Self::subscribe), with a queue of another size or policy than the builder's.
    ///
    /// The builder's limit of bytes holds as well: see [`JellyfishNotifierBuilder::queue_bytes`].
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) outside a Tokio runtime.
    pub fn subscribe_with(&self, capacity: usize, overflow: Overflow) -> Result<EventStream> {
        self.0.listening.subscribe_with(capacity, overflow)
    }

    /// Returns the connection state.
    ///
    /// The state is already [`Closed`](ConnectionState::Closed) when [`close`](Self::close) returns, or when a stream
    /// yields its end.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.0.listening.state()
    }

    /// Sets the handler, a plain or an asynchronous function, that [`connect`](Self::connect) calls with each
    /// notification that is no report of metrics.
    ///
    /// It and the handler of metrics are called one after the other; while one works, what comes waits in the queue.
    /// A later handler replaces an earlier one when `connect` is called again. Gaps are not told to it: use
    /// [`events`](Self::events) to hear of them.
    pub fn on_server_notification<Kind>(&self, handler: impl NotificationHandler<Kind, Notification>) {
        self.0.notifications.set(handler.into_handler().0);
    }

    /// Sets the handler, a plain or an asynchronous function, that [`connect`](Self::connect) calls with each report
    /// of metrics; they must be [asked for](JellyfishNotifierBuilder::metrics).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// use fishjam_sdk::jellyfish::{JellyfishNotifier, events::MetricsReport};
    ///
    /// let notifier = JellyfishNotifier::builder(options).metrics(true).build()?;
    /// notifier.on_metrics(|report: MetricsReport| match report.metrics() {
    ///     Ok(metrics) => println!("{} rooms", metrics.rooms.len()),
    ///     Err(error) => println!("{error:#}"),
    /// });
    /// let running = tokio::spawn({ let n = notifier.clone(); async move { n.connect().await } });
    /// notifier.wait_ready().await?;
    /// notifier.close();
    /// running.await??;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_metrics<Kind>(&self, handler: impl NotificationHandler<Kind, MetricsReport>) {
        self.0.metrics.set(handler.into_handler().0);
    }

    /// Connects and calls the handlers with everything that happens, until the connection ends.
    ///
    /// Returns `Ok` after [`close`](Self::close). Cancel safe: dropping the future closes the connection.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if no handler is set, or one for what is not asked for; those
    /// of [`events`](Self::events); and whatever ends the connection for good later.
    pub async fn connect(&self) -> Result<()> {
        self.0.listening.connect(self.handler()).await
    }

    /// Returns the function that calls the right handler.
    fn handler(&self) -> Result<impl Fn(Notification) -> Handling + use<>> {
        let notifications =
            self.0.notifications.handler("a handler is set, but the builder was told notifications(false)")?;
        let metrics = self.0.metrics.handler("a handler of metrics is set: tell the builder metrics(true), too")?;
        if notifications.is_none() && metrics.is_none() {
            return Err(Error::invalid_input("no handler is set: call on_server_notification first, or use events"));
        }
        Ok(move |notification| match (notification, &notifications, &metrics) {
            (Notification::MetricsReport(report), _, Some(handler)) => handler(report),
            (Notification::MetricsReport(_), _, None) | (_, None, _) => Box::pin(std::future::ready(())),
            (notification, Some(handler), _) => handler(notification),
        })
    }

    /// Waits until [`connect`](Self::connect), called before or after this, is authenticated and subscribed.
    ///
    /// Once a connection has ended, this method returns its end immediately until another one is begun. To wait for a
    /// second `connect`, let that begin first.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the connection. If [`connect`](Self::connect) was refused, as it is without a
    /// handler, this method returns the same error. If the notifier was closed, it returns
    /// [`Closed`](crate::ErrorKind::Closed).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_ready(&self) -> Result<()> {
        self.0.listening.ready().await
    }

    /// Closes the connection: [`connect`](Self::connect) returns `Ok`, streams end. Listening again connects again.
    pub fn close(&self) {
        self.0.listening.close();
    }
}

impl fmt::Debug for JellyfishNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JellyfishNotifier").field(&self.0.listening).finish()
    }
}

impl EventStream {
    /// Reads the present state anew, after an [`Event::Gap`](crate::events::Event::Gap) or at the beginning: all rooms
    /// of these clients' servers, and this stream goes on with what follows.
    ///
    /// **In a cluster give a client of every server** ([`update_address`](JellyfishClient::update_address)): each server
    /// tells of the rooms of all of them, and lists its own only. The servers are asked one after the other.
    ///
    /// What waits to be read by now is let go, whichever room it is about, since all of it happened before the state is
    /// read. What comes later may have happened just before, too: take it as "from now on it is so", not as a
    /// difference. Cancel safe: nothing is let go before the state is there.
    ///
    /// The rooms that the SDK could not read exist, too. Look at [`Listing::unreadable`] before you treat a room as
    /// deleted. Its `index` is the position in the response of the room's server.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no client at all, and whatever can happen to any
    /// request of any of the servers; the stream then goes on as it was.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// use fishjam_sdk::jellyfish::{JellyfishClient, JellyfishNotifier, RoomOptions};
    ///
    /// let jellyfish = JellyfishClient::new(options.clone())?;
    /// let mut events = JellyfishNotifier::new(options)?.events().await?;
    /// let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    /// let rooms = events.resync([&jellyfish]).await?;
    /// assert_eq!(rooms.items[0].id, room.id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resync(&mut self, servers: impl IntoIterator<Item = &JellyfishClient>) -> Result<Listing<Room>> {
        let servers: Vec<&JellyfishClient> = servers.into_iter().collect();
        if servers.is_empty() {
            return Err(Error::invalid_input("there is no client to read the rooms with"));
        }
        let mark = self.mark();
        let mut rooms = Listing { items: Vec::new(), unreadable: Vec::new() };
        for server in servers {
            let listing = server.get_all_rooms_with_unreadable().await?;
            rooms.items.extend(listing.items);
            rooms.unreadable.extend(listing.unreadable);
        }
        self.discard_before(mark);
        Ok(rooms)
    }
}
