//! Scripted peers: a test connects them and controls them without a client.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::{
    error::{Error, Result},
    sockets::{NORMAL, RelayedMessage},
    state::{Track, TrackKind},
};

mod fishjam;
mod options;
mod peer_service;

pub use options::ScriptedPeerOptions;
pub(crate) use peer_service::{PeerConnection, PeerService};

/// A peer that a test connected and controls, from `connect_peer` of [`Emulator`] or [`JellyfishEmulator`].
///
/// The emulator changes its state and sends the same notifications as for a peer with a client. The peer stays
/// connected if you drop this handle. It disconnects when you call [`disconnect`](Self::disconnect), or when the peer,
/// its room or the emulator ends.
///
/// [`Emulator`]: crate::Emulator
/// [`JellyfishEmulator`]: crate::JellyfishEmulator
#[derive(Clone)]
pub struct ScriptedPeer {
    service: Arc<dyn PeerService>,
    connection: PeerConnection,
}

impl ScriptedPeer {
    pub(crate) fn connect(
        service: Arc<dyn PeerService>,
        room: &str,
        peer_or_token: &str,
        options: ScriptedPeerOptions,
    ) -> Result<Self> {
        let core = service.core();
        // The peer has no socket, so frames for this connection have no receiver.
        let mut open = core.sessions.open(u64::MAX);
        let connected = service.connect(room, peer_or_token, open.session);
        let peer = connected.map_err(|rejection| Error::Peer { reason: rejection.reason() })?;
        let connection = PeerConnection { room: room.to_owned(), peer, session: open.session };
        let (mut closing, runtime) = (core.closing.clone(), core.runtime.clone());
        let peer = ScriptedPeer { service, connection };
        let watched = peer.clone();
        // The state closes the session while it is locked. Only afterwards may this task lock the relay.
        runtime.spawn(async move {
            tokio::select! {
                _ = &mut open.closed => watched.leave(),
                // An error means that the emulator was dropped.
                _ = closing.wait_for(|closing| *closing) => {}
            }
        });
        if let Some(metadata) = options.metadata {
            peer.relay(RelayedMessage::Connect, metadata);
        }
        for (kind, metadata) in options.tracks {
            peer.add_track(kind, metadata)?;
        }
        Ok(peer)
    }

    /// Returns the id of the room.
    pub fn room_id(&self) -> &str {
        &self.connection.room
    }

    /// Returns the id of the peer.
    pub fn peer_id(&self) -> &str {
        &self.connection.peer
    }

    /// Returns `true` if the peer is still connected.
    pub fn is_connected(&self) -> bool {
        self.service.tracks(&self.connection).is_some()
    }

    /// Returns the ids of the peer's tracks, oldest first. A disconnected peer has none.
    pub fn track_ids(&self) -> Vec<String> {
        let tracks = self.service.tracks(&self.connection).unwrap_or_default();
        tracks.into_iter().map(|track| track.id).collect()
    }

    /// Adds a track, and returns its id.
    ///
    /// The track carries no media, except audio from
    /// [`Emulator::publish_audio`](crate::Emulator::publish_audio) and
    /// [`Emulator::play_audio`](crate::Emulator::play_audio).
    ///
    /// # Errors
    ///
    /// Returns [`Error::Peer`] if the peer is not connected anymore.
    pub fn add_track(&self, kind: TrackKind, metadata: Value) -> Result<String> {
        let track = Track::new(kind, metadata);
        let id = track.id.clone();
        if self.service.add_track(&self.connection, track) { Ok(id) } else { Err(NOT_CONNECTED) }
    }

    /// Sets the metadata of a track. Returns `false` if the track does not exist.
    pub fn update_track(&self, track_id: &str, metadata: Value) -> bool {
        self.service.update_track(&self.connection, track_id, metadata)
    }

    /// Removes a track. Returns `false` if the track does not exist.
    pub fn remove_track(&self, track_id: &str) -> bool {
        self.service.remove_track(&self.connection, track_id)
    }

    /// Sets the metadata that the peer itself sends.
    ///
    /// The emulator sends no notification if the metadata is unchanged, like the service.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Peer`] if the peer is not connected anymore.
    pub fn set_metadata(&self, metadata: Value) -> Result<()> {
        if !self.is_connected() {
            return Err(NOT_CONNECTED);
        }
        self.relay(RelayedMessage::Metadata, metadata);
        Ok(())
    }

    /// Simulates a crash of the peer, with a reason that can be empty. The crash removes the peer from its room.
    ///
    /// Returns `false` if the peer was not connected anymore.
    pub fn crash(&self, reason: &str) -> bool {
        let crashed = self.service.crash(&self.connection, reason);
        self.leave();
        crashed
    }

    /// Disconnects the peer and removes its tracks. The peer stays in its room and can connect again.
    ///
    /// Returns `false` if the peer was not connected anymore.
    pub fn disconnect(&self) -> bool {
        let was_connected = self.is_connected();
        self.service.disconnect(&self.connection);
        self.leave();
        self.service.core().sessions.close(self.connection.session, (NORMAL, ""));
        was_connected
    }

    /// Sends a media event of the peer. The relay forwards it to the other peers and ignores unchanged metadata.
    fn relay(&self, message: RelayedMessage, metadata: Value) {
        let ScriptedPeer { service, connection } = self;
        let (core, sender) = (service.core(), (connection.peer.as_str(), connection.number()));
        let registry = core.peer_sockets.registry();
        core.peer_relay.receive(message, &connection.room, sender, metadata, registry, |metadata| {
            service.set_metadata(connection, metadata);
        });
        // The peer can end meanwhile and leave before the event. Then the relay must not keep it.
        if !self.is_connected() {
            self.leave();
        }
    }

    fn leave(&self) {
        let ScriptedPeer { service, connection } = self;
        let (core, leaving) = (service.core(), (connection.peer.as_str(), connection.number()));
        core.peer_relay.leave(&connection.room, leaving, core.peer_sockets.registry());
    }
}

const NOT_CONNECTED: Error = Error::Peer { reason: "peer not connected" };

impl fmt::Debug for ScriptedPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedPeer")
            .field("room_id", &self.connection.room)
            .field("peer_id", &self.connection.peer)
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use serde_json::json;

    use super::*;
    use crate::{
        emulator::Emulator,
        state::{DEFAULT_OUTPUT_RATE, PeerKind, PeerOptions, RoomConfig, SubscribeMode},
    };

    #[tokio::test]
    async fn relay_does_not_keep_a_peer_that_ended() {
        let emulator = Emulator::start().await.unwrap();
        let room = emulator.service.change(|state| Ok::<_, ()>(state.create_room(RoomConfig::default()))).unwrap().id;
        let peer = PeerOptions {
            kind: PeerKind::WebRtc,
            subscribe_mode: SubscribeMode::Auto,
            metadata: json!({}),
            output_rate: DEFAULT_OUTPUT_RATE,
        };
        let peer = emulator.service.change(|state| state.add_peer(&room, peer, Instant::now())).unwrap().0.id;
        let options = ScriptedPeerOptions::new().metadata(json!(1));
        let peer = emulator.connect_peer(&room, &peer, options).unwrap();
        let relay = &peer.service.core().peer_relay;
        assert!(!relay.is_empty());
        assert!(peer.disconnect() && relay.is_empty());
        for message in [RelayedMessage::Connect, RelayedMessage::Metadata] {
            peer.relay(message, json!(2));
            assert!(relay.is_empty(), "{message:?}");
        }
    }
}
