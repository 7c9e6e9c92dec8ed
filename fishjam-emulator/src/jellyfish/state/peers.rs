//! Peers: add, connect, disconnect, remove.

use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Effect, Endpoint, Event, Outcome, Peer, Room, State, tracks::remove_tracks};
use crate::{
    refusal::Refusal,
    sockets::{INTERNAL_ERROR, NORMAL},
    state::{Rejection, Session, Track},
};

/// A peer that connected with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub(crate) room: String,
    pub(crate) peer: String,
}

impl State {
    /// Returns an error if the room is full or peers are disabled.
    ///
    /// Disconnected peers count. A limit of 0 admits no peer.
    pub(crate) fn admits_peer(&self, room: &str) -> Result<(), Refusal> {
        let found = self.room(room)?;
        let contract = self.flags.contract;
        if let Some(refusal) = contract.no_peers().filter(|_| !self.flags.webrtc) {
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
        found.restart_peerless_timeout(now);
        Ok(Outcome { value: peer, effects })
    }

    pub(crate) fn delete_peer(&mut self, room: &str, peer: &str, now: Instant) -> Result<Outcome<()>, Refusal> {
        let removed = self.room_mut(room)?.remove_peer(peer, now)?;
        let mut effects = Vec::new();
        remove_tracks(room, &Endpoint::Peer(peer.to_owned()), removed.tracks, &mut effects);
        let ids = || (room.to_owned(), peer.to_owned());
        if removed.session.is_some() {
            let (room, peer) = ids();
            effects.push(Effect::Notify(Event::PeerDisconnected { room, peer }));
        }
        let (room, peer) = ids();
        effects.push(Effect::Notify(Event::PeerDeleted { room, peer }));
        effects.extend(removed.session.map(|session| Effect::CloseSession(session, NORMAL, "Peer removed")));
        effects.push(Effect::Reschedule);
        Ok(Outcome { value: (), effects })
    }

    /// Crashes a peer's endpoint, which removes the peer.
    pub(crate) fn crash_peer(
        &mut self,
        room: &str,
        peer: &str,
        reason: &str,
        now: Instant,
    ) -> Result<Outcome<()>, Refusal> {
        let removed = self.room_mut(room)?.remove_peer(peer, now)?;
        let mut effects = Vec::new();
        remove_tracks(room, &Endpoint::Peer(peer.to_owned()), removed.tracks, &mut effects);
        let (room, peer, reason) = (room.to_owned(), peer.to_owned(), reason.to_owned());
        effects.push(Effect::Notify(Event::PeerCrashed { room, peer, reason }));
        let close = |session| Effect::CloseSession(session, INTERNAL_ERROR, "Internal server error");
        effects.extend(removed.session.map(close));
        effects.push(Effect::Reschedule);
        Ok(Outcome { value: (), effects })
    }

    /// Connects a peer that is not connected yet.
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

    /// Disconnects a peer and removes its tracks after its socket was closed. The peer stays in the room.
    pub(crate) fn disconnect_peer(&mut self, room: &str, peer: &str, session: Session, now: Instant) -> Vec<Effect> {
        let Some(connected) = self.connected(room, peer, session) else { return Vec::new() };
        connected.session = None;
        connected.disconnected_since = now;
        let tracks = std::mem::take(&mut connected.tracks);
        let disconnected = Event::PeerDisconnected { room: room.to_owned(), peer: peer.to_owned() };
        let mut effects = vec![Effect::Notify(disconnected)];
        remove_tracks(room, &Endpoint::Peer(peer.to_owned()), tracks, &mut effects);
        if let Some(room) = self.rooms.get_mut(room) {
            room.restart_peerless_timeout(now);
        }
        effects.push(Effect::Reschedule);
        effects
    }

    /// Sets the metadata of a connected peer.
    pub(crate) fn update_metadata(&mut self, room: &str, peer: &str, session: Session, metadata: Value) -> Vec<Effect> {
        let Some(connected) = self.connected(room, peer, session) else { return Vec::new() };
        connected.metadata = metadata.clone();
        let (room, peer) = (room.to_owned(), peer.to_owned());
        vec![Effect::Notify(Event::PeerMetadataUpdated { room, peer, metadata })]
    }

    /// Disconnects a peer in any case, and closes its socket.
    pub(crate) fn end_connection(&mut self, room: &str, peer: &str, now: Instant) -> Result<Outcome<()>, Rejection> {
        let found = self.rooms.get(room).ok_or(Rejection::RoomNotFound)?;
        let found = found.peers.iter().find(|one| one.id == peer).ok_or(Rejection::PeerNotFound)?;
        let session = found.session.ok_or(Rejection::NotConnected)?;
        let mut effects = self.disconnect_peer(room, peer, session, now);
        effects.push(Effect::CloseSession(session, NORMAL, ""));
        Ok(Outcome { value: (), effects })
    }

    /// Returns `true` if the room has a peer with this id.
    pub(crate) fn has_peer(&self, room: &str, peer: &str) -> bool {
        self.rooms.get(room).is_some_and(|room| room.peers.iter().any(|one| one.id == peer))
    }

    /// Returns the tracks of a peer, if it is connected in this session.
    pub(crate) fn connected_tracks(&self, room: &str, peer: &str, session: Session) -> Option<&[Track]> {
        let peer = self.rooms.get(room)?.peers.iter().find(|one| one.id == peer && one.session == Some(session))?;
        Some(&peer.tracks)
    }

    fn connected(&mut self, room: &str, peer: &str, session: Session) -> Option<&mut Peer> {
        let found = self.rooms.get_mut(room)?;
        found.peers.iter_mut().find(|one| one.id == peer && one.session == Some(session))
    }
}

impl Room {
    pub(super) fn remove_peer(&mut self, peer: &str, now: Instant) -> Result<Peer, Refusal> {
        let position = self.peers.iter().position(|one| one.id == peer).ok_or_else(|| Refusal::no_peer(peer))?;
        let removed = self.peers.remove(position);
        self.restart_peerless_timeout(now);
        Ok(removed)
    }
}
