//! Options for connecting a scripted peer.

use std::fmt;

use serde_json::Value;

use crate::state::TrackKind;

/// Options for connecting a scripted peer: its metadata and its tracks.
///
/// ```
/// use fishjam_emulator::{ScriptedPeerOptions, TrackKind};
/// use serde_json::json;
///
/// let camera = json!({ "type": "camera" });
/// let options = ScriptedPeerOptions::new().metadata(json!({ "name": "Ada" })).track(TrackKind::Video, camera);
/// # let _ = options;
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
#[must_use]
pub struct ScriptedPeerOptions {
    pub(super) metadata: Option<Value>,
    pub(super) tracks: Vec<(TrackKind, Value)>,
}

impl ScriptedPeerOptions {
    /// Creates options without metadata and tracks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the metadata that the peer sends after it connected.
    ///
    /// Defaults to no metadata. The peer then sends no media event, so that other peers do not see it.
    pub fn metadata(mut self, metadata: Value) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// Adds a track with its metadata. Each call adds one track.
    ///
    /// Defaults to no tracks.
    pub fn track(mut self, kind: TrackKind, metadata: Value) -> Self {
        self.tracks.push((kind, metadata));
        self
    }
}

/// Shows no metadata, which can be personal.
impl fmt::Debug for ScriptedPeerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self.tracks.iter().map(|(kind, _)| kind).collect();
        f.debug_struct("ScriptedPeerOptions")
            .field("metadata", &self.metadata.as_ref().map(|_| "…"))
            .field("tracks", &kinds)
            .finish()
    }
}
