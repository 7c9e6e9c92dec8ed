//! The reads of the API that are in progress, to detect a response that is older than the view.
//!
//! The view reads rooms in its task and in calls of [`refresh`](super::RoomsView::refresh), at the same time. A response
//! must not replace a room that changed after its request was sent.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::RoomId;

/// The reads in progress.
#[derive(Debug, Default)]
pub(super) struct OpenReads {
    next: u64,
    reads: BTreeMap<u64, OpenRead>,
}

#[derive(Debug)]
struct OpenRead {
    /// The room, or `None` if the read is for all rooms.
    room: Option<RoomId>,
    /// The rooms of this read that changed since it started.
    changed: BTreeSet<RoomId>,
}

impl OpenReads {
    /// Starts a read of this room, or of all rooms. Returns its number.
    pub(super) fn start(&mut self, room: Option<RoomId>) -> u64 {
        self.next += 1;
        self.reads.insert(self.next, OpenRead { room, changed: BTreeSet::new() });
        self.next
    }

    /// Records for all reads that this room changed.
    pub(super) fn record_change(&mut self, room: &RoomId) {
        for read in self.reads.values_mut() {
            if read.room.as_ref().is_none_or(|read| read == room) {
                read.changed.insert(room.clone());
            }
        }
    }

    /// Records for all reads of one room that the room may have changed.
    pub(super) fn record_all_changed(&mut self) {
        for read in self.reads.values_mut() {
            read.changed.extend(read.room.clone());
        }
    }

    /// Ends a read. Returns its rooms that changed since it started.
    pub(super) fn finish(&mut self, number: u64) -> BTreeSet<RoomId> {
        self.reads.remove(&number).map(|read| read.changed).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finish_returns_the_rooms_that_changed_meanwhile() {
        let (mut reads, a, b) = (OpenReads::default(), RoomId::from("a"), RoomId::from("b"));
        reads.record_change(&a);
        let (single, all) = (reads.start(Some(a.clone())), reads.start(None));
        reads.record_change(&b);
        assert_eq!(reads.finish(single), BTreeSet::new());
        let late = reads.start(Some(a.clone()));
        reads.record_change(&a);
        assert_eq!(reads.finish(all), BTreeSet::from([a.clone(), b]));
        assert_eq!(reads.finish(late), BTreeSet::from([a.clone()]));
        assert_eq!(reads.finish(late), BTreeSet::new());
        let (single, all) = (reads.start(Some(a.clone())), reads.start(None));
        reads.record_all_changed();
        assert_eq!((reads.finish(single), reads.finish(all)), (BTreeSet::from([a]), BTreeSet::new()));
        assert!(reads.reads.is_empty());
    }
}
