//! Purges: rooms in which nobody is connected, and peers that are not, end after a while.

use std::time::Duration;

use tokio::time::Instant;

use super::{Effect, Event, Room, State};

/// What is due, of two that are due at the same time the peer first: that starts the room's time anew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Peer(String, String),
    Room(String),
}

impl State {
    /// When the next purge is due, as things are.
    pub(crate) fn next_purge(&self) -> Option<Instant> {
        self.first_due().map(|(at, _)| at)
    }

    /// Carries out all purges that are due by a time, each at its own time.
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
    /// To be called whenever a peer has come, gone or been disconnected.
    pub(super) fn note_peerless(&mut self, now: Instant) {
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

/// `None` for times that never come.
fn after(since: Instant, seconds: u64) -> Option<Instant> {
    since.checked_add(Duration::from_secs(seconds))
}
