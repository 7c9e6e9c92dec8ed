//! `/socket/agent/websocket`: handshake, closing, tracks and the effects of a connected agent.

use std::time::Duration;

use fishjam_emulator::{
    Emulator, Ignored,
    proto::fishjam::{
        agent_request::{AddTrack, Content, add_track::CodecParameters},
        notifications::Track,
        server_message::{
            Content as ServerContent, PeerConnected, PeerMetadataUpdated, PeerType, TrackAdded,
            track_added::EndpointInfo,
        },
    },
};
use serde_json::{Value, json};

use crate::{
    agent::{Agent, PATH, add_agent, agent_auth, frame, ignored, received, track},
    client::{Notifications, Received, Socket, add_peer, auth, call, create_room, join, peer_auth},
    clock::leap,
};

async fn peer_json(emulator: &Emulator, room: &str) -> Value {
    call(emulator, "GET", &format!("/room/{room}"), None).await.1["data"]["peers"][0].clone()
}

#[tokio::test]
async fn invalid_agent_tokens_are_rejected() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (gone, gone_token) = add_agent(&emulator, &room, json!({})).await;
    call(&emulator, "DELETE", &format!("/room/{room}/peer/{gone}"), None).await;
    let (_, peer_token) = add_peer(&emulator, &room).await;
    let mut connected = Agent::join(&emulator, &room, json!({})).await;
    let emptied = create_room(&emulator, json!({})).await;
    let (_, roomless_token) = add_agent(&emulator, &emptied, json!({})).await;
    call(&emulator, "DELETE", &format!("/room/{emptied}"), None).await;
    for (token, reason) in [
        ("made-up", "invalid token"),
        ("", "invalid token"),
        (emulator.token(), "invalid token"),
        (peer_token.as_str(), "invalid token"),
        (gone_token.as_str(), "peer not found"),
        (roomless_token.as_str(), "room not found"),
        (connected.token.as_str(), "peer already connected"),
    ] {
        let mut socket = Socket::open(&emulator, PATH).await;
        socket.binary(agent_auth(token)).await;
        socket.expect_close(1000, reason).await;
    }
    // An agent's token does not open the socket of peers.
    let (_, token) = add_agent(&emulator, &room, json!({})).await;
    let mut socket = Socket::open(&emulator, "/socket/peer/websocket").await;
    socket.binary(peer_auth(&token)).await;
    socket.expect_close(1000, "invalid token").await;
    connected.expect_silence().await;
}

#[tokio::test]
async fn expired_agent_token_is_rejected() {
    let emulator = Emulator::builder().peer_token_lifetime(Duration::ZERO).start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_agent(&emulator, &room, json!({})).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.binary(agent_auth(&token)).await;
    socket.expect_close(1000, "expired token").await;
}

#[tokio::test]
async fn other_first_frames_close_the_agent_socket() {
    let emulator = Emulator::start().await.unwrap();
    for (first, code, reason) in [
        (frame(Content::AddTrack(track("t", 16_000))), 1000, "unauthenticated"),
        (Vec::new(), 1000, "unauthenticated"),
        (auth("x"), 1000, "unauthenticated"),
        (vec![0xff; 11], 1011, ""),
    ] {
        let mut socket = Socket::open(&emulator, PATH).await;
        socket.binary(first).await;
        socket.expect_close(code, reason).await;
    }
    let mut socket = Socket::open(&emulator, PATH).await;
    socket.text("hello").await;
    socket.expect_close(1011, "").await;
}

#[tokio::test]
async fn agent_connects_publishes_disconnects_and_reconnects() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    let (id, token) = add_agent(&emulator, &room, json!({})).await;
    notifications.names(2).await;
    for _ in 0..2 {
        let socket = Agent::connect(&emulator, &token).await;
        let peer_type = i32::from(PeerType::Agent);
        let connected = PeerConnected { room_id: room.clone(), peer_id: id.clone(), peer_type };
        assert_eq!(notifications.next().await, ServerContent::PeerConnected(connected));
        let metadata = "{}".to_owned();
        let updated = PeerMetadataUpdated { room_id: room.clone(), peer_id: id.clone(), metadata, peer_type };
        assert_eq!(notifications.next().await, ServerContent::PeerMetadataUpdated(updated));
        assert_eq!(peer_json(&emulator, &room).await["status"], "connected");

        let mut agent = Agent { id: id.clone(), token: token.clone(), socket };
        let mut request = track("0af7", 24_000);
        request.track.as_mut().unwrap().metadata = r#"{"type":"microphone"}"#.to_owned();
        agent.send(Content::AddTrack(request.clone())).await;
        let added = TrackAdded {
            room_id: room.clone(),
            track: request.track,
            endpoint_info: Some(EndpointInfo::PeerId(id.clone())),
        };
        assert_eq!(notifications.next().await, ServerContent::TrackAdded(added));
        let listed = peer_json(&emulator, &room).await;
        assert_eq!(listed["tracks"], json!([{ "id": "0af7", "type": "audio", "metadata": { "type": "microphone" } }]));
        agent.remove_track("0af7").await;
        assert_eq!(notifications.names(1).await, ["TrackRemoved"]);
        assert_eq!(peer_json(&emulator, &room).await["tracks"], json!([]));
        // The id is free again.
        agent.add_track("0af7", 16_000).await;
        assert_eq!(notifications.names(1).await, ["TrackAdded"]);
        drop(agent);
        assert_eq!(notifications.names(2).await, ["PeerDisconnected", "TrackRemoved"]);
        let listed = peer_json(&emulator, &room).await;
        assert_eq!((&listed["status"], &listed["tracks"]), (&json!("disconnected"), &json!([])));
    }
    assert_eq!(ignored(&emulator), []);
    assert_eq!(emulator.journal().count("agent_socket"), 2);
}

#[tokio::test]
async fn deleted_agent_or_room_closes_the_socket() {
    let emulator = Emulator::start().await.unwrap();
    for (whole_room, reason) in [(false, "Peer removed"), (true, "Room stopped")] {
        let room = create_room(&emulator, json!({})).await;
        let mut agent = Agent::join(&emulator, &room, json!({})).await;
        let mut notifications = Notifications::open(&emulator).await;
        agent.add_track("t", 16_000).await;
        assert_eq!(notifications.names(1).await, ["TrackAdded"]);
        let path = if whole_room { format!("/room/{room}") } else { format!("/room/{room}/peer/{}", agent.id) };
        call(&emulator, "DELETE", &path, None).await;
        assert_eq!(notifications.names(3).await, ["TrackRemoved", "PeerDisconnected", "PeerDeleted"]);
        agent.socket.expect_close(1000, reason).await;
    }
}

#[tokio::test]
async fn invalid_agent_requests_are_ignored() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let other = create_room(&emulator, json!({})).await;
    let mut agent = Agent::join(&emulator, &room, json!({})).await;
    let mut second = Agent::join(&emulator, &room, json!({})).await;
    let mut elsewhere = Agent::join(&emulator, &other, json!({})).await;
    second.add_track("taken", 16_000).await;
    received(&emulator, 2, 1).await;
    let mut notifications = Notifications::open(&emulator).await;

    let with = |change: fn(&mut Track, &mut CodecParameters)| {
        let mut request = track("t", 16_000);
        change(request.track.as_mut().unwrap(), request.codec_params.as_mut().unwrap());
        Content::AddTrack(request)
    };
    let video = with(|track, _| track.r#type = 1);
    let nameless = with(|track, _| track.id.clear());
    let unreadable = with(|track, _| track.metadata = "{".to_owned());
    let (rate, channels) = (with(|_, codec| codec.sample_rate = 44_100), with(|_, codec| codec.channels = 3));
    let unknown = with(|_, codec| codec.encoding = 9);
    let nothing = Content::AddTrack(AddTrack::default());
    for request in [video, nameless, unreadable, rate, channels, unknown, nothing] {
        agent.send(request).await;
    }
    agent.add_track("taken", 16_000).await;
    agent.say("t", "data").await;
    agent.interrupt("t").await;
    agent.remove_track("taken").await;
    agent.capture("t").await;
    agent.socket.text("hello").await;
    agent.socket.binary(agent_auth("again")).await;
    agent.socket.binary(b"\xf8\x3e\x01".to_vec()).await;
    // The log contains neither text frames nor the token.
    received(&emulator, 1, 13).await;
    agent.expect_silence().await;

    let of = |id: &str| Some(id.to_owned());
    let unsupported = (of("t"), Ignored::UnsupportedEncoding);
    let expected = [
        (of("t"), Ignored::InvalidTrack),
        (of(""), Ignored::InvalidTrack),
        (of("t"), Ignored::InvalidTrack),
        unsupported.clone(),
        unsupported.clone(),
        unsupported,
        (None, Ignored::InvalidTrack),
        (of("taken"), Ignored::TrackExists),
        (of("t"), Ignored::UnknownTrack),
        (of("t"), Ignored::UnknownTrack),
        (of("taken"), Ignored::UnknownTrack),
        (of("t"), Ignored::UnknownTrack),
        (None, Ignored::NoRequest),
        (None, Ignored::NoRequest),
        (None, Ignored::NoRequest),
    ];
    assert_eq!(ignored(&emulator), expected);
    let first = &emulator.ignored_requests()[0];
    assert_eq!((first.room_id(), first.peer_id(), first.connection()), (room.as_str(), agent.id.as_str(), 1));
    // In another room the id is free.
    elsewhere.add_track("taken", 16_000).await;
    assert_eq!(notifications.names(1).await, ["TrackAdded"]);
    // The service closes the socket after garbage.
    agent.socket.binary(vec![0xff; 11]).await;
    agent.socket.expect_close(1011, "").await;
}

#[tokio::test]
async fn agent_socket_pings_and_times_out() {
    let emulator = Emulator::builder()
        .ping_interval(Duration::from_secs(10))
        .idle_timeout(Duration::from_secs(30))
        .start()
        .await
        .unwrap();
    let room = create_room(&emulator, json!({})).await;
    let mut silent = Socket::open(&emulator, PATH).await;
    let mut agent = Agent::join(&emulator, &room, json!({})).await;
    // Pongs keep it open for longer than the idle timeout.
    for _ in 0..5 {
        leap(Duration::from_secs(10)).await;
        assert_eq!(agent.socket.receive().await, Received::Ping);
    }
    // A socket without authentication receives no pings.
    silent.expect_close(1000, "").await;
}

#[tokio::test]
async fn peers_and_agents_are_counted_separately() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let _peer = join(&emulator, &token).await;
    let _agent = Agent::join(&emulator, &room, json!({})).await;
    emulator.agent_sockets().wait_for_subscribers(1).await;
    assert_eq!((emulator.agent_sockets().count(), emulator.peer_sockets().count()), (1, 1));
    assert_eq!(emulator.agent_sockets().numbers(), [1]);
}
