//! Purges of rooms without connected peers, and of disconnected peers.

use std::time::Duration;

use tokio::time::Instant;

use super::{Effect, Event, Room, State};

/// A purge that is due.
///
/// At equal times, a peer comes before its room, because its removal restarts the timeout of the room.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Peer(String, String),
    Room(String),
}

impl State {
    /// Returns the time of the next purge.
    pub(crate) fn next_purge(&self) -> Option<Instant> {
        self.first_due().map(|(at, _)| at)
    }

    /// Executes all purges that are due by a time, each at its own time.
    pub(crate) fn purge(&mut self, until: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some((at, due)) = self.first_due().filter(|(at, _)| *at <= until) {
            match due {
                Due::Peer(room, peer) => {
                    if let Some(room) = self.rooms.get_mut(&room) {
                        let _ = room.remove_peer(&peer, at);
                    }
                    effects.push(Effect::Notify(Event::PeerDeleted { room, peer }));
                }
                Due::Room(room) => {
                    if let Ok(outcome) = self.delete_room(&room) {
                        effects.extend(outcome.effects);
                    }
                }
            }
        }
        effects
    }

    fn first_due(&self) -> Option<(Instant, Due)> {
        self.rooms.values().flat_map(Room::due).min()
    }
}

impl Room {
    /// Restarts the timeout of a room without connected peers. Call this after each change of its peers.
    pub(super) fn restart_peerless_timeout(&mut self, now: Instant) {
        if self.is_peerless() {
            self.peerless_since = now;
        }
    }

    fn is_peerless(&self) -> bool {
        self.peers.iter().all(|peer| peer.session.is_none())
    }

    fn due(&self) -> impl Iterator<Item = (Instant, Due)> {
        let room = self.config.peerless_purge_timeout.filter(|_| self.is_peerless());
        let room = room.and_then(|seconds| Some((after(self.peerless_since, seconds)?, Due::Room(self.id.clone()))));
        let peers = self.peers.iter().filter(|peer| peer.session.is_none()).filter_map(|peer| {
            let at = after(peer.disconnected_since, self.config.peer_disconnected_timeout?)?;
            Some((at, Due::Peer(self.id.clone(), peer.id.clone())))
        });
        peers.chain(room)
    }
}

/// Returns `None` for a time that the clock cannot represent.
fn after(since: Instant, seconds: u64) -> Option<Instant> {
    since.checked_add(Duration::from_secs(seconds))
}
