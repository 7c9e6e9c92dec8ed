//! The notifier: receives a server's notifications on a WebSocket that is kept connected.

pub(crate) mod builder;
pub(crate) mod codec;
pub(crate) mod core;
mod encoded_events;
mod fishjam_codec;
pub(crate) mod handler;
mod hub;
mod resync;
mod session;
mod stream;
pub(crate) mod target;

use std::{fmt, sync::Arc};

pub use self::{builder::FishjamNotifierBuilder, handler::NotificationHandler, resync::Snapshot, stream::EventStream};
use self::{
    core::NotifierCore,
    handler::{HandlerSlot, no_handler},
};
pub use crate::connection::{lifecycle::ConnectionState, queue::Overflow};
use crate::{error::Result, events::Notification, secret::ManagementToken};

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
/// The first connection must succeed. After that, the notifier reconnects until you [close](Self::close) it, or until
/// the server responds with an error that another attempt cannot change, such as a refused token.
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
/// use futures_util::StreamExt;
///
/// let mut events = FishjamNotifier::new(id, token)?.events().await?;
/// let room = FishjamClient::new(id, token)?.create_room(RoomOptions::new()).await?;
///
/// match events.next().await.expect("an event")? {
///     Event::Notification(Notification::RoomCreated(created)) => assert_eq!(created.room_id, room.id),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
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
    /// The connection is authenticated and subscribed when this method returns. If a lost connection is being restored,
    /// this method waits for it.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server refuses the token: [`Unauthorized`](crate::ErrorKind::Unauthorized)
    /// - the server is not reachable: [`Timeout`](crate::ErrorKind::Timeout) or
    ///   [`Connection`](crate::ErrorKind::Connection)
    /// - the server ends or breaks the handshake: [`Closed`](crate::ErrorKind::Closed) or
    ///   [`WebSocket`](crate::ErrorKind::WebSocket)
    /// - there is no Tokio runtime: [`Setup`](crate::ErrorKind::Setup)
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn events(&self) -> Result<EventStream> {
        self.0.core.events().await
    }

    /// Returns a stream of the events without waiting for the connection.
    ///
    /// If the connection fails, the error is the last item of the stream.
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
    /// Returns [`Setup`](crate::ErrorKind::Setup) if there is no Tokio runtime.
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
    /// If you drop the future, the connection closes.
    pub async fn connect(&self) -> Result<()> {
        let handler = self.0.handler.get("").and_then(|handler| handler.ok_or_else(no_handler));
        self.0.core.connect(handler.map(|handler| move |notification| handler(notification))).await
    }

    /// Waits until [`connect`](Self::connect) is authenticated and subscribed.
    ///
    /// You can call this method before or after `connect`. If the last connection has ended, this method returns its
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
    /// All streams end, and [`connect`](Self::connect) returns `Ok`. You can then connect again.
    pub fn close(&self) {
        self.0.core.close();
    }
}

impl fmt::Debug for FishjamNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FishjamNotifier").field(&self.0.core).finish()
    }
}
