//! Numbers that JSON does not have. Defects P9 and P10 of the official SDKs.

use std::time::Duration;

use super::message;
use crate::composition::scene::{
    AudioMix, BoxShadow, Component, Easing, Image, InputStream, Position, Rescaler, Scene, Text, Tiles, Transition,
    View,
};

/// Checks that each number that is not finite is refused at this place.
#[track_caller]
fn refuse_not_finite(place: &str, build: impl Fn(f64) -> Component) {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let scene = Scene::new(View::new().children([Component::from(InputStream::new("i")), build(number)]));
        let expected = format!("invalid scene at root.children[1].{place}: the number is not finite");
        assert_eq!(message(&scene.check().unwrap_err()), expected);
    }
    Scene::new(build(1.0)).check().unwrap();
}

#[test]
fn each_number_of_a_view_must_be_finite() {
    refuse_not_finite("width", |number| View::new().width(number).into());
    refuse_not_finite("height", |number| View::new().height(number).into());
    refuse_not_finite("top", |number| View::new().position(Position::top_left(number, 0.0)).into());
    refuse_not_finite("bottom", |number| View::new().position(Position::bottom_left(number, 0.0)).into());
    refuse_not_finite("left", |number| View::new().position(Position::top_left(0.0, number)).into());
    refuse_not_finite("right", |number| View::new().position(Position::top_right(0.0, number)).into());
    refuse_not_finite("rotation", |number| View::new().position(Position::top_left(0.0, 0.0).rotation(number)).into());
    refuse_not_finite("border_radius", |number| View::new().border_radius(number).into());
    refuse_not_finite("border_width", |number| View::new().border_width(number).into());
    refuse_not_finite("padding", |number| View::new().padding(number).into());
    refuse_not_finite("padding_vertical", |number| View::new().padding_vertical(number).into());
    refuse_not_finite("padding_horizontal", |number| View::new().padding_horizontal(number).into());
    refuse_not_finite("padding_top", |number| View::new().padding_top(number).into());
    refuse_not_finite("padding_right", |number| View::new().padding_right(number).into());
    refuse_not_finite("padding_bottom", |number| View::new().padding_bottom(number).into());
    refuse_not_finite("padding_left", |number| View::new().padding_left(number).into());
}

#[test]
fn each_number_of_a_rescaler_must_be_finite() {
    let new = || Rescaler::new(View::new());
    refuse_not_finite("width", |number| new().width(number).into());
    refuse_not_finite("height", |number| new().height(number).into());
    refuse_not_finite("top", |number| new().position(Position::top_left(number, 0.0)).into());
    refuse_not_finite("bottom", |number| new().position(Position::bottom_right(number, 0.0)).into());
    refuse_not_finite("left", |number| new().position(Position::bottom_left(0.0, number)).into());
    refuse_not_finite("right", |number| new().position(Position::bottom_right(0.0, number)).into());
    refuse_not_finite("rotation", |number| new().position(Position::top_left(0.0, 0.0).rotation(number)).into());
    refuse_not_finite("border_radius", |number| new().border_radius(number).into());
    refuse_not_finite("border_width", |number| new().border_width(number).into());
    refuse_not_finite("child.width", |number| Rescaler::new(View::new().width(number)).into());
}

#[test]
fn each_number_of_other_components_must_be_finite() {
    refuse_not_finite("width", |number| Tiles::new().width(number).into());
    refuse_not_finite("height", |number| Tiles::new().height(number).into());
    refuse_not_finite("margin", |number| Tiles::new().margin(number).into());
    refuse_not_finite("padding", |number| Tiles::new().padding(number).into());
    refuse_not_finite("width", |number| Image::new("i").width(number).into());
    refuse_not_finite("height", |number| Image::new("i").height(number).into());
    refuse_not_finite("font_size", |number| Text::new("x", number).into());
    refuse_not_finite("width", |number| Text::new("x", 1.0).width(number).into());
    refuse_not_finite("height", |number| Text::new("x", 1.0).size(1.0, number).into());
    refuse_not_finite("max_width", |number| Text::new("x", 1.0).max_width(number).into());
    refuse_not_finite("max_height", |number| Text::new("x", 1.0).max_height(number).into());
    refuse_not_finite("line_height", |number| Text::new("x", 1.0).line_height(number).into());
}

#[test]
fn each_number_of_shadows_and_transitions_must_be_finite() {
    let shadow = |shadow| View::new().box_shadow(BoxShadow::new()).box_shadow(shadow).into();
    refuse_not_finite("box_shadow[1].offset_x", |number| shadow(BoxShadow::new().offset_x(number)));
    refuse_not_finite("box_shadow[1].offset_y", |number| shadow(BoxShadow::new().offset_y(number)));
    refuse_not_finite("box_shadow[1].blur_radius", |number| {
        Rescaler::new(View::new()).box_shadow(BoxShadow::new()).box_shadow(BoxShadow::new().blur_radius(number)).into()
    });
    for index in 0..4 {
        refuse_not_finite(&format!("transition.easing_function.points[{index}]"), |number| {
            let mut points = [0.0; 4];
            points[index] = number;
            let [x1, y1, x2, y2] = points;
            let easing = Easing::CubicBezier { x1, y1, x2, y2 };
            Tiles::new().transition(Transition::new(Duration::ZERO).easing(easing)).into()
        });
    }
}

#[test]
fn each_volume_must_be_finite() {
    for volume in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mix = AudioMix::all(["a"]).input_with_volume("b", volume);
        let expected = "invalid scene at inputs[1].volume: the number is not finite";
        assert_eq!(message(&mix.check().unwrap_err()), expected);
        assert_eq!(message(&mix.into_wire().unwrap_err()), expected);
    }
}
