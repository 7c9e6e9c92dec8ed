use std::time::Duration;

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
    serde_json::from_value(room).unwrap()
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
    let deleted =
        Content::PeerDeleted(wire::PeerDeleted { room_id: room_id.clone(), peer_id: peer_id.clone(), peer_type: 1 });
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
    rooms.apply(&notification(Content::PeerDisconnected(wire::PeerDisconnected { room_id, peer_id, peer_type: 1 })));
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
    let same = rooms.iter().map(|room| Room::clone(room)).collect();
    replace(&mut rooms, listing(same, &[]));
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
    let later = NOW + Duration::from_secs(1);
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
