//! The inputs of compositions and the state of their media.

use std::mem;

use tokio::time::Instant;

use super::{Composition, CompositionEvent, Input, InputSource, MediaState, Mp4Tracks};
use crate::{
    refusal::Refusal,
    state::{Effect, Outcome, State, TrackKind},
};

impl State {
    /// Registers an input. An MP4 file starts to play if the composition is started.
    pub(crate) fn register_input(
        &mut self,
        composition: &str,
        input: &str,
        source: InputSource,
        now: Instant,
    ) -> Result<Outcome<()>, Refusal> {
        let found = self.compositions.get(composition)?;
        if found.input(input).is_some() {
            return Err(self.compositions.taken("INPUT_STREAM_ALREADY_REGISTERED", "input", input));
        }
        let found = self.compositions.get_mut(composition)?;
        let input = Input { id: input.to_owned(), source, audio: MediaState::Absent, video: MediaState::Absent };
        found.inputs.push(input);
        let mut effects = Vec::new();
        if found.started.is_some() {
            found.play_files(now, &mut effects);
        }
        Ok(Outcome { value: (), effects })
    }

    /// Sets the state of an input's audio or video.
    ///
    /// Media that is not delivered yet is delivered first. Returns `None` if the input does not exist.
    pub(crate) fn set_input_media(
        &mut self,
        composition: &str,
        input: &str,
        kind: TrackKind,
        state: MediaState,
    ) -> Option<Outcome<()>> {
        let mut effects = Vec::new();
        self.compositions.get_mut(composition).ok()?.set_media(input, kind, state, &mut effects)?;
        Some(Outcome { value: (), effects })
    }

    /// Sets the state of all media of an input: of all its kinds to play, and of the live ones otherwise.
    pub(crate) fn set_all_input_media(
        &mut self,
        composition: &str,
        input: &str,
        state: MediaState,
    ) -> Option<Outcome<()>> {
        let found = self.compositions.get_mut(composition).ok()?;
        let input = found.input(input)?.clone();
        let mut effects = Vec::new();
        for kind in [TrackKind::Audio, TrackKind::Video] {
            if input.media(kind).is_live() || state == MediaState::Playing && input.source.has(kind) {
                found.set_media(&input.id, kind, state, &mut effects)?;
            }
        }
        Some(Outcome { value: (), effects })
    }

    /// Sets the tracks of an MP4 file for later registrations. A file without tracks cannot be registered.
    pub(crate) fn set_mp4_tracks(&mut self, composition: &str, url: String, tracks: Mp4Tracks) -> Result<(), Refusal> {
        self.compositions.get_mut(composition)?.mp4_files.insert(url, tracks);
        Ok(())
    }
}

impl Composition {
    /// Returns the tracks of an MP4 file.
    pub(crate) fn mp4_tracks(&self, url: &str) -> Result<Mp4Tracks, Refusal> {
        let tracks = self.mp4_files.get(url).copied().unwrap_or_default();
        if tracks.audio.is_none() && tracks.video.is_none() {
            let message = "the MP4 file has neither an audio nor a video track";
            return Err(Refusal::composition(500, Some("INPUT_STREAM_INPUT_ERROR"), message));
        }
        Ok(tracks)
    }

    /// Removes an input. Its media ends.
    pub(in crate::state) fn remove_input(&mut self, id: &str, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        let position = self.inputs.iter().position(|input| input.id == id).ok_or_else(|| {
            Refusal::composition(404, Some("INPUT_STREAM_NOT_FOUND"), format!("input {id} is not registered"))
        })?;
        let was_ended = self.inputs.get(position).is_some_and(Input::is_ended);
        for kind in [TrackKind::Audio, TrackKind::Video] {
            if self.input(id).is_some_and(|input| input.media(kind).is_live()) {
                effects.push(self.emit(CompositionEvent::Input {
                    input: id.to_owned(),
                    kind,
                    state: MediaState::Ended,
                }));
            }
        }
        self.inputs.remove(position);
        self.end_outputs(!was_ended, effects);
        Ok(())
    }

    pub(in crate::state) fn set_media(
        &mut self,
        id: &str,
        kind: TrackKind,
        state: MediaState,
        effects: &mut Vec<Effect>,
    ) -> Option<()> {
        let input = self.input_mut(id)?;
        let was_ended = input.is_ended();
        let before = mem::replace(input.media_mut(kind), state);
        let ends = !was_ended && input.is_ended();
        let event = |state| CompositionEvent::Input { input: id.to_owned(), kind, state };
        if before != state && state != MediaState::Absent {
            // Media that was absent or ended is delivered before it plays or pauses.
            if !before.is_live() && matches!(state, MediaState::Playing | MediaState::Paused) {
                effects.push(self.emit(event(MediaState::Delivered)));
            }
            effects.push(self.emit(event(state)));
        }
        if ends {
            self.end_outputs(true, effects);
        }
        Some(())
    }

    /// Plays the MP4 files that do not play yet.
    pub(super) fn play_files(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let mut playing = Vec::new();
        for input in &mut self.inputs {
            if let InputSource::Mp4 { tracks, playing_since: since @ None, .. } = &mut input.source {
                *since = Some(now);
                playing.push((input.id.clone(), *tracks));
            }
        }
        for (id, tracks) in playing {
            for (kind, duration) in [(TrackKind::Audio, tracks.audio), (TrackKind::Video, tracks.video)] {
                if duration.is_some() {
                    let _ = self.set_media(&id, kind, MediaState::Playing, effects);
                }
            }
        }
    }
}

impl InputSource {
    /// Returns `true` if the input can have this kind of media.
    fn has(&self, kind: TrackKind) -> bool {
        match (self, kind) {
            (InputSource::WhipServer { video, .. } | InputSource::WhepClient { video, .. }, TrackKind::Video) => *video,
            (InputSource::Mp4 { tracks, .. }, TrackKind::Video) => tracks.video.is_some(),
            (InputSource::Mp4 { tracks, .. }, TrackKind::Audio) => tracks.audio.is_some(),
            _ => true,
        }
    }
}

impl Input {
    pub(crate) fn media(&self, kind: TrackKind) -> MediaState {
        match kind {
            TrackKind::Audio => self.audio,
            TrackKind::Video => self.video,
        }
    }

    fn media_mut(&mut self, kind: TrackKind) -> &mut MediaState {
        match kind {
            TrackKind::Audio => &mut self.audio,
            TrackKind::Video => &mut self.video,
        }
    }

    /// Returns `true` if the input had media and all of it ended.
    pub(crate) fn is_ended(&self) -> bool {
        let states = [self.audio, self.video];
        states.contains(&MediaState::Ended) && !states.iter().any(|state| state.is_live())
    }

    /// Returns the time at which a track of an MP4 file ends, if it plays and does not loop.
    pub(super) fn next_end(&self) -> Option<(Instant, TrackKind)> {
        let InputSource::Mp4 { loops: false, tracks, playing_since: Some(since), .. } = &self.source else {
            return None;
        };
        let ends = [(TrackKind::Audio, tracks.audio), (TrackKind::Video, tracks.video)].into_iter();
        ends.filter(|(kind, _)| self.media(*kind).is_live())
            .filter_map(|(kind, duration)| Some((since.checked_add(duration?)?, kind)))
            .min_by_key(|(at, _)| *at)
    }
}
