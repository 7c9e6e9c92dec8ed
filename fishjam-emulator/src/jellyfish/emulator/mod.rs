//! The handle of a running Jellyfish server.

use std::{fmt, sync::Arc, time::Duration};

use fishjam_proto::jellyfish::ServerMessage;
use serde_json::Value;

use super::{
    resources::Resources,
    service::Service,
    state::{Outcome, RemovalReason, State},
};
use crate::{
    error::Result,
    refusal::Refusal,
    scripted_peer::{ScriptedPeer, ScriptedPeerOptions},
    server::{
        accessors::server_accessors,
        listening::Running,
        runtime::{ClockHold, OwnRuntime},
    },
    state::{Track, TrackKind},
};

mod builder;

pub use builder::JellyfishBuilder;

/// An emulator of Jellyfish 0.5.0 or of self-hosted Fishjam 0.6, on loopback and in memory.
///
/// It stops and frees its port when you drop it.
///
/// It responds like the real server, as far as its behavior is known. This includes crashes: `"options": null` ends a
/// room. You can advance the clock of purges and of peer tokens.
///
/// The journal and the faults name operations as the contract of the server does, such as `add_component` or
/// `getHlsContent`.
///
/// # What it serves
///
/// - **REST**: all 16 operations. Statuses, headers and bodies equal those of a real server, including crashes: malformed
///   `s3` credentials and a disabled component type end a room with 500 and `RoomCrashed`.
/// - **Sockets**: the frames of a real server, including close codes and reasons. Peers that send `connect` receive each
///   other's media events. Sockets reject web pages of other hosts.
/// - **Metrics**: a report every second for sockets that subscribe to them. It covers the connected peers with generated
///   numbers, unless you call [`set_metrics`](Self::set_metrics).
/// - **Webhooks**: the `webhookUrl` of a room receives each notification until the room ends. Webhooks have no signature,
///   and the emulator does not retry them.
///
/// # Effects of media
///
/// They happen automatically after 100 milliseconds: see [`JellyfishBuilder::media_delay`] and
/// [`JellyfishBuilder::manual_media`].
///
/// | request | effect |
/// |---|---|
/// | an RTSP component | a video track |
/// | a file component | its track, immediately |
/// | HLS, in a room with a video track for it | `HlsPlayable`; a playlist, a header and a segment under `/hls/{room}/` |
/// | a call to an invalid number | the SIP component crashes |
/// | the end of a room with HLS | `HlsUploaded`, if it was playable and had S3 credentials; a recording, if it was persistent |
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fishjam_emulator::Result<()> {
/// use std::time::Duration;
/// use fishjam_emulator::Emulator;
///
/// let jellyfish = Emulator::jellyfish().start().await?;
/// // ... create a room with a `peerlessPurgeTimeout` of 60 seconds ...
/// jellyfish.advance(Duration::from_secs(60)); // purges the room
/// assert_eq!(jellyfish.journal().count("create_room"), 0);
/// # Ok(())
/// # }
/// ```
pub struct JellyfishEmulator {
    service: Arc<Service>,
    running: Running,
}

impl JellyfishEmulator {
    fn new(service: Arc<Service>, running: Running) -> Self {
        JellyfishEmulator { service, running }
    }

    pub(super) fn attach(mut self, runtime: OwnRuntime) -> Self {
        self.running.attach(runtime);
        self
    }

    /// Keeps the paused clock of the current runtime still; see [`Emulator::hold_clock`](crate::Emulator::hold_clock).
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub fn hold_clock(&self) -> ClockHold {
        ClockHold::new()
    }

    server_accessors!();

    /// Returns the server address for clients: `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.service.core.authority
    }

    /// Sets the metrics of the next reports. With `None`, the emulator generates metrics of connected peers.
    pub fn set_metrics(&self, metrics: Option<Value>) {
        self.service.metrics.set(metrics);
    }

    /// Sends a notification to all subscribers and the webhook of its room.
    ///
    /// The notification does not have to match the state.
    pub fn publish(&self, notification: ServerMessage) {
        self.service.publish(&notification);
    }

    /// Advances the clock of purges and of peer tokens. The limit is ten years in total.
    ///
    /// This method executes the purges that become due, each at its own time, before it returns. Apart from advances,
    /// the clock follows the clock of tokio, which tests can pause.
    pub fn advance(&self, by: Duration) {
        self.service.clock.advance(by);
        self.service.purge();
    }

    /// Connects a scripted peer, by the id or the token of the peer.
    ///
    /// The emulator sends the same notifications as for a client, before this method returns: `PeerConnected`, then
    /// `PeerMetadataUpdated` if the options contain metadata, then `TrackAdded` for each track. The peer stays connected
    /// if you drop the returned handle.
    ///
    /// ```
    /// # async fn example(room_id: impl AsRef<str>, peer_id: impl AsRef<str>) -> fishjam_emulator::Result<()> {
    /// use fishjam_emulator::{Emulator, ScriptedPeerOptions};
    ///
    /// let jellyfish = Emulator::jellyfish().start().await?;
    /// // ... your backend creates a room and a peer ...
    /// let peer = jellyfish.connect_peer(room_id, peer_id, ScriptedPeerOptions::new())?;
    /// peer.disconnect();
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
    /// The peer stays in its room without tracks. Returns `false` if it was not connected.
    pub fn disconnect_peer(&self, room_id: impl AsRef<str>, peer_id: impl AsRef<str>) -> bool {
        let now = self.service.clock.now();
        self.service.change(|state| state.end_connection(room_id.as_ref(), peer_id.as_ref(), now)).is_ok()
    }

    /// Adds a track to a peer or a component. Returns the track's id.
    ///
    /// Returns `None` if the room has no such peer or component.
    pub fn add_track(
        &self,
        room_id: impl AsRef<str>,
        endpoint_id: impl AsRef<str>,
        kind: TrackKind,
        metadata: Value,
    ) -> Option<String> {
        let track = Track::new(kind, metadata);
        let id = track.id.clone();
        let added = self.change(|state| {
            let endpoint = state.endpoint(room_id.as_ref(), endpoint_id.as_ref())?;
            state.add_track(room_id.as_ref(), endpoint, track)
        });
        added.then_some(id)
    }

    /// Sets the metadata of a track. Returns `false` if the track does not exist.
    pub fn update_track(
        &self,
        room_id: impl AsRef<str>,
        endpoint_id: impl AsRef<str>,
        track_id: impl AsRef<str>,
        metadata: Value,
    ) -> bool {
        self.change(|state| {
            let endpoint = state.endpoint(room_id.as_ref(), endpoint_id.as_ref())?;
            state.update_track(room_id.as_ref(), endpoint, track_id.as_ref(), metadata)
        })
    }

    /// Removes a track. Returns `false` if the track does not exist.
    pub fn remove_track(
        &self,
        room_id: impl AsRef<str>,
        endpoint_id: impl AsRef<str>,
        track_id: impl AsRef<str>,
    ) -> bool {
        self.change(|state| {
            let endpoint = state.endpoint(room_id.as_ref(), endpoint_id.as_ref())?;
            state.remove_track(room_id.as_ref(), endpoint, track_id.as_ref())
        })
    }

    /// Makes an HLS component playable. Returns `false` if the component does not exist.
    pub fn make_playable(&self, room_id: impl AsRef<str>, component_id: impl AsRef<str>) -> bool {
        self.change(|state| state.make_playable(room_id.as_ref(), component_id.as_ref()))
    }

    /// Extends the HLS stream of a room by a segment.
    ///
    /// With low latency, this method adds a part instead. Requests that wait for the part receive their responses. Returns
    /// `false` if the room has no stream.
    pub fn extend_stream(&self, room_id: impl AsRef<str>) -> bool {
        self.change(|state| state.extend_stream(room_id.as_ref()))
    }

    /// Ends the source of a component, which removes the component.
    ///
    /// Returns `false` if the component does not exist.
    pub fn finish_component(&self, room_id: impl AsRef<str>, component_id: impl AsRef<str>) -> bool {
        self.change(|state| state.remove_component(room_id.as_ref(), component_id.as_ref(), RemovalReason::Finished))
    }

    /// Simulates a crash of a component. Returns `false` if the component does not exist.
    pub fn crash_component(&self, room_id: impl AsRef<str>, component_id: impl AsRef<str>) -> bool {
        self.change(|state| state.remove_component(room_id.as_ref(), component_id.as_ref(), RemovalReason::Crashed))
    }

    /// Simulates a crash of a peer, with a reason that can be empty. The socket of the peer closes with code 1011.
    ///
    /// Returns `false` if the peer does not exist.
    pub fn crash_peer(&self, room_id: impl AsRef<str>, peer_id: impl AsRef<str>, reason: &str) -> bool {
        self.change(|state| state.crash_peer(room_id.as_ref(), peer_id.as_ref(), reason, self.service.clock.now()))
    }

    /// Simulates a crash of a room. Returns `false` if the room does not exist.
    pub fn crash_room(&self, room_id: impl AsRef<str>) -> bool {
        self.change(|state| state.crash_room(room_id.as_ref()))
    }

    /// Sets whether uploads to S3 after the end of a room fail. Defaults to `false`.
    pub fn fail_uploads(&self, fail: bool) {
        self.service.state.write(|state| state.uploads_fail = fail);
    }

    /// Writes a file to the resources folder of the server. Returns `false` for a path outside of the folder.
    ///
    /// - `file_component_sources/...`: sources of file components
    /// - `recordings/ID/...`: recordings
    /// - `temporary_hls/ROOM/...`: HLS streams
    ///
    /// At the start, the folder contains the sources `video.h264`, `audio.ogg`, `dir/video.h264` and some invalid ones.
    pub fn put_resource(&self, path: &str, content: impl Into<Vec<u8>>) -> bool {
        let Some(location) = Resources::locate(path) else { return false };
        let content = content.into().into();
        self.service.state.write(|state| state.resources.put(location, content));
        true
    }

    /// Reads a file of the resources folder. Returns `None` if the file does not exist.
    pub fn resource(&self, path: &str) -> Option<Vec<u8>> {
        let location = Resources::locate(path)?;
        self.service.state.read(|state| state.resources.read(&location)).map(|content| content.to_vec())
    }

    fn change(&self, change: impl FnOnce(&mut State) -> std::result::Result<Outcome<()>, Refusal>) -> bool {
        self.service.change(change).is_ok()
    }
}

/// Prints no token.
impl fmt::Debug for JellyfishEmulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JellyfishEmulator").field("origin", &self.service.core.origin).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JellyfishBuilder;

    #[test]
    fn handles_are_send_sync_and_debug() {
        fn check<T: Send + Sync + fmt::Debug>() {}
        check::<JellyfishEmulator>();
        check::<JellyfishBuilder>();
    }
}
