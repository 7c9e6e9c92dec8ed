//! A track of sound on its way to the agents that hear it.

use bytes::Bytes;
use fishjam_proto::fishjam::{
    AgentResponse,
    agent_response::{Content, TrackData},
    notifications::Track as TrackMessage,
};
use prost::Message as _;

use super::audio::{Encoding, Mix};
use crate::{notification::track_message, service::Service, state::Track};

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

    /// Hands a chunk to everybody who hears the track now; false when somebody would, but it cannot be decoded.
    pub(crate) fn relay(&mut self, service: &Service, chunk: &Bytes) -> bool {
        let mut listeners = service.state.read(|state| state.listeners(&self.room, &self.peer, &self.track.id));
        listeners.sort_unstable_by_key(|listener| listener.rate);
        for alike in listeners.chunk_by(|one, other| one.rate == other.rate) {
            let Some(rate) = alike.first().map(|listener| listener.rate) else {
                continue;
            };
            let Some(data) = self.mix.hear(rate, chunk) else {
                return false;
            };
            if data.is_empty() {
                continue;
            }
            let heard = TrackData { peer_id: self.peer.clone(), track: Some(self.track.clone()), data };
            let frame = Bytes::from(AgentResponse { content: Some(Content::TrackData(heard)) }.encode_to_vec());
            for listener in alike {
                if let Some(connection) = service.core.sessions.connection(listener.session) {
                    service.agent_sockets.registry().send(connection, frame.clone());
                }
            }
        }
        true
    }
}
