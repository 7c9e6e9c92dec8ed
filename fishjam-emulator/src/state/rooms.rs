//! Rooms: create, find, delete.

use uuid::Uuid;

use super::{Effect, Event, Livestream, Outcome, Peer, Room, RoomConfig, State, peers::end_peer};
use crate::refusal::Refusal;

impl State {
    /// Returns all rooms, livestreams included, oldest first.
    pub(crate) fn rooms(&self) -> Vec<&Room> {
        let mut rooms: Vec<&Room> = self.rooms.values().collect();
        rooms.sort_unstable_by_key(|room| room.order);
        rooms
    }

    pub(crate) fn room(&self, room: &str) -> Result<&Room, Refusal> {
        self.rooms.get(room).ok_or_else(|| Refusal::no_room(room))
    }

    pub(super) fn room_mut(&mut self, room: &str) -> Result<&mut Room, Refusal> {
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
        let effects = vec![Effect::Notify(Event::RoomCreated { room: id.clone() })];
        self.rooms.insert(id, room.clone());
        Outcome { value: room, effects }
    }

    /// Deletes a room after its peers, streamers and viewers. Connected ones are disconnected first.
    pub(crate) fn delete_room(&mut self, room: &str) -> Result<Outcome<()>, Refusal> {
        let mut gone = self.rooms.remove(room).ok_or_else(|| Refusal::no_room(room))?;
        let mut effects = Vec::new();
        for peer in &mut gone.peers {
            end_peer(room, peer, &mut gone.composition, "Room stopped", &mut effects);
        }
        self.end_livestream(room, gone.livestream, &mut effects);
        effects.push(Effect::Notify(Event::RoomDeleted { room: room.to_owned() }));
        Ok(Outcome { value: (), effects })
    }
}

impl Room {
    pub(super) fn position(&self, peer: &str) -> Result<usize, Refusal> {
        self.peers.iter().position(|one| one.id == peer).ok_or_else(|| Refusal::no_peer(peer))
    }

    pub(crate) fn peer(&self, peer: &str) -> Result<&Peer, Refusal> {
        self.peers.iter().find(|one| one.id == peer).ok_or_else(|| Refusal::no_peer(peer))
    }

    pub(super) fn peer_mut(&mut self, peer: &str) -> Result<&mut Peer, Refusal> {
        self.peers.iter_mut().find(|one| one.id == peer).ok_or_else(|| Refusal::no_peer(peer))
    }
}
