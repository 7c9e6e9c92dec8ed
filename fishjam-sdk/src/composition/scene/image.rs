//! A registered image.

use fishjam_api::{UnknownMembers, composition::types};

use super::component::component;
use crate::id::composition::ImageId;

/// An image that is registered in the composition.
///
/// Without width and height, the image has its own size. With one of them, the other follows from the aspect ratio. With
/// both, the image is stretched. The server rejects a scene with an image that is not registered.
///
/// ```
/// use fishjam_sdk::composition::{Image, Scene};
///
/// let scene = Scene::new(Image::new("logo").width(200.0));
/// ```
#[derive(Clone)]
pub struct Image {
    pub(super) wire: types::Image,
}

impl Image {
    /// Creates a component for the image with this id.
    #[must_use]
    pub fn new(image_id: impl Into<ImageId>) -> Self {
        Self {
            wire: types::Image {
                height: None,
                id: None,
                image_id: image_id.into().into(),
                type_: types::ImageType::Image,
                width: None,
                extra: UnknownMembers::default(),
            },
        }
    }

    /// Sets the id of the component, which must be unique in the scene. Server default: no id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.wire.id = Some(id.into());
        self
    }

    /// Sets the width in pixels. The server rounds it to a whole pixel.
    ///
    /// Server default: the width of the image. If only the height is set, the width keeps the aspect ratio.
    #[must_use]
    pub fn width(mut self, width: f64) -> Self {
        self.wire.width = Some(width);
        self
    }

    /// Sets the height in pixels. The server rounds it to a whole pixel.
    ///
    /// Server default: the height of the image. If only the width is set, the height keeps the aspect ratio.
    #[must_use]
    pub fn height(mut self, height: f64) -> Self {
        self.wire.height = Some(height);
        self
    }
}

component!(Image);
