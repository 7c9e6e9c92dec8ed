//! The rooms that the view must read again.

use std::{collections::BTreeSet, ops::Bound};

use crate::id::RoomId;

/// The minimum number of waiting rooms for a list instead of single reads. Fewer rooms need only a few round trips.
const MIN_FOR_LIST: usize = 128;
/// The minimum share of the known rooms for a list instead of single reads: one in this many.
///
/// A list costs the server and the view about a sixteenth per room of a single request. A list of many rooms for a few
/// stale ones would thus cost more than it saves.
const SHARE_FOR_LIST: usize = 16;

/// The rooms that must be read again.
///
/// A room is either waiting, reading or covered.
#[derive(Debug, Default)]
pub(super) struct StaleRooms {
    /// The rooms that wait for a read.
    waiting: BTreeSet<RoomId>,
    /// The rooms with a single read in progress.
    reading: BTreeSet<RoomId>,
    /// The rooms that a list reads instead of single reads, until the list has replaced all rooms.
    covered: BTreeSet<RoomId>,
    /// The rooms that wait for another read, or have it in progress, because their last read or the last list failed.
    failed: BTreeSet<RoomId>,
    /// The room of the last single read. The next read is for the next room, so that each room has its turn.
    last: Option<RoomId>,
    /// The number of losses of events so far, and of other reasons to read all rooms.
    losses: u64,
    /// The number of those that the last list accounts for.
    repaired: u64,
}

impl StaleRooms {
    /// Returns the number of these rooms. `known` is the number of rooms in the view; all of them are stale after a loss.
    pub(super) fn len(&self, known: usize) -> usize {
        if self.needs_list() {
            known.max(self.waiting.len())
        } else {
            self.waiting.len() + self.reading.len() + self.covered.len()
        }
    }

    /// Marks a room whose event the view could not apply completely. A read in progress applies the event again.
    pub(super) fn mark(&mut self, id: &RoomId) {
        if !self.reading.contains(id) && !self.waiting.contains(id) {
            self.waiting.insert(id.clone());
            self.covered.remove(id);
        }
    }

    /// Removes a room that no longer exists.
    pub(super) fn forget(&mut self, id: &RoomId) {
        self.waiting.remove(id);
        self.covered.remove(id);
        self.failed.remove(id);
    }

    /// Returns `true` if a single read of this room is in progress.
    pub(super) fn is_reading(&self, id: &RoomId) -> bool {
        self.reading.contains(id)
    }

    /// Returns `true` if one room or all rooms wait for a read.
    pub(super) fn is_any_waiting(&self) -> bool {
        self.needs_list() || !self.waiting.is_empty()
    }

    /// Returns `true` if a read failed and did not succeed since.
    pub(super) fn is_any_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Records that all rooms must be read again.
    pub(super) fn record_loss(&mut self) {
        self.losses += 1;
    }

    /// Returns `true` if only a list can repair the view.
    pub(super) fn needs_list(&self) -> bool {
        self.losses != self.repaired
    }

    /// Returns `true` if a list costs less than the single reads.
    pub(super) fn prefers_list(&self, known: usize) -> bool {
        let waiting = self.waiting.len();
        waiting >= MIN_FOR_LIST && waiting >= known / SHARE_FOR_LIST
    }

    /// Starts a list. Returns the number of losses that it repairs.
    ///
    /// The caller has canceled the single reads, because the list is newer.
    pub(super) fn start_list(&mut self) -> u64 {
        self.waiting.append(&mut self.reading);
        self.losses
    }

    /// Records that the rooms of a list arrived. The list covers all waiting rooms. Later events can mark them again.
    pub(super) fn receive_list(&mut self) {
        self.covered = std::mem::take(&mut self.waiting);
        self.failed.clear();
    }

    /// Records that the rooms of a list have replaced all rooms. The list accounts for this number of losses.
    pub(super) fn finish_list(&mut self, losses: u64) {
        self.covered.clear();
        self.repaired = losses;
    }

    /// Records that a list failed. Its rooms still wait.
    pub(super) fn fail_list(&mut self) {
        self.failed.extend(self.waiting.iter().cloned());
    }

    /// Returns the next room for a single read, and starts its read.
    pub(super) fn start_read(&mut self) -> Option<RoomId> {
        let start = self.last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.waiting.range::<RoomId, _>((start, Bound::Unbounded)).next().or_else(|| self.waiting.first());
        let id = next?.clone();
        self.waiting.remove(&id);
        self.reading.insert(id.clone());
        self.last = Some(id.clone());
        Some(id)
    }

    /// Ends a single read that needs no other attempt now.
    pub(super) fn finish_read(&mut self, id: &RoomId) {
        self.reading.remove(id);
        self.failed.remove(id);
    }

    /// Ends a single read that failed. The room waits for the next attempt.
    pub(super) fn fail_read(&mut self, id: &RoomId) {
        self.reading.remove(id);
        self.waiting.insert(id.clone());
        self.failed.insert(id.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(count: usize) -> StaleRooms {
        let mut stale = StaleRooms::default();
        (0..count).for_each(|room| stale.mark(&format!("{room:06}").as_str().into()));
        stale
    }

    #[test]
    fn list_is_preferred_for_many_rooms_and_a_large_share() {
        for (rooms, known, preferred) in [
            (127, 0, false),
            (128, 0, true),
            (128, 2048, true),
            (128, 2064, false),
            (6249, 100_000, false),
            (6250, 100_000, true),
        ] {
            assert_eq!(waiting(rooms).prefers_list(known), preferred, "{rooms} of {known}");
        }
    }

    #[test]
    fn each_waiting_room_has_its_turn() {
        let (mut stale, mut read) = (waiting(3), Vec::new());
        for _ in 0..6 {
            let id = stale.start_read().unwrap();
            stale.finish_read(&id);
            // The room changes again immediately.
            stale.mark(&id);
            read.push(id.to_string());
        }
        assert_eq!(read, ["000000", "000001", "000002", "000000", "000001", "000002"]);
    }

    #[test]
    fn room_counts_until_it_is_read() {
        let mut stale = waiting(2);
        let id = stale.start_read().unwrap();
        // The read applies the event again.
        stale.mark(&id);
        assert_eq!((stale.len(9), stale.is_reading(&id)), (2, true));
        stale.fail_read(&id);
        assert_eq!((stale.len(9), stale.is_any_failed()), (2, true));
        stale.forget(&id);
        assert_eq!((stale.len(9), stale.is_any_failed()), (1, false));
        let id = stale.start_read().unwrap();
        stale.finish_read(&id);
        assert_eq!((stale.len(9), stale.start_read()), (0, None));
    }

    #[test]
    fn failure_of_a_list_ends_with_its_rooms() {
        let mut stale = waiting(2);
        stale.start_list();
        stale.fail_list();
        stale.mark(&"new".into());
        stale.forget(&"000000".into());
        assert!(stale.is_any_failed());
        // Single reads can replace the list when fewer rooms wait.
        let id = stale.start_read().unwrap();
        assert!(stale.is_any_failed());
        stale.finish_read(&id);
        assert!(!stale.is_any_failed() && stale.is_any_waiting());
    }

    #[test]
    fn list_covers_the_rooms_that_waited_before_its_response() {
        let mut stale = waiting(2);
        stale.start_read();
        let losses = stale.start_list();
        assert_eq!((stale.len(9), losses, stale.needs_list()), (2, 0, false));
        stale.fail_list();
        assert_eq!((stale.len(9), stale.is_any_failed()), (2, true));
        stale.start_list();
        stale.receive_list();
        assert_eq!((stale.len(9), stale.is_any_failed()), (2, false));
        stale.mark(&"000001".into());
        assert_eq!(stale.len(9), 2);
        stale.finish_list(losses);
        assert_eq!((stale.len(9), stale.start_read()), (1, Some("000001".into())));
    }

    #[test]
    fn all_rooms_are_stale_until_a_list_accounts_for_every_loss() {
        let mut stale = StaleRooms::default();
        stale.record_loss();
        let losses = stale.start_list();
        stale.record_loss();
        stale.receive_list();
        stale.finish_list(losses);
        assert!(stale.needs_list() && stale.is_any_waiting());
        assert_eq!(stale.len(9), 9);
        let losses = stale.start_list();
        stale.receive_list();
        stale.finish_list(losses);
        assert!(!stale.needs_list() && !stale.is_any_waiting());
        assert_eq!(stale.len(9), 0);
    }
}
