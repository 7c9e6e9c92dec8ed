//! The scripted peers of a self-hosted server.

use serde_json::Value;

use super::{
    service::Service,
    state::{Admitted, Endpoint, Outcome, State},
};
use crate::{
    refusal::Refusal,
    scripted_peer::{PeerConnection, PeerService},
    service::ServiceCore,
    state::{Rejection, Session, Track},
};

impl Service {
    /// Changes the state if the peer is still connected. Returns `false` if nothing changed.
    fn change_connected(
        &self,
        at: &PeerConnection,
        change: impl FnOnce(&mut State, Endpoint) -> Result<Outcome<()>, Refusal>,
    ) -> bool {
        let changed = self.change(|state| {
            state.connected_tracks(&at.room, &at.peer, at.session).ok_or(())?;
            change(state, Endpoint::Peer(at.peer.clone())).map_err(drop)
        });
        changed.is_ok()
    }
}

impl PeerService for Service {
    fn core(&self) -> &ServiceCore {
        &self.core
    }

    fn connect(&self, room: &str, peer_or_token: &str, session: Session) -> Result<String, Rejection> {
        let is_peer = self.state.read(|state| state.has_peer(room, peer_or_token));
        let peer = if is_peer {
            peer_or_token.to_owned()
        } else {
            match self.signer.verify(peer_or_token, self.clock.uptime()) {
                Ok(holder) if holder.room == room => holder.peer,
                Ok(_) => return Err(Rejection::InvalidToken),
                Err(Rejection::ExpiredToken) => return Err(Rejection::ExpiredToken),
                // The string can be the id of a peer that does not exist. Then the state finds the reason.
                Err(_) => peer_or_token.to_owned(),
            }
        };
        let Admitted { peer, .. } = self.change(|state| state.connect_peer(room, &peer, session))?;
        Ok(peer)
    }

    fn disconnect(&self, at: &PeerConnection) {
        self.apply(|state| state.disconnect_peer(&at.room, &at.peer, at.session, self.clock.now()));
    }

    fn set_metadata(&self, at: &PeerConnection, metadata: Value) {
        self.apply(|state| state.update_metadata(&at.room, &at.peer, at.session, metadata));
    }

    fn crash(&self, at: &PeerConnection, reason: &str) -> bool {
        self.change_connected(at, |state, _| state.crash_peer(&at.room, &at.peer, reason, self.clock.now()))
    }

    fn add_track(&self, at: &PeerConnection, track: Track) -> bool {
        self.change_connected(at, |state, peer| state.add_track(&at.room, peer, track))
    }

    fn update_track(&self, at: &PeerConnection, track: &str, metadata: Value) -> bool {
        self.change_connected(at, |state, peer| state.update_track(&at.room, peer, track, metadata))
    }

    fn remove_track(&self, at: &PeerConnection, track: &str) -> bool {
        self.change_connected(at, |state, peer| state.remove_track(&at.room, peer, track))
    }

    fn tracks(&self, at: &PeerConnection) -> Option<Vec<Track>> {
        self.state.read(|state| state.connected_tracks(&at.room, &at.peer, at.session).map(<[Track]>::to_vec))
    }
}
