//! The place of a component that is not part of a row or a column.

use fishjam_api::composition::types;

/// The place of a [`View`](super::View) or a [`Rescaler`](super::Rescaler) in its parent.
///
/// A component without a position is *static*: it is part of its parent's row or column. A component with a position is
/// *absolute*. It has a distance to one vertical and to one horizontal edge of its parent. It takes no place in the row or
/// the column. Its parent's size replaces a missing width or height.
///
/// Distances are in pixels and can be negative. They start at the parent's outer edge.
///
/// ```
/// use fishjam_sdk::composition::{Image, Position, View};
///
/// let logo = View::new().position(Position::bottom_right(20.0, 20.0)).width(120.0).height(60.0).child(Image::new("logo"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    vertical: Vertical,
    horizontal: Horizontal,
    rotation: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Vertical {
    Top(f64),
    Bottom(f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Horizontal {
    Left(f64),
    Right(f64),
}

impl Position {
    const fn new(vertical: Vertical, horizontal: Horizontal) -> Self {
        Self { vertical, horizontal, rotation: None }
    }

    /// Creates a position at these distances from the parent's top and left edges, in pixels.
    #[must_use]
    pub const fn top_left(top: f64, left: f64) -> Self {
        Self::new(Vertical::Top(top), Horizontal::Left(left))
    }

    /// Creates a position at these distances from the parent's top and right edges, in pixels.
    #[must_use]
    pub const fn top_right(top: f64, right: f64) -> Self {
        Self::new(Vertical::Top(top), Horizontal::Right(right))
    }

    /// Creates a position at these distances from the parent's bottom and left edges, in pixels.
    #[must_use]
    pub const fn bottom_left(bottom: f64, left: f64) -> Self {
        Self::new(Vertical::Bottom(bottom), Horizontal::Left(left))
    }

    /// Creates a position at these distances from the parent's bottom and right edges, in pixels.
    #[must_use]
    pub const fn bottom_right(bottom: f64, right: f64) -> Self {
        Self::new(Vertical::Bottom(bottom), Horizontal::Right(right))
    }

    /// Sets the rotation in degrees. Server default: 0.
    #[must_use]
    pub const fn rotation(mut self, degrees: f64) -> Self {
        self.rotation = Some(degrees);
        self
    }

    pub(super) fn to_wire(self) -> WirePosition {
        let (top, bottom) = match self.vertical {
            Vertical::Top(distance) => (Some(distance), None),
            Vertical::Bottom(distance) => (None, Some(distance)),
        };
        let (left, right) = match self.horizontal {
            Horizontal::Left(distance) => (Some(distance), None),
            Horizontal::Right(distance) => (None, Some(distance)),
        };
        WirePosition { top, bottom, left, right, rotation: self.rotation }
    }
}

/// The members of a component that determine its position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WirePosition {
    pub(super) top: Option<f64>,
    pub(super) bottom: Option<f64>,
    pub(super) left: Option<f64>,
    pub(super) right: Option<f64>,
    pub(super) rotation: Option<f64>,
}

impl From<&types::View> for WirePosition {
    fn from(view: &types::View) -> Self {
        let &types::View { top, bottom, left, right, rotation, .. } = view;
        Self { top, bottom, left, right, rotation }
    }
}

impl From<&types::Rescaler> for WirePosition {
    fn from(rescaler: &types::Rescaler) -> Self {
        let &types::Rescaler { top, bottom, left, right, rotation, .. } = rescaler;
        Self { top, bottom, left, right, rotation }
    }
}
