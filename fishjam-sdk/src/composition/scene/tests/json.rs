//! Scenes that callers pass as JSON.

use serde_json::{Value, json};

use super::{accept, message, refuse, refuse_mix};
use crate::composition::scene::{AudioMix, Scene};

#[test]
fn text_that_is_not_json_is_refused_with_its_place() {
    for (json, reason) in [
        ("", "it ends too early"),
        ("{", "it ends too early"),
        (r#"{"root":{"type":"view","width":NaN}}"#, "it is not valid JSON, at line 1 column 32"),
        (r#"{"root":{"type":"view","width":1e400}}"#, "a number is out of range"),
        (r#"{"root":{"type":"view"}} sentinel"#, "it is not valid JSON"),
    ] {
        for error in [Scene::from_json(json).unwrap_err(), AudioMix::from_json(json).unwrap_err()] {
            assert_eq!(message(&error), "scene cannot be read");
            assert!(format!("{error:#}").contains(reason), "{json}: {error:#}");
        }
        if !json.contains("1e400") {
            let error = Scene::from_json_unchecked(json).unwrap_err();
            assert!(format!("{error:#}").contains(reason), "{json}: {error:#}");
        }
    }
}

#[test]
fn wrong_types_name_the_place_and_both_types() {
    for (root, place, problem) in [
        (json!("view"), "root", "expected an object, found a string"),
        (json!([]), "root", "expected an object, found an array"),
        (json!({ "type": 1 }), "root.type", "expected a string, found a number"),
        (json!({ "type": "view", "id": 1 }), "root.id", "expected a string, found a number"),
        (json!({ "type": "view", "width": "10" }), "root.width", "expected a number, found a string"),
        (json!({ "type": "view", "padding": true }), "root.padding", "expected a number, found a boolean"),
        (json!({ "type": "view", "children": {} }), "root.children", "expected an array, found an object"),
        (json!({ "type": "view", "children": [null] }), "root.children[0]", "expected an object, found null"),
        (json!({ "type": "view", "box_shadow": [1] }), "root.box_shadow[0]", "expected an object, found a number"),
        (json!({ "type": "view", "background_color": 1 }), "root.background_color", "expected a string"),
        (json!({ "type": "view", "transition": 1 }), "root.transition", "expected an object"),
        (
            json!({ "type": "view", "transition": { "duration_ms": 1, "should_interrupt": 1 } }),
            "root.transition.should_interrupt",
            "expected a boolean, found a number",
        ),
        (
            json!({ "type": "view", "transition": { "duration_ms": 1, "easing_function": "linear" } }),
            "root.transition.easing_function",
            "expected an object, found a string",
        ),
        (
            json!({ "type": "view", "transition": { "duration_ms": 1,
                "easing_function": { "function_name": "cubic_bezier", "points": [0, null, 1, 1] } } }),
            "root.transition.easing_function.points[1]",
            "expected a number, found null",
        ),
        (json!({ "type": "text", "text": 1, "font_size": 1 }), "root.text", "expected a string"),
        (json!({ "type": "tiles", "tile_aspect_ratio": 1.5 }), "root.tile_aspect_ratio", "expected a string"),
    ] {
        refuse(root, place, problem);
    }
}

#[test]
fn missing_members_are_named() {
    for (root, place) in [
        (json!({}), "root.type"),
        (json!({ "type": null }), "root.type"),
        (json!({ "type": "input_stream" }), "root.input_id"),
        (json!({ "type": "input_stream", "input_id": null }), "root.input_id"),
        (json!({ "type": "image" }), "root.image_id"),
        (json!({ "type": "text", "font_size": 1 }), "root.text"),
        (json!({ "type": "text", "text": "x" }), "root.font_size"),
        (json!({ "type": "rescaler" }), "root.child"),
        (json!({ "type": "view", "transition": {} }), "root.transition.duration_ms"),
        (
            json!({ "type": "view", "transition": { "duration_ms": 1, "easing_function": {} } }),
            "root.transition.easing_function.function_name",
        ),
        (
            json!({ "type": "view", "transition": { "duration_ms": 1,
                "easing_function": { "function_name": "cubic_bezier" } } }),
            "root.transition.easing_function.points",
        ),
    ] {
        refuse(root, place, "missing member");
    }
    assert_eq!(message(&Scene::from_json("{}").unwrap_err()), "invalid scene at root: missing member");
}

#[test]
fn unknown_members_are_named() {
    let child = json!({ "type": "view" });
    for (root, place) in [
        (json!({ "type": "view", "background": "#000000" }), "root.background"),
        (json!({ "type": "view", "child": child }), "root.child"),
        (json!({ "type": "rescaler", "child": child, "children": [] }), "root.children"),
        (json!({ "type": "rescaler", "child": child, "background_color": "red" }), "root.background_color"),
        (json!({ "type": "rescaler", "child": child, "padding": 1 }), "root.padding"),
        (json!({ "type": "rescaler", "child": child, "overflow": "fit" }), "root.overflow"),
        (json!({ "type": "tiles", "border_width": 1 }), "root.border_width"),
        (json!({ "type": "input_stream", "input_id": "i", "width": 1 }), "root.width"),
        (json!({ "type": "image", "image_id": "i", "mode": "fit" }), "root.mode"),
        (json!({ "type": "text", "text": "x", "font_size": 1, "padding": 1 }), "root.padding"),
        (json!({ "type": "view", "box_shadow": [{ "spread": 1 }] }), "root.box_shadow[0].spread"),
    ] {
        refuse(root, place, "unknown member");
    }
    let error = Scene::from_json(r#"{ "root": { "type": "view" }, "scene": 1 }"#).unwrap_err();
    assert_eq!(message(&error), "invalid scene at scene: unknown member");
}

/// A name can be anything, also a secret or control characters.
#[test]
fn odd_names_of_members_are_not_quoted() {
    let long = "x".repeat(41);
    for name in ["", "a b", "a\nb", "é", long.as_str()] {
        let problem = format!("unknown member with a name of {} bytes", name.len());
        refuse(json!({ "type": "view", name: 1 }), "root", &problem);
        let error = Scene::from_json(&json!({ "root": { "type": "view" }, name: 1 }).to_string()).unwrap_err();
        assert_eq!(message(&error), format!("invalid scene: {problem}"));
    }
}

/// Defect J2 of the official SDKs: they send `{}` instead of an unknown component.
#[test]
fn unknown_tags_and_values_list_the_accepted_ones() {
    let view = |member: &str| json!({ "type": "view", member: "sentinel" });
    for (root, place, values) in [
        (json!({ "type": "shader" }), "root.type", "input_stream, image, text, tiles, rescaler or view"),
        (json!({ "type": "View" }), "root.type", "input_stream, image, text, tiles, rescaler or view"),
        (view("direction"), "root.direction", "row or column"),
        (view("overflow"), "root.overflow", "visible, hidden or fit"),
        (
            json!({ "type": "tiles", "vertical_align": "left" }),
            "root.vertical_align",
            "top, center, bottom or justified",
        ),
        (
            json!({ "type": "tiles", "horizontal_align": "top" }),
            "root.horizontal_align",
            "left, right, justified or center",
        ),
        (json!({ "type": "rescaler", "child": { "type": "view" }, "mode": "cover" }), "root.mode", "fit or fill"),
        (json!({ "type": "text", "text": "", "font_size": 1, "wrap": "char" }), "root.wrap", "none, glyph or word"),
        (
            json!({ "type": "text", "text": "", "font_size": 1, "style": "bold" }),
            "root.style",
            "normal, italic or oblique",
        ),
        (
            json!({ "type": "text", "text": "", "font_size": 1, "weight": "heavy" }),
            "root.weight",
            "extra_bold or black",
        ),
        (
            json!({ "type": "view", "transition": { "duration_ms": 1, "easing_function": { "function_name": "ease" } } }),
            "root.transition.easing_function.function_name",
            "linear, bounce or cubic_bezier",
        ),
    ] {
        refuse(root, place, values);
    }
}

/// Each value of each enum, so that no list of values can be incomplete.
#[test]
fn every_value_of_an_enum_is_accepted() {
    for (kind, member, values) in [
        ("view", "direction", "row column"),
        ("view", "overflow", "visible hidden fit"),
        ("tiles", "horizontal_align", "left right justified center"),
        ("tiles", "vertical_align", "top center bottom justified"),
        ("rescaler", "mode", "fit fill"),
        ("rescaler", "horizontal_align", "left right justified center"),
        ("rescaler", "vertical_align", "top center bottom justified"),
        ("text", "align", "left right justified center"),
        ("text", "style", "normal italic oblique"),
        ("text", "wrap", "none glyph word"),
        ("text", "weight", "thin extra_light light normal medium semi_bold bold extra_bold black"),
    ] {
        for value in values.split(' ') {
            let mut root = json!({ "type": kind, member: value });
            match kind {
                "rescaler" => root["child"] = json!({ "type": "view" }),
                "text" => (root["text"], root["font_size"]) = (json!("x"), json!(1.5)),
                _ => {}
            }
            assert_eq!(round_trip(&root), root);
        }
    }
}

/// Returns the JSON that the SDK sends for a component.
fn round_trip(root: &Value) -> Value {
    let scene = Scene::from_json(&json!({ "root": root }).to_string()).unwrap();
    serde_json::to_value(scene).unwrap()["root"].clone()
}

#[test]
fn scene_keeps_every_member() {
    let shadow = json!([{ "offset_x": 1.5, "offset_y": 2.5, "blur_radius": 3.5, "color": " rgb(1,2,3) " }, {}]);
    let bezier = json!({ "function_name": "cubic_bezier", "points": [0.5, -1.5, 0.25, 2.5] });
    let transition = json!({ "duration_ms": 100.5, "easing_function": bezier, "should_interrupt": true });
    let children = json!([
        { "type": "input_stream", "id": "1", "input_id": "a" },
        { "type": "image", "id": "2", "image_id": "b", "width": 1.5, "height": 2.5 },
        { "type": "text", "id": "3", "text": "c", "font_size": 1.5, "width": 2.5, "height": 3.5, "max_width": 4.5,
          "max_height": 5.5, "line_height": 6.5, "color": "red", "background_color": "#01020304", "font_family": "Inter",
          "style": "italic", "align": "right", "wrap": "word", "weight": "black" },
        { "type": "tiles", "id": "4", "children": [], "width": 1.5, "height": 2.5, "background_color": "blue",
          "tile_aspect_ratio": "4:3", "margin": 3.5, "padding": 4.5, "horizontal_align": "justified",
          "vertical_align": "bottom", "transition": { "duration_ms": 0.5, "easing_function": { "function_name": "linear" } } },
        { "type": "rescaler", "id": "5", "child": { "type": "view" }, "mode": "fill", "horizontal_align": "left",
          "vertical_align": "top", "width": 1.5, "height": 2.5, "bottom": 3.5, "right": 4.5, "rotation": 5.5,
          "transition": { "duration_ms": 0.5, "easing_function": { "function_name": "bounce" } }, "border_radius": 6.5,
          "border_width": 7.5, "border_color": "#ABCDEF", "box_shadow": shadow },
    ]);
    let root = json!({
        "type": "view", "id": "0", "children": children, "width": 1.5, "height": 2.5, "direction": "column", "top": 3.5,
        "left": 4.5, "rotation": 5.5, "transition": transition, "overflow": "fit", "background_color": "green",
        "border_radius": 6.5, "border_width": 7.5, "border_color": "white", "box_shadow": shadow, "padding": 0.5,
        "padding_vertical": 1.5, "padding_horizontal": 2.5, "padding_top": 3.5, "padding_right": 4.5,
        "padding_bottom": 5.5, "padding_left": 6.5,
    });
    assert_eq!(round_trip(&root), root);
}

#[test]
fn null_is_the_same_as_absent() {
    let root = json!({ "type": "view", "id": null, "children": null, "width": null, "top": null, "transition": null,
        "box_shadow": null, "overflow": null });
    assert_eq!(round_trip(&root), json!({ "type": "view" }));
    let root = json!({ "type": "view", "transition": { "duration_ms": 1.5, "easing_function": null,
        "should_interrupt": null } });
    assert_eq!(round_trip(&root), json!({ "type": "view", "transition": { "duration_ms": 1.5 } }));
}

#[test]
fn last_of_equal_members_counts() {
    let json =
        r#"{ "root": 1, "root": { "type": "text", "type": "view", "padding": -1, "padding": 2.5, "id": null } }"#;
    let scene = serde_json::to_value(Scene::from_json(json).unwrap()).unwrap();
    assert_eq!(scene, json!({ "root": { "type": "view", "padding": 2.5 } }));
    let error = Scene::from_json(r#"{ "root": { "type": "view", "padding": 1, "padding": -1 } }"#).unwrap_err();
    assert_eq!(message(&error), "invalid scene at root.padding: negative padding -1; use 0 or more");
    let mix = AudioMix::from_json(r#"{ "inputs": 1, "inputs": [{ "input_id": "a", "input_id": "b" }] }"#).unwrap();
    assert_eq!(serde_json::to_value(mix).unwrap(), json!({ "inputs": [{ "input_id": "b" }] }));
}

#[test]
fn members_that_the_server_ignores_are_not_sent() {
    let root = json!({ "type": "view", "transition": { "duration_ms": 1.5, "delay": 1,
        "easing_function": { "function_name": "linear", "points": 1 } } });
    accept(root.clone());
    let expected = json!({ "duration_ms": 1.5, "easing_function": { "function_name": "linear" } });
    assert_eq!(round_trip(&root)["transition"], expected);
}

#[test]
fn unchecked_scene_is_sent_as_it_is() {
    let json = r#" {"root":{"type":"web_view","width": 1,"width":2}, "x": [1.0, 1e2]}"#;
    let scene = Scene::from_json_unchecked(json).unwrap();
    scene.check().unwrap();
    assert_eq!(serde_json::to_string(&scene).unwrap(), json.trim());
    assert!(scene.root().is_none());
}

#[test]
fn audio_mix_reports_each_wrong_member() {
    for (mix, place, problem) in [
        (json!([]), "", "expected an object, found an array"),
        (json!({}), " at inputs", "missing member"),
        (json!({ "inputs": null }), " at inputs", "missing member"),
        (json!({ "inputs": {} }), " at inputs", "expected an array, found an object"),
        (json!({ "inputs": [], "volume": 1 }), " at volume", "unknown member"),
        (json!({ "inputs": ["a"] }), " at inputs[0]", "expected an object, found a string"),
        (json!({ "inputs": [{}] }), " at inputs[0].input_id", "missing member"),
        (json!({ "inputs": [{ "input_id": 1 }] }), " at inputs[0].input_id", "expected a string"),
        (json!({ "inputs": [{ "input_id": "a", "volume": "1" }] }), " at inputs[0].volume", "expected a number"),
        (json!({ "inputs": [{ "input_id": "a", "mute": true }] }), " at inputs[0].mute", "unknown member"),
    ] {
        refuse_mix(mix, place, problem);
    }
    let mix = json!({ "inputs": [{ "input_id": "a", "volume": 0.5 }, { "input_id": "a" }] });
    assert_eq!(serde_json::to_value(AudioMix::from_json(&mix.to_string()).unwrap()).unwrap(), mix);
}

#[test]
fn errors_and_debug_quote_no_string_of_the_json() {
    let sentinel = "sentinel";
    let roots = [
        json!({ "type": sentinel }),
        json!({ "type": "view", "background_color": sentinel }),
        json!({ "type": "view", "direction": sentinel }),
        json!({ "type": "view", "width": sentinel }),
        json!({ "type": "tiles", "tile_aspect_ratio": sentinel }),
        json!({ "type": "view", "id": sentinel, "children": [{ "type": "view", "id": sentinel }] }),
    ];
    for root in roots {
        let error = Scene::from_json(&json!({ "root": root }).to_string()).unwrap_err();
        assert!(!format!("{error:#} {error:?}").contains(sentinel), "{error:#}");
    }
    let text = json!({ "root": { "type": "text", "text": sentinel, "font_size": 1, "id": sentinel } }).to_string();
    let scenes = [Scene::from_json(&text).unwrap(), Scene::from_json_unchecked(&text).unwrap()];
    assert!(!format!("{scenes:?} {:?}", AudioMix::all([sentinel])).contains(sentinel));
}
