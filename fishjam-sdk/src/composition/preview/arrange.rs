//! Places the children of a component.

use fishjam_api::composition::types::{
    Component, HorizontalAlign, Overflow, RescaleMode, Rescaler, Tiles, VerticalAlign, View, ViewDirection,
};

use super::{
    claim::{Claim, Padding},
    grid::Grid,
    numbers::{LIMIT, finite, length},
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
        let mut placed = Self::new(x, y, size, 1.0, claim.estimated);
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
    let (main, cross) = axes.split(
        (size.width - 2.0 * border - padding.left - padding.right).max(0.0),
        (size.height - 2.0 * border - padding.top - padding.bottom).max(0.0),
    );
    let static_claims = || claims.iter().filter(|claim| claim.anchors.is_none());
    let lengths = |claim: &Claim| axes.split(claim.width, claim.height);

    let mut sized = 0.0;
    let mut unsized_children = 0.0;
    let mut any_estimated = false;
    for claim in static_claims() {
        any_estimated |= claim.estimated;
        match lengths(claim).0 {
            Some(length) => sized += length,
            None => unsized_children += 1.0,
        }
    }
    let share = if unsized_children > 0.0 { ((main - sized) / unsized_children).max(0.0) } else { 0.0 };
    let fits = matches!(view.overflow, Some(Overflow::Fit));
    let scale = if fits {
        let widest = static_claims().map(|claim| lengths(claim).1.unwrap_or(cross)).fold(0.0, f64::max);
        let along = ratio(main, sized + share * unsized_children).unwrap_or(1.0);
        along.min(ratio(cross, widest).unwrap_or(1.0)).min(1.0)
    } else {
        1.0
    };

    let mut position = 0.0;
    let mut after_estimate = fits && any_estimated;
    let place = |claim: &Claim| {
        if let Some(placed) = PlacedChild::absolute(claim, size) {
            return placed;
        }
        let (along, across) = lengths(claim);
        let estimated = claim.estimated || after_estimate || (along.is_none() && any_estimated);
        after_estimate |= claim.estimated;
        let (along, across) = (along.unwrap_or(share), across.unwrap_or(cross));
        let (across_start, start) = (0.0, position);
        position = finite(position + along * scale);
        let (x, y) = axes.split(start, across_start);
        let (width, height) = axes.split(along, across);
        PlacedChild::new(
            border + padding.left + x,
            border + padding.top + y,
            Size::new(width, height),
            scale,
            estimated,
        )
    };
    claims.iter().map(place).collect()
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
    PlacedChild::new(finite(border + x), finite(border + y), child, scale, claim.estimated)
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
        let (across, down) = (ratio(room.width, own.width), ratio(room.height, own.height));
        let scale = across.unwrap_or(LIMIT).min(down.unwrap_or(LIMIT));
        let x = tile.x + (room.width - own.width * scale) / 2.0;
        let y = tile.y + (room.height - own.height * scale) / 2.0;
        PlacedChild::new(finite(x), finite(y), own, scale, claim.estimated)
    };
    children.iter().zip(claims).enumerate().map(place).collect()
}

/// Returns the scale that makes one length the other. A length of 0 has none.
fn ratio(wanted: f64, length: f64) -> Option<f64> {
    (length > 0.0).then(|| finite(wanted / length))
}
