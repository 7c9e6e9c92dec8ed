//! A log that keeps the newest entries and numbers all entries.

use std::collections::VecDeque;

/// The default limit of a log in bytes.
pub(crate) const DEFAULT_BYTES: usize = 64 * 1024 * 1024;

/// A log that is limited in entries and in bytes. It drops the oldest entries first.
#[derive(Debug)]
pub(crate) struct Log<T> {
    entries: VecDeque<Entry<T>>,
    /// The number of the next entry.
    next: u64,
    capacity: usize,
    /// The sum of the sizes.
    bytes: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Entry<T> {
    number: u64,
    value: T,
    size: usize,
}

impl<T> Log<T> {
    pub(crate) fn new(capacity: usize, max_bytes: usize) -> Self {
        Log { entries: VecDeque::new(), next: 0, capacity: capacity.max(1), bytes: 0, max_bytes }
    }

    /// Returns the limit of the bytes that the log keeps.
    pub(crate) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Appends an entry of this size and returns its number.
    ///
    /// An entry that alone exceeds the limit only gets a number. The log does not keep it, and drops no other entry.
    pub(crate) fn push(&mut self, value: T, size: usize) -> u64 {
        let number = self.next;
        self.next += 1;
        if size > self.max_bytes {
            return number;
        }
        self.entries.push_back(Entry { number, value, size });
        self.bytes = self.bytes.saturating_add(size);
        while self.entries.len() > self.capacity || self.bytes > self.max_bytes {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.size);
        }
        number
    }

    /// Returns an entry by its number, if it is still kept.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        self.entry_mut(number).map(|entry| &mut entry.value)
    }

    /// Changes an entry whose size changes with it, if the entry is still kept.
    pub(crate) fn resize(&mut self, number: u64, change: impl FnOnce(&mut T) -> usize) {
        if let Some(entry) = self.entry_mut(number) {
            let before = entry.size;
            entry.size = change(&mut entry.value);
            let after = entry.size;
            self.bytes = self.bytes.saturating_sub(before).saturating_add(after);
        }
    }

    /// Returns the kept entries, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|entry| &entry.value)
    }

    /// Drops the entries; numbers continue.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    fn entry_mut(&mut self, number: u64) -> Option<&mut Entry<T>> {
        let position = self.entries.binary_search_by_key(&number, |entry| entry.number).ok()?;
        self.entries.get_mut(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_drops_oldest_entries_above_its_bytes() {
        let mut log = Log::new(10, 100);
        for (entry, size) in [("a", 40), ("b", 40), ("c", 40)] {
            log.push(entry, size);
        }
        assert_eq!((log.iter().copied().collect::<Vec<_>>(), log.bytes), (vec!["b", "c"], 80));
        log.resize(2, |entry| {
            *entry = "C";
            10
        });
        log.resize(0, |_| unreachable!());
        assert_eq!((log.push("d", 50), log.bytes), (3, 100));
        assert_eq!(log.iter().copied().collect::<Vec<_>>(), ["b", "C", "d"]);
        // An entry that alone exceeds the limit does not remove the others.
        assert_eq!((log.push("e", 101), log.iter().count(), log.bytes), (4, 3, 100));
        assert_eq!((log.get_mut(4).copied(), log.get_mut(3).copied()), (None, Some("d")));
        assert_eq!(log.push("f", 1), 5);
        assert_eq!(log.get_mut(5).copied(), Some("f"));
        log.clear();
        assert_eq!((log.push("g", 0), log.bytes), (6, 0));
    }
}
