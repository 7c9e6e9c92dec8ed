//! A server socket that does what it is told, and not what the service would do.

use std::sync::Arc;

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Authenticated, Content, EventType, SubscribeResponse},
};
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_tungstenite::{
    accept_async,
    tungstenite::{
        Message,
        protocol::{
            CloseFrame,
            frame::{
                Frame,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};

/// One thing that the server does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Waits for a message.
    Hear,
    /// Sends one.
    Say(Message),
    /// Waits until it is told to go on.
    Await(Arc<Notify>),
    /// Sends these bytes below the WebSocket again and again, until the connection is gone.
    Flood { bytes: Vec<u8>, reads: bool },
    /// Drops the connection without a goodbye.
    Drop,
}

/// A binary message with this content.
pub(crate) fn frame(content: Content) -> Message {
    binary(ServerMessage { content: Some(content) }.encode_to_vec())
}

/// A binary message of these bytes.
pub(crate) fn binary(bytes: impl Into<Vec<u8>>) -> Message {
    Message::Binary(bytes.into().into())
}

/// A binary message that is never complete: an endless number of empty fragments.
pub(crate) fn endless_message() -> [Act; 2] {
    let start = Frame::message(Vec::new(), OpCode::Data(Data::Binary), false);
    [Act::Say(Message::Frame(start)), Act::Flood { bytes: [0, 0].repeat(32 * 1024), reads: true }]
}

/// A goodbye.
pub(crate) fn goodbye(code: u16, reason: &str) -> Message {
    Message::Close(Some(CloseFrame { code: CloseCode::from(code), reason: reason.into() }))
}

pub(crate) fn authenticated() -> Message {
    frame(Content::Authenticated(Authenticated {}))
}

pub(crate) fn subscribed() -> Message {
    frame(Content::SubscribeResponse(SubscribeResponse { event_type: EventType::ServerNotification.into() }))
}

/// Authenticates and subscribes a client.
pub(crate) fn handshake() -> Vec<Act> {
    vec![Act::Hear, Act::Say(authenticated()), Act::Hear, Act::Say(subscribed())]
}

/// Authenticates and subscribes whoever comes, waits for the cue, and then does this.
pub(crate) fn on_cue(cue: &Arc<Notify>, acts: impl IntoIterator<Item = Act>) -> Vec<Act> {
    handshake().into_iter().chain([Act::Await(Arc::clone(cue))]).chain(acts).collect()
}

/// Plays the same acts to everybody who connects to the URL, and then listens in silence.
pub(crate) async fn play(acts: Vec<Act>) -> anyhow::Result<String> {
    play_in_turn(vec![acts]).await
}

/// Plays the acts of each turn to one connection, and those of the last turn to every later connection.
pub(crate) async fn play_in_turn(turns: Vec<Vec<Act>>) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let mut turns = turns.into_iter().peekable();
        while let (Ok((stream, _)), Some(acts)) = (listener.accept().await, turns.next()) {
            if turns.peek().is_none() {
                turns = vec![acts.clone()].into_iter().peekable();
            }
            tokio::spawn(perform(stream, acts));
        }
    });
    Ok(url)
}

async fn perform(stream: TcpStream, acts: Vec<Act>) -> anyhow::Result<()> {
    let mut socket = accept_async(stream).await?;
    for act in acts {
        match act {
            Act::Hear => drop(socket.next().await),
            Act::Say(message) => socket.send(message).await?,
            Act::Await(cue) => cue.notified().await,
            Act::Flood { bytes, reads } => return flood(socket.into_inner(), &bytes, reads).await,
            Act::Drop => return Ok(()),
        }
    }
    while let Some(Ok(_)) = socket.next().await {}
    Ok(())
}

async fn flood(stream: TcpStream, bytes: &[u8], reads: bool) -> anyhow::Result<()> {
    let (mut reader, mut writer) = stream.into_split();
    let writing = async {
        loop {
            writer.write_all(bytes).await?;
        }
    };
    let reading = async {
        match reads {
            true => tokio::io::copy(&mut reader, &mut tokio::io::sink()).await,
            false => std::future::pending().await,
        }
    };
    tokio::select! {
        written = writing => written,
        read = reading => Ok(read.map(drop)?),
    }
}
