//! A minimal client of a peer, without media.

use anyhow::{Context, bail};
use fishjam_proto::jellyfish::{
    PeerMessage,
    peer_message::{AuthRequest, Content, MediaEvent},
};
use fishjam_sdk::jellyfish::CreatedPeer;
use fishjam_tests::support::within;
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

pub(crate) struct PeerSocket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl PeerSocket {
    /// Connects to the peer's address with its token.
    pub(crate) async fn connect(created: &CreatedPeer) -> anyhow::Result<Self> {
        let (socket, _) = within("the peer's socket", connect_async(created.ws_url.as_str())).await??;
        let mut socket = Self(socket);
        socket.send(Content::AuthRequest(AuthRequest { token: created.token.expose().to_owned() })).await?;
        match socket.next().await? {
            Message::Binary(frame) => match PeerMessage::decode(frame)?.content {
                Some(Content::Authenticated(_)) => Ok(socket),
                other => bail!("the token got the response {other:?}"),
            },
            other => bail!("the token got the response {other:?}"),
        }
    }

    pub(crate) async fn media_event(&mut self, event: &Value) -> anyhow::Result<()> {
        self.send(Content::MediaEvent(MediaEvent { data: event.to_string() })).await
    }

    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        Ok(self.0.close(None).await?)
    }

    /// The code and reason with which the server closes it.
    pub(crate) async fn closed(&mut self) -> anyhow::Result<(u16, String)> {
        loop {
            if let Message::Close(frame) = self.next().await? {
                let frame = frame.context("it was closed without a word")?;
                return Ok((frame.code.into(), frame.reason.to_string()));
            }
        }
    }

    async fn send(&mut self, content: Content) -> anyhow::Result<()> {
        let message = PeerMessage { content: Some(content) };
        Ok(self.0.send(Message::binary(message.encode_to_vec())).await?)
    }

    async fn next(&mut self) -> anyhow::Result<Message> {
        Ok(within("a frame", self.0.next()).await?.context("the socket ended")??)
    }
}
