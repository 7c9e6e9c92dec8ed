//! A peer without media: the part of the protocol that makes the room show the peer as connected.

use anyhow::{Context, Result, bail, ensure};
use fishjam_emulator::{
    Emulator,
    proto::fishjam::{
        PeerMessage,
        peer_message::{AuthRequest, Content, MediaEvent},
    },
};
use fishjam_sdk::PeerToken;
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// The open socket of a peer whose token was accepted.
pub(crate) struct PeerSocket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl PeerSocket {
    pub(crate) async fn connect(emulator: &Emulator, token: &PeerToken) -> Result<Self> {
        let url = emulator.url().replacen("http", "ws", 1);
        let (socket, _) = connect_async(format!("{url}/socket/peer/websocket")).await?;
        let mut socket = Self(socket);
        let request = AuthRequest { token: token.expose().to_owned(), sdk_version: String::new() };
        let response = socket.ask(Content::AuthRequest(request)).await?;
        ensure!(matches!(response, Content::Authenticated(_)), "the peer's token got the response {response:?}");
        Ok(socket)
    }

    pub(crate) async fn set_metadata(&mut self, metadata: Value) -> Result<()> {
        let data = json!({ "type": "connect", "data": { "metadata": metadata } }).to_string();
        let response = self.ask(Content::MediaEvent(MediaEvent { data })).await?;
        ensure!(matches!(response, Content::MediaEvent(_)), "the peer's metadata got the response {response:?}");
        Ok(())
    }

    /// Closes the socket, and returns when it is closed.
    pub(crate) async fn close(mut self) {
        // The server may have closed the socket first.
        let _ = self.0.close(None).await;
        while let Some(Ok(_)) = self.0.next().await {}
    }

    async fn ask(&mut self, content: Content) -> Result<Content> {
        let message = PeerMessage { content: Some(content) };
        self.0.send(Message::Binary(message.encode_to_vec().into())).await?;
        match self.0.next().await.context("the peer's socket ended")?? {
            Message::Binary(frame) => PeerMessage::decode(frame)?.content.context("the response was empty"),
            other => bail!("the peer's socket got {other}"),
        }
    }
}
