//! The grid of a `tiles` component: the rows, the columns and the size of a tile.

use fishjam_api::composition::types::{HorizontalAlign, Tiles, VerticalAlign};

use super::{
    super::scene::AspectRatio,
    numbers::{finite, number},
    rect::{Rect, Size},
};

/// Aspect ratio of tiles without `tile_aspect_ratio`.
const DEFAULT_ASPECT: AspectRatio = AspectRatio::new(16, 9);

/// A larger number of rows needs tiles that are larger by more than errors of rounding.
const MIN_GAIN: f64 = 1e-9;

/// Equal tiles in rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    /// Size of the `tiles` component.
    frame: Size,
    tiles: usize,
    rows: usize,
    columns: usize,
    tile: Size,
    margin: f64,
    padding: f64,
    horizontal: HorizontalAlign,
    vertical: VerticalAlign,
}

impl Grid {
    /// Chooses the number of rows with the largest tiles.
    pub(super) fn new(tiles: &Tiles, frame: Size) -> Self {
        let count = tiles.children.as_ref().map_or(0, Vec::len);
        let mut grid = Self {
            frame,
            tiles: count,
            rows: 1,
            columns: count.max(1),
            tile: Size::default(),
            margin: number(tiles.margin),
            padding: number(tiles.padding),
            horizontal: tiles.horizontal_align.unwrap_or(HorizontalAlign::Center),
            vertical: tiles.vertical_align.unwrap_or(VerticalAlign::Center),
        };
        let aspect = tiles.tile_aspect_ratio.as_deref().and_then(AspectRatio::parse).unwrap_or(DEFAULT_ASPECT);
        let (across, down) = (f64::from(aspect.width()), f64::from(aspect.height()));
        // A ratio with a zero has tiles without an area.
        if across <= 0.0 || down <= 0.0 {
            return grid;
        }
        let mut largest = 0.0;
        for rows in 1..=count {
            let columns = count.div_ceil(rows);
            let width = grid.free(frame.width, columns) / columns as f64 / across;
            let height = grid.free(frame.height, rows) / rows as f64 / down;
            let unit = width.min(height);
            if unit > largest * (1.0 + MIN_GAIN) {
                largest = unit;
                (grid.rows, grid.columns) = (rows, columns);
            }
        }
        grid.tile = Size::new(finite(across * largest), finite(down * largest));
        grid
    }

    /// Returns the length that this many columns or rows leave for their tiles.
    fn free(&self, length: f64, count: usize) -> f64 {
        length - 2.0 * self.padding * count as f64 - self.margin * (count as f64 + 1.0)
    }

    /// Returns a tile, relative to the component.
    pub(super) fn tile(&self, number: usize) -> Rect {
        let (row, column) = (number / self.columns, number % self.columns);
        let in_row = self.columns.min(self.tiles - row * self.columns);
        let (lead, gap) = match self.horizontal {
            HorizontalAlign::Left => (0.0, 0.0),
            HorizontalAlign::Center => (0.5, 0.0),
            HorizontalAlign::Right => (1.0, 0.0),
            HorizontalAlign::Justified => (1.0 / (in_row as f64 + 1.0), 1.0 / (in_row as f64 + 1.0)),
        };
        let x = self.position(self.frame.width, self.tile.width, column, in_row, (lead, gap));
        let (lead, gap) = match self.vertical {
            VerticalAlign::Top => (0.0, 0.0),
            VerticalAlign::Center => (0.5, 0.0),
            VerticalAlign::Bottom => (1.0, 0.0),
            VerticalAlign::Justified => (1.0 / (self.rows as f64 + 1.0), 1.0 / (self.rows as f64 + 1.0)),
        };
        let y = self.position(self.frame.height, self.tile.height, row, self.rows, (lead, gap));
        Rect::new(x, y, self.tile.width, self.tile.height)
    }

    /// Returns the start of a tile in its row or column. `spread` is the part of the free length before the first tile and
    /// between two tiles.
    fn position(&self, frame: f64, tile: f64, index: usize, count: usize, spread: (f64, f64)) -> f64 {
        let free = self.free(frame, count) - tile * count as f64;
        let index = index as f64;
        let gaps = self.margin * (index + 1.0) + self.padding * (2.0 * index + 1.0);
        finite(gaps + tile * index + free * (spread.0 + spread.1 * index))
    }
}
