//! Messages on an agent's socket. No message makes the session panic or hang, and only a broken connection ends it.
//!
//! If the first byte of an input is below 192, the remaining bytes are messages with a header of two bytes each: the
//! kind and the length. Otherwise they are sent as they are, in place of WebSocket frames.

#![no_main]

use std::{cell::RefCell, time::Duration};

use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    AgentResponse,
    agent_response::{Authenticated, Content, TrackData},
};
use fishjam_sdk::{
    AgentOptions, FishjamClient, RoomOptions,
    agent::{Agent, AgentConnectOptions, AgentMessage, AgentSession},
};
use futures_util::{SinkExt, StreamExt};
use libfuzzer_sys::fuzz_target;
use prost::Message as _;
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

/// The peer id of the message that follows the input.
const END: &str = "end-of-input";

struct Harness {
    listener: TcpListener,
    agent: Agent,
    connection: Option<(AgentSession, WebSocketStream<TcpStream>)>,
    _emulator: Emulator,
}

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    static HARNESS: RefCell<Option<Harness>> = const { RefCell::new(None) };
}

fuzz_target!(|input: &[u8]| {
    let Some((form, input)) = input.split_first() else { return };
    RUNTIME.with(|runtime| {
        HARNESS.with_borrow_mut(|harness| {
            runtime.block_on(async {
                if harness.is_none() {
                    *harness = Some(Harness::start().await);
                }
                if let Some(harness) = harness {
                    timeout(Duration::from_secs(20), harness.run(*form, input)).await.expect("the session goes on or ends");
                }
            });
        });
    });
});

impl Harness {
    /// Creates an agent whose socket is this program's listener.
    async fn start() -> Self {
        let emulator = Emulator::start().await.expect("an emulator");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}/socket/agent/websocket", listener.local_addr().expect("an address"));
        let patch = json!(url);
        emulator.faults().on("add_peer").patch_json(move |response| response["data"]["peer_websocket_url"] = patch.clone());
        let fishjam = FishjamClient::new(emulator.url(), emulator.token()).expect("a client");
        let room = fishjam.create_room(RoomOptions::new()).await.expect("a room");
        let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await.expect("an agent");
        Self { listener, agent, connection: None, _emulator: emulator }
    }

    async fn connect(&self) -> (AgentSession, WebSocketStream<TcpStream>) {
        let serve = async {
            let (stream, _) = self.listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("an option");
            let mut socket = accept_async(stream).await.expect("a handshake");
            let token = socket.next().await;
            assert!(matches!(token, Some(Ok(Message::Binary(_)))), "{token:?}");
            socket.send(Message::Binary(encoded(Content::Authenticated(Authenticated {})).into())).await.expect("a token");
            socket
        };
        let (session, socket) = tokio::join!(self.agent.connect_with(AgentConnectOptions::new()), serve);
        (session.expect("a session"), socket)
    }

    async fn run(&mut self, form: u8, input: &[u8]) {
        let (mut session, mut socket) = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await,
        };
        if form >= 192 {
            let _ = socket.get_mut().write_all(input).await;
            let _ = socket.get_mut().shutdown().await;
            while receive(&mut session).await {}
            return;
        }
        for message in messages(input) {
            socket.feed(message).await.expect("the session reads");
        }
        let end = TrackData { peer_id: END.to_owned(), ..TrackData::default() };
        socket.feed(Message::Binary(encoded(Content::TrackData(end)).into())).await.expect("the session reads");
        socket.flush().await.expect("the session reads");
        while receive(&mut session).await {}
        assert!(session.end().is_none(), "{:?}", session.end());
        self.connection = Some((session, socket));
    }
}

/// Receives one message; returns `false` after the last one.
async fn receive(session: &mut AgentSession) -> bool {
    match session.receive().await {
        Some(Ok(AgentMessage::TrackData(data))) if data.peer_id.as_str() == END => false,
        Some(Ok(message)) => {
            // All messages can be printed.
            let _ = format!("{message:?}");
            true
        }
        Some(Err(error)) => {
            assert!(!error.to_string().contains('\n'), "{error}");
            true
        }
        None => false,
    }
}

fn messages(mut input: &[u8]) -> impl Iterator<Item = Message> {
    std::iter::from_fn(move || {
        let [kind, length, rest @ ..] = input else { return None };
        let (payload, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        input = rest;
        Some(match kind % 8 {
            0 => Message::Text(String::from_utf8_lossy(payload).into_owned().into()),
            1 => Message::Ping(payload[..payload.len().min(125)].to_vec().into()),
            2 => Message::Pong(payload[..payload.len().min(125)].to_vec().into()),
            _ => Message::Binary(payload.to_vec().into()),
        })
    })
}

fn encoded(content: Content) -> Vec<u8> {
    AgentResponse { content: Some(content) }.encode_to_vec()
}
