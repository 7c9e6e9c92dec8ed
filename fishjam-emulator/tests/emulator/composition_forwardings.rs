//! Rooms whose tracks are forwarded to compositions of the emulator.

use std::time::Duration;

use fishjam_emulator::{
    Emulator, InputKind, InputSnapshot, MediaState, ScriptedPeer, ScriptedPeerOptions, TrackKind,
    proto::fishjam::server_message::{Content, TrackForwardingRemoved},
};
use serde_json::{Value, json};

use crate::{
    client::{Notifications, add_peer, call, create_room},
    composition_client::{Events, address, compose, create_composition, register_whip_input, succeed},
};

async fn forward(emulator: &Emulator, room: &str, url: &str) -> (u16, Value) {
    let body = json!({ "compositionURL": url });
    call(emulator, "POST", &format!("/room/{room}/track_forwardings"), Some(body)).await
}

async fn info(emulator: &Emulator, room: &str) -> Value {
    call(emulator, "GET", &format!("/room/{room}"), None).await.1["data"]["compositionInfo"].clone()
}

fn inputs(emulator: &Emulator, composition: &str) -> Vec<InputSnapshot> {
    emulator.composition(composition).state().unwrap().inputs
}

/// A room with a peer that has a camera and a microphone, and a composition that receives both.
struct Forwarded {
    emulator: Emulator,
    composition: String,
    room: String,
    peer: ScriptedPeer,
    /// The camera and the microphone.
    tracks: Vec<String>,
    input: String,
    notifications: Notifications,
    events: Events,
}

impl Forwarded {
    async fn start() -> Self {
        let emulator = Emulator::start().await.unwrap();
        let composition = create_composition(&emulator).await;
        let room = create_room(&emulator, json!({})).await;
        let (id, _) = add_peer(&emulator, &room).await;
        let options = ScriptedPeerOptions::new()
            .track(TrackKind::Video, json!({ "type": "camera" }))
            .track(TrackKind::Audio, json!({ "type": "microphone" }));
        let peer = emulator.connect_peer(&room, &id, options).unwrap();
        let tracks = peer.track_ids();
        let mut notifications = Notifications::open(&emulator).await;
        let mut events = Events::open(&emulator, &composition).await;
        assert_eq!(forward(&emulator, &room, &address(&emulator, &composition)).await, (201, Value::Null));
        let input = match notifications.next().await {
            Content::TrackForwarding(forwarding) => forwarding.input_id,
            other => panic!("{other:?}"),
        };
        let expected = ["AUDIO_INPUT_DELIVERED", "AUDIO_INPUT_PLAYING", "VIDEO_INPUT_DELIVERED", "VIDEO_INPUT_PLAYING"];
        assert_eq!(events.names(4).await, expected.map(|kind| format!("{kind} {input}")));
        Forwarded { emulator, composition, room, peer, tracks, input, notifications, events }
    }

    /// The input of the composition: its audio and its video.
    fn media(&self) -> (MediaState, MediaState) {
        let inputs = inputs(&self.emulator, &self.composition);
        let input = inputs.iter().find(|input| input.id == self.input).unwrap();
        assert_eq!(input.kind, InputKind::Forwarded);
        (input.audio, input.video)
    }

    async fn expect_removed(&mut self) {
        let removed = TrackForwardingRemoved {
            room_id: self.room.clone(),
            peer_id: self.peer.peer_id().to_owned(),
            composition_url: address(&self.emulator, &self.composition),
            input_id: self.input.clone(),
        };
        assert_eq!(self.notifications.next().await, Content::TrackForwardingRemoved(removed));
    }

    async fn expect_eos(&mut self) {
        let expected = ["AUDIO_INPUT_EOS", "VIDEO_INPUT_EOS"].map(|kind| format!("{kind} {}", self.input));
        assert_eq!(self.events.names(2).await, expected);
    }
}

#[tokio::test]
async fn forwarding_needs_a_free_composition() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    let (room, other) = (create_room(&emulator, json!({})).await, create_room(&emulator, json!({})).await);
    let own = address(&emulator, &composition);
    let (unknown, path) = (address(&emulator, "nothing"), format!("{own}/ws"));
    for url in [&unknown, &path] {
        let refused = (400, json!({ "errors": format!("Composition {url} does not exist") }));
        assert_eq!(forward(&emulator, &room, url).await, refused);
    }
    assert_eq!(forward(&emulator, "nowhere", &unknown).await.0, 404);
    assert_eq!(info(&emulator, &room).await, Value::Null);
    assert_eq!(forward(&emulator, &room, &own).await, (201, Value::Null));
    // Another form of the address means the same composition.
    let local = own.replacen("127.0.0.1", "localhost", 1);
    for url in [&own, &local] {
        assert_eq!(forward(&emulator, &other, url).await.0, 409);
    }
    assert_eq!(info(&emulator, &other).await, Value::Null);
    // The end of the room frees the composition.
    call(&emulator, "DELETE", &format!("/room/{room}"), None).await;
    assert_eq!(forward(&emulator, &other, &local).await.0, 201);
    // Other servers are not checked.
    let third = create_room(&emulator, json!({})).await;
    let foreign = "https://rtc.fishjam.io/api/composition/nothing";
    assert_eq!(forward(&emulator, &third, foreign).await.0, 201);
}

#[tokio::test]
async fn forwarded_input_follows_the_tracks_of_a_peer() {
    let mut forwarded = Forwarded::start().await;
    assert_eq!(forwarded.media(), (MediaState::Playing, MediaState::Playing));
    assert!(forwarded.peer.remove_track(&forwarded.tracks[1]));
    assert_eq!(forwarded.notifications.names(2).await, ["TrackRemoved", "TrackForwarding"]);
    assert_eq!(forwarded.events.names(1).await, [format!("AUDIO_INPUT_EOS {}", forwarded.input)]);
    assert_eq!(forwarded.media(), (MediaState::Ended, MediaState::Playing));
    // The test pauses a track. Changes of other tracks do not resume it.
    let handle = forwarded.emulator.composition(&forwarded.composition);
    assert!(handle.input(&forwarded.input).set_media(TrackKind::Video, MediaState::Paused));
    assert_eq!(forwarded.events.names(1).await, [format!("VIDEO_INPUT_PAUSED {}", forwarded.input)]);
    forwarded.peer.add_track(TrackKind::Audio, json!({ "type": "microphone" })).unwrap();
    let expected = ["AUDIO_INPUT_DELIVERED", "AUDIO_INPUT_PLAYING"].map(|kind| format!("{kind} {}", forwarded.input));
    assert_eq!(forwarded.events.names(2).await, expected);
    assert_eq!(forwarded.media(), (MediaState::Playing, MediaState::Paused));
    assert_eq!(forwarded.notifications.names(2).await, ["TrackAdded", "TrackForwarding"]);
    // A screen is an input of its own.
    forwarded.peer.add_track(TrackKind::Video, json!({ "type": "screenShareVideo" })).unwrap();
    assert_eq!(inputs(&forwarded.emulator, &forwarded.composition).len(), 2);
    assert_eq!(forwarded.notifications.names(2).await, ["TrackAdded", "TrackForwarding"]);
    forwarded.events.next().await;
    forwarded.events.next().await;
    forwarded.peer.disconnect();
    let expected = [
        "PeerDisconnected",
        "TrackRemoved",
        "TrackForwarding",
        "TrackRemoved",
        "TrackForwardingRemoved",
        "TrackRemoved",
        "TrackForwardingRemoved",
    ];
    assert_eq!(forwarded.notifications.names(7).await, expected);
    let mut kinds = forwarded.events.names(3).await;
    kinds.sort();
    let kinds: Vec<&str> = kinds.iter().filter_map(|event| event.split(' ').next()).collect();
    assert_eq!(kinds, ["AUDIO_INPUT_EOS", "VIDEO_INPUT_EOS", "VIDEO_INPUT_EOS"]);
    assert_eq!(inputs(&forwarded.emulator, &forwarded.composition).len(), 0);
    assert_eq!(info(&forwarded.emulator, &forwarded.room).await["forwardings"], json!([]));
}

#[tokio::test]
async fn composition_before_its_start_receives_without_playing() {
    let emulator = Emulator::start().await.unwrap();
    let created = succeed(&emulator, "POST", "", Some(json!({ "autostart": false }))).await;
    let composition = created["composition_id"].as_str().unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    emulator.add_track(&room, &peer, TrackKind::Video, json!({ "type": "camera" })).unwrap();
    let mut events = Events::open(&emulator, composition).await;
    assert_eq!(forward(&emulator, &room, &address(&emulator, composition)).await.0, 201);
    let input = inputs(&emulator, composition).remove(0);
    assert_eq!((input.video, input.audio), (MediaState::Delivered, MediaState::Absent));
    assert_eq!(events.names(1).await, [format!("VIDEO_INPUT_DELIVERED {}", input.id)]);
    succeed(&emulator, "POST", &format!("/{composition}/start"), None).await;
    assert_eq!(events.names(1).await, [format!("VIDEO_INPUT_PLAYING {}", input.id)]);
}

#[tokio::test]
async fn forwarding_ends_with_its_composition() {
    for end in ["delete", "reset"] {
        let mut forwarded = Forwarded::start().await;
        let path = format!("/{}", forwarded.composition);
        match end {
            "delete" => drop(succeed(&forwarded.emulator, "DELETE", &path, None).await),
            _ => drop(succeed(&forwarded.emulator, "POST", &format!("{path}/reset"), None).await),
        }
        forwarded.expect_removed().await;
        assert_eq!(info(&forwarded.emulator, &forwarded.room).await, Value::Null, "{end}");
        // The tracks are forwarded no more, and the room can have another composition.
        forwarded.peer.remove_track(&forwarded.tracks[0]);
        assert_eq!(forwarded.notifications.names(1).await, ["TrackRemoved"]);
        let other = create_composition(&forwarded.emulator).await;
        let url = address(&forwarded.emulator, &other);
        assert_eq!(forward(&forwarded.emulator, &forwarded.room, &url).await.0, 201);
        assert_eq!(inputs(&forwarded.emulator, &other).len(), 1);
    }
}

#[tokio::test]
async fn forwarded_tracks_keep_a_composition_alive() {
    let mut forwarded = Forwarded::start().await;
    forwarded.emulator.advance(Duration::from_secs(3600));
    assert_eq!(forwarded.media().0, MediaState::Playing);
    for track in &forwarded.tracks {
        assert!(forwarded.peer.remove_track(track));
    }
    let expected = ["TrackRemoved", "TrackForwarding", "TrackRemoved", "TrackForwardingRemoved"];
    assert_eq!(forwarded.notifications.names(4).await, expected);
    forwarded.emulator.advance(Duration::from_secs(240));
    assert_eq!(info(&forwarded.emulator, &forwarded.room).await["forwardings"], json!([]));
    forwarded.emulator.advance(Duration::from_secs(61));
    assert_eq!(info(&forwarded.emulator, &forwarded.room).await, Value::Null);
    assert!(forwarded.emulator.composition(&forwarded.composition).state().is_none());
}

#[tokio::test]
async fn inputs_end_with_their_room() {
    let mut forwarded = Forwarded::start().await;
    register_whip_input(&forwarded.emulator, &forwarded.composition, "own").await;
    call(&forwarded.emulator, "DELETE", &format!("/room/{}", forwarded.room), None).await;
    forwarded.expect_eos().await;
    let left = inputs(&forwarded.emulator, &forwarded.composition);
    assert_eq!(left.iter().map(|input| input.id.as_str()).collect::<Vec<_>>(), ["own"]);
    let expected = [
        "TrackRemoved",
        "TrackForwarding",
        "TrackRemoved",
        "TrackForwardingRemoved",
        "PeerDisconnected",
        "PeerDeleted",
    ];
    assert_eq!(forwarded.notifications.names(6).await, expected);
    assert_eq!(forwarded.notifications.names(1).await, ["RoomDeleted"]);
}

#[tokio::test]
async fn unregistered_input_ends_its_forwarding() {
    let mut forwarded = Forwarded::start().await;
    let path = format!("/{}/input/{}/unregister", forwarded.composition, forwarded.input);
    succeed(&forwarded.emulator, "POST", &path, Some(json!({}))).await;
    forwarded.expect_eos().await;
    forwarded.expect_removed().await;
    assert_eq!(compose(&forwarded.emulator, "POST", &path, Some(json!({}))).await.0, 404);
    let url = address(&forwarded.emulator, &forwarded.composition);
    let expected = json!({ "compositionUrl": url, "forwardings": [] });
    assert_eq!(info(&forwarded.emulator, &forwarded.room).await, expected);
    // Later tracks of the room are forwarded to a new input.
    forwarded.peer.add_track(TrackKind::Audio, json!({ "type": "screenShareAudio" })).unwrap();
    assert_eq!(forwarded.notifications.names(2).await, ["TrackAdded", "TrackForwarding"]);
    let input = inputs(&forwarded.emulator, &forwarded.composition).remove(0);
    assert_ne!(input.id, forwarded.input);
    assert_eq!((input.audio, input.video), (MediaState::Playing, MediaState::Absent));
}
