//! Random calls of the builder: the SDK rejects exactly the scenes that the emulator rejects.

use std::{cell::Cell, time::Duration};

use fishjam_sdk::{
    ErrorKind,
    composition::{
        AspectRatio, AudioMix, BoxShadow, Color, Component, Easing, HorizontalAlign, Image, InputStream, Overflow,
        Position, RescaleMode, Rescaler, Scene, Text, TextStyle, TextWeight, TextWrapMode, Tiles, Transition,
        VerticalAlign, View, ViewDirection,
    },
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::emulator_refuses;

/// A call of a setter. `number` is its argument, or selects it.
#[derive(Clone, Copy, Debug)]
struct Call {
    setter: u8,
    number: f64,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let valid = vec![0.0, -0.0, 0.25, 1.0, 7.5, 100.0, 1e22, 1e39, -1e-60];
    let odd = vec![-1.0, -0.25, 1e-60, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let number = prop_oneof![100 => prop::sample::select(valid), 1 => prop::sample::select(odd)];
    vec((any::<u8>(), number).prop_map(|(setter, number)| Call { setter, number }), 0..6)
}

fn color(number: f64) -> Color {
    Color::rgba(number as u8, 2, 3, 4)
}

/// Returns an id. Two components seldom have the same one.
fn id(call: Call) -> String {
    format!("{}-{}", call.setter, call.number)
}

fn position(Call { setter, number }: Call) -> Position {
    match setter % 5 {
        0 => Position::top_left(number, 1.0),
        1 => Position::top_right(1.0, number),
        2 => Position::bottom_left(number, 1.0),
        3 => Position::bottom_right(1.0, number),
        _ => Position::top_left(1.0, 1.0).rotation(number),
    }
}

fn transition(Call { setter, number }: Call) -> Transition {
    let transition = Transition::new(Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX));
    match setter % 5 {
        0 => transition.easing(Easing::Linear).should_interrupt(true),
        1 => transition.easing(Easing::Bounce),
        2 => transition.easing(Easing::CubicBezier { x1: number, y1: -1.0, x2: 1.0, y2: 2.0 }),
        3 => transition.easing(Easing::CubicBezier { x1: 0.0, y1: number, x2: number, y2: 2.0 }),
        _ => transition,
    }
}

fn shadow(Call { setter, number }: Call) -> BoxShadow {
    match setter % 4 {
        0 => BoxShadow::new().offset_x(number),
        1 => BoxShadow::new().offset_y(number),
        2 => BoxShadow::new().blur_radius(number),
        _ => BoxShadow::new().color(color(number)),
    }
}

fn view(view: View, call: Call) -> View {
    let number = call.number;
    match call.setter % 20 {
        0 => view.id(id(call)),
        1 => view.width(number),
        2 => view.height(number),
        3 => view.direction(ViewDirection::Column),
        4 => view.position(position(call)),
        5 => view.transition(transition(call)),
        6 => view.overflow(Overflow::Fit),
        7 => view.background_color(color(number)),
        8 => view.border_radius(number),
        9 => view.border_width(number),
        10 => view.border_color(color(number)),
        11 => view.box_shadow(shadow(call)),
        12 => view.padding(number),
        13 => view.padding_vertical(number),
        14 => view.padding_horizontal(number),
        15 => view.padding_top(number),
        16 => view.padding_right(number),
        17 => view.padding_bottom(number),
        18 => view.padding_left(number),
        _ => view.children(Vec::<Component>::new()),
    }
}

fn tiles(tiles: Tiles, call: Call) -> Tiles {
    let number = call.number;
    match call.setter % 10 {
        0 => tiles.id(id(call)),
        1 => tiles.width(number),
        2 => tiles.height(number),
        3 => tiles.background_color(color(number)),
        4 => tiles.tile_aspect_ratio(AspectRatio::new(number as u32, 9)),
        5 => tiles.margin(number),
        6 => tiles.padding(number),
        7 => tiles.horizontal_align(HorizontalAlign::Justified),
        8 => tiles.vertical_align(VerticalAlign::Bottom),
        _ => tiles.transition(transition(call)),
    }
}

fn rescaler(rescaler: Rescaler, call: Call) -> Rescaler {
    let number = call.number;
    match call.setter % 12 {
        0 => rescaler.id(id(call)),
        1 => rescaler.mode(RescaleMode::Fill),
        2 => rescaler.horizontal_align(HorizontalAlign::Left),
        3 => rescaler.vertical_align(VerticalAlign::Top),
        4 => rescaler.width(number),
        5 => rescaler.height(number),
        6 => rescaler.position(position(call)),
        7 => rescaler.transition(transition(call)),
        8 => rescaler.border_radius(number),
        9 => rescaler.border_width(number),
        10 => rescaler.border_color(color(number)),
        _ => rescaler.box_shadow(shadow(call)),
    }
}

fn text(text: Text, call: Call) -> Text {
    let number = call.number;
    match call.setter % 13 {
        0 => text.id(id(call)),
        1 => text.width(number),
        2 => text.size(number, 1.0),
        3 => text.max_width(number),
        4 => text.max_height(number),
        5 if number.abs() > 1e-9 => text.line_height(number),
        6 => text.color(color(number)),
        7 => text.background_color(color(number)),
        8 => text.font_family("Inter"),
        9 => text.style(TextStyle::Italic),
        10 => text.weight(TextWeight::Black),
        11 => text.align(HorizontalAlign::Center),
        _ => text.wrap(TextWrapMode::Word),
    }
}

fn component() -> impl Strategy<Value = Component> {
    let leaf = prop_oneof![
        Just(InputStream::new("ada").into()),
        calls().prop_map(|calls| {
            calls.into_iter().fold(Image::new("logo"), |image, call| image.width(call.number)).into()
        }),
        calls().prop_map(|calls| calls.into_iter().fold(Text::new("x", 10.0), text).into()),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let children = || vec(inner.clone(), 0..5);
        prop_oneof![
            (calls(), children())
                .prop_map(|(calls, all)| calls.into_iter().fold(View::new().children(all), view).into()),
            (calls(), children())
                .prop_map(|(calls, all)| calls.into_iter().fold(Tiles::new().children(all), tiles).into()),
            (calls(), inner.clone())
                .prop_map(|(calls, child)| { calls.into_iter().fold(Rescaler::new(child), rescaler).into() }),
        ]
    })
}

#[test]
fn verdicts_on_built_scenes_are_equal() {
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let built = TestRunner::new(config).run(&component(), |root| {
        let scene = Scene::new(root);
        let verdict = scene.check();
        let json = serde_json::to_value(&scene).expect("the scene is not too deep");
        let refusal = emulator_refuses("video", &json);
        // serde_json writes `null` for a number that is not finite. Only the SDK can refuse it.
        let not_finite = verdict.as_ref().is_err_and(|error| error.to_string().ends_with("is not finite"));
        prop_assert_eq!(verdict.is_err(), refusal.is_some() || not_finite, "{:?} {:?}", verdict, refusal);
        if let Err(error) = &verdict {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
        let counter = if verdict.is_ok() { &accepted } else { &refused };
        counter.set(counter.get() + 1);
        Ok(())
    });
    built.unwrap();
    assert!(accepted.get() > 800 && refused.get() > 100, "{accepted:?} {refused:?}");
}

proptest! {
    #[test]
    fn verdicts_on_built_mixes_are_equal(volumes in vec(-0.5_f64..2.5, 0..4)) {
        let mix = volumes.into_iter().fold(AudioMix::all(["ada"]), |mix, volume| mix.input_with_volume("bob", volume));
        let refusal = emulator_refuses("audio", &serde_json::to_value(&mix).expect("the mix is JSON"));
        prop_assert_eq!(mix.check().is_err(), refusal.is_some());
    }
}
