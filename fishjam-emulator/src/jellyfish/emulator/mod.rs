//! The handle of a running Jellyfish.

use std::{fmt, sync::Arc, time::Duration};

use fishjam_proto::jellyfish::ServerMessage;
use serde_json::Value;

use super::{
    resources::Resources,
    service::Service,
    state::{End, Outcome, State},
    track::Track,
};
use crate::{
    faults::Faults,
    journal::Journal,
    refusal::Refusal,
    server::{
        listening::Running,
        runtime::{ClockHold, OwnRuntime},
    },
    sockets::Sockets,
    state::TrackKind,
    webhook::Webhooks,
};

mod builder;

pub use builder::JellyfishBuilder;

/// A Jellyfish 0.5.0, or a self-hosted Fishjam 0.6, on loopback, in memory. It stops when it is dropped, and its port
/// is free again.
///
/// It answers as the real server was observed to, where that is known down to its crashes: `"options": null` ends a
/// room. Its clock, by which rooms and peers are purged and peer tokens expire, can be put forward.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fishjam_emulator::Result<()> {
/// use std::time::Duration;
/// use fishjam_emulator::Emulator;
///
/// let jellyfish = Emulator::jellyfish().start().await?;
/// // ... a room is created with a `peerlessPurgeTimeout` of 60 seconds ...
/// jellyfish.advance(Duration::from_secs(60)); // ... and is gone
/// assert_eq!(jellyfish.journal().count("create_room"), 0);
/// # Ok(())
/// # }
/// ```
pub struct JellyfishEmulator {
    pub(super) service: Arc<Service>,
    authority: String,
    origin: String,
    certificate: Option<String>,
    running: Running,
}

impl JellyfishEmulator {
    pub(crate) fn new(
        service: Arc<Service>,
        authority: String,
        scheme: &'static str,
        certificate: Option<String>,
        running: Running,
    ) -> Self {
        let origin = format!("{scheme}://{authority}");
        JellyfishEmulator { service, authority, origin, certificate, running }
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

    /// The address at which it listens, `127.0.0.1:PORT`: what a client takes as its server address.
    pub fn address(&self) -> &str {
        &self.authority
    }

    /// The address with its scheme, `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The server's API token.
    pub fn token(&self) -> &str {
        &self.service.token
    }

    /// The root certificate that a client has to trust, as PEM; `None` without TLS.
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// What has arrived. Operations are named as in the server's contract: `add_component`, `subscribe_to`, `dial`,
    /// `getHlsContent`, ...
    pub fn journal(&self) -> &Journal {
        &self.service.journal
    }

    /// What is to go wrong.
    pub fn faults(&self) -> &Faults {
        &self.service.faults
    }

    /// How many server sockets are subscribed.
    pub fn subscribers(&self) -> usize {
        self.service.server_sockets.registry().subscribed()
    }

    /// How many TCP connections are open, those of sockets included.
    pub fn connections(&self) -> usize {
        self.running.connections()
    }

    /// The server sockets: how many there are, what was written to them, and what is to become of them.
    pub fn server_sockets(&self) -> &Sockets {
        &self.service.server_sockets
    }

    /// The peer sockets, likewise.
    pub fn peer_sockets(&self) -> &Sockets {
        &self.service.peer_sockets
    }

    /// The webhooks: what was delivered. They are sent once each, unsigned, and those that fail are dropped.
    pub fn webhooks(&self) -> &Webhooks {
        &self.service.webhooks
    }

    /// Reports these metrics from now on, or with `None` those that are made up for connected peers again.
    pub fn set_metrics(&self, metrics: Option<Value>) {
        self.service.gauges.set(metrics);
    }

    /// Tells a notification to all who are to hear of it, whatever the state is.
    pub fn publish(&self, notification: ServerMessage) {
        self.service.publish(&notification);
    }

    /// Sends a binary frame to all subscribed server sockets, whether it is a notification or not.
    pub fn publish_raw(&self, frame: impl Into<Vec<u8>>) {
        self.service.server_sockets.registry().publish(frame.into().into());
    }

    /// Puts the clock of purges and of peer tokens forward; the purges that are due by then are carried out before
    /// this returns, each at its own time. It goes ten years forward at most.
    ///
    /// The clock is tokio's otherwise, which a test may pause.
    pub fn advance(&self, by: Duration) {
        self.service.clock.advance(by);
        self.service.purge();
    }

    /// Lets a peer or a component have a track, as if it had begun to send one, and returns the track's id.
    ///
    /// The emulator carries no media; this stands for it. `None` when the room has no such peer or component.
    pub fn add_track(&self, room_id: &str, endpoint_id: &str, kind: TrackKind, metadata: Value) -> Option<String> {
        let track = Track::new(kind, metadata);
        let id = track.id.clone();
        let added = self.change(|state| {
            let endpoint = state.endpoint(room_id, endpoint_id)?;
            state.add_track(room_id, endpoint, track)
        });
        added.then_some(id)
    }

    /// Gives a track other metadata; false when there is no such track.
    pub fn update_track(&self, room_id: &str, endpoint_id: &str, track_id: &str, metadata: Value) -> bool {
        self.change(|state| {
            let endpoint = state.endpoint(room_id, endpoint_id)?;
            state.update_track(room_id, endpoint, track_id, metadata)
        })
    }

    /// Takes a track away; false when there is none.
    pub fn remove_track(&self, room_id: &str, endpoint_id: &str, track_id: &str) -> bool {
        self.change(|state| {
            let endpoint = state.endpoint(room_id, endpoint_id)?;
            state.remove_track(room_id, endpoint, track_id)
        })
    }

    /// Lets the first playlist of an HLS component be written: it becomes playable. False when there is no such
    /// component.
    pub fn make_playable(&self, room_id: &str, component_id: &str) -> bool {
        self.change(|state| state.make_playable(room_id, component_id))
    }

    /// Lets a room's HLS stream go on by a segment, or with low latency by a part; requests that wait for it are
    /// answered. False when there is no stream.
    pub fn extend_stream(&self, room_id: &str) -> bool {
        self.change(|state| state.grow_stream(room_id))
    }

    /// Lets what a component plays come to its end: it disappears. False when there is no such component.
    pub fn finish_component(&self, room_id: &str, component_id: &str) -> bool {
        self.change(|state| state.remove_component(room_id, component_id, End::Quiet))
    }

    /// Lets a component crash; false when there is none.
    pub fn crash_component(&self, room_id: &str, component_id: &str) -> bool {
        self.change(|state| state.remove_component(room_id, component_id, End::Crash))
    }

    /// Lets a peer crash, for this reason, which may be empty; its socket is closed with code 1011. False when there is
    /// none.
    pub fn crash_peer(&self, room_id: &str, peer_id: &str, reason: &str) -> bool {
        self.change(|state| state.crash_peer(room_id, peer_id, reason, self.service.clock.now()))
    }

    /// Lets a room crash; false when there is none.
    pub fn crash_room(&self, room_id: &str) -> bool {
        self.change(|state| state.crash_room(room_id))
    }

    /// Whether uploads to S3 fail, which happen when a room with HLS ends. They succeed by default.
    pub fn fail_uploads(&self, fail: bool) {
        self.service.write(|state| state.uploads_fail = fail);
    }

    /// Puts a file into the server's resources folder: `file_component_sources/...` for file components,
    /// `recordings/ID/...` for recordings, `temporary_hls/ROOM/...` for HLS streams. False for a path that leads out of
    /// it.
    ///
    /// There are some sources at the start: `video.h264`, `audio.ogg`, `dir/video.h264`, and some that no component
    /// takes.
    pub fn put_resource(&self, path: &str, content: impl Into<Vec<u8>>) -> bool {
        let Some(location) = Resources::locate(path) else { return false };
        let content = content.into().into();
        self.service.write(|state| state.resources.put(location, content));
        true
    }

    /// A file of the server's resources folder.
    pub fn resource(&self, path: &str) -> Option<Vec<u8>> {
        let location = Resources::locate(path)?;
        self.service.read(|state| state.resources.read(&location)).map(|content| content.to_vec())
    }

    /// Stops the emulator: closes the port and all sockets (code 1001), and completes requests in flight.
    ///
    /// After two seconds, this ends all connections that are still open. The two seconds follow the clock of the
    /// caller's runtime.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    fn change(&self, change: impl FnOnce(&mut State) -> Result<Outcome<()>, Refusal>) -> bool {
        self.service.change(change).is_ok()
    }
}

/// Prints no token.
impl fmt::Debug for JellyfishEmulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JellyfishEmulator").field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JellyfishBuilder;

    #[test]
    fn handles_cross_threads() {
        fn check<T: Send + Sync + fmt::Debug>() {}
        check::<JellyfishEmulator>();
        check::<JellyfishBuilder>();
    }
}
