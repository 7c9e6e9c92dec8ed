//! The one owner of truth of a Jellyfish: rooms and their ends; what is in them has its own files.
//!
//! Nothing here does I/O or reads a clock. A transition returns what it did and the [`Effect`]s that must follow, in
//! the order in which they must happen.

use std::collections::HashMap;

use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    component::Component,
    flags::Switches,
    resources::{Location, Resources},
    stream::Stream,
    track::{Endpoint, Track, VideoCodec},
};
use crate::{refusal::Refusal, sockets::NORMAL, state::Session};

mod components;
mod effect;
mod event;
mod hls;
mod peers;
mod purge;
#[cfg(test)]
mod tests;

pub(crate) use components::End;
pub(crate) use effect::{Effect, Happening, Outcome};
pub(crate) use event::Event;
pub(crate) use hls::no_file;
pub(crate) use peers::{Admitted, Rejection};

/// The limit of a room's peers. The server takes integers of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MaxPeers {
    Count(u64),
    /// The digits of an integer that is larger.
    Larger(String),
}

impl MaxPeers {
    /// Returns `true` if one more peer fits.
    fn admits_more_than(&self, peers: usize) -> bool {
        match self {
            MaxPeers::Count(limit) => (peers as u64) < *limit,
            MaxPeers::Larger(_) => true,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoomConfig {
    /// One is made up when it is not given.
    pub(crate) room_id: Option<String>,
    pub(crate) max_peers: Option<MaxPeers>,
    pub(crate) video_codec: Option<VideoCodec>,
    pub(crate) webhook_url: Option<String>,
    /// In seconds.
    pub(crate) peerless_purge_timeout: Option<u64>,
    /// In seconds.
    pub(crate) peer_disconnected_timeout: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) config: RoomConfig,
    /// Newest first, as the server happens to list them.
    pub(crate) peers: Vec<Peer>,
    /// Newest first.
    pub(crate) components: Vec<Component>,
    /// Since when no peer has been connected; of no meaning while one is.
    peerless_since: Instant,
    /// What becomes of the folders of HLS streams when the room ends.
    folders: Vec<Folder>,
    order: u64,
}

/// The folder of an HLS stream that was begun in a room.
#[derive(Clone, Debug)]
struct Folder {
    location: Location,
    uploaded: bool,
    kept: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) id: String,
    /// What the peer said of itself; it survives a disconnect.
    pub(crate) metadata: Value,
    pub(crate) tracks: Vec<Track>,
    pub(crate) session: Option<Session>,
    disconnected_since: Instant,
}

#[derive(Debug)]
pub(crate) struct State {
    rooms: HashMap<String, Room>,
    rooms_created: u64,
    pub(crate) switches: Switches,
    pub(crate) resources: Resources,
    /// The running HLS streams by their rooms' ids.
    streams: HashMap<String, Stream>,
    /// Uploads to S3 fail from now on.
    pub(crate) uploads_fail: bool,
}

impl State {
    pub(crate) fn new(switches: Switches) -> Self {
        State {
            rooms: HashMap::new(),
            rooms_created: 0,
            switches,
            resources: Resources::default(),
            streams: HashMap::new(),
            uploads_fail: false,
        }
    }

    /// All rooms, newest first, as the server happens to list them.
    pub(crate) fn rooms(&self) -> Vec<&Room> {
        let mut rooms: Vec<&Room> = self.rooms.values().collect();
        rooms.sort_unstable_by_key(|room| std::cmp::Reverse(room.order));
        rooms
    }

    pub(crate) fn room(&self, room: &str) -> Result<&Room, Refusal> {
        self.rooms.get(room).ok_or_else(|| Refusal::no_room(room))
    }

    fn room_mut(&mut self, room: &str) -> Result<&mut Room, Refusal> {
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

    /// The room's process dies: as if it were deleted, with another last word.
    pub(crate) fn crash_room(&mut self, room: &str) -> Result<Outcome<()>, Refusal> {
        self.end_room(room, Event::RoomCrashed { room: room.to_owned() })
    }

    /// Peers and components go without a word of disconnecting, then the room, and then its HLS streams.
    fn end_room(&mut self, room: &str, last: Event) -> Result<Outcome<()>, Refusal> {
        let gone = self.rooms.remove(room).ok_or_else(|| Refusal::no_room(room))?;
        let mut effects = Vec::new();
        for peer in gone.peers {
            remove_tracks(room, &Endpoint::Peer(peer.id.clone()), peer.tracks, &mut effects);
            effects.push(Effect::Notify(Event::PeerDeleted { room: room.to_owned(), peer: peer.id }));
            if let Some(session) = peer.session {
                effects.push(Effect::CloseSession(session, NORMAL, "Room stopped"));
            }
        }
        for component in gone.components {
            remove_tracks(room, &Endpoint::Component(component.id), component.tracks, &mut effects);
        }
        effects.push(Effect::Notify(last));
        self.streams.remove(room);
        for folder in gone.folders {
            self.conclude(room, &folder, &mut effects);
        }
        effects.push(Effect::StreamGrew);
        effects.push(Effect::Reschedule);
        Ok(Outcome { value: (), effects })
    }
}

/// Reports the removal of an endpoint's tracks.
fn remove_tracks(room: &str, endpoint: &Endpoint, tracks: Vec<Track>, effects: &mut Vec<Effect>) {
    effects.extend(
        tracks.into_iter().map(|track| {
            Effect::Notify(Event::TrackRemoved { room: room.to_owned(), endpoint: endpoint.clone(), track })
        }),
    );
}
