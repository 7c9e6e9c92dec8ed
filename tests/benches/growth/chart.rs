//! Draws a curve as an SVG.

use anyhow::ensure;
use plotters::{
    coord::Shift,
    prelude::{
        BLACK, ChartBuilder, Circle, DrawingArea, IntoDrawingArea, IntoFont, LineSeries, PathElement, RGBColor,
        SVGBackend, ShapeStyle, Text, WHITE,
    },
};

use super::{
    axis::Axis,
    curve::{Curve, Point},
};

const WIDTH: u32 = 760;
const HEIGHT: u32 = 420;
const MARGIN: i32 = 16;
const FONT: &str = "sans-serif";
const SDK: RGBColor = RGBColor(0x1f, 0x5f, 0xbf);
const BARE: RGBColor = RGBColor(0xd9, 0x82, 0x2b);
const GRID: RGBColor = RGBColor(0xe0, 0xe0, 0xe0);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One line of the drawing.
struct Line {
    name: String,
    style: ShapeStyle,
    /// Size and cost of each point.
    points: Vec<(f64, f64)>,
}

/// Draws both candidates over the sizes. The same curve results in the same text.
///
/// The size axis is logarithmic. The cost axis starts at 0, or is logarithmic if the costs differ by a large factor.
///
/// # Errors
///
/// Returns an error if the curve has no points, or if a cost is not finite or is negative.
pub(crate) fn draw(curve: &Curve) -> anyhow::Result<String> {
    let lines = lines(curve);
    let costs = || lines.iter().flat_map(|line| line.points.iter().map(|(_, cost)| *cost));
    ensure!(costs().count() > 0, "the curve \"{}\" has no points", curve.title);
    ensure!(costs().all(|cost| cost.is_finite() && cost >= 0.0), "the curve \"{}\" has an invalid cost", curve.title);
    let costs = Axis::of_costs(costs());
    let sizes = Axis::of_sizes(curve.points.iter().map(size));

    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        area.fill(&WHITE)?;
        draw_head(&area, curve.title, &lines)?;
        draw_lines(&area, curve, &lines, sizes, costs)?;
        area.present()?;
    }
    Ok(svg)
}

/// Returns the file name of a curve's drawing: the title in lower case, with dashes.
pub(crate) fn file_name(title: &str) -> String {
    let title = title.to_lowercase();
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    format!("{}.svg", words.collect::<Vec<_>>().join("-"))
}

/// Returns the lines. The line of the SDK is last and narrower, so that both are visible if they are equal.
fn lines(curve: &Curve) -> Vec<Line> {
    let bare: Vec<_> = curve.points.iter().filter_map(|point| Some((size(point), point.bare?))).collect();
    let sdk = curve.points.iter().map(|point| (size(point), point.sdk)).collect();
    let bare = Line { name: format!("bare: {}", curve.bare), style: filled(BARE).stroke_width(5), points: bare };
    let sdk = Line { name: "fishjam-sdk".to_owned(), style: filled(SDK).stroke_width(2), points: sdk };
    [bare, sdk].into_iter().filter(|line| !line.points.is_empty()).collect()
}

/// Returns the size on a logarithmic axis, which has no 0.
fn size(point: &Point) -> f64 {
    point.size.max(1) as f64
}

fn filled(color: RGBColor) -> ShapeStyle {
    ShapeStyle::from(color).filled()
}

/// Draws the title, and below it the name of each line.
fn draw_head(area: &Area<'_>, title: &str, lines: &[Line]) -> anyhow::Result<()> {
    area.draw(&Text::new(title, (MARGIN, MARGIN), (FONT, 20).into_font()))?;
    let y = MARGIN + 38;
    // The SDK has the left column.
    for (line, x) in lines.iter().rev().zip([MARGIN, MARGIN + 160]) {
        area.draw(&PathElement::new([(x, y), (x + 28, y)], line.style))?;
        area.draw(&Circle::new((x + 14, y), radius(line), line.style))?;
        area.draw(&Text::new(line.name.clone(), (x + 36, y - 7), (FONT, 14).into_font()))?;
    }
    Ok(())
}

fn draw_lines(area: &Area<'_>, curve: &Curve, lines: &[Line], sizes: Axis, costs: Axis) -> anyhow::Result<()> {
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .margin_top(MARGIN + 56)
        .x_label_area_size(48)
        .y_label_area_size(92)
        .build_cartesian_2d(sizes, costs)?;
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .axis_style(BLACK)
        .label_style((FONT, 13))
        .axis_desc_style((FONT, 14))
        .x_desc(curve.size)
        .y_desc(curve.cost)
        .draw()?;
    for line in lines {
        chart.draw_series(LineSeries::new(line.points.iter().copied(), line.style))?;
        chart.draw_series(line.points.iter().map(|point| Circle::new(*point, radius(line), line.style)))?;
    }
    Ok(())
}

fn radius(line: &Line) -> i32 {
    if line.style.stroke_width > 2 { 6 } else { 3 }
}
