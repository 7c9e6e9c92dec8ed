//! The one owner of truth: rooms, peers and tokens; livestreams, forwardings and recordings in their own files.
//!
//! Nothing here does I/O or reads a clock. A transition returns what it did and the [`Effect`]s that must follow,
//! in the order in which they must happen.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use fishjam_proto::fishjam::ServerMessage;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{notification, refusal::Refusal};

mod agents;
mod forwardings;
mod livestreams;
mod recordings;
#[cfg(test)]
mod tests;

pub(crate) use forwardings::{Composition, Forwarding};
pub(crate) use livestreams::{Livestream, Participant, Role};
pub(crate) use recordings::{Recording, RecordingStatus};

/// Something that must happen because the state changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Tell the subscribers.
    Notify(ServerMessage),
    /// Close the socket through which a peer is connected, with code 1000 and this reason.
    CloseSession(Session, &'static str),
    /// Bring a stopped recording to its end, after a while.
    ConcludeRecording(String),
}

/// What a transition did.
#[derive(Debug)]
pub(crate) struct Outcome<T> {
    pub(crate) value: T,
    pub(crate) effects: Vec<Effect>,
}

/// One connection of a peer, as the sockets number them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Session(pub(crate) u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoomType {
    Conference,
    FullFeature,
    AudioOnly,
    Livestream,
    Broadcaster,
    AudioOnlyLivestream,
}

impl RoomType {
    /// Whether streamers and viewers may join: livestreams, under their newer and older names.
    pub(crate) fn is_livestream(self) -> bool {
        matches!(self, RoomType::Livestream | RoomType::Broadcaster | RoomType::AudioOnlyLivestream)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VideoCodec {
    H264,
    Vp8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoomConfig {
    pub(crate) batch_webhook_notifications: bool,
    /// 0 is "no limit", as in the service's answers.
    pub(crate) max_peers: u64,
    pub(crate) public: bool,
    pub(crate) room_type: RoomType,
    pub(crate) video_codec: VideoCodec,
    pub(crate) webhook_url: Option<String>,
}

impl Default for RoomConfig {
    fn default() -> Self {
        RoomConfig {
            batch_webhook_notifications: false,
            max_peers: 0,
            public: false,
            room_type: RoomType::Conference,
            video_codec: VideoCodec::H264,
            webhook_url: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) config: RoomConfig,
    pub(crate) peers: Vec<Peer>,
    /// Who sends and watches; of use in livestream rooms only.
    pub(crate) livestream: Livestream,
    /// The composition into which the tracks are forwarded.
    pub(crate) composition: Option<Composition>,
    order: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeerKind {
    WebRtc,
    Agent,
    Vapi,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SubscribeMode {
    #[default]
    Auto,
    Manual,
}

/// What a new peer is made of.
#[derive(Clone, Debug)]
pub(crate) struct PeerOptions {
    pub(crate) kind: PeerKind,
    pub(crate) subscribe_mode: SubscribeMode,
    /// The metadata that the backend gives, fixed from then on.
    pub(crate) metadata: Value,
    /// The samples a second of what an agent hears.
    pub(crate) output_rate: u32,
}

/// What an agent hears unless it asks for something else.
pub(crate) const DEFAULT_OUTPUT_RATE: u32 = 16_000;

#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) id: String,
    pub(crate) kind: PeerKind,
    pub(crate) subscribe_mode: SubscribeMode,
    /// The half of the metadata that the peer itself sets; it survives a disconnect.
    pub(crate) client_metadata: Value,
    pub(crate) server_metadata: Value,
    pub(crate) subscribed_peers: Vec<String>,
    pub(crate) subscribed_tracks: Vec<String>,
    pub(crate) tracks: Vec<Track>,
    pub(crate) session: Option<Session>,
    output_rate: u32,
}

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrackKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Track {
    pub(crate) id: String,
    pub(crate) kind: TrackKind,
    pub(crate) metadata: Value,
}

/// What a token allows.
#[derive(Clone, Debug)]
enum Grant {
    Peer { room: String, peer: String, issued: Instant },
    Livestream { stream: String, role: Role, participant: String },
}

/// Why a peer's socket is refused; the reason of the close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    InvalidToken,
    ExpiredToken,
    RoomNotFound,
    PeerNotFound,
    AlreadyConnected,
}

impl Rejection {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Rejection::InvalidToken => "invalid token",
            Rejection::ExpiredToken => "expired token",
            Rejection::RoomNotFound => "room not found",
            Rejection::PeerNotFound => "peer not found",
            Rejection::AlreadyConnected => "peer already connected",
        }
    }
}

/// A peer that a token let in.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) room: String,
    pub(crate) peer: String,
    pub(crate) room_type: RoomType,
}

#[derive(Debug)]
pub(crate) struct State {
    rooms: HashMap<String, Room>,
    rooms_created: u64,
    tokens: HashMap<String, Grant>,
    /// Oldest first.
    recordings: Vec<Recording>,
    peer_token_lifetime: Duration,
    /// The account's, for rooms without one of their own.
    webhook_url: Option<String>,
}

impl State {
    pub(crate) fn new(peer_token_lifetime: Duration) -> Self {
        State {
            rooms: HashMap::new(),
            rooms_created: 0,
            tokens: HashMap::new(),
            recordings: Vec::new(),
            peer_token_lifetime,
            webhook_url: None,
        }
    }

    /// Sets the account's webhook URL: rooms that are created from now on get it unless they bring their own.
    pub(crate) fn set_webhook_url(&mut self, url: Option<String>) {
        self.webhook_url = url;
    }

    /// All rooms, livestreams included, oldest first.
    pub(crate) fn rooms(&self) -> Vec<&Room> {
        let mut rooms: Vec<&Room> = self.rooms.values().collect();
        rooms.sort_unstable_by_key(|room| room.order);
        rooms
    }

    pub(crate) fn room(&self, room: &str) -> Result<&Room, Refusal> {
        self.rooms.get(room).ok_or_else(|| Refusal::no_room(room))
    }

    fn room_mut(&mut self, room: &str) -> Result<&mut Room, Refusal> {
        self.rooms.get_mut(room).ok_or_else(|| Refusal::no_room(room))
    }

    pub(crate) fn create_room(&mut self, mut config: RoomConfig) -> Outcome<Room> {
        config.webhook_url = config.webhook_url.or_else(|| self.webhook_url.clone());
        let id = Uuid::new_v4().to_string();
        let room = Room {
            id: id.clone(),
            config,
            peers: Vec::new(),
            livestream: Livestream::default(),
            composition: None,
            order: self.rooms_created,
        };
        self.rooms_created += 1;
        let effects = vec![Effect::Notify(notification::room_created(&id))];
        self.rooms.insert(id, room.clone());
        Outcome { value: room, effects }
    }

    /// Deletes a room: every connected peer is disconnected and every peer deleted before the room is; likewise
    /// streamers and viewers.
    pub(crate) fn delete_room(&mut self, room: &str) -> Result<Outcome<()>, Refusal> {
        let mut gone = self.rooms.remove(room).ok_or_else(|| Refusal::no_room(room))?;
        let mut effects = Vec::new();
        for peer in &mut gone.peers {
            farewell(room, peer, &mut gone.composition, "Room stopped", &mut effects);
        }
        self.end_livestream(room, gone.livestream, &mut effects);
        effects.push(Effect::Notify(notification::room_deleted(room)));
        Ok(Outcome { value: (), effects })
    }

    /// Whether one more peer fits; disconnected peers count.
    pub(crate) fn admits_peer(&self, room: &str) -> Result<(), Refusal> {
        let found = self.room(room)?;
        let limit = found.config.max_peers;
        if limit != 0 && found.peers.len() as u64 >= limit {
            return Err(Refusal::peer_limit(room));
        }
        Ok(())
    }

    pub(crate) fn add_peer(
        &mut self,
        room: &str,
        options: PeerOptions,
        now: Instant,
    ) -> Result<Outcome<(Peer, String)>, Refusal> {
        self.admits_peer(room)?;
        let peer = Peer {
            id: Uuid::new_v4().to_string(),
            kind: options.kind,
            subscribe_mode: options.subscribe_mode,
            client_metadata: json!({}),
            server_metadata: options.metadata,
            subscribed_peers: Vec::new(),
            subscribed_tracks: Vec::new(),
            tracks: Vec::new(),
            session: None,
            output_rate: options.output_rate,
        };
        self.room_mut(room)?.peers.push(peer.clone());
        let token = self.issue_peer_token(room, &peer.id, now);
        let effects = vec![Effect::Notify(notification::peer_added(room, &peer))];
        Ok(Outcome { value: (peer, token), effects })
    }

    pub(crate) fn delete_peer(&mut self, room: &str, peer: &str) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?;
        let position = found.position(peer)?;
        let mut gone = found.peers.remove(position);
        for other in &mut found.peers {
            other.subscribed_peers.retain(|id| id != peer);
        }
        let mut effects = Vec::new();
        farewell(room, &mut gone, &mut found.composition, "Peer removed", &mut effects);
        Ok(Outcome { value: (), effects })
    }

    /// Issues another token; earlier ones stay valid until they expire.
    pub(crate) fn refresh_token(&mut self, room: &str, peer: &str, now: Instant) -> Result<String, Refusal> {
        self.room(room)?.peer(peer)?;
        Ok(self.issue_peer_token(room, peer, now))
    }

    fn issue_peer_token(&mut self, room: &str, peer: &str, now: Instant) -> String {
        let token = format!("{}{}", secret(), secret());
        let grant = Grant::Peer { room: room.to_owned(), peer: peer.to_owned(), issued: now };
        self.tokens.insert(token.clone(), grant);
        token
    }

    /// Lets `subscriber` receive all tracks of `producer`, also future ones. Repeating it changes nothing.
    pub(crate) fn subscribe_peer(&mut self, room: &str, subscriber: &str, producer: &str) -> Result<(), Refusal> {
        let found = self.room_mut(room)?;
        let position = found.position(subscriber)?;
        found.peer(producer)?;
        if let Some(peer) = found.peers.get_mut(position) {
            add_once(&mut peer.subscribed_peers, producer);
        }
        Ok(())
    }

    /// Lets `subscriber` receive these tracks. One unknown track refuses them all.
    pub(crate) fn subscribe_tracks(&mut self, room: &str, subscriber: &str, tracks: &[String]) -> Result<(), Refusal> {
        let found = self.room_mut(room)?;
        let position = found.position(subscriber)?;
        for wanted in tracks {
            if !found.peers.iter().flat_map(|peer| &peer.tracks).any(|track| &track.id == wanted) {
                return Err(Refusal::no_track(wanted));
            }
        }
        if let Some(peer) = found.peers.get_mut(position) {
            for track in tracks {
                add_once(&mut peer.subscribed_tracks, track);
            }
        }
        Ok(())
    }

    /// Connects the peer that a token names, if the token is one of a peer of these kinds.
    pub(crate) fn connect_peer(
        &mut self,
        token: &str,
        kinds: &[PeerKind],
        session: Session,
        now: Instant,
    ) -> Result<Outcome<Admitted>, Rejection> {
        let Some(Grant::Peer { room, peer, issued }) = self.tokens.get(token) else {
            return Err(Rejection::InvalidToken);
        };
        if now.saturating_duration_since(*issued) > self.peer_token_lifetime {
            return Err(Rejection::ExpiredToken);
        }
        let found = self.rooms.get_mut(room).ok_or(Rejection::RoomNotFound)?;
        let room_type = found.config.room_type;
        let connecting = found.peers.iter_mut().find(|one| &one.id == peer).ok_or(Rejection::PeerNotFound)?;
        if !kinds.contains(&connecting.kind) {
            return Err(Rejection::InvalidToken);
        }
        if connecting.session.is_some() {
            return Err(Rejection::AlreadyConnected);
        }
        connecting.session = Some(session);
        let mut effects = vec![Effect::Notify(notification::peer_connected(room, connecting))];
        // A peer tells its metadata by itself, an agent cannot.
        if connecting.kind == PeerKind::Agent {
            effects.push(Effect::Notify(notification::peer_metadata_updated(room, connecting)));
        }
        Ok(Outcome { value: Admitted { room: room.clone(), peer: peer.clone(), room_type }, effects })
    }

    /// The peer's socket is gone: the peer stays listed, disconnected and without tracks.
    pub(crate) fn disconnect_peer(&mut self, room: &str, peer: &str, session: Session) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some((peer, composition)) = self.connected(room, peer, session) {
            peer.session = None;
            effects.push(Effect::Notify(notification::peer_disconnected(room, peer)));
            drop_tracks(room, peer, composition, &mut effects);
        }
        effects
    }

    /// The connected peer sets its own half of the metadata.
    pub(crate) fn update_metadata(&mut self, room: &str, peer: &str, session: Session, metadata: Value) -> Vec<Effect> {
        match self.connected(room, peer, session) {
            Some((peer, _)) => {
                peer.client_metadata = metadata;
                vec![Effect::Notify(notification::peer_metadata_updated(room, peer))]
            }
            None => Vec::new(),
        }
    }

    fn connected(&mut self, room: &str, peer: &str, session: Session) -> Option<(&mut Peer, &mut Option<Composition>)> {
        let found = self.rooms.get_mut(room)?;
        let peer = found.peers.iter_mut().find(|one| one.id == peer && one.session == Some(session))?;
        Some((peer, &mut found.composition))
    }

    pub(crate) fn add_track(&mut self, room: &str, peer: &str, track: Track) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?;
        let position = found.position(peer)?;
        let mut effects = vec![Effect::Notify(notification::track_added(room, peer, &track))];
        if let Some(composition) = &mut found.composition {
            composition.forward(room, peer, &track, &mut effects);
        }
        if let Some(peer) = found.peers.get_mut(position) {
            peer.tracks.push(track);
        }
        Ok(Outcome { value: (), effects })
    }

    pub(crate) fn remove_track(&mut self, room: &str, peer: &str, track: &str) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?;
        let tracks = &mut found.peer_mut(peer)?.tracks;
        let position = tracks.iter().position(|one| one.id == track).ok_or_else(|| Refusal::no_track(track))?;
        let gone = tracks.remove(position);
        let mut effects = Vec::new();
        forget_track(room, peer, &gone, &mut found.composition, &mut effects);
        Ok(Outcome { value: (), effects })
    }
}

impl Room {
    fn position(&self, peer: &str) -> Result<usize, Refusal> {
        self.peers.iter().position(|one| one.id == peer).ok_or_else(|| Refusal::no_peer(peer))
    }

    pub(crate) fn peer(&self, peer: &str) -> Result<&Peer, Refusal> {
        self.peers.iter().find(|one| one.id == peer).ok_or_else(|| Refusal::no_peer(peer))
    }

    fn peer_mut(&mut self, peer: &str) -> Result<&mut Peer, Refusal> {
        self.peers.iter_mut().find(|one| one.id == peer).ok_or_else(|| Refusal::no_peer(peer))
    }
}

/// The end of a peer, in the service's order: its tracks, its connection, itself; then its socket.
fn farewell(
    room: &str,
    peer: &mut Peer,
    composition: &mut Option<Composition>,
    reason: &'static str,
    effects: &mut Vec<Effect>,
) {
    drop_tracks(room, peer, composition, effects);
    let session = peer.session.take();
    if session.is_some() {
        effects.push(Effect::Notify(notification::peer_disconnected(room, peer)));
    }
    effects.push(Effect::Notify(notification::peer_deleted(room, peer)));
    if let Some(session) = session {
        effects.push(Effect::CloseSession(session, reason));
    }
}

fn drop_tracks(room: &str, peer: &mut Peer, composition: &mut Option<Composition>, effects: &mut Vec<Effect>) {
    for track in std::mem::take(&mut peer.tracks) {
        forget_track(room, &peer.id, &track, composition, effects);
    }
}

/// A track is gone, and then it is no longer forwarded.
fn forget_track(
    room: &str,
    peer: &str,
    track: &Track,
    composition: &mut Option<Composition>,
    effects: &mut Vec<Effect>,
) {
    effects.push(Effect::Notify(notification::track_removed(room, peer, track)));
    if let Some(composition) = composition {
        composition.withdraw(room, peer, track, effects);
    }
}

fn add_once(ids: &mut Vec<String>, id: &str) {
    if !ids.iter().any(|one| one == id) {
        ids.push(id.to_owned());
    }
}

/// 32 lowercase hexadecimal digits, 122 of their bits random.
fn secret() -> String {
    Uuid::new_v4().simple().to_string()
}
