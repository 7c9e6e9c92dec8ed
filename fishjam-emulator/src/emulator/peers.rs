//! The part of the handle for peers and their tracks.

use std::sync::Arc;

use serde_json::Value;

use super::Emulator;
use crate::{
    error::Result,
    scripted_peer::{ScriptedPeer, ScriptedPeerOptions},
    state::{Track, TrackKind},
};

impl Emulator {
    /// Connects a scripted peer, by the id or the token of the peer.
    ///
    /// The emulator sends the same notifications as for a client, in this order, before this method returns:
    ///
    /// 1. `PeerConnected`, and `PeerMetadataUpdated` for an agent
    /// 2. `PeerMetadataUpdated`, if the options contain metadata
    /// 3. `TrackAdded` for each track of the options
    ///
    /// The peer can be a WebRTC peer, an agent or a VAPI peer. It stays connected if you drop the returned handle.
    ///
    /// ```
    /// # async fn example(room_id: &str, peer_id: &str) -> fishjam_emulator::Result<()> {
    /// use fishjam_emulator::{Emulator, ScriptedPeerOptions, TrackKind};
    /// use serde_json::json;
    ///
    /// let emulator = Emulator::start().await?;
    /// // ... your backend creates a room and a peer ...
    /// let options = ScriptedPeerOptions::new().metadata(json!({ "name": "Ada" }));
    /// let ada = emulator.connect_peer(room_id, peer_id, options)?;
    /// let microphone = ada.add_track(TrackKind::Audio, json!({ "type": "microphone" }))?;
    /// ada.remove_track(&microphone);
    /// ada.disconnect();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`Error::Peer`](crate::Error::Peer) if:
    ///
    /// - the room or the peer does not exist
    /// - the token has expired or belongs to a different room
    /// - the peer is already connected
    pub fn connect_peer(
        &self,
        room_id: impl AsRef<str>,
        peer_or_token: impl AsRef<str>,
        options: ScriptedPeerOptions,
    ) -> Result<ScriptedPeer> {
        let service = Arc::clone(&self.service);
        ScriptedPeer::connect(service, room_id.as_ref(), peer_or_token.as_ref(), options)
    }

    /// Disconnects a peer, scripted or not, and closes its socket with code 1000.
    ///
    /// The peer stays in its room without tracks, and can connect again. Returns `false` if it was not connected.
    pub fn disconnect_peer(&self, room_id: impl AsRef<str>, peer_id: impl AsRef<str>) -> bool {
        self.service.change(|state| state.end_connection(room_id.as_ref(), peer_id.as_ref())).is_ok()
    }

    /// Simulates a crash of a peer, with a reason that can be empty. The socket of the peer closes with code 1011.
    ///
    /// The crash removes the peer from its room. Returns `false` if the peer does not exist.
    pub fn crash_peer(&self, room_id: impl AsRef<str>, peer_id: impl AsRef<str>, reason: &str) -> bool {
        self.service.change(|state| state.crash_peer(room_id.as_ref(), peer_id.as_ref(), reason)).is_ok()
    }

    /// Adds a track to a peer. Returns the track's id, or `None` without a peer.
    ///
    /// The track carries no media, except audio that you publish for agents.
    pub fn add_track(
        &self,
        room_id: impl AsRef<str>,
        peer_id: impl AsRef<str>,
        kind: TrackKind,
        metadata: Value,
    ) -> Option<String> {
        let track = Track::new(kind, metadata);
        let id = track.id.clone();
        self.service.change(|state| state.add_track(room_id.as_ref(), peer_id.as_ref(), track)).ok()?;
        Some(id)
    }

    /// Sets the metadata of a track. Returns `false` if the track does not exist.
    pub fn update_track(
        &self,
        room_id: impl AsRef<str>,
        peer_id: impl AsRef<str>,
        track_id: impl AsRef<str>,
        metadata: Value,
    ) -> bool {
        let (room, peer, track) = (room_id.as_ref(), peer_id.as_ref(), track_id.as_ref());
        self.service.change(|state| state.update_track(room, peer, track, metadata)).is_ok()
    }

    /// Removes a track. Returns `false` if it does not exist.
    pub fn remove_track(&self, room_id: impl AsRef<str>, peer_id: impl AsRef<str>, track_id: impl AsRef<str>) -> bool {
        let (room, peer, track) = (room_id.as_ref(), peer_id.as_ref(), track_id.as_ref());
        self.service.change(|state| state.remove_track(room, peer, track)).is_ok()
    }
}
