//! The handle of a running emulator.

use std::{fmt, sync::Arc};

use fishjam_proto::fishjam::ServerMessage;

use crate::{
    error::Result,
    jellyfish::JellyfishBuilder,
    server::{
        accessors::server_accessors,
        listening::Running,
        runtime::{ClockHold, OwnRuntime},
    },
    service::Service,
    state::Role,
};

mod agents;
mod builder;
mod compositions;
mod peers;

pub use builder::EmulatorBuilder;
pub use compositions::{EmulatedComposition, EmulatedInput, EmulatedOutput};

/// Fishjam on loopback, in memory. If you drop it, it stops and frees its port.
///
/// # What it serves
///
/// | | |
/// |---|---|
/// | REST | all operations: `/validate`; rooms; peers (webrtc, agent, vapi), their tokens and subscriptions; livestreams with streamers and viewers, and the tokens of livestream rooms; track forwardings; recordings of compositions and templates; MoQ access |
/// | `/api/v1/live/api/whip`, `/whep`, `/whep/{id}` | connections of streamers and viewers, under the origin; no media |
/// | `/socket/server/websocket` | handshake, subscription, notifications, pings every 30 s, an idle timeout of 60 s |
/// | `/socket/peer/websocket` | handshake; the media events `connect` and `updateEndpointMetadata`, relayed to the peers of the room; no other media |
/// | `/socket/agent/websocket` | handshake, tracks, audio to and from agents, interruptions, images |
/// | `/recordings/files/{id}/0.mp4` | the file of an available recording, under the origin and without a token, as from object storage: `content-length`, `etag`, `range` with `if-range`, and 416. An MP4 file of 65,536 bytes without media, the same for each download |
/// | `/api/composition` | all operations of compositions, under the origin; checks of scenes, templates, fonts and images; the timeline and the clean-up; no media |
/// | `/api/composition/{id}/ws`, `/whip/{input}` | the event socket and the WHIP sessions of inputs, under the origin; no media |
/// | webhooks | every notification as `application/x-protobuf`, signed with HMAC-SHA256, single or in batches, retried |
///
/// All sockets receive notifications in the order of the changes, and before the response to the request that caused them.
///
/// # Examples
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
    pub(crate) service: Arc<Service>,
    url: String,
    running: Running,
}

impl Emulator {
    fn new(service: Arc<Service>, running: Running) -> Self {
        let url = format!("{}/api/v1/connect/{}", service.core.origin, service.id);
        Emulator { service, url, running }
    }

    fn attach(mut self, runtime: OwnRuntime) -> Self {
        self.running.attach(runtime);
        self
    }

    /// Starts on a free loopback port, with a random id and token.
    ///
    /// The emulator runs on the Tokio runtime of the caller and follows its clock. It stops when this runtime ends,
    /// even if you keep the handle. Every `#[tokio::test]` has its own runtime. To share an emulator between
    /// tests, use [`start_blocking`](Self::start_blocking).
    ///
    /// For an example, see [`Emulator`].
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bind`](crate::Error::Bind) if no port is free.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// This function is cancel safe. If you drop the future, no emulator starts.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Starts the emulator on its own runtime, and returns when the port is open.
    ///
    /// The emulator runs on a thread until you drop it. Several runtimes can use it, even at the same time. It follows
    /// the real clock. You can call this function anywhere, also in asynchronous code.
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
    /// The tests share the faults, the journal and the list of rooms. Give each test its own rooms, and check only the
    /// requests for them. In a test with a paused clock, use [`hold_clock`](Self::hold_clock).
    ///
    /// # Errors
    ///
    /// Returns an error if no port is free, or no thread can be started.
    pub fn start_blocking() -> Result<Self> {
        Self::builder().start_blocking()
    }

    /// Holds the paused clock of the current runtime until you drop the returned value.
    ///
    /// Tokio advances a paused clock whenever its runtime is idle. A runtime that waits for an emulator on another
    /// runtime is idle, so every timeout of the tested client expires immediately. While this value exists, only
    /// [`tokio::time::advance`](https://docs.rs/tokio/latest/tokio/time/fn.advance.html) moves the clock. An emulator
    /// that shares the test's runtime does not need this.
    ///
    /// While you hold the clock, waits between retries do not end. Call `advance` from another task, or build the client
    /// with `max_attempts(1)`. A paused clock needs the feature `test-util` of tokio. A test that advances the clock of the
    /// emulator itself uses [`start`](Self::start).
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

    /// Creates a builder for an emulator with other settings.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::new()
    }

    /// Creates a builder for a Jellyfish server, the self-hosted predecessor of Fishjam.
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

    server_accessors!();

    /// Returns the base URL with the connect prefix, `http://127.0.0.1:PORT/api/v1/connect/ID`.
    ///
    /// SDKs accept it as a Fishjam id.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the Fishjam id.
    pub fn id(&self) -> &str {
        &self.service.id
    }

    /// Sends a notification to all subscribed server sockets and to the webhook.
    ///
    /// A room without a webhook URL uses the URL of the account.
    ///
    /// The emulator does not compare the notification with its state.
    pub fn publish(&self, notification: ServerMessage) {
        self.service.publish(&notification);
    }

    /// Connects a streamer to its livestream, as WHIP does.
    ///
    /// Returns `false` if the streamer does not exist or if a streamer is already connected.
    pub fn connect_streamer(&self, stream_id: impl AsRef<str>, streamer_id: impl AsRef<str>) -> bool {
        self.service
            .change(|state| state.connect_participant(stream_id.as_ref(), Role::Streamer, streamer_id.as_ref()))
            .is_ok()
    }

    /// Disconnects a streamer. Returns `false` if it was not connected.
    pub fn disconnect_streamer(&self, stream_id: impl AsRef<str>, streamer_id: impl AsRef<str>) -> bool {
        self.service
            .change(|state| state.disconnect_participant(stream_id.as_ref(), Role::Streamer, streamer_id.as_ref()))
            .is_ok()
    }

    /// Connects a viewer to its livestream, as WHEP does.
    ///
    /// Returns `false` if the viewer does not exist or is already connected.
    pub fn connect_viewer(&self, stream_id: impl AsRef<str>, viewer_id: impl AsRef<str>) -> bool {
        self.service
            .change(|state| state.connect_participant(stream_id.as_ref(), Role::Viewer, viewer_id.as_ref()))
            .is_ok()
    }

    /// Disconnects a viewer. Returns `false` if it was not connected.
    pub fn disconnect_viewer(&self, stream_id: impl AsRef<str>, viewer_id: impl AsRef<str>) -> bool {
        self.service
            .change(|state| state.disconnect_participant(stream_id.as_ref(), Role::Viewer, viewer_id.as_ref()))
            .is_ok()
    }

    /// Advances a recording from active to finished, or from finished to available.
    ///
    /// Returns `false` if the recording does not exist or has its final status. Without
    /// [`manual_recordings`](EmulatorBuilder::manual_recordings), a stopped recording advances automatically.
    pub fn advance_recording(&self, recording_id: impl AsRef<str>) -> bool {
        self.service.change(|state| state.advance_recording(recording_id.as_ref()).ok_or(())).is_ok()
    }

    /// Makes an active or finished recording fail. Returns `false` if there is no such recording.
    pub fn fail_recording(&self, recording_id: impl AsRef<str>) -> bool {
        self.service.change(|state| state.fail_recording(recording_id.as_ref()).ok_or(())).is_ok()
    }
}

/// Shows no token.
impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CompositionSnapshot, EmulatedComposition, EmulatedInput, EmulatedOutput, Error, Fault, Faults, IgnoredRequest,
        Journal, Outage, ReceivedRecord, RecordedRequest, ScriptedPeer, ScriptedPeerOptions, SocketRecord, Sockets,
        Sound, TrackImages, WebhookDelivery, Webhooks,
    };

    #[test]
    fn handles_are_send_and_sync() {
        fn check<T: Send + Sync + fmt::Debug>() {}
        check::<Emulator>();
        check::<EmulatorBuilder>();
        check::<CompositionSnapshot>();
        check::<EmulatedComposition>();
        check::<EmulatedInput>();
        check::<EmulatedOutput>();
        check::<Journal>();
        check::<Outage>();
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
        check::<ScriptedPeer>();
        check::<ScriptedPeerOptions>();
        check::<Sound>();
        check::<Error>();
    }
}
