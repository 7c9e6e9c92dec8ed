//! Random interleavings of events, reads, lists, calls of `refresh` and losses. The last state must equal that of the server.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use fastrand::Rng;
use fishjam_proto::fishjam::server_message::{Content, PeerAdded, PeerDeleted};
use futures_util::FutureExt;
use serde_json::json;

use super::{
    changes::{RoomChange, RoomChanges},
    open_reads::{Meanwhile, ReadTarget},
    resync::Resync,
    rooms_state::tests::{notification, peer_connected, peer_disconnected, room_created, room_deleted},
    sized_room::SizedRoom,
    view_shared::{ChangeQueue, OpenReadGuard, ViewShared},
};
use crate::{
    connection::queue::Limits, events::Notification, id::RoomId, listing::Listing, notifier::Overflow, rooms::Room,
};

/// The server: its rooms, and the events that the view has not received.
#[derive(Default)]
struct Server {
    next: u32,
    /// The peers of each room, in the order of their arrival, and whether they are connected.
    rooms: BTreeMap<String, Vec<(String, bool)>>,
    events: VecDeque<Notification>,
}

impl Server {
    fn id(&mut self) -> String {
        self.next += 1;
        format!("{:04}", self.next)
    }

    fn change(&mut self, rng: &mut Rng) {
        let room = rng.choice(self.rooms.keys().cloned().collect::<Vec<_>>());
        let (id, action) = match room {
            Some(id) if self.rooms.len() == 3 || rng.u8(..4) > 0 => (id, rng.u8(..7)),
            _ => {
                let id = self.id();
                self.rooms.insert(id.clone(), Vec::new());
                return self.events.push_back(room_created(&id));
            }
        };
        if action == 0 {
            self.rooms.remove(&id);
            return self.events.push_back(room_deleted(&id));
        }
        let peer_id = self.id();
        let Some(peers) = self.rooms.get_mut(&id) else { return };
        let room_id = id.clone();
        let event = if peers.is_empty() || (action == 1 && peers.len() < 3) {
            peers.push((peer_id.clone(), false));
            notification(Content::PeerAdded(PeerAdded { room_id, peer_id, ..Default::default() }))
        } else {
            let index = rng.usize(..peers.len());
            if action == 2 {
                let (peer_id, _) = peers.remove(index);
                notification(Content::PeerDeleted(PeerDeleted { room_id, peer_id, ..Default::default() }))
            } else {
                let (peer, is_connected) = &mut peers[index];
                *is_connected = !*is_connected;
                if *is_connected { peer_connected(&id, peer) } else { peer_disconnected(&id, peer) }
            }
        };
        self.events.push_back(event);
    }

    fn room(&self, id: &str) -> Option<Room> {
        let peers = self.rooms.get(id)?.iter().map(|(id, is_connected)| {
            let status = if *is_connected { "connected" } else { "disconnected" };
            json!({
                "id": id, "type": "webrtc", "status": status, "tracks": [], "metadata": null,
                "subscribeMode": "auto", "subscriptions": { "peers": [], "tracks": [] },
            })
        });
        serde_json::from_value(json!({ "id": id, "config": {}, "peers": peers.collect::<Vec<_>>() })).ok()
    }

    fn list(&self) -> Vec<Room> {
        self.rooms.keys().filter_map(|id| self.room(id)).collect()
    }
}

/// A read in progress. The response is `None` until the server has read its rooms.
struct Read {
    target: ReadTarget,
    guard: OpenReadGuard,
    losses: u64,
    response: Option<Vec<Room>>,
}

struct Simulation {
    server: Server,
    shared: Arc<ViewShared>,
    reads: Vec<Read>,
    resync: Option<(Resync, u64)>,
    changes: RoomChanges,
    /// The rooms as a consumer of the changes knows them.
    consumed: BTreeMap<RoomId, Arc<Room>>,
}

impl Simulation {
    fn new() -> Self {
        let shared = Arc::new(ViewShared::new(None));
        let limits = Limits { items: 1024, bytes: usize::MAX, overflow: Overflow::DropOldest };
        let queue = Arc::new(ChangeQueue::new(limits));
        shared.add_consumer(&queue);
        let (changes, consumed) = (RoomChanges(queue.reader()), BTreeMap::new());
        Self { server: Server::default(), shared, reads: Vec::new(), resync: None, changes, consumed }
    }

    fn is_listing(&self) -> bool {
        self.resync.is_some() || self.reads.iter().any(|read| read.target == ReadTarget::All)
    }

    fn start(&mut self, target: ReadTarget, losses: u64) {
        let guard = self.shared.start_read(target.clone());
        self.reads.push(Read { target, guard, losses, response: None });
    }

    fn start_room(&mut self) {
        if !self.is_listing() && !self.shared.state().stale.needs_list() {
            let next = self.shared.state().stale.start_read();
            next.into_iter().for_each(|id| self.start(ReadTarget::Room(id), 0));
        }
    }

    fn start_list(&mut self) {
        if !self.is_listing() {
            self.reads.retain(|read| matches!(read.target, ReadTarget::Refresh(_)));
            let losses = self.shared.state().stale.start_list();
            self.start(ReadTarget::All, losses);
        }
    }

    /// Reads the rooms of a response on the server.
    fn read(&mut self, index: usize) {
        let read = &mut self.reads[index];
        read.response.get_or_insert_with(|| match &read.target {
            ReadTarget::All => self.server.list(),
            ReadTarget::Room(id) | ReadTarget::Refresh(id) => self.server.room(id.as_str()).into_iter().collect(),
        });
    }

    /// Handles a response.
    fn finish(&mut self, index: usize) {
        self.read(index);
        let Read { target, guard, losses, response } = self.reads.swap_remove(index);
        let items = response.unwrap_or_default();
        let (id, is_refresh) = match target {
            ReadTarget::All => {
                let listing = Listing { items, unreadable: Vec::new() };
                self.resync = Some((Resync::new(Arc::clone(&self.shared), guard, listing), losses));
                return;
            }
            ReadTarget::Room(id) => (id, false),
            ReadTarget::Refresh(id) => (id, true),
        };
        let mut state = self.shared.state();
        let known = state.rooms.get(&id).cloned();
        let room = items.into_iter().next().map(|room| SizedRoom::of_read(room, known));
        let meanwhile = guard.finish(&mut state, &id);
        if !is_refresh {
            state.stale.finish_read(&id);
            state.replace_room(&id, room, meanwhile, false);
        } else if meanwhile != Meanwhile::Outdated {
            state.replace_room(&id, room, meanwhile, false);
        } else if room.is_some() {
            state.mark_stale(&id);
        }
        drop(state);
    }

    fn replace_slice(&mut self) {
        if let Some((resync, losses)) = &mut self.resync
            && !resync.replace_slice()
        {
            self.shared.state().stale.finish_list(*losses);
            self.resync = None;
        }
    }

    fn receive_event(&mut self) {
        if let Some(event) = self.server.events.pop_front() {
            self.shared.state().apply(event);
        }
    }

    fn consume(&mut self) {
        self.shared.send_changes();
        while let Some(Some(Ok(change))) = self.changes.receive().now_or_never() {
            match change {
                RoomChange::Room(room) => drop(self.consumed.insert(room.id.clone(), room)),
                RoomChange::Gone(id) => drop(self.consumed.remove(&id)),
                RoomChange::Dropped(_) => panic!("the queue is large enough"),
            }
        }
    }

    fn step(&mut self, rng: &mut Rng) {
        let index = (!self.reads.is_empty()).then(|| rng.usize(..self.reads.len()));
        match (rng.u8(..24), index) {
            (0..5, _) => self.server.change(rng),
            (5..10, _) => self.receive_event(),
            (10..13, _) => self.start_room(),
            (13..15, Some(index)) => self.read(index),
            (15..17, Some(index)) => self.finish(index),
            (17..19, _) => self.replace_slice(),
            (19, _) => self.consume(),
            (20, _) => self.start_list(),
            (21, _) if rng.bool() => {
                // A random event is lost, and the view is notified where the event was.
                if let Some(_lost) = self.server.events.pop_front() {
                    self.shared.state().stale.record_loss();
                }
            }
            (22.., _) => {
                if let Some(id) = rng.choice(self.server.rooms.keys().cloned().collect::<Vec<_>>()) {
                    self.start(ReadTarget::Refresh(id.as_str().into()), 0);
                }
            }
            _ => {}
        }
    }

    /// Completes all work.
    fn settle(&mut self) {
        while !self.server.events.is_empty() {
            self.receive_event();
        }
        loop {
            let needs_list = self.shared.state().stale.needs_list();
            if self.resync.is_some() {
                self.replace_slice();
            } else if !self.reads.is_empty() {
                self.finish(0);
            } else if needs_list {
                self.start_list();
            } else if self.shared.state().stale.is_any_waiting() {
                self.start_room();
            } else {
                break;
            }
        }
        self.consume();
    }
}

#[test]
fn view_equals_the_server_after_random_interleavings() {
    for seed in 0..400 {
        let (mut rng, mut simulation) = (Rng::with_seed(seed), Simulation::new());
        for round in 0..4 {
            (0..100).for_each(|_| simulation.step(&mut rng));
            simulation.settle();
            let shown: Vec<_> = simulation.shared.state().rooms.iter().map(|room| Room::clone(room)).collect();
            assert_eq!(shown, simulation.server.list(), "seed {seed}, round {round}");
            let consumed: Vec<_> = simulation.consumed.values().map(|room| Room::clone(room)).collect();
            assert_eq!(consumed, shown, "seed {seed}, round {round}");
            assert_eq!(simulation.shared.state().stale_rooms(), 0);
        }
    }
}
