//! Rescalers and `overflow: fit`, computed by hand.

use serde_json::{Value, json};

use super::{assert_rects, at, layout};

fn rescaler(child: &Value, members: &Value) -> Value {
    let mut rescaler = json!({ "type": "rescaler", "child": child });
    rescaler.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    rescaler
}

#[test]
fn rescaler_fits_its_child() {
    let vga = json!({ "type": "input_stream", "input_id": "vga" });
    // min(1000 / 640, 240 / 480) = 0.5
    for (members, x) in [
        (json!({}), 340.0),
        (json!({ "mode": "fit", "horizontal_align": "left" }), 0.0),
        (json!({ "horizontal_align": "right" }), 680.0),
        (json!({ "horizontal_align": "justified" }), 340.0),
    ] {
        let layout = layout((1000, 240), &rescaler(&vga, &members));
        assert_rects(&layout, &[(".child", [x, 0.0, 320.0, 240.0])]);
        assert_eq!(at(&layout, ".child").scale(), 0.5);
    }
}

#[test]
fn rescaler_fills_with_its_child() {
    let vga = json!({ "type": "input_stream", "input_id": "vga" });
    // max(960 / 640, 240 / 480) = 1.5, so the child has 960 x 720.
    for (align, y) in [("top", 0.0), ("center", -240.0), ("justified", -240.0), ("bottom", -480.0)] {
        let layout = layout((960, 240), &rescaler(&vga, &json!({ "mode": "fill", "vertical_align": align })));
        assert_rects(&layout, &[(".child", [0.0, y, 960.0, 720.0])]);
        let visible = at(&layout, ".child").visible().unwrap();
        assert_eq!((visible.y, visible.height), (0.0, 240.0));
    }
}

#[test]
fn rescaler_uses_the_only_known_length_of_its_child() {
    let child = json!({ "type": "view", "width": 100, "border_width": 10, "children": [{ "type": "view" }] });
    // The child takes 120 x ?: 360 / 120 = 3, and 180 / 3 = 60.
    for mode in ["fit", "fill"] {
        assert_rects(
            &layout((360, 180), &rescaler(&child, &json!({ "mode": mode }))),
            &[(".child", [0.0, 0.0, 360.0, 180.0]), (".child.children[0]", [30.0, 30.0, 300.0, 120.0])],
        );
    }
    let child = json!({ "type": "tiles", "height": 90 });
    let layout = layout((360, 180), &rescaler(&child, &json!({})));
    assert_rects(&layout, &[(".child", [0.0, 0.0, 360.0, 180.0])]);
    assert_eq!(at(&layout, ".child").scale(), 2.0);
}

#[test]
fn rescaler_leaves_a_child_without_a_size_unscaled() {
    let root = rescaler(&json!({ "type": "view" }), &json!({ "border_width": 5 }));
    let layout = layout((360, 180), &root);
    assert_rects(&layout, &[(".child", [5.0, 5.0, 350.0, 170.0])]);
    assert_eq!(at(&layout, ".child").scale(), 1.0);
}

#[test]
fn rescaler_takes_its_border_on_top_of_its_size() {
    let child = json!({ "type": "input_stream", "input_id": "tall" });
    let inner = rescaler(&child, &json!({ "width": 180, "height": 180, "border_width": 10 }));
    // The scale is 180 / 640 = 0.28125, and 360 * 0.28125 = 101.25.
    assert_rects(
        &layout((400, 300), &json!({ "type": "view", "children": [inner] })),
        &[(".children[0]", [0.0, 0.0, 200.0, 200.0]), (".children[0].child", [49.375, 10.0, 101.25, 180.0])],
    );
}

#[test]
fn nested_rescalers_multiply_their_scales() {
    let view = json!({ "type": "view", "width": 640, "height": 480, "padding": 20, "children": [{ "type": "input_stream", "input_id": "vga" }] });
    // With its padding, the view takes 680 x 520.
    let root = rescaler(&rescaler(&view, &json!({ "width": 340, "height": 260 })), &json!({}));
    let layout = layout((680, 520), &root);
    assert_rects(
        &layout,
        &[
            (".child", [0.0, 0.0, 680.0, 520.0]),
            (".child.child", [0.0, 0.0, 680.0, 520.0]),
            (".child.child.children[0]", [20.0, 20.0, 640.0, 480.0]),
        ],
    );
    assert_eq!(at(&layout, ".child").scale(), 2.0);
    assert_eq!(at(&layout, ".child.child").scale(), 1.0);
}

#[test]
fn absolute_child_of_a_rescaler_is_not_scaled() {
    let child = json!({ "type": "view", "width": 50, "height": 20, "bottom": 10, "right": 10 });
    let layout = layout((360, 180), &rescaler(&child, &json!({ "border_width": 5 })));
    assert_rects(&layout, &[(".child", [300.0, 150.0, 50.0, 20.0])]);
}

#[test]
fn fit_scales_a_row_down() {
    let root = json!({ "type": "view", "overflow": "fit", "children": [
        { "type": "view", "width": 600, "height": 100 }, { "type": "view", "width": 200, "height": 50 },
        { "type": "view", "top": 10, "left": 10, "width": 30, "height": 30 },
    ]});
    // min(1, 400 / 800, 200 / 100) = 0.5. The absolute child keeps its size.
    let layout = layout((400, 200), &root);
    assert_rects(
        &layout,
        &[
            (".children[0]", [0.0, 0.0, 300.0, 50.0]),
            (".children[1]", [300.0, 0.0, 100.0, 25.0]),
            (".children[2]", [10.0, 10.0, 30.0, 30.0]),
        ],
    );
}

#[test]
fn fit_scales_a_column_by_its_widest_child() {
    let root = json!({ "type": "view", "overflow": "fit", "direction": "column", "border_width": 10, "padding": 10, "children": [
        { "type": "view", "width": 720, "height": 40, "children": [{ "type": "view", "width": 100 }] }, { "type": "view" },
    ]});
    // The content is 360 x 160. The share is 160 - 40 = 120. min(1, 160 / 160, 360 / 720) = 0.5.
    assert_rects(
        &layout((400, 200), &root),
        &[
            (".children[0]", [20.0, 20.0, 360.0, 20.0]),
            (".children[0].children[0]", [20.0, 20.0, 50.0, 20.0]),
            (".children[1]", [20.0, 40.0, 180.0, 60.0]),
        ],
    );
}

#[test]
fn fit_never_scales_up() {
    let root =
        json!({ "type": "view", "overflow": "fit", "children": [{ "type": "view", "width": 10, "height": 10 }] });
    assert_rects(&layout((400, 200), &root), &[(".children[0]", [0.0, 0.0, 10.0, 10.0])]);
}

#[test]
fn children_keep_their_size_without_fit() {
    for overflow in ["visible", "hidden"] {
        let root = json!({ "type": "view", "overflow": overflow, "children": [{ "type": "view", "width": 800, "height": 300 }] });
        assert_rects(&layout((400, 200), &root), &[(".children[0]", [0.0, 0.0, 800.0, 300.0])]);
    }
}

#[test]
fn fit_counts_border_and_padding_of_its_children() {
    let child = json!({ "type": "view", "width": 680, "height": 90, "border_width": 10, "padding": 20 });
    let root = json!({ "type": "view", "overflow": "fit", "direction": "column", "border_width": 5, "padding": 10, "children": [
        { "type": "view", "width": 100, "height": 300 }, { "type": "view" }, child,
    ]});
    // The content is 370 x 270. The child takes 740 x 150, and the share is 0. min(1, 270 / 450, 370 / 740) = 0.5.
    assert_rects(
        &layout((400, 300), &root),
        &[
            (".children[0]", [15.0, 15.0, 50.0, 150.0]),
            (".children[1]", [15.0, 165.0, 185.0, 0.0]),
            (".children[2]", [15.0, 165.0, 370.0, 75.0]),
        ],
    );
}

#[test]
fn rescaler_fills_with_a_child_in_its_frame() {
    let child = json!({ "type": "view", "width": 300, "height": 200, "padding": 25, "children": [{ "type": "view" }] });
    let root = json!({ "type": "rescaler", "mode": "fill", "border_width": 20, "vertical_align": "justified", "child": child });
    // The child takes 350 x 250. max(960 / 350, 560 / 250) = 2.742857, so it has 960 x 685.71, and its padding has 68.57.
    let layout = layout((1000, 600), &root);
    assert_rects(
        &layout,
        &[
            (".child", [20.0, -42.857_14, 960.0, 685.714_29]),
            (".child.children[0]", [88.571_43, 25.714_29, 822.857_14, 548.571_43]),
        ],
    );
    let clip = at(&layout, ".child").clip();
    assert_eq!((clip.x, clip.y, clip.width, clip.height), (20.0, 20.0, 960.0, 560.0));
}
