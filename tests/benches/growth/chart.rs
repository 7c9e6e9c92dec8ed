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

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: Vec<Point>) -> Curve {
        Curve {
            title: "Rooms of a view",
            size: "rooms",
            cost: "µs of CPU per event",
            bare: "prost & <std>",
            goal: "at most 1.5",
            points,
        }
    }

    fn point(size: u64, sdk: f64, bare: Option<f64>) -> Point {
        Point { size, sdk, bare }
    }

    #[test]
    fn drawing_has_texts_and_one_dot_per_cost() {
        let points = vec![point(1, 12.0, Some(10.0)), point(50, 14.0, None), point(1000, 15.0, Some(11.0))];
        let svg = draw(&curve(points)).unwrap();
        for text in ["Rooms of a view", "rooms", "µs of CPU per event", "fishjam-sdk", "bare: prost &amp; &lt;std&gt;"]
        {
            assert!(svg.contains(&format!("\n{text}\n")), "{text}: {svg}");
        }
        for tick in ["1", "50", "1,000", "0", "5", "10", "15"] {
            assert!(svg.contains(&format!("\n{tick}\n")), "{tick}");
        }
        // Five dots, and one for each name.
        assert_eq!(svg.matches("<circle").count(), 7);
        let background = svg.find("<rect").unwrap();
        assert!(svg[background..].contains(r##"fill="#FFFFFF""##));
    }

    #[test]
    fn drawing_is_equal_for_equal_curves() {
        let drawn = || draw(&curve(vec![point(1, 1.0, Some(3.0)), point(10, 400.0, Some(3.0))])).unwrap();
        assert_eq!(drawn(), drawn());
    }

    #[test]
    fn drawing_without_bare_has_one_line() {
        let svg = draw(&curve(vec![point(1, 1.0, None)])).unwrap();
        assert!(!svg.contains("bare"));
        assert_eq!(svg.matches("<circle").count(), 2);
    }

    #[test]
    fn drawing_fails_without_valid_points() {
        for points in [vec![], vec![point(1, f64::NAN, None)], vec![point(1, 1.0, Some(-1.0))]] {
            let error = draw(&curve(points)).unwrap_err();
            assert!(error.to_string().contains("Rooms of a view"), "{error}");
        }
    }

    #[test]
    fn file_name_has_lower_case_and_dashes() {
        for (title, name) in [
            ("Rooms of a view", "rooms-of-a-view.svg"),
            ("Stale rooms (20 ms)", "stale-rooms-20-ms.svg"),
            ("RSS: peak/idle", "rss-peak-idle.svg"),
        ] {
            assert_eq!(file_name(title), name);
        }
    }
}
