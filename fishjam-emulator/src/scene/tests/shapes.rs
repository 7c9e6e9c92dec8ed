//! Each member of each body, with other types, `null`, absent, and with unknown members beside it.

use super::*;

/// A body with every member, and the names of special members.
struct Body {
    operation: &'static str,
    body: Value,
    /// Members that must be present.
    required: &'static [&'static str],
    /// Members that cannot be `null`, although they can be absent.
    not_null: &'static [&'static str],
    /// Strings with fixed values.
    choices: &'static [&'static str],
    /// Numbers without a fraction.
    integers: &'static [&'static str],
    /// Objects that ignore unknown members.
    open: &'static [&'static str],
    /// Members with any value.
    any: &'static [&'static str],
}

const NOTHING: Body = Body {
    operation: "",
    body: Value::Null,
    required: &[],
    not_null: &[],
    choices: &[],
    integers: &[],
    open: &[],
    any: &[],
};

/// A scene with each member of each component. It is longer than the macro for JSON allows.
const SCENE: &str = r#"{
    "type": "view", "id": "v", "width": 1, "height": 1, "direction": "row",
    "top": 1, "left": 1, "bottom": 1, "right": 1, "rotation": 1,
    "transition": {
        "duration_ms": 1.5,
        "easing_function": { "function_name": "cubic_bezier", "points": [0, 0, 1, 1] },
        "should_interrupt": true
    },
    "overflow": "fit", "background_color": "red", "border_radius": 1, "border_width": 1, "border_color": "red",
    "box_shadow": [{ "offset_x": 1.5, "offset_y": 1, "color": "red", "blur_radius": 1 }],
    "padding": 1, "padding_vertical": 1, "padding_horizontal": 1,
    "padding_top": 1, "padding_right": 1, "padding_bottom": 1, "padding_left": 1,
    "children": [
        {
            "type": "rescaler", "id": "r", "mode": "fill", "horizontal_align": "left", "vertical_align": "top",
            "width": 1, "height": 1, "top": 1, "left": 1, "bottom": 1, "right": 1, "rotation": 1,
            "transition": { "duration_ms": 1, "easing_function": { "function_name": "linear" } },
            "border_radius": 1, "border_width": 1, "border_color": "red",
            "box_shadow": [{ "offset_x": 1.5, "offset_y": 1, "color": "red", "blur_radius": 1 }],
            "child": { "type": "image", "id": "i", "image_id": "x", "width": 1, "height": 1 }
        },
        {
            "type": "tiles", "id": "t", "width": 1, "height": 1, "background_color": "red",
            "tile_aspect_ratio": "1:1", "margin": 1, "padding": 1,
            "horizontal_align": "justified", "vertical_align": "justified",
            "transition": { "duration_ms": 1, "easing_function": { "function_name": "bounce" } },
            "children": [{ "type": "input_stream", "id": "s", "input_id": "x" }]
        },
        {
            "type": "text", "id": "x", "text": "x", "font_size": 1.5, "width": 1, "height": 1,
            "max_width": 1, "max_height": 1, "line_height": 1, "color": "red", "background_color": "red",
            "font_family": "Inter", "style": "italic", "align": "center", "wrap": "word", "weight": "semi_bold"
        }
    ]
}"#;

const COMPONENTS: Body = Body {
    required: &[
        "duration_ms",
        "points",
        "function_name",
        "child",
        "image_id",
        "input_id",
        "text",
        "font_size",
        "type",
        "root",
    ],
    choices: &[
        "type",
        "direction",
        "overflow",
        "mode",
        "horizontal_align",
        "vertical_align",
        "style",
        "align",
        "wrap",
        "weight",
        "function_name",
    ],
    open: &["transition", "easing_function"],
    ..NOTHING
};

fn bodies() -> Vec<Body> {
    let end = json!({ "any_of": ["a"], "all_of": ["a"], "any_input": true, "all_inputs": true });
    let video = json!({
        "resolution": { "width": 2, "height": 2 }, "initial": { "root": { "type": "view" } }, "send_eos_when": end,
    });
    let mut audio = json!({
        "initial": { "inputs": [{ "input_id": "a", "volume": 1.5 }] },
        "mixing_strategy": "sum_scale", "channels": "mono", "send_eos_when": end,
    });
    let rtmp = json!({ "type": "rtmp_client", "url": "rtmp://host", "video": video, "audio": audio });
    let opus = json!({ "type": "opus", "preset": "voip", "sample_rate": 1, "forward_error_correction": true });
    audio["encoder_preferences"] = json!([opus, { "type": "any" }]);
    let whip = json!({
        "type": "whip_client", "endpoint_url": "https://host", "bearer_token": "x", "video": video, "audio": audio,
    });
    let output = Body {
        operation: "register_output",
        required: &[
            "type",
            "url",
            "endpoint_url",
            "resolution",
            "width",
            "height",
            "initial",
            "root",
            "inputs",
            "input_id",
        ],
        choices: &["type", "mixing_strategy", "channels", "preset"],
        integers: &["width", "height", "sample_rate"],
        open: &["resolution", "encoder_preferences"],
        ..NOTHING
    };
    let input = Body {
        operation: "register_input",
        required: &["type", "endpoint_url", "url", "stream_key"],
        choices: &["type"],
        ..NOTHING
    };
    let image = Body {
        operation: "register_image",
        required: &["asset_type", "url", "width", "height"],
        choices: &["asset_type"],
        integers: &["width", "height"],
        open: &["resolution"],
        ..NOTHING
    };
    let unregister = Body { body: json!({ "schedule_time_ms": 1.5 }), open: &[""], ..NOTHING };
    vec![
        Body {
            operation: "create_composition",
            body: json!({ "autostart": true, "cleanup_without_inputs": true }),
            not_null: &["autostart", "cleanup_without_inputs"],
            ..NOTHING
        },
        Body {
            operation: "send_composition_event",
            body: json!({ "event_name": "e", "data": {} }),
            required: &["event_name"],
            any: &["data"],
            open: &["data"],
            ..NOTHING
        },
        Body {
            body: json!({ "asset_type": "svg", "url": "https://h", "resolution": { "width": 1, "height": 1 } }),
            ..image
        },
        Body { operation: "register_image", body: json!({ "asset_type": "gif", "url": "https://h" }), ..image },
        Body { body: json!({ "type": "whip_server", "bearer_token": "x", "video": true }), ..input },
        Body {
            body: json!({ "type": "whep_client", "endpoint_url": "https://h", "bearer_token": "x", "video": true }),
            ..input
        },
        Body { body: json!({ "type": "mp4", "url": "https://h", "loop": true }), ..input },
        Body { body: json!({ "type": "rtmp_server", "stream_key": "x" }), ..input },
        Body { body: rtmp, ..output },
        Body { body: whip, ..output },
        Body { operation: "unregister_input", body: unregister.body.clone(), ..unregister },
        Body { operation: "unregister_output", body: unregister.body.clone(), ..unregister },
        Body { operation: "unregister_image", body: unregister.body.clone(), ..unregister },
        Body {
            operation: "update_output",
            body: json!({ "audio": { "inputs": [{ "input_id": "a", "volume": 1 }] }, "schedule_time_ms": 1.5 }),
            required: &["inputs", "input_id"],
            ..NOTHING
        },
        Body {
            operation: "update_output",
            body: json!({ "video": { "root": serde_json::from_str::<Value>(SCENE).unwrap() } }),
            ..COMPONENTS
        },
    ]
}

/// Returns the JSON pointers of a value and of all parts of it.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Returns the last name of a pointer, without the indexes behind it.
fn name(pointer: &str) -> &str {
    pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default()
}

/// Returns `true` if the pointer leads to an item of an array.
fn is_item(pointer: &str) -> bool {
    pointer.rsplit('/').next().is_some_and(|part| part.parse::<usize>().is_ok())
}

/// Asserts for every part of every body whether a change makes the shape wrong.
fn changes(expected: impl Fn(&Body, &str, &Value) -> Vec<(Value, bool)>) {
    let mut checked = 0;
    for case in bodies() {
        assert_ne!(verdict(case.operation, &case.body).0, 422, "{}", case.body);
        let mut found = Vec::new();
        pointers(&case.body, "", &mut found);
        for pointer in found {
            let original = case.body.pointer(&pointer).unwrap();
            for (value, is_wrong) in expected(&case, &pointer, original) {
                let mut body = case.body.clone();
                *body.pointer_mut(&pointer).unwrap() = value.clone();
                let (status, message) = verdict(case.operation, &body);
                assert_eq!(status == 422, is_wrong, "{} {pointer} = {value}: {status} {message}", case.operation);
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn other_type_is_wrong() {
    changes(|case, pointer, original| {
        let name = name(pointer);
        let is_any = case.any.contains(&name);
        let values = [json!(true), json!(1), json!(1.5), json!("no such value"), json!([]), json!({})];
        let judge = |value: Value| {
            let fits = match original {
                // A list of components or strings can be empty. An object needs its members.
                Value::Array(_) if name == "points" => false,
                Value::Array(_) => value.is_array(),
                Value::Object(_) => return None,
                Value::Bool(_) => value.is_boolean(),
                Value::Number(_) if case.integers.contains(&name) => value.is_u64(),
                Value::Number(_) => value.is_number(),
                Value::String(_) => value.is_string() && !case.choices.contains(&name),
                Value::Null => unreachable!("no body contains null"),
            };
            Some((value, !(fits || is_any)))
        };
        let objects = values.iter().filter(|value| original.is_object() && !value.is_object());
        let objects = objects.map(|value| (value.clone(), !is_any));
        values.iter().cloned().filter_map(judge).chain(objects).collect()
    });
}

#[test]
fn null_is_wrong_where_a_value_is_required() {
    changes(|case, pointer, _| {
        let name = name(pointer);
        let is_required = case.required.contains(&name) || case.not_null.contains(&name);
        let is_component_size = case.operation == "update_output" && matches!(name, "width" | "height");
        vec![(Value::Null, pointer.is_empty() || is_item(pointer) || (is_required && !is_component_size))]
    });
}

#[test]
fn required_member_cannot_be_absent() {
    changes(|case, _, original| {
        let Value::Object(members) = original else { return vec![] };
        let without = |name: &String| {
            let mut rest = members.clone();
            rest.remove(name);
            (Value::Object(rest), case.required.contains(&name.as_str()))
        };
        members.keys().map(without).collect()
    });
}

#[test]
fn unknown_member_is_wrong_in_closed_objects() {
    changes(|case, pointer, original| {
        let Value::Object(members) = original else { return vec![] };
        let mut more = members.clone();
        more.insert("unknown".to_owned(), json!(null));
        vec![(Value::Object(more), !case.open.contains(&name(pointer)))]
    });
}

#[test]
fn integer_has_no_fraction_and_no_sign() {
    changes(|case, pointer, original| match original {
        Value::Number(_) if case.integers.contains(&name(pointer)) => {
            vec![(json!(1.0), true), (json!(-1), true), (json!(1e30), true), (json!(0), false), (json!(7), false)]
        }
        Value::Number(_) => vec![(json!(1e39), false), (json!(-1), false), (json!(u64::MAX), false)],
        _ => vec![],
    });
}

#[test]
fn bezier_has_exactly_four_points() {
    let with = |points: Value| {
        let easing = json!({ "function_name": "cubic_bezier", "points": points });
        scene(json!({ "type": "view", "transition": { "duration_ms": 1, "easing_function": easing } })).0
    };
    assert_eq!(with(json!([0, 0, 1, 1])), 200);
    for points in [json!([]), json!([0, 0, 1]), json!([0, 0, 1, 1, 1]), json!([0, 0, 1, "1"]), json!([0, 0, 1, null])] {
        assert_eq!(with(points.clone()), 422, "{points}");
    }
}

#[test]
fn each_choice_is_accepted() {
    let text = json!({ "type": "text", "text": "x", "font_size": 1 });
    let rescaler = json!({ "type": "rescaler", "child": { "type": "view" } });
    let (view, tiles) = (json!({ "type": "view" }), json!({ "type": "tiles" }));
    let horizontal = ["left", "right", "justified", "center"];
    let vertical = ["top", "center", "bottom", "justified"];
    let weights = ["thin", "extra_light", "light", "normal", "medium", "semi_bold", "bold", "extra_bold", "black"];
    for (base, member, choices) in [
        (&view, "direction", &["row", "column"][..]),
        (&view, "overflow", &["visible", "hidden", "fit"]),
        (&rescaler, "mode", &["fit", "fill"]),
        (&rescaler, "horizontal_align", &horizontal),
        (&rescaler, "vertical_align", &vertical),
        (&tiles, "horizontal_align", &horizontal),
        (&tiles, "vertical_align", &vertical),
        (&text, "style", &["normal", "italic", "oblique"]),
        (&text, "align", &horizontal),
        (&text, "wrap", &["none", "glyph", "word"]),
        (&text, "weight", &weights),
    ] {
        for choice in choices {
            let mut root = base.clone();
            root[member] = json!(choice);
            accepts(root.clone());
            root[member] = json!(choice.to_uppercase());
            rejects(root, 422, &format!("root.{member}"));
        }
    }
}

#[test]
fn component_that_is_not_offered_is_an_unknown_tag() {
    for kind in ["web_view", "shader", "View", "", "component"] {
        rejects(json!({ "type": kind }), 422, "root.type");
    }
    rejects(json!({ "type": null }), 422, "root.type");
    rejects(json!({ "id": "v" }), 422, "root");
}

#[test]
fn body_must_be_an_object() {
    for operation in [
        "create_composition",
        "send_composition_event",
        "register_image",
        "unregister_image",
        "register_input",
        "unregister_input",
        "register_output",
        "unregister_output",
        "update_output",
    ] {
        for body in [json!(null), json!([]), json!("x"), json!(1), json!(true)] {
            let (status, message) = verdict(operation, &body);
            assert_eq!((status, message.as_str()), (422, "body: expected an object"), "{operation}");
        }
    }
}
