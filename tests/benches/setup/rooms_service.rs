//! A minimal server with rooms, in a thread of its own: its REST calls, and notifications on command.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use bytes::Bytes;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Authenticated, Content, SubscribeResponse},
};
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime,
    sync::mpsc::{UnboundedSender, unbounded_channel},
    time::sleep,
};
use tokio_tungstenite::{accept_async, tungstenite};

use super::room_data::{self, Joins};

/// The handle of the server. The server runs as long as the program.
pub(crate) struct RoomsService {
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    rooms: usize,
    peers: usize,
    /// The delay of each response.
    delay: Duration,
    /// The number of the next update, so that each update changes its room.
    next_update: AtomicU64,
    state: Mutex<State>,
}

struct State {
    joins: Joins,
    /// The whole response to a request for all rooms.
    list: Bytes,
    list_requested: Instant,
    /// The senders of frames to the sockets, in the order in which they connected. A dropped sender closes its socket.
    sockets: Vec<Option<UnboundedSender<Vec<u8>>>>,
}

impl RoomsService {
    /// Starts a server with this number of rooms, each with this number of peers.
    pub(crate) fn start(rooms: usize, peers: usize, delay: Duration) -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let joins = Joins::default();
        let list = response(&room_data::list(rooms, peers, joins));
        let state = State { joins, list, list_requested: Instant::now(), sockets: Vec::new() };
        let shared = Shared { rooms, peers, delay, next_update: AtomicU64::new(1), state: Mutex::new(state) };
        let shared = Arc::new(shared);
        let served = Arc::clone(&shared);
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                while let Ok((connection, _)) = listener.accept().await {
                    let _ = connection.set_nodelay(true);
                    tokio::spawn(serve(connection, Arc::clone(&served)));
                }
            });
        });
        Ok(Self { url, shared })
    }

    /// Returns the URL that the SDK accepts as its Fishjam id.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the number of sockets that have connected so far. The last one has this number minus 1.
    pub(crate) fn sockets(&self) -> usize {
        self.shared.state().sockets.len()
    }

    /// Sends frames to a socket.
    pub(crate) fn send(&self, socket: usize, frames: Vec<u8>) -> anyhow::Result<()> {
        let state = self.shared.state();
        let sender = state.sockets.get(socket).and_then(Option::as_ref).context("the socket is closed")?;
        sender.send(frames).context("the socket broke")
    }

    /// Closes all sockets.
    pub(crate) fn close_sockets(&self) {
        self.shared.close_sockets();
    }

    /// Adds a peer to each of the first rooms, in the place of the peers of the last call. Returns the frames of the joins
    /// and their turn.
    pub(crate) fn join(&self, rooms: usize) -> (Vec<u8>, u64) {
        let turn = self.shared.join(rooms);
        ((0..rooms).flat_map(|room| room_data::join(room, turn)).collect(), turn)
    }

    /// Returns the frame of an update of the first peer of a room, and the number of the update.
    pub(crate) fn update(&self, room: usize) -> (Vec<u8>, u64) {
        self.shared.update(room)
    }

    /// Returns frames that update one peer or track each, in these rooms.
    pub(crate) fn updates(&self, rooms: impl IntoIterator<Item = usize>) -> Vec<u8> {
        let update = |room| {
            let number = self.shared.next_update();
            let peer = usize::try_from(number / 2).unwrap_or_default() % self.shared.peers;
            match number % 2 {
                0 => room_data::peer_update(room, peer, number),
                _ => room_data::track_update(room, peer, number),
            }
        };
        rooms.into_iter().flat_map(update).collect()
    }

    /// Returns the time at which the last request for all rooms arrived.
    pub(crate) fn list_requested(&self) -> Instant {
        self.shared.state().list_requested
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_update(&self) -> u64 {
        self.next_update.fetch_add(1, Ordering::Relaxed)
    }

    fn close_sockets(&self) {
        self.state().sockets.iter_mut().for_each(|socket| *socket = None);
    }

    fn join(&self, rooms: usize) -> u64 {
        let joins = Joins { rooms, turn: self.state().joins.turn + 1 };
        let list = response(&room_data::list(self.rooms, self.peers, joins));
        let mut state = self.state();
        (state.joins, state.list) = (joins, list);
        joins.turn
    }

    /// Returns the response to a request for this path.
    fn respond(&self, path: &str) -> Bytes {
        if let Some(number) = self.control(path) {
            return response(&format!(r#"{{"data":{number}}}"#));
        }
        let mut state = self.state();
        match path.strip_prefix("/room/") {
            Some(id) => {
                let room = room_data::room_number(id).unwrap_or_default();
                response(&room_data::room(room, self.peers, state.joins))
            }
            None => {
                state.list_requested = Instant::now();
                state.list.clone()
            }
        }
    }

    /// Executes the command of a child process. Returns the number in the response, or `None` if it is not a command.
    fn control(&self, path: &str) -> Option<u64> {
        let command = path.strip_prefix("/control/")?;
        if command == "updates" {
            let frames: Vec<u8> = (0..self.rooms).flat_map(|room| self.update(room).0).collect();
            self.state().sockets.iter().flatten().for_each(|socket| drop(socket.send(frames.clone())));
            return Some(self.next_update.load(Ordering::Relaxed) - 1);
        }
        let part: usize = command.strip_prefix("gap/")?.parse().ok()?;
        let turn = self.join(self.rooms / part);
        self.close_sockets();
        Some(turn)
    }

    fn update(&self, room: usize) -> (Vec<u8>, u64) {
        let number = self.next_update();
        (room_data::peer_update(room, 0, number), number)
    }
}

fn response(json: &str) -> Bytes {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", json.len());
    [head.as_bytes(), json.as_bytes()].concat().into()
}

async fn serve(connection: TcpStream, shared: Arc<Shared>) -> anyhow::Result<()> {
    let mut start = [0; 11];
    connection.peek(&mut start).await?;
    if start == *b"GET /socket" {
        serve_socket(connection, &shared).await
    } else {
        serve_http(connection, &shared).await
    }
}

/// The next request comes only after the response.
async fn serve_http(mut connection: TcpStream, shared: &Shared) -> anyhow::Result<()> {
    let mut request = Vec::with_capacity(4096);
    while connection.read_buf(&mut request).await? > 0 {
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&request);
        let response = shared.respond(text.split(' ').nth(1).unwrap_or_default());
        request.clear();
        if !shared.delay.is_zero() {
            sleep(shared.delay).await;
        }
        connection.write_all(&response).await?;
    }
    Ok(())
}

async fn serve_socket(connection: TcpStream, shared: &Shared) -> anyhow::Result<()> {
    let mut socket = accept_async(connection).await?;
    let respond = |content| tungstenite::Message::binary(ServerMessage { content: Some(content) }.encode_to_vec());
    socket.next().await.context("the listener left early")??;
    socket.send(respond(Content::Authenticated(Authenticated {}))).await?;
    socket.next().await.context("the listener left early")??;
    let (sender, mut frames) = unbounded_channel();
    // Before the response, so that the socket is known when the client is ready.
    shared.state().sockets.push(Some(sender));
    socket.send(respond(Content::SubscribeResponse(SubscribeResponse { event_type: 1 }))).await?;
    loop {
        tokio::select! {
            frames = frames.recv() => match frames {
                Some(frames) => socket.get_mut().write_all(&frames).await?,
                None => return Ok(socket.close(None).await?),
            },
            message = socket.next() => drop(message.context("the listener left")??),
        }
    }
}
