//! The video of an output.

use fishjam_api::{VideoScene, composition::types};

use super::end_condition::EndCondition;
use crate::{
    composition::{
        resolution,
        scene::{Body, Scene, View},
    },
    error::Result,
};

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::composition) struct Resolution {
    pub(in crate::composition) width: u32,
    pub(in crate::composition) height: u32,
}

impl Resolution {
    pub(in crate::composition) fn into_wire(self) -> types::Resolution {
        types::Resolution { height: self.height.into(), width: self.width.into() }
    }
}

/// The video of an output: its resolution and its first scene.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::composition::{InputStream, Scene, VideoOutput};
///
/// let video = VideoOutput::new(1280, 720, Scene::new(InputStream::new("camera")))?;
/// assert!(VideoOutput::new(1281, 720, Scene::new(InputStream::new("camera"))).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub struct VideoOutput {
    resolution: Resolution,
    scene: Scene,
    end: Option<EndCondition>,
}

impl VideoOutput {
    /// Creates the video of an output with this width and height in pixels.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the width or the height is 0 or odd, because no
    /// server can
    /// encode such a video. [`register_output`](crate::composition::Composition::register_output) checks the scene.
    pub fn new(width: u32, height: u32, scene: Scene) -> Result<Self> {
        resolution::check(width, height)?;
        Ok(Self { resolution: Resolution { width, height }, scene, end: None })
    }

    /// Creates the video of an output that a template renders.
    ///
    /// The API requires a scene, which the template replaces.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`new`](Self::new).
    pub fn of_template(width: u32, height: u32) -> Result<Self> {
        Self::new(width, height, Scene::new(View::new()))
    }

    /// Sets when the video ends. Server default: never.
    pub fn ends(mut self, condition: EndCondition) -> Self {
        self.end = Some(condition);
        self
    }

    pub(super) fn into_wire(self) -> Result<WireVideo> {
        Ok(WireVideo {
            resolution: self.resolution.into_wire(),
            initial: self.scene.into_wire(Body::Registration)?,
            end: self.end.map(EndCondition::into_wire).transpose()?,
        })
    }
}

/// The members that the video of each kind of output has.
pub(super) struct WireVideo {
    resolution: types::Resolution,
    initial: VideoScene,
    end: Option<types::OutputEndCondition>,
}

impl WireVideo {
    pub(super) fn into_whip(self) -> types::OutputWhipVideoOptions {
        let Self { resolution, initial, end } = self;
        types::OutputWhipVideoOptions { initial, resolution, send_eos_when: end }
    }

    pub(super) fn into_rtmp(self) -> types::OutputRtmpClientVideoOptions {
        let Self { resolution, initial, end } = self;
        types::OutputRtmpClientVideoOptions { initial, resolution, send_eos_when: end }
    }
}
