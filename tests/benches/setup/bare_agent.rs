//! An agent without the SDK: tokio-tungstenite and prost.

use std::time::Duration;

use anyhow::{Context, bail};
use fishjam_proto::fishjam::{
    AgentRequest, AgentResponse,
    agent_request::{AddTrack, AuthRequest, Content, TrackData, add_track::CodecParameters},
    agent_response, notifications,
};
use fishjam_sdk::agent::Agent;
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use tokio::{
    net::TcpStream,
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Bytes, Message},
};

/// The id of the track on which a bare agent speaks.
const TRACK: &str = "7a3e9b10-65f1-4f6e-8d2a-000000000002";

/// A connected agent.
pub(crate) struct BareAgent(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl BareAgent {
    /// Connects the agent, and returns when the server has accepted its token.
    pub(crate) async fn connect(agent: &Agent) -> anyhow::Result<Self> {
        let (socket, _) = connect_async(agent.socket_url()).await?;
        let mut agent_socket = Self(socket);
        let token = agent.token().expose().to_owned();
        agent_socket.send(Content::AuthRequest(AuthRequest { token })).await?;
        match agent_socket.content().await? {
            agent_response::Content::Authenticated(_) => Ok(agent_socket),
            other => bail!("{other:?}"),
        }
    }

    /// Adds the track of [`speak`](Self::speak).
    pub(crate) async fn add_track(&mut self) -> anyhow::Result<()> {
        let track = notifications::Track { id: TRACK.to_owned(), r#type: 2, metadata: "null".to_owned() };
        let codec = CodecParameters { encoding: 1, sample_rate: 24_000, channels: 1 };
        self.send(Content::AddTrack(AddTrack { track: Some(track), codec_params: Some(codec) })).await
    }

    /// Sends a chunk.
    pub(crate) async fn speak(&mut self, data: Bytes) -> anyhow::Result<()> {
        self.send(Content::TrackData(TrackData { track_id: TRACK.to_owned(), data })).await
    }

    /// Returns the next chunk that the server sends.
    pub(crate) async fn hear(&mut self) -> anyhow::Result<Bytes> {
        match self.content().await? {
            agent_response::Content::TrackData(data) => Ok(data.data),
            other => bail!("{other:?}"),
        }
    }

    /// Receives chunks, and sends a chunk at this interval, until the connection fails.
    pub(crate) async fn talk(mut self, every: Duration, chunk: Bytes, heard: impl Fn(&[u8])) -> anyhow::Result<()> {
        self.add_track().await?;
        let mut ticks = ticks(every);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.speak(chunk.clone()).await?,
                data = self.hear() => heard(&data?),
            }
        }
    }

    async fn send(&mut self, content: Content) -> anyhow::Result<()> {
        Ok(self.0.send(Message::binary(AgentRequest { content: Some(content) }.encode_to_vec())).await?)
    }

    async fn content(&mut self) -> anyhow::Result<agent_response::Content> {
        loop {
            match self.0.next().await.context("the service is gone")?? {
                Message::Binary(frame) => return AgentResponse::decode(frame)?.content.context("an empty message"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("instead of a binary message came {other}"),
            }
        }
    }
}

/// Returns ticks that catch up after a delay.
pub(crate) fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks
}
