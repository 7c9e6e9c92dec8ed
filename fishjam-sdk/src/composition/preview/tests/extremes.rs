//! Input that has no sensible layout.

use serde_json::{Value, json};

use super::{
    super::{
        super::scene::{InputStream, Scene, View},
        layout::Layout,
        sizes::InputSizes,
    },
    layout,
};
use crate::error::ErrorKind;

/// Checks that all numbers of a layout are finite, and that its drawing is one document.
fn assert_finite(layout: &Layout) {
    for component in layout.boxes() {
        let (rect, clip) = (component.rect(), component.clip());
        for number in [rect.x, rect.y, rect.width, rect.height, clip.x, clip.y, clip.width, clip.height] {
            assert!(number.is_finite(), "{component:?}");
        }
        assert!(rect.width >= 0.0 && rect.height >= 0.0, "{component:?}");
        assert!(component.rotation().is_finite() && component.scale().is_finite(), "{component:?}");
    }
    let svg = layout.to_svg();
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn layout_is_finite_for_extreme_numbers() {
    for number in [0.0_f64, -0.0, -1.0, 1e-30, -1e-30, 1e9, 3e38, -3e38] {
        let leaf = json!({ "type": "image", "image_id": "logo", "width": number });
        let text = json!({ "type": "text", "text": "some words", "font_size": 1e30, "width": number, "wrap": "word" });
        let mut tree =
            json!({ "type": "view", "children": [leaf, text, { "type": "input_stream", "input_id": "vga" }] });
        for kind in 0..12 {
            let mut parent = match kind % 3 {
                0 => {
                    json!({ "type": "rescaler", "child": tree, "border_width": number, "rotation": number, "top": number, "left": number })
                }
                1 => {
                    json!({ "type": "tiles", "children": [tree, { "type": "view" }], "margin": number, "padding": number })
                }
                _ => {
                    json!({ "type": "view", "children": [tree, { "type": "view", "right": number, "bottom": number }], "overflow": "fit",
                    "padding": number.abs(), "box_shadow": [{ "offset_x": number, "blur_radius": number, "color": "red" }], "border_radius": number })
                }
            };
            let members = parent.as_object_mut().unwrap();
            members.insert("width".to_owned(), json!(number));
            if kind > 5 {
                members.insert("height".to_owned(), json!(number));
            }
            tree = parent;
        }
        assert_finite(&layout((640, 360), &tree));
    }
}

#[test]
fn layout_is_finite_for_extreme_sizes_of_inputs() {
    let root = json!({ "type": "tiles", "children": [
        { "type": "rescaler", "mode": "fill", "child": { "type": "input_stream", "input_id": "a" } },
        { "type": "input_stream", "input_id": "a" },
        { "type": "view", "overflow": "fit", "children": [{ "type": "image", "image_id": "a", "width": 10 }] },
    ]});
    let scene = Scene::from_json(&json!({ "root": root }).to_string()).unwrap();
    for width in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, -1.0, 0.0] {
        for height in [f64::NAN, 1e300, 1.0] {
            assert_finite(
                &scene.layout((2, 2), InputSizes::new().input("a", width, height).image("a", height, width)).unwrap(),
            );
        }
    }
    assert_finite(
        &scene.layout((u32::MAX - 1, 2), InputSizes::new().other_inputs(1.0, 1.0).image("a", 1.0, 1.0)).unwrap(),
    );
}

#[test]
fn negative_lengths_are_zero() {
    let root = json!({ "type": "view", "children": [{ "type": "view", "width": -50, "border_width": -3 }, { "type": "view" }] });
    super::assert_rects(
        &layout((400, 200), &root),
        &[(".children[0]", [0.0, 0.0, 0.0, 200.0]), (".children[1]", [0.0, 0.0, 400.0, 200.0])],
    );
}

#[test]
fn deepest_scene_has_a_layout() {
    let (mut deepest, mut tree) = (None, View::new());
    for _ in 0..200 {
        tree = View::new().padding(1.0).child(tree);
        match Scene::new(tree.clone()).layout((640, 360), InputSizes::new()) {
            Ok(layout) => deepest = Some(layout),
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidInput),
        }
    }
    let deepest = deepest.unwrap();
    assert!(deepest.boxes().len() > 50, "{} components", deepest.boxes().len());
    let last = deepest.boxes().last().unwrap();
    assert_eq!(last.rect().x, deepest.boxes().len() as f64 - 1.0);
    assert!(last.path().ends_with(".children[0].children[0]"));
    assert_finite(&deepest);
}

#[test]
fn unchecked_json_has_no_layout() {
    let scene = Scene::from_json_unchecked(r#"{ "root": { "type": "view" } }"#).unwrap();
    let error = scene.layout((640, 360), InputSizes::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.message(), Some("no layout of unchecked JSON: create the scene with Scene::from_json"));
}

#[test]
fn invalid_scene_has_no_layout() {
    let scene = Scene::new(View::new().child(View::new().padding(-1.0)));
    let error = scene.layout((640, 360), InputSizes::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("root.children[0].padding"), "{error}");
}

#[test]
fn picture_has_an_even_size() {
    let scene = Scene::new(InputStream::new("ada"));
    for (resolution, message) in [
        ((0, 360), "invalid width 0: use an even number above 0"),
        ((641, 360), "invalid width 641: use an even number above 0"),
        ((640, 361), "invalid height 361: use an even number above 0"),
    ] {
        let error = scene.layout(resolution, InputSizes::new()).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidInput, Some(message)));
    }
    assert!(scene.layout((2, 2), InputSizes::new()).is_ok());
}

#[test]
fn image_without_a_size_is_an_error() {
    let image = |width: Value, height: Value| {
        let image = json!({ "type": "image", "image_id": "ada", "width": width, "height": height });
        let root = json!({ "type": "view", "children": [{ "type": "view" }, { "type": "rescaler", "child": image }] });
        let scene = Scene::from_json(&json!({ "root": root }).to_string()).unwrap();
        scene.layout((640, 360), InputSizes::from([("ada", (1.0, 1.0))]))
    };
    for (width, height) in [(json!(null), json!(null)), (json!(10), json!(null)), (json!(null), json!(10))] {
        let error = image(width, height).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let expected = "invalid scene at root.children[1].child: unknown size of image \"ada\"; add it to the sizes";
        assert_eq!(error.message(), Some(expected));
    }
    assert!(image(json!(10), json!(20)).is_ok());
}
