//! The storage of a queue.

use std::collections::VecDeque;

/// A list of items, as a queue needs it.
pub(crate) trait QueueStorage: Default {
    type Item;

    /// The maximum number of items that a reader takes under one lock.
    const READ_BATCH: usize;

    /// Returns the size of an item that is about to be pushed, in bytes.
    fn size(item: &Self::Item) -> usize;

    fn len(&self) -> usize;

    /// Returns the size of all items, in bytes.
    fn bytes(&self) -> usize;

    /// Returns the size of the first item, in bytes, or 0 if the list is empty.
    fn first_size(&self) -> usize;

    /// Returns how many of the first items fit: at most `count`, and of at most `bytes` in total.
    fn fitting(&self, count: usize, bytes: usize) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push(&mut self, item: Self::Item);

    fn pop(&mut self) -> Option<Self::Item>;

    /// Moves the first `count` items, or all of them, to the end of another list.
    fn move_to(&mut self, other: &mut Self, count: usize);

    /// Removes the first items.
    fn skip(&mut self, count: usize);

    fn clear(&mut self) {
        self.skip(self.len());
    }

    /// Removes the first item that an overflow may drop, or the first item if there is no such item.
    fn drop_oldest(&mut self);
}

/// An item of a plain list.
pub(crate) trait Item {
    /// See [`QueueStorage::READ_BATCH`].
    const READ_BATCH: usize = 1;

    /// Returns the size of the item in memory, in bytes.
    fn size(&self) -> usize {
        size_of_val(self)
    }

    /// Returns `true` if an overflow drops other items first.
    fn keep_on_overflow(&self) -> bool {
        false
    }
}

/// A plain list, with its size in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Items<T> {
    items: VecDeque<T>,
    bytes: usize,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { items: VecDeque::new(), bytes: 0 }
    }
}

impl<T: Item> QueueStorage for Items<T> {
    type Item = T;

    const READ_BATCH: usize = T::READ_BATCH;

    fn size(item: &T) -> usize {
        item.size()
    }

    fn len(&self) -> usize {
        self.items.len()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn first_size(&self) -> usize {
        self.items.front().map_or(0, Item::size)
    }

    fn fitting(&self, count: usize, bytes: usize) -> usize {
        if self.bytes <= bytes {
            count.min(self.len())
        } else {
            prefix(self.items.iter().map(Item::size), count, bytes)
        }
    }

    fn push(&mut self, item: T) {
        self.bytes += item.size();
        self.items.push_back(item);
    }

    fn pop(&mut self) -> Option<T> {
        let item = self.items.pop_front()?;
        self.bytes -= item.size();
        Some(item)
    }

    fn move_to(&mut self, other: &mut Self, count: usize) {
        for _ in 0..count {
            let Some(item) = self.pop() else { break };
            other.push(item);
        }
    }

    fn skip(&mut self, count: usize) {
        let skipped = self.items.drain(..count.min(self.items.len()));
        self.bytes -= skipped.map(|item| item.size()).sum::<usize>();
    }

    fn drop_oldest(&mut self) {
        let oldest = self.items.iter().position(|item| !item.keep_on_overflow()).unwrap_or(0);
        if let Some(item) = self.items.remove(oldest) {
            self.bytes -= item.size();
        }
    }
}

/// Returns how many of the first sizes fit: at most `count`, and of at most `bytes` in total.
pub(crate) fn prefix(sizes: impl Iterator<Item = usize>, count: usize, bytes: usize) -> usize {
    let mut left = bytes;
    let fits = |size: &usize| {
        left.checked_sub(*size).is_some_and(|rest| {
            left = rest;
            true
        })
    };
    sizes.take(count).take_while(fits).count()
}
