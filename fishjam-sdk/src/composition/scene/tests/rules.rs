//! The rules of the server and their order.

use serde_json::{Value, json};

use super::{accept, message, refuse, refuse_mix};
use crate::composition::scene::{AudioMix, Scene};

/// Returns a component of this type with these members.
fn with(kind: &str, members: Value) -> Value {
    let mut component = json!({ "type": kind });
    if kind == "rescaler" {
        component["child"] = json!({ "type": "view" });
    }
    if kind == "text" {
        component["text"] = json!("x");
        component["font_size"] = json!(10);
    }
    for (name, value) in members.as_object().expect("members are an object") {
        component[name] = value.clone();
    }
    component
}

#[test]
fn position_requires_one_anchor_in_each_direction() {
    for kind in ["view", "rescaler"] {
        for members in [
            json!({}),
            json!({ "top": 1, "left": 1 }),
            json!({ "top": -1.5, "right": 0, "rotation": 45 }),
            json!({ "bottom": 0, "left": 0 }),
            json!({ "bottom": 1, "right": 1, "top": null }),
        ] {
            accept(with(kind, members));
        }
        for (members, problem) in [
            (json!({ "top": 1 }), "requires left or right"),
            (json!({ "left": 1 }), "requires top or bottom"),
            (json!({ "rotation": 0 }), "requires top or bottom"),
            (json!({ "top": 1, "bottom": 1 }), "either top or bottom"),
            (json!({ "left": 1, "right": 1 }), "requires top or bottom"),
            (json!({ "top": 1, "left": 1, "right": 1 }), "either left or right"),
            (json!({ "top": 1, "bottom": 1, "left": 1, "right": 1 }), "either top or bottom"),
        ] {
            refuse(with(kind, members), "root", problem);
        }
    }
}

#[test]
fn tiles_and_leaves_have_no_position() {
    for kind in ["tiles", "text"] {
        for member in ["top", "bottom", "left", "right", "rotation"] {
            refuse(with(kind, json!({ member: 1 })), &format!("root.{member}"), "unknown member");
        }
    }
}

#[test]
fn padding_of_a_side_must_not_be_negative() {
    for members in [
        json!({ "padding": 0 }),
        json!({ "padding": -0.0 }),
        json!({ "padding": -1, "padding_vertical": 1, "padding_horizontal": 1 }),
        json!({ "padding_vertical": -1, "padding_top": 0, "padding_bottom": 0 }),
        json!({ "padding_horizontal": -1, "padding_left": 0, "padding_right": 0 }),
        json!({ "padding": -1, "padding_vertical": 0, "padding_left": 0, "padding_right": 0 }),
    ] {
        accept(with("view", members));
    }
    for (members, name) in [
        (json!({ "padding": -1 }), "padding"),
        (json!({ "padding": -1, "padding_vertical": 1 }), "padding"),
        (json!({ "padding_top": -0.5 }), "padding_top"),
        (json!({ "padding_right": -1, "padding": 3 }), "padding_right"),
        (json!({ "padding_bottom": -1 }), "padding_bottom"),
        (json!({ "padding_left": -1, "padding_horizontal": 3 }), "padding_left"),
        (json!({ "padding_vertical": -1, "padding_top": 0 }), "padding_vertical"),
        (json!({ "padding_horizontal": -1, "padding_right": 0 }), "padding_horizontal"),
    ] {
        refuse(with("view", members), &format!("root.{name}"), "negative padding");
    }
}

#[test]
fn other_lengths_can_be_negative_or_zero() {
    accept(with("view", json!({ "width": -1, "height": 0, "border_width": -1, "border_radius": -2 })));
    accept(with("rescaler", json!({ "width": -1, "height": 0, "border_width": -1, "border_radius": -2 })));
    accept(with("tiles", json!({ "width": -1, "height": 0, "margin": -1, "padding": -2 })));
    accept(with("image", json!({ "image_id": "i", "width": -1, "height": 0 })));
    accept(with("text", json!({ "width": -1, "height": -1, "max_width": -1, "max_height": 0 })));
    accept(with("view", json!({ "box_shadow": [{ "blur_radius": -1, "offset_x": -1, "offset_y": 0 }] })));
}

#[test]
fn text_height_requires_a_width() {
    accept(with("text", json!({ "width": 5 })));
    accept(with("text", json!({ "width": 5, "height": 5 })));
    refuse(with("text", json!({ "height": 5 })), "root.height", "height without width");
    refuse(with("text", json!({ "height": 5, "width": null })), "root.height", "height without width");
}

#[test]
fn font_size_and_line_height_must_be_positive() {
    accept(with("text", json!({ "font_size": 0.1, "line_height": 0.1 })));
    for value in [json!(0), json!(-0.0), json!(-1), json!(-0.5)] {
        refuse(with("text", json!({ "font_size": value })), "root.font_size", "use more than 0");
        refuse(with("text", json!({ "line_height": value })), "root.line_height", "use more than 0");
    }
}

#[test]
fn each_color_is_checked() {
    let shadow = json!([{ "color": "#010203" }, { "color": "x" }]);
    for (kind, members, place) in [
        ("view", json!({ "background_color": "x" }), "root.background_color"),
        ("view", json!({ "border_color": "#fff" }), "root.border_color"),
        ("view", json!({ "box_shadow": shadow }), "root.box_shadow[1].color"),
        ("rescaler", json!({ "border_color": "" }), "root.border_color"),
        ("rescaler", json!({ "box_shadow": shadow }), "root.box_shadow[1].color"),
        ("tiles", json!({ "background_color": "Red" }), "root.background_color"),
        ("text", json!({ "color": "transparent" }), "root.color"),
        ("text", json!({ "background_color": "rgba(0, 0, 0, 0.5)" }), "root.background_color"),
    ] {
        refuse(with(kind, members), place, "invalid color");
    }
    accept(with("view", json!({ "background_color": " red ", "border_color": "rgb( 1 , 2 , 3 )" })));
}

#[test]
fn aspect_ratio_of_tiles_is_checked() {
    accept(with("tiles", json!({ "tile_aspect_ratio": "0:9" })));
    for ratio in ["", "16/9", "16: 9", "16:9:1", "-1:1", "4294967296:1"] {
        refuse(with("tiles", json!({ "tile_aspect_ratio": ratio })), "root.tile_aspect_ratio", "invalid aspect ratio");
    }
}

#[test]
fn duration_must_fit_into_a_duration() {
    for kind in ["view", "rescaler", "tiles"] {
        for duration in [json!(0), json!(0.5), json!(1e22)] {
            accept(with(kind, json!({ "transition": { "duration_ms": duration } })));
        }
        for duration in [json!(-1), json!(-0.001), json!(-5e-324), json!(1.9e22), json!(1e300)] {
            let members = json!({ "transition": { "duration_ms": duration } });
            refuse(with(kind, members), "root.transition.duration_ms", "invalid duration");
        }
    }
}

#[test]
fn times_of_bezier_points_are_from_zero_to_one() {
    let bezier = |points: Value| {
        let easing = json!({ "function_name": "cubic_bezier", "points": points });
        with("view", json!({ "transition": { "duration_ms": 1, "easing_function": easing } }))
    };
    accept(bezier(json!([0, -5, 1, 5.5])));
    let place = "root.transition.easing_function.points";
    refuse(bezier(json!([-0.1, 0, 1, 1])), &format!("{place}[0]"), "invalid time -0.1");
    refuse(bezier(json!([1.5, 0, 2, 1])), &format!("{place}[0]"), "invalid time 1.5");
    refuse(bezier(json!([0, 0, 1.1, 1])), &format!("{place}[2]"), "invalid time 1.1");
    refuse(bezier(json!([0, 0, 1])), place, "expected 4 numbers, found 3");
    refuse(bezier(json!([0, 0, 1, 1, 1])), place, "expected 4 numbers, found 5");
}

#[test]
fn ids_are_unique_in_a_scene() {
    let child = |id: &str| json!({ "type": "input_stream", "input_id": "i", "id": id });
    accept(with(
        "view",
        json!({ "id": "a", "children": [child("b"), child("c"), { "type": "view" }, { "type": "view" }] }),
    ));
    accept(with("view", json!({ "id": "", "children": [child("i")] })));
    for kind in ["input_stream", "image", "text", "tiles", "rescaler", "view"] {
        let mut twin = with(kind, json!({ "id": "a" }));
        match kind {
            "input_stream" => twin["input_id"] = json!("i"),
            "image" => twin["image_id"] = json!("i"),
            _ => {}
        }
        let scene = with("tiles", json!({ "children": [child("a"), twin] }));
        refuse(scene, "root.children[1].id", "same id");
    }
    refuse(with("rescaler", json!({ "id": "a", "child": child("a") })), "root.child.id", "same id");
}

/// Defect P19 of the official SDKs: they send any volume.
#[test]
fn volume_is_from_zero_to_two() {
    for volume in [json!(0), json!(2), json!(0.5), json!(-0.0), json!(null)] {
        AudioMix::from_json(&json!({ "inputs": [{ "input_id": "a", "volume": volume }] }).to_string()).unwrap();
    }
    AudioMix::from_json(r#"{ "inputs": [{ "input_id": "a" }, { "input_id": "a" }] }"#).unwrap();
    for volume in [json!(-0.1), json!(2.1), json!(5), json!(1e39)] {
        let mix = json!({ "inputs": [{ "input_id": "a" }, { "input_id": "b", "volume": volume }] });
        refuse_mix(mix, " at inputs[1].volume", "use a number from 0 to 2");
    }
}

/// The server stores lengths and volumes in 32 bits, so that these numbers are 0 or 2 for it.
#[test]
fn numbers_are_compared_in_32_bits() {
    accept(with("view", json!({ "padding": -1e-60 })));
    refuse(with("text", json!({ "font_size": 1e-60 })), "root.font_size", "use more than 0");
    AudioMix::from_json(r#"{ "inputs": [{ "input_id": "a", "volume": 2.00000001 }] }"#).unwrap();
    // Larger than any 32-bit number, but JSON has no limit: the server reads infinity.
    accept(with("view", json!({ "width": 1e39 })));
}

/// Wrong members: the name, the value and the place in the error. Earlier ones win.
type Wrong = Vec<(&'static str, Value, &'static str)>;

/// The server reports only the first error. Both sides must report the same one.
#[test]
fn first_error_in_the_order_of_the_server_is_reported() {
    let bad_child = json!({ "type": "text", "text": "x", "font_size": 10, "color": "x" });
    let bad_transition = json!({ "duration_ms": -1 });
    let bad_shadow = json!([{ "color": "x" }]);
    let orders: [(&str, Wrong); 4] = [
        (
            "view",
            vec![
                ("top", json!(1), "root: "),
                ("padding", json!(-1), "root.padding: "),
                ("children", json!([bad_child]), "root.children[0].color: "),
                ("background_color", json!("x"), "root.background_color: "),
                ("transition", bad_transition.clone(), "root.transition.duration_ms: "),
                ("border_color", json!("x"), "root.border_color: "),
                ("box_shadow", bad_shadow.clone(), "root.box_shadow[0].color: "),
            ],
        ),
        (
            "rescaler",
            vec![
                ("top", json!(1), "root: "),
                ("child", bad_child.clone(), "root.child.color: "),
                ("transition", bad_transition.clone(), "root.transition.duration_ms: "),
                ("border_color", json!("x"), "root.border_color: "),
                ("box_shadow", bad_shadow, "root.box_shadow[0].color: "),
            ],
        ),
        (
            "tiles",
            vec![
                ("children", json!([bad_child]), "root.children[0].color: "),
                ("background_color", json!("x"), "root.background_color: "),
                ("tile_aspect_ratio", json!("x"), "root.tile_aspect_ratio: "),
                ("transition", bad_transition, "root.transition.duration_ms: "),
            ],
        ),
        (
            "text",
            vec![
                ("height", json!(1), "root.height: "),
                ("font_size", json!(0), "root.font_size: "),
                ("line_height", json!(0), "root.line_height: "),
                ("color", json!("x"), "root.color: "),
                ("background_color", json!("x"), "root.background_color: "),
            ],
        ),
    ];
    for (kind, order) in orders {
        let mut members = json!({});
        // The loop adds the errors in reverse order, so each added error is the first one in the server's order.
        for (name, value, place) in order.into_iter().rev() {
            members[name] = value;
            let json = json!({ "root": with(kind, members.clone()) }).to_string();
            let message = message(&Scene::from_json(&json).unwrap_err());
            assert!(message.starts_with(&format!("invalid scene at {place}")), "{json}: {message}");
        }
    }
}

#[test]
fn equal_ids_are_the_last_error() {
    let twins =
        json!([{ "type": "view", "id": "a" }, { "type": "view", "id": "a" }, { "type": "view", "padding": -1 }]);
    refuse(with("view", json!({ "children": twins })), "root.children[2].padding", "negative");
}
