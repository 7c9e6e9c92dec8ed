//! The state of a view: the rooms, how current they are, and the changes that its consumers have not received.

use std::{collections::BTreeSet, sync::Arc, time::SystemTime};

use super::{
    changes::QueuedChange,
    open_reads::{Meanwhile, OpenReads, ReadTarget},
    rooms_state::{Outcome, RoomsState},
    sized_room::SizedRoom,
    stale::StaleRooms,
    unreadable::UnreadableRooms,
};
use crate::{
    connection::queue::{Items, QueueStorage},
    error::{Error, ErrorKind, Result},
    events::Notification,
    id::RoomId,
};

#[derive(Default)]
pub(super) struct ViewState {
    pub(super) rooms: RoomsState,
    pub(super) stale: StaleRooms,
    pub(super) unreadable: UnreadableRooms,
    pub(super) reads: OpenReads,
    /// The rooms whose last change the consumers have not received.
    pub(super) unsent: BTreeSet<RoomId>,
    /// The reason of the end, or `Ok` if the program dropped the last handle or closed the notifier.
    pub(super) ended: Option<Result<()>>,
}

impl ViewState {
    /// Returns the error for a call after the end of the view.
    pub(super) fn end_error(&self) -> Option<Error> {
        match self.ended.clone()? {
            Ok(()) => {
                Some(Error::new(ErrorKind::Closed).message_text("the rooms view has ended: its notifier was closed"))
            }
            Err(error) => Some(error),
        }
    }

    /// Returns the number of rooms that the view will read again.
    pub(super) fn stale_rooms(&self) -> usize {
        let stale = self.stale.len(self.rooms.len());
        // After a loss, the postponed rooms count already.
        if self.stale.needs_list() { stale } else { stale + self.unreadable.postponed() }
    }

    /// Starts a read. Returns its number.
    pub(super) fn start_read(&mut self, target: &ReadTarget) -> u64 {
        if *target == ReadTarget::All {
            self.rooms.start_list();
        }
        self.reads.start(target)
    }

    /// Returns the current state of at most `count` rooms whose last change the consumers have not received.
    pub(super) fn take_changes(&mut self, count: usize) -> Items<QueuedChange> {
        let mut changes = Items::default();
        for _ in 0..count {
            let Some(id) = self.unsent.pop_first() else { break };
            let room = self.rooms.get(&id).cloned();
            changes.push(QueuedChange::new(id, room));
        }
        changes
    }

    /// Applies an event. The reads in progress keep it.
    pub(super) fn apply(&mut self, event: Notification) {
        let Some(id) = event.room_id() else { return };
        let outcome = self.apply_to_room(id, &event);
        if matches!(outcome, Outcome::Changed | Outcome::Ended { known: true }) && !self.unsent.contains(id) {
            self.unsent.insert(id.clone());
        }
        if outcome != Outcome::Unrelated {
            self.reads.record_event(event, matches!(outcome, Outcome::Changed | Outcome::Ended { .. }));
        }
    }

    fn apply_to_room(&mut self, id: &RoomId, event: &Notification) -> Outcome {
        let outcome = self.rooms.apply(id, event);
        match outcome {
            // A read in progress keeps the event and applies it again, so it needs no further read now.
            Outcome::Incomplete if self.stale.is_reading(id) || self.unreadable.postpone(id) => {}
            Outcome::Incomplete => self.stale.mark(id),
            Outcome::Ended { .. } => {
                self.stale.forget(id);
                self.unreadable.forget(id);
            }
            Outcome::Changed | Outcome::Same | Outcome::Unrelated => {}
        }
        outcome
    }

    /// Marks a room that a read in progress cannot repair.
    pub(super) fn mark_stale(&mut self, id: &RoomId) {
        self.reads.record_read(id, false);
        self.stale.mark(id);
    }

    /// Keeps a room during a list that cannot replace it. Events that the view could not apply completely mark it again.
    pub(super) fn keep_room(&mut self, id: &RoomId, meanwhile: Meanwhile) {
        self.rooms.keep(id);
        match meanwhile {
            Meanwhile::Events(events) => events.iter().for_each(|event| {
                self.apply_to_room(id, event);
            }),
            Meanwhile::Outdated => self.stale.mark(id),
        }
    }

    /// Replaces or removes a room that was just read, and applies the events that arrived meanwhile.
    ///
    /// `by_list` is `true` if the read was for all rooms. Returns the room before: the caller drops it after it has released
    /// the lock.
    pub(super) fn replace_room(
        &mut self,
        id: &RoomId,
        room: Option<SizedRoom>,
        meanwhile: Meanwhile,
        by_list: bool,
    ) -> Option<SizedRoom> {
        let events = match meanwhile {
            Meanwhile::Events(events) => events,
            Meanwhile::Outdated => {
                self.keep_room(id, meanwhile);
                return room;
            }
        };
        self.reads.record_read(id, by_list);
        if by_list {
            // The list keeps every event since its request, so the events below mark the room again if necessary.
            self.stale.forget(id);
        }
        let now = SystemTime::now();
        let address = |room: &Option<SizedRoom>| room.as_ref().map(|room| Arc::as_ptr(&room.room));
        let read = address(&room);
        let before = self.rooms.set(id, room, now);
        let mut changed = address(&before) != read;
        if !events.is_empty() {
            for event in &events {
                self.apply_to_room(id, event);
            }
            // The view has already applied these events to the room before, so it is often equal.
            changed = before.as_ref().map(|room| &room.room) != self.rooms.get(id).map(|room| &room.room);
            if !changed {
                // Consumers keep sharing the room.
                return self.rooms.set(id, before, now);
            }
        }
        if changed {
            self.unsent.insert(id.clone());
        }
        before
    }
}
