use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::*;
use crate::{
    jellyfish::component::{ComponentKind, ComponentType},
    state::{Session, VideoCodec},
};

fn state() -> State {
    State::new(ServerFlags::default())
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

/// Returns the events, in order.
fn events(effects: &[Effect]) -> Vec<Event> {
    let events = effects.iter().filter_map(|effect| match effect {
        Effect::Notify(event) => Some(event.clone()),
        _ => None,
    });
    events.collect()
}

/// Returns the media steps, in order.
fn steps(effects: &[Effect]) -> Vec<MediaStep> {
    let steps = effects.iter().filter_map(|effect| match effect {
        Effect::Media(step) => Some(step.clone()),
        _ => None,
    });
    steps.collect()
}

#[test]
fn peers_and_rooms_expire_at_their_own_times() {
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let mut state = state();
    let config =
        RoomConfig { peerless_purge_timeout: Some(3), peer_disconnected_timeout: Some(2), ..RoomConfig::default() };
    let room = state.create_room(config, start).unwrap().value.id;
    assert_eq!(state.next_purge(), Some(start + 3 * second));
    // A new peer restarts the timeout of a room without connected peers.
    let peer = state.add_peer(&room, start + second).unwrap().value.id;
    assert_eq!(state.next_purge(), Some(start + 3 * second));
    state.connect_peer(&room, &peer, Session(1)).unwrap();
    assert_eq!(state.next_purge(), None);
    assert!(state.purge(start + 60 * second).is_empty());
    state.disconnect_peer(&room, &peer, Session(1), start + 60 * second);
    assert_eq!(state.next_purge(), Some(start + 62 * second));
    assert!(state.purge(start + 61 * second).is_empty());
    // The peer is purged first, at 62 seconds, and the room three seconds later.
    let effects = state.purge(start + 64 * second);
    assert_eq!(events(&effects), [Event::PeerDeleted { room: room.clone(), peer: peer.clone() }]);
    assert_eq!(state.next_purge(), Some(start + 65 * second));
    assert_eq!(events(&state.purge(start + 65 * second)), [Event::RoomDeleted { room: room.clone() }]);
    assert_eq!(state.next_purge(), None);
}

#[test]
fn peer_purge_precedes_room_purge_at_equal_times() {
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let mut state = state();
    let config =
        RoomConfig { peerless_purge_timeout: Some(1), peer_disconnected_timeout: Some(1), ..RoomConfig::default() };
    let room = state.create_room(config, start).unwrap().value.id;
    let peer = state.add_peer(&room, start).unwrap().value.id;
    assert_eq!(events(&state.purge(start + second)), [Event::PeerDeleted { room: room.clone(), peer: peer.clone() }]);
    assert_eq!(events(&state.purge(start + 2 * second)), [Event::RoomDeleted { room: room.clone() }]);
}

#[test]
fn subscribed_video_makes_hls_playable() {
    let mut state = state();
    let room = state.create_room(h264(), Instant::now()).unwrap().value.id;
    let manual = options(json!({ "subscribeMode": "manual", "s3": {
        "accessKeyId": "a", "secretAccessKey": "b", "region": "c", "bucket": "d",
    } }));
    let hls = state.add_component(&room, ComponentType::Hls, &manual).unwrap().value.id;
    let camera = options(json!({ "sourceUri": "rtsp://host/stream" }));
    let added = state.add_component(&room, ComponentType::Rtsp, &camera).unwrap();
    let camera = added.value.id;
    let [connected] = steps(&added.effects).try_into().unwrap();
    // The component is not subscribed to the video.
    assert_eq!(steps(&state.execute_media_step(&connected)), []);
    let subscribed = state.subscribe(&room, &hls, &[camera]).unwrap();
    let [playable] = steps(&subscribed.effects).try_into().unwrap();
    assert_eq!(
        events(&state.execute_media_step(&playable)),
        [Event::HlsPlayable { room: room.clone(), component: hls.clone() }]
    );
    // The component becomes playable only once.
    assert!(state.execute_media_step(&playable).is_empty());
    assert!(state.stream_file(&room, "index.m3u8").is_ok());
    let ended = events(&state.delete_room(&room).unwrap().effects);
    assert_eq!(ended[1..], [Event::RoomDeleted { room: room.clone() }, Event::HlsUploaded { room: room.clone() }]);
    assert!(state.recordings().is_empty());
}

#[test]
fn uploads_fail_or_are_skipped_without_content() {
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
        let ended = events(&state.crash_room("r").unwrap().effects);
        let mut all = vec![Event::RoomCrashed { room: "r".to_owned() }];
        all.extend(expected);
        assert_eq!(ended, all);
        assert_eq!(state.recordings().len(), usize::from(playable));
    }
}

#[test]
fn bad_phone_numbers_crash_sip_components() {
    let mut state = state();
    let room = state.create_room(RoomConfig::default(), Instant::now()).unwrap().value.id;
    let registrar = json!({ "address": "a", "username": "b", "password": "c" });
    let registrar = options(json!({ "registrarCredentials": registrar }));
    let sip = state.add_component(&room, ComponentType::Sip, &registrar).unwrap().value.id;
    for number in ["1234", "+48 123-456", ""] {
        assert!(state.dial(&room, &sip, number).unwrap().effects.is_empty(), "{number}");
    }
    let [failure] = steps(&state.dial(&room, &sip, "nobody").unwrap().effects).try_into().unwrap();
    assert_eq!(
        events(&state.execute_media_step(&failure)),
        [Event::ComponentCrashed { room: room.clone(), component: sip.clone() }]
    );
    assert!(state.room(&room).unwrap().components.is_empty());
}

#[test]
fn file_components_have_a_track_until_removal() {
    let mut state = state();
    let room = state.create_room(RoomConfig::default(), Instant::now()).unwrap().value.id;
    let source = options(json!({ "filePath": "dir/../video.h264" }));
    let added = state.add_component(&room, ComponentType::File, &source).unwrap();
    assert!(added.value.tracks.is_empty());
    let component = state.room(&room).unwrap().components.first().unwrap().clone();
    assert!(matches!(component.kind, ComponentKind::File { framerate: Some(30), .. }));
    let [track] = component.tracks.as_slice() else { panic!("{component:?}") };
    let endpoint = Endpoint::Component(component.id.clone());
    let track = track.clone();
    assert_eq!(
        events(&added.effects),
        [Event::TrackAdded { room: room.clone(), endpoint: endpoint.clone(), track: track.clone() }]
    );
    let ended = state.remove_component(&room, &component.id, RemovalReason::Finished).unwrap();
    assert_eq!(events(&ended.effects), [Event::TrackRemoved { room: room.clone(), endpoint, track }]);
}
