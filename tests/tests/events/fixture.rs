//! A seeded sequence of random changes on an emulator, through its REST API and its peers.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{FishjamClient, PeerId, PeerOptions, RoomId, RoomOptions, RoomsView};
use fishjam_tests::support::PATIENCE;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use crate::peer::{self, Joined};

/// A small generator of pseudo-random numbers (xorshift), so that a failure can be repeated from its seed.
#[derive(Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns a number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit.max(1)
    }

    fn pick<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        things.get(self.below(things.len()))
    }
}

/// The maximum number of rooms, so that a long run needs no more memory than a short one.
const MOST_ROOMS: usize = 40;

/// The rooms of an emulator, and the connected peers.
pub(crate) struct Fixture<'a> {
    emulator: &'a Emulator,
    fishjam: FishjamClient,
    rooms: Vec<RoomId>,
    peers: Vec<(RoomId, PeerId)>,
    joined: HashMap<PeerId, Joined>,
    tracks: Vec<(RoomId, PeerId, String)>,
}

impl<'a> Fixture<'a> {
    pub(crate) fn new(emulator: &'a Emulator) -> anyhow::Result<Self> {
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        Ok(Self { emulator, fishjam, rooms: Vec::new(), peers: Vec::new(), joined: HashMap::new(), tracks: Vec::new() })
    }

    /// Makes one random change.
    pub(crate) async fn random_change(&mut self, rng: &mut Rng) -> anyhow::Result<()> {
        match rng.below(12) {
            0 | 1 if self.rooms.len() < MOST_ROOMS => {
                let options = RoomOptions::new().max_peers(rng.below(5) as u64 + 3);
                self.rooms.push(self.fishjam.create_room(options).await?.id);
            }
            2..=4 => {
                let Some(room) = rng.pick(&self.rooms).cloned() else { return Ok(()) };
                let options = PeerOptions::new().metadata(json!({ "number": rng.below(100) }));
                match self.fishjam.create_peer(&room, options).await {
                    Ok((peer, token)) => {
                        if rng.below(2) == 0 {
                            let mut joined = peer::join(self.emulator, &token).await?;
                            if rng.below(2) == 0 {
                                joined.set_metadata(json!({ "name": rng.below(1000) })).await?;
                            }
                            self.joined.insert(peer.id.clone(), joined);
                        }
                        self.peers.push((room, peer.id));
                    }
                    Err(full) if full.status() == Some(409) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            5 => {
                let Some((_, peer)) = rng.pick(&self.peers).cloned() else { return Ok(()) };
                if let Some(joined) = self.joined.remove(&peer) {
                    joined.leave().await?;
                    self.tracks.retain(|(_, owner, _)| *owner != peer);
                }
            }
            6 | 7 => {
                let Some((room, peer)) = rng.pick(&self.peers).cloned() else { return Ok(()) };
                if self.joined.contains_key(&peer) {
                    let kind = if rng.below(2) == 0 { TrackKind::Audio } else { TrackKind::Video };
                    let metadata = json!({ "type": rng.below(9) });
                    let track = self.emulator.add_track(room.as_str(), peer.as_str(), kind, metadata);
                    self.tracks.push((room, peer, track.context("a connected peer may publish")?));
                }
            }
            8 => {
                if self.tracks.is_empty() {
                    return Ok(());
                }
                let (room, peer, track) = self.tracks.swap_remove(rng.below(self.tracks.len()));
                self.emulator.remove_track(room.as_str(), peer.as_str(), &track);
            }
            9 | 10 => {
                if self.peers.is_empty() {
                    return Ok(());
                }
                let (room, peer) = self.peers.swap_remove(rng.below(self.peers.len()));
                self.fishjam.delete_peer(&room, &peer).await?;
                self.joined.remove(&peer);
                self.tracks.retain(|(_, owner, _)| *owner != peer);
            }
            _ => {
                if self.rooms.len() < 3 {
                    return Ok(());
                }
                let room = self.rooms.swap_remove(rng.below(self.rooms.len()));
                self.fishjam.delete_room(&room).await?;
                let gone: Vec<_> = self.peers.extract_if(.., |(of, _)| *of == room).collect();
                for (_, peer) in gone {
                    self.joined.remove(&peer);
                    self.tracks.retain(|(_, owner, _)| *owner != peer);
                }
            }
        }
        Ok(())
    }

    /// Creates rooms with one peer each, several at the same time.
    pub(crate) async fn join_many(&mut self, count: usize) -> anyhow::Result<()> {
        let fishjam = &self.fishjam;
        let joins = stream::iter(0..count).map(|_| async move {
            let room = fishjam.create_room(RoomOptions::new()).await?.id;
            let (peer, _) = fishjam.create_peer(&room, PeerOptions::new()).await?;
            anyhow::Ok((room, peer.id))
        });
        let joined: Vec<_> = joins.buffer_unordered(32).try_collect().await?;
        self.rooms.extend(joined.iter().map(|(room, _)| room.clone()));
        self.peers.extend(joined);
        Ok(())
    }

    /// Waits until the view equals the server's rooms. The server may still be handling the disconnection of a peer.
    pub(crate) async fn is_shown_by(&self, view: &RoomsView) -> anyhow::Result<()> {
        let mut changes = view.changes();
        let patience = Instant::now() + PATIENCE;
        loop {
            let mut truth = self.fishjam.get_all_rooms().await?;
            truth.sort_by(|a, b| a.id.cmp(&b.id));
            let shown = view.list();
            if shown.iter().map(|room| &**room).eq(&truth) {
                return Ok(());
            }
            ensure!(Instant::now() < patience, "shown: {shown:#?}, true: {truth:#?}");
            let _ = tokio::time::timeout(Duration::from_millis(25), changes.next()).await;
        }
    }

    pub(crate) fn fishjam(&self) -> &FishjamClient {
        &self.fishjam
    }
}

/// Interrupts the notifications in one of several ways.
pub(crate) fn interrupt(emulator: &Emulator, rng: &mut Rng) -> usize {
    let sockets = emulator.server_sockets();
    match rng.below(4) {
        0 => sockets.close_all(1000, ""),
        1 => sockets.close_all(1011, "crashed"),
        2 => sockets.drop_all(),
        _ => sockets.reset_all(),
    }
}
