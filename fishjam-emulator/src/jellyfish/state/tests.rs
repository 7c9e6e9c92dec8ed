use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::*;
use crate::jellyfish::component::{ComponentType, Kind};

fn state() -> State {
    State::new(Switches::default())
}

fn h264() -> RoomConfig {
    RoomConfig { video_codec: Some(VideoCodec::H264), ..RoomConfig::default() }
}

fn options(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// What is told, in order.
fn told(effects: &[Effect]) -> Vec<Event> {
    let told = effects.iter().filter_map(|effect| match effect {
        Effect::Notify(event) => Some(event.clone()),
        _ => None,
    });
    told.collect()
}

fn asked(effects: &[Effect]) -> Vec<Happening> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Media(happening) => Some(happening.clone()),
        _ => None,
    });
    asked.collect()
}

#[test]
fn purges_in_their_time() {
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let mut state = state();
    let config =
        RoomConfig { peerless_purge_timeout: Some(3), peer_disconnected_timeout: Some(2), ..RoomConfig::default() };
    let room = state.create_room(config, start).unwrap().value.id;
    assert_eq!(state.next_purge(), Some(start + 3 * second));
    // A peer that is added while nobody is connected starts the room's time anew.
    let peer = state.add_peer(&room, start + second).unwrap().value.id;
    assert_eq!(state.next_purge(), Some(start + 3 * second));
    state.connect_peer(&room, &peer, Session(1)).unwrap();
    assert_eq!(state.next_purge(), None);
    assert!(state.purge(start + 60 * second).is_empty());
    state.disconnect_peer(&room, &peer, Session(1), start + 60 * second);
    assert_eq!(state.next_purge(), Some(start + 62 * second));
    assert!(state.purge(start + 61 * second).is_empty());
    // The peer goes first, at 62 seconds, and the room three seconds after it.
    let effects = state.purge(start + 64 * second);
    assert_eq!(told(&effects), [Event::PeerDeleted { room: room.clone(), peer: peer.clone() }]);
    assert_eq!(state.next_purge(), Some(start + 65 * second));
    assert_eq!(told(&state.purge(start + 65 * second)), [Event::RoomDeleted { room: room.clone() }]);
    assert_eq!(state.next_purge(), None);
}

#[test]
fn both_purges_at_once_are_the_peers() {
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let mut state = state();
    let config =
        RoomConfig { peerless_purge_timeout: Some(1), peer_disconnected_timeout: Some(1), ..RoomConfig::default() };
    let room = state.create_room(config, start).unwrap().value.id;
    let peer = state.add_peer(&room, start).unwrap().value.id;
    assert_eq!(told(&state.purge(start + second)), [Event::PeerDeleted { room: room.clone(), peer: peer.clone() }]);
    assert_eq!(told(&state.purge(start + 2 * second)), [Event::RoomDeleted { room: room.clone() }]);
}

#[test]
fn pictures_make_hls_playable() {
    let mut state = state();
    let room = state.create_room(h264(), Instant::now()).unwrap().value.id;
    let manual = options(json!({ "subscribeMode": "manual", "s3": {
        "accessKeyId": "a", "secretAccessKey": "b", "region": "c", "bucket": "d",
    } }));
    let hls = state.add_component(&room, ComponentType::Hls, &manual).unwrap().value.id;
    let camera = options(json!({ "sourceUri": "rtsp://host/stream" }));
    let added = state.add_component(&room, ComponentType::Rtsp, &camera).unwrap();
    let camera = added.value.id;
    let [arrival] = asked(&added.effects).try_into().unwrap();
    // Pictures are there, but not subscribed to.
    assert_eq!(asked(&state.happen(&arrival)), []);
    let subscribed = state.subscribe(&room, &hls, &[camera]).unwrap();
    let [playable] = asked(&subscribed.effects).try_into().unwrap();
    assert_eq!(told(&state.happen(&playable)), [Event::HlsPlayable { room: room.clone(), component: hls.clone() }]);
    // Not a second time.
    assert!(state.happen(&playable).is_empty());
    assert!(state.stream_file(&room, "index.m3u8").is_ok());
    let ended = told(&state.delete_room(&room).unwrap().effects);
    assert_eq!(ended[1..], [Event::RoomDeleted { room: room.clone() }, Event::HlsUploaded { room: room.clone() }]);
    assert!(state.recordings().is_empty());
}

#[test]
fn uploads_fail_or_are_not_tried() {
    let s3 = json!({ "accessKeyId": "a", "secretAccessKey": "b", "region": "c", "bucket": "d" });
    for (playable, fail, expected) in
        [(true, true, Some(Event::HlsUploadCrashed { room: "r".to_owned() })), (false, false, None)]
    {
        let mut state = state();
        state.uploads_fail = fail;
        let config = RoomConfig { room_id: Some("r".to_owned()), ..h264() };
        state.create_room(config, Instant::now()).unwrap();
        let hls = options(json!({ "s3": s3, "persistent": true }));
        let hls = state.add_component("r", ComponentType::Hls, &hls).unwrap().value.id;
        if playable {
            state.make_playable("r", &hls).unwrap();
        }
        assert!(state.recordings().is_empty());
        let ended = told(&state.crash_room("r").unwrap().effects);
        let mut all = vec![Event::RoomCrashed { room: "r".to_owned() }];
        all.extend(expected);
        assert_eq!(ended, all);
        assert_eq!(state.recordings().len(), usize::from(playable));
    }
}

#[test]
fn bad_numbers_crash_the_component() {
    let mut state = state();
    let room = state.create_room(RoomConfig::default(), Instant::now()).unwrap().value.id;
    let registrar = json!({ "address": "a", "username": "b", "password": "c" });
    let registrar = options(json!({ "registrarCredentials": registrar }));
    let sip = state.add_component(&room, ComponentType::Sip, &registrar).unwrap().value.id;
    for number in ["1234", "+48 123-456", ""] {
        assert!(state.dial(&room, &sip, number).unwrap().effects.is_empty(), "{number}");
    }
    let [failure] = asked(&state.dial(&room, &sip, "nobody").unwrap().effects).try_into().unwrap();
    assert_eq!(told(&state.happen(&failure)), [Event::ComponentCrashed { room: room.clone(), component: sip.clone() }]);
    assert!(state.room(&room).unwrap().components.is_empty());
}

#[test]
fn files_have_a_track_until_they_end() {
    let mut state = state();
    let room = state.create_room(RoomConfig::default(), Instant::now()).unwrap().value.id;
    let source = options(json!({ "filePath": "dir/../video.h264" }));
    let added = state.add_component(&room, ComponentType::File, &source).unwrap();
    assert!(added.value.tracks.is_empty());
    let component = state.room(&room).unwrap().components.first().unwrap().clone();
    assert!(matches!(component.kind, Kind::File { framerate: Some(30), .. }));
    let [track] = component.tracks.as_slice() else { panic!("{component:?}") };
    let endpoint = Endpoint::Component(component.id.clone());
    let track = track.clone();
    assert_eq!(
        told(&added.effects),
        [Event::TrackAdded { room: room.clone(), endpoint: endpoint.clone(), track: track.clone() }]
    );
    let ended = state.remove_component(&room, &component.id, End::Quiet).unwrap();
    assert_eq!(told(&ended.effects), [Event::TrackRemoved { room: room.clone(), endpoint, track }]);
}
