//! The size and the position that a component requires from its parent.

use fishjam_api::composition::types::{Component, Image, Rescaler, View};

use super::{
    numbers::{finite, length, number},
    rect::Size,
    sizes::InputSizes,
    text,
};

/// The size and the position that a component requires from its parent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Claim {
    /// Width with border and padding. If it is absent, the parent chooses the width.
    pub(super) width: Option<f64>,
    /// Height with border and padding. If it is absent, the parent chooses the height.
    pub(super) height: Option<f64>,
    /// The place of an absolute component.
    pub(super) anchors: Option<Anchors>,
    /// Whether width and height are estimates.
    pub(super) estimated: Estimated,
}

/// Which lengths are estimates.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Estimated {
    pub(super) width: bool,
    pub(super) height: bool,
}

impl Estimated {
    pub(super) fn any(self) -> bool {
        self.width || self.height
    }
}

/// The place of an absolute component.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchors {
    horizontal: Anchor,
    vertical: Anchor,
    pub(super) rotation: f64,
}

/// The edge of the parent from which a distance counts.
#[derive(Clone, Copy, Debug)]
enum Anchor {
    Start(f64),
    End(f64),
}

impl Anchor {
    /// Uses the start, at 0, if there is neither distance. The rules of scenes exclude this.
    fn new(start: Option<f64>, end: Option<f64>) -> Self {
        match (start, end) {
            (None, Some(end)) => Self::End(finite(end)),
            (start, _) => Self::Start(number(start)),
        }
    }

    fn position(self, parent: f64, child: f64) -> f64 {
        match self {
            Self::Start(distance) => distance,
            Self::End(distance) => parent - distance - child,
        }
    }
}

impl Anchors {
    fn new(
        left: Option<f64>,
        right: Option<f64>,
        top: Option<f64>,
        bottom: Option<f64>,
        rotation: Option<f64>,
    ) -> Option<Self> {
        [left, right, top, bottom, rotation].iter().any(Option::is_some).then(|| Self {
            horizontal: Anchor::new(left, right),
            vertical: Anchor::new(top, bottom),
            rotation: number(rotation),
        })
    }

    /// Returns the distances from the left and the top edge of the parent.
    pub(super) fn position(&self, parent: Size, child: Size) -> (f64, f64) {
        let x = self.horizontal.position(parent.width, child.width);
        (x, self.vertical.position(parent.height, child.height))
    }
}

/// Padding of a view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Padding {
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    pub(super) left: f64,
}

impl Padding {
    pub(super) fn of(view: &View) -> Self {
        let vertical = view.padding_vertical.or(view.padding);
        let horizontal = view.padding_horizontal.or(view.padding);
        let side = |own: Option<f64>, general: Option<f64>| own.or(general).map_or(0.0, length);
        Self {
            top: side(view.padding_top, vertical),
            right: side(view.padding_right, horizontal),
            bottom: side(view.padding_bottom, vertical),
            left: side(view.padding_left, horizontal),
        }
    }
}

impl Claim {
    /// Returns the claim of a component, or `None` if it requires the size of an image that has none.
    pub(super) fn of(component: &Component, sizes: &InputSizes) -> Option<Self> {
        Some(match component {
            Component::View(view) => Self::of_view(view),
            Component::Rescaler(rescaler) => Self::of_rescaler(rescaler),
            Component::Tiles(tiles) => {
                Self { width: tiles.width.map(length), height: tiles.height.map(length), ..Self::default() }
            }
            Component::InputStream(input) => Self::of_leaf(sizes.of_input(&input.input_id)),
            Component::Image(image) => Self::of_leaf(image_size(image, sizes)?),
            Component::Text(text) => {
                let estimated = Estimated { width: text.width.is_none(), height: text.height.is_none() };
                Self { estimated, ..Self::of_leaf(text::measure(text)) }
            }
        })
    }

    fn of_view(view: &View) -> Self {
        let (border, padding) = (2.0 * view.border_width.map_or(0.0, length), Padding::of(view));
        Self {
            width: view.width.map(|width| length(width) + border + padding.left + padding.right),
            height: view.height.map(|height| length(height) + border + padding.top + padding.bottom),
            anchors: Anchors::new(view.left, view.right, view.top, view.bottom, view.rotation),
            estimated: Estimated::default(),
        }
    }

    fn of_rescaler(rescaler: &Rescaler) -> Self {
        let border = 2.0 * rescaler.border_width.map_or(0.0, length);
        let Rescaler { left, right, top, bottom, rotation, .. } = *rescaler;
        Self {
            width: rescaler.width.map(|width| length(width) + border),
            height: rescaler.height.map(|height| length(height) + border),
            anchors: Anchors::new(left, right, top, bottom, rotation),
            estimated: Estimated::default(),
        }
    }

    fn of_leaf(size: Size) -> Self {
        Self { width: Some(size.width), height: Some(size.height), ..Self::default() }
    }

    /// Returns the size. The given size replaces an absent width or height.
    pub(super) fn size_or(&self, other: Size) -> Size {
        Size::new(self.width.unwrap_or(other.width), self.height.unwrap_or(other.height))
    }
}

/// Returns the size of an image in whole pixels.
fn image_size(image: &Image, sizes: &InputSizes) -> Option<Size> {
    let own = || sizes.of_image(&image.image_id);
    let ratio = |given: f64, of: f64, to: f64| if of > 0.0 { length(given * to / of) } else { 0.0 };
    let size = match (image.width.map(length), image.height.map(length)) {
        (Some(width), Some(height)) => Size::new(width, height),
        (Some(width), None) => own().map(|own| Size::new(width, ratio(width, own.width, own.height)))?,
        (None, Some(height)) => own().map(|own| Size::new(ratio(height, own.height, own.width), height))?,
        (None, None) => own()?,
    };
    Some(Size::new(size.width.round(), size.height.round()))
}
