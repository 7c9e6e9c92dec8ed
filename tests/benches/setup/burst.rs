//! Servers that send many notifications as fast as they can, each in a thread of its own.

#![allow(dead_code, reason = "each bench uses its part")]

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::Track,
    server_message::{
        Authenticated, Content, NotificationBatch, PeerConnected, PeerMetadataUpdated, RoomCreated, SubscribeResponse,
        TrackAdded, track_added,
    },
};
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio_tungstenite::{accept_async, tungstenite};

/// A server, and the sender of its start command.
pub(crate) struct Burst {
    name: &'static str,
    url: String,
    token: String,
    server: Server,
}

enum Server {
    Emulator { emulator: Box<Emulator>, runtime: runtime::Handle },
    Prepared { orders: UnboundedSender<u32>, listeners: Arc<AtomicUsize> },
}

impl Burst {
    /// The emulator. It queues all notifications before it sends the first.
    pub(crate) fn emulator() -> anyhow::Result<Self> {
        let (started, starting) = mpsc::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            runtime.block_on(async {
                let emulator = Emulator::builder().socket_journal(0).start().await;
                if started.send((emulator, runtime::Handle::current())).is_ok() {
                    std::future::pending::<()>().await;
                }
            });
        });
        let (emulator, runtime) = starting.recv().context("the emulator does not start")?;
        let emulator = emulator?;
        Ok(Self {
            name: "the emulator",
            url: emulator.url().to_owned(),
            token: emulator.token().to_owned(),
            server: Server::Emulator { emulator: Box::new(emulator), runtime },
        })
    }

    /// Starts a server that prepares this number of frames and serves one client at a time.
    pub(crate) fn prepared(events: u32) -> anyhow::Result<Self> {
        Self::of_frames(frames((0..events).map(|number| notification(number.into())))?)
    }

    /// Starts a server like [`prepared`](Self::prepared). Each of its messages is a batch of this size.
    pub(crate) fn batches(messages: u32, size: u32) -> anyhow::Result<Self> {
        Self::of_frames(frames((0..messages).map(|_| {
            let notifications = (0..size).map(|number| notification(number.into())).collect();
            ServerMessage { content: Some(Content::NotificationBatch(NotificationBatch { notifications })) }
        }))?)
    }

    fn of_frames((frames, ends): (Vec<u8>, Vec<usize>)) -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let (orders, mut received) = unbounded_channel();
        let listeners = Arc::new(AtomicUsize::new(0));
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let counted = Arc::clone(&listeners);
        thread::spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                while let Ok((connection, _)) = listener.accept().await {
                    counted.store(1, Ordering::SeqCst);
                    if let Err(error) = send(connection, &mut received, &frames, &ends).await {
                        println!("the prepared burst broke: {error}");
                    }
                    counted.store(0, Ordering::SeqCst);
                }
            });
        });
        Ok(Self {
            name: "frames that are ready",
            url,
            token: "a-management-token".to_owned(),
            server: Server::Prepared { orders, listeners },
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the URL that an SDK accepts as its Fishjam id.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Returns the number of open sockets.
    pub(crate) fn listeners(&self) -> usize {
        match &self.server {
            Server::Emulator { emulator, .. } => emulator.server_sockets().count(),
            Server::Prepared { listeners, .. } => listeners.load(Ordering::SeqCst),
        }
    }

    /// Sends this number of notifications to the connected client.
    pub(crate) fn start(&self, events: u32) {
        match &self.server {
            Server::Emulator { emulator, runtime } => {
                let sockets = emulator.server_sockets().clone();
                runtime.spawn(async move { sockets.burst(events.into(), notification) });
            }
            // If the server is gone, the client notices.
            Server::Prepared { orders, .. } => drop(orders.send(events)),
        }
    }
}

/// Accepts one client, waits for the command and sends the frames. Returns when the client sends another message or
/// disconnects.
async fn send(
    connection: TcpStream,
    orders: &mut UnboundedReceiver<u32>,
    frames: &[u8],
    ends: &[usize],
) -> anyhow::Result<()> {
    connection.set_nodelay(true)?;
    let mut socket = accept_async(connection).await?;
    let responses =
        [Content::Authenticated(Authenticated {}), Content::SubscribeResponse(SubscribeResponse { event_type: 1 })];
    for response in responses {
        socket.next().await.context("the listener left early")??;
        let response = ServerMessage { content: Some(response) }.encode_to_vec();
        socket.send(tungstenite::Message::binary(response)).await?;
    }
    let events = orders.recv().await.context("the sender of orders is gone")?;
    let end = ends.get(events as usize).context("there are not so many frames")?;
    let mut connection = socket.into_inner();
    connection.write_all(frames.get(..*end).unwrap_or_default()).await?;
    connection.read_u8().await.ok();
    Ok(())
}

/// Returns the WebSocket frames of these messages, and the offset of each.
fn frames(messages: impl Iterator<Item = ServerMessage>) -> anyhow::Result<(Vec<u8>, Vec<usize>)> {
    let (mut frames, mut ends) = (Vec::new(), vec![0]);
    for message in messages {
        let message = message.encode_to_vec();
        match u16::try_from(message.len()) {
            Ok(length @ ..126) => frames.extend([0x82, length.to_be_bytes()[1]]),
            Ok(length) => {
                frames.extend([0x82, 126]);
                frames.extend(length.to_be_bytes());
            }
            Err(_) => {
                frames.extend([0x82, 127]);
                frames.extend(u64::try_from(message.len())?.to_be_bytes());
            }
        }
        frames.extend(message);
        ends.push(frames.len());
    }
    Ok((frames, ends))
}

/// A mixture of small and larger notifications of kinds that the Python SDK delivers.
fn notification(number: u64) -> ServerMessage {
    let room_id = format!("0193b2c4-7d1e-7b7a-9f53-{:012}-74656e616e74-70726f64", number / 100);
    let peer_id = format!("5f0c7a52-3d47-4a8e-9c0b-{:012}", number / 10);
    let track_id = format!("7a3e9b10-65f1-4f6e-8d2a-{number:012}");
    ServerMessage {
        content: Some(match number % 4 {
            0 => Content::RoomCreated(RoomCreated { room_id }),
            1 => Content::PeerConnected(PeerConnected { room_id, peer_id, peer_type: 1 }),
            2 => Content::TrackAdded(TrackAdded {
                room_id,
                endpoint_info: Some(track_added::EndpointInfo::PeerId(peer_id)),
                track: Some(Track {
                    id: track_id,
                    r#type: 1,
                    metadata: r#"{"name":"camera","paused":false}"#.to_owned(),
                }),
            }),
            _ => Content::PeerMetadataUpdated(PeerMetadataUpdated {
                room_id,
                peer_id,
                metadata: r#"{"name":"Ada Lovelace"}"#.to_owned(),
                peer_type: 1,
            }),
        }),
    }
}
