//! Rectangles of a layout, and the places of boxes in the output.

use super::numbers::finite;

/// A rectangle in the picture of an output, in pixels.
///
/// The origin is the top left corner of the picture.
///
/// For an example, see [`Scene::layout`](crate::composition::Scene::layout).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Rect {
    /// Distance from the left edge of the picture.
    pub x: f64,
    /// Distance from the top edge of the picture.
    pub y: f64,
    /// Width, never negative.
    pub width: f64,
    /// Height, never negative.
    pub height: f64,
}

impl Rect {
    pub(super) fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    /// Returns the distance of the right edge from the left edge of the picture.
    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Returns the distance of the bottom edge from the top edge of the picture.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(super) fn is_empty(&self) -> bool {
        self.width <= 0.0 || self.height <= 0.0
    }

    /// Returns the common part of two rectangles, which can be empty.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        Self::new(x, y, (right - x).max(0.0), (bottom - y).max(0.0))
    }

    /// Returns the rectangle without a frame of this width inside its edges.
    pub(super) fn inset(&self, frame: f64) -> Self {
        let (width, height) = ((self.width - 2.0 * frame).max(0.0), (self.height - 2.0 * frame).max(0.0));
        let (x, y) = (self.x + (self.width - width) / 2.0, self.y + (self.height - height) / 2.0);
        Self::new(x, y, width, height)
    }

    /// Returns the smallest upright rectangle around this rectangle after a turn around its center.
    pub(super) fn turned(&self, degrees: f64) -> Self {
        if degrees == 0.0 {
            return *self;
        }
        let (sin, cos) = degrees.to_radians().sin_cos();
        let width = self.width * cos.abs() + self.height * sin.abs();
        let height = self.width * sin.abs() + self.height * cos.abs();
        Self::new(self.x + (self.width - width) / 2.0, self.y + (self.height - height) / 2.0, width, height)
    }
}

/// Size in the units of a component, which a parent can scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Size {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height }
    }
}

/// The position, the size and the scale of a component in its parent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offset {
    /// Distance from the parent's left edge, in the parent's units.
    pub(super) x: f64,
    /// Distance from the parent's top edge, in the parent's units.
    pub(super) y: f64,
    /// Size of the component, in its own units.
    pub(super) size: Size,
    /// Size of the component's unit, in the parent's units.
    pub(super) scale: f64,
    /// Turn around the component's center, in degrees.
    pub(super) rotation: f64,
}

/// The position, the size and the scale of a component in the picture.
///
/// Parents only move, scale and turn their children. Thus a component stays a rectangle that is turned around its center.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    center_x: f64,
    center_y: f64,
    /// Size in the component's own units.
    pub(super) size: Size,
    /// Pixels of the picture per unit of the component.
    pub(super) scale: f64,
    /// Turn around the center, in degrees.
    pub(super) rotation: f64,
}

impl Place {
    /// Returns the place of the root.
    pub(super) fn root(size: Size) -> Self {
        Self { center_x: size.width / 2.0, center_y: size.height / 2.0, size, scale: 1.0, rotation: 0.0 }
    }

    /// Returns the place of a child.
    pub(super) fn child(&self, offset: &Offset) -> Self {
        let Offset { x, y, size, scale, rotation } = *offset;
        let across = self.scale * (x + size.width * scale / 2.0 - self.size.width / 2.0);
        let down = self.scale * (y + size.height * scale / 2.0 - self.size.height / 2.0);
        // A turn by 0 would be exact, too, but costs time.
        let (across, down) = if self.rotation == 0.0 {
            (across, down)
        } else {
            let (sin, cos) = self.rotation.to_radians().sin_cos();
            (across * cos - down * sin, across * sin + down * cos)
        };
        Self {
            center_x: finite(self.center_x + across),
            center_y: finite(self.center_y + down),
            size,
            scale: finite(self.scale * scale),
            rotation: finite(self.rotation + rotation),
        }
    }

    /// Returns the rectangle before the turn.
    pub(super) fn rect(&self) -> Rect {
        let (width, height) = (finite(self.size.width * self.scale), finite(self.size.height * self.scale));
        Rect::new(finite(self.center_x - width / 2.0), finite(self.center_y - height / 2.0), width, height)
    }
}
