//! The handle of a composition.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fishjam_api::composition::Client;

use super::{
    address, events::EventSocket, inputs::CompositionInput, outputs::CompositionOutput, registered::Registered,
};
use crate::{
    config::call_limits,
    error::Result,
    id::composition::{CompositionId, InputId, OutputId},
    transport::{CallSettings, RequestPatch, Transport, operations::composition as operations},
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
    registered: Mutex<Registered>,
    events: Arc<EventSocket>,
}

impl Composition {
    pub(super) fn new(transport: Arc<Transport<Client>>, id: CompositionId) -> Result<Self> {
        let address = address::of_composition(transport.endpoint(), &id)?;
        let events = Arc::new(EventSocket::new(&transport, &address)?);
        Ok(Self { transport, shared: Arc::new(Shared { id, address, registered: Mutex::default(), events }) })
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
        self.registered().inputs.keys().cloned().collect()
    }

    /// Returns the ids of the outputs that this handle and its clones registered.
    #[must_use]
    pub fn outputs(&self) -> Vec<OutputId> {
        self.registered().outputs.keys().cloned().collect()
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

    /// Deletes the composition.
    pub async fn delete(&self) -> Result<()> {
        let delete = |api: &Client| api.delete_composition(self.shared.id.segment()?);
        self.transport.command(operations::DELETE, RequestPatch::default(), delete).await
    }

    call_limits!();

    fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Self {
        Self { transport: self.transport.with_settings(change), shared: Arc::clone(&self.shared) }
    }

    pub(super) fn event_socket(&self) -> &Arc<EventSocket> {
        &self.shared.events
    }

    pub(super) fn registered(&self) -> MutexGuard<'_, Registered> {
        self.shared.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composition").field("id", &self.shared.id).field("address", &self.shared.address).finish()
    }
}
