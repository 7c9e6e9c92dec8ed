//! Sizes of the inputs and images that a scene shows.

use std::collections::HashMap;

use super::{numbers::length, rect::Size};
use crate::id::composition::{ImageId, InputId};

/// Sizes of the inputs and images that a scene shows, in pixels.
///
/// A layout depends on them, because an input without a rescaler or a tile has its own size. An input and an image may have
/// the same id.
///
/// An input without a size has the size 0x0 and is not visible. The server does the same until the input is registered
/// and delivers a picture. [`other_inputs`](Self::other_inputs) sets the size of all these inputs.
///
/// # Examples
///
/// ```
/// use fishjam_sdk::composition::InputSizes;
///
/// let sizes = InputSizes::new().input("ada", 1280.0, 720.0).other_inputs(640.0, 480.0).image("logo", 200.0, 50.0);
/// let inputs_only = InputSizes::from([("ada", (1280.0, 720.0)), ("bob", (640.0, 480.0))]);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct InputSizes {
    inputs: HashMap<InputId, Size>,
    other_inputs: Size,
    images: HashMap<ImageId, Size>,
}

impl InputSizes {
    /// Creates sizes without an input and without an image.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the size of an input in pixels.
    ///
    /// Defaults to the size of [`other_inputs`](Self::other_inputs).
    pub fn input(mut self, id: impl Into<InputId>, width: f64, height: f64) -> Self {
        self.inputs.insert(id.into(), Size::new(length(width), length(height)));
        self
    }

    /// Sets the size in pixels of all inputs that have no size of their own.
    ///
    /// Defaults to 0x0.
    pub fn other_inputs(mut self, width: f64, height: f64) -> Self {
        self.other_inputs = Size::new(length(width), length(height));
        self
    }

    /// Sets the size of an image in pixels.
    ///
    /// There is no default: a layout of an image without a size is an error.
    pub fn image(mut self, id: impl Into<ImageId>, width: f64, height: f64) -> Self {
        self.images.insert(id.into(), Size::new(length(width), length(height)));
        self
    }

    pub(super) fn of_input(&self, id: &str) -> Size {
        self.inputs.get(id).copied().unwrap_or(self.other_inputs)
    }

    pub(super) fn of_image(&self, id: &str) -> Option<Size> {
        self.images.get(id).copied()
    }
}

/// Creates sizes from ids of inputs with their width and height.
impl<I: Into<InputId>> FromIterator<(I, (f64, f64))> for InputSizes {
    fn from_iter<T: IntoIterator<Item = (I, (f64, f64))>>(sizes: T) -> Self {
        sizes.into_iter().fold(Self::new(), |all, (id, (width, height))| all.input(id, width, height))
    }
}

/// Creates sizes from ids of inputs with their width and height.
impl<I: Into<InputId>, const N: usize> From<[(I, (f64, f64)); N]> for InputSizes {
    fn from(sizes: [(I, (f64, f64)); N]) -> Self {
        sizes.into_iter().collect()
    }
}
