//! The tracks of peers and components.

use serde_json::Value;

use super::{Effect, Endpoint, Event, Outcome, Room, State};
use crate::{refusal::Refusal, state::Track};

impl State {
    /// Returns the peer or component with this id. An unknown id counts as a peer.
    pub(crate) fn endpoint(&self, room: &str, id: &str) -> Result<Endpoint, Refusal> {
        let is_component = self.room(room)?.components.iter().any(|component| component.id == id);
        let id = id.to_owned();
        Ok(if is_component { Endpoint::Component(id) } else { Endpoint::Peer(id) })
    }

    /// Adds a track to a peer or a component. HLS may become playable.
    pub(crate) fn add_track(&mut self, room: &str, endpoint: Endpoint, track: Track) -> Result<Outcome<()>, Refusal> {
        self.room_mut(room)?.tracks_mut(&endpoint)?.push(track.clone());
        let mut effects = vec![Effect::Notify(Event::TrackAdded { room: room.to_owned(), endpoint, track })];
        self.schedule_playable(room, &mut effects);
        Ok(Outcome { value: (), effects })
    }

    pub(crate) fn update_track(
        &mut self,
        room: &str,
        endpoint: Endpoint,
        track: &str,
        metadata: Value,
    ) -> Result<Outcome<()>, Refusal> {
        let tracks = self.room_mut(room)?.tracks_mut(&endpoint)?;
        let found = tracks.iter_mut().find(|one| one.id == track).ok_or_else(|| Refusal::no_track(track))?;
        found.metadata = metadata;
        let track = found.clone();
        let effects = vec![Effect::Notify(Event::TrackMetadataUpdated { room: room.to_owned(), endpoint, track })];
        Ok(Outcome { value: (), effects })
    }

    pub(crate) fn remove_track(&mut self, room: &str, endpoint: Endpoint, track: &str) -> Result<Outcome<()>, Refusal> {
        let tracks = self.room_mut(room)?.tracks_mut(&endpoint)?;
        let position = tracks.iter().position(|one| one.id == track).ok_or_else(|| Refusal::no_track(track))?;
        let track = tracks.remove(position);
        let effects = vec![Effect::Notify(Event::TrackRemoved { room: room.to_owned(), endpoint, track })];
        Ok(Outcome { value: (), effects })
    }
}

impl Room {
    fn tracks_mut(&mut self, endpoint: &Endpoint) -> Result<&mut Vec<Track>, Refusal> {
        match endpoint {
            Endpoint::Peer(id) => {
                let peer = self.peers.iter_mut().find(|one| one.id == *id);
                peer.map(|peer| &mut peer.tracks).ok_or_else(|| Refusal::no_peer(id))
            }
            Endpoint::Component(id) => self.component_mut(id).map(|component| &mut component.tracks),
        }
    }
}

/// Notifies subscribers of the removal of an endpoint's tracks.
pub(super) fn remove_tracks(room: &str, endpoint: &Endpoint, tracks: Vec<Track>, effects: &mut Vec<Effect>) {
    effects.extend(
        tracks.into_iter().map(|track| {
            Effect::Notify(Event::TrackRemoved { room: room.to_owned(), endpoint: endpoint.clone(), track })
        }),
    );
}
