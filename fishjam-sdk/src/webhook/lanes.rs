//! One waiting line per room, so that a room's items keep their order and rooms do not wait for each other.
//!
//! This is a plain data structure. The queue has the lock around it, and runs the items.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::Arc,
};

/// The thing whose notifications keep their order. `Id` is `&str` for a notification and `Arc<str>` for a lane.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OrderKey<Id> {
    /// A room or a livestream. A livestream room has the same id in both kinds of notifications.
    Room(Id),
    /// A recording, if the notification names no room.
    Recording(Id),
    /// The name of a notification that names none of them.
    Name(&'static str),
    /// Everything, if only one room is handled at a time.
    Everything,
}

impl OrderKey<&str> {
    pub(super) fn to_lane(&self) -> LaneKey {
        match *self {
            Self::Room(id) => OrderKey::Room(id.into()),
            Self::Recording(id) => OrderKey::Recording(id.into()),
            Self::Name(name) => OrderKey::Name(name),
            Self::Everything => OrderKey::Everything,
        }
    }
}

/// A key that is cheap to clone.
pub(super) type LaneKey = OrderKey<Arc<str>>;

/// Items in lanes. At most one item of a lane is ready or taken at a time.
pub(super) struct Lanes<T> {
    /// The first item of each lane, unless it is taken.
    ready: VecDeque<(LaneKey, T)>,
    /// The other items of each lane. A lane is in here while one of its items is ready or taken.
    waiting: HashMap<LaneKey, VecDeque<T>>,
}

impl<T> Lanes<T> {
    pub(super) fn new() -> Self {
        Self { ready: VecDeque::new(), waiting: HashMap::new() }
    }

    /// Appends an item to its lane.
    pub(super) fn push(&mut self, key: LaneKey, item: T) {
        match self.waiting.entry(key) {
            Entry::Occupied(mut lane) => lane.get_mut().push_back(item),
            Entry::Vacant(lane) => {
                self.ready.push_back((lane.key().clone(), item));
                lane.insert(VecDeque::new());
            }
        }
    }

    /// Returns the number of items that can be taken.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Takes the item that is ready for the longest time. Release the lane after the item.
    pub(super) fn take(&mut self) -> Option<(LaneKey, T)> {
        self.ready.pop_front()
    }

    /// Makes the next item of a taken lane ready.
    pub(super) fn release(&mut self, key: LaneKey) {
        let Entry::Occupied(mut lane) = self.waiting.entry(key) else { return };
        match lane.get_mut().pop_front() {
            // The lane goes to the end of the queue, so that a busy room does not delay other rooms.
            Some(item) => self.ready.push_back((lane.key().clone(), item)),
            None => drop(lane.remove()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(id: &str) -> LaneKey {
        OrderKey::Room(id.into())
    }

    fn filled(items: &[(&str, u32)]) -> Lanes<u32> {
        let mut lanes = Lanes::new();
        for (id, item) in items {
            lanes.push(room(id), *item);
        }
        lanes
    }

    #[test]
    fn lane_yields_its_items_in_order_and_one_at_a_time() {
        let mut lanes = filled(&[("a", 1), ("a", 2)]);
        let (key, item) = lanes.take().unwrap();
        assert_eq!(item, 1);
        assert_eq!(lanes.take(), None, "the lane is taken");
        lanes.push(room("a"), 3);
        assert_eq!(lanes.take(), None, "the lane is taken");
        lanes.release(key);
        assert_eq!(lanes.take().unwrap().1, 2);
        assert_eq!(lanes.take(), None);
        lanes.release(room("a"));
        assert_eq!(lanes.take().unwrap().1, 3);
    }

    #[test]
    fn lanes_take_turns_and_do_not_wait_for_each_other() {
        let mut lanes = filled(&[("a", 1), ("a", 2), ("b", 3), ("c", 4)]);
        let (a, item) = lanes.take().unwrap();
        assert_eq!(item, 1);
        assert_eq!(lanes.take().unwrap(), (room("b"), 3));
        lanes.release(a);
        assert_eq!(lanes.take().unwrap(), (room("c"), 4));
        assert_eq!(lanes.take().unwrap(), (room("a"), 2));
        assert_eq!(lanes.take(), None);
    }

    #[test]
    fn empty_lanes_use_no_memory_and_start_again() {
        let mut lanes = filled(&[("a", 1)]);
        let (key, _) = lanes.take().unwrap();
        lanes.release(key);
        assert!(lanes.waiting.is_empty() && lanes.ready.is_empty());
        lanes.push(room("a"), 2);
        assert_eq!(lanes.take(), Some((room("a"), 2)));
    }

    #[test]
    fn keys_of_different_kinds_are_different_lanes() {
        let mut lanes = Lanes::new();
        for key in [room("x"), OrderKey::Recording("x".into()), OrderKey::Name("x"), OrderKey::Everything] {
            lanes.push(key, ());
            assert!(lanes.take().is_some());
        }
    }
}
