//! Replacing all rooms of a view by those of a list.

#[cfg(test)]
mod tests;

use std::{sync::Arc, vec};

use super::{
    open_reads::Meanwhile,
    sized_room::SizedRoom,
    view_shared::{OpenReadGuard, SLICE, ViewShared},
};
use crate::{id::RoomId, listing::Listing, rooms::Room};

/// A list that replaces all rooms, in slices. Between two slices, handles read the rooms, and the task applies events.
///
/// The list is consumed, so that no room exists more than twice. Rooms are compared and dropped without the lock.
pub(super) struct Resync {
    shared: Arc<ViewShared>,
    /// Keeps the events that arrive until all rooms are replaced.
    _read: OpenReadGuard,
    rooms: vec::IntoIter<Room>,
    /// The last known room that was looked for in the list.
    checked: Option<RoomId>,
}

impl Resync {
    pub(super) fn new(shared: Arc<ViewShared>, read: OpenReadGuard, listing: Listing<Room>) -> Self {
        let mut state = shared.state();
        let differs = state.unreadable.record(&listing);
        state.stale.receive_list();
        drop(state);
        // A subscriber of the log can use the view, so this comes after the lock.
        if differs {
            listing.log();
        }
        Self { shared, _read: read, rooms: listing.items.into_iter(), checked: None }
    }

    /// Replaces the next rooms: first those of the list, then the known rooms that the list does not contain. Returns
    /// `false` when all rooms are replaced.
    pub(super) fn replace_slice(&mut self) -> bool {
        let slice: Vec<_> = self.rooms.by_ref().take(SLICE).collect();
        if slice.is_empty() {
            return self.remove_slice();
        }
        let known: Vec<_> = {
            let state = self.shared.state();
            slice.iter().map(|room| state.rooms.get(&room.id).cloned()).collect()
        };
        let rooms: Vec<_> = slice.into_iter().zip(known).map(|(room, known)| SizedRoom::of_read(room, known)).collect();
        self.replace(rooms.into_iter().map(|room| (room.room.id.clone(), Some(room))));
        true
    }

    /// Removes those of the next known rooms that the list does not contain.
    fn remove_slice(&mut self) -> bool {
        let mut state = self.shared.state();
        let (unlisted, last) = state.rooms.unlisted_after(self.checked.as_ref(), SLICE);
        if last.is_none() {
            drop(state);
            self.finish();
            return false;
        }
        self.checked = last;
        let (unreadable, gone): (Vec<_>, Vec<_>) = unlisted.into_iter().partition(|id| state.unreadable.is_listed(id));
        for id in unreadable {
            let meanwhile = state.reads.take_listed(&id);
            state.keep_room(&id, meanwhile);
        }
        drop(state);
        self.replace(gone.into_iter().map(|id| (id, None)));
        true
    }

    fn replace(&self, rooms: impl ExactSizeIterator<Item = (RoomId, Option<SizedRoom>)>) {
        let mut replaced = Vec::with_capacity(rooms.len());
        let mut state = self.shared.state();
        for (id, room) in rooms {
            let meanwhile = state.reads.take_listed(&id);
            replaced.push(state.replace_room(&id, room, meanwhile, true));
        }
        drop(state);
        drop(replaced);
    }

    /// Handles the rooms to which something happened, and which the list did not replace.
    fn finish(&self) {
        let mut state = self.shared.state();
        for (id, meanwhile) in state.reads.finish_list() {
            if state.rooms.get(&id).is_none() {
                state.replace_room(&id, None, meanwhile, false);
            } else if meanwhile == Meanwhile::Outdated {
                // A call of `refresh` replaced the room. Its response can be older than the list, or than an event.
                state.stale.mark(&id);
            }
        }
        // A call of `refresh` can also have a response with a room whose end is among the lost events.
        state.reads.outdate_rooms();
    }
}
