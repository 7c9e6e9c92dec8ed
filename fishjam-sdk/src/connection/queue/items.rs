//! A plain list of items. An overflow drops some of them last.

use std::{collections::VecDeque, iter};

use super::storage::{QueueStorage, prefix};

/// The memory that an empty list keeps for later items, in bytes. A batch of a notifier's events fits.
const KEPT_MEMORY: usize = 12 * 1024;

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
///
/// Each operation on one item takes the same time for every length of the list. Therefore there are two lists: the item
/// that an overflow drops next is always the first of a list.
#[derive(Clone, Debug)]
pub(crate) struct Items<T> {
    /// The items that an overflow drops first.
    ordinary: VecDeque<T>,
    /// The items that an overflow drops last. Each has the number of ordinary items that were pushed before it.
    kept: VecDeque<(u64, T)>,
    /// The number of ordinary items that were pushed and have left the list.
    gone: u64,
    bytes: usize,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { ordinary: VecDeque::new(), kept: VecDeque::new(), gone: 0, bytes: 0 }
    }
}

impl<T: Item> Items<T> {
    /// Iterates over all items, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let (mut ordinary, mut kept, mut gone) = (self.ordinary.iter(), self.kept.iter().peekable(), self.gone);
        iter::from_fn(move || match kept.next_if(|(before, _)| *before <= gone) {
            Some((_, item)) => Some(item),
            None => {
                gone += 1;
                ordinary.next()
            }
        })
    }

    /// Removes the first item that an overflow may drop, or the first item if there is no such item.
    pub(crate) fn pop_oldest(&mut self) -> Option<T> {
        let item = self.pop_ordinary().or_else(|| self.pop_kept())?;
        self.forget(&item);
        Some(item)
    }

    #[inline(always)]
    fn pop_ordinary(&mut self) -> Option<T> {
        let item = self.ordinary.pop_front()?;
        self.gone += 1;
        Some(item)
    }

    fn pop_kept(&mut self) -> Option<T> {
        self.kept.pop_front().map(|(_, item)| item)
    }

    /// Returns `true` if the first item is one that an overflow drops last.
    #[inline(always)]
    fn starts_with_kept(&self) -> bool {
        self.kept.front().is_some_and(|(before, _)| *before <= self.gone)
    }

    /// Accounts for an item that was removed. An empty list releases most of its memory.
    #[inline(always)]
    fn forget(&mut self, item: &T) {
        self.bytes -= item.size();
        if self.is_empty() {
            self.release_memory();
        }
    }

    #[inline(never)]
    fn release_memory(&mut self) {
        self.ordinary.shrink_to(KEPT_MEMORY / size_of::<T>().max(1));
        self.kept.shrink_to(0);
    }

    #[cold]
    fn push_kept(&mut self, item: T) {
        self.kept.push_back((self.gone + self.ordinary.len() as u64, item));
    }
}

impl<T: Item> QueueStorage for Items<T> {
    type Item = T;

    const READ_BATCH: usize = T::READ_BATCH;

    fn size(item: &T) -> usize {
        item.size()
    }

    fn len(&self) -> usize {
        self.ordinary.len() + self.kept.len()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn first_size(&self) -> usize {
        self.iter().next().map_or(0, Item::size)
    }

    fn fitting(&self, count: usize, bytes: usize) -> usize {
        if self.bytes <= bytes { count.min(self.len()) } else { prefix(self.iter().map(Item::size), count, bytes) }
    }

    #[inline(always)]
    fn push(&mut self, item: T) {
        self.bytes += item.size();
        if item.keep_on_overflow() {
            self.push_kept(item);
        } else {
            self.ordinary.push_back(item);
        }
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<T> {
        let item = if self.starts_with_kept() { self.pop_kept() } else { self.pop_ordinary() }?;
        self.forget(&item);
        Some(item)
    }

    fn move_to(&mut self, other: &mut Self, count: usize) {
        for _ in 0..count {
            let Some(item) = self.pop() else { break };
            other.push(item);
        }
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count.min(self.len()) {
            drop(self.pop());
        }
    }

    fn drop_oldest(&mut self) {
        drop(self.pop_oldest());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A test item: an overflow drops negative numbers last.
    impl Item for i32 {
        fn keep_on_overflow(&self) -> bool {
            *self < 0
        }
    }

    fn list(numbers: impl IntoIterator<Item = i32>) -> Items<i32> {
        let mut list = Items::default();
        numbers.into_iter().for_each(|number| list.push(number));
        list
    }

    #[test]
    fn kept_items_stay_in_their_place() {
        let mut items = list([-1, 1, -2, -3, 2, 3, -4]);
        let oldest: Vec<_> = (0..2).filter_map(|_| items.pop_oldest()).collect();
        assert_eq!(oldest, [1, 2]);
        items.push(4);
        assert_eq!(items.iter().copied().collect::<Vec<_>>(), [-1, -2, -3, 3, -4, 4]);
        let mut other = list([-9]);
        items.move_to(&mut other, 4);
        assert_eq!(other.iter().copied().collect::<Vec<_>>(), [-9, -1, -2, -3, 3]);
        assert_eq!((items.pop(), items.pop(), items.pop()), (Some(-4), Some(4), None));
        other.skip(1);
        let oldest: Vec<_> = iter::from_fn(|| other.pop_oldest()).collect();
        assert_eq!(oldest, [3, -1, -2, -3]);
        assert_eq!((other.len(), other.bytes()), (0, 0));
    }

    /// An item that counts the calls of `keep_on_overflow`. The first field is their result.
    struct Asked<'a>(bool, &'a Cell<usize>);

    impl Item for Asked<'_> {
        fn keep_on_overflow(&self) -> bool {
            self.1.set(self.1.get() + 1);
            self.0
        }
    }

    #[test]
    fn overflow_searches_no_item_to_drop() {
        let asked = Cell::new(0);
        let mut list = Items::default();
        (0..1_000).for_each(|_| list.push(Asked(true, &asked)));
        for _ in 0..1_000 {
            list.push(Asked(false, &asked));
            list.drop_oldest();
        }
        assert_eq!((list.len(), asked.get()), (1_000, 2_000), "only a push asks");
    }

    #[test]
    fn drained_list_releases_its_memory() {
        let drain: [fn(&mut Items<i32>); 3] = [
            |list| while list.pop().is_some() {},
            |list| list.skip(usize::MAX),
            |list| while list.pop_oldest().is_some() {},
        ];
        for drain in drain {
            let mut list = list((0..100_000).chain(-1_000..0));
            drain(&mut list);
            assert!(list.ordinary.capacity() * size_of::<i32>() <= KEPT_MEMORY, "{}", list.ordinary.capacity());
            assert_eq!(list.kept.capacity(), 0);
        }
    }
}
