//! The drawing of a curve.

use crate::bench::{
    chart::{draw, file_name},
    curve::{Curve, Point},
};

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
    for text in ["Rooms of a view", "rooms", "µs of CPU per event", "fishjam-sdk", "bare: prost &amp; &lt;std&gt;"] {
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
