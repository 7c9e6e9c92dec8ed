//! The known state of all rooms: it applies events, returns changes, and names the rooms to read again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::SystemTime,
};

use fishjam_api::fishjam::enums::PeerStatus;

use crate::{
    events::{self, EndpointId, Metadata, Notification},
    id::{PeerId, RoomId},
    listing::Listing,
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

fn track(track: &events::Track) -> Track {
    Track { id: Some(track.id.clone()), track_type: track.track_type.clone(), metadata: non_null(&track.metadata) }
}

fn non_null(metadata: &Metadata) -> Option<Metadata> {
    Some(metadata.clone()).filter(|metadata| !metadata.is_null())
}

#[cfg(test)]
pub(super) mod tests {
    use fishjam_proto::fishjam::{
        ServerMessage,
        notifications::Track as WireTrack,
        server_message::{self as wire, Content, track_added, track_metadata_updated, track_removed},
    };
    use prost::Message as _;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        error::{Error, ErrorKind},
        events::decode_server_notifications,
        listing::UnreadableItem,
    };

    fn notification(content: Content) -> Notification {
        let bytes = ServerMessage { content: Some(content) }.encode_to_vec();
        decode_server_notifications(&bytes).unwrap().remove(0)
    }

    pub(in crate::rooms_view) fn room(id: &str, peers: &[&str]) -> Room {
        let peers: Vec<Value> = peers
            .iter()
            .map(|id| {
                json!({
                    "id": id, "type": "webrtc", "status": "disconnected", "tracks": [], "metadata": null,
                    "subscribeMode": "auto", "subscriptions": { "peers": [], "tracks": [] },
                })
            })
            .collect();
        let room = json!({ "id": id, "config": {}, "peers": peers });
        serde_json::from_value::<fishjam_api::fishjam::types::Room>(room).unwrap().into()
    }

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn replace(rooms: &mut RoomsState, listing: Listing<Room>) -> BTreeSet<RoomId> {
        rooms.replace(listing, &BTreeSet::new(), NOW)
    }

    fn one_room() -> RoomsState {
        let mut rooms = RoomsState::default();
        replace(&mut rooms, listing(vec![room("r", &["p"])], &[]));
        rooms
    }

    fn ids() -> (String, String) {
        ("r".to_owned(), "p".to_owned())
    }

    fn connected() -> Notification {
        let (room_id, peer_id) = ids();
        notification(Content::PeerConnected(wire::PeerConnected { room_id, peer_id, peer_type: 1 }))
    }

    fn track_added(metadata: &str) -> Notification {
        let (room_id, peer_id) = ids();
        notification(Content::TrackAdded(wire::TrackAdded {
            room_id,
            endpoint_info: Some(track_added::EndpointInfo::PeerId(peer_id)),
            track: Some(WireTrack { id: "t".to_owned(), r#type: 2, metadata: metadata.to_owned() }),
        }))
    }

    fn listing(items: Vec<Room>, unreadable: &[Option<&str>]) -> Listing<Room> {
        let unreadable = unreadable.iter().enumerate().map(|(index, id)| UnreadableItem {
            index,
            id: id.map(str::to_owned),
            error: Error::new(ErrorKind::Decode),
        });
        Listing { items, unreadable: unreadable.collect() }
    }

    fn metadata_of(room: Option<&Arc<Room>>) -> Value {
        room.unwrap().peers[0].metadata().unwrap()
    }

    fn track_metadata_of(room: Option<&Arc<Room>>) -> Value {
        room.unwrap().peers[0].tracks[0].metadata().unwrap()
    }

    #[test]
    fn replace_keeps_a_known_room_that_is_unreadable() {
        let ids = |ids: &[&str]| ids.iter().map(|id| RoomId::from(*id)).collect::<BTreeSet<_>>();
        let mut rooms = one_room();
        let new = || vec![room("new", &[])];
        assert_eq!(replace(&mut rooms, listing(new(), &[Some("r"), Some("unknown")])), ids(&["new"]));
        assert_eq!(rooms.get(&"r".into()).map(|room| &**room), Some(&room("r", &["p"])));
        assert_eq!(replace(&mut rooms, listing(vec![], &[None])), ids(&[]));
        assert_eq!(replace(&mut rooms, listing(new(), &[Some("unknown")])), ids(&["r"]));
    }

    #[test]
    fn apply_sets_each_state_once() {
        let mut rooms = one_room();
        let (room_id, peer_id) = ids();
        let removed = Content::TrackRemoved(wire::TrackRemoved {
            room_id: room_id.clone(),
            endpoint_info: Some(track_removed::EndpointInfo::PeerId(peer_id.clone())),
            track: Some(WireTrack { id: "t".to_owned(), ..WireTrack::default() }),
        });
        let updated = Content::TrackMetadataUpdated(wire::TrackMetadataUpdated {
            room_id: room_id.clone(),
            endpoint_info: Some(track_metadata_updated::EndpointInfo::PeerId(peer_id.clone())),
            track: Some(WireTrack { id: "t".to_owned(), r#type: 2, metadata: r#"{"b":2}"#.to_owned() }),
        });
        let metadata = Content::PeerMetadataUpdated(wire::PeerMetadataUpdated {
            room_id: room_id.clone(),
            peer_id: peer_id.clone(),
            metadata: r#"{"name":"Ada"}"#.to_owned(),
            peer_type: 1,
        });
        let gone = Content::PeerDisconnected(wire::PeerDisconnected {
            room_id: room_id.clone(),
            peer_id: peer_id.clone(),
            peer_type: 1,
        });
        let deleted = Content::PeerDeleted(wire::PeerDeleted {
            room_id: room_id.clone(),
            peer_id: peer_id.clone(),
            peer_type: 1,
        });
        let room_deleted = Content::RoomDeleted(wire::RoomDeleted { room_id: room_id.clone() });

        type Check = fn(Option<&Arc<Room>>) -> bool;
        let steps: [(Notification, Check); 8] = [
            (connected(), |room| room.unwrap().peers[0].status == PeerStatus::Connected),
            (notification(metadata), |room| metadata_of(room)["peer"]["name"] == "Ada"),
            (track_added(r#"{"a":1}"#), |room| track_metadata_of(room)["a"] == 1),
            (notification(updated), |room| track_metadata_of(room)["b"] == 2),
            (notification(removed), |room| room.unwrap().peers[0].tracks.is_empty()),
            (notification(gone), |room| room.unwrap().peers[0].status == PeerStatus::Disconnected),
            (notification(deleted), |room| room.unwrap().peers.is_empty()),
            (notification(room_deleted), |room| room.is_none()),
        ];
        for (event, holds) in steps {
            assert_eq!(rooms.apply(&event).changed, Some(RoomId::from("r")), "{event}");
            assert!(holds(rooms.get(&"r".into())), "{event}");
            assert_eq!(rooms.apply(&event).changed, None, "{event}, applied twice");
        }
        assert!(rooms.take_stale().is_empty());
    }

    #[test]
    fn apply_removes_the_tracks_of_a_disconnected_peer() {
        let mut rooms = one_room();
        rooms.apply(&connected());
        rooms.apply(&track_added("null"));
        let (room_id, peer_id) = ids();
        rooms.apply(&notification(Content::PeerDisconnected(wire::PeerDisconnected {
            room_id,
            peer_id,
            peer_type: 1,
        })));
        assert!(rooms.get(&"r".into()).unwrap().peers[0].tracks.is_empty());
    }

    #[test]
    fn take_stale_returns_rooms_with_incomplete_events() {
        let none = Applied::default;
        let (room_id, _) = ids();
        let created = notification(Content::RoomCreated(wire::RoomCreated { room_id: "new".to_owned() }));
        let peer = |id: &str| {
            notification(Content::PeerAdded(wire::PeerAdded {
                room_id: room_id.clone(),
                peer_id: id.to_owned(),
                peer_type: 1,
            }))
        };
        let mut rooms = one_room();
        assert_eq!(rooms.apply(&created), Applied::default());
        assert_eq!(rooms.take_stale(), BTreeSet::from(["new".into()]));
        assert_eq!((rooms.apply(&peer("p")), rooms.take_stale()), (none(), BTreeSet::new()));
        assert_eq!((rooms.apply(&peer("q")), rooms.take_stale()), (none(), BTreeSet::from(["r".into()])));
        let stranger = notification(Content::PeerConnected(wire::PeerConnected {
            room_id: room_id.clone(),
            peer_id: "stranger".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((rooms.apply(&stranger), rooms.take_stale()), (none(), BTreeSet::from(["r".into()])));
        let elsewhere = notification(Content::PeerAdded(wire::PeerAdded {
            room_id: "unknown".to_owned(),
            peer_id: "p".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((rooms.apply(&elsewhere), rooms.take_stale()), (none(), BTreeSet::from(["unknown".into()])));
        let ended = notification(Content::PeerDeleted(wire::PeerDeleted {
            room_id: "unknown".to_owned(),
            peer_id: "p".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((rooms.apply(&ended), rooms.take_stale()), (none(), BTreeSet::new()));
    }

    #[test]
    fn replace_returns_new_removed_and_changed_rooms() {
        let mut rooms = RoomsState::default();
        replace(&mut rooms, listing(vec![room("same", &["p"]), room("gone", &[]), room("changed", &[])], &[]));
        let listed = vec![room("same", &["p"]), room("changed", &["p"]), room("new", &[])];
        let changed = replace(&mut rooms, listing(listed, &[]));
        assert_eq!(changed, BTreeSet::from(["changed".into(), "gone".into(), "new".into()]));
        assert!(rooms.replace_room(&"new".into(), None, NOW) && !rooms.replace_room(&"new".into(), None, NOW));
    }

    #[test]
    fn replace_keeps_the_rooms_that_changed_meanwhile() {
        let mut rooms = one_room();
        let keep = BTreeSet::from([RoomId::from("r"), RoomId::from("deleted")]);
        let listed = vec![room("r", &[]), room("deleted", &[]), room("new", &[])];
        assert_eq!(rooms.replace(listing(listed, &[]), &keep, NOW), BTreeSet::from(["new".into()]));
        assert_eq!(rooms.get(&"r".into()).map(|room| room.peers.len()), Some(1));
        assert!(rooms.get(&"deleted".into()).is_none());
        assert_eq!(rooms.replace(listing(vec![], &[]), &keep, NOW), BTreeSet::from(["new".into()]));
    }

    #[test]
    fn room_is_copied_only_if_it_changes_and_is_shared() {
        let mut rooms = one_room();
        let address = |rooms: &RoomsState| rooms.get(&"r".into()).map(Arc::as_ptr);
        let before = address(&rooms);
        rooms.apply(&connected());
        replace(&mut rooms, listing(rooms.iter().map(|room| Room::clone(room)).collect(), &[]));
        assert_eq!(address(&rooms), before);
        let shared = rooms.get(&"r".into()).cloned();
        let (room_id, _) = ids();
        let stranger =
            wire::PeerConnected { room_id: room_id.clone(), peer_id: "stranger".to_owned(), ..Default::default() };
        let forwarding = wire::TrackForwarding { room_id, ..Default::default() };
        rooms.apply(&notification(Content::PeerConnected(stranger)));
        rooms.apply(&notification(Content::TrackForwarding(forwarding)));
        assert_eq!(address(&rooms), before);
        rooms.apply(&track_added("null"));
        assert_ne!(address(&rooms), before);
        assert!(shared.is_some_and(|room| room.peers[0].tracks.is_empty()));
    }

    #[test]
    fn first_seen_stays_until_the_room_ends() {
        let (mut rooms, id) = (one_room(), RoomId::from("r"));
        let later = NOW + std::time::Duration::from_secs(1);
        rooms.apply(&connected());
        rooms.replace_room(&id, Some(room("r", &[])), later);
        rooms.replace(listing(vec![room("r", &["q"]), room("new", &[])], &[]), &BTreeSet::new(), later);
        assert_eq!((rooms.first_seen(&id), rooms.first_seen(&"new".into())), (Some(NOW), Some(later)));
        let ended = notification(Content::RoomDeleted(wire::RoomDeleted { room_id: "r".to_owned() }));
        assert_eq!(rooms.apply(&ended), Applied { changed: Some(id.clone()), ended: Some(id.clone()) });
        assert_eq!(rooms.apply(&ended), Applied { changed: None, ended: Some(id.clone()) });
        assert_eq!(rooms.first_seen(&id), None);
        rooms.replace_room(&id, Some(room("r", &[])), later);
        assert_eq!(rooms.first_seen(&id), Some(later));
    }
}
