//! The known state of all rooms: it applies events, returns changes, and names the rooms to read again.

use std::collections::{BTreeMap, BTreeSet};

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
    rooms: BTreeMap<RoomId, Room>,
    /// Rooms whose event does not contain the whole change.
    stale: BTreeSet<RoomId>,
}

impl RoomsState {
    pub(super) fn get(&self, id: &RoomId) -> Option<&Room> {
        self.rooms.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    /// Returns the rooms that must be read again, and forgets them.
    pub(super) fn take_stale(&mut self) -> BTreeSet<RoomId> {
        std::mem::take(&mut self.stale)
    }

    /// Replaces all rooms except the unreadable ones. Returns the ids of the changed rooms.
    pub(super) fn replace(&mut self, rooms: Listing<Room>) -> BTreeSet<RoomId> {
        self.stale.clear();
        let Listing { items, unreadable } = rooms;
        let mut rooms: BTreeMap<_, _> = items.into_iter().map(|room| (room.id.clone(), room)).collect();
        // An unreadable room without an id may be any known room.
        let unread =
            |id: &RoomId| unreadable.iter().any(|room| room.id.as_ref().is_none_or(|read| id == read.as_str()));
        for (id, room) in self.rooms.iter().filter(|(id, _)| unread(id)) {
            rooms.entry(id.clone()).or_insert_with(|| room.clone());
        }
        let before = std::mem::replace(&mut self.rooms, rooms);
        before.keys().chain(self.rooms.keys()).filter(|&id| before.get(id) != self.rooms.get(id)).cloned().collect()
    }

    /// Replaces or removes one room. Returns `true` if it changed.
    pub(super) fn replace_room(&mut self, id: &RoomId, room: Option<Room>) -> bool {
        let changed = self.rooms.get(id) != room.as_ref();
        match room {
            Some(room) => self.rooms.insert(id.clone(), room),
            None => self.rooms.remove(id),
        };
        changed
    }

    /// Applies an event. Returns the id of the room that changed.
    pub(super) fn apply(&mut self, notification: &Notification) -> Option<RoomId> {
        let id = notification.room_id()?;
        let outcome = match notification {
            Notification::RoomDeleted(_) | Notification::RoomCrashed(_) => {
                self.stale.remove(id);
                if self.rooms.remove(id).is_some() { Outcome::Changed } else { Outcome::Same }
            }
            Notification::RoomCreated(_) if self.rooms.contains_key(id) => Outcome::Same,
            Notification::RoomCreated(_) => Outcome::Incomplete,
            _ => match self.rooms.get_mut(id) {
                Some(room) => apply_to_room(room, notification),
                // An end can belong to a deleted room. Every other event belongs to a room that must be read.
                None if is_end(notification) => Outcome::Same,
                None => Outcome::Incomplete,
            },
        };
        match outcome {
            Outcome::Changed => Some(id.clone()),
            Outcome::Same => None,
            Outcome::Incomplete => {
                self.stale.insert(id.clone());
                None
            }
        }
    }
}

/// Returns `true` if the notification reports an end, which does not require a known room.
fn is_end(notification: &Notification) -> bool {
    matches!(
        notification,
        Notification::PeerDeleted(_)
            | Notification::PeerCrashed(_)
            | Notification::PeerDisconnected(_)
            | Notification::TrackRemoved(_)
            | Notification::TrackForwardingRemoved(_)
    )
}

/// The effect of an event on a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Changed,
    Same,
    /// The event does not contain the whole change.
    Incomplete,
}

fn apply_to_room(room: &mut Room, notification: &Notification) -> Outcome {
    match notification {
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
        // `RoomsState::apply` handles the room itself. The other notifications do not change a room of the API. There is
        // no `_` arm, so a new notification needs a decision here.
        Notification::RoomCreated(_)
        | Notification::RoomDeleted(_)
        | Notification::RoomCrashed(_)
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

fn remove_peer(room: &mut Room, id: &PeerId) -> Outcome {
    let before = room.peers.len();
    room.peers.retain(|peer| peer.id != *id);
    if room.peers.len() == before { Outcome::Same } else { Outcome::Changed }
}

/// Changes a peer. If the peer is unknown, the room must be read again.
fn change_peer(room: &mut Room, id: &PeerId, change: impl FnOnce(&mut Peer) -> Outcome) -> Outcome {
    room.peers.iter_mut().find(|peer| peer.id == *id).map_or(Outcome::Incomplete, change)
}

/// Changes the peer that owns a track. A room of the API has no components.
fn change_owner(room: &mut Room, owner: &EndpointId, change: impl FnOnce(&mut Peer) -> Outcome) -> Outcome {
    match owner {
        EndpointId::Peer(id) => change_peer(room, id, change),
        _ => Outcome::Same,
    }
}

fn track(track: &events::TrackInfo) -> Track {
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

    fn one_room() -> RoomsState {
        let mut rooms = RoomsState::default();
        rooms.replace(listing(vec![room("r", &["p"])], &[]));
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

    fn metadata_of(room: Option<&Room>) -> Value {
        room.unwrap().peers[0].metadata().unwrap()
    }

    fn track_metadata_of(room: Option<&Room>) -> Value {
        room.unwrap().peers[0].tracks[0].metadata().unwrap()
    }

    #[test]
    fn replace_keeps_a_known_room_that_is_unreadable() {
        let ids = |ids: &[&str]| ids.iter().map(|id| RoomId::from(*id)).collect::<BTreeSet<_>>();
        let mut rooms = one_room();
        let new = || vec![room("new", &[])];
        assert_eq!(rooms.replace(listing(new(), &[Some("r"), Some("unknown")])), ids(&["new"]));
        assert_eq!(rooms.get(&"r".into()), Some(&room("r", &["p"])));
        assert_eq!(rooms.replace(listing(vec![], &[None])), ids(&[]));
        assert_eq!(rooms.replace(listing(new(), &[Some("unknown")])), ids(&["r"]));
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

        type Check = fn(Option<&Room>) -> bool;
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
            assert_eq!(rooms.apply(&event), Some(RoomId::from("r")), "{event}");
            assert!(holds(rooms.get(&"r".into())), "{event}");
            assert_eq!(rooms.apply(&event), None, "{event}, applied twice");
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
        assert_eq!(rooms.apply(&created), None);
        assert_eq!(rooms.take_stale(), BTreeSet::from(["new".into()]));
        assert_eq!((rooms.apply(&peer("p")), rooms.take_stale()), (None, BTreeSet::new()));
        assert_eq!((rooms.apply(&peer("q")), rooms.take_stale()), (None, BTreeSet::from(["r".into()])));
        let stranger = notification(Content::PeerConnected(wire::PeerConnected {
            room_id: room_id.clone(),
            peer_id: "stranger".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((rooms.apply(&stranger), rooms.take_stale()), (None, BTreeSet::from(["r".into()])));
        let elsewhere = notification(Content::PeerAdded(wire::PeerAdded {
            room_id: "unknown".to_owned(),
            peer_id: "p".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((rooms.apply(&elsewhere), rooms.take_stale()), (None, BTreeSet::from(["unknown".into()])));
        let ended = notification(Content::PeerDeleted(wire::PeerDeleted {
            room_id: "unknown".to_owned(),
            peer_id: "p".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((rooms.apply(&ended), rooms.take_stale()), (None, BTreeSet::new()));
    }

    #[test]
    fn replace_returns_new_removed_and_changed_rooms() {
        let mut rooms = RoomsState::default();
        rooms.replace(listing(vec![room("same", &["p"]), room("gone", &[]), room("changed", &[])], &[]));
        let listed = vec![room("same", &["p"]), room("changed", &["p"]), room("new", &[])];
        let changed = rooms.replace(listing(listed, &[]));
        assert_eq!(changed, BTreeSet::from(["changed".into(), "gone".into(), "new".into()]));
        assert!(rooms.replace_room(&"new".into(), None) && !rooms.replace_room(&"new".into(), None));
    }
}
