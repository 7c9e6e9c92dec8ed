//! One waiting line per room, so that a room's items keep their order and rooms do not wait for each other.
//!
//! This is a plain data structure. The queue holds its lock and runs the items.

use std::collections::{HashMap, VecDeque};

/// The things whose notifications keep their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OrderKey {
    /// A room or a livestream. A livestream room has the same id in both kinds of notifications.
    Room(Box<str>),
    /// A recording, if the notification names no room.
    Recording(Box<str>),
    /// The name of a notification that names none of them.
    Name(&'static str),
    /// Everything, if only one room is handled at a time.
    Everything,
}

/// Items in lanes. At most one item of a lane is taken at a time.
///
/// A lane exists while it has waiting items or a taken one. It is in `ready` exactly if it has waiting items and no taken
/// one.
pub(super) struct Lanes<T> {
    waiting: HashMap<OrderKey, VecDeque<T>>,
    ready: VecDeque<OrderKey>,
}

impl<T> Lanes<T> {
    pub(super) fn new() -> Self {
        Self { waiting: HashMap::new(), ready: VecDeque::new() }
    }

    /// Appends an item. Returns `true` if its lane was empty, so that the item is ready.
    pub(super) fn push(&mut self, key: OrderKey, item: T) -> bool {
        if let Some(lane) = self.waiting.get_mut(&key) {
            lane.push_back(item);
            return false;
        }
        self.ready.push_back(key.clone());
        self.waiting.insert(key, VecDeque::from([item]));
        true
    }

    /// Takes the first item of the lane that is ready for the longest time. Release the lane after the item.
    pub(super) fn take(&mut self) -> Option<(OrderKey, T)> {
        let key = self.ready.pop_front()?;
        let item = self.waiting.get_mut(&key)?.pop_front()?;
        Some((key, item))
    }

    /// Makes the next item of a taken lane ready.
    pub(super) fn release(&mut self, key: OrderKey) {
        if self.waiting.get(&key).is_some_and(|lane| !lane.is_empty()) {
            // At the end, so that a busy room does not keep the others waiting.
            self.ready.push_back(key);
        } else {
            self.waiting.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(id: &str) -> OrderKey {
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
        assert!(!lanes.push(room("a"), 3));
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
        assert!(lanes.push(room("a"), 2));
    }

    #[test]
    fn keys_of_different_kinds_are_different_lanes() {
        let mut lanes = Lanes::new();
        for key in [room("x"), OrderKey::Recording("x".into()), OrderKey::Name("x"), OrderKey::Everything] {
            assert!(lanes.push(key, ()));
        }
    }
}
