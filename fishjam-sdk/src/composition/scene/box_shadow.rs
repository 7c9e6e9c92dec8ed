//! Shadows of components.

use std::fmt;

use fishjam_api::{UnknownMembers, composition::types};

use super::color::Color;

/// Shadow of a [`View`](super::View) or a [`Rescaler`](super::Rescaler). Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::composition::{BoxShadow, Color, View};
///
/// let shadow = BoxShadow::new().offset_y(4.0).blur_radius(12.0).color(Color::rgba(0, 0, 0, 128));
/// let view = View::new().box_shadow(shadow);
/// ```
#[derive(Clone)]
pub struct BoxShadow {
    pub(super) wire: types::BoxShadow,
}

impl BoxShadow {
    /// Creates a shadow with the server's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the distance to the right, in pixels. Server default: 0.
    #[must_use]
    pub fn offset_x(mut self, offset: f64) -> Self {
        self.wire.offset_x = Some(offset);
        self
    }

    /// Sets the distance downwards, in pixels. Server default: 0.
    #[must_use]
    pub fn offset_y(mut self, offset: f64) -> Self {
        self.wire.offset_y = Some(offset);
        self
    }

    /// Sets the width of the blurred edge, in pixels. Server default: 0.
    #[must_use]
    pub fn blur_radius(mut self, radius: f64) -> Self {
        self.wire.blur_radius = Some(radius);
        self
    }

    /// Sets the color.
    ///
    /// The default is not documented. The open-source engine uses [`Color::WHITE`].
    #[must_use]
    pub fn color(mut self, color: Color) -> Self {
        self.wire.color = Some(color.to_string());
        self
    }
}

impl Default for BoxShadow {
    fn default() -> Self {
        Self {
            wire: types::BoxShadow {
                blur_radius: None,
                color: None,
                offset_x: None,
                offset_y: None,
                extra: UnknownMembers::default(),
            },
        }
    }
}

impl fmt::Debug for BoxShadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types::BoxShadow { blur_radius, color, offset_x, offset_y, extra: _ } = &self.wire;
        f.debug_struct("BoxShadow")
            .field("offset_x", offset_x)
            .field("offset_y", offset_y)
            .field("blur_radius", blur_radius)
            .field("color", color)
            .finish()
    }
}
