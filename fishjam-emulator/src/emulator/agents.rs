//! The part of the handle for agents: sockets, audio, images and ignored requests.

use bytes::Bytes;
use fishjam_proto::fishjam::server_message::vad_notification::Status;
use tokio::time::{Instant, sleep_until};

use super::Emulator;
use crate::{
    agents::{IgnoredRequest, TrackImages},
    media::{
        audio::{ScriptedSpeaker, Sound},
        publication::Publication,
    },
    notification,
    sockets::Sockets,
};

impl Emulator {
    /// Returns the agent sockets.
    ///
    /// [`received`](Sockets::received) returns the frames from an agent, and [`written`](Sockets::written) the frames to it.
    ///
    /// # Audio of agents
    ///
    /// The agents of a room receive each other's audio, and the audio of scripted peers.
    ///
    /// - **Tracks**: in mode `auto` all audio tracks of the other peers, in mode `manual` the tracks from `subscribe_peer`
    ///   and `subscribe_tracks`.
    /// - **Format**: PCM of 16 bits, little-endian, one channel, at the rate of the agent's `output`. Audio in this format
    ///   passes unchanged, in the sender's chunks. Two channels are averaged, and other rates are interpolated. The
    ///   emulator does not decode Opus: no agent receives it, and [`ignored_requests`](Self::ignored_requests) reports it.
    /// - **Timing**: the emulator relays audio immediately. With
    ///   [`real_time_playout`](crate::EmulatorBuilder::real_time_playout) it queues and plays the audio in real time, on
    ///   tokio's clock, in chunks of 20 ms. `InterruptTrack` and `RemoveTrack` discard the queue.
    /// - **Images**: see [`images`](Self::images). One per second and track.
    /// - **Voice activity**: published with the audio of scripted peers, according to its volume, and by
    ///   [`publish_voice_activity`](Self::publish_voice_activity).
    pub fn agent_sockets(&self) -> &Sockets {
        &self.service.agent_sockets
    }

    /// Returns the ignored requests of agents, oldest first.
    ///
    /// The service does not respond to such requests. The emulator keeps the newest ones, and at most
    /// [`journal_capacity`](crate::EmulatorBuilder::journal_capacity) of them.
    pub fn ignored_requests(&self) -> Vec<IgnoredRequest> {
        self.service.agents.ignored()
    }

    /// Returns the images of video tracks that agents receive.
    pub fn images(&self) -> &TrackImages {
        &self.service.agents.images
    }

    /// Sets whether later tracks of agents are played in real time.
    ///
    /// See [`EmulatorBuilder::real_time_playout`](crate::EmulatorBuilder::real_time_playout).
    pub fn set_real_time_playout(&self, real_time: bool) {
        self.service.agents.set_real_time(real_time);
    }

    /// Publishes a sound on a peer's audio track immediately, in chunks of 20 milliseconds.
    ///
    /// The agents of the room receive the sound, each at its requested rate. The emulator also publishes voice activity
    /// when the sound becomes loud or quiet, and at its end.
    ///
    /// Returns `false` if the track does not exist. [`add_track`](Self::add_track) adds one.
    pub fn publish_audio(
        &self,
        room_id: impl AsRef<str>,
        peer_id: impl AsRef<str>,
        track_id: impl AsRef<str>,
        sound: &Sound,
    ) -> bool {
        let Some(mut playback) = self.start_playback(room_id.as_ref(), peer_id.as_ref(), track_id.as_ref(), sound)
        else {
            return false;
        };
        sound.chunks().for_each(|chunk| playback.play(chunk));
        true
    }

    /// Publishes a sound in real time, and returns at its end.
    ///
    /// It follows tokio's clock, and otherwise works like [`publish_audio`](Self::publish_audio).
    ///
    /// Returns `false` if the audio track does not exist.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the sound ends.
    pub async fn play_audio(
        &self,
        room_id: impl AsRef<str>,
        peer_id: impl AsRef<str>,
        track_id: impl AsRef<str>,
        sound: &Sound,
    ) -> bool {
        let Some(mut playback) = self.start_playback(room_id.as_ref(), peer_id.as_ref(), track_id.as_ref(), sound)
        else {
            return false;
        };
        let started = Instant::now();
        let mut played = 0;
        for chunk in sound.chunks() {
            playback.play(chunk);
            played += chunk.len() * 2;
            sleep_until(started + sound.encoding().duration(played)).await;
        }
        true
    }

    /// Publishes that a peer started or stopped speaking. Returns `false` if the audio track does not exist.
    pub fn publish_voice_activity(
        &self,
        room_id: impl AsRef<str>,
        peer_id: impl AsRef<str>,
        track_id: impl AsRef<str>,
        speaks: bool,
    ) -> bool {
        let (room_id, peer_id, track_id) = (room_id.as_ref(), peer_id.as_ref(), track_id.as_ref());
        let found = self.service.state.read(|state| state.audio_track(room_id, peer_id, track_id)).is_some();
        if found {
            let status = if speaks { Status::Speech } else { Status::Silence };
            self.service.publish(&notification::voice_activity(room_id, peer_id, track_id, status));
        }
        found
    }

    fn start_playback<'a>(
        &'a self,
        room: &'a str,
        peer: &'a str,
        track: &'a str,
        sound: &Sound,
    ) -> Option<Playback<'a>> {
        let found = self.service.state.read(|state| state.audio_track(room, peer, track))?;
        let publication = Publication::new(room, peer, &found, sound.encoding());
        Some(Playback { emulator: self, room, peer, track, publication, speaker: ScriptedSpeaker::default() })
    }
}

/// A sound that is being published. Dropping it ends the speech.
struct Playback<'a> {
    emulator: &'a Emulator,
    room: &'a str,
    peer: &'a str,
    track: &'a str,
    publication: Publication,
    speaker: ScriptedSpeaker,
}

impl Playback<'_> {
    fn play(&mut self, chunk: &[i16]) {
        let change = self.speaker.change(chunk);
        self.report(change);
        let bytes: Bytes = chunk.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        // PCM samples can always be decoded.
        let _ = self.publication.relay(&self.emulator.service, &bytes);
    }

    fn report(&self, change: Option<bool>) {
        if let Some(speaks) = change {
            self.emulator.publish_voice_activity(self.room, self.peer, self.track, speaks);
        }
    }
}

impl Drop for Playback<'_> {
    fn drop(&mut self) {
        let change = self.speaker.end();
        self.report(change);
    }
}
