//! Drawing order, clipping, and the limit of boxes.

use serde_json::{Value, json};

use super::{
    super::{layout::Layout, layout_box::ComponentKind},
    at, layout,
};

fn visible(layout: &Layout, path: &str) -> Option<[f64; 4]> {
    at(layout, path).visible().map(|part| [part.x, part.y, part.width, part.height])
}

#[test]
fn boxes_are_in_drawing_order() {
    let root = json!({ "type": "view", "id": "all", "children": [
        { "type": "view", "top": 0, "left": 0, "children": [{ "type": "input_stream", "input_id": "vga", "id": "camera" }] },
        { "type": "rescaler", "child": { "type": "image", "image_id": "logo", "id": "mark" } },
        { "type": "text", "text": "secret words", "font_size": 20, "width": 10, "height": 10 },
        { "type": "input_stream", "input_id": "vga" },
    ]});
    let layout = layout((640, 360), &root);
    let paths: Vec<_> = layout.boxes().iter().map(|component| component.path()).collect();
    assert_eq!(
        paths,
        [
            "root",
            "root.children[0]",
            "root.children[0].children[0]",
            "root.children[1]",
            "root.children[1].child",
            "root.children[2]",
            "root.children[3]",
        ]
    );
    assert!((0..).zip(layout.boxes()).all(|(number, component)| component.z_index() == number));
    let kinds: Vec<_> = layout.boxes().iter().map(|component| component.kind().as_str()).collect();
    assert_eq!(kinds, ["view", "view", "input_stream", "rescaler", "image", "text", "input_stream"]);

    let camera = layout.component("camera").unwrap();
    assert_eq!((camera.kind(), camera.input_id(), camera.image_id()), (ComponentKind::InputStream, Some("vga"), None));
    let mark = layout.component("mark").unwrap();
    assert_eq!((mark.kind(), mark.input_id(), mark.image_id()), (ComponentKind::Image, None, Some("logo")));
    assert_eq!(layout.inputs("vga").map(|component| component.z_index()).collect::<Vec<_>>(), [2, 6]);
    assert!(layout.component("vga").is_none() && layout.inputs("camera").next().is_none());
    assert_eq!((layout.width(), layout.height()), (640, 360));
    assert!(!format!("{layout:?}").contains("secret"), "a caption is in the debug output");
}

#[test]
fn hidden_overflow_and_rescalers_clip() {
    let wide = json!({ "type": "view", "id": "wide", "width": 500, "height": 300, "top": 0, "left": 0 });
    let parent = |overflow: Value| {
        let child = json!({ "type": "view", "overflow": overflow, "top": 10, "left": 20, "width": 100, "height": 50, "border_width": 5, "children": [wide] });
        layout((640, 360), &json!({ "type": "view", "children": [child] }))
    };
    for overflow in [Value::Null, json!("hidden")] {
        let layout = parent(overflow);
        assert_eq!(visible(&layout, ".children[0].children[0]"), Some([25.0, 15.0, 100.0, 50.0]));
        assert!(at(&layout, ".children[0]").clips_children());
    }
    for overflow in ["visible", "fit"] {
        let layout = parent(json!(overflow));
        assert_eq!(visible(&layout, ".children[0].children[0]"), Some([20.0, 10.0, 500.0, 300.0]));
        assert!(!at(&layout, ".children[0]").clips_children());
    }
    let rescaler = json!({ "type": "rescaler", "border_width": 5, "child": wide });
    assert_eq!(visible(&layout((100, 50), &rescaler), ".child"), Some([5.0, 5.0, 90.0, 40.0]));
}

#[test]
fn clips_of_all_parents_apply() {
    let inner =
        json!({ "type": "view", "top": 0, "left": 50, "width": 400, "height": 20, "children": [{ "type": "view" }] });
    let outer = json!({ "type": "view", "width": 200, "children": [inner] });
    let layout =
        layout((640, 360), &json!({ "type": "view", "children": [outer, { "type": "view", "overflow": "visible" }] }));
    assert_eq!(visible(&layout, ".children[0].children[0].children[0]"), Some([50.0, 0.0, 150.0, 20.0]));
    let clip = at(&layout, ".children[0].children[0].children[0]").clip();
    assert_eq!((clip.x, clip.width), (50.0, 150.0));
}

#[test]
fn nothing_is_visible_outside_the_picture() {
    let root = json!({ "type": "view", "overflow": "visible", "children": [
        { "type": "view", "top": 0, "left": -100, "width": 100, "height": 10 },
        { "type": "view", "top": -5, "right": -5, "width": 10, "height": 10 },
        { "type": "view", "top": 0, "left": 0, "width": 0, "height": 10 },
    ]});
    let layout = layout((640, 360), &root);
    assert_eq!(visible(&layout, ".children[0]"), None);
    assert_eq!(visible(&layout, ".children[1]"), Some([635.0, 0.0, 5.0, 5.0]));
    assert_eq!(visible(&layout, ".children[2]"), None);
}

#[test]
fn visible_part_of_a_rotated_box_contains_it() {
    let root = json!({ "type": "view", "children": [
        { "type": "view", "top": 100, "left": 100, "width": 200, "height": 40, "rotation": 90, "children": [{ "type": "view" }] },
    ]});
    let layout = layout((640, 360), &root);
    let [x, y, width, height] = visible(&layout, ".children[0]").unwrap();
    // The center is (200, 120), and the box turns into 40 x 200.
    for (actual, expected) in [(x, 180.0), (y, 20.0), (width, 40.0), (height, 200.0)] {
        assert!((actual - expected).abs() < 0.01, "{actual} instead of {expected}");
    }
    let [x, _, width, _] = visible(&layout, ".children[0].children[0]").unwrap();
    assert!((x - 180.0).abs() < 0.01 && (width - 40.0).abs() < 0.01);
}

#[test]
fn boxes_count_as_in_the_engine() {
    let shadow = json!([{ "offset_x": 1 }, { "color": "#00000000" }, { "color": "red" }]);
    for (root, expected) in [
        (json!({ "type": "view" }), 0),
        (json!({ "type": "view", "background_color": "#00000000", "border_width": 3 }), 0),
        (json!({ "type": "view", "border_color": "red" }), 0),
        (json!({ "type": "view", "border_color": "red", "border_width": 3, "background_color": "blue" }), 1),
        (json!({ "type": "tiles", "background_color": "#00000001" }), 1),
        (json!({ "type": "view", "box_shadow": shadow }), 2),
        (json!({ "type": "rescaler", "child": { "type": "input_stream", "input_id": "vga" } }), 1),
        (json!({ "type": "rescaler", "child": { "type": "input_stream", "input_id": "nobody" } }), 0),
        (
            json!({ "type": "view", "children": [{ "type": "text", "text": "x", "font_size": 10, "background_color": "red" }] }),
            1,
        ),
        (json!({ "type": "image", "image_id": "logo" }), 1),
    ] {
        assert_eq!(layout((640, 360), &root).engine_boxes(), expected, "{root}");
    }
}

#[test]
fn boxes_beyond_the_limit_are_marked() {
    let mut children = vec![json!({ "type": "view", "background_color": "red" }); 99];
    // One shadow still fits, but not the box itself.
    children.push(json!({ "type": "view", "background_color": "red", "box_shadow": [{}] }));
    children.push(json!({ "type": "view", "children": [{ "type": "view", "background_color": "red" }] }));
    let layout = layout((1280, 720), &json!({ "type": "view", "children": children }));
    assert_eq!(layout.engine_boxes(), 102);
    let beyond: Vec<_> = layout
        .boxes()
        .iter()
        .filter(|component| component.is_beyond_box_limit())
        .map(|component| component.path())
        .collect();
    assert_eq!(beyond, ["root.children[99]", "root.children[100].children[0]"]);
}
