//! The notifier: what happens on a Fishjam, told over a WebSocket while it happens.

pub(crate) mod builder;
pub(crate) mod codec;
pub(crate) mod core;
mod encoded_events;
mod fishjam_codec;
pub(crate) mod handler;
pub(crate) mod hub;
pub(crate) mod session;
mod stream;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use self::core::Listening;
pub use builder::FishjamNotifierBuilder;
use handler::Handler;
pub use handler::NotificationHandler;
pub use stream::{EventStream, Snapshot};

pub use crate::connection::{lifecycle::ConnectionState, queue::Overflow};
use crate::{
    error::{Error, Result},
    events::Notification,
    secret::ManagementToken,
};

/// Receives the server's notifications, either as a stream ([`events`](Self::events)) or in the Python SDK's way,
/// with a handler ([`on_server_notification`](Self::on_server_notification), [`connect`](Self::connect),
/// [`wait_ready`](Self::wait_ready)).
///
/// Everything of one Fishjam is told, to every connection, and kept for nobody: what happens while there is no
/// connection is never told. A notifier therefore keeps its connection up (it answers pings, notices silence,
/// reconnects with growing waits) and says where it could not: an [`Event::Gap`](crate::events::Event::Gap) stands
/// wherever events may be missing. The first connection must succeed; from then on only a refused token, another answer
/// that will not change, or [`close`](Self::close) ends it.
///
/// All consumers of one notifier and its clones share one connection, each with a bounded queue of its own; see
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
    listening: Listening<Notification>,
    handler: RwLock<Option<Handler<Notification>>>,
}

impl FishjamNotifier {
    /// A notifier of the Fishjam with this id (or full URL) and management token, with default settings.
    ///
    /// Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): the id is empty or unusable, or the token is.
    pub fn new(fishjam_id: impl Into<String>, management_token: impl Into<ManagementToken>) -> Result<Self> {
        Self::builder(fishjam_id, management_token).build()
    }

    /// Like [`new`](Self::new), with settings to choose.
    pub fn builder(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> FishjamNotifierBuilder {
        FishjamNotifierBuilder::new(fishjam_id.into(), management_token.into())
    }

    /// A notifier as the environment describes it: `FISHJAM_ID` (id or URL) and `FISHJAM_MANAGEMENT_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): a variable is missing or unusable; the message names it.
    pub fn from_env() -> Result<Self> {
        FishjamNotifierBuilder::from_env()?.build()
    }

    fn of(listening: Listening<Notification>) -> Self {
        Self(Arc::new(Shared { listening, handler: RwLock::new(None) }))
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
    /// The builder's limit of bytes holds as well: see [`FishjamNotifierBuilder::queue_bytes`].
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
    /// notification, one after the other.
    ///
    /// While the handler works, later notifications wait in the queue. A later handler replaces an earlier one when
    /// `connect` is called again. Gaps are not told to it: use [`events`](Self::events) to hear of them.
    pub fn on_server_notification<Kind>(&self, handler: impl NotificationHandler<Kind>) {
        *self.0.handler.write().unwrap_or_else(PoisonError::into_inner) = Some(handler.into_handler().0);
    }

    /// Connects and calls the handler with everything that happens, until the connection ends.
    ///
    /// Returns `Ok` after [`close`](Self::close). Cancel safe: dropping the future closes the connection.
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
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if no handler is set; those of [`events`](Self::events); and
    /// whatever ends the connection for good later.
    pub async fn connect(&self) -> Result<()> {
        let handler = self.0.handler.read().unwrap_or_else(PoisonError::into_inner).clone();
        let handler = handler
            .ok_or_else(|| Error::invalid_input("no handler is set: call on_server_notification first, or use events"));
        self.0.listening.connect(handler.map(|handler| move |notification| handler(notification))).await
    }

    /// Waits until [`connect`](Self::connect), called before or after this, is authenticated and subscribed.
    ///
    /// Once a connection has ended, this tells its end at once until another one is begun: to wait for a second
    /// `connect`, let that begin first. Cancel safe.
    ///
    /// # Errors
    ///
    /// The error that ended the connection, if it failed, has ended or could not even be begun, as without a handler:
    /// this never waits for what cannot come. [`Closed`](crate::ErrorKind::Closed) if it was closed.
    pub async fn wait_ready(&self) -> Result<()> {
        self.0.listening.ready().await
    }

    /// Closes the connection: [`connect`](Self::connect) returns `Ok`, streams end. Listening again connects again.
    pub fn close(&self) {
        self.0.listening.close();
    }
}

impl fmt::Debug for FishjamNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FishjamNotifier").field(&self.0.listening).finish()
    }
}
