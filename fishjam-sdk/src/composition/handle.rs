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
    address, events::socket::EventSocket, inputs::CompositionInput, outputs::CompositionOutput, registered::Registered,
};
use crate::{
    config::call_limits,
    error::Result,
    extra::Extra,
    id::composition::{CompositionId, ImageId, InputId, OutputId},
    transport::{CallSettings, Operation, RequestPatch, Transport, operations::composition as operations},
};

/// The handle of a composition.
///
/// Cloning is cheap. Clones share the ids that they registered.
#[derive(Clone)]
pub struct Composition {
    pub(super) transport: Arc<Transport<Client>>,
    pub(super) shared: Arc<Shared>,
}

/// What all clones of a handle share.
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
    #[must_use]
    pub fn address(&self) -> &str {
        &self.shared.address
    }

    /// Returns the ids of the inputs that this handle and its clones registered.
    #[must_use]
    pub fn inputs(&self) -> Vec<InputId> {
        self.registered().inputs.ids()
    }

    /// Returns the ids of the outputs that this handle and its clones registered.
    #[must_use]
    pub fn outputs(&self) -> Vec<OutputId> {
        self.registered().outputs.ids()
    }

    /// Returns the ids of the images that this handle and its clones registered.
    #[must_use]
    pub fn images(&self) -> Vec<ImageId> {
        self.registered().images.ids()
    }

    /// Returns the members of the server's response that this version of the SDK does not know.
    ///
    /// Empty for an [adopted](super::CompositionClient::adopt) composition.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.shared.extra
    }

    /// Returns a handle of an input. Sends no request.
    #[must_use]
    pub fn input(&self, input_id: impl Into<InputId>) -> CompositionInput {
        CompositionInput { composition: self.clone(), id: input_id.into() }
    }

    /// Returns a handle of an output. Sends no request.
    #[must_use]
    pub fn output(&self, output_id: impl Into<OutputId>) -> CompositionOutput {
        CompositionOutput { composition: self.clone(), id: output_id.into() }
    }

    /// Starts the composition, if it was created with `autostart(false)` or was reset.
    pub async fn start(&self) -> Result<()> {
        self.command(operations::START, |api| api.start(self.segment()?)).await
    }

    /// Removes all inputs, outputs, images and fonts. The id and the address stay.
    pub async fn reset(&self) -> Result<()> {
        self.event_socket().forget_all();
        self.command(operations::RESET, |api| api.reset(self.segment()?)).await?;
        self.registered().clear();
        Ok(())
    }

    /// Deletes the composition. Its inputs and outputs end.
    pub async fn delete(&self) -> Result<()> {
        self.command(operations::DELETE, |api| api.delete_composition(self.segment()?)).await?;
        self.shared.deleted.store(true, Relaxed);
        self.registered().clear();
        Ok(())
    }

    /// Deletes the composition when the last clone of this handle is dropped.
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

    /// Forgets an object that the server no longer has.
    pub(super) fn forget_if_gone(&self, outcome: &Result<()>, forget: impl FnOnce(&mut Registered)) {
        if outcome.as_ref().map_or_else(|error| error.is_not_found(), |()| true) {
            forget(&mut self.registered());
        }
    }
}

/// Returns a time after the start of a composition in milliseconds.
pub(super) fn schedule(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

impl Drop for Shared {
    fn drop(&mut self) {
        let Some(on_drop) = self.on_drop.get_mut().unwrap_or_else(PoisonError::into_inner).take() else { return };
        if *self.deleted.get_mut() {
            return;
        }
        let DeleteOnDrop { transport, runtime } = on_drop;
        let Some(runtime) = Handle::try_current().ok().or(runtime) else {
            tracing::warn!("a composition was not deleted, because its handle was dropped outside a Tokio runtime");
            return;
        };
        let id = self.id.clone();
        runtime.spawn(async move {
            let delete = |api: &Client| api.delete_composition(id.segment()?);
            match transport.command(operations::DELETE, RequestPatch::default(), delete).await {
                Err(error) if !error.is_not_found() => {
                    tracing::warn!(error = format_args!("{error:#}"), "a dropped composition was not deleted");
                }
                _ => {}
            }
        });
    }
}

impl fmt::Debug for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composition").field("id", &self.shared.id).field("address", &self.shared.address).finish()
    }
}
