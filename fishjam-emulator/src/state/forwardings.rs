//! Track forwardings: the tracks that a composition receives, grouped into inputs.

use uuid::Uuid;

use super::{Composition, Effect, Event, Forwarding, Outcome, Room, State, Track, TrackKind, entities::Source};
use crate::refusal::Refusal;

impl Source {
    fn of(track: &Track) -> Self {
        match track.metadata.get("type").and_then(serde_json::Value::as_str) {
            Some("camera" | "microphone") => Source::Camera,
            Some("screenShare" | "screenShareVideo" | "screenShareAudio") => Source::Screen,
            _ => Source::Custom,
        }
    }
}

impl Forwarding {
    pub(super) fn track(&self, kind: TrackKind) -> Option<&Track> {
        match kind {
            TrackKind::Audio => self.audio.as_ref(),
            TrackKind::Video => self.video.as_ref(),
        }
    }

    fn set_track(&mut self, kind: TrackKind, track: Option<Track>) {
        match kind {
            TrackKind::Audio => self.audio = track,
            TrackKind::Video => self.video = track,
        }
    }
}

impl State {
    /// Forwards all current and future tracks of a room to a composition without other tracks.
    pub(crate) fn forward_tracks(&mut self, room: &str, url: &str) -> Result<Outcome<()>, Refusal> {
        let taken = |other: &Room| other.composition.as_ref().is_some_and(|composition| composition.url == url);
        let source = self.room(room)?;
        if source.composition.is_some() {
            return Err(Refusal::conflict(format!("Tracks of room {room} are already forwarded")));
        }
        if self.rooms.values().any(taken) {
            return Err(Refusal::conflict(format!("Composition {url} already receives forwarded tracks")));
        }
        let target = self.forwarding_target(url)?;
        let found = self.room_mut(room)?;
        let mut composition = Composition { url: url.to_owned(), forwardings: Vec::new() };
        for peer in &found.peers {
            for track in &peer.tracks {
                composition.assign_input(&peer.id, track);
            }
        }
        let effects = composition.forwardings.iter().map(|one| composition.changed(room, one)).collect();
        found.composition = Some(composition);
        self.register_forwarded_inputs(room, target);
        Ok(Outcome { value: (), effects })
    }
}

impl Composition {
    /// Forwards a new track.
    pub(super) fn forward(&mut self, room: &str, peer: &str, track: &Track, effects: &mut Vec<Effect>) {
        let input = self.assign_input(peer, track);
        if let Some(forwarding) = self.forwardings.iter().find(|one| one.input == input) {
            effects.push(self.changed(room, forwarding));
        }
    }

    /// Replaces the copy of a track whose metadata changed.
    pub(super) fn update(&mut self, peer: &str, track: &Track) {
        let holds = |one: &&mut Forwarding| {
            one.peer == peer && one.track(track.kind).is_some_and(|forwarded| forwarded.id == track.id)
        };
        if let Some(forwarding) = self.forwardings.iter_mut().find(holds) {
            forwarding.set_track(track.kind, Some(track.clone()));
        }
    }

    /// Stops forwarding a track. If the input still has another track, reports the input again.
    pub(super) fn withdraw(&mut self, room: &str, peer: &str, track: &Track, effects: &mut Vec<Effect>) {
        let holds = |one: &Forwarding| one.peer == peer && one.track(track.kind) == Some(track);
        let Some(position) = self.forwardings.iter().position(holds) else {
            return;
        };
        let mut forwarding = self.forwardings.remove(position);
        forwarding.set_track(track.kind, None);
        if forwarding.audio.is_some() || forwarding.video.is_some() {
            effects.push(self.changed(room, &forwarding));
            self.forwardings.insert(position, forwarding);
        } else {
            effects.push(self.removed(room, &forwarding));
        }
    }

    /// Reports that the composition lost all inputs.
    pub(super) fn all_removed(&self, room: &str) -> Vec<Effect> {
        self.forwardings.iter().map(|forwarding| self.removed(room, forwarding)).collect()
    }

    /// Reports that the composition lost an input.
    pub(super) fn removed(&self, room: &str, forwarding: &Forwarding) -> Effect {
        let (room, composition, forwarding) = (room.to_owned(), self.url.clone(), Box::new(forwarding.clone()));
        Effect::Notify(Event::TrackForwardingRemoved { room, composition, forwarding })
    }

    fn changed(&self, room: &str, forwarding: &Forwarding) -> Effect {
        let (room, composition) = (room.to_owned(), self.url.clone());
        Effect::Notify(Event::TrackForwarding { room, composition, forwarding: Box::new(forwarding.clone()) })
    }

    /// Adds a track to an existing or a new input, and returns the id of the input.
    fn assign_input(&mut self, peer: &str, track: &Track) -> String {
        let source = Source::of(track);
        let fits = |one: &&mut Forwarding| one.peer == peer && one.source == source && one.track(track.kind).is_none();
        if let Some(forwarding) = self.forwardings.iter_mut().find(fits) {
            forwarding.set_track(track.kind, Some(track.clone()));
            return forwarding.input.clone();
        }
        let input = Uuid::new_v4().to_string();
        let mut forwarding =
            Forwarding { peer: peer.to_owned(), input: input.clone(), audio: None, video: None, source };
        forwarding.set_track(track.kind, Some(track.clone()));
        self.forwardings.push(forwarding);
        input
    }
}
