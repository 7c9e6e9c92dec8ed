//! The users of the driver behind one interface: both notifiers and the agents.

#![allow(clippy::panic, reason = "helpers of tests are tests")]

use std::{pin::Pin, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    AgentResponse, ServerMessage,
    agent_response::{self, TrackData},
    server_message::{self, RoomCreated},
};
use fishjam_sdk::{
    AgentOptions, ConnectionState, Error, FishjamClient, Overflow, RoomOptions,
    agent::{AgentConnectOptions, AgentMessage, AgentSender},
};
use fishjam_tests::{clock::settle, support::within};
use futures_util::{SinkExt, Stream, StreamExt};
use prost::Message as _;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

use crate::{
    script::binary,
    servers::{AnyNotifier, ConnectionSettings, Kind, Seen},
};

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// A user of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    Notifier(Kind),
    Agent,
}

pub(crate) const USERS: [User; 3] = [User::Notifier(Kind::Fishjam), User::Notifier(Kind::Jellyfish), User::Agent];

impl User {
    /// A message with this number.
    pub(crate) fn message(self, number: u32) -> Message {
        let bytes = match self {
            Self::Notifier(_) => {
                let created = RoomCreated { room_id: number.to_string() };
                ServerMessage { content: Some(server_message::Content::RoomCreated(created)) }.encode_to_vec()
            }
            Self::Agent => {
                let data = TrackData { data: number.to_string().into(), ..TrackData::default() };
                AgentResponse { content: Some(agent_response::Content::TrackData(data)) }.encode_to_vec()
            }
        };
        binary(bytes)
    }

    pub(crate) fn authenticated(self) -> Message {
        match self {
            Self::Notifier(_) => crate::script::authenticated(),
            Self::Agent => {
                let content = agent_response::Content::Authenticated(agent_response::Authenticated {});
                binary(AgentResponse { content: Some(content) }.encode_to_vec())
            }
        }
    }
}

/// An item of a client's stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Message(u32),
    Gap(Duration),
}

pub(crate) type Items = Pin<Box<dyn Stream<Item = Result<Item, Error>> + Send>>;

/// A connected user.
pub(crate) struct Client {
    items: Items,
    pub(crate) handle: Handle,
}

pub(crate) enum Handle {
    Notifier(Arc<dyn AnyNotifier>),
    Agent(AgentSender),
}

impl Client {
    pub(crate) fn state(&self) -> ConnectionState {
        match &self.handle {
            Handle::Notifier(notifier) => notifier.state(),
            Handle::Agent(sender) => sender.state(),
        }
    }

    /// Returns the next item.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Item> {
        Ok(within("an item", self.items.next()).await?.context("the stream ended")??)
    }

    /// Reads the messages with these numbers, and nothing else.
    pub(crate) async fn expect(&mut self, numbers: std::ops::Range<u32>) -> anyhow::Result<()> {
        for number in numbers {
            anyhow::ensure!(self.next().await? == Item::Message(number), "message {number} is missing");
        }
        Ok(())
    }

    /// Returns the duration of the gap that follows.
    pub(crate) async fn gap(&mut self) -> anyhow::Result<Duration> {
        match self.next().await? {
            Item::Gap(duration) => Ok(duration),
            other => bail!("{other:?} instead of a gap"),
        }
    }

    /// Returns the error that follows, which ends the stream.
    pub(crate) async fn end(&mut self) -> anyhow::Result<Error> {
        match within("the end", self.items.next()).await? {
            Some(Err(error)) => Ok(error),
            other => bail!("{other:?} instead of the end"),
        }
    }
}

/// A server with scripted sockets.
pub(crate) struct Server {
    user: User,
    listener: TcpListener,
    /// Creates the agents.
    emulator: Emulator,
}

impl Server {
    pub(crate) async fn start(user: User) -> anyhow::Result<Self> {
        Ok(Self { user, listener: TcpListener::bind("127.0.0.1:0").await?, emulator: Emulator::start().await? })
    }

    /// Connects a user. Its queue holds one message, and the driver waits for room in it.
    pub(crate) async fn connect(&self, settings: ConnectionSettings) -> anyhow::Result<(Client, Socket)> {
        let (client, socket) = tokio::join!(self.client(settings), self.admit());
        Ok((client?, socket?))
    }

    pub(crate) async fn client(&self, settings: ConnectionSettings) -> anyhow::Result<Client> {
        let address = self.listener.local_addr()?;
        match self.user {
            User::Notifier(kind) => {
                let settings = ConnectionSettings { capacity: 1, ..settings };
                let notifier = kind.notifier(&format!("http://{address}"), settings)?;
                let items = within("the events", notifier.events()).await??;
                let items = items.map(|seen| {
                    seen.map(|seen| match seen {
                        Seen::Line(line) => Item::Message(number(line.trim_start_matches("room_created room="))),
                        Seen::Gap(gap) => Item::Gap(gap.duration()),
                        other => panic!("{other:?}"),
                    })
                });
                Ok(Client { items: Box::pin(items), handle: Handle::Notifier(notifier) })
            }
            User::Agent => {
                let url = json!(format!("ws://{address}/socket/peer/websocket"));
                let faults = self.emulator.faults();
                faults.on("add_peer").patch_json(move |response| response["data"]["peer_websocket_url"] = url.clone());
                let fishjam = FishjamClient::new(self.emulator.url(), self.emulator.token())?;
                let room = fishjam.create_room(RoomOptions::new()).await?;
                let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
                let options = AgentConnectOptions::new()
                    .incoming(1, Overflow::Wait)
                    .reconnect(settings.reconnect)
                    .reconnect_backoff(Duration::from_millis(2), Duration::from_millis(2))
                    .idle_timeout(settings.idle);
                let (sender, receiver) = within("the session", agent.connect_with(options)).await??.split();
                let items = receiver.map(|message| {
                    message.map(|message| match message {
                        AgentMessage::TrackData(audio) => Item::Message(number(&String::from_utf8_lossy(&audio.data))),
                        AgentMessage::Reconnected(gap) => Item::Gap(gap.duration()),
                        other => panic!("{other:?}"),
                    })
                });
                Ok(Client { items: Box::pin(items), handle: Handle::Agent(sender) })
            }
        }
    }

    /// Accepts a socket, and reads the token.
    pub(crate) async fn accept(&self) -> anyhow::Result<Socket> {
        let (stream, _) = within("a connection", self.listener.accept()).await??;
        stream.set_nodelay(true)?;
        let mut socket = accept_async(stream).await?;
        request(&mut socket).await?;
        Ok(socket)
    }

    /// Accepts the token and confirms the subscription.
    pub(crate) async fn complete(&self, socket: &mut Socket) -> anyhow::Result<()> {
        socket.send(self.user.authenticated()).await?;
        if self.user != User::Agent {
            request(socket).await?;
            socket.send(crate::script::subscribed()).await?;
        }
        Ok(())
    }

    pub(crate) async fn admit(&self) -> anyhow::Result<Socket> {
        let mut socket = self.accept().await?;
        self.complete(&mut socket).await?;
        Ok(socket)
    }
}

/// Reads a request of the client.
pub(crate) async fn request(socket: &mut Socket) -> anyhow::Result<()> {
    within("a request", socket.next()).await?.context("the client is gone")??;
    Ok(())
}

pub(crate) fn number(text: &str) -> u32 {
    text.parse().unwrap_or(u32::MAX)
}

/// Sends these messages, more than a client without room reads.
pub(crate) async fn send(user: User, socket: &mut Socket, numbers: std::ops::Range<u32>) -> anyhow::Result<()> {
    for number in numbers {
        socket.feed(user.message(number)).await?;
    }
    socket.flush().await?;
    settle().await;
    Ok(())
}

/// Runs a check for each user.
pub(crate) async fn for_users<C: Future<Output = anyhow::Result<()>>>(check: impl Fn(User) -> C) -> anyhow::Result<()> {
    for user in USERS {
        check(user).await.with_context(|| format!("{user:?}"))?;
    }
    Ok(())
}
