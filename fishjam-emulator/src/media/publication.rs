//! An audio track on its way to the agents that receive it.

use bytes::Bytes;
use fishjam_proto::fishjam::{
    AgentResponse,
    agent_response::{Content, TrackData},
    notifications::Track as TrackMessage,
};
use prost::Message as _;

use super::audio::{Encoding, Mix};
use crate::{notification::track_message, service::Service, state::Track};

/// A published audio track.
pub(crate) struct Publication {
    room: String,
    peer: String,
    track: TrackMessage,
    mix: Mix,
}

impl Publication {
    pub(crate) fn new(room: &str, peer: &str, track: &Track, encoding: Encoding) -> Self {
        Publication {
            room: room.to_owned(),
            peer: peer.to_owned(),
            track: track_message(track),
            mix: Mix::new(encoding),
        }
    }

    /// Sends a chunk to all agents that receive the track.
    ///
    /// Returns `false` if such an agent exists, but the track cannot be decoded.
    pub(crate) fn relay(&mut self, service: &Service, chunk: &Bytes) -> bool {
        let mut listeners = service.state.read(|state| state.listeners(&self.room, &self.peer, &self.track.id));
        listeners.sort_unstable_by_key(|listener| listener.rate);
        for same_rate in listeners.chunk_by(|one, other| one.rate == other.rate) {
            let Some(rate) = same_rate.first().map(|listener| listener.rate) else {
                continue;
            };
            let Some(data) = self.mix.convert(rate, chunk) else {
                return false;
            };
            if data.is_empty() {
                continue;
            }
            let track_data = TrackData { peer_id: self.peer.clone(), track: Some(self.track.clone()), data };
            let frame = Bytes::from(AgentResponse { content: Some(Content::TrackData(track_data)) }.encode_to_vec());
            for listener in same_rate {
                if let Some(connection) = service.core.sessions.connection(listener.session) {
                    service.agent_sockets.registry().send(connection, frame.clone());
                }
            }
        }
        true
    }
}
