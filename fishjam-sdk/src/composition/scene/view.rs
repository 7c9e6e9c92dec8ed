//! The general container.

use fishjam_api::{UnknownMembers, composition::types};

use super::{
    box_shadow::BoxShadow,
    choices::{Overflow, ViewDirection},
    color::Color,
    component::{Component, Nesting, component},
    position::Position,
    transition::Transition,
};

/// A box that places its children in a row or a column. Unset options use the server's defaults.
///
/// A child with a [`Position`] is absolute: it takes no place in the row or the column. Children without a size share the
/// free space equally. The view draws later children over earlier ones.
///
/// Lengths are in pixels. Width and height exclude the border and the padding. If the size of the view
/// comes from its parent, border and padding are part of it.
///
/// ```
/// use fishjam_sdk::composition::{Color, InputStream, Scene, Text, View, ViewDirection};
///
/// let view = View::new()
///     .direction(ViewDirection::Column)
///     .background_color(Color::BLACK)
///     .padding(20.0)
///     .child(InputStream::new("ada"))
///     .child(Text::new("Ada", 40.0));
/// let scene = Scene::new(view);
/// ```
#[derive(Clone)]
pub struct View {
    pub(super) wire: types::View,
    pub(super) nesting: Nesting,
}

impl View {
    /// Creates a view without children, with the server's defaults.
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

    /// Appends a child. A new view has no children.
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

    /// Sets the direction of the static children. Server default: [`ViewDirection::Row`].
    #[must_use]
    pub fn direction(mut self, direction: ViewDirection) -> Self {
        self.wire.direction = Some(direction.to_wire());
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

    /// Sets the animation of changes. The view must have an [`id`](Self::id). Server default: no animation.
    #[must_use]
    pub fn transition(mut self, transition: Transition) -> Self {
        self.wire.transition = Some(transition.into_wire());
        self
    }

    /// Sets the treatment of children that do not fit. Server default: [`Overflow::Hidden`].
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.wire.overflow = Some(overflow.to_wire());
        self
    }

    /// Sets the color of the background. Server default: [`Color::TRANSPARENT`].
    #[must_use]
    pub fn background_color(mut self, color: Color) -> Self {
        self.wire.background_color = Some(color.to_string());
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

    /// Sets the padding of all sides in pixels. Server default: 0.
    ///
    /// The padding of a side must not be negative. The padding of one side replaces the padding of two sides, which replaces
    /// this one.
    #[must_use]
    pub fn padding(mut self, padding: f64) -> Self {
        self.wire.padding = Some(padding);
        self
    }

    /// Sets the padding of top and bottom in pixels. Server default: the general [`padding`](Self::padding).
    #[must_use]
    pub fn padding_vertical(mut self, padding: f64) -> Self {
        self.wire.padding_vertical = Some(padding);
        self
    }

    /// Sets the padding of left and right in pixels. Server default: the general [`padding`](Self::padding).
    #[must_use]
    pub fn padding_horizontal(mut self, padding: f64) -> Self {
        self.wire.padding_horizontal = Some(padding);
        self
    }

    /// Sets the padding of the top in pixels. Server default: the [vertical](Self::padding_vertical) padding.
    #[must_use]
    pub fn padding_top(mut self, padding: f64) -> Self {
        self.wire.padding_top = Some(padding);
        self
    }

    /// Sets the padding of the right side in pixels. Server default: the [horizontal](Self::padding_horizontal)
    /// padding.
    #[must_use]
    pub fn padding_right(mut self, padding: f64) -> Self {
        self.wire.padding_right = Some(padding);
        self
    }

    /// Sets the padding of the bottom in pixels. Server default: the [vertical](Self::padding_vertical) padding.
    #[must_use]
    pub fn padding_bottom(mut self, padding: f64) -> Self {
        self.wire.padding_bottom = Some(padding);
        self
    }

    /// Sets the padding of the left side in pixels. Server default: the [horizontal](Self::padding_horizontal) padding.
    #[must_use]
    pub fn padding_left(mut self, padding: f64) -> Self {
        self.wire.padding_left = Some(padding);
        self
    }
}

/// Creates a view without children, with the server's defaults.
impl Default for View {
    fn default() -> Self {
        let wire = types::View {
            background_color: None,
            border_color: None,
            border_radius: None,
            border_width: None,
            bottom: None,
            box_shadow: None,
            children: None,
            direction: None,
            height: None,
            id: None,
            left: None,
            overflow: None,
            padding: None,
            padding_bottom: None,
            padding_horizontal: None,
            padding_left: None,
            padding_right: None,
            padding_top: None,
            padding_vertical: None,
            right: None,
            rotation: None,
            top: None,
            transition: None,
            type_: types::ViewType::View,
            width: None,
            extra: UnknownMembers::default(),
        };
        Self { wire, nesting: Nesting::default() }
    }
}

component!(View, nesting);
