//! A component in a layout.

use std::fmt;

use super::{appearance::Appearance, rect::Rect};

/// The kind of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ComponentKind {
    /// An [`InputStream`](crate::composition::InputStream).
    InputStream,
    /// A [`View`](crate::composition::View).
    View,
    /// A [`Text`](crate::composition::Text).
    Text,
    /// [`Tiles`](crate::composition::Tiles).
    Tiles,
    /// A [`Rescaler`](crate::composition::Rescaler).
    Rescaler,
    /// An [`Image`](crate::composition::Image).
    Image,
}

impl ComponentKind {
    /// Returns the member `type` in the JSON of the component, such as `input_stream`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::InputStream => "input_stream",
            Self::View => "view",
            Self::Text => "text",
            Self::Tiles => "tiles",
            Self::Rescaler => "rescaler",
            Self::Image => "image",
        }
    }
}

/// Prints [`as_str`](ComponentKind::as_str).
impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A component in a [`Layout`](super::Layout): its place in the picture.
///
/// `Debug` prints ids, but not the string of a [`Text`](crate::composition::Text).
///
/// For an example, see [`Scene::layout`](crate::composition::Scene::layout).
#[derive(Clone)]
pub struct LayoutBox {
    pub(super) path: String,
    pub(super) id: Option<String>,
    pub(super) kind: ComponentKind,
    /// Id of the input or the image.
    pub(super) source: Option<String>,
    pub(super) rect: Rect,
    pub(super) rotation: f64,
    pub(super) scale: f64,
    pub(super) z_index: usize,
    /// Index of the nearest component that clips this one.
    pub(super) clip: Option<usize>,
    pub(super) clip_bounds: Rect,
    pub(super) clips_children: bool,
    pub(super) estimated: bool,
    pub(super) beyond_limit: bool,
    pub(super) appearance: Appearance,
}

impl LayoutBox {
    /// Returns the path of the component in the scene, such as `root.children[2].child`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the id of the component, if any.
    #[must_use]
    pub fn component_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the kind of the component.
    #[must_use]
    pub fn kind(&self) -> ComponentKind {
        self.kind
    }

    /// Returns the id of the input, if the component is an [`InputStream`](crate::composition::InputStream).
    #[must_use]
    pub fn input_id(&self) -> Option<&str> {
        self.source.as_deref().filter(|_| self.kind == ComponentKind::InputStream)
    }

    /// Returns the id of the image, if the component is an [`Image`](crate::composition::Image).
    #[must_use]
    pub fn image_id(&self) -> Option<&str> {
        self.source.as_deref().filter(|_| self.kind == ComponentKind::Image)
    }

    /// Returns the rectangle of the component with its border and padding.
    ///
    /// The rectangle can be partly or completely outside the picture. If the component is rotated, it is the rectangle
    /// before the [rotation](Self::rotation).
    #[must_use]
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// Returns the rotation around the center of the rectangle, clockwise in degrees.
    ///
    /// It is the sum of the rotations of the component and of all components around it.
    #[must_use]
    pub fn rotation(&self) -> f64 {
        self.rotation
    }

    /// Returns the factor by which rescalers, tiles and `overflow: fit` scale the component.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Returns the position of the component in the drawing order. The root has 0.
    ///
    /// A component is drawn over all components with smaller numbers.
    #[must_use]
    pub fn z_index(&self) -> usize {
        self.z_index
    }

    /// Returns the part of the picture to which the components around this one clip it.
    ///
    /// Rounded corners are ignored. If one of the components is rotated, the rectangle contains its clipped part.
    #[must_use]
    pub fn clip(&self) -> Rect {
        self.clip_bounds
    }

    /// Returns `true` if the component clips its children.
    #[must_use]
    pub fn clips_children(&self) -> bool {
        self.clips_children
    }

    /// Returns the visible part of the rectangle, or `None` if no part is visible.
    ///
    /// The visible part is inside the picture and not clipped. It can be covered by components with larger
    /// [numbers](Self::z_index), and the component can be transparent. Rounded corners are ignored. If the component or
    /// one around it is rotated, the rectangle contains the visible part.
    #[must_use]
    pub fn visible(&self) -> Option<Rect> {
        let visible = self.rect.turned(self.rotation).intersection(&self.clip_bounds);
        (!self.rect.is_empty() && !visible.is_empty()).then_some(visible)
    }

    /// Returns `true` if the rectangle depends on the estimated size of a [`Text`](crate::composition::Text).
    #[must_use]
    pub fn is_estimated(&self) -> bool {
        self.estimated
    }

    /// Returns `true` if the server probably does not draw the whole component.
    ///
    /// The reason is that the scene has too many boxes. See
    /// [`Layout::DEFAULT_BOX_LIMIT`](super::Layout::DEFAULT_BOX_LIMIT).
    #[must_use]
    pub fn is_beyond_box_limit(&self) -> bool {
        self.beyond_limit
    }

    /// Estimates the boxes that the server needs for the component: shadows, then the colored box or the picture.
    pub(super) fn engine_boxes(&self) -> usize {
        if self.rect.is_empty() {
            return 0;
        }
        let draws = match self.kind {
            ComponentKind::InputStream | ComponentKind::Image | ComponentKind::Text => true,
            ComponentKind::View | ComponentKind::Rescaler | ComponentKind::Tiles => {
                self.appearance.background.is_some() || self.appearance.border.is_some()
            }
        };
        self.appearance.shadows.len() + usize::from(draws)
    }

    /// Returns the width of the border in the picture.
    pub(super) fn border_width(&self) -> f64 {
        self.appearance.border_width * self.scale
    }

    /// Returns the radius of the corners in the picture.
    pub(super) fn radius(&self) -> f64 {
        let largest = self.rect.width.min(self.rect.height) / 2.0;
        (self.appearance.radius * self.scale).min(largest)
    }
}

impl fmt::Debug for LayoutBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayoutBox")
            .field("path", &self.path)
            .field("kind", &self.kind)
            .field("component_id", &self.component_id())
            .field("input_id", &self.input_id())
            .field("image_id", &self.image_id())
            .field("rect", &self.rect)
            .field("rotation", &self.rotation)
            .field("visible", &self.visible())
            .field("estimated", &self.estimated)
            .field("beyond_box_limit", &self.beyond_limit)
            .finish_non_exhaustive()
    }
}
