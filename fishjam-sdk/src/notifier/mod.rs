//! The notifier: what happens on a Fishjam, told over a WebSocket while it happens.

mod config;
mod handshake;
mod stream;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
};

use futures_util::StreamExt;
use tokio::sync::{Notify, watch};

pub use config::FishjamNotifierBuilder;
pub use stream::EventStream;

use crate::{
    endpoint::{Endpoint, SERVER_SOCKET},
    error::{Error, ErrorKind, Result},
    events::{Event, Notification},
    secret::ManagementToken,
};

type Handling = Pin<Box<dyn Future<Output = ()> + Send>>;
type Handler = Arc<dyn Fn(Notification) -> Handling + Send + Sync>;

/// Receives the server's notifications, either as a stream ([`events`](Self::events)) or in the Python SDK's way,
/// with a handler ([`on_server_notification`](Self::on_server_notification), [`connect`](Self::connect),
/// [`wait_ready`](Self::wait_ready)).
///
/// Everything of one Fishjam is told, to every connection. There is no replay: what happens while nobody is
/// connected is not told later, so after a break read the present state with
/// [`FishjamClient::get_all_rooms`](crate::FishjamClient::get_all_rooms).
///
/// Cloning is cheap; clones share handler and connection.
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
    http: reqwest::Client,
    endpoint: Endpoint,
    token: ManagementToken,
    limits: config::Limits,
    handler: RwLock<Option<Handler>>,
    state: watch::Sender<State>,
    closing: Notify,
}

/// Where the connection of [`FishjamNotifier::connect`] stands.
#[derive(Clone, Debug)]
enum State {
    Idle,
    Connecting,
    Ready,
    Ended(Option<Error>),
}

impl FishjamNotifier {
    /// A notifier of the Fishjam with this id (or full URL) and management token, with default settings.
    ///
    /// Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`]: the id is empty or unusable, or the token is.
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
    /// [`ErrorKind::InvalidInput`]: a variable is missing or unusable; the message names it.
    pub fn from_env() -> Result<Self> {
        FishjamNotifierBuilder::from_env()?.build()
    }

    fn of_parts(http: reqwest::Client, endpoint: Endpoint, token: ManagementToken, limits: config::Limits) -> Self {
        Self(Arc::new(Shared {
            http,
            endpoint,
            token,
            limits,
            handler: RwLock::new(None),
            state: watch::Sender::new(State::Idle),
            closing: Notify::new(),
        }))
    }

    /// Connects and returns the notifications as a stream; authenticated and subscribed when this returns.
    ///
    /// Each call makes a connection of its own. Cancel safe: dropping the future closes what it opened.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`] if the token is refused, [`ErrorKind::Timeout`] or [`ErrorKind::Connection`] if
    /// the server cannot be reached, [`ErrorKind::Closed`] or [`ErrorKind::WebSocket`] if it ends or breaks the
    /// handshake.
    pub async fn events(&self) -> Result<EventStream> {
        let Shared { http, endpoint, token, limits, .. } = &*self.0;
        let url = endpoint.socket(SERVER_SOCKET)?;
        let subscribed = tokio::time::timeout(limits.handshake, handshake::subscribe(http, url, token))
            .await
            .unwrap_or_else(|_| {
                let late = format!("the notifier was not subscribed within {:?}", limits.handshake);
                Err(Error::new(ErrorKind::Timeout).message_text(late))
            })?;
        tracing::debug!("subscribed to server notifications");
        Ok(EventStream::new(subscribed, limits.idle))
    }

    /// Sets the handler that [`connect`](Self::connect) calls with each notification, one after the other.
    ///
    /// While a handler works, the next notification waits, and a handler that takes longer than the server's
    /// patience loses the connection: hand long work to a task of its own. A later handler replaces an earlier.
    pub fn on_server_notification<H, Handling>(&self, handler: H)
    where
        H: Fn(Notification) -> Handling + Send + Sync + 'static,
        Handling: Future<Output = ()> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |notification| Box::pin(handler(notification)));
        *self.0.handler.write().unwrap_or_else(PoisonError::into_inner) = Some(handler);
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
    /// [`ErrorKind::InvalidInput`] if no handler is set; those of [`events`](Self::events); and whatever ends the
    /// connection later, [`ErrorKind::Closed`] if the server closes it.
    pub async fn connect(&self) -> Result<()> {
        let Some(handler) = self.0.handler.read().unwrap_or_else(PoisonError::into_inner).clone() else {
            return Err(Error::invalid_input("no handler is set: call on_server_notification first, or use events"));
        };
        let mut ending = Ending { state: &self.0.state, error: None };
        self.0.state.send_replace(State::Connecting);
        let outcome = self.run(&handler).await;
        ending.error = outcome.as_ref().err().cloned();
        outcome
    }

    async fn run(&self, handler: &Handler) -> Result<()> {
        let mut closing = std::pin::pin!(self.0.closing.notified());
        // Registered before anything is awaited, so that no call of `close` is missed.
        closing.as_mut().enable();
        let mut events = tokio::select! {
            () = &mut closing => return Ok(()),
            events = self.events() => events?,
        };
        self.0.state.send_replace(State::Ready);
        loop {
            let event = tokio::select! {
                () = &mut closing => {
                    events.close().await;
                    return Ok(());
                }
                event = events.next() => event,
            };
            match event {
                Some(Ok(Event::Notification(notification))) => handler(notification).await,
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            }
        }
    }

    /// Waits until [`connect`](Self::connect), called before or after this, is authenticated and subscribed.
    ///
    /// # Errors
    ///
    /// The error that ended the connection, if it failed or has ended: this never waits for what cannot come.
    pub async fn wait_ready(&self) -> Result<()> {
        let mut state = self.0.state.subscribe();
        let settled = state.wait_for(|state| matches!(state, State::Ready | State::Ended(_))).await;
        match settled.as_deref() {
            Ok(State::Ended(Some(error))) => Err(error.clone()),
            Ok(State::Ended(None)) | Err(_) => {
                Err(Error::new(ErrorKind::Closed).message_text("the notifier was closed"))
            }
            Ok(_) => Ok(()),
        }
    }

    /// Closes the connection of [`connect`](Self::connect), which then returns `Ok`.
    pub fn close(&self) {
        self.0.closing.notify_waiters();
    }
}

/// Sees to it that the state says so however [`FishjamNotifier::connect`] ends, by being dropped too.
struct Ending<'a> {
    state: &'a watch::Sender<State>,
    error: Option<Error>,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.state.send_replace(State::Ended(self.error.take()));
    }
}

impl fmt::Debug for FishjamNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FishjamNotifier")
            .field("endpoint", &self.0.endpoint.rest())
            .field("state", &*self.0.state.borrow())
            .finish_non_exhaustive()
    }
}
