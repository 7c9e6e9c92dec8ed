//! A grid of equal tiles.

use fishjam_api::{UnknownMembers, composition::types};

use super::{
    aspect_ratio::AspectRatio,
    choices::{HorizontalAlign, VerticalAlign},
    color::Color,
    component::{Component, Nesting, component},
    transition::Transition,
};

/// A grid of equal tiles, one for each child. Unset options use the server's defaults.
///
/// The server chooses the number of rows with the largest tiles. An [`InputStream`](super::InputStream), a
/// [`Text`](super::Text) and an [`Image`](super::Image) keep their aspect ratio and are centered in their tile. Lengths are
/// in pixels.
///
/// ```
/// use fishjam_sdk::composition::{InputStream, Scene, Tiles};
///
/// let scene = Scene::new(Tiles::new().children(["ada", "bob"].map(InputStream::new)).margin(8.0));
/// ```
#[derive(Clone)]
pub struct Tiles {
    pub(super) wire: types::Tiles,
    pub(super) nesting: Nesting,
}

impl Tiles {
    /// Creates a grid without children, with the server's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id of the component, which must be unique in the scene. Server default: no id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.wire.id = Some(id.into());
        self
    }

    /// Appends a child. A new component has no children.
    #[must_use]
    pub fn child(self, child: impl Into<Component>) -> Self {
        self.children([child])
    }

    /// Appends children in their order.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = impl Into<Component>>) -> Self {
        self.nesting.adopt_all(&mut self.wire.children, children);
        self
    }

    /// Sets the width in pixels. Server default: a share of the parent's free space.
    #[must_use]
    pub fn width(mut self, width: f64) -> Self {
        self.wire.width = Some(width);
        self
    }

    /// Sets the height in pixels. Server default: a share of the parent's free space.
    #[must_use]
    pub fn height(mut self, height: f64) -> Self {
        self.wire.height = Some(height);
        self
    }

    /// Sets the color of the background. Server default: [`Color::TRANSPARENT`].
    #[must_use]
    pub fn background_color(mut self, color: Color) -> Self {
        self.wire.background_color = Some(color.to_string());
        self
    }

    /// Sets the aspect ratio of each tile. Server default: 16:9.
    #[must_use]
    pub fn tile_aspect_ratio(mut self, ratio: AspectRatio) -> Self {
        self.wire.tile_aspect_ratio = Some(ratio.to_string());
        self
    }

    /// Sets the distance between tiles, and from tiles to edges, in pixels. Server default: 0.
    #[must_use]
    pub fn margin(mut self, margin: f64) -> Self {
        self.wire.margin = Some(margin);
        self
    }

    /// Sets the padding within each tile in pixels. Server default: 0.
    #[must_use]
    pub fn padding(mut self, padding: f64) -> Self {
        self.wire.padding = Some(padding);
        self
    }

    /// Sets the horizontal alignment of each row. Server default: [`HorizontalAlign::Center`].
    #[must_use]
    pub fn horizontal_align(mut self, align: HorizontalAlign) -> Self {
        self.wire.horizontal_align = Some(align.to_wire());
        self
    }

    /// Sets the vertical alignment of the rows. Server default: [`VerticalAlign::Center`].
    #[must_use]
    pub fn vertical_align(mut self, align: VerticalAlign) -> Self {
        self.wire.vertical_align = Some(align.to_wire());
        self
    }

    /// Sets the animation of changes. The tiles must have an [`id`](Self::id). Server default: no animation.
    ///
    /// A change of the order or the number of children is also animated. The server recognizes a child by its id.
    #[must_use]
    pub fn transition(mut self, transition: Transition) -> Self {
        self.wire.transition = Some(transition.into_wire());
        self
    }
}

/// Creates a grid without children, with the server's defaults.
impl Default for Tiles {
    fn default() -> Self {
        let wire = types::Tiles {
            background_color: None,
            children: None,
            height: None,
            horizontal_align: None,
            id: None,
            margin: None,
            padding: None,
            tile_aspect_ratio: None,
            transition: None,
            type_: types::TilesType::Tiles,
            vertical_align: None,
            width: None,
            extra: UnknownMembers::default(),
        };
        Self { wire, nesting: Nesting::default() }
    }
}

component!(Tiles, nesting);
