//! Peers that a test connects without a client.

use fishjam_emulator::{
    Emulator, Error, JellyfishEmulator, ScriptedPeer, ScriptedPeerOptions, TrackKind,
    proto::{
        fishjam::{
            PeerMessage,
            peer_message::{Content as PeerContent, MediaEvent},
            server_message::{Content, PeerConnected, PeerCrashed, PeerMetadataUpdated, PeerType},
        },
        jellyfish,
    },
};
use prost::Message as _;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;

use crate::client::{
    Notifications, Received, Socket, add_peer, auth, call, create_room, http, join, peer_content, subscribe,
};

/// A subscribed socket, a room and a peer, after the notifications about both.
struct Fixture {
    emulator: Emulator,
    notifications: Notifications,
    room: String,
    peer: String,
    token: String,
}

async fn fixture() -> Fixture {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    let (peer, token) = add_peer(&emulator, &room).await;
    assert_eq!(notifications.names(2).await, ["RoomCreated", "PeerAdded"]);
    Fixture { emulator, notifications, room, peer, token }
}

impl Fixture {
    fn connect(&self, options: ScriptedPeerOptions) -> ScriptedPeer {
        self.emulator.connect_peer(&self.room, &self.peer, options).unwrap()
    }

    async fn listed(&self) -> Value {
        call(&self.emulator, "GET", &format!("/room/{}", self.room), None).await.1["data"]["peers"][0].clone()
    }
}

fn reason(result: Result<ScriptedPeer, Error>) -> String {
    format!("{:#}", result.unwrap_err()).strip_prefix("cannot script the peer: ").unwrap().to_owned()
}

#[tokio::test]
async fn peer_connects_in_the_order_of_the_service() {
    let mut fixture = fixture().await;
    let options = ScriptedPeerOptions::new()
        .metadata(json!({ "name": "Ada" }))
        .track(TrackKind::Audio, json!({ "type": "microphone" }))
        .track(TrackKind::Video, json!({ "type": "camera" }));
    let ada = fixture.connect(options);
    let (room_id, peer_id) = (fixture.room.clone(), fixture.peer.clone());
    let peer_type = i32::from(PeerType::Webrtc);
    let connected = PeerConnected { room_id: room_id.clone(), peer_id: peer_id.clone(), peer_type };
    assert_eq!(fixture.notifications.next().await, Content::PeerConnected(connected));
    let metadata = r#"{"name":"Ada"}"#.to_owned();
    let updated = PeerMetadataUpdated { room_id, peer_id, metadata, peer_type };
    assert_eq!(fixture.notifications.next().await, Content::PeerMetadataUpdated(updated));
    assert_eq!(fixture.notifications.names(2).await, ["TrackAdded", "TrackAdded"]);

    let listed = fixture.listed().await;
    assert_eq!((&listed["status"], &listed["metadata"]["peer"]), (&json!("connected"), &json!({ "name": "Ada" })));
    let ids: Vec<_> = listed["tracks"].as_array().unwrap().iter().map(|track| track["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ada.track_ids());
    assert_eq!((ada.room_id(), ada.peer_id()), (fixture.room.as_str(), fixture.peer.as_str()));

    assert!(ada.disconnect() && !ada.disconnect() && !ada.is_connected());
    let expected = ["PeerDisconnected", "TrackRemoved", "TrackRemoved"];
    assert_eq!(fixture.notifications.names(3).await, expected);
    assert_eq!(fixture.listed().await["status"], "disconnected");
    // It can connect again, and the old handle has no effect on the new connection.
    let again = fixture.connect(ScriptedPeerOptions::new());
    assert_eq!(fixture.notifications.names(1).await, ["PeerConnected"]);
    assert!(!ada.disconnect() && again.is_connected());
}

#[tokio::test]
async fn peer_changes_its_metadata_and_tracks() {
    let mut fixture = fixture().await;
    let peer = fixture.connect(ScriptedPeerOptions::new());
    peer.set_metadata(json!({ "hand": "up" })).unwrap();
    // The same metadata again causes no notification.
    peer.set_metadata(json!({ "hand": "up" })).unwrap();
    let track = peer.add_track(TrackKind::Audio, json!({ "muted": false })).unwrap();
    assert!(peer.update_track(&track, json!({ "muted": true })));
    assert_eq!(fixture.listed().await["tracks"][0]["metadata"], json!({ "muted": true }));
    assert!(peer.remove_track(&track) && !peer.remove_track(&track));
    assert!(!peer.update_track(&track, json!({})));
    let expected = ["PeerConnected", "PeerMetadataUpdated", "TrackAdded", "TrackMetadataUpdated", "TrackRemoved"];
    assert_eq!(fixture.notifications.names(expected.len()).await, expected);
}

#[tokio::test]
async fn peer_connects_with_its_token() {
    let fixture = fixture().await;
    let peer = fixture.emulator.connect_peer(&fixture.room, &fixture.token, Default::default()).unwrap();
    assert_eq!(peer.peer_id(), fixture.peer);
    // A token is a secret.
    assert!(!format!("{peer:?}").contains(&fixture.token));
}

#[tokio::test]
async fn connection_is_rejected_with_a_reason() {
    let fixture = fixture().await;
    let other = create_room(&fixture.emulator, json!({})).await;
    let connect = |room: &str, peer: &str| fixture.emulator.connect_peer(room, peer, Default::default());
    for (room, peer, expected) in [
        ("unknown", fixture.peer.as_str(), "room not found"),
        (&fixture.room, "unknown", "peer not found"),
        (&other, &fixture.peer, "peer not found"),
        (&other, &fixture.token, "invalid token"),
    ] {
        assert_eq!(reason(connect(room, peer)), expected, "{expected}");
    }
    connect(&fixture.room, &fixture.peer).unwrap();
    assert_eq!(reason(connect(&fixture.room, &fixture.peer)), "peer already connected");
    assert!(!fixture.emulator.disconnect_peer(&fixture.room, "unknown"));
    assert!(!fixture.emulator.crash_peer("unknown", &fixture.peer, ""));
}

#[tokio::test]
async fn scripted_peer_ends_with_its_room() {
    let mut fixture = fixture().await;
    let peer = fixture.connect(ScriptedPeerOptions::new().track(TrackKind::Video, json!(null)));
    call(&fixture.emulator, "DELETE", &format!("/room/{}", fixture.room), None).await;
    let expected = ["PeerConnected", "TrackAdded", "TrackRemoved", "PeerDisconnected", "PeerDeleted", "RoomDeleted"];
    assert_eq!(fixture.notifications.names(expected.len()).await, expected);
    assert!(!peer.is_connected() && peer.track_ids().is_empty());
    assert!(peer.add_track(TrackKind::Audio, json!(null)).is_err());
    assert!(peer.set_metadata(json!(1)).is_err());
    assert!(!peer.crash("too late") && !peer.disconnect());
}

#[tokio::test]
async fn crash_removes_the_peer() {
    let mut fixture = fixture().await;
    let peer = fixture.connect(ScriptedPeerOptions::new().track(TrackKind::Video, json!(null)));
    assert!(peer.crash("out of memory") && !peer.is_connected());
    assert_eq!(fixture.notifications.names(3).await, ["PeerConnected", "TrackAdded", "TrackRemoved"]);
    let crashed = PeerCrashed {
        room_id: fixture.room.clone(),
        peer_id: fixture.peer.clone(),
        reason: "out of memory".to_owned(),
        peer_type: i32::from(PeerType::Webrtc),
    };
    assert_eq!(fixture.notifications.next().await, Content::PeerCrashed(crashed));
    assert_eq!(fixture.listed().await, Value::Null);

    // A peer with a client crashes in the same way.
    let (peer, token) = add_peer(&fixture.emulator, &fixture.room).await;
    let mut socket = join(&fixture.emulator, &token).await;
    assert!(fixture.emulator.crash_peer(&fixture.room, &peer, ""));
    socket.expect_close(1011, "Internal server error").await;
    assert_eq!(fixture.notifications.names(3).await, ["PeerAdded", "PeerConnected", "PeerCrashed"]);
}

#[tokio::test]
async fn disconnect_closes_the_socket_of_a_client() {
    let mut fixture = fixture().await;
    let mut socket = join(&fixture.emulator, &fixture.token).await;
    assert!(fixture.emulator.disconnect_peer(&fixture.room, &fixture.peer));
    socket.expect_close(1000, "").await;
    assert!(!fixture.emulator.disconnect_peer(&fixture.room, &fixture.peer));
    fixture.connect(ScriptedPeerOptions::new());
    assert!(fixture.emulator.disconnect_peer(&fixture.room, &fixture.peer));
    let expected = ["PeerConnected", "PeerDisconnected", "PeerConnected", "PeerDisconnected"];
    assert_eq!(fixture.notifications.names(4).await, expected);
}

#[tokio::test]
async fn agents_and_vapi_peers_connect() {
    let mut fixture = fixture().await;
    let vapi = json!({ "type": "vapi", "options": { "apiKey": "key", "callId": "call" } });
    for (peer, expected) in [
        (json!({ "type": "agent", "options": {} }), &["PeerAdded", "PeerConnected", "PeerMetadataUpdated"][..]),
        (vapi, &["PeerAdded", "PeerConnected"]),
    ] {
        let (status, added) =
            call(&fixture.emulator, "POST", &format!("/room/{}/peer", fixture.room), Some(peer)).await;
        assert_eq!(status, 201, "{added}");
        let id = added["data"]["peer"]["id"].as_str().unwrap();
        fixture.emulator.connect_peer(&fixture.room, id, Default::default()).unwrap();
        assert_eq!(fixture.notifications.names(expected.len()).await, expected);
    }
}

#[tokio::test]
async fn clients_receive_the_media_events_of_scripted_peers() {
    let fixture = fixture().await;
    let (_, token) = add_peer(&fixture.emulator, &fixture.room).await;
    let mut client = join(&fixture.emulator, &token).await;
    let connect = MediaEvent { data: r#"{"type":"connect","data":{"metadata":1}}"#.to_owned() };
    client.binary(PeerMessage { content: Some(PeerContent::MediaEvent(connect)) }.encode_to_vec()).await;
    assert_eq!(media_event(&mut client).await, ("connected".to_owned(), json!([])));

    let id = json!(fixture.peer);
    let peer = fixture.connect(ScriptedPeerOptions::new().metadata(json!(2)));
    assert_eq!(media_event(&mut client).await, ("endpointAdded".to_owned(), id.clone()));
    peer.set_metadata(json!(3)).unwrap();
    assert_eq!(media_event(&mut client).await, ("endpointUpdated".to_owned(), id.clone()));
    peer.disconnect();
    assert_eq!(media_event(&mut client).await, ("endpointRemoved".to_owned(), id.clone()));
    // The deletion of the peer has the same effect.
    fixture.connect(ScriptedPeerOptions::new().metadata(json!(2)));
    assert_eq!(media_event(&mut client).await.0, "endpointAdded");
    call(&fixture.emulator, "DELETE", &format!("/room/{}/peer/{}", fixture.room, fixture.peer), None).await;
    assert_eq!(media_event(&mut client).await, ("endpointRemoved".to_owned(), id));
}

/// The type of the next media event, and its endpoint or the other endpoints.
async fn media_event(socket: &mut Socket) -> (String, Value) {
    let PeerContent::MediaEvent(event) = peer_content(socket).await else { panic!("no media event") };
    let event: Value = serde_json::from_str(&event.data).unwrap();
    let data = &event["data"];
    let about = data.get("otherEndpoints").unwrap_or(&data["id"]).clone();
    (event["type"].as_str().unwrap().to_owned(), about)
}

#[test]
fn shared_emulator_connects_peers_without_a_runtime() {
    let emulator = Emulator::start_blocking().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (room, peer) = runtime.block_on(async {
        let room = create_room(&emulator, json!({})).await;
        let (peer, _) = add_peer(&emulator, &room).await;
        (room, peer)
    });
    drop(runtime);
    let peer = emulator.connect_peer(&room, &peer, ScriptedPeerOptions::new().metadata(json!(1))).unwrap();
    assert!(peer.is_connected() && peer.disconnect());
}

#[tokio::test]
async fn composition_receives_the_updated_track() {
    let mut fixture = fixture().await;
    let peer = fixture.connect(ScriptedPeerOptions::new().track(TrackKind::Video, json!({ "type": "camera" })));
    let path = format!("/room/{}/track_forwardings", fixture.room);
    let body = json!({ "compositionURL": "http://composition.test/1" });
    assert_eq!(call(&fixture.emulator, "POST", &path, Some(body)).await.0, 201);
    peer.update_track(&peer.track_ids()[0], json!({ "type": "camera", "paused": true }));
    // The composition also finds the track again when it ends.
    peer.disconnect();
    let expected = [
        "PeerConnected",
        "TrackAdded",
        "TrackForwarding",
        "TrackMetadataUpdated",
        "PeerDisconnected",
        "TrackRemoved",
        "TrackForwardingRemoved",
    ];
    assert_eq!(fixture.notifications.names(expected.len()).await, expected);
}

/// Sends a request to a self-hosted server, and returns the data of the response.
async fn created(jellyfish: &JellyfishEmulator, path: &str, body: Value) -> Value {
    let request = http().post(format!("{}{path}", jellyfish.origin())).bearer_auth(jellyfish.token());
    let response = request.json(&body).send().await.unwrap();
    assert_eq!(response.status(), 201);
    response.json::<Value>().await.unwrap()["data"].take()
}

#[tokio::test]
async fn jellyfish_peer_connects_in_the_order_of_the_server() {
    let jellyfish = Emulator::jellyfish().start().await.unwrap();
    let room = created(&jellyfish, "/room", json!({})).await["room"]["id"].as_str().unwrap().to_owned();
    let added = created(&jellyfish, &format!("/room/{room}/peer"), json!({ "type": "webrtc" })).await;
    let (id, token) = (added["peer"]["id"].as_str().unwrap(), added["token"].as_str().unwrap());
    let url = format!("ws://{}/socket/server/websocket", jellyfish.address());
    let mut socket = Socket(connect_async(url).await.unwrap().0);
    socket.binary(auth(jellyfish.token())).await;
    socket.binary(subscribe(1)).await;
    jellyfish.server_sockets().wait_for_subscribers(1).await;

    for peer in [id, token] {
        let options = ScriptedPeerOptions::new().metadata(json!(1)).track(TrackKind::Audio, json!(2));
        let peer = jellyfish.connect_peer(&room, peer, options).unwrap();
        assert_eq!(peer.peer_id(), id);
        assert!(peer.update_track(&peer.track_ids()[0], json!(3)));
        assert!(jellyfish.disconnect_peer(&room, id) && !peer.is_connected());
    }
    let peer = jellyfish.connect_peer(&room, id, Default::default()).unwrap();
    assert_eq!(reason(jellyfish.connect_peer(&room, token, Default::default())), "peer already connected");
    assert!(peer.crash("") && !peer.crash(""));
    for (peer, expected) in [(id, "peer not found"), (token, "peer not found"), ("unknown", "peer not found")] {
        assert_eq!(reason(jellyfish.connect_peer(&room, peer, Default::default())), expected);
    }
    let other = created(&jellyfish, "/room", json!({})).await["room"]["id"].as_str().unwrap().to_owned();
    assert_eq!(reason(jellyfish.connect_peer(&other, token, Default::default())), "invalid token");
    assert_eq!(reason(jellyfish.connect_peer("unknown", id, Default::default())), "room not found");

    let session = ["PeerConnected", "PeerMetadataUpdated", "TrackAdded", "TrackMetadataUpdated"];
    let session = [&session[..], &["PeerDisconnected", "TrackRemoved"]].concat();
    let handshake = ["Authenticated", "SubscribeResponse"];
    let expected = [&handshake[..], &session, &session, &["PeerConnected", "PeerCrashed", "RoomCreated"]].concat();
    for name in expected {
        let Received::Binary(frame) = socket.receive().await else { panic!("{name}") };
        let content = jellyfish::ServerMessage::decode(frame.as_slice()).unwrap().content.unwrap();
        assert_eq!(format!("{content:?}").split('(').next().unwrap(), name);
    }
}
