//! The scripted peers of Fishjam.

use std::time::Instant;

use serde_json::Value;

use super::peer_service::{PeerConnection, PeerService};
use crate::{
    refusal::Refusal,
    service::{Service, ServiceCore},
    state::{Outcome, Rejection, Session, State, Track},
};

impl Service {
    /// Changes the state if the peer is still connected. Returns `false` if nothing changed.
    fn change_connected(
        &self,
        at: &PeerConnection,
        change: impl FnOnce(&mut State) -> Result<Outcome<()>, Refusal>,
    ) -> bool {
        let changed = self.change(|state| {
            state.connected_tracks(&at.room, &at.peer, at.session).ok_or(())?;
            change(state).map_err(drop)
        });
        changed.is_ok()
    }
}

impl PeerService for Service {
    fn core(&self) -> &ServiceCore {
        &self.core
    }

    fn connect(&self, room: &str, peer_or_token: &str, session: Session) -> Result<String, Rejection> {
        self.change(|state| state.connect_scripted_peer(room, peer_or_token, session, Instant::now()))
    }

    fn disconnect(&self, at: &PeerConnection) {
        self.apply(|state| state.disconnect_peer(&at.room, &at.peer, at.session));
    }

    fn set_metadata(&self, at: &PeerConnection, metadata: Value) {
        self.apply(|state| state.update_metadata(&at.room, &at.peer, at.session, metadata));
    }

    fn crash(&self, at: &PeerConnection, reason: &str) -> bool {
        self.change_connected(at, |state| state.crash_peer(&at.room, &at.peer, reason))
    }

    fn add_track(&self, at: &PeerConnection, track: Track) -> bool {
        self.change_connected(at, |state| state.add_track(&at.room, &at.peer, track))
    }

    fn update_track(&self, at: &PeerConnection, track: &str, metadata: Value) -> bool {
        self.change_connected(at, |state| state.update_track(&at.room, &at.peer, track, metadata))
    }

    fn remove_track(&self, at: &PeerConnection, track: &str) -> bool {
        self.change_connected(at, |state| state.remove_track(&at.room, &at.peer, track))
    }

    fn tracks(&self, at: &PeerConnection) -> Option<Vec<Track>> {
        self.state.read(|state| state.connected_tracks(&at.room, &at.peer, at.session).map(<[Track]>::to_vec))
    }
}
