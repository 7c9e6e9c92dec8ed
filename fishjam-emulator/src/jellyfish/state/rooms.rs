//! Rooms: create, delete, crash.

use tokio::time::Instant;
use uuid::Uuid;

use super::{Effect, Endpoint, Event, Outcome, Room, RoomConfig, State, tracks::remove_tracks};
use crate::{refusal::Refusal, sockets::NORMAL};

impl State {
    /// Returns all rooms, newest first, in the order of the server.
    pub(crate) fn rooms(&self) -> Vec<&Room> {
        let mut rooms: Vec<&Room> = self.rooms.values().collect();
        rooms.sort_unstable_by_key(|room| std::cmp::Reverse(room.order));
        rooms
    }

    pub(crate) fn room(&self, room: &str) -> Result<&Room, Refusal> {
        self.rooms.get(room).ok_or_else(|| Refusal::no_room(room))
    }

    pub(super) fn room_mut(&mut self, room: &str) -> Result<&mut Room, Refusal> {
        self.rooms.get_mut(room).ok_or_else(|| Refusal::no_room(room))
    }

    pub(crate) fn create_room(&mut self, mut config: RoomConfig, now: Instant) -> Result<Outcome<Room>, Refusal> {
        let id = config.room_id.get_or_insert_with(|| Uuid::new_v4().to_string()).clone();
        if self.rooms.contains_key(&id) {
            return Err(Refusal::bad_request(format!("Cannot add room with id \"{id}\" - room already exists")));
        }
        let room = Room {
            id: id.clone(),
            config,
            peers: Vec::new(),
            components: Vec::new(),
            peerless_since: now,
            folders: Vec::new(),
            order: self.rooms_created,
        };
        self.rooms_created += 1;
        let effects = vec![Effect::Notify(Event::RoomCreated { room: id.clone() }), Effect::Reschedule];
        self.rooms.insert(id, room.clone());
        Ok(Outcome { value: room, effects })
    }

    pub(crate) fn delete_room(&mut self, room: &str) -> Result<Outcome<()>, Refusal> {
        self.end_room(room, Event::RoomDeleted { room: room.to_owned() })
    }

    /// Crashes the room's process. This differs from a deletion only in the notification.
    pub(crate) fn crash_room(&mut self, room: &str) -> Result<Outcome<()>, Refusal> {
        self.end_room(room, Event::RoomCrashed { room: room.to_owned() })
    }

    /// Removes the peers and components, then the room, and then finishes the HLS streams.
    ///
    /// The server sends no `PeerDisconnected` for these peers.
    fn end_room(&mut self, room: &str, event: Event) -> Result<Outcome<()>, Refusal> {
        let removed = self.rooms.remove(room).ok_or_else(|| Refusal::no_room(room))?;
        let mut effects = Vec::new();
        for peer in removed.peers {
            remove_tracks(room, &Endpoint::Peer(peer.id.clone()), peer.tracks, &mut effects);
            effects.push(Effect::Notify(Event::PeerDeleted { room: room.to_owned(), peer: peer.id }));
            if let Some(session) = peer.session {
                effects.push(Effect::CloseSession(session, NORMAL, "Room stopped"));
            }
        }
        for component in removed.components {
            remove_tracks(room, &Endpoint::Component(component.id), component.tracks, &mut effects);
        }
        effects.push(Effect::Notify(event));
        self.streams.remove(room);
        for folder in removed.folders {
            self.finish_folder(room, &folder, &mut effects);
        }
        effects.push(Effect::StreamChanged);
        effects.push(Effect::Reschedule);
        Ok(Outcome { value: (), effects })
    }
}
