//! The result of a measurement: how a cost grows, for the SDK and for the bare crates.

use std::fmt::Write as _;

/// A cost at several sizes.
pub(crate) struct Curve {
    /// The thing that grows, for example `Rooms of a view`. It is the title of the table and of the drawing.
    pub(crate) title: &'static str,
    /// The unit of the sizes, for example `rooms`.
    pub(crate) size: &'static str,
    /// The unit of the costs, for example `µs of CPU per event`. Less is better.
    pub(crate) cost: &'static str,
    /// The crates of the comparison, for example `tokio-tungstenite and prost`.
    pub(crate) bare: &'static str,
    /// The goal of the ratio or of the cost, as text.
    pub(crate) goal: &'static str,
    pub(crate) points: Vec<Point>,
}

/// The cost at one size. It is the median of rounds in which both candidates took turns.
pub(crate) struct Point {
    pub(crate) size: u64,
    pub(crate) sdk: f64,
    /// `None` if the bare crates have no such work.
    pub(crate) bare: Option<f64>,
}

impl Curve {
    /// Returns the curve as a Markdown table.
    pub(crate) fn table(&self) -> String {
        let Self { title, size, cost, bare, goal, points } = self;
        let mut table = format!("### {title}\n\nCost: {cost}. Bare: {bare}. Goal: {goal}.\n\n");
        let _ = writeln!(table, "| {size} | fishjam-sdk | bare | ratio |\n|---|---|---|---|");
        for Point { size, sdk, bare } in points {
            let (bare, ratio) = match bare {
                Some(bare) if *bare > 0.0 => (figure(*bare), format!("{:.2}", sdk / bare)),
                Some(bare) => (figure(*bare), String::new()),
                None => Default::default(),
            };
            let (size, sdk) = (grouped(&size.to_string()), figure(*sdk));
            let _ = writeln!(table, "| {size} | {sdk} | {bare} | {ratio} |");
        }
        table
    }
}

/// Returns a figure with three significant digits.
pub(crate) fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    grouped(&format!("{value:.decimals$}"))
}

/// Puts commas between the thousands of a decimal number.
pub(crate) fn grouped(number: &str) -> String {
    let (whole, decimals) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + decimals
}
