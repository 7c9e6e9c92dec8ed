//! Track forwardings: a room's tracks on their way into a composition, grouped into inputs.

use uuid::Uuid;

use super::{Effect, Outcome, Room, State, Track, TrackKind};
use crate::{notification, refusal::Refusal};

/// The composition that receives a room's tracks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Composition {
    pub(crate) url: String,
    pub(crate) forwardings: Vec<Forwarding>,
}

/// One input of a composition: at most one audio and one video track of one peer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Forwarding {
    pub(crate) peer: String,
    pub(crate) input: String,
    pub(crate) audio: Option<Track>,
    pub(crate) video: Option<Track>,
    source: Source,
}

/// What a track shows or lets hear, from the `type` in its metadata: tracks of one source share an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Camera,
    Screen,
    Custom,
}

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
    fn track(&self, kind: TrackKind) -> Option<&Track> {
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
    /// Forwards all tracks of a room, also future ones, into a composition that receives nothing yet.
    pub(crate) fn forward_tracks(&mut self, room: &str, url: &str) -> Result<Outcome<()>, Refusal> {
        let taken = |other: &Room| other.composition.as_ref().is_some_and(|composition| composition.url == url);
        if self.room(room)?.composition.is_some() {
            return Err(Refusal::conflict(format!("Tracks of room {room} are already forwarded")));
        }
        if self.rooms.values().any(taken) {
            return Err(Refusal::conflict(format!("Composition {url} already receives forwarded tracks")));
        }
        let found = self.room_mut(room)?;
        let mut composition = Composition { url: url.to_owned(), forwardings: Vec::new() };
        for peer in &found.peers {
            for track in &peer.tracks {
                composition.place(&peer.id, track);
            }
        }
        let tell = |one| Effect::Notify(notification::track_forwarding(room, url, one));
        let effects = composition.forwardings.iter().map(tell).collect();
        found.composition = Some(composition);
        Ok(Outcome { value: (), effects })
    }
}

impl Composition {
    /// Forwards a track that a peer has begun to send.
    pub(super) fn forward(&mut self, room: &str, peer: &str, track: &Track, effects: &mut Vec<Effect>) {
        let input = self.place(peer, track);
        if let Some(forwarding) = self.forwardings.iter().find(|one| one.input == input) {
            effects.push(Effect::Notify(notification::track_forwarding(room, &self.url, forwarding)));
        }
    }

    /// Forwards a track no longer. An input without tracks is gone; one with another track left is told anew.
    pub(super) fn withdraw(&mut self, room: &str, peer: &str, track: &Track, effects: &mut Vec<Effect>) {
        let holds = |one: &&mut Forwarding| one.peer == peer && one.track(track.kind) == Some(track);
        let Some(forwarding) = self.forwardings.iter_mut().find(holds) else {
            return;
        };
        forwarding.set_track(track.kind, None);
        if forwarding.audio.is_some() || forwarding.video.is_some() {
            effects.push(Effect::Notify(notification::track_forwarding(room, &self.url, forwarding)));
        } else {
            effects.push(Effect::Notify(notification::track_forwarding_removed(room, &self.url, forwarding)));
            self.forwardings.retain(|one| one.audio.is_some() || one.video.is_some());
        }
    }

    /// Finds or makes the input for a track; its id.
    fn place(&mut self, peer: &str, track: &Track) -> String {
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
