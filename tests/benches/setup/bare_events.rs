//! A notifier without the SDK: tokio-tungstenite and prost.

use anyhow::{Context, bail, ensure};
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{AuthRequest, Content, EventType, SubscribeRequest},
};
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket, and subscribes to notifications.
pub(crate) async fn subscribe(url: &str, token: &str) -> anyhow::Result<Socket> {
    let url = format!("{}/socket/server/websocket", url.replacen("http", "ws", 1));
    let (mut socket, _) = connect_async(url).await?;
    let auth = Content::AuthRequest(AuthRequest { token: token.to_owned() });
    socket.send(Message::binary(ServerMessage { content: Some(auth) }.encode_to_vec())).await?;
    ensure!(matches!(content(&mut socket).await?, Content::Authenticated(_)));
    let subscribe = Content::SubscribeRequest(SubscribeRequest { event_type: EventType::ServerNotification.into() });
    socket.send(Message::binary(ServerMessage { content: Some(subscribe) }.encode_to_vec())).await?;
    ensure!(matches!(content(&mut socket).await?, Content::SubscribeResponse(_)));
    Ok(socket)
}

/// Returns the content of the next message.
pub(crate) async fn content(socket: &mut Socket) -> anyhow::Result<Content> {
    loop {
        match socket.next().await.context("the server is gone")?? {
            Message::Binary(frame) => return ServerMessage::decode(frame)?.content.context("nothing happened"),
            Message::Ping(_) | Message::Pong(_) => {}
            other => bail!("instead of a binary message came {other}"),
        }
    }
}
