//! A server for agent sockets that a test scripts.

use anyhow::{Context, bail};
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    AgentRequest, AgentResponse, agent_request,
    agent_response::{Authenticated, Content, TrackData, TrackImage},
    notifications,
};
use fishjam_sdk::{
    AgentOptions, FishjamClient, Room, RoomOptions,
    agent::{Agent, AgentConnectOptions, AgentSession},
};
use fishjam_tests::support::within;
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{
        Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

/// An emulator whose agents connect to a listener of the test.
pub(crate) struct Service {
    pub(crate) emulator: Emulator,
    pub(crate) fishjam: FishjamClient,
    pub(crate) room: Room,
    listener: TcpListener,
}

impl Service {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let emulator = Emulator::start().await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = json!(format!("ws://{}/socket/peer/websocket", listener.local_addr()?));
        emulator
            .faults()
            .on("add_peer")
            .always()
            .patch_json(move |response| response["data"]["peer_websocket_url"] = url.clone());
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        Ok(Self { emulator, fishjam, room, listener })
    }

    /// A new agent that connects to the test.
    pub(crate) async fn agent(&self) -> anyhow::Result<Agent> {
        Ok(self.fishjam.create_agent(&self.room.id, AgentOptions::new()).await?)
    }

    /// Returns the number of peers in the room.
    pub(crate) async fn peers(&self) -> anyhow::Result<usize> {
        Ok(self.fishjam.get_room(&self.room.id).await?.peers.len())
    }

    /// The next connection, opened.
    pub(crate) async fn accept(&self) -> anyhow::Result<ServerEnd> {
        let (stream, _) = within("a connection", self.listener.accept()).await??;
        stream.set_nodelay(true)?;
        Ok(ServerEnd { socket: within("a WebSocket handshake", accept_async(stream)).await?? })
    }

    /// The next connection, whose token is accepted.
    pub(crate) async fn admit(&self) -> anyhow::Result<ServerEnd> {
        let mut server = self.accept().await?;
        server.receive_token().await?;
        server.send(Content::Authenticated(Authenticated {})).await?;
        Ok(server)
    }

    /// A session and the other end of it.
    pub(crate) async fn connect(&self, options: AgentConnectOptions) -> anyhow::Result<(AgentSession, ServerEnd)> {
        let agent = self.agent().await?;
        let connecting = async { Ok(agent.connect_with(options).await?) };
        tokio::try_join!(connecting, self.admit())
    }
}

/// The service's end of one connection.
pub(crate) struct ServerEnd {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl ServerEnd {
    /// The next request of the agent.
    pub(crate) async fn receive(&mut self) -> anyhow::Result<agent_request::Content> {
        loop {
            match within("a message", self.socket.next()).await?.context("the agent is gone")?? {
                Message::Binary(frame) => {
                    return AgentRequest::decode(frame)?.content.context("the agent asks for nothing");
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("this is no request: {other:?}"),
            }
        }
    }

    pub(crate) async fn receive_token(&mut self) -> anyhow::Result<String> {
        match self.receive().await? {
            agent_request::Content::AuthRequest(auth) => Ok(auth.token),
            other => bail!("this is no token: {other:?}"),
        }
    }

    /// The next chunk of audio.
    pub(crate) async fn receive_audio(&mut self) -> anyhow::Result<agent_request::TrackData> {
        match self.receive().await? {
            agent_request::Content::TrackData(data) => Ok(data),
            other => bail!("this is no audio: {other:?}"),
        }
    }

    /// The next request for an image: the track's id.
    pub(crate) async fn receive_capture(&mut self) -> anyhow::Result<String> {
        match self.receive().await? {
            agent_request::Content::CaptureImage(capture) => Ok(capture.track_id),
            other => bail!("this asks for no image: {other:?}"),
        }
    }

    /// Waits until the agent sends a close frame or disconnects.
    pub(crate) async fn wait_for_end(&mut self) -> anyhow::Result<()> {
        within("the end of the connection", async {
            while let Some(Ok(message)) = self.socket.next().await {
                if matches!(message, Message::Close(_)) {
                    break;
                }
            }
        })
        .await
    }

    pub(crate) async fn send(&mut self, content: Content) -> anyhow::Result<()> {
        self.send_raw(AgentResponse { content: Some(content) }.encode_to_vec()).await
    }

    pub(crate) async fn send_raw(&mut self, frame: impl Into<Vec<u8>>) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::Binary(frame.into().into())).await?)
    }

    pub(crate) async fn close(&mut self, code: u16, reason: &str) -> anyhow::Result<()> {
        let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
        Ok(self.socket.send(Message::Close(Some(frame))).await?)
    }
}

/// Audio from a peer, on a track of the same name.
pub(crate) fn audio(peer: &str, data: impl Into<Vec<u8>>) -> Content {
    let track = notifications::Track { id: format!("{peer}-track"), r#type: 2, metadata: "{}".to_owned() };
    Content::TrackData(TrackData { peer_id: peer.to_owned(), track: Some(track), data: data.into().into() })
}

/// An image of a track.
pub(crate) fn image(track: &str, data: impl Into<Vec<u8>>) -> Content {
    let (track_id, content_type) = (track.to_owned(), "image/jpeg".to_owned());
    Content::TrackImage(TrackImage { track_id, content_type, data: data.into().into() })
}
