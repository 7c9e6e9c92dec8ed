//! The reads of the API that are in progress, to detect a response that is older than the view.
//!
//! The view reads rooms in its task and in calls of [`refresh`](super::RoomsView::refresh), at the same time, while it
//! applies events. A response can be older than an event that arrived during the read, so it must not undo the event.
//! The reads of the task therefore keep the events of their rooms, and the task applies them again to the response. A room
//! with many events thus needs no further read.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    events::{Notification, TrackInfo},
    id::RoomId,
};

/// The maximum size of the events that all reads keep, in bytes, as for the events that wait for a consumer.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The rooms of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReadTarget {
    /// One room, by the task.
    Room(RoomId),
    /// One room, by a call. The read keeps no events: the call repeats it after a change.
    Refresh(RoomId),
    /// All rooms, by the task.
    All,
}

/// The changes of a room during a read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meanwhile {
    /// These events arrived, in this order. Usually none.
    Events(Vec<Arc<Notification>>),
    /// The response may be older than the view, and events alone do not show the difference.
    Outdated,
}

impl Default for Meanwhile {
    fn default() -> Self {
        Self::Events(Vec::new())
    }
}

/// The reads in progress.
#[derive(Debug, Default)]
pub(super) struct OpenReads {
    next: u64,
    /// The reads of each room, by their numbers.
    rooms: BTreeMap<RoomId, BTreeMap<u64, RoomRead>>,
    /// The rooms to which something happened during the read of all rooms. The task has at most one such read.
    list: Option<BTreeMap<RoomId, Meanwhile>>,
    kept: KeptBytes,
}

#[derive(Debug)]
struct RoomRead {
    keeps_events: bool,
    meanwhile: Meanwhile,
}

/// The size of all events that the reads keep.
#[derive(Debug, Default)]
struct KeptBytes(usize);

impl OpenReads {
    /// Starts a read. Returns its number.
    pub(super) fn start(&mut self, target: &ReadTarget) -> u64 {
        self.next += 1;
        let (id, keeps_events) = match target {
            ReadTarget::Room(id) => (id, true),
            ReadTarget::Refresh(id) => (id, false),
            ReadTarget::All => {
                self.list = Some(BTreeMap::new());
                return self.next;
            }
        };
        let read = RoomRead { keeps_events, meanwhile: Meanwhile::default() };
        self.rooms.entry(id.clone()).or_default().insert(self.next, read);
        self.next
    }

    /// Records an event. `changed` is `true` if it changed or ended its room.
    pub(super) fn record_event(&mut self, event: Notification, changed: bool) {
        let Self { rooms, list, kept, .. } = self;
        let Some(id) = event.room_id() else { return };
        let reads = rooms.get_mut(id);
        if reads.is_none() && list.is_none() {
            return;
        }
        let event = Arc::new(event);
        for read in reads.into_iter().flat_map(BTreeMap::values_mut) {
            if read.keeps_events {
                kept.add(&mut read.meanwhile, &event);
            } else if changed {
                read.meanwhile = Meanwhile::Outdated;
            }
        }
        if let (Some(list), Some(id)) = (list, event.room_id()) {
            kept.add(list.entry(id.clone()).or_default(), &event);
        }
    }

    /// Records for all other reads that a read replaced this room. `by_list` is `true` if that read is for all rooms.
    pub(super) fn record_read(&mut self, id: &RoomId, by_list: bool) {
        let Self { rooms, list, kept, .. } = self;
        for read in rooms.get_mut(id).into_iter().flat_map(BTreeMap::values_mut) {
            kept.release(&std::mem::replace(&mut read.meanwhile, Meanwhile::Outdated));
        }
        if let (Some(list), false) = (list, by_list) {
            kept.release(&list.insert(id.clone(), Meanwhile::Outdated).unwrap_or_default());
        }
    }

    /// Records for all reads of one room that a list replaced all rooms, also the rooms that the list does not contain.
    pub(super) fn outdate_rooms(&mut self) {
        let Self { rooms, kept, .. } = self;
        for read in rooms.values_mut().flat_map(BTreeMap::values_mut) {
            kept.release(&std::mem::replace(&mut read.meanwhile, Meanwhile::Outdated));
        }
    }

    /// Ends a read of one room. Returns what happened to the room since the read started.
    pub(super) fn finish_room(&mut self, number: u64, id: &RoomId) -> Meanwhile {
        let Some(reads) = self.rooms.get_mut(id) else { return Meanwhile::default() };
        let meanwhile = reads.remove(&number).map(|read| read.meanwhile).unwrap_or_default();
        if reads.is_empty() {
            self.rooms.remove(id);
        }
        self.kept.release(&meanwhile);
        meanwhile
    }

    /// Returns what happened to one room since the read of all rooms started, and forgets it.
    pub(super) fn take_listed(&mut self, id: &RoomId) -> Meanwhile {
        let meanwhile = self.list.as_mut().and_then(|rooms| rooms.remove(id)).unwrap_or_default();
        self.kept.release(&meanwhile);
        meanwhile
    }

    /// Ends the read of all rooms. Returns what happened to the rooms that were not taken.
    pub(super) fn finish_list(&mut self) -> BTreeMap<RoomId, Meanwhile> {
        let rooms = self.list.take().unwrap_or_default();
        rooms.values().for_each(|meanwhile| self.kept.release(meanwhile));
        rooms
    }

    /// Ends a read without a response.
    pub(super) fn cancel(&mut self, number: u64, target: &ReadTarget) {
        match target {
            ReadTarget::Room(id) | ReadTarget::Refresh(id) => {
                self.finish_room(number, id);
            }
            ReadTarget::All => {
                self.finish_list();
            }
        }
    }
}

impl KeptBytes {
    /// Keeps an event. Above the limit, the read keeps none of the events of this room and becomes outdated.
    fn add(&mut self, meanwhile: &mut Meanwhile, event: &Arc<Notification>) {
        let Meanwhile::Events(events) = meanwhile else { return };
        let size = event_size(event);
        if self.0 + size <= MAX_BYTES {
            self.0 += size;
            events.push(Arc::clone(event));
        } else {
            self.release(&std::mem::replace(meanwhile, Meanwhile::Outdated));
        }
    }

    fn release(&mut self, meanwhile: &Meanwhile) {
        if let Meanwhile::Events(events) = meanwhile {
            let size: usize = events.iter().map(|event| event_size(event)).sum();
            self.0 = self.0.saturating_sub(size);
        }
    }
}

/// Returns the approximate size of an event in memory, in bytes. Events that change a room have no further strings.
fn event_size(event: &Notification) -> usize {
    let track = |track: &TrackInfo| track.metadata.as_str().len();
    let optional = |info: &Option<TrackInfo>| info.as_ref().map_or(0, track);
    let strings = match event {
        Notification::PeerMetadataUpdated(event) => event.metadata.as_str().len(),
        Notification::TrackAdded(event) => track(&event.track),
        Notification::TrackRemoved(event) => track(&event.track),
        Notification::TrackMetadataUpdated(event) => track(&event.track),
        Notification::TrackForwarding(event) => {
            let tracks = optional(&event.audio_track) + optional(&event.video_track);
            event.composition_url.len() + event.input_id.len() + tracks
        }
        Notification::TrackForwardingRemoved(event) => event.composition_url.len() + event.input_id.len(),
        _ => 0,
    };
    let room = event.room_id().map_or(0, |id| id.as_str().len());
    let peer = event.peer_id().map_or(0, |id| id.as_str().len());
    size_of_val(event) + room + peer + strings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms_view::rooms_state::tests::{peer_connected, room_created};

    fn events(meanwhile: &Meanwhile) -> Option<usize> {
        match meanwhile {
            Meanwhile::Events(events) => Some(events.len()),
            Meanwhile::Outdated => None,
        }
    }

    #[test]
    fn finish_returns_the_events_of_the_read_room() {
        let (mut reads, a, b) = (OpenReads::default(), RoomId::from("a"), RoomId::from("b"));
        reads.record_event(peer_connected("a", "early"), true);
        let single = reads.start(&ReadTarget::Room(a.clone()));
        reads.start(&ReadTarget::All);
        reads.record_event(peer_connected("a", "p"), true);
        reads.record_event(peer_connected("b", "p"), false);
        let kept = reads.finish_room(single, &a);
        assert_eq!(kept, Meanwhile::Events(vec![Arc::new(peer_connected("a", "p"))]));
        assert_eq!(events(&reads.finish_room(single, &a)), Some(0));
        assert_eq!(events(&reads.take_listed(&b)), Some(1));
        assert_eq!(reads.finish_list().into_iter().collect::<Vec<_>>(), [(a, kept)]);
        assert!(reads.rooms.is_empty() && reads.list.is_none());
        assert_eq!(reads.kept.0, 0);
    }

    #[test]
    fn another_read_makes_a_read_of_the_room_outdated() {
        let (mut reads, a, b) = (OpenReads::default(), RoomId::from("a"), RoomId::from("b"));
        let (first, second) = (reads.start(&ReadTarget::Room(a.clone())), reads.start(&ReadTarget::Refresh(b.clone())));
        let all = reads.start(&ReadTarget::All);
        reads.record_event(peer_connected("a", "p"), true);
        reads.record_read(&a, true);
        reads.record_event(peer_connected("a", "q"), true);
        assert_eq!(events(&reads.finish_room(first, &a)), None);
        assert_eq!(events(&reads.finish_room(second, &b)), Some(0));
        assert_eq!(events(&reads.take_listed(&a)), Some(2));
        reads.record_event(peer_connected("b", "p"), true);
        reads.record_read(&b, false);
        assert_eq!(events(&reads.take_listed(&b)), None);
        reads.record_event(peer_connected("b", "p"), true);
        reads.cancel(all, &ReadTarget::All);
        assert_eq!(reads.kept.0, 0);
    }

    #[test]
    fn refresh_is_outdated_after_a_change() {
        let (mut reads, id) = (OpenReads::default(), RoomId::from("a"));
        let target = ReadTarget::Refresh(id.clone());
        for (changed, expected) in [(false, Some(0)), (true, None)] {
            let read = reads.start(&target);
            reads.record_event(room_created("a"), changed);
            assert_eq!(events(&reads.finish_room(read, &id)), expected);
        }
    }

    #[test]
    fn kept_events_are_limited_in_bytes() {
        let (mut reads, id) = (OpenReads::default(), RoomId::from("a"));
        let long = "x".repeat(1024 * 1024);
        let single = reads.start(&ReadTarget::Room(id.clone()));
        reads.start(&ReadTarget::All);
        for _ in 0..7 {
            reads.record_event(peer_connected("a", &long), true);
        }
        assert!(reads.kept.0 > 14 * 1024 * 1024 && reads.kept.0 <= MAX_BYTES);
        for _ in 0..7 {
            reads.record_event(peer_connected("a", &long), true);
            assert!(reads.kept.0 <= MAX_BYTES);
        }
        // The list becomes outdated for this room only.
        let other = reads.start(&ReadTarget::Room("b".into()));
        reads.record_event(peer_connected("b", "p"), true);
        assert_eq!(events(&reads.finish_room(other, &"b".into())), Some(1));
        let outdated = [reads.finish_room(single, &id), reads.take_listed(&id)];
        assert!(outdated.contains(&Meanwhile::Outdated));
        assert_eq!(events(&reads.take_listed(&"b".into())), Some(1));
        assert_eq!(reads.kept.0, 0);
    }
}
