//! The tracks of peers.

use serde_json::Value;

use super::{Composition, Effect, Event, Outcome, Peer, State, Track};
use crate::refusal::Refusal;

impl State {
    pub(crate) fn add_track(&mut self, room: &str, peer: &str, track: Track) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?;
        let position = found.position(peer)?;
        let event = Event::TrackAdded { room: room.to_owned(), peer: peer.to_owned(), track: track.clone() };
        let mut effects = vec![Effect::Notify(event)];
        if let Some(composition) = &mut found.composition {
            composition.forward(room, peer, &track, &mut effects);
        }
        if let Some(peer) = found.peers.get_mut(position) {
            peer.tracks.push(track);
        }
        Ok(Outcome { value: (), effects })
    }

    /// Sets the metadata of a track. The composition that receives the track keeps its inputs.
    pub(crate) fn update_track(
        &mut self,
        room: &str,
        peer: &str,
        track: &str,
        metadata: Value,
    ) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?;
        let tracks = &mut found.peer_mut(peer)?.tracks;
        let updated = tracks.iter_mut().find(|one| one.id == track).ok_or_else(|| Refusal::no_track(track))?;
        updated.metadata = metadata;
        let track = updated.clone();
        if let Some(composition) = &mut found.composition {
            composition.update(peer, &track);
        }
        let event = Event::TrackMetadataUpdated { room: room.to_owned(), peer: peer.to_owned(), track };
        Ok(Outcome { value: (), effects: vec![Effect::Notify(event)] })
    }

    pub(crate) fn remove_track(&mut self, room: &str, peer: &str, track: &str) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?;
        let tracks = &mut found.peer_mut(peer)?.tracks;
        let position = tracks.iter().position(|one| one.id == track).ok_or_else(|| Refusal::no_track(track))?;
        let gone = tracks.remove(position);
        let mut effects = Vec::new();
        end_track(room, peer, gone, &mut found.composition, &mut effects);
        Ok(Outcome { value: (), effects })
    }
}

/// Removes all tracks of a peer.
pub(super) fn drop_tracks(
    room: &str,
    peer: &mut Peer,
    composition: &mut Option<Composition>,
    effects: &mut Vec<Effect>,
) {
    for track in std::mem::take(&mut peer.tracks) {
        end_track(room, &peer.id, track, composition, effects);
    }
}

/// Reports that a track ended, and then stops forwarding it.
fn end_track(room: &str, peer: &str, track: Track, composition: &mut Option<Composition>, effects: &mut Vec<Effect>) {
    let event = Event::TrackRemoved { room: room.to_owned(), peer: peer.to_owned(), track: track.clone() };
    effects.push(Effect::Notify(event));
    if let Some(composition) = composition {
        composition.withdraw(room, peer, &track, effects);
    }
}
