use std::time::Duration;

use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::Track as WireTrack,
    server_message::{self as wire, Content, track_added, track_metadata_updated, track_removed},
};
use prost::Message as _;
use serde_json::{Value, json};

use super::*;
use crate::events::decode_server_notifications;

pub(in crate::rooms_view) fn notification(content: Content) -> Notification {
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

fn one_room() -> RoomsState {
    let mut rooms = RoomsState::default();
    rooms.set(&"r".into(), Some(SizedRoom::new(room("r", &["p"]))), NOW);
    rooms
}

fn get<'a>(rooms: &'a RoomsState, id: &str) -> Option<&'a Arc<Room>> {
    rooms.get(&id.into()).map(|known| &known.room)
}

fn apply(rooms: &mut RoomsState, event: &Notification) -> Outcome {
    rooms.apply(event.room_id().unwrap(), event)
}

fn ids() -> (String, String) {
    ("r".to_owned(), "p".to_owned())
}

/// The peer `p` of the room `r` connects.
pub(in crate::rooms_view) fn connected() -> Notification {
    peer_connected("r", "p")
}

pub(in crate::rooms_view) fn peer_connected(room: &str, peer: &str) -> Notification {
    let (room_id, peer_id) = (room.to_owned(), peer.to_owned());
    notification(Content::PeerConnected(wire::PeerConnected { room_id, peer_id, peer_type: 1 }))
}

pub(in crate::rooms_view) fn peer_disconnected(room: &str, peer: &str) -> Notification {
    let (room_id, peer_id) = (room.to_owned(), peer.to_owned());
    notification(Content::PeerDisconnected(wire::PeerDisconnected { room_id, peer_id, peer_type: 1 }))
}

pub(in crate::rooms_view) fn peer_added(room: &str, peer: &str) -> Notification {
    let (room_id, peer_id) = (room.to_owned(), peer.to_owned());
    notification(Content::PeerAdded(wire::PeerAdded { room_id, peer_id, peer_type: 1 }))
}

pub(in crate::rooms_view) fn room_created(room: &str) -> Notification {
    notification(Content::RoomCreated(wire::RoomCreated { room_id: room.to_owned() }))
}

pub(in crate::rooms_view) fn room_deleted(room: &str) -> Notification {
    notification(Content::RoomDeleted(wire::RoomDeleted { room_id: room.to_owned() }))
}

fn track_added(metadata: &str) -> Notification {
    let (room_id, peer_id) = ids();
    notification(Content::TrackAdded(wire::TrackAdded {
        room_id,
        endpoint_info: Some(track_added::EndpointInfo::PeerId(peer_id)),
        track: Some(WireTrack { id: "t".to_owned(), r#type: 2, metadata: metadata.to_owned() }),
    }))
}

fn metadata_of(room: Option<&Arc<Room>>) -> Value {
    room.unwrap().peers[0].metadata().unwrap()
}

fn track_metadata_of(room: Option<&Arc<Room>>) -> Value {
    room.unwrap().peers[0].tracks[0].metadata().unwrap()
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
        let ends = matches!(event, Notification::RoomDeleted(_));
        let (first, again) = if ends {
            (Outcome::Ended { known: true }, Outcome::Ended { known: false })
        } else {
            (Outcome::Changed, Outcome::Same)
        };
        assert_eq!(apply(&mut rooms, &event), first, "{event}");
        assert!(holds(get(&rooms, "r")), "{event}");
        assert_eq!(apply(&mut rooms, &event), again, "{event}, applied twice");
        if let Some(SizedRoom { room, size }) = rooms.get(&"r".into()) {
            assert_eq!(*size, SizedRoom::new(Room::clone(room)).size, "{event}");
        }
    }
}

#[test]
fn apply_removes_the_tracks_of_a_disconnected_peer() {
    let mut rooms = one_room();
    apply(&mut rooms, &connected());
    apply(&mut rooms, &track_added("null"));
    apply(&mut rooms, &peer_disconnected("r", "p"));
    assert!(get(&rooms, "r").unwrap().peers[0].tracks.is_empty());
}

#[test]
fn apply_returns_incomplete_if_the_room_must_be_read() {
    let mut rooms = one_room();
    let forwarding = wire::TrackForwarding { room_id: "r".to_owned(), ..Default::default() };
    let speech = |room: &str| {
        notification(Content::VadNotification(wire::VadNotification { room_id: room.to_owned(), ..Default::default() }))
    };
    let ended = notification(Content::PeerDeleted(wire::PeerDeleted {
        room_id: "unknown".to_owned(),
        peer_id: "p".to_owned(),
        peer_type: 1,
    }));
    for (event, outcome) in [
        (room_created("new"), Outcome::Incomplete),
        (room_created("r"), Outcome::Same),
        (peer_added("r", "p"), Outcome::Same),
        (peer_added("r", "q"), Outcome::Incomplete),
        (peer_connected("r", "stranger"), Outcome::Incomplete),
        (peer_added("unknown", "p"), Outcome::Incomplete),
        (notification(Content::TrackForwarding(forwarding)), Outcome::Incomplete),
        (speech("r"), Outcome::Unrelated),
        (speech("unknown"), Outcome::Incomplete),
        (ended, Outcome::Same),
    ] {
        assert_eq!(apply(&mut rooms, &event), outcome, "{event}");
    }
}

#[test]
fn room_is_copied_only_if_it_changes_and_is_shared() {
    let mut rooms = one_room();
    let address = |rooms: &RoomsState| get(rooms, "r").map(Arc::as_ptr);
    let before = address(&rooms);
    apply(&mut rooms, &connected());
    assert_eq!(address(&rooms), before);
    let shared = get(&rooms, "r").cloned();
    let forwarding = wire::TrackForwarding { room_id: "r".to_owned(), ..Default::default() };
    apply(&mut rooms, &peer_connected("r", "stranger"));
    apply(&mut rooms, &notification(Content::TrackForwarding(forwarding)));
    assert_eq!(apply(&mut rooms, &connected()), Outcome::Same);
    assert_eq!(address(&rooms), before);
    apply(&mut rooms, &track_added("null"));
    let copy = address(&rooms);
    assert_ne!(copy, before);
    // The consumer keeps the old state, so further events change the copy in place.
    apply(&mut rooms, &peer_disconnected("r", "p"));
    assert_eq!(address(&rooms), copy);
    assert!(shared.is_some_and(|room| room.peers[0].tracks.is_empty()));
}

#[test]
fn first_seen_stays_until_the_room_ends() {
    let (mut rooms, id) = (one_room(), RoomId::from("r"));
    let later = NOW + Duration::from_secs(1);
    let sized = |id: &str| Some(SizedRoom::new(room(id, &[])));
    apply(&mut rooms, &connected());
    rooms.set(&id, sized("r"), later);
    rooms.set(&"new".into(), sized("new"), later);
    assert_eq!((rooms.first_seen(&id), rooms.first_seen(&"new".into())), (Some(NOW), Some(later)));
    assert_eq!(apply(&mut rooms, &room_deleted("r")), Outcome::Ended { known: true });
    assert_eq!(rooms.first_seen(&id), None);
    rooms.set(&id, sized("r"), later);
    assert_eq!(rooms.first_seen(&id), Some(later));
}
