//! A box that scales its child.

use fishjam_api::{UnknownMembers, composition::types};

use super::{
    box_shadow::BoxShadow,
    choices::{HorizontalAlign, RescaleMode, VerticalAlign},
    color::Color,
    component::{Component, Nesting, component},
    position::Position,
    transition::Transition,
    view::View,
};

/// A box that scales its child. Unset options use the server's defaults.
///
/// Lengths are in pixels.
///
/// ```
/// use fishjam_sdk::composition::{InputStream, RescaleMode, Rescaler, Scene};
///
/// let scene = Scene::new(Rescaler::new(InputStream::new("ada")).mode(RescaleMode::Fill).border_radius(16.0));
/// ```
#[derive(Clone)]
pub struct Rescaler {
    pub(super) wire: types::Rescaler,
    pub(super) nesting: Nesting,
}

impl Rescaler {
    /// Creates a box with this child.
    #[must_use]
    pub fn new(child: impl Into<Component>) -> Self {
        let mut nesting = Nesting::default();
        // The empty view replaces a child that nests too many components. The check rejects the scene.
        let child = nesting.adopt("child", child.into()).unwrap_or_else(|| View::new().wire.into());
        let wire = types::Rescaler {
            border_color: None,
            border_radius: None,
            border_width: None,
            bottom: None,
            box_shadow: None,
            child: Box::new(child),
            height: None,
            horizontal_align: None,
            id: None,
            left: None,
            mode: None,
            right: None,
            rotation: None,
            top: None,
            transition: None,
            type_: types::RescalerType::Rescaler,
            vertical_align: None,
            width: None,
            extra: UnknownMembers::default(),
        };
        Self { wire, nesting }
    }

    /// Sets the id of the component, which must be unique in the scene. Server default: no id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.wire.id = Some(id.into());
        self
    }

    /// Sets the treatment of a child with a different aspect ratio. Server default: [`RescaleMode::Fit`].
    #[must_use]
    pub fn mode(mut self, mode: RescaleMode) -> Self {
        self.wire.mode = Some(mode.to_wire());
        self
    }

    /// Sets the horizontal alignment of the child. Server default: [`HorizontalAlign::Center`].
    #[must_use]
    pub fn horizontal_align(mut self, align: HorizontalAlign) -> Self {
        self.wire.horizontal_align = Some(align.to_wire());
        self
    }

    /// Sets the vertical alignment of the child. Server default: [`VerticalAlign::Center`].
    #[must_use]
    pub fn vertical_align(mut self, align: VerticalAlign) -> Self {
        self.wire.vertical_align = Some(align.to_wire());
        self
    }

    /// Sets the width of the content in pixels. Server default: a share of the parent's free space.
    #[must_use]
    pub fn width(mut self, width: f64) -> Self {
        self.wire.width = Some(width);
        self
    }

    /// Sets the height of the content in pixels. Server default: a share of the parent's free space.
    #[must_use]
    pub fn height(mut self, height: f64) -> Self {
        self.wire.height = Some(height);
        self
    }

    /// Sets an absolute position. Defaults to the next place in the parent's row or column.
    #[must_use]
    pub fn position(mut self, position: Position) -> Self {
        let position = position.to_wire();
        self.wire.top = position.top;
        self.wire.bottom = position.bottom;
        self.wire.left = position.left;
        self.wire.right = position.right;
        self.wire.rotation = position.rotation;
        self
    }

    /// Sets the animation of changes. The rescaler must have an [`id`](Self::id). Server default: no animation.
    #[must_use]
    pub fn transition(mut self, transition: Transition) -> Self {
        self.wire.transition = Some(transition.into_wire());
        self
    }

    /// Sets the radius of the corners in pixels. Server default: 0.
    #[must_use]
    pub fn border_radius(mut self, radius: f64) -> Self {
        self.wire.border_radius = Some(radius);
        self
    }

    /// Sets the width of the border in pixels. Server default: 0.
    #[must_use]
    pub fn border_width(mut self, width: f64) -> Self {
        self.wire.border_width = Some(width);
        self
    }

    /// Sets the color of the border. Server default: [`Color::TRANSPARENT`].
    #[must_use]
    pub fn border_color(mut self, color: Color) -> Self {
        self.wire.border_color = Some(color.to_string());
        self
    }

    /// Appends a shadow. Server default: no shadow.
    #[must_use]
    pub fn box_shadow(mut self, shadow: BoxShadow) -> Self {
        self.wire.box_shadow.get_or_insert_default().push(shadow.wire);
        self
    }
}

component!(Rescaler, nesting);
