//! Random scenes as JSON. Most are valid; some values are at the limits or beyond them.

use std::{collections::HashMap, sync::LazyLock};

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Map, Value, json};

/// The values of a member: valid ones, then invalid ones of the correct type.
struct Pool {
    valid: Vec<Value>,
    invalid: Vec<Value>,
}

/// Returns the values of a member, which are created only once.
fn pool(member: &str) -> &'static Pool {
    static POOLS: LazyLock<HashMap<&str, Pool>> = LazyLock::new(|| {
        let members = ["image", "text", "view", "rescaler", "tiles", ""].map(optional_members).concat();
        members.into_iter().map(|member| (member, new_pool(member))).collect()
    });
    &POOLS[member]
}

fn new_pool(member: &str) -> Pool {
    let (valid, invalid) = match member {
        "id" => ((0..400).map(|id| json!(format!("id{id}"))).collect(), vec![]),
        "font_size" | "line_height" => (values(json!([1, 0.5, 1e39, 1e-40])), values(json!([0, -0.0, -1, 1e-60]))),
        name if name.starts_with("padding") => {
            (values(json!([0, -0.0, 1.5, 20, 1e39, -1e-60])), values(json!([-1, -0.5, -1e39, -1e-40])))
        }
        name if name.ends_with("color") => (
            values(json!([
                "#010203",
                "#AABBCCdd",
                " #010203 ",
                "\t#010203\n",
                "rgb(1,2,3)",
                "rgb( 1 ,2, 3 )",
                "rgba(1, 2 ,3,0.5)",
                "rgba(0,0,0,0)",
                "rgba(0,0,0,1)",
                "rgba(0,0,0,1e-3)",
                "rgb(+1,2,3)",
                "rgba(0,0,0,.5)",
                "rgba(0,0,0,+1.)",
                "rgb(007,0,0)",
                "red",
                " rebeccapurple",
                "burntsienna",
                "lightslategrey"
            ])),
            values(json!([
                "",
                " ",
                "#",
                "#fff",
                "#ffff",
                "#fffffff",
                "#gggggg",
                "red1",
                "Red",
                "transparent",
                "rgb(1,2)",
                "rgb(1,2,3,4)",
                "rgb(256,0,0)",
                "rgb(-1,0,0)",
                "rgb(1.5,0,0)",
                "rgb(1%,0,0)",
                "rgb(1,2,3",
                "RGB(1,2,3)",
                "rgb (1,2,3)",
                "rgba(1,2,3)",
                "rgba(0, 0, 0, 0.5)",
                "rgba(0,0,0,0.5 )",
                "rgba(0,0,0,1.5)",
                "rgba(0,0,0,-0.5)",
                "rgba(0,0,0,nan)",
                "rgba(0,0,0,inf)",
                "rgba(0,0,0,)",
                "rgba(1,2,3,0,0)",
                "hsl(1,2,3)",
                "#ééé"
            ])),
        ),
        "tile_aspect_ratio" => (
            values(json!(["16:9", "1:1", "+16:9", "016:09", "0:9", "9:0", "4294967295:1"])),
            values(json!([
                "",
                ":",
                "16",
                "16:",
                ":9",
                "16/9",
                "16: 9",
                " 16:9",
                "16:9:1",
                "-1:1",
                "4294967296:1",
                "1.5:1"
            ])),
        ),
        "direction" => (values(json!(["row", "column"])), values(json!(["rows", ""]))),
        "overflow" => (values(json!(["visible", "hidden", "fit"])), values(json!(["scroll"]))),
        "mode" => (values(json!(["fit", "fill"])), values(json!(["Fit"]))),
        "horizontal_align" | "align" => {
            (values(json!(["left", "right", "justified", "center"])), values(json!(["top", "middle"])))
        }
        "vertical_align" => (values(json!(["top", "bottom", "justified", "center"])), values(json!(["left"]))),
        "style" => (values(json!(["normal", "italic", "oblique"])), values(json!(["bold"]))),
        "wrap" => (values(json!(["none", "glyph", "word"])), values(json!(["char"]))),
        "weight" => (
            values(json!([
                "thin",
                "extra_light",
                "light",
                "normal",
                "medium",
                "semi_bold",
                "bold",
                "extra_bold",
                "black"
            ])),
            values(json!(["heavy", "400"])),
        ),
        "transition" => (
            values(json!([
                { "duration_ms": 0 },
                { "duration_ms": 1e22, "should_interrupt": true },
                { "duration_ms": 0.5, "easing_function": null, "should_interrupt": null },
                { "duration_ms": 1, "unknown": [{}] },
                { "duration_ms": 1, "easing_function": { "function_name": "linear", "unknown": 1 } },
                { "duration_ms": 1, "easing_function": { "function_name": "bounce" } },
                { "duration_ms": 1, "easing_function": { "function_name": "cubic_bezier", "points": [0, -1, 1, 2.5] } }
            ])),
            values(json!([
                {}, { "duration_ms": null }, { "duration_ms": -1 }, { "duration_ms": -0.001 }, { "duration_ms": -5e-324 },
                { "duration_ms": 1.9e22 },
                { "duration_ms": 1, "should_interrupt": 1 },
                { "duration_ms": 1, "easing_function": "linear" },
                { "duration_ms": 1, "easing_function": { "function_name": "ease" } },
                { "duration_ms": 1, "easing_function": {} },
                { "duration_ms": 1, "easing_function": { "function_name": "cubic_bezier" } },
                { "duration_ms": 1, "easing_function": { "function_name": "cubic_bezier", "points": [0, 0, 1] } },
                { "duration_ms": 1, "easing_function": { "function_name": "cubic_bezier", "points": [0, 0, 1, 1, 1] } },
                { "duration_ms": 1, "easing_function": { "function_name": "cubic_bezier", "points": [0, 0, "1", 1] } },
                { "duration_ms": 1, "easing_function": { "function_name": "cubic_bezier", "points": [-0.1, 0, 1, 1] } },
                { "duration_ms": 1, "easing_function": { "function_name": "cubic_bezier", "points": [0, 0, 1.1, 1] } }
            ])),
        ),
        "box_shadow" => (
            values(json!([
                [], [{}], [{ "offset_x": -1, "offset_y": 1e39, "blur_radius": -1, "color": "red" }, { "color": null }]
            ])),
            values(json!([[{ "color": "x" }], [{ "spread": 1 }], [null], [{}, { "offset_x": "1" }], {}])),
        ),
        "text" | "font_family" => (values(json!(["", "Ada", "ü\n\u{0}"])), vec![]),
        _ => (values(json!([0, 1, -1, 0.5, 1e39, -1e300, 18446744073709551615_u64])), vec![]),
    };
    Pool { valid, invalid }
}

fn values(list: Value) -> Vec<Value> {
    serde_json::from_value(list).expect("a list")
}

/// The optional members of a type, without positions, children and the height of a `text`.
fn optional_members(kind: &str) -> &'static [&'static str] {
    match kind {
        "image" => &["id", "width", "height"],
        "text" => &[
            "id",
            "width",
            "max_width",
            "max_height",
            "line_height",
            "color",
            "background_color",
            "font_family",
            "style",
            "align",
            "wrap",
            "weight",
        ],
        "view" => &[
            "id",
            "width",
            "height",
            "direction",
            "transition",
            "overflow",
            "background_color",
            "border_radius",
            "border_width",
            "border_color",
            "box_shadow",
            "padding",
            "padding_vertical",
            "padding_horizontal",
            "padding_top",
            "padding_right",
            "padding_bottom",
            "padding_left",
        ],
        "rescaler" => &[
            "id",
            "mode",
            "horizontal_align",
            "vertical_align",
            "width",
            "height",
            "transition",
            "border_radius",
            "border_width",
            "border_color",
            "box_shadow",
        ],
        "tiles" => &[
            "id",
            "width",
            "height",
            "background_color",
            "tile_aspect_ratio",
            "margin",
            "padding",
            "horizontal_align",
            "vertical_align",
            "transition",
        ],
        _ => &["id"],
    }
}

/// A choice of a member and its value. One of 30 is invalid, so that about half of the scenes are valid.
#[derive(Clone, Debug)]
struct Choice {
    member: Index,
    value: Index,
    kind: u8,
}

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let choice = (any::<Index>(), any::<Index>(), 0..30_u8);
    vec(choice.prop_map(|(member, value, kind)| Choice { member, value, kind }), 0..6)
}

/// Returns an object of this type with the chosen members.
fn object(kind: &str, choices: &[Choice], anchors: Option<(usize, usize)>) -> Map<String, Value> {
    let mut members = Map::from_iter([("type".to_owned(), json!(kind))]);
    match kind {
        "input_stream" => drop(members.insert("input_id".to_owned(), json!("ada"))),
        "image" => drop(members.insert("image_id".to_owned(), json!("logo"))),
        "text" => {
            members.insert("text".to_owned(), json!("x"));
            members.insert("font_size".to_owned(), json!(20));
        }
        _ => {}
    }
    for choice in choices {
        let name = *choice.member.get(optional_members(kind));
        let pool = pool(name);
        let value = match choice.kind {
            0 if !pool.invalid.is_empty() => choice.value.get(&pool.invalid).clone(),
            1 => Value::Null,
            _ => choice.value.get(&pool.valid).clone(),
        };
        members.insert(name.to_owned(), value);
        if kind == "text" && name == "width" && choice.kind % 2 == 0 {
            members.insert("height".to_owned(), json!(30));
        }
    }
    if let (Some((vertical, horizontal)), "view" | "rescaler") = (anchors, kind) {
        // Each anchor once, and all invalid combinations.
        for name in [["top"].as_slice(), &["bottom"], &["top"], &["bottom"], &["top", "bottom"], &[]][vertical] {
            members.insert((*name).to_owned(), json!(-1.5));
        }
        for name in
            [["left"].as_slice(), &["right"], &["left"], &["right"], &["left", "right"], &["rotation"]][horizontal]
        {
            members.insert((*name).to_owned(), json!(45));
        }
    }
    members
}

/// Returns anchors for a few components. Most of them are valid.
fn anchors() -> impl Strategy<Value = Option<(usize, usize)>> {
    let anchor = || prop_oneof![40 => 0..4_usize, 1 => 4..6_usize];
    prop_oneof![4 => Just(None), 1 => (anchor(), anchor()).prop_map(Some)]
}

/// Returns components with up to 40 descendants.
pub(super) fn component() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["input_stream", "image", "text", "view", "tiles"]);
    let leaf = (kind, choices(), anchors()).prop_map(|(kind, choices, anchors)| object(kind, &choices, anchors).into());
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            2 => ("view|tiles", choices(), anchors(), vec(inner.clone(), 0..5)).prop_map(
                |(kind, choices, anchors, children): (String, _, _, Vec<Value>)| {
                    let mut members = object(&kind, &choices, anchors);
                    members.insert("children".to_owned(), children.into());
                    members.into()
                }
            ),
            1 => (choices(), anchors(), inner).prop_map(|(choices, anchors, child)| {
                let mut members = object("rescaler", &choices, anchors);
                members.insert("child".to_owned(), child);
                members.into()
            }),
        ]
    })
}

/// Returns a component in many containers. The depth of its JSON is close to the server's limit.
pub(super) fn deep_component() -> impl Strategy<Value = Value> {
    (component(), vec(any::<bool>(), 50..100)).prop_map(|(component, containers)| {
        containers.into_iter().fold(component, |child, is_view| {
            let (kind, name, child) =
                if is_view { ("view", "children", Value::Array(vec![child])) } else { ("rescaler", "child", child) };
            Map::from_iter([("type".to_owned(), json!(kind)), (name.to_owned(), child)]).into()
        })
    })
}

/// Returns audio scenes with valid and invalid volumes.
pub(super) fn audio_scene() -> impl Strategy<Value = Value> {
    let valid = values(json!([null, 0, -0.0, 1, 2, 0.5, 2.00000001, -1e-60]));
    let invalid = values(json!([-0.1, 2.1, 5, 1e39, -1e39, "1"]));
    let volume = prop_oneof![20 => prop::sample::select(valid), 1 => prop::sample::select(invalid)];
    vec(volume, 0..6).prop_map(|volumes| {
        let inputs = volumes.into_iter().map(|volume| json!({ "input_id": "ada", "volume": volume }));
        json!({ "inputs": inputs.collect::<Vec<_>>() })
    })
}
