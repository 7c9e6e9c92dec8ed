//! The storage of a queue.

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
