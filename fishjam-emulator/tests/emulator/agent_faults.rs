//! Failures of agent sockets.

use std::time::Duration;

use fishjam_emulator::{
    Emulator, Sound, TrackKind,
    proto::fishjam::{
        AgentResponse,
        agent_response::{Content as Response, TrackData, TrackImage},
    },
};
use futures_util::StreamExt;
use prost::Message as _;
use serde_json::json;
use tokio::{io::AsyncReadExt, time::timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    agent::{Agent, PATH, add_agent, agent_auth, response},
    client::{Received, Socket, add_peer, call, create_room},
    clock::leap,
};

fn chunk(data: &[u8]) -> AgentResponse {
    let data = data.to_vec().into();
    AgentResponse { content: Some(Response::TrackData(TrackData { peer_id: "p".to_owned(), track: None, data })) }
}

#[tokio::test]
async fn handshake_faults_affect_agents() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_agent(&emulator, &room, json!({})).await;
    let faults = emulator.faults();
    faults.on("agent_socket").status(503);
    let url = format!("{}{PATH}", emulator.url().replacen("http", "ws", 1));
    assert!(tokio_tungstenite::connect_async(&url).await.unwrap_err().to_string().contains("503"));
    faults.on("agent_socket").accept_and_close(1013, "try again later");
    Socket::open(&emulator, PATH).await.expect_close(1013, "try again later").await;
    faults.on("agent_socket").refuse_token();
    let mut refused = Socket::open(&emulator, PATH).await;
    refused.binary(agent_auth(&token)).await;
    refused.expect_close(1000, "invalid token").await;
    drop(refused);
    // Refused after a while.
    faults.on("agent_socket").refuse_token().delay_authentication(Duration::from_secs(30));
    let mut refused = Socket::open(&emulator, PATH).await;
    refused.binary(agent_auth(&token)).await;
    refused.expect_silence().await;
    leap(Duration::from_secs(30)).await;
    refused.expect_close(1000, "invalid token").await;
    faults.on("agent_socket").ignore_token();
    let mut ignored = Socket::open(&emulator, PATH).await;
    ignored.binary(agent_auth(&token)).await;
    ignored.expect_silence().await;
    faults.on("agent_socket").answer_token_with(&chunk(b"early"));
    let mut odd = Socket::open(&emulator, PATH).await;
    odd.binary(agent_auth(&token)).await;
    assert_eq!(Some(response(&mut odd).await), chunk(b"early").content);
    // The agent closed the socket, so the emulator notices the end a little later.
    drop(odd);
    emulator.agent_sockets().drop_all();
    Agent::connect(&emulator, &token).await;
}

#[tokio::test]
async fn agent_receives_unexpected_frames() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let mut agent = Agent::join(&emulator, &room, json!({})).await;
    let sockets = emulator.agent_sockets();
    // Sends a chunk of an unknown track, garbage, text, another message, and a large message.
    sockets.send_message(&chunk(b"early"));
    sockets.send_raw(*b"\xff\xff");
    sockets.send_text("text");
    sockets.send_raw(*b"\xf2\x3e\x01x");
    sockets.send_oversized(5_000_000);
    assert_eq!(Some(agent.next().await), chunk(b"early").content);
    assert_eq!(agent.socket.receive().await, Received::Binary(vec![0xff, 0xff]));
    assert_eq!(agent.socket.0.next().await.unwrap().unwrap(), Message::Text("text".into()));
    for size in [4, 5_000_000] {
        match agent.socket.receive().await {
            Received::Binary(frame) => {
                assert_eq!(frame.len(), size);
                assert_eq!(AgentResponse::decode(&frame[..]).unwrap(), AgentResponse::default());
            }
            other => panic!("{other:?}"),
        }
    }
    let image = TrackImage { track_id: "v".to_owned(), content_type: "image/jpeg".to_owned(), data: vec![1].into() };
    let late = AgentResponse { content: Some(Response::TrackImage(image)) };
    sockets.send_message(&late);
    assert_eq!(Some(agent.next().await), late.content);
    assert_eq!(sockets.written(1).unwrap().agent_responses().len(), 3);
}

#[tokio::test]
async fn commands_end_agent_sockets() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_agent(&emulator, &room, json!({})).await;
    let sockets = emulator.agent_sockets();
    let status =
        async || call(&emulator, "GET", &format!("/room/{room}"), None).await.1["data"]["peers"][0]["status"].clone();
    let mut socket = Agent::connect(&emulator, &token).await;
    assert_eq!(sockets.close_all(1012, "restart"), 1);
    socket.expect_close(1012, "restart").await;
    // An agent whose socket ended can connect again immediately.
    assert_eq!(status().await, "disconnected");
    for drop in [true, false] {
        let mut socket = Agent::connect(&emulator, &token).await;
        let number = sockets.connections();
        assert!(if drop { sockets.drop_one(number) } else { sockets.reset(number) });
        assert_eq!(socket.receive().await, Received::Cut);
        if drop {
            assert_eq!(status().await, "disconnected");
        }
        while status().await != "disconnected" {}
    }
}

#[tokio::test]
async fn socket_is_cut_inside_a_chunk() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let mut first = Agent::join(&emulator, &room, json!({})).await;
    let mut second = Agent::join(&emulator, &room, json!({})).await;
    let whole = chunk(&[7; 1000]);
    emulator.agent_sockets().send_message(&whole);
    for agent in [&mut first, &mut second] {
        assert_eq!(Some(agent.next().await), whole.content);
    }
    let frame = whole.encode_to_vec();
    assert!(emulator.agent_sockets().cut_inside(1, &frame, 500));
    assert_eq!(first.socket.receive().await, Received::Cut);
    // The bytes below the WebSocket: a header and half of its frame.
    let mut rest = Vec::new();
    assert_eq!(emulator.agent_sockets().cut_all_inside(&frame, 500), 1);
    second.socket.0.get_mut().read_to_end(&mut rest).await.unwrap();
    let length = u16::try_from(frame.len()).unwrap().to_be_bytes();
    assert_eq!(rest, [&[0x82, 126], &length[..], &frame[..500]].concat());
    emulator.agent_sockets().wait_for_count(0).await;
    assert!(!emulator.agent_sockets().cut_inside(1, &frame, 1));
}

#[tokio::test]
async fn stalled_agent_receives_nothing() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let mut agent = Agent::join(&emulator, &room, json!({})).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    let track = emulator.add_track(&room, &peer, TrackKind::Audio, json!({})).unwrap();
    assert!(emulator.agent_sockets().stall(1));
    // The emulator no longer reads from the agent. The sent data fills the buffers and then waits.
    let flood = async {
        loop {
            agent.say("t", vec![0; 1_000_000]).await;
        }
    };
    assert!(timeout(Duration::from_secs(1), flood).await.is_err());
    // The first chunk may have been faster than the command.
    assert!(emulator.agent_sockets().received(1).unwrap().count() <= 1);
    // The agent receives nothing, and other agents are not delayed.
    let mut other = Agent::join(&emulator, &room, json!({})).await;
    assert!(emulator.publish_audio(&room, &peer, &track, &Sound::silence(16_000, Duration::from_millis(20))));
    assert_eq!(other.hear().await.2, [0; 640]);
    assert_eq!(emulator.agent_sockets().written(1).unwrap().written(), 0);
    assert!(emulator.agent_sockets().drop_one(1));
}
