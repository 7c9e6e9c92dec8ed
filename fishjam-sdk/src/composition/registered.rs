//! The ids that a handle registered, because the API has no operation that lists them.

use std::collections::BTreeMap;

use super::media_kinds::MediaKinds;
use crate::{
    error::Result,
    id::composition::{ImageId, InputId, OutputId},
};

/// The objects that a handle registered, or that may exist after a failed registration.
#[derive(Debug, Default)]
pub(super) struct Registered {
    pub(super) inputs: Entries<InputId, ()>,
    /// With the kinds of media, if the SDK knows them.
    pub(super) outputs: Entries<OutputId, Option<MediaKinds>>,
    pub(super) images: Entries<ImageId, ()>,
}

impl Registered {
    /// Notes that a request may remove all objects.
    pub(super) fn begin_clear(&mut self) {
        self.inputs.begin_clear();
        self.outputs.begin_clear();
        self.images.begin_clear();
    }

    /// Notes that the request did not remove any object.
    pub(super) fn fail_clear(&mut self) {
        self.inputs.fail_clear();
        self.outputs.fail_clear();
        self.images.fail_clear();
    }

    /// Forgets all objects, because the composition is empty.
    pub(super) fn clear(&mut self) {
        self.inputs.clear();
        self.outputs.clear();
        self.images.clear();
    }
}

/// The effect of a request that creates or removes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The object was created, or it is gone.
    Done,
    /// Nothing, certainly.
    Nothing,
    /// The response is missing or ambiguous, or the caller dropped the call.
    Unknown,
}

impl Effect {
    /// Returns the effect of a request that creates an object.
    pub(super) fn of_creation<T>(outcome: &Result<T>) -> Self {
        match outcome {
            Ok(_) => Self::Done,
            Err(error) if error.may_have_taken_effect() => Self::Unknown,
            Err(_) => Self::Nothing,
        }
    }

    /// Returns the effect of a request that removes an object. The object can be gone already.
    pub(super) fn of_removal(outcome: &Result<()>) -> Self {
        match outcome {
            Err(error) if error.is_not_found() => Self::Done,
            outcome => Self::of_creation(outcome),
        }
    }
}

/// The objects of one kind, by id.
#[derive(Debug)]
pub(super) struct Entries<K, V>(BTreeMap<K, Entry<V>>);

#[derive(Debug)]
struct Entry<V> {
    value: V,
    /// The number of registrations that have not ended. Several can use the same id.
    pending: usize,
    /// Whether a registration that has ended may have created the object.
    kept: bool,
    /// Whether a request may have removed the object.
    removing: bool,
}

impl<K, V> Default for Entries<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone, V> Entries<K, V> {
    /// Starts a registration. The object counts as registered, because the caller can drop the call before it ends.
    ///
    /// Returns `true` if the id is free, as far as the handle knows. Then earlier events are not about the new object.
    pub(super) fn begin(&mut self, id: &K, value: V) -> bool {
        let new = Entry { value, pending: 0, kept: false, removing: true };
        let entry = self.0.entry(id.clone()).or_insert(new);
        entry.pending += 1;
        std::mem::take(&mut entry.removing)
    }

    /// Ends a registration that was started.
    pub(super) fn end(&mut self, id: &K, value: V, effect: Effect) {
        let Some(entry) = self.0.get_mut(id) else { return };
        entry.pending = entry.pending.saturating_sub(1);
        match effect {
            Effect::Done => (entry.value, entry.kept, entry.removing) = (value, true, false),
            Effect::Unknown => entry.kept = true,
            Effect::Nothing => {}
        }
        if entry.pending == 0 && !entry.kept {
            self.0.remove(id);
        }
    }

    /// Notes that a request may remove an object.
    pub(super) fn begin_removal(&mut self, id: &K) {
        if let Some(entry) = self.0.get_mut(id) {
            entry.removing = true;
        }
    }

    /// Ends a removal that was started. An object whose registration has not ended stays in the list.
    pub(super) fn end_removal(&mut self, id: &K, effect: Effect) {
        let Some(entry) = self.0.get_mut(id) else { return };
        match effect {
            Effect::Done if entry.pending == 0 => {
                self.0.remove(id);
            }
            Effect::Done => entry.kept = false,
            Effect::Nothing => entry.removing = false,
            Effect::Unknown => {}
        }
    }

    fn begin_clear(&mut self) {
        self.0.values_mut().for_each(|entry| entry.removing = true);
    }

    fn fail_clear(&mut self) {
        self.0.values_mut().for_each(|entry| entry.removing = false);
    }

    fn clear(&mut self) {
        self.0.retain(|_, entry| {
            entry.kept = false;
            entry.pending > 0
        });
    }

    pub(super) fn get(&self, id: &K) -> Option<&V> {
        self.0.get(id).map(|entry| &entry.value)
    }

    pub(super) fn ids(&self) -> Vec<K> {
        self.0.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_counts_until_it_certainly_fails() {
        let mut inputs = Entries::default();
        assert!(inputs.begin(&"a", 1));
        assert_eq!(inputs.ids(), ["a"]);
        inputs.end(&"a", 1, Effect::Nothing);
        assert_eq!(inputs.ids(), [""; 0]);
        for effect in [Effect::Done, Effect::Unknown] {
            assert!(inputs.begin(&"a", 2));
            inputs.end(&"a", 2, effect);
            assert_eq!(inputs.get(&"a"), Some(&2));
            inputs.end_removal(&"a", Effect::Done);
            assert_eq!(inputs.get(&"a"), None);
        }
    }

    #[test]
    fn failed_registration_keeps_another_of_the_same_id() {
        for first_ends in [Effect::Done, Effect::Unknown] {
            for order in [[0, 1], [1, 0]] {
                let mut inputs = Entries::default();
                assert!(inputs.begin(&"a", 1) && !inputs.begin(&"a", 2));
                for call in order {
                    let (value, effect) = [(1, first_ends), (2, Effect::Nothing)][call];
                    inputs.end(&"a", value, effect);
                    assert_eq!(inputs.ids(), ["a"], "{first_ends:?} {order:?}");
                }
            }
        }
        // The first call failed, and the second one has no outcome yet.
        let mut inputs = Entries::default();
        assert!(inputs.begin(&"a", 1) && !inputs.begin(&"a", 2));
        inputs.end(&"a", 1, Effect::Nothing);
        assert_eq!(inputs.ids(), ["a"]);
        inputs.end(&"a", 2, Effect::Unknown);
        assert_eq!(inputs.ids(), ["a"]);
    }

    #[test]
    fn removal_keeps_a_registration_that_has_not_ended() {
        for clear in [false, true] {
            for (effect, left) in [(Effect::Done, 1), (Effect::Unknown, 1), (Effect::Nothing, 0)] {
                let mut inputs = Entries::default();
                inputs.begin(&"a", 1);
                if clear {
                    inputs.clear()
                } else {
                    inputs.end_removal(&"a", Effect::Done)
                }
                assert_eq!(inputs.ids(), ["a"]);
                inputs.end(&"a", 1, effect);
                assert_eq!(inputs.ids().len(), left, "{effect:?}");
            }
        }
    }

    #[test]
    fn id_is_free_after_a_removal_that_may_have_happened() {
        let mut inputs = Entries::default();
        inputs.begin(&"a", 1);
        inputs.end(&"a", 1, Effect::Done);
        inputs.begin_removal(&"a");
        inputs.end_removal(&"a", Effect::Nothing);
        assert!(!inputs.begin(&"a", 1));
        inputs.end(&"a", 1, Effect::Nothing);
        // The caller drops the call, or the response is missing.
        inputs.begin_removal(&"a");
        inputs.end_removal(&"a", Effect::Unknown);
        assert_eq!(inputs.ids(), ["a"]);
        assert!(inputs.begin(&"a", 1));
        inputs.end(&"a", 1, Effect::Done);
        assert!(!inputs.begin(&"a", 1));
    }
}
