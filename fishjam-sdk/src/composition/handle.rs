//! The handle of a composition.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use fishjam_api::{PathSegment, RequestError, RequestResult, composition::Client};
use tokio::runtime::Handle;

use super::{
    address,
    events::socket::EventSocket,
    registered::{Effect, Registered},
};
use crate::{
    config::call_limits,
    error::{Error, Result},
    extra::Extra,
    id::composition::{CompositionId, ImageId, InputId, OutputId},
    transport::{CallSettings, Operation, RequestPatch, Transport, operations::composition as operations},
};

/// The handle of a composition.
///
/// The API cannot list inputs, outputs and images. Therefore the handle remembers the ids that it registered. Cloning is
/// cheap, and clones share these ids. Dropping the handle does not change the composition, unless you call
/// [`delete_on_drop`](Self::delete_on_drop).
///
/// You choose the ids of inputs, outputs and images. Each of the three kinds has its own ids. Fishjam chooses only the ids of
/// the inputs that receive a room: see [`forward_room_tracks`](crate::FishjamClient::forward_room_tracks).
///
/// Dropping the future of any method leaves nothing running, but a request that was already sent can still take effect. The
/// handle remembers the id of a registration whose future you drop.
///
/// # Scheduled changes
///
/// Some methods take a time. It counts from the [start](Self::start) of the composition. The server responds immediately
/// and makes the change at that time. If the change is not possible then, the server only logs it. A time that is too long
/// for the server, such as [`Duration::MAX`], is [`InvalidInput`](crate::ErrorKind::InvalidInput).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
/// # let composition = fishjam.compositions().create(Default::default()).await?;
/// use fishjam_sdk::composition::{AudioMix, InputStream, Output, Scene, Tiles, VideoOutput, WhipInputOptions};
///
/// for speaker in ["ada", "bob"] {
///     composition.register_whip_input(speaker, WhipInputOptions::new()).await?;
/// }
///
/// let scene = Scene::new(Tiles::new().children(["ada", "bob"].map(InputStream::new)).margin(8.0));
/// let output = Output::whip("https://example.com/whip", "a-token")
///     .video(VideoOutput::new(1280, 720, scene)?)
///     .audio(AudioMix::all(["ada", "bob"]));
/// composition.register_output("main", output).await?;
/// assert_eq!(composition.outputs(), ["main"]);
/// composition.delete().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Composition {
    pub(super) transport: Arc<Transport<Client>>,
    pub(super) shared: Arc<Shared>,
}

/// The data that all clones of a handle share.
pub(super) struct Shared {
    id: CompositionId,
    address: String,
    extra: Extra,
    registered: Mutex<Registered>,
    events: Arc<EventSocket>,
    on_drop: Mutex<Option<DeleteOnDrop>>,
    deleted: AtomicBool,
}

/// Deletes a composition when the last handle is dropped.
struct DeleteOnDrop {
    transport: Arc<Transport<Client>>,
    /// The runtime of the caller. The last handle can be dropped outside of it.
    runtime: Option<Handle>,
}

impl Composition {
    /// Creates a handle that knows no input and no output.
    pub(super) fn new(transport: Arc<Transport<Client>>, id: CompositionId, extra: Extra) -> Result<Self> {
        let address = address::of_composition(transport.endpoint(), &id)?;
        let events = Arc::new(EventSocket::new(&transport, &address)?);
        let shared = Shared {
            id,
            address,
            extra,
            registered: Mutex::default(),
            events,
            on_drop: Mutex::default(),
            deleted: AtomicBool::default(),
        };
        Ok(Self { transport, shared: Arc::new(shared) })
    }

    /// Returns the id of the composition.
    #[must_use]
    pub fn id(&self) -> &CompositionId {
        &self.shared.id
    }

    /// Returns the address of the composition.
    ///
    /// Pass it to [`forward_room_tracks`](crate::FishjamClient::forward_room_tracks), or to the options of a recording.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.shared.address
    }

    /// Returns the ids of the inputs that this handle and its clones registered.
    ///
    /// The list has an input from the start of its registration until it is unregistered, until the registration certainly
    /// fails, or until the composition is reset or deleted. Inputs of a forwarded room are not in the list.
    #[must_use]
    pub fn inputs(&self) -> Vec<InputId> {
        self.registered().inputs.ids()
    }

    /// Returns the ids of the outputs that this handle and its clones registered. See [`inputs`](Self::inputs).
    #[must_use]
    pub fn outputs(&self) -> Vec<OutputId> {
        self.registered().outputs.ids()
    }

    /// Returns the ids of the images that this handle and its clones registered. See [`inputs`](Self::inputs).
    #[must_use]
    pub fn images(&self) -> Vec<ImageId> {
        self.registered().images.ids()
    }

    /// Returns the members of the response that this version of the SDK does not know.
    ///
    /// Empty for an [adopted](super::CompositionClient::adopt) composition.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.shared.extra
    }

    /// Starts the composition, if it was created with `autostart(false)` or was reset.
    ///
    /// Does nothing if the composition has started. The SDK repeats the request after an ambiguous failure.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use fishjam_sdk::composition::CompositionOptions;
    ///
    /// let composition = fishjam.compositions().create(CompositionOptions::new().autostart(false)).await?;
    /// // Register inputs and outputs, then:
    /// composition.start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start(&self) -> Result<()> {
        self.command(operations::START, |api| api.start(self.segment()?)).await
    }

    /// Removes all inputs, outputs, images and fonts. The id and the address stay.
    ///
    /// Afterwards the composition is not started, even with the option `autostart(true)`. Scheduled changes are gone.
    /// [Waiters](super::CompositionWait) of this handle end: `done` and `ended` return, and `playing` fails.
    ///
    /// The SDK repeats the request after an ambiguous failure. Do not register anything before this method returns,
    /// because a
    /// repeated request would remove it.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// composition.register_mp4_input("intro", "https://example.com/intro.mp4").await?;
    /// composition.reset().await?;
    /// composition.start().await?;
    /// assert!(composition.inputs().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn reset(&self) -> Result<()> {
        self.registered().begin_clear();
        let outcome = self.command(operations::RESET, |api| api.reset(self.segment()?)).await;
        match Effect::of_creation(&outcome) {
            Effect::Done => {
                self.registered().clear();
                self.event_socket().remove_all();
            }
            Effect::Nothing => self.registered().fail_clear(),
            Effect::Unknown => {}
        }
        outcome
    }

    /// Deletes the composition. Its inputs and outputs end.
    ///
    /// [Waiters](super::CompositionWait) of this handle fail with [`NotFound`](crate::ErrorKind::NotFound). The SDK
    /// repeats the request after an ambiguous failure.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// composition.delete().await?;
    /// assert!(composition.start().await.unwrap_err().is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self) -> Result<()> {
        let outcome = self.command(operations::DELETE, |api| api.delete_composition(self.segment()?)).await;
        if Effect::of_removal(&outcome) == Effect::Done {
            self.shared.deleted.store(true, Relaxed);
            self.registered().clear();
            self.event_socket().delete();
        }
        outcome
    }

    /// Deletes the composition when the last clone of this handle is dropped.
    ///
    /// The handles of inputs and outputs are clones, too. A [waiter](super::CompositionWait) is not a clone.
    ///
    /// The deletion runs as a task of the current Tokio runtime, or of the
    /// runtime that called this method. It has the limits and the retries of this handle. The SDK logs a warning with
    /// the id
    /// if the deletion fails, or if the runtime shuts down first.
    ///
    /// A process that ends does not delete the composition. Therefore call [`delete`](Self::delete) where you can.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// let composition = fishjam.compositions().create(Default::default()).await?.delete_on_drop();
    /// // An early return with `?` deletes the composition, too.
    /// composition.register_mp4_input("intro", "https://example.com/intro.mp4").await?;
    /// drop(composition);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn delete_on_drop(self) -> Self {
        let on_drop = DeleteOnDrop { transport: Arc::clone(&self.transport), runtime: Handle::try_current().ok() };
        *self.shared.on_drop.lock().unwrap_or_else(PoisonError::into_inner) = Some(on_drop);
        self
    }

    call_limits!();

    /// Creates a copy with other settings of its calls.
    pub(crate) fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Self {
        Self { transport: self.transport.with_settings(change), shared: Arc::clone(&self.shared) }
    }

    pub(super) fn event_socket(&self) -> &Arc<EventSocket> {
        &self.shared.events
    }

    pub(super) fn registered(&self) -> MutexGuard<'_, Registered> {
        self.shared.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the id as a segment of a request's path.
    pub(super) fn segment(&self) -> Result<PathSegment<'_>, RequestError> {
        self.shared.id.segment()
    }

    /// Calls an operation of which only the status of the response matters.
    pub(super) async fn command<T>(
        &self,
        operation: Operation,
        request: impl Fn(&Client) -> RequestResult<T> + Sync,
    ) -> Result<()> {
        self.transport.command(operation, RequestPatch::default(), request).await
    }
}

/// Returns a time after the start of a composition in milliseconds.
pub(super) fn schedule(time: Duration) -> Result<f64> {
    let milliseconds = time.as_secs_f64() * 1000.0;
    // The server divides it, too. The largest times are rounded up and do not fit any more.
    match Duration::try_from_secs_f64(milliseconds / 1000.0) {
        Ok(_) => Ok(milliseconds),
        Err(_) => Err(Error::invalid_input("the schedule time is too long for the server")),
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let Some(on_drop) = self.on_drop.get_mut().unwrap_or_else(PoisonError::into_inner).take() else { return };
        if *self.deleted.get_mut() {
            return;
        }
        let DeleteOnDrop { transport, runtime } = on_drop;
        let id = self.id.clone();
        let Some(runtime) = Handle::try_current().ok().or(runtime) else {
            let composition = id.as_str();
            tracing::warn!(composition, "composition not deleted: its handle was dropped outside a Tokio runtime");
            return;
        };
        let (events, mut deletion) = (Arc::clone(&self.events), Deletion { id, ended: false });
        runtime.spawn(async move {
            let delete = |api: &Client| api.delete_composition(deletion.id.segment()?);
            let outcome = transport.command(operations::DELETE, RequestPatch::default(), delete).await;
            deletion.ended = true;
            match outcome {
                Err(error) if !error.is_not_found() => {
                    let (composition, error) = (deletion.id.as_str(), format_args!("{error:#}"));
                    tracing::warn!(composition, error, "failed to delete a dropped composition");
                }
                _ => events.delete(),
            }
        });
    }
}

/// The deletion of a dropped composition. The runtime drops it without an end if it shuts down.
struct Deletion {
    id: CompositionId,
    ended: bool,
}

impl Drop for Deletion {
    fn drop(&mut self) {
        if !self.ended {
            let composition = self.id.as_str();
            tracing::warn!(composition, "dropped composition may not be deleted: the Tokio runtime was shut down");
        }
    }
}

impl fmt::Debug for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composition").field("id", &self.shared.id).field("address", &self.shared.address).finish()
    }
}
