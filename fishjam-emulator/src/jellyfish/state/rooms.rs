//! Rooms: create, delete, crash.

use tokio::time::Instant;
use uuid::Uuid;

use super::{Effect, Endpoint, Event, HlsFolder, Outcome, Peer, State, tracks::remove_tracks};
use crate::{jellyfish::component::Component, refusal::Refusal, sockets::NORMAL, state::VideoCodec};

/// The maximum number of peers in a room. The server accepts integers of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MaxPeers {
    Count(u64),
    /// The digits of a larger integer.
    Larger(String),
}

impl MaxPeers {
    /// Returns `true` if a room with this number of peers admits one more.
    pub(super) fn admits_more_than(&self, peers: usize) -> bool {
        match self {
            MaxPeers::Count(limit) => (peers as u64) < *limit,
            MaxPeers::Larger(_) => true,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoomConfig {
    /// The requested id. The server generates one for `None`.
    pub(crate) room_id: Option<String>,
    pub(crate) max_peers: Option<MaxPeers>,
    pub(crate) video_codec: Option<VideoCodec>,
    pub(crate) webhook_url: Option<String>,
    /// The timeout in seconds.
    pub(crate) peerless_purge_timeout: Option<u64>,
    /// The timeout in seconds.
    pub(crate) peer_disconnected_timeout: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) config: RoomConfig,
    /// The peers, newest first, in the order of the server.
    pub(crate) peers: Vec<Peer>,
    /// The components, newest first.
    pub(crate) components: Vec<Component>,
    /// The time since which no peer has been connected. It is meaningless while a peer is connected.
    pub(super) peerless_since: Instant,
    /// The folders of the HLS streams, which the end of the room finishes.
    pub(super) folders: Vec<HlsFolder>,
    /// The number of rooms that were created before.
    order: u64,
}

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
