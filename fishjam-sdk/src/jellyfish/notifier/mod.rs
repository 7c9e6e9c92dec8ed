//! The notifier of a Jellyfish server.

mod builder;
mod codec;

use std::{fmt, sync::Arc};

pub use builder::JellyfishNotifierBuilder;

use super::{
    ConnectionOptions, JellyfishClient, Room,
    events::{MetricsReport, Notification},
};
use crate::{
    error::{Error, Result},
    listing::Listing,
    notifier::{
        ConnectionState, NotificationHandler, Overflow,
        core::NotifierCore,
        handler::{HandlerFuture, HandlerSlot, no_handler},
    },
};

/// Stream of the events of a Jellyfish server: a [`crate::EventStream`].
///
/// [`JellyfishNotifier::events`] returns it. For an example, see [`JellyfishNotifier`].
pub type EventStream = crate::notifier::EventStream<Notification>;

/// Receives the notifications of a Jellyfish server, and its metrics if you request them.
///
/// It works like the [`FishjamNotifier`](crate::FishjamNotifier), with the same code, also for the
/// [first connection](crate::FishjamNotifier#first-connection) and for a
/// [shutdown](crate::FishjamNotifier#shutdown). Use it as a stream
/// ([`events`](Self::events)), or with handlers: see [`on_server_notification`](Self::on_server_notification),
/// [`on_metrics`](Self::on_metrics), [`connect`](Self::connect) and [`wait_ready`](Self::wait_ready).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
/// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
/// use fishjam_sdk::jellyfish::{JellyfishClient, JellyfishNotifier, RoomOptions, events::{Event, Notification}};
///
/// let mut events = JellyfishNotifier::new(options.clone())?.events().await?;
/// let (room, _) = JellyfishClient::new(options)?.create_room(RoomOptions::new()).await?;
///
/// match events.receive().await.expect("an event")? {
///     Event::Notification(Notification::RoomCreated(created)) => assert_eq!(created.room_id, room.id),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JellyfishNotifier(Arc<Shared>);

struct Shared {
    core: NotifierCore<Notification>,
    notifications: HandlerSlot<Notification>,
    metrics: HandlerSlot<MetricsReport>,
}

impl JellyfishNotifier {
    /// Creates a notifier with the default settings: notifications, no metrics.
    ///
    /// This function sends nothing.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the address or the token is invalid.
    pub fn new(options: ConnectionOptions) -> Result<Self> {
        Self::builder(options).build()
    }

    /// Returns a builder, to change the settings.
    pub fn builder(options: ConnectionOptions) -> JellyfishNotifierBuilder {
        JellyfishNotifierBuilder::new(options)
    }

    /// Creates a notifier with the connection options from the environment.
    ///
    /// [`ConnectionOptions::from_env`] lists the variables.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or invalid. The message names
    /// the variable.
    pub fn from_env() -> Result<Self> {
        JellyfishNotifierBuilder::from_env()?.build()
    }

    fn from_core(core: NotifierCore<Notification>, notifications: bool, metrics: bool) -> Self {
        let (notifications, metrics) = (HandlerSlot::new(notifications), HandlerSlot::new(metrics));
        Self(Arc::new(Shared { core, notifications, metrics }))
    }

    /// Connects if necessary, and returns a stream of the events from now on.
    ///
    /// See [`FishjamNotifier::events`](crate::FishjamNotifier::events), also for the errors and for cancel safety.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`FishjamNotifier::events`](crate::FishjamNotifier::events).
    pub async fn events(&self) -> Result<EventStream> {
        self.0.core.events().await
    }

    /// Returns a stream of the events without waiting for the connection.
    ///
    /// See [`FishjamNotifier::subscribe`](crate::FishjamNotifier::subscribe).
    ///
    /// # Errors
    ///
    /// Returns [`Setup`](crate::ErrorKind::Setup) if there is no Tokio runtime.
    pub fn subscribe(&self) -> Result<EventStream> {
        self.0.core.subscribe()
    }

    /// Returns a stream with a queue of its own capacity and policy.
    ///
    /// The builder's limit of bytes applies to this queue, too: see [`JellyfishNotifierBuilder::queue_bytes`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the capacity is 0: [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - there is no Tokio runtime: [`Setup`](crate::ErrorKind::Setup)
    pub fn subscribe_with(&self, capacity: usize, overflow: Overflow) -> Result<EventStream> {
        self.0.core.subscribe_with(capacity, overflow)
    }

    /// Returns the connection state.
    ///
    /// The state is already [`Closed`](ConnectionState::Closed) when [`close`](Self::close) returns, or when a stream
    /// yields its end.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.0.core.state()
    }

    /// Sets the handler that [`connect`](Self::connect) calls with each notification except metrics.
    ///
    /// `connect` calls one handler at a time. See
    /// [`FishjamNotifier::on_server_notification`](crate::FishjamNotifier::on_server_notification).
    pub fn on_server_notification<Kind>(&self, handler: impl NotificationHandler<Kind, Notification>) {
        self.0.notifications.set(handler);
    }

    /// Sets the handler that [`connect`](Self::connect) calls with each report of metrics.
    ///
    /// The notifier must [request](JellyfishNotifierBuilder::metrics) metrics.
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
        self.0.metrics.set(handler);
    }

    /// Connects, and calls the handlers with each notification until the connection ends.
    ///
    /// Returns `Ok` after [`close`](Self::close).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - no handler is set, or a handler of events that the notifier does not request:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the connection cannot be made: the errors of [`events`](Self::events)
    /// - the connection ends permanently later
    ///
    /// # Cancel safety
    ///
    /// See [`FishjamNotifier::connect`](crate::FishjamNotifier::connect).
    pub async fn connect(&self) -> Result<()> {
        self.0.core.connect(self.handler()).await
    }

    /// Returns a function that calls the handler of a notification.
    fn handler(&self) -> Result<impl Fn(Notification) -> HandlerFuture + use<>> {
        let notifications = self
            .0
            .notifications
            .get("invalid handler: the notifier requests no notifications; use notifications(true)")?;
        let metrics = self.0.metrics.get("invalid handler: the notifier requests no metrics; use metrics(true)")?;
        if notifications.is_none() && metrics.is_none() {
            return Err(no_handler());
        }
        Ok(move |notification| match (notification, &notifications, &metrics) {
            (Notification::MetricsReport(report), _, Some(handler)) => handler(report),
            (Notification::MetricsReport(_), _, None) | (_, None, _) => Box::pin(std::future::ready(())),
            (notification, Some(handler), _) => handler(notification),
        })
    }

    /// Waits until [`connect`](Self::connect) is authenticated and subscribed.
    ///
    /// See [`FishjamNotifier::wait_ready`](crate::FishjamNotifier::wait_ready).
    ///
    /// # Errors
    ///
    /// Returns the error that ended the connection. If [`connect`](Self::connect) was rejected, for example because no
    /// handler is set, this method returns the same error. If the notifier was closed, it returns
    /// [`Closed`](crate::ErrorKind::Closed).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_ready(&self) -> Result<()> {
        self.0.core.wait_ready().await
    }

    /// Closes the connection.
    ///
    /// Each stream yields the events that have arrived, and then ends. [`connect`](Self::connect) handles these events, and
    /// then returns `Ok`. You can then connect again. To wait for the end, use [`closed`](Self::closed).
    pub fn close(&self) {
        self.0.core.close();
    }

    /// Waits until all events are delivered and the socket is closed.
    ///
    /// It returns immediately if the notifier has never connected. See
    /// [`FishjamNotifier::closed`](crate::FishjamNotifier::closed).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn closed(&self) {
        self.0.core.closed().await;
    }
}

impl fmt::Debug for JellyfishNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JellyfishNotifier").field(&self.0.core).finish()
    }
}

impl EventStream {
    /// Reads all rooms. Call it at the start and after an [`Event::Gap`](crate::events::Event::Gap).
    ///
    /// **In a cluster, pass a client of each server** ([`update_address`](JellyfishClient::update_address)). Each
    /// server sends the events of all servers, but lists only its own rooms. This method sends one request at a time.
    ///
    /// The stream discards the events that waited when you called this method, for all rooms. It continues with the
    /// events that arrived during the call. The list can include these events, too. Treat each of them as the new
    /// state, not as a difference.
    ///
    /// Rooms that the SDK could not read exist, too. Check [`Listing::unreadable`] before you treat a room as deleted.
    /// Its `index` is the position in the response of the room's server.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if you pass no client. Otherwise, returns the errors
    /// common to all requests. The stream then continues unchanged.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the stream discards no event.
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
