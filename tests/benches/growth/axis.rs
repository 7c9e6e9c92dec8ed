//! The range and the ticks of an axis.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::curve::grouped;

/// Costs that differ by a larger factor have a logarithmic axis.
const LINEAR_FACTOR: f64 = 30.0;

/// Sizes that differ by a smaller factor have one tick, so that the labels do not overlap.
const TICK_FACTOR: f64 = 1.5;

/// Factors of a power of 10 that are ticks.
const NICE: [f64; 3] = [1.0, 2.0, 5.0];

/// An axis from `low` to `high`.
pub(crate) struct Axis {
    logarithmic: bool,
    low: f64,
    high: f64,
    pub(crate) ticks: Vec<f64>,
}

impl Axis {
    /// Creates the logarithmic axis of the sizes. Each size has a tick.
    pub(crate) fn of_sizes(sizes: impl IntoIterator<Item = f64>) -> Self {
        let mut ticks: Vec<f64> = sizes.into_iter().collect();
        ticks.sort_by(f64::total_cmp);
        let (least, most) = ends(&ticks);
        ticks.dedup_by(|next, kept| *next < *kept * TICK_FACTOR);
        let margin = (most / least).powf(0.04).max(1.05);
        Self { logarithmic: true, low: least / margin, high: most * margin, ticks }
    }

    /// Creates the axis of the costs. It starts at 0, unless the costs differ by a large factor.
    pub(crate) fn of_costs(costs: impl IntoIterator<Item = f64>) -> Self {
        let costs: Vec<f64> = costs.into_iter().collect();
        let (least, most) = ends(&costs);
        if least > 0.0 && most / least > LINEAR_FACTOR { Self::logarithmic(least, most) } else { Self::linear(most) }
    }

    fn linear(most: f64) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let power = 10_f64.powf((most / 5.0).log10().floor());
        let step = NICE.into_iter().map(|factor| factor * power).find(|step| most / step <= 6.0);
        let step = step.unwrap_or(10.0 * power);
        let ticks = (0..=6).map(f64::from).map(|at| at * step).filter(|tick| *tick <= most).collect();
        Self { logarithmic: false, low: 0.0, high: most * 1.06, ticks }
    }

    fn logarithmic(least: f64, most: f64) -> Self {
        let factors = if most / least > 1e4 { &NICE[..1] } else { &NICE[..] };
        let (low, high) = (least / 1.25, most * 1.25);
        let powers = (low.log10().floor() as i32..=high.log10().ceil() as i32).map(|power| 10_f64.powi(power));
        let ticks = powers.flat_map(|power| factors.iter().map(move |factor| factor * power));
        Self { logarithmic: true, low, high, ticks: ticks.filter(|tick| (low..=high).contains(tick)).collect() }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let part = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        start + (f64::from(end - start) * part).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    /// Formats a tick without zeros at the end of its decimals.
    fn format(tick: &f64) -> String {
        let rounded = format!("{tick:.6}");
        grouped(rounded.trim_end_matches('0').trim_end_matches('.'))
    }
}

fn ends(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, 0.0), |(least, most), value| (value.min(least), value.max(most)))
}
