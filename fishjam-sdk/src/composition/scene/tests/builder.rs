//! The JSON that the builder creates.

use std::time::Duration;

use serde_json::{Value, json};

use super::message;
use crate::{
    composition::scene::{
        AspectRatio, AudioMix, Body, BoxShadow, Color, Component, Easing, HorizontalAlign, Image, InputStream,
        Overflow, Position, RescaleMode, Rescaler, Scene, Text, TextStyle, TextWeight, TextWrapMode, Tiles, Transition,
        VerticalAlign, View, ViewDirection,
    },
    id::composition::{ImageId, InputId},
};

/// Returns the JSON of a component, which must be valid for the builder and for JSON.
#[track_caller]
fn json_of(root: impl Into<Component>) -> Value {
    let scene = Scene::new(root);
    scene.check().unwrap();
    let json = serde_json::to_value(&scene).unwrap();
    let again = Scene::from_json(&json.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), json);
    let wire = serde_json::to_value(scene.into_wire(Body::Registration).unwrap()).unwrap();
    assert_eq!(wire, json);
    json["root"].clone()
}

#[test]
fn unset_options_are_omitted() {
    assert_eq!(json_of(View::new()), json!({ "type": "view" }));
    assert_eq!(json_of(Tiles::new()), json!({ "type": "tiles" }));
    assert_eq!(json_of(InputStream::new("i")), json!({ "type": "input_stream", "input_id": "i" }));
    assert_eq!(json_of(Image::new("i")), json!({ "type": "image", "image_id": "i" }));
    assert_eq!(json_of(Text::new("x", 2.5)), json!({ "type": "text", "text": "x", "font_size": 2.5 }));
    let rescaler = json!({ "type": "rescaler", "child": { "type": "view" } });
    assert_eq!(json_of(Rescaler::new(View::new())), rescaler);
    assert_eq!(json_of(View::new().box_shadow(BoxShadow::new())), json!({ "type": "view", "box_shadow": [{}] }));
}

#[test]
fn view_sets_every_member() {
    let transition = Transition::new(Duration::from_millis(250))
        .easing(Easing::CubicBezier { x1: 0.5, y1: -1.5, x2: 0.25, y2: 2.5 })
        .should_interrupt(true);
    let shadow = BoxShadow::new().offset_x(1.5).offset_y(2.5).blur_radius(3.5).color(Color::rgba(1, 2, 3, 4));
    let view = View::new()
        .id("v")
        .width(1.5)
        .height(2.5)
        .direction(ViewDirection::Column)
        .position(Position::top_left(3.5, 4.5).rotation(5.5))
        .transition(transition)
        .overflow(Overflow::Fit)
        .background_color(Color::BLACK)
        .border_radius(6.5)
        .border_width(7.5)
        .border_color(Color::WHITE)
        .box_shadow(shadow)
        .padding(8.5)
        .padding_vertical(9.5)
        .padding_horizontal(10.5)
        .padding_top(11.5)
        .padding_right(12.5)
        .padding_bottom(13.5)
        .padding_left(14.5)
        .child(InputStream::new("a"))
        .children([Image::new("b"), Image::new("c")]);
    let easing = json!({ "function_name": "cubic_bezier", "points": [0.5, -1.5, 0.25, 2.5] });
    let expected = json!({
        "type": "view", "id": "v", "width": 1.5, "height": 2.5, "direction": "column", "top": 3.5, "left": 4.5,
        "rotation": 5.5,
        "transition": { "duration_ms": 250.0, "easing_function": easing, "should_interrupt": true },
        "overflow": "fit", "background_color": "#000000FF", "border_radius": 6.5, "border_width": 7.5,
        "border_color": "#FFFFFFFF",
        "box_shadow": [{ "offset_x": 1.5, "offset_y": 2.5, "blur_radius": 3.5, "color": "#01020304" }],
        "padding": 8.5, "padding_vertical": 9.5, "padding_horizontal": 10.5, "padding_top": 11.5, "padding_right": 12.5,
        "padding_bottom": 13.5, "padding_left": 14.5,
        "children": [
            { "type": "input_stream", "input_id": "a" },
            { "type": "image", "image_id": "b" },
            { "type": "image", "image_id": "c" },
        ],
    });
    assert_eq!(json_of(view), expected);
}

#[test]
fn rescaler_sets_every_member() {
    let rescaler = Rescaler::new(InputStream::new("a"))
        .id("r")
        .mode(RescaleMode::Fill)
        .horizontal_align(HorizontalAlign::Left)
        .vertical_align(VerticalAlign::Bottom)
        .width(1.5)
        .height(2.5)
        .position(Position::bottom_right(3.5, 4.5))
        .transition(Transition::new(Duration::ZERO).easing(Easing::Bounce))
        .border_radius(5.5)
        .border_width(6.5)
        .border_color(Color::TRANSPARENT)
        .box_shadow(BoxShadow::default())
        .box_shadow(BoxShadow::new().offset_x(1.5));
    let expected = json!({
        "type": "rescaler", "id": "r", "child": { "type": "input_stream", "input_id": "a" }, "mode": "fill",
        "horizontal_align": "left", "vertical_align": "bottom", "width": 1.5, "height": 2.5, "bottom": 3.5, "right": 4.5,
        "transition": { "duration_ms": 0.0, "easing_function": { "function_name": "bounce" } },
        "border_radius": 5.5, "border_width": 6.5, "border_color": "#00000000",
        "box_shadow": [{}, { "offset_x": 1.5 }],
    });
    assert_eq!(json_of(rescaler), expected);
}

#[test]
fn tiles_set_every_member() {
    let tiles = Tiles::new()
        .id("t")
        .child(Text::new("x", 1.5))
        .width(1.5)
        .height(2.5)
        .background_color(Color::rgb(1, 2, 3))
        .tile_aspect_ratio(AspectRatio::new(4, 3))
        .margin(3.5)
        .padding(4.5)
        .horizontal_align(HorizontalAlign::Justified)
        .vertical_align(VerticalAlign::Top)
        .transition(Transition::new(Duration::from_secs(1)).easing(Easing::Linear));
    let expected = json!({
        "type": "tiles", "id": "t", "children": [{ "type": "text", "text": "x", "font_size": 1.5 }], "width": 1.5,
        "height": 2.5, "background_color": "#010203FF", "tile_aspect_ratio": "4:3", "margin": 3.5, "padding": 4.5,
        "horizontal_align": "justified", "vertical_align": "top",
        "transition": { "duration_ms": 1000.0, "easing_function": { "function_name": "linear" } },
    });
    assert_eq!(json_of(tiles), expected);
}

#[test]
fn leaves_set_every_member() {
    let image = Image::new(ImageId::from("logo")).id("i").width(1.5).height(2.5);
    assert_eq!(json_of(image), json!({ "type": "image", "id": "i", "image_id": "logo", "width": 1.5, "height": 2.5 }));
    let input = InputStream::new(InputId::from("ada")).id("s");
    assert_eq!(json_of(input), json!({ "type": "input_stream", "id": "s", "input_id": "ada" }));
    let text = Text::new("x", 1.5)
        .id("t")
        .size(2.5, 3.5)
        .max_width(4.5)
        .max_height(5.5)
        .line_height(6.5)
        .color(Color::BLACK)
        .background_color(Color::WHITE)
        .font_family("Inter")
        .style(TextStyle::Oblique)
        .weight(TextWeight::SemiBold)
        .align(HorizontalAlign::Center)
        .wrap(TextWrapMode::Glyph);
    let expected = json!({
        "type": "text", "id": "t", "text": "x", "font_size": 1.5, "width": 2.5, "height": 3.5, "max_width": 4.5,
        "max_height": 5.5, "line_height": 6.5, "color": "#000000FF", "background_color": "#FFFFFFFF",
        "font_family": "Inter", "style": "oblique", "weight": "semi_bold", "align": "center", "wrap": "glyph",
    });
    assert_eq!(json_of(text), expected);
}

/// A height without a width cannot be expressed.
#[test]
fn width_of_a_text_removes_the_height() {
    let expected = json!({ "type": "text", "text": "x", "font_size": 1.0, "width": 9.5 });
    assert_eq!(json_of(Text::new("x", 1.0).size(2.5, 3.5).width(9.5)), expected);
}

#[test]
fn new_position_replaces_the_old_one() {
    for (position, members) in [
        (Position::top_left(1.5, 2.5), json!({ "top": 1.5, "left": 2.5 })),
        (Position::top_right(1.5, 2.5), json!({ "top": 1.5, "right": 2.5 })),
        (Position::bottom_left(1.5, 2.5), json!({ "bottom": 1.5, "left": 2.5 })),
        (Position::bottom_right(1.5, 2.5), json!({ "bottom": 1.5, "right": 2.5 })),
    ] {
        let turned = Position::bottom_right(0.0, 0.0).rotation(90.0);
        let mut expected = members.clone();
        expected["type"] = json!("view");
        assert_eq!(json_of(View::new().position(turned).position(position)), expected);
        expected["type"] = json!("rescaler");
        expected["child"] = json!({ "type": "view" });
        assert_eq!(json_of(Rescaler::new(View::new()).position(turned).position(position)), expected);
    }
}

#[test]
fn values_that_types_cannot_exclude_are_refused() {
    let bezier = |x1, x2| Easing::CubicBezier { x1, y1: 0.0, x2, y2: 1.0 };
    let moving = |transition| View::new().transition(transition).into();
    let second = Duration::from_secs(1);
    let cases: [(Component, &str); 7] = [
        (View::new().padding_left(-1.0).into(), "root.padding_left: negative padding -1; use 0 or more"),
        (Text::new("x", 0.0).into(), "root.font_size: invalid length 0; use more than 0"),
        (Text::new("x", 1.0).line_height(-2.0).into(), "root.line_height: invalid length -2; use more than 0"),
        (
            moving(Transition::new(Duration::MAX)),
            "root.transition.duration_ms: invalid duration 18446744073709552000000 ms; use a number from 0 to 1.8e22",
        ),
        (
            moving(Transition::new(second).easing(bezier(-0.5, 1.0))),
            "root.transition.easing_function.points[0]: invalid time -0.5; use a number from 0 to 1",
        ),
        (
            moving(Transition::new(second).easing(bezier(0.0, 1.5))),
            "root.transition.easing_function.points[2]: invalid time 1.5; use a number from 0 to 1",
        ),
        (
            Tiles::new().id("a").child(Rescaler::new(InputStream::new("i").id("a"))).into(),
            "root.children[0].child.id: another component of the scene has the same id",
        ),
    ];
    for (root, expected) in cases {
        let scene = Scene::new(root);
        let expected = format!("invalid scene at {expected}");
        assert_eq!(message(&scene.check().unwrap_err()), expected);
        assert_eq!(message(&scene.into_wire(Body::Update).unwrap_err()), expected);
    }
}

#[test]
fn audio_mix_writes_only_given_volumes() {
    let mix = AudioMix::all(["a", "b"]).input(InputId::from("c")).input_with_volume("d", 0.5);
    mix.check().unwrap();
    let expected = json!({ "inputs": [
        { "input_id": "a" }, { "input_id": "b" }, { "input_id": "c" }, { "input_id": "d", "volume": 0.5 },
    ] });
    assert_eq!(serde_json::to_value(&mix).unwrap(), expected);
    assert_eq!(serde_json::to_value(mix.into_wire().unwrap()).unwrap(), expected);
    assert_eq!(serde_json::to_value(AudioMix::new()).unwrap(), json!({ "inputs": [] }));
    let loud = AudioMix::new().input_with_volume("a", 5.0);
    let expected = "invalid scene at inputs[0].volume: invalid volume 5; use a number from 0 to 2";
    assert_eq!(message(&loud.check().unwrap_err()), expected);
}
