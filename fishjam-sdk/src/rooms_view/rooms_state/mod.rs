//! The known state of all rooms: it applies events, returns changes, and names the rooms to read again.

#[cfg(test)]
pub(super) mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::SystemTime,
};

use fishjam_api::fishjam::enums::PeerStatus;

use crate::{
    events::{self, EndpointId, Notification},
    id::{PeerId, RoomId},
    listing::Listing,
    metadata::Metadata,
    peers::{Peer, Track},
    rooms::Room,
};

/// The known state of all rooms.
///
/// An event sets a state and is not a difference, so an event that is already true changes nothing. The rooms can
/// therefore be read from the API while events of the same time still wait.
#[derive(Debug, Default)]
pub(super) struct RoomsState {
    rooms: BTreeMap<RoomId, KnownRoom>,
    /// Rooms whose event does not contain the whole change.
    stale: BTreeSet<RoomId>,
}

#[derive(Debug)]
struct KnownRoom {
    room: Arc<Room>,
    first_seen: SystemTime,
}

/// The effect of an event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    /// The room that changed or no longer exists.
    pub(super) changed: Option<RoomId>,
    /// The room that ended, even if it was not known.
    pub(super) ended: Option<RoomId>,
}

impl RoomsState {
    pub(super) fn get(&self, id: &RoomId) -> Option<&Arc<Room>> {
        self.rooms.get(id).map(|known| &known.room)
    }

    pub(super) fn first_seen(&self, id: &RoomId) -> Option<SystemTime> {
        self.rooms.get(id).map(|known| known.first_seen)
    }

    /// Returns all rooms, ordered by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Room>> {
        self.rooms.values().map(|known| &known.room)
    }

    /// Records that a room must be read again.
    pub(super) fn mark_stale(&mut self, id: RoomId) {
        self.stale.insert(id);
    }

    /// Returns the rooms that must be read again, and forgets them.
    pub(super) fn take_stale(&mut self) -> BTreeSet<RoomId> {
        std::mem::take(&mut self.stale)
    }

    /// Replaces all rooms, which were read at `now`, except the unreadable ones and those in `keep`. Returns the ids of the
    /// changed rooms.
    pub(super) fn replace(
        &mut self,
        rooms: Listing<Room>,
        keep: &BTreeSet<RoomId>,
        now: SystemTime,
    ) -> BTreeSet<RoomId> {
        self.stale.clear();
        let Listing { items, unreadable } = rooms;
        let mut before = std::mem::take(&mut self.rooms);
        let mut changed = BTreeSet::new();
        for room in items {
            let id = room.id.clone();
            if keep.contains(&id) {
                continue;
            }
            // The server can list a room twice.
            let known = before.remove(&id).or_else(|| self.rooms.remove(&id));
            let (known, is_changed) = KnownRoom::read(known, room, now);
            if is_changed {
                changed.insert(id.clone());
            }
            self.rooms.insert(id, known);
        }
        // An unreadable room without an id may be any known room.
        let unread =
            |id: &RoomId| unreadable.iter().any(|room| room.id.as_ref().is_none_or(|read| id == read.as_str()));
        for (id, known) in before {
            if keep.contains(&id) || unread(&id) {
                self.rooms.insert(id, known);
            } else {
                changed.insert(id);
            }
        }
        changed
    }

    /// Replaces or removes one room, which was read at `now`. Returns `true` if it changed.
    pub(super) fn replace_room(&mut self, id: &RoomId, room: Option<Room>, now: SystemTime) -> bool {
        let known = self.rooms.remove(id);
        let Some(room) = room else { return known.is_some() };
        let (known, changed) = KnownRoom::read(known, room, now);
        self.rooms.insert(id.clone(), known);
        changed
    }

    /// Applies an event.
    pub(super) fn apply(&mut self, notification: &Notification) -> Applied {
        let Some(id) = notification.room_id() else { return Applied::default() };
        let outcome = match self.rooms.get_mut(id) {
            Some(known) => apply_to_room(&mut known.room, notification),
            None => apply_without_room(notification),
        };
        match outcome {
            Outcome::Changed => Applied { changed: Some(id.clone()), ended: None },
            Outcome::Same => Applied::default(),
            Outcome::Incomplete => {
                self.stale.insert(id.clone());
                Applied::default()
            }
            Outcome::Ended => {
                self.stale.remove(id);
                Applied { changed: self.rooms.remove(id).map(|_| id.clone()), ended: Some(id.clone()) }
            }
        }
    }
}

impl KnownRoom {
    /// Returns a room that was read at `now`, and `true` if it differs from the one before.
    fn read(before: Option<Self>, room: Room, now: SystemTime) -> (Self, bool) {
        match before {
            Some(known) if *known.room == room => (known, false),
            Some(known) => (Self { room: Arc::new(room), ..known }, true),
            None => (Self { room: Arc::new(room), first_seen: now }, true),
        }
    }
}

/// The effect of an event on a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Changed,
    Same,
    /// The room no longer exists.
    Ended,
    /// The event does not contain the whole change.
    Incomplete,
}

/// Returns the effect of an event of an unknown room. An end can belong to a deleted room. Every other event belongs to a
/// room that must be read.
///
/// There is no `_` arm, so a new notification needs a decision here.
fn apply_without_room(notification: &Notification) -> Outcome {
    match notification {
        Notification::RoomDeleted(_) | Notification::RoomCrashed(_) => Outcome::Ended,
        Notification::PeerDeleted(_)
        | Notification::PeerCrashed(_)
        | Notification::PeerDisconnected(_)
        | Notification::TrackRemoved(_)
        | Notification::TrackForwardingRemoved(_) => Outcome::Same,
        Notification::RoomCreated(_)
        | Notification::PeerAdded(_)
        | Notification::PeerConnected(_)
        | Notification::PeerMetadataUpdated(_)
        | Notification::TrackAdded(_)
        | Notification::TrackMetadataUpdated(_)
        | Notification::TrackForwarding(_)
        | Notification::ChannelAdded(_)
        | Notification::ChannelRemoved(_)
        | Notification::VadNotification(_)
        | Notification::StreamerConnected(_)
        | Notification::StreamerDisconnected(_)
        | Notification::ViewerConnected(_)
        | Notification::ViewerDisconnected(_)
        | Notification::StreamConnected(_)
        | Notification::StreamDisconnected(_)
        | Notification::RecordingStatusChanged(_)
        | Notification::ComponentCrashed(_)
        | Notification::HlsPlayable(_)
        | Notification::HlsUploaded(_)
        | Notification::HlsUploadCrashed(_)
        | Notification::Unknown(_) => Outcome::Incomplete,
    }
}

/// Applies an event to its room. Copies the room only if it changes and a consumer still has it.
///
/// There is no `_` arm, so a new notification needs a decision here.
fn apply_to_room(room: &mut Arc<Room>, notification: &Notification) -> Outcome {
    match notification {
        Notification::RoomDeleted(_) | Notification::RoomCrashed(_) => Outcome::Ended,
        Notification::PeerAdded(event) if room.peers.iter().any(|peer| peer.id == event.peer_id) => Outcome::Same,
        Notification::PeerDeleted(event) => remove_peer(room, &event.peer_id),
        Notification::PeerCrashed(event) => remove_peer(room, &event.peer_id),
        Notification::PeerConnected(event) => {
            change_peer(room, &event.peer_id, |peer| set(&mut peer.status, PeerStatus::Connected))
        }
        Notification::PeerDisconnected(event) => change_peer(room, &event.peer_id, |peer| {
            let status = set(&mut peer.status, PeerStatus::Disconnected);
            let tracks = set(&mut peer.tracks, Vec::new());
            if status == Outcome::Changed { status } else { tracks }
        }),
        Notification::PeerMetadataUpdated(event) => {
            // The event contains only the peer's part; the backend sets the other part. Older servers have no parts.
            change_peer(room, &event.peer_id, |peer| {
                let before = peer.metadata.clone().unwrap_or_else(|| Metadata::new("{}"));
                match before.with_member("peer", &event.metadata) {
                    Some(metadata) => set(&mut peer.metadata, Some(metadata)),
                    None => Outcome::Incomplete,
                }
            })
        }
        Notification::TrackAdded(event) => change_owner(room, &event.endpoint, |peer| {
            let track = track(&event.track);
            match peer.tracks.iter_mut().find(|known| known.id == track.id) {
                Some(known) => set(known, track),
                None => {
                    peer.tracks.push(track);
                    Outcome::Changed
                }
            }
        }),
        Notification::TrackRemoved(event) => change_owner(room, &event.endpoint, |peer| {
            let before = peer.tracks.len();
            peer.tracks.retain(|track| track.id.as_ref() != Some(&event.track.id));
            if peer.tracks.len() == before { Outcome::Same } else { Outcome::Changed }
        }),
        Notification::TrackMetadataUpdated(event) => change_owner(room, &event.endpoint, |peer| {
            let metadata = non_null(&event.track.metadata);
            match peer.tracks.iter_mut().find(|track| track.id.as_ref() == Some(&event.track.id)) {
                Some(track) => set(&mut track.metadata, metadata),
                None => Outcome::Incomplete,
            }
        }),
        Notification::PeerAdded(_) | Notification::TrackForwarding(_) | Notification::TrackForwardingRemoved(_) => {
            Outcome::Incomplete
        }
        // These notifications do not change a room of the API.
        Notification::RoomCreated(_)
        | Notification::ChannelAdded(_)
        | Notification::ChannelRemoved(_)
        | Notification::VadNotification(_)
        | Notification::StreamerConnected(_)
        | Notification::StreamerDisconnected(_)
        | Notification::ViewerConnected(_)
        | Notification::ViewerDisconnected(_)
        | Notification::StreamConnected(_)
        | Notification::StreamDisconnected(_)
        | Notification::RecordingStatusChanged(_)
        | Notification::ComponentCrashed(_)
        | Notification::HlsPlayable(_)
        | Notification::HlsUploaded(_)
        | Notification::HlsUploadCrashed(_)
        | Notification::Unknown(_) => Outcome::Same,
    }
}

fn set<T: PartialEq>(field: &mut T, value: T) -> Outcome {
    if *field == value {
        return Outcome::Same;
    }
    *field = value;
    Outcome::Changed
}

fn remove_peer(room: &mut Arc<Room>, id: &PeerId) -> Outcome {
    if !room.peers.iter().any(|peer| peer.id == *id) {
        return Outcome::Same;
    }
    Arc::make_mut(room).peers.retain(|peer| peer.id != *id);
    Outcome::Changed
}

/// Changes a peer. If the peer is unknown, the room must be read again.
fn change_peer(room: &mut Arc<Room>, id: &PeerId, change: impl FnOnce(&mut Peer) -> Outcome) -> Outcome {
    if !room.peers.iter().any(|peer| peer.id == *id) {
        return Outcome::Incomplete;
    }
    Arc::make_mut(room).peers.iter_mut().find(|peer| peer.id == *id).map_or(Outcome::Incomplete, change)
}

/// Changes the peer that owns a track. A room of the API has no components.
fn change_owner(room: &mut Arc<Room>, owner: &EndpointId, change: impl FnOnce(&mut Peer) -> Outcome) -> Outcome {
    match owner {
        EndpointId::Peer(id) => change_peer(room, id, change),
        _ => Outcome::Same,
    }
}

fn track(track: &events::TrackInfo) -> Track {
    let (id, metadata) = (Some(track.id.clone()), non_null(&track.metadata));
    Track { id, track_type: track.track_type.clone(), metadata, ..Track::default() }
}

fn non_null(metadata: &Metadata) -> Option<Metadata> {
    Some(metadata.clone()).filter(|metadata| !metadata.is_null())
}
