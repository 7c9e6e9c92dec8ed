//! Tests of layouts.

mod clipping;
mod extremes;
mod properties;
mod rows;
mod scaling;
mod snapshots;
mod tiles;

use serde_json::{Value, json};

use super::{super::scene::Scene, layout::Layout, layout_box::LayoutBox, sizes::InputSizes};

/// Returns the layout of a scene with this root.
fn layout(resolution: (u32, u32), root: &Value) -> Layout {
    let sizes = InputSizes::new()
        .input("hd", 1280.0, 720.0)
        .input("vga", 640.0, 480.0)
        .input("tall", 360.0, 640.0)
        .image("logo", 200.0, 100.0);
    let scene = Scene::from_json(&json!({ "root": root }).to_string()).unwrap();
    scene.layout(resolution, sizes).unwrap()
}

/// Returns the component at a path, of which `root` is left out.
fn at<'a>(layout: &'a Layout, path: &str) -> &'a LayoutBox {
    let path = format!("root{path}");
    layout.boxes().iter().find(|component| component.path() == path).unwrap_or_else(|| panic!("no {path}"))
}

/// Checks rectangles within 0.01 pixels: x, y, width and height by path.
#[track_caller]
fn assert_rects(layout: &Layout, expected: &[(&str, [f64; 4])]) {
    for (path, expected) in expected {
        let rect = at(layout, path).rect();
        let actual = [rect.x, rect.y, rect.width, rect.height];
        let near = actual.iter().zip(expected).all(|(actual, expected)| (actual - expected).abs() <= 0.01);
        assert!(near, "{path}: {actual:?}, expected {expected:?}");
    }
}
