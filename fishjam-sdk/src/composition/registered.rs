//! The ids that a handle registered, because the API has no operation that lists them.

use std::collections::BTreeMap;

use super::media_kinds::MediaKinds;
use crate::id::composition::{ImageId, InputId, OutputId};

/// The objects that a handle registered, or that may exist after a failed registration.
#[derive(Debug, Default)]
pub(super) struct Registered {
    pub(super) inputs: Entries<InputId, ()>,
    /// With the kinds of media, if the SDK knows them.
    pub(super) outputs: Entries<OutputId, Option<MediaKinds>>,
    pub(super) images: Entries<ImageId, ()>,
}

impl Registered {
    /// Forgets all objects, because the composition is empty.
    pub(super) fn clear(&mut self) {
        self.inputs.entries.clear();
        self.outputs.entries.clear();
        self.images.entries.clear();
    }
}

/// The objects of one kind, by id.
#[derive(Debug)]
pub(super) struct Entries<K, V> {
    entries: BTreeMap<K, (Ticket, V)>,
    next: u64,
}

/// Names one registration, because several can use the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

impl<K, V> Default for Entries<K, V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), next: 0 }
    }
}

impl<K: Ord + Clone, V> Entries<K, V> {
    /// Starts a registration. The object counts as registered, because the caller can drop the call before it ends.
    ///
    /// If another registration used the id, its entry stays until this registration succeeds.
    pub(super) fn begin(&mut self, id: &K, value: V) -> Ticket {
        let ticket = Ticket(self.next);
        self.next = self.next.wrapping_add(1);
        self.entries.entry(id.clone()).or_insert((ticket, value));
        ticket
    }

    /// Ends a registration that succeeded.
    pub(super) fn succeed(&mut self, id: K, ticket: Ticket, value: V) {
        self.entries.insert(id, (ticket, value));
    }

    /// Ends a registration that certainly failed.
    pub(super) fn fail(&mut self, id: &K, ticket: Ticket) {
        if self.entries.get(id).is_some_and(|(registered, _)| *registered == ticket) {
            self.entries.remove(id);
        }
    }

    pub(super) fn remove(&mut self, id: &K) {
        self.entries.remove(id);
    }

    pub(super) fn get(&self, id: &K) -> Option<&V> {
        self.entries.get(id).map(|(_, value)| value)
    }

    pub(super) fn ids(&self) -> Vec<K> {
        self.entries.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_counts_until_it_certainly_fails() {
        let mut inputs = Entries::default();
        let ticket = inputs.begin(&"a", 1);
        assert_eq!(inputs.ids(), ["a"]);
        inputs.fail(&"a", ticket);
        assert_eq!(inputs.ids(), [""; 0]);
        let ticket = inputs.begin(&"a", 2);
        inputs.succeed("a", ticket, 2);
        assert_eq!(inputs.get(&"a"), Some(&2));
        inputs.remove(&"a");
        assert_eq!(inputs.get(&"a"), None);
    }

    #[test]
    fn failed_registration_keeps_another_of_the_same_id() {
        let mut inputs = Entries::default();
        let first = inputs.begin(&"a", 1);
        let second = inputs.begin(&"a", 2);
        // The server accepted the first one, so it rejects the second one.
        inputs.succeed("a", first, 1);
        inputs.fail(&"a", second);
        assert_eq!(inputs.get(&"a"), Some(&1));
        // The failure of the first one arrives after the success of the second one.
        let mut inputs = Entries::default();
        let first = inputs.begin(&"a", 1);
        let second = inputs.begin(&"a", 2);
        inputs.succeed("a", second, 2);
        inputs.fail(&"a", first);
        assert_eq!(inputs.get(&"a"), Some(&2));
    }
}
