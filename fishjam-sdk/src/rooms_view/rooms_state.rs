//! What we know of all rooms: events in, changes out, and which rooms must be read again.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Listing, Peer, PeerId, PeerStatus, Room, RoomId, Track,
    events::{self, EndpointId, Metadata, Notification},
};

/// The rooms as far as they are known.
///
/// Events are taken as statements ("from now on it is so") and not as differences, so one that is already true
/// changes nothing: a picture may be read from the API while events about the same time still wait.
#[derive(Debug, Default)]
pub(super) struct Picture {
    rooms: BTreeMap<RoomId, Room>,
    /// Rooms of which something happened that the event does not tell in full.
    stale: BTreeSet<RoomId>,
}

impl Picture {
    pub(super) fn get(&self, id: &RoomId) -> Option<&Room> {
        self.rooms.get(id)
    }

    pub(super) fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    /// The rooms that must be read again.
    pub(super) fn take_stale(&mut self) -> BTreeSet<RoomId> {
        std::mem::take(&mut self.stale)
    }

    /// Replaces everything but the rooms that could not be read; returns the ids of rooms that changed.
    pub(super) fn replace(&mut self, rooms: Listing<Room>) -> BTreeSet<RoomId> {
        self.stale.clear();
        let Listing { items, unreadable } = rooms;
        let mut rooms: BTreeMap<_, _> = items.into_iter().map(|room| (room.id.clone(), room)).collect();
        // Without its id, an unreadable room may be any of those that are known.
        let unread =
            |id: &RoomId| unreadable.iter().any(|room| room.id.as_ref().is_none_or(|read| id == read.as_str()));
        for (id, room) in self.rooms.iter().filter(|(id, _)| unread(id)) {
            rooms.entry(id.clone()).or_insert_with(|| room.clone());
        }
        let before = std::mem::replace(&mut self.rooms, rooms);
        before.keys().chain(self.rooms.keys()).filter(|id| before.get(id) != self.rooms.get(id)).cloned().collect()
    }

    /// Replaces one room by what was read of it, nothing if it is gone; returns whether it changed.
    pub(super) fn replace_room(&mut self, id: &RoomId, room: Option<Room>) -> bool {
        let changed = self.rooms.get(id) != room.as_ref();
        match room {
            Some(room) => self.rooms.insert(id.clone(), room),
            None => self.rooms.remove(id),
        };
        changed
    }

    /// Takes in an event; returns the room that it changed.
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
                Some(room) => in_room(room, notification),
                // What goes away may belong to a room that is gone itself; anything else tells of one to be read.
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

/// Whether something goes away, which needs no room to be known.
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

/// What an event did to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Changed,
    Same,
    /// There is more to know than the event says.
    Incomplete,
}

fn in_room(room: &mut Room, notification: &Notification) -> Outcome {
    match notification {
        Notification::PeerAdded(event) if room.peers.iter().any(|peer| peer.id == event.peer_id) => Outcome::Same,
        Notification::PeerDeleted(event) => without(room, &event.peer_id),
        Notification::PeerCrashed(event) => without(room, &event.peer_id),
        Notification::PeerConnected(event) => {
            of_peer(room, &event.peer_id, |peer| set(&mut peer.status, PeerStatus::Connected))
        }
        Notification::PeerDisconnected(event) => of_peer(room, &event.peer_id, |peer| {
            let status = set(&mut peer.status, PeerStatus::Disconnected);
            let tracks = set(&mut peer.tracks, Vec::new());
            if status == Outcome::Changed { status } else { tracks }
        }),
        Notification::PeerMetadataUpdated(event) => {
            // The other half belongs to the backend. Metadata of an older service has no halves.
            of_peer(room, &event.peer_id, |peer| {
                let before = peer.metadata.clone().unwrap_or_else(|| Metadata::new("{}"));
                match before.with_member("peer", &event.metadata) {
                    Some(metadata) => set(&mut peer.metadata, Some(metadata)),
                    None => Outcome::Incomplete,
                }
            })
        }
        Notification::TrackAdded(event) => of_owner(room, &event.endpoint, |peer| {
            let track = track(&event.track);
            match peer.tracks.iter_mut().find(|known| known.id == track.id) {
                Some(known) => set(known, track),
                None => {
                    peer.tracks.push(track);
                    Outcome::Changed
                }
            }
        }),
        Notification::TrackRemoved(event) => of_owner(room, &event.endpoint, |peer| {
            let before = peer.tracks.len();
            peer.tracks.retain(|track| track.id.as_ref() != Some(&event.track.id));
            if peer.tracks.len() == before { Outcome::Same } else { Outcome::Changed }
        }),
        Notification::TrackMetadataUpdated(event) => of_owner(room, &event.endpoint, |peer| {
            let metadata = attached(&event.track.metadata);
            match peer.tracks.iter_mut().find(|track| track.id.as_ref() == Some(&event.track.id)) {
                Some(track) => set(&mut track.metadata, metadata),
                None => Outcome::Incomplete,
            }
        }),
        Notification::PeerAdded(_) | Notification::TrackForwarding(_) | Notification::TrackForwardingRemoved(_) => {
            Outcome::Incomplete
        }
        _ => Outcome::Same,
    }
}

fn set<T: PartialEq>(place: &mut T, value: T) -> Outcome {
    if *place == value {
        return Outcome::Same;
    }
    *place = value;
    Outcome::Changed
}

fn without(room: &mut Room, id: &PeerId) -> Outcome {
    let before = room.peers.len();
    room.peers.retain(|peer| peer.id != *id);
    if room.peers.len() == before { Outcome::Same } else { Outcome::Changed }
}

/// A peer that we should know and do not is a reason to read the room again.
fn of_peer(room: &mut Room, id: &PeerId, change: impl FnOnce(&mut Peer) -> Outcome) -> Outcome {
    room.peers.iter_mut().find(|peer| peer.id == *id).map_or(Outcome::Incomplete, change)
}

/// Components have no place in a room of today's service.
fn of_owner(room: &mut Room, owner: &EndpointId, change: impl FnOnce(&mut Peer) -> Outcome) -> Outcome {
    match owner {
        EndpointId::Peer(id) => of_peer(room, id, change),
        _ => Outcome::Same,
    }
}

fn track(track: &events::Track) -> Track {
    Track { id: Some(track.id.clone()), track_type: track.track_type.clone(), metadata: attached(&track.metadata) }
}

fn attached(metadata: &Metadata) -> Option<Metadata> {
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

    fn told(content: Content) -> Notification {
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

    fn picture() -> Picture {
        let mut picture = Picture::default();
        picture.replace(listing(vec![room("r", &["p"])], &[]));
        picture
    }

    fn ids() -> (String, String) {
        ("r".to_owned(), "p".to_owned())
    }

    fn connected() -> Notification {
        let (room_id, peer_id) = ids();
        told(Content::PeerConnected(wire::PeerConnected { room_id, peer_id, peer_type: 1 }))
    }

    fn track_added(metadata: &str) -> Notification {
        let (room_id, peer_id) = ids();
        told(Content::TrackAdded(wire::TrackAdded {
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
    fn replace_keeps_a_known_room_that_cannot_be_read() {
        let ids = |ids: &[&str]| ids.iter().map(|id| RoomId::from(*id)).collect::<BTreeSet<_>>();
        let mut picture = picture();
        let new = || vec![room("new", &[])];
        assert_eq!(picture.replace(listing(new(), &[Some("r"), Some("unknown")])), ids(&["new"]));
        assert_eq!(picture.get(&"r".into()), Some(&room("r", &["p"])));
        assert_eq!(picture.replace(listing(vec![], &[None])), ids(&[]));
        assert_eq!(picture.replace(listing(new(), &[Some("unknown")])), ids(&["r"]));
    }

    #[test]
    fn what_an_event_says_is_so_from_then_on_and_said_twice_changes_nothing() {
        let mut picture = picture();
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
            (told(metadata), |room| metadata_of(room)["peer"]["name"] == "Ada"),
            (track_added(r#"{"a":1}"#), |room| track_metadata_of(room)["a"] == 1),
            (told(updated), |room| track_metadata_of(room)["b"] == 2),
            (told(removed), |room| room.unwrap().peers[0].tracks.is_empty()),
            (told(gone), |room| room.unwrap().peers[0].status == PeerStatus::Disconnected),
            (told(deleted), |room| room.unwrap().peers.is_empty()),
            (told(room_deleted), |room| room.is_none()),
        ];
        for (event, holds) in steps {
            assert_eq!(picture.apply(&event), Some(RoomId::from("r")), "{event}");
            assert!(holds(picture.get(&"r".into())), "{event}");
            assert_eq!(picture.apply(&event), None, "{event}, told twice");
        }
        assert!(picture.take_stale().is_empty());
    }

    #[test]
    fn a_disconnected_peer_has_no_tracks() {
        let mut picture = picture();
        picture.apply(&connected());
        picture.apply(&track_added("null"));
        let (room_id, peer_id) = ids();
        picture.apply(&told(Content::PeerDisconnected(wire::PeerDisconnected { room_id, peer_id, peer_type: 1 })));
        assert!(picture.get(&"r".into()).unwrap().peers[0].tracks.is_empty());
    }

    #[test]
    fn what_an_event_does_not_tell_in_full_is_read_again() {
        let (room_id, _) = ids();
        let created = told(Content::RoomCreated(wire::RoomCreated { room_id: "new".to_owned() }));
        let peer = |id: &str| {
            told(Content::PeerAdded(wire::PeerAdded { room_id: room_id.clone(), peer_id: id.to_owned(), peer_type: 1 }))
        };
        let mut picture = picture();
        assert_eq!(picture.apply(&created), None);
        assert_eq!(picture.take_stale(), BTreeSet::from(["new".into()]));
        assert_eq!((picture.apply(&peer("p")), picture.take_stale()), (None, BTreeSet::new()));
        assert_eq!((picture.apply(&peer("q")), picture.take_stale()), (None, BTreeSet::from(["r".into()])));
        let stranger = told(Content::PeerConnected(wire::PeerConnected {
            room_id: room_id.clone(),
            peer_id: "stranger".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((picture.apply(&stranger), picture.take_stale()), (None, BTreeSet::from(["r".into()])));
        let elsewhere = told(Content::PeerAdded(wire::PeerAdded {
            room_id: "unknown".to_owned(),
            peer_id: "p".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((picture.apply(&elsewhere), picture.take_stale()), (None, BTreeSet::from(["unknown".into()])));
        let ended = told(Content::PeerDeleted(wire::PeerDeleted {
            room_id: "unknown".to_owned(),
            peer_id: "p".to_owned(),
            peer_type: 1,
        }));
        assert_eq!((picture.apply(&ended), picture.take_stale()), (None, BTreeSet::new()));
    }

    #[test]
    fn replacing_reports_what_came_went_and_changed() {
        let mut picture = Picture::default();
        picture.replace(listing(vec![room("same", &["p"]), room("gone", &[]), room("changed", &[])], &[]));
        let rooms = vec![room("same", &["p"]), room("changed", &["p"]), room("new", &[])];
        let changed = picture.replace(listing(rooms, &[]));
        assert_eq!(changed, BTreeSet::from(["changed".into(), "gone".into(), "new".into()]));
        assert!(picture.replace_room(&"new".into(), None) && !picture.replace_room(&"new".into(), None));
    }
}
