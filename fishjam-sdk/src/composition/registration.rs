//! Requests that register or unregister an object, and their effect on the ids and states that a handle remembers.

use super::{
    events::socket::EventSocket,
    handle::Composition,
    media_kinds::MediaKinds,
    registered::{Effect, Entries, Registered},
};
use crate::{
    error::Result,
    id::composition::{ImageId, InputId, OutputId},
};

/// A kind of object, and the places that remember its ids and states.
pub(super) struct ObjectKind<K, V> {
    /// The name in errors.
    name: &'static str,
    entries: fn(&mut Registered) -> &mut Entries<K, V>,
    /// Forgets the state of an id that is used again.
    forget: fn(&EventSocket, &K),
    /// Records that the object is gone.
    remove: fn(&EventSocket, &K),
}

pub(super) const INPUT: ObjectKind<InputId, ()> = ObjectKind {
    name: "input",
    entries: |registered| &mut registered.inputs,
    forget: EventSocket::forget_input,
    remove: EventSocket::remove_input,
};
pub(super) const OUTPUT: ObjectKind<OutputId, Option<MediaKinds>> = ObjectKind {
    name: "output",
    entries: |registered| &mut registered.outputs,
    forget: EventSocket::forget_output,
    remove: EventSocket::remove_output,
};
/// Images have no events.
pub(super) const IMAGE: ObjectKind<ImageId, ()> =
    ObjectKind { name: "image", entries: |registered| &mut registered.images, forget: |_, _| {}, remove: |_, _| {} };

/// A registration without a response. If the caller drops the call, the object may exist.
struct Pending<'a, K: Ord + Clone, V: Copy> {
    composition: &'a Composition,
    kind: &'a ObjectKind<K, V>,
    id: &'a K,
    value: V,
    effect: Effect,
}

impl<K: Ord + Clone, V: Copy> Drop for Pending<'_, K, V> {
    fn drop(&mut self) {
        (self.kind.entries)(&mut self.composition.registered()).end(self.id, self.value, self.effect);
    }
}

impl Composition {
    /// Registers an object, and keeps its id if it exists or may exist.
    pub(super) async fn registering<K: AsRef<str> + Ord + Clone, V: Copy, T>(
        &self,
        kind: &ObjectKind<K, V>,
        id: &K,
        value: V,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let free = (kind.entries)(&mut self.registered()).begin(id, value);
        let mut pending = Pending { composition: self, kind, id, value, effect: Effect::Unknown };
        if free {
            (kind.forget)(self.event_socket(), id);
        }
        let outcome = call.await;
        pending.effect = Effect::of_creation(&outcome);
        drop(pending);
        outcome.map_err(|error| error.may_have_created(|| format!("{} {:?}", kind.name, id.as_ref())))
    }

    /// Unregisters an object, and forgets its id if the server no longer has it.
    pub(super) async fn unregistering<K: Ord + Clone, V>(
        &self,
        kind: &ObjectKind<K, V>,
        id: &K,
        call: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        (kind.entries)(&mut self.registered()).begin_removal(id);
        let outcome = call.await;
        let effect = Effect::of_removal(&outcome);
        (kind.entries)(&mut self.registered()).end_removal(id, effect);
        if effect == Effect::Done {
            (kind.remove)(self.event_socket(), id);
        }
        outcome
    }
}
