//! Agents: the tracks that they publish, and the tracks that they receive.

use super::{Outcome, PeerKind, Room, Session, State, SubscribeMode, Track, TrackKind};
use crate::agents::Ignored;

/// A connected agent that receives a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    pub(crate) session: Session,
    /// The sample rate that the agent requested, in samples per second.
    pub(crate) rate: u32,
}

impl State {
    /// Adds a track of a connected agent. Its id must be new in the room.
    pub(crate) fn add_agent_track(
        &mut self,
        room: &str,
        peer: &str,
        session: Session,
        track: Track,
    ) -> Result<Outcome<()>, Ignored> {
        let found = self.rooms.get(room).ok_or(Ignored::Disconnected)?;
        if !found.peers.iter().any(|one| one.id == peer && one.session == Some(session)) {
            return Err(Ignored::Disconnected);
        }
        if found.tracks().any(|(_, one)| one.id == track.id) {
            return Err(Ignored::TrackExists);
        }
        self.add_track(room, peer, track).map_err(|_| Ignored::Disconnected)
    }

    /// Removes a track of a connected agent.
    pub(crate) fn remove_agent_track(
        &mut self,
        room: &str,
        peer: &str,
        session: Session,
        track: &str,
    ) -> Result<Outcome<()>, Ignored> {
        if self.connected(room, peer, session).is_none() {
            return Err(Ignored::Disconnected);
        }
        self.remove_track(room, peer, track).map_err(|_| Ignored::UnknownTrack)
    }

    /// Returns the agents that receive a track: all connected agents except the publisher.
    ///
    /// An agent in manual mode receives the track only if it is subscribed to the peer or to the track.
    pub(crate) fn listeners(&self, room: &str, peer: &str, track: &str) -> Vec<Listener> {
        let Some(found) = self.rooms.get(room) else {
            return Vec::new();
        };
        if !found.tracks().any(|(publisher, one)| publisher == peer && one.id == track) {
            return Vec::new();
        }
        let agents = found.peers.iter().filter(|one| one.kind == PeerKind::Agent && one.id != peer);
        agents
            .filter(|agent| {
                agent.subscribe_mode == SubscribeMode::Auto
                    || agent.subscribed_peers.iter().any(|one| one == peer)
                    || agent.subscribed_tracks.iter().any(|one| one == track)
            })
            .filter_map(|agent| Some(Listener { session: agent.session?, rate: agent.output_rate }))
            .collect()
    }

    /// Returns an audio track of a peer.
    pub(crate) fn audio_track(&self, room: &str, peer: &str, track: &str) -> Option<Track> {
        let peer = self.room(room).ok()?.peer(peer).ok()?;
        peer.tracks.iter().find(|one| one.id == track && one.kind == TrackKind::Audio).cloned()
    }

    /// Returns an error unless the track is a video track of another peer.
    pub(crate) fn check_image_track(&self, room: &str, viewer: &str, track: &str) -> Result<(), Ignored> {
        let found = self.rooms.get(room).ok_or(Ignored::Disconnected)?;
        let (_, track) = found
            .tracks()
            .find(|(publisher, one)| *publisher != viewer && one.id == track)
            .ok_or(Ignored::UnknownTrack)?;
        if track.kind == TrackKind::Video { Ok(()) } else { Err(Ignored::NoPictures) }
    }
}

impl Room {
    /// Returns all tracks, each with the id of its peer.
    fn tracks(&self) -> impl Iterator<Item = (&str, &Track)> {
        self.peers.iter().flat_map(|peer| peer.tracks.iter().map(|track| (peer.id.as_str(), track)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::super::{DEFAULT_OUTPUT_RATE, PeerOptions, RoomConfig};
    use super::*;

    fn track(id: &str, kind: TrackKind) -> Track {
        Track { id: id.to_owned(), kind, metadata: json!(null) }
    }

    /// Creates a room with a peer that has an audio track and a video track.
    fn room() -> (State, String, String) {
        let mut state = State::new(Duration::from_secs(60));
        let room = state.create_room(RoomConfig::default()).value.id;
        let peer = peer(&mut state, &room, PeerKind::WebRtc, SubscribeMode::Auto).0;
        state.add_track(&room, &peer, track("audio", TrackKind::Audio)).unwrap();
        state.add_track(&room, &peer, track("video", TrackKind::Video)).unwrap();
        (state, room, peer)
    }

    fn peer(state: &mut State, room: &str, kind: PeerKind, subscribe_mode: SubscribeMode) -> (String, String) {
        let options = PeerOptions { kind, subscribe_mode, metadata: json!({}), output_rate: DEFAULT_OUTPUT_RATE };
        let (peer, token) = state.add_peer(room, options, Instant::now()).unwrap().value;
        (peer.id, token)
    }

    #[test]
    fn connected_subscribed_agents_receive_tracks() {
        let (mut state, room, speaker) = room();
        let received_by = |state: &State, track| {
            let listeners = state.listeners(&room, &speaker, track);
            listeners.iter().map(|listener| listener.session.0).collect::<Vec<_>>()
        };
        let mut agents = Vec::new();
        for (number, mode) in [(1, SubscribeMode::Auto), (2, SubscribeMode::Manual), (3, SubscribeMode::Manual)] {
            let (id, token) = peer(&mut state, &room, PeerKind::Agent, mode);
            assert!(!received_by(&state, "audio").contains(&number), "agent is not connected yet");
            state.connect_peer(&token, &[PeerKind::Agent], Session(number), Instant::now()).unwrap();
            agents.push(id);
        }
        assert_eq!(received_by(&state, "audio"), [1]);
        state.subscribe_peer(&room, &agents[1], &speaker).unwrap();
        state.subscribe_tracks(&room, &agents[2], &["audio".to_owned()]).unwrap();
        assert_eq!((received_by(&state, "audio"), received_by(&state, "unknown")), (vec![1, 2, 3], vec![]));
        state.disconnect_peer(&room, &agents[0], Session(1));
        assert_eq!(received_by(&state, "audio"), [2, 3]);
        // An agent does not receive its own track.
        let own = track("own", TrackKind::Audio);
        state.add_agent_track(&room, &agents[1], Session(2), own).unwrap();
        assert_eq!(state.listeners(&room, &agents[1], "own"), []);
        state.remove_track(&room, &speaker, "audio").unwrap();
        assert_eq!((received_by(&state, "audio"), state.listeners("unknown", &speaker, "audio")), (vec![], vec![]));
    }

    #[test]
    fn agents_add_tracks_and_request_images() {
        let (mut state, room, speaker) = room();
        let (agent, token) = peer(&mut state, &room, PeerKind::Agent, SubscribeMode::Auto);
        state.connect_peer(&token, &[PeerKind::Agent], Session(1), Instant::now()).unwrap();
        let mut add = |session, id| {
            let added = state.add_agent_track(&room, &agent, Session(session), track(id, TrackKind::Audio));
            added.map(|outcome| outcome.effects.len())
        };
        assert_eq!(add(2, "own"), Err(Ignored::Disconnected));
        assert_eq!(add(1, "audio"), Err(Ignored::TrackExists));
        assert_eq!((add(1, "own"), add(1, "own")), (Ok(1), Err(Ignored::TrackExists)));
        for (id, seen) in [
            ("video", Ok(())),
            ("audio", Err(Ignored::NoPictures)),
            ("own", Err(Ignored::UnknownTrack)),
            ("unknown", Err(Ignored::UnknownTrack)),
        ] {
            assert_eq!(state.check_image_track(&room, &agent, id), seen, "{id}");
        }
        assert!(state.audio_track(&room, &speaker, "audio").is_some());
        assert!(state.audio_track(&room, &speaker, "video").is_none());
        let mut remove = |session, id| state.remove_agent_track(&room, &agent, Session(session), id).map(|_| ());
        assert_eq!(remove(2, "own"), Err(Ignored::Disconnected));
        assert_eq!(remove(1, "audio"), Err(Ignored::UnknownTrack));
        assert_eq!((remove(1, "own"), remove(1, "own")), (Ok(()), Err(Ignored::UnknownTrack)));
    }
}
