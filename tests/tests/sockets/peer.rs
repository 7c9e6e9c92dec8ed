//! A peer without media that the room shows as connected.

use anyhow::{Context, ensure};
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    PeerMessage,
    peer_message::{AuthRequest, Content, MediaEvent},
};
use fishjam_sdk::PeerToken;
use fishjam_tests::support::within;
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// The open socket of an admitted peer.
pub(crate) struct Joined(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Joins with a peer's token.
pub(crate) async fn join(emulator: &Emulator, token: &PeerToken) -> anyhow::Result<Joined> {
    let url = emulator.url().replacen("http", "ws", 1);
    let (socket, _) = connect_async(format!("{url}/socket/peer/websocket")).await?;
    let mut joined = Joined(socket);
    let request = AuthRequest { token: token.expose().to_owned(), sdk_version: String::new() };
    let response = joined.ask(Content::AuthRequest(request)).await?;
    ensure!(matches!(response, Content::Authenticated(_)), "the token got the response {response:?}");
    Ok(joined)
}

impl Joined {
    /// Sets the peer's metadata.
    pub(crate) async fn set_metadata(&mut self, metadata: Value) -> anyhow::Result<()> {
        let data = json!({ "type": "connect", "data": { "metadata": metadata } }).to_string();
        let response = self.ask(Content::MediaEvent(MediaEvent { data })).await?;
        ensure!(matches!(response, Content::MediaEvent(_)), "the metadata got the response {response:?}");
        Ok(())
    }

    /// Leaves.
    pub(crate) async fn leave(mut self) -> anyhow::Result<()> {
        self.0.close(None).await?;
        Ok(())
    }

    async fn ask(&mut self, content: Content) -> anyhow::Result<Content> {
        let message = PeerMessage { content: Some(content) };
        self.0.send(Message::Binary(message.encode_to_vec().into())).await?;
        let response = within("the response to a peer", self.0.next()).await?.context("the peer's socket ended")??;
        PeerMessage::decode(response.into_data())?.content.context("the response was empty")
    }
}
