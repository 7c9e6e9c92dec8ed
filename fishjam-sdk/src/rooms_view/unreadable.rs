//! The rooms that the SDK cannot read: when to read them again, and what to log.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::Instant;

use crate::{backoff::Backoff, id::RoomId, listing::Listing, rooms::Room};

/// The waits between attempts to read an unreadable room.
const RETRY: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };

/// The unreadable rooms. Each event of such a room would otherwise cause a request.
#[derive(Debug, Default)]
pub(super) struct UnreadableRooms {
    listed: ListedRooms,
    /// The rooms for which a single read failed.
    failed: BTreeMap<RoomId, Failed>,
    /// The failed rooms that changed since their last read, with the time of their next read.
    postponed: BTreeSet<(Instant, RoomId)>,
}

/// The rooms that the last listing could not read.
#[derive(Debug, Default, PartialEq, Eq)]
struct ListedRooms {
    ids: BTreeSet<RoomId>,
    /// Whether the id of a room was unreadable, too. If an unreadable item has no readable id, it can be any room.
    is_any_anonymous: bool,
}

#[derive(Debug)]
struct Failed {
    /// Failed reads since the room was readable.
    reads: u32,
    /// The time of the next read.
    not_before: Instant,
}

impl ListedRooms {
    fn contains(&self, id: &RoomId) -> bool {
        self.is_any_anonymous || self.ids.contains(id)
    }
}

impl UnreadableRooms {
    /// Records a listing. Returns `true` if its unreadable rooms differ from those of the listing before.
    pub(super) fn record(&mut self, rooms: &Listing<Room>) -> bool {
        let ids = rooms.unreadable.iter().filter_map(|room| room.id.as_deref().map(RoomId::from)).collect();
        let is_any_anonymous = rooms.unreadable.iter().any(|room| room.id.is_none());
        let before = std::mem::replace(&mut self.listed, ListedRooms { ids, is_any_anonymous });
        let differs = self.listed != before;
        if self.failed.is_empty() {
            return differs;
        }
        let readable: BTreeSet<_> =
            rooms.items.iter().map(|room| &room.id).filter(|id| self.failed.contains_key(*id)).collect();
        let Self { listed, failed, postponed } = self;
        // Keep the wait of a room that only its single read cannot decode. End the wait of a room that is readable again.
        failed.retain(|id, _| listed.contains(id) || (readable.contains(id) && !before.contains(id)));
        postponed.retain(|(_, id)| failed.contains_key(id));
        differs
    }

    /// Returns `true` if the last listing could not read this room. Without its id, an unreadable room can be any room.
    pub(super) fn is_listed(&self, id: &RoomId) -> bool {
        self.listed.contains(id)
    }

    /// Records a failed read of a room. Returns `true` if the room was unreadable in the last listing, too.
    pub(super) fn record_failure(&mut self, id: RoomId, now: Instant, random: f64) -> bool {
        let listed = self.listed.contains(&id);
        let reads = self.remove(&id).map_or(1, |failed| failed.reads.saturating_add(1));
        self.failed.insert(id, Failed { reads, not_before: now + RETRY.wait(reads, random) });
        listed
    }

    /// Removes a room that was read or that no longer exists.
    pub(super) fn forget(&mut self, id: &RoomId) {
        self.remove(id);
    }

    fn remove(&mut self, id: &RoomId) -> Option<Failed> {
        let (id, failed) = self.failed.remove_entry(id)?;
        self.postponed.remove(&(failed.not_before, id));
        Some(failed)
    }

    /// Postpones the read of a room that changed. Returns `false` if the room must be read immediately.
    pub(super) fn postpone(&mut self, id: &RoomId) -> bool {
        let Some(failed) = self.failed.get(id) else { return false };
        self.postponed.insert((failed.not_before, id.clone()));
        true
    }

    /// Returns the number of postponed reads.
    pub(super) fn postponed(&self) -> usize {
        self.postponed.len()
    }

    /// Returns the time of the next postponed read, if there is one.
    pub(super) fn next_read(&self) -> Option<Instant> {
        self.postponed.first().map(|(not_before, _)| *not_before)
    }

    /// Returns a room whose postponed read is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<RoomId> {
        if self.next_read()? > now {
            return None;
        }
        self.postponed.pop_first().map(|(_, id)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::{Error, ErrorKind},
        listing::UnreadableItem,
        rooms_view::rooms_state::tests::room,
    };

    fn listing(readable: &[&str], unreadable: &[Option<&str>]) -> Listing<Room> {
        let unreadable = unreadable.iter().enumerate().map(|(index, id)| UnreadableItem {
            index,
            id: id.map(str::to_owned),
            error: Error::new(ErrorKind::Decode),
        });
        Listing { items: readable.iter().map(|id| room(id, &[])).collect(), unreadable: unreadable.collect() }
    }

    #[test]
    fn read_waits_longer_after_each_failure() {
        let (mut rooms, mut now, id) = (UnreadableRooms::default(), Instant::now(), RoomId::from("a"));
        rooms.record(&listing(&[], &[Some("a")]));
        assert!(!rooms.postpone(&id), "the first event reads the room");
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert!(rooms.record_failure(id.clone(), now, 1.0));
            assert_eq!(rooms.next_read(), None, "nothing happened in the room");
            for _ in 0..50 {
                assert!(rooms.postpone(&id));
            }
            let due = now + Duration::from_secs(seconds);
            assert_eq!(rooms.next_read(), Some(due));
            assert_eq!((rooms.postponed(), rooms.take_due(now)), (1, None));
            assert_eq!(rooms.take_due(due), Some(id.clone()));
            assert_eq!(rooms.next_read(), None);
            now = due;
        }
        rooms.forget(&id);
        assert!(!rooms.postpone(&id) && rooms.postponed() == 0);
    }

    #[test]
    fn record_keeps_failures_of_rooms_that_stay_unreadable() {
        let (now, id) = (Instant::now(), RoomId::from("a"));
        let (readable, unreadable, anonymous, gone) =
            (listing(&["a"], &[]), listing(&[], &[Some("a")]), listing(&[], &[None]), listing(&["b"], &[]));
        for (before, after, listed, postponed) in [
            (&unreadable, &unreadable, true, true),
            (&unreadable, &anonymous, true, true),
            (&anonymous, &unreadable, true, true),
            (&unreadable, &readable, true, false),
            (&unreadable, &gone, true, false),
            // Only the single read fails.
            (&readable, &readable, false, true),
            (&readable, &unreadable, false, true),
            (&gone, &gone, false, false),
        ] {
            let mut rooms = UnreadableRooms::default();
            rooms.record(before);
            assert_eq!(rooms.record_failure(id.clone(), now, 0.0), listed, "{before:?}");
            rooms.record(after);
            assert_eq!(rooms.postpone(&id), postponed, "{before:?} {after:?}");
        }
    }
}
