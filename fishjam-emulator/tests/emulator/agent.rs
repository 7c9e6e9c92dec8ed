//! A test agent: its socket and its messages.

use std::time::Duration;

use fishjam_emulator::{
    Emulator,
    proto::fishjam::{
        AgentRequest, AgentResponse,
        agent_request::{
            AddTrack, AuthRequest, CaptureImage, Content, InterruptTrack, RemoveTrack, TrackData,
            add_track::CodecParameters,
        },
        agent_response::{self, Content as Response},
        notifications::{Track, TrackType},
    },
};
use prost::Message as _;
use serde_json::{Value, json};

use crate::client::{Received, Socket, call};

pub(crate) const PATH: &str = "/socket/agent/websocket";

/// The id and the token of a new agent.
pub(crate) async fn add_agent(emulator: &Emulator, room: &str, options: Value) -> (String, String) {
    let body = json!({ "type": "agent", "options": options });
    let (status, body) = call(emulator, "POST", &format!("/room/{room}/peer"), Some(body)).await;
    assert_eq!(status, 201, "{body}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&body["data"]["peer"]["id"]), text(&body["data"]["token"]))
}

pub(crate) fn frame(content: Content) -> Vec<u8> {
    AgentRequest { content: Some(content) }.encode_to_vec()
}

pub(crate) fn agent_auth(token: &str) -> Vec<u8> {
    frame(Content::AuthRequest(AuthRequest { token: token.to_owned() }))
}

/// A request to publish mono PCM.
pub(crate) fn track(id: &str, sample_rate: u32) -> AddTrack {
    AddTrack {
        track: Some(Track { id: id.to_owned(), r#type: i32::from(TrackType::Audio), metadata: "{}".to_owned() }),
        codec_params: Some(CodecParameters { encoding: 1, sample_rate, channels: 1 }),
    }
}

/// An agent whose token was accepted.
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) socket: Socket,
}

impl Agent {
    pub(crate) async fn join(emulator: &Emulator, room: &str, options: Value) -> Self {
        let (id, token) = add_agent(emulator, room, options).await;
        Agent { socket: Agent::connect(emulator, &token).await, id, token }
    }

    pub(crate) async fn connect(emulator: &Emulator, token: &str) -> Socket {
        let mut socket = Socket::open(emulator, PATH).await;
        socket.binary(agent_auth(token)).await;
        let authenticated = Response::Authenticated(agent_response::Authenticated {});
        assert_eq!(response(&mut socket).await, authenticated);
        socket
    }

    pub(crate) async fn send(&mut self, content: Content) {
        self.socket.binary(frame(content)).await;
    }

    pub(crate) async fn add_track(&mut self, id: &str, sample_rate: u32) {
        self.send(Content::AddTrack(track(id, sample_rate))).await;
    }

    pub(crate) async fn remove_track(&mut self, id: &str) {
        self.send(Content::RemoveTrack(RemoveTrack { track_id: id.to_owned() })).await;
    }

    pub(crate) async fn say(&mut self, id: &str, data: impl Into<Vec<u8>>) {
        let data = data.into().into();
        self.send(Content::TrackData(TrackData { track_id: id.to_owned(), data })).await;
    }

    pub(crate) async fn interrupt(&mut self, id: &str) {
        self.send(Content::InterruptTrack(InterruptTrack { track_id: id.to_owned() })).await;
    }

    pub(crate) async fn capture(&mut self, id: &str) {
        self.send(Content::CaptureImage(CaptureImage { track_id: id.to_owned() })).await;
    }

    pub(crate) async fn next(&mut self) -> Response {
        response(&mut self.socket).await
    }

    /// Returns the next chunk: the id of its peer, the id of its track, and the bytes.
    pub(crate) async fn hear(&mut self) -> (String, String, Vec<u8>) {
        match self.next().await {
            Response::TrackData(heard) => (heard.peer_id, heard.track.unwrap().id, heard.data.to_vec()),
            other => panic!("{other:?}"),
        }
    }

    /// Returns this number of bytes, which can arrive in several chunks.
    pub(crate) async fn hear_bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            bytes.extend(self.hear().await.2);
        }
        assert_eq!(bytes.len(), count);
        bytes
    }

    pub(crate) async fn expect_silence(&mut self) {
        self.socket.expect_silence().await;
    }
}

pub(crate) async fn response(socket: &mut Socket) -> Response {
    match socket.receive().await {
        Received::Binary(bytes) => AgentResponse::decode(bytes.as_slice()).unwrap().content.unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Waits until the emulator has received this number of frames from an agent.
pub(crate) async fn received(emulator: &Emulator, connection: u64, frames: u64) {
    while emulator.agent_sockets().received(connection).unwrap().count() < frames {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Returns the tracks and the reasons of the ignored requests, in order.
pub(crate) fn ignored(emulator: &Emulator) -> Vec<(Option<String>, fishjam_emulator::Ignored)> {
    let requests = emulator.ignored_requests();
    requests.iter().map(|request| (request.track_id().map(str::to_owned), request.reason())).collect()
}
