//! Updates of outputs.

use std::time::Duration;

use fishjam_api::composition::types;

use crate::{
    composition::{
        handle::schedule,
        media_kinds::MediaKinds,
        scene::{AudioMix, Body, Scene},
    },
    error::{Error, Result},
};

/// A new scene, a new mix or both, for an output. A scene and a mix convert to an update.
///
/// An update must have exactly the kinds of its output: an output with video and audio needs both.
///
/// ```
/// use fishjam_sdk::composition::{AudioMix, InputStream, OutputUpdate, Scene};
///
/// let update = OutputUpdate::new()
///     .video(Scene::new(InputStream::new("screen")))
///     .audio(AudioMix::all(["ada"]));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct OutputUpdate {
    video: Option<Scene>,
    audio: Option<AudioMix>,
    time: Option<Duration>,
}

impl OutputUpdate {
    /// Creates an update without content. Set at least one of video and audio.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the scene of the video. Required if the output has video.
    #[must_use]
    pub fn video(mut self, scene: Scene) -> Self {
        self.video = Some(scene);
        self
    }

    /// Sets the mix of the audio. Required if the output has audio.
    #[must_use]
    pub fn audio(mut self, mix: AudioMix) -> Self {
        self.audio = Some(mix);
        self
    }

    /// Sets the time of the update after the start of the composition. Server default: immediately.
    ///
    /// See [scheduled changes](crate::composition::Composition#scheduled-changes). The server responds immediately. If
    /// it cannot apply the update later, it only logs the error.
    #[must_use]
    pub fn schedule_time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    pub(super) fn is_scheduled(&self) -> bool {
        self.time.is_some()
    }

    /// Checks the update and converts it. `kinds` are the kinds of its output, if the SDK knows them.
    pub(super) fn into_wire(self, kinds: Option<MediaKinds>) -> Result<types::UpdateOutputRequest> {
        let own = MediaKinds { video: self.video.is_some(), audio: self.audio.is_some() };
        if !own.video && !own.audio {
            return Err(Error::invalid_input("the update has neither video nor audio"));
        }
        if let Some(kinds) = kinds.filter(|kinds| *kinds != own) {
            let problem =
                format!("the update has {own}, but the output has {kinds}; use exactly the kinds of the output");
            return Err(Error::invalid_input(problem));
        }
        Ok(types::UpdateOutputRequest {
            audio: self.audio.map(AudioMix::into_wire).transpose()?,
            schedule_time_ms: self.time.map(schedule).transpose()?,
            video: self.video.map(|scene| scene.into_wire(Body::Update)).transpose()?,
        })
    }
}

impl From<Scene> for OutputUpdate {
    fn from(scene: Scene) -> Self {
        Self::new().video(scene)
    }
}

impl From<AudioMix> for OutputUpdate {
    fn from(mix: AudioMix) -> Self {
        Self::new().audio(mix)
    }
}
