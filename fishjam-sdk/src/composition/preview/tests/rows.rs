//! Rows, columns, borders, padding and absolute positions, computed by hand.

use serde_json::json;

use super::{assert_rects, at, layout};

#[test]
fn children_without_a_size_share_a_row() {
    let root = json!({ "type": "view", "children": [{ "type": "view" }, { "type": "view", "width": 100 }, { "type": "tiles" }] });
    assert_rects(
        &layout((400, 200), &root),
        &[
            ("", [0.0, 0.0, 400.0, 200.0]),
            (".children[0]", [0.0, 0.0, 150.0, 200.0]),
            (".children[1]", [150.0, 0.0, 100.0, 200.0]),
            (".children[2]", [250.0, 0.0, 150.0, 200.0]),
        ],
    );
}

#[test]
fn children_without_a_size_share_a_column() {
    let root = json!({ "type": "view", "direction": "column", "children": [
        { "type": "view", "height": 30, "width": 50 }, { "type": "view" }, { "type": "view" }, { "type": "view" },
    ]});
    // (200 - 30) / 3 = 56.67
    assert_rects(
        &layout((400, 200), &root),
        &[
            (".children[0]", [0.0, 0.0, 50.0, 30.0]),
            (".children[1]", [0.0, 30.0, 400.0, 56.666_67]),
            (".children[2]", [0.0, 86.666_67, 400.0, 56.666_67]),
            (".children[3]", [0.0, 143.333_33, 400.0, 56.666_67]),
        ],
    );
}

#[test]
fn inputs_and_images_take_their_own_size() {
    let root = json!({ "type": "view", "children": [
        { "type": "input_stream", "input_id": "vga" }, { "type": "image", "image_id": "logo" }, { "type": "view" },
        { "type": "input_stream", "input_id": "nobody" },
    ]});
    assert_rects(
        &layout((1000, 400), &root),
        &[
            (".children[0]", [0.0, 0.0, 640.0, 480.0]),
            (".children[1]", [640.0, 0.0, 200.0, 100.0]),
            (".children[2]", [840.0, 0.0, 160.0, 400.0]),
            (".children[3]", [1000.0, 0.0, 0.0, 0.0]),
        ],
    );
}

#[test]
fn shares_are_never_negative() {
    let root = json!({ "type": "view", "children": [{ "type": "view", "width": 300 }, { "type": "view", "width": 200 }, { "type": "view" }] });
    assert_rects(
        &layout((400, 200), &root),
        &[(".children[1]", [300.0, 0.0, 200.0, 200.0]), (".children[2]", [500.0, 0.0, 0.0, 200.0])],
    );
}

#[test]
fn padding_and_border_come_on_top_of_a_size() {
    // 100 + 2 * 5 + 2 * 10 = 130
    let box_100 = json!({ "type": "view", "width": 100, "height": 100, "border_width": 5, "padding": 10, "children": [{ "type": "view" }] });
    let root = json!({ "type": "view", "children": [box_100, { "type": "view" }] });
    assert_rects(
        &layout((400, 200), &root),
        &[
            (".children[0]", [0.0, 0.0, 130.0, 130.0]),
            (".children[0].children[0]", [15.0, 15.0, 100.0, 100.0]),
            (".children[1]", [130.0, 0.0, 270.0, 200.0]),
        ],
    );
}

#[test]
fn padding_and_border_are_part_of_a_share() {
    let root = json!({ "type": "view", "border_width": 4, "padding": 10, "padding_horizontal": 20, "padding_left": 30, "children": [
        { "type": "view", "border_width": 3, "padding_top": 7, "children": [{ "type": "view" }] }, { "type": "view" },
    ]});
    // Width: 400 - 2 * 4 - 30 - 20 = 342, and half of it is 171. Height: 200 - 2 * 4 - 2 * 10 = 172.
    assert_rects(
        &layout((400, 200), &root),
        &[
            (".children[0]", [34.0, 14.0, 171.0, 172.0]),
            (".children[0].children[0]", [37.0, 24.0, 165.0, 159.0]),
            (".children[1]", [205.0, 14.0, 171.0, 172.0]),
        ],
    );
}

#[test]
fn padding_of_a_side_replaces_the_general_padding() {
    let root = json!({ "type": "view", "padding": -1, "padding_vertical": 3, "padding_left": 1, "padding_right": 2, "padding_bottom": 4,
        "children": [{ "type": "view" }] });
    assert_rects(&layout((100, 100), &root), &[(".children[0]", [1.0, 3.0, 97.0, 93.0])]);
}

#[test]
fn anchors_count_from_the_outer_edges() {
    let child = |anchors: serde_json::Value| {
        let mut child = json!({ "type": "view", "width": 50, "height": 30, "border_width": 2 });
        child.as_object_mut().unwrap().extend(anchors.as_object().unwrap().clone());
        child
    };
    let root = json!({ "type": "view", "border_width": 10, "padding": 20, "children": [
        child(json!({ "top": 1, "left": 2 })), child(json!({ "top": 1, "right": 2 })),
        child(json!({ "bottom": 1, "left": 2 })), child(json!({ "bottom": -1, "right": -2 })),
        { "type": "view" },
    ]});
    // With its border, a child takes 54 x 34. The static child ignores the absolute ones.
    assert_rects(
        &layout((400, 200), &root),
        &[
            (".children[0]", [2.0, 1.0, 54.0, 34.0]),
            (".children[1]", [344.0, 1.0, 54.0, 34.0]),
            (".children[2]", [2.0, 165.0, 54.0, 34.0]),
            (".children[3]", [348.0, 167.0, 54.0, 34.0]),
            (".children[4]", [30.0, 30.0, 340.0, 140.0]),
        ],
    );
}

#[test]
fn absolute_child_without_a_size_has_the_size_of_its_parent() {
    let root = json!({ "type": "view", "children": [
        { "type": "view", "width": 200, "border_width": 5, "padding": 5, "children": [
            { "type": "rescaler", "top": 10, "right": 20, "width": 60, "border_width": 1, "child": { "type": "view" } },
            { "type": "view", "bottom": 0, "left": 0, "padding": 8, "children": [{ "type": "view" }] },
        ]},
    ]});
    // The outer size of the parent is 220 x 100.
    assert_rects(
        &layout((400, 100), &root),
        &[
            (".children[0].children[0]", [138.0, 10.0, 62.0, 100.0]),
            (".children[0].children[0].child", [139.0, 11.0, 60.0, 98.0]),
            (".children[0].children[1]", [0.0, 0.0, 220.0, 100.0]),
            (".children[0].children[1].children[0]", [8.0, 8.0, 204.0, 84.0]),
        ],
    );
}

#[test]
fn absolute_child_can_have_only_one_length() {
    let child = json!({ "type": "view", "width": 40, "border_width": 2, "padding": 3, "right": 15, "bottom": 25 });
    let parent =
        json!({ "type": "view", "width": 300, "height": 200, "border_width": 5, "padding": 10, "children": [child] });
    // The parent has 330 x 230. The child takes 40 + 4 + 6 = 50 of the width: 330 - 15 - 50 = 265 and 230 - 25 - 230 = -25.
    let root = json!({ "type": "view", "children": [parent] });
    assert_rects(&layout((1280, 720), &root), &[(".children[0].children[0]", [265.0, -25.0, 50.0, 230.0])]);
}

#[test]
fn rotation_turns_a_component_and_its_children() {
    let root = json!({ "type": "view", "children": [
        { "type": "view", "top": 50, "left": 100, "width": 200, "height": 100, "rotation": 90, "children": [
            { "type": "view", "width": 50 },
            { "type": "view", "top": 0, "left": 0, "width": 10, "height": 10, "rotation": 45 },
        ]},
    ]});
    let layout = layout((400, 200), &root);
    // The center is (200, 100). The center of the first child is 75 to the left of it, which becomes 75 above it.
    assert_rects(
        &layout,
        &[
            (".children[0]", [100.0, 50.0, 200.0, 100.0]),
            (".children[0].children[0]", [175.0, -25.0, 50.0, 100.0]),
            // 95 to the left and 45 above: 45 to the right and 95 above.
            (".children[0].children[1]", [240.0, 0.0, 10.0, 10.0]),
        ],
    );
    assert_eq!(at(&layout, ".children[0].children[0]").rotation(), 90.0);
    assert_eq!(at(&layout, ".children[0].children[1]").rotation(), 135.0);
}

#[test]
fn image_keeps_its_aspect_ratio_in_whole_pixels() {
    let image = |width: Option<f64>, height: Option<f64>| json!({ "type": "image", "image_id": "logo", "width": width, "height": height });
    let root = json!({ "type": "view", "children": [
        image(Some(101.0), None), image(None, Some(40.4)), image(Some(10.5), Some(99.6)), image(None, None),
    ]});
    // The logo has 200 x 100. 101 / 2 = 50.5, and 40.4 * 2 = 80.8.
    assert_rects(
        &layout((1000, 200), &root),
        &[
            (".children[0]", [0.0, 0.0, 101.0, 51.0]),
            (".children[1]", [101.0, 0.0, 81.0, 40.0]),
            (".children[2]", [182.0, 0.0, 11.0, 100.0]),
            (".children[3]", [193.0, 0.0, 200.0, 100.0]),
        ],
    );
}

#[test]
fn root_fills_the_picture_if_it_can_have_children() {
    for kind in ["view", "tiles"] {
        let root = json!({ "type": kind, "width": 10, "height": 10 });
        assert_rects(&layout((320, 180), &root), &[("", [0.0, 0.0, 320.0, 180.0])]);
    }
    let root =
        json!({ "type": "rescaler", "top": 5, "left": 5, "rotation": 30, "width": 10, "child": { "type": "view" } });
    let rescaler = layout((320, 180), &root);
    assert_rects(&rescaler, &[("", [0.0, 0.0, 320.0, 180.0]), (".child", [0.0, 0.0, 320.0, 180.0])]);
    assert_eq!(at(&rescaler, "").rotation(), 0.0);
    let root = json!({ "type": "input_stream", "input_id": "vga" });
    assert_rects(&layout((320, 180), &root), &[("", [0.0, 0.0, 640.0, 480.0])]);
    let root = json!({ "type": "image", "image_id": "logo", "width": 20, "height": 10 });
    assert_rects(&layout((320, 180), &root), &[("", [0.0, 0.0, 20.0, 10.0])]);
}

#[test]
fn components_after_an_estimate_are_marked() {
    let text = json!({ "type": "text", "text": "Hello", "font_size": 20 });
    let fixed = json!({ "type": "view", "width": 50 });
    let share = json!({ "type": "view", "children": [{ "type": "view" }] });
    let root =
        json!({ "type": "view", "children": [fixed, text, fixed, share, { "type": "view", "top": 0, "left": 0 }] });
    let layout = layout((400, 200), &root);
    // 5 * 0.55 * 20 = 55
    assert_rects(&layout, &[(".children[1]", [50.0, 0.0, 55.0, 20.0]), (".children[3]", [155.0, 0.0, 245.0, 200.0])]);
    let estimated: Vec<_> =
        layout.boxes().iter().filter(|component| component.is_estimated()).map(|component| component.path()).collect();
    assert_eq!(estimated, ["root.children[1]", "root.children[2]", "root.children[3]", "root.children[3].children[0]"]);
}

#[test]
fn estimated_height_does_not_move_a_row() {
    let column = json!({ "type": "text", "text": "Hello", "font_size": 20, "width": 50 });
    let estimated = |direction: &str, overflow: &str| {
        let root = json!({ "type": "view", "direction": direction, "overflow": overflow, "children": [column, { "type": "view" }] });
        at(&layout((400, 200), &root), ".children[1]").is_estimated()
    };
    assert!(!estimated("row", "hidden"));
    assert!(estimated("row", "fit"));
    assert!(estimated("column", "hidden"));
}
