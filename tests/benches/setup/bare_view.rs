//! A view of all rooms without the SDK: a map behind a lock, and a broadcast channel for the consumers.

#![allow(dead_code, reason = "what is decoded is not looked at")]

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, bail, ensure};
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{AuthRequest, Content, EventType, SubscribeRequest, track_metadata_updated::EndpointInfo},
};
use futures_util::{SinkExt, StreamExt, stream::FuturesUnordered};
use prost::Message as _;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{net::TcpStream, sync::broadcast, task::AbortHandle};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use super::bare;

/// The number of requests in flight.
const IN_FLIGHT: usize = 64;
/// The number of changes that wait for a consumer, as in the SDK.
const CHANGES: usize = 1024;

#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Room {
    pub(crate) id: String,
    config: RoomConfig,
    pub(crate) peers: Vec<Peer>,
    composition_info: Option<Json>,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoomConfig {
    max_peers: Option<u64>,
    room_type: RoomType,
    video_codec: VideoCodec,
    webhook_url: Option<String>,
    public: bool,
    batch_webhook_notifications: bool,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoomType {
    Conference,
    AudioOnly,
    Livestream,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum VideoCodec {
    H264,
    Vp8,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Peer {
    pub(crate) id: String,
    r#type: PeerType,
    status: PeerStatus,
    pub(crate) metadata: Option<PeerMetadata>,
    subscribe_mode: SubscribeMode,
    subscriptions: Subscriptions,
    tracks: Vec<Track>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PeerType {
    Webrtc,
    Agent,
    Vapi,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PeerStatus {
    Connected,
    Disconnected,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SubscribeMode {
    Auto,
    Manual,
}

#[derive(Clone, Default, PartialEq, Deserialize)]
pub(crate) struct PeerMetadata {
    pub(crate) peer: Option<Json>,
    server: Option<Json>,
}

#[derive(Clone, PartialEq, Deserialize)]
struct Subscriptions {
    peers: Vec<String>,
    tracks: Vec<String>,
}

#[derive(Clone, PartialEq, Deserialize)]
struct Track {
    id: Option<String>,
    r#type: Option<TrackType>,
    metadata: Option<Json>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TrackType {
    Audio,
    Video,
}

/// Metadata that stays JSON.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Json(Box<RawValue>);

impl Json {
    fn new(text: String) -> anyhow::Result<Self> {
        Ok(Self(RawValue::from_string(text)?))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// The view. Its task ends when it is dropped.
pub(crate) struct BareView {
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    http: reqwest::Client,
    url: String,
    rooms: Mutex<BTreeMap<String, Arc<Room>>>,
    changes: broadcast::Sender<Arc<Room>>,
}

impl BareView {
    /// Connects, reads all rooms and follows the notifications.
    pub(crate) async fn start(url: &str) -> anyhow::Result<Self> {
        let socket = subscribe(url).await?;
        let (http, rooms, changes) = (bare::client()?, Mutex::default(), broadcast::Sender::new(CHANGES));
        let shared = Arc::new(Shared { http, url: url.to_owned(), rooms, changes });
        shared.resync().await?;
        let following = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            if let Err(error) = following.follow(socket).await {
                println!("the bare view broke: {error:#}");
            }
        });
        Ok(Self { shared, task: task.abort_handle() })
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<Room>> {
        self.shared.rooms().get(id).cloned()
    }

    pub(crate) fn list(&self) -> Vec<Arc<Room>> {
        self.shared.rooms().values().cloned().collect()
    }

    pub(crate) fn changes(&self) -> broadcast::Receiver<Arc<Room>> {
        self.shared.changes.subscribe()
    }

    /// Reads all rooms again, and sends the changed ones to the consumers.
    pub(crate) async fn resync(&self) -> anyhow::Result<()> {
        self.shared.resync().await
    }
}

impl Drop for BareView {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn rooms(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Room>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares and drops rooms outside the lock. No event changes the rooms meanwhile.
    async fn resync(&self) -> anyhow::Result<()> {
        let read: Vec<Room> = bare::get(&self.http, &format!("{}/room", self.url)).await?;
        let known = self.rooms().clone();
        let (mut rooms, mut changed) = (BTreeMap::new(), Vec::new());
        for room in read {
            let room = match known.get(&room.id) {
                Some(known) if **known == room => Arc::clone(known),
                _ => {
                    changed.push(Arc::new(room));
                    changed.last().map(Arc::clone).context("a room was just added")?
                }
            };
            rooms.insert(room.id.clone(), room);
        }
        let before = std::mem::replace(&mut *self.rooms(), rooms);
        drop(before);
        changed.into_iter().for_each(|room| self.notify(room));
        Ok(())
    }

    /// Applies events and reads the rooms with new peers at the same time.
    async fn follow(&self, mut socket: Socket) -> anyhow::Result<()> {
        let (mut stale, mut reads) = (VecDeque::new(), FuturesUnordered::new());
        loop {
            while reads.len() < IN_FLIGHT
                && let Some(id) = stale.pop_front()
            {
                reads.push(self.read(id));
            }
            tokio::select! {
                content = content(&mut socket) => match content? {
                    Some(content) => stale.extend(self.apply(content)?),
                    None => return Ok(()),
                },
                Some(room) = reads.next() => self.replace(room?),
            }
        }
    }

    async fn read(&self, id: String) -> anyhow::Result<Room> {
        bare::get(&self.http, &format!("{}/room/{id}", self.url)).await
    }

    fn replace(&self, room: Room) {
        let room = Arc::new(room);
        self.rooms().insert(room.id.clone(), Arc::clone(&room));
        self.notify(room);
    }

    /// Applies an event. Returns the room that must be read.
    fn apply(&self, content: Content) -> anyhow::Result<Option<String>> {
        match content {
            Content::PeerMetadataUpdated(event) => {
                let metadata = Json::new(event.metadata)?;
                self.change(&event.room_id, &event.peer_id, |peer| {
                    peer.metadata.get_or_insert_default().peer = Some(metadata);
                });
            }
            Content::TrackMetadataUpdated(event) => {
                let (Some(track), Some(EndpointInfo::PeerId(peer))) = (event.track, event.endpoint_info) else {
                    bail!("no track of a peer");
                };
                let metadata = Json::new(track.metadata)?;
                self.change(&event.room_id, &peer, |peer| {
                    if let Some(known) = peer.tracks.iter_mut().find(|known| known.id.as_ref() == Some(&track.id)) {
                        known.metadata = Some(metadata);
                    }
                });
            }
            Content::PeerAdded(event) => return Ok(Some(event.room_id)),
            _ => {}
        }
        Ok(None)
    }

    fn change(&self, room: &str, peer: &str, change: impl FnOnce(&mut Peer)) {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(room) else { return };
        let Some(at) = room.peers.iter().position(|known| known.id == peer) else { return };
        change(&mut Arc::make_mut(room).peers[at]);
        let room = Arc::clone(room);
        drop(rooms);
        self.notify(room);
    }

    fn notify(&self, room: Arc<Room>) {
        // It fails if there is no consumer.
        let _ = self.changes.send(room);
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn subscribe(url: &str) -> anyhow::Result<Socket> {
    let url = format!("{}/socket/server/websocket", url.replacen("http", "ws", 1));
    let (mut socket, _) = connect_async(url).await?;
    let auth = Content::AuthRequest(AuthRequest { token: bare::TOKEN.to_owned() });
    socket.send(Message::binary(ServerMessage { content: Some(auth) }.encode_to_vec())).await?;
    ensure!(matches!(content(&mut socket).await?, Some(Content::Authenticated(_))), "not authenticated");
    let subscribe = Content::SubscribeRequest(SubscribeRequest { event_type: EventType::ServerNotification.into() });
    socket.send(Message::binary(ServerMessage { content: Some(subscribe) }.encode_to_vec())).await?;
    ensure!(matches!(content(&mut socket).await?, Some(Content::SubscribeResponse(_))), "not subscribed");
    Ok(socket)
}

/// Returns the next notification, or `None` after the last one.
async fn content(socket: &mut Socket) -> anyhow::Result<Option<Content>> {
    loop {
        match socket.next().await.transpose()? {
            Some(Message::Binary(frame)) => return Ok(ServerMessage::decode(frame)?.content),
            Some(Message::Ping(_) | Message::Pong(_)) => {}
            _ => return Ok(None),
        }
    }
}
