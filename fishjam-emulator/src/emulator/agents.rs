//! Agents through the handle: their sockets, what they hear and see, what of theirs was ignored.

use bytes::Bytes;
use fishjam_proto::fishjam::server_message::vad_notification::Status;
use tokio::time::{Instant, sleep_until};

use super::Emulator;
use crate::{
    agents::{IgnoredRequest, TrackImages},
    media::{
        audio::{Sound, Voice},
        publication::Publication,
    },
    notification,
    sockets::Sockets,
};

impl Emulator {
    /// The agent sockets: how many there are, what was written to and received from them, and what is to become of
    /// them.
    pub fn agent_sockets(&self) -> &Sockets {
        &self.service.agent_sockets
    }

    /// The requests of agents that nothing came of, oldest first. To the agents the service says nothing about them.
    ///
    /// The newest are kept, as many as [`journal_capacity`](crate::EmulatorBuilder::journal_capacity) says.
    pub fn ignored_requests(&self) -> Vec<IgnoredRequest> {
        self.service.agents.ignored()
    }

    /// What agents get that ask for an image of a video track.
    pub fn images(&self) -> &TrackImages {
        &self.service.agents.images
    }

    /// Whether tracks that agents add from now on are played out in real time, see
    /// [`EmulatorBuilder::real_time_playout`](crate::EmulatorBuilder::real_time_playout).
    pub fn set_real_time_playout(&self, real_time: bool) {
        self.service.agents.set_real_time(real_time);
    }

    /// Lets a peer be heard on an audio track, all at once, in chunks of 20 milliseconds. False when there is no such
    /// track; [`add_track`](Self::add_track) makes one.
    ///
    /// The agents of the room hear it, each at the rate that it asked for. When the sound becomes loud or quiet, voice
    /// activity is published, as it is at its end.
    pub fn publish_audio(&self, room_id: &str, peer_id: &str, track_id: &str, sound: &Sound) -> bool {
        let Some(mut performance) = self.performance(room_id, peer_id, track_id, sound) else {
            return false;
        };
        sound.chunks().for_each(|chunk| performance.play(chunk));
        true
    }

    /// Lets a peer be heard as [`publish_audio`](Self::publish_audio) does, but in real time, and returns when the
    /// sound has ended: 20 milliseconds at a time, on tokio's clock.
    ///
    /// Cancel safe: when it is dropped, the peer falls silent.
    pub async fn play_audio(&self, room_id: &str, peer_id: &str, track_id: &str, sound: &Sound) -> bool {
        let Some(mut performance) = self.performance(room_id, peer_id, track_id, sound) else {
            return false;
        };
        let begun = Instant::now();
        let mut played = 0;
        for chunk in sound.chunks() {
            performance.play(chunk);
            played += chunk.len() * 2;
            sleep_until(begun + sound.encoding().duration(played)).await;
        }
        true
    }

    /// Publishes that a peer has begun to speak on a track, or has stopped. False when there is no such audio track.
    pub fn publish_voice_activity(&self, room_id: &str, peer_id: &str, track_id: &str, speaks: bool) -> bool {
        let found = self.service.state.read(|state| state.audio_track(room_id, peer_id, track_id)).is_some();
        if found {
            let status = if speaks { Status::Speech } else { Status::Silence };
            self.service.publish(&notification::voice_activity(room_id, peer_id, track_id, status));
        }
        found
    }

    fn performance<'a>(
        &'a self,
        room: &'a str,
        peer: &'a str,
        track: &'a str,
        sound: &Sound,
    ) -> Option<Performance<'a>> {
        let found = self.service.state.read(|state| state.audio_track(room, peer, track))?;
        let publication = Publication::new(room, peer, &found, sound.encoding());
        Some(Performance { emulator: self, room, peer, track, publication, voice: Voice::default() })
    }
}

/// A sound that is being published. Its end, whenever that is, is the end of speech.
struct Performance<'a> {
    emulator: &'a Emulator,
    room: &'a str,
    peer: &'a str,
    track: &'a str,
    publication: Publication,
    voice: Voice,
}

impl Performance<'_> {
    fn play(&mut self, chunk: &[i16]) {
        let change = self.voice.change(chunk);
        self.tell(change);
        let bytes: Bytes = chunk.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        // Samples are always understood.
        let _ = self.publication.relay(&self.emulator.service, &bytes);
    }

    fn tell(&self, change: Option<bool>) {
        if let Some(speaks) = change {
            self.emulator.publish_voice_activity(self.room, self.peer, self.track, speaks);
        }
    }
}

impl Drop for Performance<'_> {
    fn drop(&mut self) {
        let change = self.voice.end();
        self.tell(change);
    }
}
