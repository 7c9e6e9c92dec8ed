//! Peers: their limit, their connections, their tracks, their ends.

use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Effect, Event, Outcome, Peer, Room, State, remove_tracks};
use crate::{
    jellyfish::track::{Endpoint, Track},
    refusal::Refusal,
    sockets::{INTERNAL_ERROR, NORMAL},
    state::Session,
};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub(crate) room: String,
    pub(crate) peer: String,
}

impl State {
    /// Whether one more peer fits; disconnected peers count, and 0 admits none.
    pub(crate) fn admits_peer(&self, room: &str) -> Result<(), Refusal> {
        let found = self.room(room)?;
        let contract = self.switches.contract;
        if let Some(refusal) = contract.no_peers().filter(|_| !self.switches.webrtc) {
            return Err(refusal);
        }
        match &found.config.max_peers {
            Some(limit) if !limit.admits_more_than(found.peers.len()) => Err(contract.peer_limit(room)),
            _ => Ok(()),
        }
    }

    pub(crate) fn add_peer(&mut self, room: &str, now: Instant) -> Result<Outcome<Peer>, Refusal> {
        self.admits_peer(room)?;
        let peer = Peer {
            id: Uuid::new_v4().to_string(),
            metadata: Value::Null,
            tracks: Vec::new(),
            session: None,
            disconnected_since: now,
        };
        let added = Event::PeerAdded { room: room.to_owned(), peer: peer.id.clone() };
        let effects = vec![Effect::Notify(added), Effect::Reschedule];
        let found = self.room_mut(room)?;
        found.peers.insert(0, peer.clone());
        found.note_peerless(now);
        Ok(Outcome { value: peer, effects })
    }

    pub(crate) fn delete_peer(&mut self, room: &str, peer: &str, now: Instant) -> Result<Outcome<()>, Refusal> {
        let gone = self.room_mut(room)?.remove_peer(peer, now)?;
        let mut effects = Vec::new();
        remove_tracks(room, &Endpoint::Peer(peer.to_owned()), gone.tracks, &mut effects);
        let ids = || (room.to_owned(), peer.to_owned());
        if gone.session.is_some() {
            let (room, peer) = ids();
            effects.push(Effect::Notify(Event::PeerDisconnected { room, peer }));
        }
        let (room, peer) = ids();
        effects.push(Effect::Notify(Event::PeerDeleted { room, peer }));
        effects.extend(gone.session.map(|session| Effect::CloseSession(session, NORMAL, "Peer removed")));
        effects.push(Effect::Reschedule);
        Ok(Outcome { value: (), effects })
    }

    /// The endpoint of a peer dies, and the peer with it.
    pub(crate) fn crash_peer(
        &mut self,
        room: &str,
        peer: &str,
        reason: &str,
        now: Instant,
    ) -> Result<Outcome<()>, Refusal> {
        let gone = self.room_mut(room)?.remove_peer(peer, now)?;
        let mut effects = Vec::new();
        remove_tracks(room, &Endpoint::Peer(peer.to_owned()), gone.tracks, &mut effects);
        let (room, peer, reason) = (room.to_owned(), peer.to_owned(), reason.to_owned());
        effects.push(Effect::Notify(Event::PeerCrashed { room, peer, reason }));
        let close = |session| Effect::CloseSession(session, INTERNAL_ERROR, "Internal server error");
        effects.extend(gone.session.map(close));
        effects.push(Effect::Reschedule);
        Ok(Outcome { value: (), effects })
    }

    /// Connects a peer, if it is there and not connected yet.
    pub(crate) fn connect_peer(
        &mut self,
        room: &str,
        peer: &str,
        session: Session,
    ) -> Result<Outcome<Admitted>, Rejection> {
        let found = self.rooms.get_mut(room).ok_or(Rejection::RoomNotFound)?;
        let connecting = found.peers.iter_mut().find(|one| one.id == peer).ok_or(Rejection::PeerNotFound)?;
        if connecting.session.is_some() {
            return Err(Rejection::AlreadyConnected);
        }
        connecting.session = Some(session);
        let (room, peer) = (room.to_owned(), peer.to_owned());
        let connected = Event::PeerConnected { room: room.clone(), peer: peer.clone() };
        let effects = vec![Effect::Notify(connected), Effect::Reschedule];
        Ok(Outcome { value: Admitted { room, peer }, effects })
    }

    /// The peer's socket is gone: the peer stays listed, disconnected and without tracks.
    pub(crate) fn disconnect_peer(&mut self, room: &str, peer: &str, session: Session, now: Instant) -> Vec<Effect> {
        let Some(connected) = self.connected(room, peer, session) else { return Vec::new() };
        connected.session = None;
        connected.disconnected_since = now;
        let tracks = std::mem::take(&mut connected.tracks);
        let disconnected = Event::PeerDisconnected { room: room.to_owned(), peer: peer.to_owned() };
        let mut effects = vec![Effect::Notify(disconnected)];
        remove_tracks(room, &Endpoint::Peer(peer.to_owned()), tracks, &mut effects);
        if let Some(room) = self.rooms.get_mut(room) {
            room.note_peerless(now);
        }
        effects.push(Effect::Reschedule);
        effects
    }

    /// The connected peer says something of itself.
    pub(crate) fn update_metadata(&mut self, room: &str, peer: &str, session: Session, metadata: Value) -> Vec<Effect> {
        let Some(connected) = self.connected(room, peer, session) else { return Vec::new() };
        connected.metadata = metadata.clone();
        let (room, peer) = (room.to_owned(), peer.to_owned());
        vec![Effect::Notify(Event::PeerMetadataUpdated { room, peer, metadata })]
    }

    fn connected(&mut self, room: &str, peer: &str, session: Session) -> Option<&mut Peer> {
        let found = self.rooms.get_mut(room)?;
        found.peers.iter_mut().find(|one| one.id == peer && one.session == Some(session))
    }

    /// Who has this id in a room.
    pub(crate) fn endpoint(&self, room: &str, id: &str) -> Result<Endpoint, Refusal> {
        let is_component = self.room(room)?.components.iter().any(|component| component.id == id);
        let id = id.to_owned();
        Ok(if is_component { Endpoint::Component(id) } else { Endpoint::Peer(id) })
    }

    /// Lets a peer or a component have a track. HLS may become playable by it.
    pub(crate) fn add_track(&mut self, room: &str, endpoint: Endpoint, track: Track) -> Result<Outcome<()>, Refusal> {
        self.room_mut(room)?.tracks_mut(&endpoint)?.push(track.clone());
        let mut effects = vec![Effect::Notify(Event::TrackAdded { room: room.to_owned(), endpoint, track })];
        self.feed_stream(room, &mut effects);
        Ok(Outcome { value: (), effects })
    }

    pub(crate) fn update_track(
        &mut self,
        room: &str,
        endpoint: Endpoint,
        track: &str,
        metadata: Value,
    ) -> Result<Outcome<()>, Refusal> {
        let tracks = self.room_mut(room)?.tracks_mut(&endpoint)?;
        let found = tracks.iter_mut().find(|one| one.id == track).ok_or_else(|| Refusal::no_track(track))?;
        found.metadata = metadata;
        let track = found.clone();
        let effects = vec![Effect::Notify(Event::TrackMetadataUpdated { room: room.to_owned(), endpoint, track })];
        Ok(Outcome { value: (), effects })
    }

    pub(crate) fn remove_track(&mut self, room: &str, endpoint: Endpoint, track: &str) -> Result<Outcome<()>, Refusal> {
        let tracks = self.room_mut(room)?.tracks_mut(&endpoint)?;
        let position = tracks.iter().position(|one| one.id == track).ok_or_else(|| Refusal::no_track(track))?;
        let track = tracks.remove(position);
        let effects = vec![Effect::Notify(Event::TrackRemoved { room: room.to_owned(), endpoint, track })];
        Ok(Outcome { value: (), effects })
    }
}

impl Room {
    pub(super) fn remove_peer(&mut self, peer: &str, now: Instant) -> Result<Peer, Refusal> {
        let position = self.peers.iter().position(|one| one.id == peer).ok_or_else(|| Refusal::no_peer(peer))?;
        let gone = self.peers.remove(position);
        self.note_peerless(now);
        Ok(gone)
    }

    fn tracks_mut(&mut self, endpoint: &Endpoint) -> Result<&mut Vec<Track>, Refusal> {
        match endpoint {
            Endpoint::Peer(id) => {
                let peer = self.peers.iter_mut().find(|one| one.id == *id);
                peer.map(|peer| &mut peer.tracks).ok_or_else(|| Refusal::no_peer(id))
            }
            Endpoint::Component(id) => self.component_mut(id).map(|component| &mut component.tracks),
        }
    }
}
