//! A log that keeps its newest entries and numbers all of them.

use std::collections::VecDeque;

/// The default limit of the bytes that a log keeps.
pub(crate) const DEFAULT_BYTES: usize = 64 * 1024 * 1024;

/// A log, limited in entries and in bytes. The oldest entries go first.
pub(crate) struct Log<T> {
    /// Each entry with its size.
    entries: VecDeque<(T, usize)>,
    /// The number of the first entry in `entries`.
    first: u64,
    capacity: usize,
    /// The sum of the sizes.
    bytes: usize,
    max_bytes: usize,
}

impl<T> Log<T> {
    pub(crate) fn new(capacity: usize, max_bytes: usize) -> Self {
        Log { entries: VecDeque::new(), first: 0, capacity: capacity.max(1), bytes: 0, max_bytes }
    }

    /// Appends an entry of this size and returns its number. An entry above the limit is not kept, only numbered.
    pub(crate) fn push(&mut self, entry: T, size: usize) -> u64 {
        self.entries.push_back((entry, size));
        self.bytes = self.bytes.saturating_add(size);
        let number = self.first + self.entries.len() as u64 - 1;
        while self.entries.len() > self.capacity || self.bytes > self.max_bytes {
            let Some((_, size)) = self.entries.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(size);
            self.first += 1;
        }
        number
    }

    /// Returns an entry by its number, if it is still kept.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        self.entry_mut(number).map(|(entry, _)| entry)
    }

    /// Changes an entry whose size changes with it, if the entry is still kept.
    pub(crate) fn resize(&mut self, number: u64, change: impl FnOnce(&mut T) -> usize) {
        if let Some((entry, size)) = self.entry_mut(number) {
            let before = *size;
            *size = change(entry);
            let after = *size;
            self.bytes = self.bytes.saturating_sub(before).saturating_add(after);
        }
    }

    /// Returns the kept entries, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(entry, _)| entry)
    }

    /// Drops the entries; numbers continue.
    pub(crate) fn clear(&mut self) {
        self.first += self.entries.len() as u64;
        self.entries.clear();
        self.bytes = 0;
    }

    fn entry_mut(&mut self, number: u64) -> Option<&mut (T, usize)> {
        let position = number.checked_sub(self.first)?;
        self.entries.get_mut(usize::try_from(position).ok()?)
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
        // It alone is above the limit.
        assert_eq!((log.push("e", 101), log.iter().count(), log.bytes), (4, 0, 0));
        assert_eq!(log.push("f", 1), 5);
        assert_eq!(log.get_mut(5).copied(), Some("f"));
        log.clear();
        assert_eq!((log.push("g", 0), log.bytes), (6, 0));
    }
}
