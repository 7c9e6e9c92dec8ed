use super::*;

#[test]
fn position_needs_one_offset_per_axis() {
    for kind in [json!({ "type": "view" }), json!({ "type": "rescaler", "child": { "type": "view" } })] {
        for (offsets, is_accepted) in [
            (json!({}), true),
            (json!({ "top": 0, "left": 0 }), true),
            (json!({ "top": -1e9, "right": 0.5 }), true),
            (json!({ "bottom": 1, "left": 1 }), true),
            (json!({ "bottom": 1, "right": 1, "rotation": -720 }), true),
            (json!({ "top": null, "left": null, "rotation": null }), true),
            (json!({ "top": 1, "bottom": null, "left": 1, "right": null }), true),
            (json!({ "top": 1 }), false),
            (json!({ "bottom": 1 }), false),
            (json!({ "left": 1 }), false),
            (json!({ "right": 1 }), false),
            (json!({ "rotation": 0 }), false),
            (json!({ "rotation": 1, "top": 1 }), false),
            (json!({ "rotation": 1, "right": 1 }), false),
            (json!({ "top": 1, "bottom": 1 }), false),
            (json!({ "left": 1, "right": 1 }), false),
            (json!({ "top": 1, "bottom": 1, "left": 1 }), false),
            (json!({ "top": 1, "left": 1, "right": 1 }), false),
            (json!({ "top": 1, "bottom": 1, "left": 1, "right": 1 }), false),
        ] {
            let mut root = kind.clone();
            root.as_object_mut().unwrap().extend(offsets.as_object().unwrap().clone());
            if is_accepted { accepts(root) } else { rejects(root, 400, "root") }
        }
    }
}

#[test]
fn position_reports_the_vertical_axis_first() {
    for (offsets, problem) in [
        (json!({ "type": "view", "rotation": 1 }), "top or bottom"),
        (json!({ "type": "view", "top": 1, "bottom": 1, "left": 1, "right": 1 }), "top and bottom"),
        (json!({ "type": "view", "left": 1, "right": 1 }), "top or bottom"),
        (json!({ "type": "view", "top": 1, "bottom": 1 }), "top and bottom"),
        (json!({ "type": "view", "top": 1 }), "left or right"),
        (json!({ "type": "view", "top": 1, "left": 1, "right": 1 }), "left and right"),
    ] {
        let (_, message) = scene(offsets);
        assert!(message.contains(problem), "{message}");
    }
}

#[test]
fn padding_of_a_side_is_not_negative() {
    for padding in [
        json!({ "type": "view", "padding": 0 }),
        json!({ "type": "view", "padding": -0.0 }),
        json!({ "type": "view", "padding": 1e39 }),
        // The member is a 32-bit float, so this number is 0.
        json!({ "type": "view", "padding": -1e-50 }),
        json!({ "type": "view", "padding": -1, "padding_vertical": 0, "padding_horizontal": 0 }),
        json!({ "type": "view", "padding": -1, "padding_vertical": 0, "padding_left": 0, "padding_right": 0 }),
        json!({ "type": "view", "padding_vertical": -1, "padding_top": 0, "padding_bottom": 0 }),
        json!({ "type": "view", "padding_horizontal": -1, "padding_left": 0, "padding_right": 0 }),
        json!({ "type": "view", "padding": -1, "padding_top": 0, "padding_bottom": 0, "padding_horizontal": 0 }),
    ] {
        accepts(padding);
    }
    for (padding, member) in [
        (json!({ "type": "view", "padding": -1 }), "padding"),
        (json!({ "type": "view", "padding": -1e39 }), "padding"),
        (json!({ "type": "view", "padding_vertical": -1, "padding": 5 }), "padding_vertical"),
        (json!({ "type": "view", "padding_horizontal": -1, "padding": 5 }), "padding_horizontal"),
        (json!({ "type": "view", "padding_top": -1, "padding_vertical": 5 }), "padding_top"),
        (json!({ "type": "view", "padding_right": -1, "padding_horizontal": 5 }), "padding_right"),
        (json!({ "type": "view", "padding_bottom": -0.01 }), "padding_bottom"),
        (json!({ "type": "view", "padding_left": -1 }), "padding_left"),
        (json!({ "type": "view", "padding": -1, "padding_vertical": 0 }), "padding"),
        (json!({ "type": "view", "padding": -1, "padding_top": 0, "padding_bottom": 0, "padding_left": 0 }), "padding"),
        (json!({ "type": "view", "padding": -1, "padding_top": null, "padding_horizontal": 0 }), "padding"),
    ] {
        rejects(padding, 400, &format!("root.{member}"));
    }
}

#[test]
fn other_numbers_have_no_limits() {
    accepts(json!({
        "type": "view", "width": -1, "height": -1e39, "border_radius": -1, "border_width": -1,
        "box_shadow": [{ "offset_x": -1, "offset_y": 1e300, "blur_radius": -1 }],
        "children": [
            { "type": "tiles", "width": -1, "height": -1, "margin": -1, "padding": -1 },
            { "type": "image", "image_id": "", "width": -1, "height": 0 },
            { "type": "text", "text": "", "font_size": 1, "width": -1, "height": -1, "max_width": -1, "max_height": -1 },
            { "type": "rescaler", "width": -1, "height": -1, "border_radius": -1, "border_width": -1, "child": { "type": "view" } },
        ],
    }));
}

#[test]
fn text_height_requires_a_width() {
    let text = |width: Value, height: Value| json!({ "type": "text", "text": "x", "font_size": 10, "width": width, "height": height });
    accepts(text(Value::Null, Value::Null));
    accepts(text(json!(1), Value::Null));
    accepts(text(json!(1), json!(1)));
    rejects(text(Value::Null, json!(1)), 400, "root.height");
}

#[test]
fn text_sizes_are_greater_than_zero() {
    let font = |size: Value| json!({ "type": "text", "text": "x", "font_size": size });
    let line = |height: Value| json!({ "type": "text", "text": "x", "font_size": 1, "line_height": height });
    for size in [json!(1e-40), json!(0.5), json!(1), json!(1e39)] {
        accepts(font(size.clone()));
        accepts(line(size));
    }
    accepts(line(Value::Null));
    // The smallest number is 0 as a 32-bit float.
    for size in [json!(0), json!(0.0), json!(-0.0), json!(-1), json!(1e-50), json!(-1e39)] {
        rejects(font(size.clone()), 400, "root.font_size");
        rejects(line(size), 400, "root.line_height");
    }
}

#[test]
fn aspect_ratio_has_two_integers() {
    let tiles = |ratio: &str| json!({ "type": "tiles", "tile_aspect_ratio": ratio });
    for ratio in ["16:9", "0:9", "9:0", "0:0", "1:4294967295", "016:09"] {
        accepts(tiles(ratio));
    }
    for ratio in [
        "",
        ":",
        "16",
        "16:",
        ":9",
        "16/9",
        "16 :9",
        "16: 9",
        " 16:9",
        "16:9 ",
        "16:9:1",
        "-1:1",
        "1.5:1",
        "1:4294967296",
    ] {
        rejects(tiles(ratio), 400, "root.tile_aspect_ratio");
    }
}

#[test]
fn colors_are_checked_wherever_they_occur() {
    let view = json!({ "type": "view" });
    let text = json!({ "type": "text", "text": "x", "font_size": 1 });
    let rescaler = json!({ "type": "rescaler", "child": { "type": "view" } });
    for (base, member) in [
        (&view, "background_color"),
        (&view, "border_color"),
        (&text, "color"),
        (&text, "background_color"),
        (&rescaler, "border_color"),
        (&json!({ "type": "tiles" }), "background_color"),
    ] {
        let with = |color: Value| {
            let mut root = base.clone();
            root[member] = color;
            root
        };
        accepts(with(json!(" red ")));
        accepts(with(Value::Null));
        rejects(with(json!("Red")), 400, &format!("root.{member}"));
    }
    for base in [&view, &rescaler] {
        let with = |color: Value| {
            let mut root = base.clone();
            root["box_shadow"] = json!([{ "color": "#000000" }, {}, { "color": color }]);
            root
        };
        accepts(with(json!("red")));
        accepts(with(Value::Null));
        rejects(with(json!("#000")), 400, "root.box_shadow[2].color");
    }
}

#[test]
fn transition_is_checked_in_each_container() {
    for base in [
        json!({ "type": "view" }),
        json!({ "type": "tiles" }),
        json!({ "type": "rescaler", "child": { "type": "view" } }),
    ] {
        let with = |transition: Value| {
            let mut root = base.clone();
            root["transition"] = transition;
            root
        };
        accepts(with(json!({ "duration_ms": 0, "should_interrupt": true })));
        rejects(with(json!({ "duration_ms": -1 })), 400, "root.transition.duration_ms");
    }
}

#[test]
fn path_leads_to_the_component() {
    let bad = json!({ "type": "text", "text": "x", "font_size": 0 });
    let rescaler = json!({ "type": "rescaler", "child": bad });
    let tiles = json!({ "type": "tiles", "children": [{ "type": "view" }, rescaler] });
    let view = json!({ "type": "view", "children": [{ "type": "view" }, { "type": "view" }, tiles] });
    rejects(view, 400, "root.children[2].children[1].child.font_size");
}

#[test]
fn view_reports_the_first_broken_rule() {
    breaks_in_order(
        &json!({ "type": "view" }),
        &[
            ("root", json!({ "top": 1 })),
            ("root.padding_top", json!({ "padding_top": -1 })),
            (
                "root.children[0]",
                json!({ "children": [{ "type": "view", "left": 1 }, { "type": "view", "padding": -1 }] }),
            ),
            (
                "root.children[1].padding",
                json!({ "children": [{ "type": "view" }, { "type": "view", "padding": -1 }] }),
            ),
            ("root.background_color", json!({ "background_color": "" })),
            ("root.transition.duration_ms", json!({ "transition": { "duration_ms": -1 } })),
            ("root.border_color", json!({ "border_color": "" })),
            ("root.box_shadow[0].color", json!({ "box_shadow": [{ "color": "" }] })),
        ],
    );
}

#[test]
fn rescaler_reports_the_first_broken_rule() {
    breaks_in_order(
        &json!({ "type": "rescaler", "child": { "type": "view" } }),
        &[
            ("root", json!({ "rotation": 1 })),
            ("root.child.padding", json!({ "child": { "type": "view", "padding": -1 } })),
            ("root.transition.duration_ms", json!({ "transition": { "duration_ms": -1 } })),
            ("root.border_color", json!({ "border_color": "" })),
            ("root.box_shadow[0].color", json!({ "box_shadow": [{ "color": "" }] })),
        ],
    );
}

#[test]
fn tiles_report_the_first_broken_rule() {
    breaks_in_order(
        &json!({ "type": "tiles" }),
        &[
            ("root.children[0].padding", json!({ "children": [{ "type": "view", "padding": -1 }] })),
            ("root.background_color", json!({ "background_color": "" })),
            ("root.tile_aspect_ratio", json!({ "tile_aspect_ratio": "" })),
            ("root.transition.duration_ms", json!({ "transition": { "duration_ms": -1 } })),
        ],
    );
}

#[test]
fn text_reports_the_first_broken_rule() {
    breaks_in_order(
        &json!({ "type": "text", "text": "x", "font_size": 1 }),
        &[
            ("root.height", json!({ "height": 1 })),
            ("root.font_size", json!({ "font_size": 0 })),
            ("root.line_height", json!({ "line_height": 0 })),
            ("root.color", json!({ "color": "" })),
            ("root.background_color", json!({ "background_color": "" })),
        ],
    );
}

#[test]
fn shape_is_checked_before_all_rules() {
    let view = json!({ "type": "view", "top": 1, "children": [{ "type": "view", "x": 1 }] });
    rejects(view, 422, "root.children[0].x");
}

#[test]
fn component_ids_are_unique() {
    let with = |first: Value, second: Value| {
        json!({ "type": "view", "id": "root", "children": [
            { "type": "rescaler", "child": { "type": "input_stream", "input_id": "a", "id": first } },
            { "type": "text", "text": "x", "font_size": 1, "id": second },
        ] })
    };
    accepts(with(json!("a"), json!("b")));
    accepts(with(json!("a"), json!("A")));
    accepts(with(Value::Null, Value::Null));
    for (first, second) in [(json!("a"), json!("a")), (json!("b"), json!("root")), (json!(""), json!(""))] {
        let update = json!({ "video": { "root": with(first, second) } });
        let (status, message) = verdict("update_output", &update);
        assert_eq!((status, message.split(':').next()), (400, Some("root.children[1]")), "{message}");
        let scene = check_update(&update).unwrap().video.unwrap();
        let refusal = scene.build(|_| true).unwrap_err();
        assert!(format!("{refusal:?}").contains("BUILD_SCENE_ERROR"));
        let mut scheduled = update;
        scheduled["schedule_time_ms"] = json!(1000);
        assert_eq!(verdict("update_output", &scheduled), (200, String::new()));
    }
}

#[test]
fn duplicate_id_is_reported_after_all_other_errors() {
    let twin = json!({ "type": "view", "id": "a" });
    let bad = json!({ "type": "view", "padding": -1 });
    rejects(json!({ "type": "view", "children": [twin, twin, bad] }), 400, "root.children[2].padding");
    let update = json!({
        "video": { "root": { "type": "view", "children": [twin, twin] } },
        "audio": { "inputs": [{ "input_id": "a", "volume": 3 }] },
    });
    assert!(verdict("update_output", &update).1.starts_with("audio.inputs[0].volume: "));
}

#[test]
fn image_must_be_registered_when_the_scene_is_built() {
    let input = json!({ "type": "input_stream", "input_id": "camera" });
    let root = json!({ "type": "view", "children": [
        { "type": "tiles", "children": [input, { "type": "image", "image_id": "logo" }, input] },
        { "type": "rescaler", "child": { "type": "image", "image_id": "background" } },
    ] });
    let update = check_update(&json!({ "video": { "root": root } })).unwrap();
    let scene = update.video.unwrap();
    assert_eq!(scene.value, json!({ "root": root }));
    assert_eq!(scene.build(|_| true), Ok(()));
    let refusal = scene.build(|image| image != "background").unwrap_err();
    assert_eq!(refusal.status, 400);
    let text = format!("{refusal:?}");
    assert!(text.contains("BUILD_SCENE_ERROR") && text.contains("root.children[1].child: unknown image"), "{text}");
}

#[test]
fn depth_has_the_limit_of_the_parser() {
    // Each view adds an object and an array. The body and `video` are two more objects.
    let text = |views: usize, inner: &str| {
        let open = r#"{"type":"view","children":["#.repeat(views);
        format!(r#"{{"video":{{"root":{open}{inner}{}}}}}"#, "]}".repeat(views))
    };
    let deepest: Value = serde_json::from_str(&text(62, r#"{"type":"view"}"#)).unwrap();
    assert_eq!(verdict("update_output", &deepest), (200, String::new()));
    assert!(serde_json::from_str::<Value>(&text(63, r#"{"type":"view"}"#)).is_err());
    let mut deeper = json!({ "type": "view" });
    for _ in 0..63 {
        deeper = json!({ "type": "view", "children": [deeper] });
    }
    assert_eq!(scene(deeper.clone()).0, 400);
    for _ in 0..1000 {
        deeper = json!([deeper]);
    }
    for operation in ["update_output", "send_composition_event", "unregister_input"] {
        assert_eq!(verdict(operation, &json!({ "event_name": "e", "data": deeper })).0, 400);
    }
}
