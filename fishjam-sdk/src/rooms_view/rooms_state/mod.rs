//! The known state of all rooms, and the effect of each event on it.

#[cfg(test)]
pub(super) mod tests;

use std::{collections::BTreeMap, ops::Bound, sync::Arc, time::SystemTime};

use fishjam_api::fishjam::enums::PeerStatus;

use super::sized_room::{SizedRoom, peer_size};
use crate::{
    events::{self, EndpointId, Notification},
    id::{PeerId, RoomId},
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
    /// The number of lists so far. It finds the rooms that the current list does not contain.
    lists: u64,
}

#[derive(Debug)]
struct KnownRoom {
    room: SizedRoom,
    first_seen: SystemTime,
    /// The number of the list during which the room was last read.
    list: u64,
}

/// The effect of an event on a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Changed,
    Same,
    /// Events of this kind never change a room of the API.
    Unrelated,
    /// The room no longer exists.
    Ended {
        /// Whether the room was known.
        known: bool,
    },
    /// The event does not contain the whole change.
    Incomplete,
}

impl RoomsState {
    pub(super) fn get(&self, id: &RoomId) -> Option<&SizedRoom> {
        self.rooms.get(id).map(|known| &known.room)
    }

    pub(super) fn first_seen(&self, id: &RoomId) -> Option<SystemTime> {
        self.rooms.get(id).map(|known| known.first_seen)
    }

    pub(super) fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Returns all rooms, ordered by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Room>> {
        self.rooms.values().map(|known| &known.room.room)
    }

    /// Replaces or removes one room, which was read at `now`. Returns the room before.
    pub(super) fn set(&mut self, id: &RoomId, room: Option<SizedRoom>, now: SystemTime) -> Option<SizedRoom> {
        let list = self.lists;
        let Some(room) = room else { return self.rooms.remove(id).map(|known| known.room) };
        match self.rooms.get_mut(id) {
            Some(known) => {
                known.list = list;
                Some(std::mem::replace(&mut known.room, room))
            }
            None => {
                self.rooms.insert(id.clone(), KnownRoom { room, first_seen: now, list });
                None
            }
        }
    }

    /// Starts a read of all rooms.
    pub(super) fn start_list(&mut self) {
        self.lists += 1;
    }

    /// Keeps a room even if the current list does not contain it.
    pub(super) fn keep(&mut self, id: &RoomId) {
        if let Some(known) = self.rooms.get_mut(id) {
            known.list = self.lists;
        }
    }

    /// Returns those of the next `count` rooms that were not read since the current list started, and the last of the rooms.
    ///
    /// The next rooms are those after `last`, or the first ones.
    pub(super) fn unlisted_after(&self, last: Option<&RoomId>, count: usize) -> (Vec<RoomId>, Option<RoomId>) {
        let start = last.map_or(Bound::Unbounded, Bound::Excluded);
        let (mut unlisted, mut last) = (Vec::new(), None);
        for (id, known) in self.rooms.range::<RoomId, _>((start, Bound::Unbounded)).take(count) {
            if known.list != self.lists {
                unlisted.push(id.clone());
            }
            last = Some(id);
        }
        (unlisted, last.cloned())
    }

    /// Applies an event of this room.
    pub(super) fn apply(&mut self, id: &RoomId, notification: &Notification) -> Outcome {
        let outcome = match self.rooms.get_mut(id) {
            Some(known) => apply_to_room(&mut known.room, notification),
            None => apply_without_room(notification),
        };
        if matches!(outcome, Outcome::Ended { .. }) {
            self.rooms.remove(id);
        }
        outcome
    }
}

/// Returns the effect of an event of an unknown room. An end can belong to a deleted room. Every other event belongs to a
/// room that must be read.
///
/// There is no `_` arm, so a new notification needs a decision here.
fn apply_without_room(notification: &Notification) -> Outcome {
    match notification {
        Notification::RoomDeleted(_) | Notification::RoomCrashed(_) => Outcome::Ended { known: false },
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
fn apply_to_room(room: &mut SizedRoom, notification: &Notification) -> Outcome {
    match notification {
        Notification::RoomDeleted(_) | Notification::RoomCrashed(_) => Outcome::Ended { known: true },
        Notification::RoomCreated(_) => Outcome::Same,
        Notification::PeerAdded(event) if room.room.peers.iter().any(|peer| peer.id == event.peer_id) => Outcome::Same,
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
        Notification::ChannelAdded(_)
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
        | Notification::Unknown(_) => Outcome::Unrelated,
    }
}

fn set<T: PartialEq>(field: &mut T, value: T) -> Outcome {
    if *field == value {
        return Outcome::Same;
    }
    *field = value;
    Outcome::Changed
}

fn remove_peer(room: &mut SizedRoom, id: &PeerId) -> Outcome {
    let Some(index) = position(room, id) else { return Outcome::Same };
    let peer = Arc::make_mut(&mut room.room).peers.remove(index);
    room.size = room.size.saturating_sub(peer_size(&peer));
    Outcome::Changed
}

/// Changes a peer. If the peer is unknown, the room must be read again.
fn change_peer(room: &mut SizedRoom, id: &PeerId, change: impl FnOnce(&mut Peer) -> Outcome) -> Outcome {
    let Some(index) = position(room, id) else { return Outcome::Incomplete };
    let SizedRoom { room, size } = room;
    let change = |peer: &mut Peer| {
        let before = peer_size(peer);
        let outcome = change(peer);
        *size = size.saturating_sub(before) + peer_size(peer);
        outcome
    };
    if let Some(peer) = Arc::get_mut(room).and_then(|room| room.peers.get_mut(index)) {
        return change(peer);
    }
    // A consumer has the room. A copy of the peer shows whether the room changes and must be copied.
    let Some(mut peer) = room.peers.get(index).cloned() else { return Outcome::Incomplete };
    let outcome = change(&mut peer);
    if outcome == Outcome::Changed
        && let Some(known) = Arc::make_mut(room).peers.get_mut(index)
    {
        *known = peer;
    }
    outcome
}

fn position(room: &SizedRoom, id: &PeerId) -> Option<usize> {
    room.room.peers.iter().position(|peer| peer.id == *id)
}

/// Changes the peer that owns a track. A room of the API has no components.
fn change_owner(room: &mut SizedRoom, owner: &EndpointId, change: impl FnOnce(&mut Peer) -> Outcome) -> Outcome {
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
