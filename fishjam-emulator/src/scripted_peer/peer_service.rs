//! The interface between scripted peers and the services.

use serde_json::Value;

use crate::{
    service::ServiceCore,
    state::{Rejection, Session, Track},
};

/// The connection of a scripted peer.
#[derive(Clone)]
pub(crate) struct PeerConnection {
    pub(crate) room: String,
    pub(crate) peer: String,
    pub(crate) session: Session,
}

impl PeerConnection {
    /// Returns the number of the peer in the relay of media events, where other peers have the number of their socket.
    ///
    /// Sockets count from 1, so these numbers count down.
    pub(super) fn number(&self) -> u64 {
        u64::MAX - self.session.0
    }
}

/// The part of a service that scripted peers use: Fishjam or Jellyfish.
///
/// Methods with a [`PeerConnection`] change nothing if that connection ended.
pub(crate) trait PeerService: Send + Sync {
    fn core(&self) -> &ServiceCore;

    /// Connects a peer of a room, by its id or its token, and returns its id.
    fn connect(&self, room: &str, peer_or_token: &str, session: Session) -> Result<String, Rejection>;

    fn disconnect(&self, at: &PeerConnection);

    fn set_metadata(&self, at: &PeerConnection, metadata: Value);

    /// Simulates a crash, which removes the peer. Returns `false` if the connection ended.
    fn crash(&self, at: &PeerConnection, reason: &str) -> bool;

    /// Returns `false` if the connection ended.
    fn add_track(&self, at: &PeerConnection, track: Track) -> bool;

    /// Returns `false` if the track does not exist.
    fn update_track(&self, at: &PeerConnection, track: &str, metadata: Value) -> bool;

    /// Returns `false` if the track does not exist.
    fn remove_track(&self, at: &PeerConnection, track: &str) -> bool;

    /// Returns the tracks, or `None` if the connection ended.
    fn tracks(&self, at: &PeerConnection) -> Option<Vec<Track>>;
}
