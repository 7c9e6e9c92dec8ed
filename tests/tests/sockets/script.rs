//! A server socket that a test scripts.

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

/// A step of the server.
#[derive(Clone, Debug)]
pub(crate) enum ScriptStep {
    /// Waits for a message.
    Receive,
    /// Sends one.
    Send(Message),
    /// Waits for a signal.
    Wait(Arc<Notify>),
    /// Sends these bytes below the WebSocket again and again, until the connection is gone.
    Flood { bytes: Vec<u8>, reads: bool },
    /// Drops the connection without a close frame.
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
pub(crate) fn endless_message() -> [ScriptStep; 2] {
    let start = Frame::message(Vec::new(), OpCode::Data(Data::Binary), false);
    [ScriptStep::Send(Message::Frame(start)), ScriptStep::Flood { bytes: [0, 0].repeat(32 * 1024), reads: true }]
}

/// A close frame.
pub(crate) fn close_frame(code: u16, reason: &str) -> Message {
    Message::Close(Some(CloseFrame { code: CloseCode::from(code), reason: reason.into() }))
}

pub(crate) fn authenticated() -> Message {
    frame(Content::Authenticated(Authenticated {}))
}

pub(crate) fn subscribed() -> Message {
    frame(Content::SubscribeResponse(SubscribeResponse { event_type: EventType::ServerNotification.into() }))
}

/// Authenticates and subscribes a client.
pub(crate) fn handshake() -> Vec<ScriptStep> {
    vec![ScriptStep::Receive, ScriptStep::Send(authenticated()), ScriptStep::Receive, ScriptStep::Send(subscribed())]
}

/// Authenticates and subscribes a client, waits for the signal, and then runs these steps.
pub(crate) fn after_signal(signal: &Arc<Notify>, steps: impl IntoIterator<Item = ScriptStep>) -> Vec<ScriptStep> {
    handshake().into_iter().chain([ScriptStep::Wait(Arc::clone(signal))]).chain(steps).collect()
}

/// Runs the same steps for every client, and then only reads.
pub(crate) async fn serve(steps: Vec<ScriptStep>) -> anyhow::Result<String> {
    serve_in_turn(vec![steps]).await
}

/// Plays the acts of each turn to one connection, and those of the last turn to every later connection.
pub(crate) async fn serve_in_turn(turns: Vec<Vec<ScriptStep>>) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let mut turns = turns.into_iter().peekable();
        while let (Ok((stream, _)), Some(steps)) = (listener.accept().await, turns.next()) {
            if turns.peek().is_none() {
                turns = vec![steps.clone()].into_iter().peekable();
            }
            tokio::spawn(run(stream, steps));
        }
    });
    Ok(url)
}

async fn run(stream: TcpStream, steps: Vec<ScriptStep>) -> anyhow::Result<()> {
    let mut socket = accept_async(stream).await?;
    for step in steps {
        match step {
            ScriptStep::Receive => drop(socket.next().await),
            ScriptStep::Send(message) => socket.send(message).await?,
            ScriptStep::Wait(signal) => signal.notified().await,
            ScriptStep::Flood { bytes, reads } => return flood(socket.into_inner(), &bytes, reads).await,
            ScriptStep::Drop => return Ok(()),
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
