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
    /// The rooms that the last listing could not read; `None` for rooms whose id is unreadable, too.
    listed: BTreeSet<Option<RoomId>>,
    /// The rooms for which a single read failed.
    failed: BTreeMap<RoomId, Failed>,
}

#[derive(Debug)]
struct Failed {
    /// Failed reads since the room was readable.
    reads: u32,
    /// The time of the next read.
    not_before: Instant,
    /// Whether the room changed since the last read.
    stale: bool,
}

impl UnreadableRooms {
    /// Records a listing. Logs its unreadable rooms if they differ from those of the listing before.
    pub(super) fn record(&mut self, rooms: &Listing<Room>) {
        let ids = rooms.unreadable.iter().map(|room| room.id.as_deref().map(RoomId::from));
        let before = std::mem::replace(&mut self.listed, ids.collect());
        if self.listed != before {
            rooms.log();
        }
        let readable: BTreeSet<_> = rooms.items.iter().map(|room| &room.id).collect();
        let listed = &self.listed;
        // A room that the listing reads and a single read does not keeps its wait. A room that is readable again does not.
        self.failed.retain(|id, _| has(listed, id) || (readable.contains(id) && !has(&before, id)));
    }

    /// Records a failed read of a room. Returns `true` if the room was unreadable in the last listing, too.
    pub(super) fn record_failure(&mut self, id: RoomId, now: Instant, random: f64) -> bool {
        let listed = has(&self.listed, &id);
        let failed = self.failed.entry(id).or_insert(Failed { reads: 0, not_before: now, stale: false });
        failed.reads = failed.reads.saturating_add(1);
        failed.not_before = now + RETRY.wait(failed.reads, random);
        failed.stale = false;
        listed
    }

    /// Removes a room that was read or that no longer exists.
    pub(super) fn remove(&mut self, id: &RoomId) {
        self.failed.remove(id);
    }

    /// Postpones the read of a room that changed. Returns `false` if the room must be read immediately.
    pub(super) fn postpone(&mut self, id: &RoomId) -> bool {
        let Some(failed) = self.failed.get_mut(id) else { return false };
        failed.stale = true;
        true
    }

    /// Returns the time of the next postponed read, if there is one.
    pub(super) fn next_read(&self) -> Option<Instant> {
        self.failed.values().filter(|failed| failed.stale).map(|failed| failed.not_before).min()
    }

    /// Returns the rooms whose postponed read is due.
    pub(super) fn take_due(&mut self, now: Instant) -> BTreeSet<RoomId> {
        let due = self.failed.iter_mut().filter(|(_, failed)| failed.stale && failed.not_before <= now);
        due.map(|(id, failed)| {
            failed.stale = false;
            id.clone()
        })
        .collect()
    }
}

/// Returns `true` if the listing could not read this room. Without its id, an unreadable room can be any room.
fn has(listed: &BTreeSet<Option<RoomId>>, id: &RoomId) -> bool {
    listed.contains(&None) || listed.contains(&Some(id.clone()))
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
            assert_eq!(rooms.take_due(now), BTreeSet::new());
            assert_eq!(rooms.take_due(due), BTreeSet::from([id.clone()]));
            assert_eq!(rooms.next_read(), None);
            now = due;
        }
        rooms.remove(&id);
        assert!(!rooms.postpone(&id));
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
