//! The handle of a running emulator.

use std::{fmt, sync::Arc};

use fishjam_proto::fishjam::ServerMessage;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    error::Result,
    faults::Faults,
    jellyfish::JellyfishBuilder,
    journal::Journal,
    server::{
        listening::Running,
        runtime::{ClockHold, OwnRuntime},
    },
    service::Service,
    sockets::Sockets,
    state::{Role, Track, TrackKind},
    webhook::Webhooks,
};

mod agents;
mod builder;

pub use builder::EmulatorBuilder;

/// Fishjam on loopback, in memory. It stops when you drop it, and its port is free again.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fishjam_emulator::Result<()> {
/// let emulator = fishjam_emulator::Emulator::start().await?;
/// println!("export FISHJAM_ID={}", emulator.url());
/// println!("export FISHJAM_MANAGEMENT_TOKEN={}", emulator.token());
/// # Ok(())
/// # }
/// ```
pub struct Emulator {
    service: Arc<Service>,
    url: String,
    origin: String,
    certificate: Option<String>,
    running: Running,
}

impl Emulator {
    pub(crate) fn new(
        service: Arc<Service>,
        url: String,
        origin: String,
        certificate: Option<String>,
        running: Running,
    ) -> Self {
        Emulator { service, url, origin, certificate, running }
    }

    pub(crate) fn attach(mut self, runtime: OwnRuntime) -> Self {
        self.running.attach(runtime);
        self
    }

    /// Starts on a free loopback port, with a random id and token.
    ///
    /// The emulator runs on the Tokio runtime of the caller and follows its clock. It stops when this runtime ends,
    /// even if the handle is still there: every `#[tokio::test]` has a runtime of its own. To share an emulator between
    /// tests, use [`start_blocking`](Self::start_blocking).
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bind`](crate::Error::Bind) if no port is free.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Starts as [`start`](Self::start) does, but on a runtime of its own, and returns when it listens.
    ///
    /// The emulator runs on a thread until it is dropped, so that several runtimes can use it, one after the other or
    /// at the same time. It follows the real clock. Call this from anywhere, also from asynchronous code.
    ///
    /// ```
    /// use std::sync::LazyLock;
    /// use fishjam_emulator::Emulator;
    ///
    /// static SHARED: LazyLock<Emulator> = LazyLock::new(|| Emulator::start_blocking().expect("a free port"));
    ///
    /// // In any test, with or without a runtime:
    /// assert!(SHARED.url().starts_with("http://127.0.0.1:"));
    /// ```
    ///
    /// Faults, the journal and `get_all_rooms` are shared as well. Give each test its own rooms, and look at the
    /// requests for these only. In a test with a paused clock, use [`hold_clock`](Self::hold_clock).
    ///
    /// # Errors
    ///
    /// Returns an error if no port is free, or no thread can be started.
    pub fn start_blocking() -> Result<Self> {
        Self::builder().start_blocking()
    }

    /// Keeps the paused clock of the current runtime still until the returned value is dropped.
    ///
    /// Tokio advances a paused clock whenever its runtime is idle. A runtime that waits for an emulator on another
    /// runtime is idle, so every timeout of the client under test ends immediately. While this value exists, only
    /// [`tokio::time::advance`](https://docs.rs/tokio/latest/tokio/time/fn.advance.html) moves the clock. An emulator
    /// that shares the test's runtime does not need this.
    ///
    /// ```
    /// # use fishjam_emulator::Emulator;
    /// # use std::sync::LazyLock;
    /// # static SHARED: LazyLock<Emulator> = LazyLock::new(|| Emulator::start_blocking().expect("a free port"));
    /// // #[tokio::test(start_paused = true)]
    /// async fn a_test_with_a_paused_clock() {
    ///     let _hold = SHARED.hold_clock();
    ///     // ... calls to `SHARED`, with all their timeouts ...
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(a_test_with_a_paused_clock());
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub fn hold_clock(&self) -> ClockHold {
        ClockHold::new()
    }

    /// Settings for an emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::new()
    }

    /// Settings for a Jellyfish, the self-hosted predecessor of Fishjam, in place of a Fishjam.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fishjam_emulator::Result<()> {
    /// let jellyfish = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// println!("{} {}", jellyfish.address(), jellyfish.token());
    /// # Ok(())
    /// # }
    /// ```
    pub fn jellyfish() -> JellyfishBuilder {
        JellyfishBuilder::new()
    }

    /// The base URL with the connect prefix, `http://127.0.0.1:PORT/api/v1/connect/ID`: what an SDK takes as its
    /// Fishjam id.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bare origin, `http://127.0.0.1:PORT`; it works as a base URL too.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The Fishjam id.
    pub fn id(&self) -> &str {
        &self.service.id
    }

    /// The management token.
    pub fn token(&self) -> &str {
        &self.service.token
    }

    /// The root certificate that a client has to trust, as PEM; `None` without TLS.
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// What has arrived.
    pub fn journal(&self) -> &Journal {
        &self.service.journal
    }

    /// What is to go wrong.
    pub fn faults(&self) -> &Faults {
        &self.service.faults
    }

    /// How many server sockets are subscribed to notifications.
    pub fn subscribers(&self) -> usize {
        self.service.server_sockets.registry().subscribed()
    }

    /// How many TCP connections are open, those of sockets included.
    pub fn connections(&self) -> usize {
        self.running.connections()
    }

    /// The webhooks: what was delivered.
    pub fn webhooks(&self) -> &Webhooks {
        &self.service.webhooks
    }

    /// The server sockets: how many there are, what was written to them, and what is to become of them.
    pub fn server_sockets(&self) -> &Sockets {
        &self.service.server_sockets
    }

    /// The peer sockets, likewise.
    pub fn peer_sockets(&self) -> &Sockets {
        &self.service.peer_sockets
    }

    /// Sends a notification to all subscribed server sockets and to the webhook of its room, or to the account's,
    /// whatever the emulator's state is.
    pub fn publish(&self, notification: ServerMessage) {
        self.service.publish(&notification);
    }

    /// Sends a binary frame to all subscribed server sockets, whether it is a notification or not.
    pub fn publish_raw(&self, frame: impl Into<Vec<u8>>) {
        self.service.server_sockets.registry().publish(frame.into().into());
    }

    /// Lets a peer have a track, as if it had begun to send one, and returns the track's id.
    ///
    /// The emulator carries no media but the sound that agents hear; this stands for it. `None` when there is no such
    /// peer.
    pub fn add_track(&self, room_id: &str, peer_id: &str, kind: TrackKind, metadata: Value) -> Option<String> {
        let id = Uuid::new_v4().to_string();
        let track = Track { id: id.clone(), kind, metadata };
        self.service.change(|state| state.add_track(room_id, peer_id, track)).ok()?;
        Some(id)
    }

    /// Takes a track away; false when there is none.
    pub fn remove_track(&self, room_id: &str, peer_id: &str, track_id: &str) -> bool {
        self.service.change(|state| state.remove_track(room_id, peer_id, track_id)).is_ok()
    }

    /// Lets a streamer begin to send into its livestream, as through WHIP.
    ///
    /// False when there is no such streamer, or when one is already sending: a livestream has one at a time.
    pub fn connect_streamer(&self, stream_id: &str, streamer_id: &str) -> bool {
        self.service.change(|state| state.connect_participant(stream_id, Role::Streamer, streamer_id)).is_ok()
    }

    /// Lets a streamer stop; false when it was not connected.
    pub fn disconnect_streamer(&self, stream_id: &str, streamer_id: &str) -> bool {
        self.service.change(|state| state.disconnect_participant(stream_id, Role::Streamer, streamer_id)).is_ok()
    }

    /// Lets a viewer begin to watch a livestream, as through WHEP; false when there is no such viewer, or when it
    /// already watches.
    pub fn connect_viewer(&self, stream_id: &str, viewer_id: &str) -> bool {
        self.service.change(|state| state.connect_participant(stream_id, Role::Viewer, viewer_id)).is_ok()
    }

    /// Lets a viewer stop; false when it was not connected.
    pub fn disconnect_viewer(&self, stream_id: &str, viewer_id: &str) -> bool {
        self.service.change(|state| state.disconnect_participant(stream_id, Role::Viewer, viewer_id)).is_ok()
    }

    /// Takes a recording one step on: from active to finished, stopped or not, from finished to available.
    ///
    /// False when there is no such recording, or no next step. Without
    /// [`manual_recordings`](EmulatorBuilder::manual_recordings) a stopped recording takes these steps by itself.
    pub fn advance_recording(&self, recording_id: &str) -> bool {
        self.service.change(|state| state.advance_recording(recording_id).ok_or(())).is_ok()
    }

    /// Lets a recording that is active or finished fail; false when there is none.
    pub fn fail_recording(&self, recording_id: &str) -> bool {
        self.service.change(|state| state.fail_recording(recording_id).ok_or(())).is_ok()
    }

    /// Stops the emulator: closes the port and all sockets (code 1001), and completes requests in flight.
    ///
    /// After two seconds, this ends all connections that are still open. The two seconds follow the clock of the
    /// caller's runtime.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// Prints no token.
impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error, Fault, IgnoredRequest, ReceivedRecord, RecordedRequest, SocketRecord, Sound, TrackImages,
        WebhookDelivery,
    };

    #[test]
    fn handles_cross_threads() {
        fn check<T: Send + Sync + fmt::Debug>() {}
        check::<Emulator>();
        check::<EmulatorBuilder>();
        check::<Journal>();
        check::<RecordedRequest>();
        check::<Faults>();
        check::<Fault>();
        check::<Webhooks>();
        check::<WebhookDelivery>();
        check::<Sockets>();
        check::<SocketRecord>();
        check::<ReceivedRecord>();
        check::<IgnoredRequest>();
        check::<TrackImages>();
        check::<Sound>();
        check::<Error>();
    }
}
