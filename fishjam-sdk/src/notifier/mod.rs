//! The notifier: receives a server's notifications on a WebSocket that is kept connected.

pub(crate) mod builder;
pub(crate) mod codec;
pub(crate) mod core;
mod encoded_events;
mod fishjam_codec;
pub(crate) mod handler;
mod hub;
mod open_parts;
mod resync;
mod session;
mod stream;
pub(crate) mod target;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

pub use self::{builder::FishjamNotifierBuilder, handler::NotificationHandler, resync::Snapshot, stream::EventStream};
use self::{
    core::NotifierCore,
    handler::{HandlerSlot, no_handler},
};
pub use crate::connection::{lifecycle::ConnectionState, queue::Overflow};
use crate::{
    error::{Error, Result},
    events::Notification,
    secret::ManagementToken,
};

/// Receives the server's notifications.
///
/// You can use a notifier in two ways:
///
/// - as a stream: see [`events`](Self::events)
/// - with a handler, as in the Python SDK: see [`on_server_notification`](Self::on_server_notification),
///   [`connect`](Self::connect) and [`wait_ready`](Self::wait_ready)
///
/// Fishjam sends all notifications to every connection, and does not replay them: you miss events that occur while you
/// are disconnected. A notifier therefore keeps its connection. It responds to pings, detects silence, and reconnects
/// with growing delays. An [`Event::Gap`](crate::events::Event::Gap) marks the place where events can be missing.
///
/// The notifier reconnects until you [close](Self::close) it, or until the server responds with an error that another
/// attempt cannot change, such as a refused token.
///
/// A notifier, its clones and all its consumers share one connection. Each consumer has a bounded queue of its own: see
/// [`Overflow`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let (id, token) = (emulator.url(), emulator.token());
/// use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomOptions, events::{Event, Notification}};
///
/// let mut events = FishjamNotifier::new(id, token)?.events().await?;
/// let room = FishjamClient::new(id, token)?.create_room(RoomOptions::new()).await?;
///
/// match events.receive().await.expect("an event")? {
///     Event::Notification(Notification::RoomCreated(created)) => assert_eq!(created.room_id, room.id),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Cost of consumers
///
/// The notifier decodes each event once for all its consumers. Each further consumer costs about 20 KB of memory, and a
/// clone of each event: about 0.1 µs of CPU.
/// Consumers share the events that wait in their queues. Each queue counts these events in full.
///
/// The queue is the limit of a consumer: by default, 1,024 events and 64 MiB. See
/// [`queue`](FishjamNotifierBuilder::queue) and [`queue_bytes`](FishjamNotifierBuilder::queue_bytes).
///
/// # First connection
///
/// The notifier also repeats its first connection until it succeeds. Thus a backend that starts while Fishjam is down waits
/// for Fishjam. It does not end, and its supervisor does not restart it again and again. `events`, `connect` and
/// `wait_ready` keep waiting meanwhile. These failures end the first attempt immediately, with an error:
///
/// - The server refuses the token, or closes the handshake normally (close code 1000).
/// - The server responds with a status below 500, except 408, 425 and 429. A wrong id leads to 404.
/// - The server does not follow the protocol, so the URL is probably wrong.
///
/// All other failures can be temporary, also an unknown host and an invalid certificate. The log has the first of them at
/// level WARN, and [`state`](Self::state) returns [`BackingOff`](ConnectionState::BackingOff) or a state of the next
/// attempt. To limit the time, use `tokio::time::timeout`. To get the first error instead, see
/// [`retry_first_connection`](FishjamNotifierBuilder::retry_first_connection).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let (id, token) = (emulator.url(), emulator.token());
/// use std::time::Duration;
/// use fishjam_sdk::FishjamNotifier;
///
/// let notifier = FishjamNotifier::new(id, token)?;
/// let starting = tokio::time::timeout(Duration::from_secs(60), notifier.events());
/// let events = match starting.await {
///     Ok(events) => events?, // an error is final: check the id and the token
///     Err(_) => anyhow::bail!("Fishjam is not available; see the log for the reason"),
/// };
/// # Ok(())
/// # }
/// ```
///
/// # Shutdown
///
/// A long response that forwards events, such as server-sent events, keeps a server alive that waits for its open
/// connections. Call [`close`](Self::close) when the shutdown starts. All streams of the notifier then end, and so do the
/// [changes](crate::RoomsView::changes) of its views. The program `selective_subscription` shows it with axum. To wait until
/// the rest of the work is done, use [`closed`](Self::closed).
#[derive(Clone)]
pub struct FishjamNotifier(Arc<Shared>);

struct Shared {
    core: NotifierCore<Notification>,
    handler: HandlerSlot<Notification>,
}

impl FishjamNotifier {
    /// Creates a notifier with the default settings.
    ///
    /// Pass the id or the full URL of your Fishjam. This function sends nothing.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id or the token is empty or invalid.
    pub fn new(fishjam_id: impl Into<String>, management_token: impl Into<ManagementToken>) -> Result<Self> {
        Self::builder(fishjam_id, management_token).build()
    }

    /// Returns a builder, to change the settings.
    pub fn builder(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> FishjamNotifierBuilder {
        FishjamNotifierBuilder::new(fishjam_id.into(), management_token.into())
    }

    /// Creates a notifier from the environment.
    ///
    /// Reads the variables `FISHJAM_ID` (id or URL) and `FISHJAM_MANAGEMENT_TOKEN`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or invalid. The message names
    /// the variable.
    pub fn from_env() -> Result<Self> {
        FishjamNotifierBuilder::from_env()?.build()
    }

    fn from_core(core: NotifierCore<Notification>) -> Self {
        Self(Arc::new(Shared { core, handler: HandlerSlot::new(true) }))
    }

    /// Connects if necessary, and returns a stream of the events from now on.
    ///
    /// The connection is authenticated and subscribed when this method returns. While the server is not available, this
    /// method waits, both for the [first connection](Self#first-connection) and for a lost one that is being restored.
    ///
    /// For an example, see [`FishjamNotifier`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server refuses the token: [`Unauthorized`](crate::ErrorKind::Unauthorized)
    /// - the server does not know the id: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the server ends or breaks the handshake: [`Closed`](crate::ErrorKind::Closed) or
    ///   [`WebSocket`](crate::ErrorKind::WebSocket)
    /// - the server is not available, and the first connection is not
    ///   [repeated](FishjamNotifierBuilder::retry_first_connection): [`Timeout`](crate::ErrorKind::Timeout),
    ///   [`Connection`](crate::ErrorKind::Connection) or the kind of the status
    /// - the notifier is closed meanwhile: [`Closed`](crate::ErrorKind::Closed)
    /// - there is no Tokio runtime: [`Setup`](crate::ErrorKind::Setup)
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the notifier stops connecting, unless it has other consumers.
    pub async fn events(&self) -> Result<EventStream> {
        self.0.core.events().await
    }

    /// Returns a stream of the events without waiting for the connection.
    ///
    /// The first connection is made in the background and repeated as for [`events`](Self::events). If it fails
    /// permanently, the error is the last item of the stream.
    ///
    /// For an example of a stream, see [`FishjamNotifier`].
    ///
    /// # Errors
    ///
    /// Returns [`Setup`](crate::ErrorKind::Setup) if there is no Tokio runtime.
    pub fn subscribe(&self) -> Result<EventStream> {
        self.0.core.subscribe()
    }

    /// Returns a stream with a queue of its own capacity and policy.
    ///
    /// It differs from [`subscribe`](Self::subscribe) only in its queue. The builder's limit of bytes applies to this
    /// queue, too: see [`FishjamNotifierBuilder::queue_bytes`].
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

    /// Sets the handler that [`connect`](Self::connect) calls with each notification.
    ///
    /// The handler is a plain or an asynchronous function. `connect` calls it with one notification at a time.
    /// Meanwhile, later notifications wait in the queue. A later handler replaces an earlier one when you call
    /// `connect` again.
    ///
    /// The handler does not receive gaps. To receive them, use [`events`](Self::events).
    pub fn on_server_notification<Kind>(&self, handler: impl NotificationHandler<Kind>) {
        self.0.handler.set(handler);
    }

    /// Connects, and calls the handler with each notification until the connection ends.
    ///
    /// Returns `Ok` after [`close`](Self::close).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// use fishjam_sdk::{FishjamNotifier, events::Notification};
    ///
    /// let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    /// notifier.on_server_notification(|n: Notification| async move { println!("{n}") });
    /// let running = tokio::spawn({ let n = notifier.clone(); async move { n.connect().await } });
    /// notifier.wait_ready().await?;
    /// notifier.close();
    /// running.await??;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - no handler is set: [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the connection cannot be made: the errors of [`events`](Self::events)
    /// - the connection ends permanently later
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the connection closes, unless it has other consumers. A call of the handler may end early,
    /// and its notification is not repeated.
    pub async fn connect(&self) -> Result<()> {
        let handler = self.0.handler.get("").and_then(|handler| handler.ok_or_else(no_handler));
        self.0.core.connect(handler.map(|handler| move |notification| handler(notification))).await
    }

    /// Waits until [`connect`](Self::connect) is authenticated and subscribed.
    ///
    /// You can call this method before or after `connect`. It waits while `connect` repeats its
    /// [first connection](Self#first-connection). If the last connection has ended, this method returns its
    /// end immediately. To wait for a second `connect`, call `connect` first.
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
    /// The connection ends after [`close`](Self::close), after a permanent error, or when it has no more consumers. This
    /// method then waits for:
    ///
    /// - each stream, until it yields its end or is dropped
    /// - [`connect`](Self::connect), until it has handled its last notification
    /// - the closing handshake, which takes at most 500 milliseconds
    ///
    /// It returns immediately if the notifier has never connected. It does not end the connection: call `close` before. If
    /// the notifier connects again meanwhile, this method also waits for the end of the new connection. A stream that you
    /// keep without reading it delays this method indefinitely. So does a call in the handler, which would wait for itself.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// use fishjam_sdk::{FishjamNotifier, events::Notification};
    ///
    /// let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    /// notifier.on_server_notification(|n: Notification| async move { println!("{n}") });
    /// tokio::spawn({ let n = notifier.clone(); async move { n.connect().await } });
    /// notifier.wait_ready().await?;
    ///
    /// // At the end of the program:
    /// notifier.close();
    /// notifier.closed().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn closed(&self) {
        self.0.core.closed().await;
    }

    /// Waits until the connection has ended, and returns the reason.
    pub(crate) async fn ended(&self) -> Error {
        self.0.core.ended().await
    }

    /// Returns `true` if the first connection is repeated after a temporary failure.
    pub(crate) fn retries_first_connection(&self) -> bool {
        self.0.core.retries_first_connection()
    }
}

impl fmt::Debug for FishjamNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FishjamNotifier").field(&self.0.core).finish()
    }
}
