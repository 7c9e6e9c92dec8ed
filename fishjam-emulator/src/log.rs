//! A log that keeps its newest entries and numbers all of them.

use std::collections::VecDeque;

pub(crate) struct Log<T> {
    entries: VecDeque<T>,
    /// The number of the first entry in `entries`.
    first: u64,
    capacity: usize,
}

impl<T> Log<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Log { entries: VecDeque::new(), first: 0, capacity: capacity.max(1) }
    }

    /// Appends an entry and returns its number.
    pub(crate) fn push(&mut self, entry: T) -> u64 {
        if self.entries.len() == self.capacity {
            self.entries.pop_front();
            self.first += 1;
        }
        self.entries.push_back(entry);
        self.first + self.entries.len() as u64 - 1
    }

    /// An entry by its number, if it is still kept.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let position = number.checked_sub(self.first)?;
        self.entries.get_mut(usize::try_from(position).ok()?)
    }

    /// What is kept, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter()
    }

    /// Forgets the entries; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.first += self.entries.len() as u64;
        self.entries.clear();
    }
}
