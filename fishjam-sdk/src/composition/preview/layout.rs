//! The layout of a scene.

use fishjam_api::composition::types::Component;

use super::{
    layout_box::LayoutBox,
    rect::Size,
    sizes::InputSizes,
    svg,
    walk::{self, Walk},
};
use crate::error::Result;

/// The places of all components of a scene, computed without the server.
///
/// [`Scene::layout`](crate::composition::Scene::layout) creates it and documents its limits.
///
/// For an example, see [`Scene::layout`](crate::composition::Scene::layout).
#[derive(Clone, Debug)]
pub struct Layout {
    width: u32,
    height: u32,
    boxes: Vec<LayoutBox>,
}

impl Layout {
    /// Computes the layout of a tree that follows the rules of scenes.
    pub(super) fn new(root: &Component, width: u32, height: u32, sizes: &InputSizes) -> Result<Self> {
        let boxes = Walk::new(sizes).run(root, Size::new(width.into(), height.into()))?;
        Ok(Self { width, height, boxes })
    }

    /// Number of boxes that the server draws by default.
    ///
    /// The server's media engine draws at most this many boxes of an output. It does not draw the boxes after them, and
    /// reports no error. The number is the default of the engine; Fishjam can use another one.
    ///
    /// The layout contains all components.
    /// [`is_beyond_box_limit`](LayoutBox::is_beyond_box_limit) marks those that the server probably does not draw.
    /// [`engine_boxes`](Self::engine_boxes) documents how the layout counts boxes.
    pub const DEFAULT_BOX_LIMIT: usize = walk::BOX_LIMIT;

    /// Returns the width of the picture in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height of the picture in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Returns the components in drawing order: a component, then its children.
    #[must_use]
    pub fn boxes(&self) -> &[LayoutBox] {
        &self.boxes
    }

    /// Returns the component with this id, if the scene has one.
    #[must_use]
    pub fn component(&self, id: &str) -> Option<&LayoutBox> {
        self.boxes.iter().find(|component| component.component_id() == Some(id))
    }

    /// Returns the components that show an input, in drawing order.
    pub fn inputs<'a>(&'a self, input_id: &'a str) -> impl Iterator<Item = &'a LayoutBox> {
        self.boxes.iter().filter(move |component| component.input_id() == Some(input_id))
    }

    /// Estimates the number of boxes that the server's media engine needs for the scene.
    ///
    /// Each of these is a box:
    ///
    /// - a view, a rescaler or tiles with a background or a border that is not transparent
    /// - a shadow that is not transparent
    /// - an input, an image or a [`Text`](crate::composition::Text)
    ///
    /// A component without an area has no box. A component that is clipped or covered still has boxes.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> fishjam_sdk::Result<()> {
    /// use fishjam_sdk::composition::{InputSizes, InputStream, Layout, Scene, Tiles};
    ///
    /// let scene = Scene::new(Tiles::new().children((0..120).map(|number| InputStream::new(format!("peer-{number}")))));
    /// let layout = scene.layout((1280, 720), InputSizes::new().other_inputs(1280.0, 720.0))?;
    /// assert_eq!(layout.engine_boxes(), 120);
    /// assert!(layout.engine_boxes() > Layout::DEFAULT_BOX_LIMIT);
    /// assert_eq!(layout.boxes().iter().filter(|component| component.is_beyond_box_limit()).count(), 20);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn engine_boxes(&self) -> usize {
        self.boxes.iter().map(LayoutBox::engine_boxes).sum()
    }

    /// Draws the layout as an SVG document.
    ///
    /// The document is for people and for reviews. It refers to no other file, and the same layout always gives the same
    /// text. Numbers have at most two decimals.
    ///
    /// - An input is a colored box with its id. An image is a crossed box with its id.
    /// - The lines of a [`Text`](crate::composition::Text) use a font of your viewer. The server uses another one, so their
    ///   width differs.
    /// - A dashed yellow frame marks a component that [depends on an estimate](LayoutBox::is_estimated).
    /// - A dashed red frame replaces a component that is [beyond the box limit](LayoutBox::is_beyond_box_limit).
    /// - The background of the picture is black.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::draw(self.width, self.height, &self.boxes)
    }
}
