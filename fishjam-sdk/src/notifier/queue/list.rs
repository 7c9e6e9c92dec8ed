//! What a queue is made of.

use std::collections::VecDeque;

/// Items in order.
pub(crate) trait List: Default {
    type Item;

    /// How many items a reader takes at a time, at most: one lock for all of them.
    const HANDFUL: usize;

    fn len(&self) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push(&mut self, item: Self::Item);

    fn pop(&mut self) -> Option<Self::Item>;

    /// Moves the first items behind those of another list; all if there are not so many.
    fn move_to(&mut self, other: &mut Self, count: usize);

    /// Lets go of the first items.
    fn skip(&mut self, count: usize);

    fn clear(&mut self) {
        self.skip(self.len());
    }

    /// Lets go of the first item, or of the first one that can be spared.
    fn drop_oldest(&mut self);
}

/// What can wait in a plain list.
pub(crate) trait Item {
    /// See [`List::HANDFUL`].
    const HANDFUL: usize = 1;

    /// Whether it is dropped only if there is nothing else.
    fn is_precious(&self) -> bool {
        false
    }
}

impl<T: Item> List for VecDeque<T> {
    type Item = T;

    const HANDFUL: usize = T::HANDFUL;

    fn len(&self) -> usize {
        self.len()
    }

    fn push(&mut self, item: T) {
        self.push_back(item);
    }

    fn pop(&mut self) -> Option<T> {
        self.pop_front()
    }

    fn move_to(&mut self, other: &mut Self, count: usize) {
        other.extend(self.drain(..count.min(self.len())));
    }

    fn skip(&mut self, count: usize) {
        self.drain(..count.min(self.len()));
    }

    fn drop_oldest(&mut self) {
        let oldest = self.iter().position(|item| !item.is_precious());
        self.remove(oldest.unwrap_or(0));
    }
}
