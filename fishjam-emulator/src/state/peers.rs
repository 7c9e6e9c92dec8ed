//! Peers: their tokens, connections and subscriptions.

use std::time::Instant;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Composition, Effect, Event, Grant, Outcome, Peer, PeerKind, PeerRef, RoomType, Session, State, SubscribeMode,
    Track, secret, tracks::drop_tracks,
};
use crate::refusal::Refusal;

/// The code of a close frame after a normal end. The state does not know the sockets.
const NORMAL: u16 = 1000;
/// The code of a close frame after a crash.
const INTERNAL_ERROR: u16 = 1011;

/// Options for creating a peer.
#[derive(Clone, Debug)]
pub(crate) struct PeerOptions {
    pub(crate) kind: PeerKind,
    pub(crate) subscribe_mode: SubscribeMode,
    /// The metadata from the backend. It never changes.
    pub(crate) metadata: Value,
    /// The sample rate of the audio that an agent receives, in samples per second.
    pub(crate) output_rate: u32,
}

/// The default sample rate of the audio that an agent receives.
pub(crate) const DEFAULT_OUTPUT_RATE: u32 = 16_000;

/// The reason for rejecting a peer's socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    InvalidToken,
    ExpiredToken,
    RoomNotFound,
    PeerNotFound,
    AlreadyConnected,
    /// A test disconnects a peer that is not connected.
    NotConnected,
}

impl Rejection {
    /// Returns the reason of the close frame.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Rejection::InvalidToken => "invalid token",
            Rejection::ExpiredToken => "expired token",
            Rejection::RoomNotFound => "room not found",
            Rejection::PeerNotFound => "peer not found",
            Rejection::AlreadyConnected => "peer already connected",
            Rejection::NotConnected => "peer not connected",
        }
    }
}

/// A peer that connected with a token.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) room: String,
    pub(crate) peer: String,
    pub(crate) room_type: RoomType,
}

impl State {
    /// Returns an error if the room is full. Disconnected peers count.
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
        let effects = vec![Effect::Notify(Event::PeerAdded(PeerRef::new(room, &peer)))];
        Ok(Outcome { value: (peer, token), effects })
    }

    pub(crate) fn delete_peer(&mut self, room: &str, peer: &str) -> Result<Outcome<()>, Refusal> {
        let (mut gone, composition) = self.take_peer(room, peer)?;
        let mut effects = Vec::new();
        end_peer(room, &mut gone, composition, "Peer removed", &mut effects);
        Ok(Outcome { value: (), effects })
    }

    /// Issues another token. Earlier tokens stay valid until they expire.
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

    /// Subscribes `subscriber` to all current and future tracks of `producer`. Repeated calls change nothing.
    pub(crate) fn subscribe_peer(&mut self, room: &str, subscriber: &str, producer: &str) -> Result<(), Refusal> {
        let found = self.room_mut(room)?;
        let position = found.position(subscriber)?;
        found.peer(producer)?;
        if let Some(peer) = found.peers.get_mut(position) {
            add_once(&mut peer.subscribed_peers, producer);
        }
        Ok(())
    }

    /// Subscribes `subscriber` to these tracks, or to none of them if one does not exist.
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

    /// Connects the peer of a token, if the peer is of one of these kinds.
    pub(crate) fn connect_peer(
        &mut self,
        token: &str,
        kinds: &[PeerKind],
        session: Session,
        now: Instant,
    ) -> Result<Outcome<Admitted>, Rejection> {
        let (room, peer) = self.token_holder(token, now)?;
        self.connect(room, peer, kinds, session)
    }

    /// Connects a peer of any kind for a test, by its id or its token, and returns its id.
    pub(crate) fn connect_scripted_peer(
        &mut self,
        room: &str,
        peer_or_token: &str,
        session: Session,
        now: Instant,
    ) -> Result<Outcome<String>, Rejection> {
        let found = self.rooms.get(room).ok_or(Rejection::RoomNotFound)?;
        let peer = if self.tokens.contains_key(peer_or_token) {
            match self.token_holder(peer_or_token, now)? {
                (owner, peer) if owner == room => peer,
                _ => return Err(Rejection::InvalidToken),
            }
        } else {
            found.peer(peer_or_token).map_err(|_| Rejection::PeerNotFound)?.id.clone()
        };
        let every_kind = [PeerKind::WebRtc, PeerKind::Agent, PeerKind::Vapi];
        let Outcome { value, effects } = self.connect(room.to_owned(), peer, &every_kind, session)?;
        Ok(Outcome { value: value.peer, effects })
    }

    /// Returns the room and the peer that a token admits.
    fn token_holder(&self, token: &str, now: Instant) -> Result<(String, String), Rejection> {
        let Some(Grant::Peer { room, peer, issued }) = self.tokens.get(token) else {
            return Err(Rejection::InvalidToken);
        };
        if now.saturating_duration_since(*issued) > self.peer_token_lifetime {
            return Err(Rejection::ExpiredToken);
        }
        Ok((room.clone(), peer.clone()))
    }

    fn connect(
        &mut self,
        room: String,
        peer: String,
        kinds: &[PeerKind],
        session: Session,
    ) -> Result<Outcome<Admitted>, Rejection> {
        let found = self.rooms.get_mut(&room).ok_or(Rejection::RoomNotFound)?;
        let room_type = found.config.room_type;
        let connecting = found.peers.iter_mut().find(|one| one.id == peer).ok_or(Rejection::PeerNotFound)?;
        if !kinds.contains(&connecting.kind) {
            return Err(Rejection::InvalidToken);
        }
        if connecting.session.is_some() {
            return Err(Rejection::AlreadyConnected);
        }
        connecting.session = Some(session);
        let mut effects = vec![Effect::Notify(Event::PeerConnected(PeerRef::new(&room, connecting)))];
        // A WebRTC peer sends its metadata after it connected. An agent cannot send metadata.
        if connecting.kind == PeerKind::Agent {
            effects.push(Effect::Notify(Event::metadata_updated(&room, connecting)));
        }
        Ok(Outcome { value: Admitted { room, peer, room_type }, effects })
    }

    /// Disconnects a peer whose socket ended. The peer stays in the room without tracks.
    pub(crate) fn disconnect_peer(&mut self, room: &str, peer: &str, session: Session) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some((peer, composition)) = self.connected(room, peer, session) {
            peer.session = None;
            effects.push(Effect::Notify(Event::PeerDisconnected(PeerRef::new(room, peer))));
            drop_tracks(room, peer, composition, &mut effects);
        }
        effects
    }

    /// Disconnects a peer in any case, and closes its socket.
    pub(crate) fn end_connection(&mut self, room: &str, peer: &str) -> Result<Outcome<()>, Rejection> {
        let found = self.room(room).map_err(|_| Rejection::RoomNotFound)?;
        let session = found.peer(peer).map_err(|_| Rejection::PeerNotFound)?.session;
        let session = session.ok_or(Rejection::NotConnected)?;
        let mut effects = self.disconnect_peer(room, peer, session);
        effects.push(Effect::CloseSession(session, NORMAL, ""));
        Ok(Outcome { value: (), effects })
    }

    /// Simulates a crash of a peer, which removes the peer.
    pub(crate) fn crash_peer(&mut self, room: &str, peer: &str, reason: &str) -> Result<Outcome<()>, Refusal> {
        let (mut gone, composition) = self.take_peer(room, peer)?;
        let mut effects = Vec::new();
        drop_tracks(room, &mut gone, composition, &mut effects);
        let crashed = Event::PeerCrashed { peer: PeerRef::new(room, &gone), reason: reason.to_owned() };
        effects.push(Effect::Notify(crashed));
        let close = |session| Effect::CloseSession(session, INTERNAL_ERROR, "Internal server error");
        effects.extend(gone.session.map(close));
        Ok(Outcome { value: (), effects })
    }

    /// Removes a peer from its room and from the subscriptions of other peers.
    fn take_peer(&mut self, room: &str, peer: &str) -> Result<(Peer, &mut Option<Composition>), Refusal> {
        let found = self.room_mut(room)?;
        let position = found.position(peer)?;
        let gone = found.peers.remove(position);
        for other in &mut found.peers {
            other.subscribed_peers.retain(|id| id != peer);
        }
        Ok((gone, &mut found.composition))
    }

    /// Returns the tracks of a peer, if it is connected in this session.
    pub(crate) fn connected_tracks(&self, room: &str, peer: &str, session: Session) -> Option<&[Track]> {
        let peer = self.room(room).ok()?.peer(peer).ok()?;
        (peer.session == Some(session)).then_some(&peer.tracks)
    }

    /// Sets the client metadata of a connected peer.
    pub(crate) fn update_metadata(&mut self, room: &str, peer: &str, session: Session, metadata: Value) -> Vec<Effect> {
        match self.connected(room, peer, session) {
            Some((peer, _)) => {
                peer.client_metadata = metadata;
                vec![Effect::Notify(Event::metadata_updated(room, peer))]
            }
            None => Vec::new(),
        }
    }

    pub(super) fn connected(
        &mut self,
        room: &str,
        peer: &str,
        session: Session,
    ) -> Option<(&mut Peer, &mut Option<Composition>)> {
        let found = self.rooms.get_mut(room)?;
        let peer = found.peers.iter_mut().find(|one| one.id == peer && one.session == Some(session))?;
        Some((peer, &mut found.composition))
    }
}

/// Ends a peer in the service's order: its tracks, its connection, the peer itself, its socket.
pub(super) fn end_peer(
    room: &str,
    peer: &mut Peer,
    composition: &mut Option<Composition>,
    reason: &'static str,
    effects: &mut Vec<Effect>,
) {
    drop_tracks(room, peer, composition, effects);
    let session = peer.session.take();
    if session.is_some() {
        effects.push(Effect::Notify(Event::PeerDisconnected(PeerRef::new(room, peer))));
    }
    effects.push(Effect::Notify(Event::PeerDeleted(PeerRef::new(room, peer))));
    if let Some(session) = session {
        effects.push(Effect::CloseSession(session, NORMAL, reason));
    }
}

fn add_once(ids: &mut Vec<String>, id: &str) {
    if !ids.iter().any(|one| one == id) {
        ids.push(id.to_owned());
    }
}
