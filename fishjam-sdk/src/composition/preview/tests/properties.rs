//! Properties of layouts of generated scenes.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{layout::Layout, layout_box::LayoutBox, rect::Rect},
    layout,
};

/// Distance that errors of rounding can cause, in pixels.
const ROUNDING: f64 = 1e-6;

fn overlap(a: Rect, b: Rect) -> bool {
    let common = a.intersection(&b);
    common.width > ROUNDING && common.height > ROUNDING
}

fn is_within(inner: Rect, outer: Rect) -> bool {
    inner.x >= outer.x - ROUNDING
        && inner.y >= outer.y - ROUNDING
        && inner.right() <= outer.right() + ROUNDING
        && inner.bottom() <= outer.bottom() + ROUNDING
}

/// Returns the children of each parent, by the path of the parent.
fn families(layout: &Layout) -> HashMap<&str, Vec<&LayoutBox>> {
    let mut families: HashMap<_, Vec<_>> = HashMap::new();
    for component in layout.boxes() {
        if let Some((parent, _)) = component.path().rsplit_once('.') {
            families.entry(parent).or_default().push(component);
        }
    }
    families
}

fn assert_siblings_apart(layout: &Layout) {
    for siblings in families(layout).values() {
        for (number, first) in siblings.iter().enumerate() {
            for second in siblings.iter().skip(number + 1) {
                assert!(!overlap(first.rect(), second.rect()), "{first:?} overlaps {second:?}");
            }
        }
    }
}

/// Checks that each element of a document ends where it must.
fn assert_well_formed(svg: &str) {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap_or_else(|| panic!("no end of {tag:?}"));
        assert!(!text.contains('>') && tag.matches('"').count() % 2 == 0, "{tag:?} {text:?}");
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

fn alignments() -> impl Strategy<Value = (&'static str, &'static str)> {
    let horizontal = prop::sample::select(vec!["left", "center", "right", "justified"]);
    let vertical = prop::sample::select(vec!["top", "center", "bottom", "justified"]);
    (horizontal, vertical)
}

/// Up to two members with these names, and numbers in this range.
fn lengths(
    names: &'static [&'static str],
    range: std::ops::Range<f64>,
) -> impl Strategy<Value = Vec<(&'static str, f64)>> {
    prop::collection::vec((prop::sample::select(names), range), 0..3)
}

fn with(mut component: Value, members: &[(&str, f64)]) -> Value {
    for (name, value) in members {
        if let Value::Object(component) = &mut component {
            component.insert((*name).to_owned(), json!(value));
        }
    }
    component
}

fn leaves() -> impl Strategy<Value = Value> {
    let ids = prop::sample::select(vec!["hd", "vga", "tall", "nobody"]);
    prop_oneof![
        ids.prop_map(|id| json!({ "type": "input_stream", "input_id": id })),
        lengths(&["width", "height"], 0.0..500.0)
            .prop_map(|members| with(json!({ "type": "image", "image_id": "logo" }), &members)),
        // The text lacks the letters of `inf`: the test fails if the document contains `inf`.
        ("[a-e<&\"' \u{1}\n]{0,40}", 1.0..60.0, lengths(&["width", "max_width", "max_height"], 0.0..400.0)).prop_map(
            |(text, size, members)| with(
                json!({ "type": "text", "text": text, "font_size": size, "wrap": "word" }),
                &members
            )
        ),
        Just(json!({ "type": "view", "background_color": "navy" })),
    ]
}

/// Trees of components. Without anchors, no component has an absolute position.
fn trees(anchors: &'static [&'static str], numbers: std::ops::Range<f64>) -> impl Strategy<Value = Value> {
    leaves().prop_recursive(5, 40, 5, move |inner| {
        let children = prop::collection::vec(inner.clone(), 0..5);
        let members = lengths(
            &["width", "height", "padding_left", "padding_vertical", "border_width", "border_radius"],
            0.0..400.0,
        );
        let frame = lengths(&["width", "height", "border_width"], numbers.clone());
        let place = prop::option::of((prop::sample::select(anchors), -200.0..800.0, -360.0..360.0));
        let direction = prop::sample::select(vec!["row", "column"]);
        let overflow = prop::sample::select(vec!["hidden", "visible", "fit"]);
        prop_oneof![
            (children.clone(), members, direction, overflow, place).prop_map(|(children, members, direction, overflow, place)| {
                let view = json!({ "type": "view", "children": children, "direction": direction, "overflow": overflow });
                let view = with(view, &members);
                match place {
                    Some(("static", ..)) | None => view,
                    Some((edge, distance, rotation)) => {
                        let other = if edge == "left" || edge == "right" { "top" } else { "left" };
                        with(view, &[(edge, distance), (other, 10.0), ("rotation", rotation)])
                    }
                }
            }),
            (inner, frame, alignments(), any::<bool>()).prop_map(|(child, frame, (horizontal, vertical), fill)| {
                let mode = if fill { "fill" } else { "fit" };
                let rescaler = json!({ "type": "rescaler", "child": child, "mode": mode, "horizontal_align": horizontal, "vertical_align": vertical });
                with(rescaler, &frame)
            }),
            (children, lengths(&["width", "height", "margin", "padding"], 0.0..100.0), alignments()).prop_map(
                |(children, lengths, (horizontal, vertical))| {
                    let tiles = json!({ "type": "tiles", "children": children, "horizontal_align": horizontal, "vertical_align": vertical });
                    with(tiles, &lengths)
                }
            ),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn tiles_fill_their_frame_in_order(
        (width, height) in (1_u32..2_000, 1_u32..2_000),
        (across, down) in (1_u32..40, 1_u32..40),
        count in 1_usize..60,
        (margin, padding) in (0.0..30.0, 0.0..20.0),
        (horizontal, vertical) in alignments(),
    ) {
        let root = json!({
            "type": "tiles", "tile_aspect_ratio": format!("{across}:{down}"), "margin": margin, "padding": padding,
            "horizontal_align": horizontal, "vertical_align": vertical, "children": vec![json!({ "type": "view" }); count],
        });
        let (width, height) = (2 * width, 2 * height);
        let layout = layout((width, height), &root);
        let (frame, tiles) = layout.boxes().split_first().unwrap();
        prop_assert_eq!(tiles.len(), count);

        // No number of rows has larger tiles.
        let (across, down) = (f64::from(across), f64::from(down));
        let spare = |length: u32, count: usize| -> f64 {
            (f64::from(length) - 2.0 * padding * count as f64 - margin * (count + 1) as f64) / count as f64
        };
        let largest = (1..=count)
            .map(|rows| (spare(width, count.div_ceil(rows)) / across).min(spare(height, rows) / down) * across)
            .fold(0.0, f64::max);
        for tile in tiles {
            let rect = tile.rect();
            prop_assert!((rect.width - largest).abs() < ROUNDING);
            prop_assert!((rect.width * down - rect.height * across).abs() < ROUNDING * across);
            prop_assert!(largest == 0.0 || is_within(rect, frame.rect()), "{:?} in {:?}", rect, frame.rect());
        }
        if largest > 0.0 {
            assert_siblings_apart(&layout);
            let in_order = |pair: &[LayoutBox]| match pair {
                [first, second] => (second.rect().y, second.rect().x) > (first.rect().y, first.rect().x),
                _ => true,
            };
            prop_assert!(tiles.windows(2).all(in_order));
        }
    }

    #[test]
    fn static_siblings_do_not_overlap(root in trees(&["static"], 0.0..400.0)) {
        let layout = layout((640, 360), &root);
        assert_siblings_apart(&layout);
        for component in layout.boxes() {
            prop_assert_eq!(component.rotation(), 0.0);
        }
    }

    #[test]
    fn layout_is_finite_and_drawable(root in trees(&["top", "bottom", "left", "right"], -1e5..1e12)) {
        let layout = layout((640, 360), &root);
        let picture = Rect::new(0.0, 0.0, 640.0, 360.0);
        for component in layout.boxes() {
            let rect = component.rect();
            for number in [rect.x, rect.y, rect.width, rect.height, component.rotation(), component.scale()] {
                prop_assert!(number.is_finite());
            }
            prop_assert!(rect.width >= 0.0 && rect.height >= 0.0);
            if let Some(visible) = component.visible() {
                prop_assert!(is_within(visible, picture), "{:?}", component);
            }
        }
        let svg = layout.to_svg();
        assert_well_formed(&svg);
        prop_assert_eq!(&svg, &layout.to_svg());
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("href"));
    }
}
