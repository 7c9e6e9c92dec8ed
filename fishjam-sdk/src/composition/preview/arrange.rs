//! Places the children of a component.

use fishjam_api::composition::types::{
    Component, HorizontalAlign, Overflow, RescaleMode, Rescaler, Tiles, VerticalAlign, View, ViewDirection,
};

use super::{
    claim::{Claim, Padding},
    grid::Grid,
    numbers::{finite, length},
    rect::{Offset, Size},
};

/// A child in its parent.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedChild {
    pub(super) offset: Offset,
    /// Whether the place or the size depends on an estimate.
    pub(super) estimated: bool,
}

impl PlacedChild {
    fn new(x: f64, y: f64, size: Size, scale: f64, estimated: bool) -> Self {
        Self { offset: Offset { x, y, size, scale, rotation: 0.0 }, estimated }
    }

    /// Places an absolute child: from the outer edges of the parent, which replaces a missing size.
    fn absolute(claim: &Claim, parent: Size) -> Option<Self> {
        let anchors = claim.anchors?;
        let size = claim.size_or(parent);
        let (x, y) = anchors.position(parent, size);
        let mut placed = Self::new(x, y, size, 1.0, claim.estimated.any());
        placed.offset.rotation = anchors.rotation;
        Some(placed)
    }
}

/// Width and height in the order of a view's direction.
#[derive(Clone, Copy, Debug)]
struct Axes {
    row: bool,
}

impl Axes {
    /// Returns the length along the direction, then the length across it.
    fn split<T>(self, width: T, height: T) -> (T, T) {
        if self.row { (width, height) } else { (height, width) }
    }
}

/// Places the children of a component of this size.
pub(super) fn place_children(component: &Component, size: Size, claims: &[Claim]) -> Vec<PlacedChild> {
    match component {
        Component::View(parent) => view(parent, size, claims),
        Component::Tiles(parent) => tiles(parent, size, claims),
        Component::Rescaler(parent) => claims.iter().map(|claim| rescaler(parent, size, claim)).collect(),
        Component::InputStream(_) | Component::Image(_) | Component::Text(_) => Vec::new(),
    }
}

/// Places the children of a view.
fn view(view: &View, size: Size, claims: &[Claim]) -> Vec<PlacedChild> {
    let (border, padding) = (view.border_width.map_or(0.0, length), Padding::of(view));
    let axes = Axes { row: !matches!(view.direction, Some(ViewDirection::Column)) };
    let content = axes.split(
        (size.width - 2.0 * border - padding.left - padding.right).max(0.0),
        (size.height - 2.0 * border - padding.top - padding.bottom).max(0.0),
    );
    let line = Line::new(axes, content, matches!(view.overflow, Some(Overflow::Fit)), claims);
    let mut position = 0.0;
    let mut position_estimated = false;
    let place = |claim: &Claim| {
        if let Some(placed) = PlacedChild::absolute(claim, size) {
            return placed;
        }
        let (along, across) = axes.split(claim.width, claim.height);
        let along_estimated = axes.split(claim.estimated.width, claim.estimated.height).0;
        let share_estimated = line.share_estimated && along.is_none();
        let estimated = claim.estimated.any() || position_estimated || share_estimated || line.scale_estimated;
        let (along, across) = (along.unwrap_or(line.share), across.unwrap_or(content.1));
        let (x, y) = axes.split(position, 0.0);
        let (width, height) = axes.split(along, across);
        position = finite(position + along * line.scale);
        position_estimated |= along_estimated || share_estimated;
        let (x, y) = (border + padding.left + x, border + padding.top + y);
        PlacedChild::new(x, y, Size::new(width, height), line.scale, estimated)
    };
    claims.iter().map(place).collect()
}

/// Lengths and scale of the static children of a view.
struct Line {
    /// Length of a child without a size.
    share: f64,
    share_estimated: bool,
    /// Scale of all static children.
    scale: f64,
    scale_estimated: bool,
}

impl Line {
    fn new(axes: Axes, content: (f64, f64), fits: bool, claims: &[Claim]) -> Self {
        let (main, cross) = content;
        let (mut sized, mut without_size, mut widest) = (0.0, 0.0, 0.0_f64);
        let (mut share_estimated, mut scale_estimated) = (false, false);
        for claim in claims.iter().filter(|claim| claim.anchors.is_none()) {
            let (along, across) = axes.split(claim.width, claim.height);
            match along {
                Some(length) => sized += length,
                None => without_size += 1.0,
            }
            widest = widest.max(across.unwrap_or(cross));
            share_estimated |= axes.split(claim.estimated.width, claim.estimated.height).0;
            scale_estimated |= fits && claim.estimated.any();
        }
        let share = if without_size > 0.0 { ((main - sized) / without_size).max(0.0) } else { 0.0 };
        let mut scale = 1.0;
        if fits {
            let along = ratio(main, sized + share * without_size);
            scale = f64::min(along.unwrap_or(1.0), ratio(cross, widest).unwrap_or(1.0)).min(1.0);
        }
        Self { share, share_estimated, scale, scale_estimated }
    }
}

/// Places the child of a rescaler.
fn rescaler(rescaler: &Rescaler, size: Size, claim: &Claim) -> PlacedChild {
    if let Some(placed) = PlacedChild::absolute(claim, size) {
        return placed;
    }
    let border = rescaler.border_width.map_or(0.0, length);
    let content = Size::new((size.width - 2.0 * border).max(0.0), (size.height - 2.0 * border).max(0.0));
    let across = claim.width.and_then(|width| ratio(content.width, width));
    let down = claim.height.and_then(|height| ratio(content.height, height));
    let scale = match (across, down) {
        (Some(across), Some(down)) if matches!(rescaler.mode, Some(RescaleMode::Fill)) => across.max(down),
        (Some(across), Some(down)) => across.min(down),
        (only, None) | (None, only) => only.unwrap_or(1.0),
    };
    // The child fills the content in a direction without a size.
    let whole = |length: f64| ratio(length, scale).unwrap_or(0.0);
    let child = claim.size_or(Size::new(whole(content.width), whole(content.height)));
    let x = match rescaler.horizontal_align {
        Some(HorizontalAlign::Left) => 0.0,
        Some(HorizontalAlign::Right) => content.width - child.width * scale,
        Some(HorizontalAlign::Center | HorizontalAlign::Justified) | None => {
            (content.width - child.width * scale) / 2.0
        }
    };
    let y = match rescaler.vertical_align {
        Some(VerticalAlign::Top) => 0.0,
        Some(VerticalAlign::Bottom) => content.height - child.height * scale,
        Some(VerticalAlign::Center | VerticalAlign::Justified) | None => (content.height - child.height * scale) / 2.0,
    };
    PlacedChild::new(finite(border + x), finite(border + y), child, scale, claim.estimated.any())
}

/// Places the children of a `tiles` component.
fn tiles(tiles: &Tiles, size: Size, claims: &[Claim]) -> Vec<PlacedChild> {
    let children = tiles.children.as_deref().unwrap_or_default();
    let grid = Grid::new(tiles, size);
    let place = |(number, (child, claim)): (usize, (&Component, &Claim))| {
        let tile = grid.tile(number);
        let room = Size::new(tile.width, tile.height);
        if matches!(child, Component::View(_) | Component::Rescaler(_) | Component::Tiles(_)) {
            return PlacedChild::new(tile.x, tile.y, room, 1.0, false);
        }
        let own = claim.size_or(room);
        let scale = match (ratio(room.width, own.width), ratio(room.height, own.height)) {
            (Some(across), Some(down)) => across.min(down),
            (only, None) | (None, only) => only.unwrap_or(1.0),
        };
        let x = tile.x + (room.width - own.width * scale) / 2.0;
        let y = tile.y + (room.height - own.height * scale) / 2.0;
        PlacedChild::new(finite(x), finite(y), own, scale, claim.estimated.any())
    };
    children.iter().zip(claims).enumerate().map(place).collect()
}

/// Returns the factor from a length to the wanted length, or `None` for a length of 0.
fn ratio(wanted: f64, length: f64) -> Option<f64> {
    (length > 0.0).then(|| finite(wanted / length))
}
