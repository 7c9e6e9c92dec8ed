//! Scenes that use every component and every member. `tests/interop/scenes.py` has the same scenes.

use std::time::Duration;

use fishjam_sdk::composition::{
    AspectRatio, BoxShadow, Color, Component, Easing, HorizontalAlign, Image, InputStream, Overflow, Position,
    RescaleMode, Rescaler, Scene, Text, TextStyle, TextWeight, TextWrapMode, Tiles, Transition, VerticalAlign, View,
    ViewDirection,
};

pub(crate) const RED: Color = Color::rgb(255, 0, 0);
const HALF_BLUE: Color = Color::rgba(0, 0, 255, 0x80);

// In the order in which Python enumerates them.
const WEIGHTS: [TextWeight; 9] = [
    TextWeight::Black,
    TextWeight::Bold,
    TextWeight::ExtraBold,
    TextWeight::ExtraLight,
    TextWeight::Light,
    TextWeight::Medium,
    TextWeight::Normal,
    TextWeight::SemiBold,
    TextWeight::Thin,
];

fn shadow() -> BoxShadow {
    BoxShadow::new().offset_x(-4.5).offset_y(5.0).blur_radius(6.25).color(HALF_BLUE)
}

const fn transition(milliseconds: u64) -> Transition {
    Transition::new(Duration::from_millis(milliseconds))
}

fn every_view() -> View {
    let children = [
        View::new().position(Position::top_left(1.5, 2.0)).width(100.0).height(50.5),
        View::new().position(Position::bottom_right(-3.0, 4.0).rotation(45.5)),
        View::new().position(Position::top_right(5.0, 6.0)).children(Vec::<Component>::new()),
        View::new().position(Position::bottom_left(7.0, 8.0)).direction(ViewDirection::Row).overflow(Overflow::Visible),
        View::new().overflow(Overflow::Hidden).padding_vertical(9.0).padding_horizontal(10.0),
        View::new().padding_top(1.0).padding_right(2.0).padding_bottom(3.0).padding_left(4.0),
    ];
    View::new()
        .id("view")
        .children(children)
        .direction(ViewDirection::Column)
        .overflow(Overflow::Fit)
        .background_color(RED)
        .border_radius(11.0)
        .border_width(12.5)
        .border_color(HALF_BLUE)
        .box_shadow(BoxShadow::new())
        .box_shadow(shadow())
        .padding(13.0)
        .transition(transition(500).easing(Easing::Linear).should_interrupt(true))
}

fn every_rescaler() -> [Rescaler; 4] {
    let logo = || Image::new("logo");
    [
        Rescaler::new(InputStream::new("ada").id("stream"))
            .id("rescaler")
            .mode(RescaleMode::Fill)
            .width(320.0)
            .height(180.0),
        Rescaler::new(logo().id("image").width(64.0).height(32.5))
            .mode(RescaleMode::Fit)
            .horizontal_align(HorizontalAlign::Right)
            .vertical_align(VerticalAlign::Bottom)
            .position(Position::bottom_right(1.0, 2.0).rotation(-90.0))
            .border_radius(3.0)
            .border_width(4.0)
            .border_color(RED)
            .box_shadow(BoxShadow::new())
            .box_shadow(shadow())
            .transition(transition(0).easing(Easing::Bounce).should_interrupt(false)),
        Rescaler::new(logo().width(64.0))
            .vertical_align(VerticalAlign::Justified)
            .position(Position::top_left(1.0, 2.0)),
        Rescaler::new(logo().height(32.0)),
    ]
}

fn every_tiles() -> Tiles {
    Tiles::new()
        .id("tiles")
        .child(InputStream::new("ada"))
        .child(InputStream::new("wejście 2/ż"))
        .child(Image::new("logo"))
        .width(640.0)
        .height(360.0)
        .background_color(HALF_BLUE)
        .tile_aspect_ratio(AspectRatio::new(4, 3))
        .margin(8.0)
        .padding(2.5)
        .horizontal_align(HorizontalAlign::Justified)
        .vertical_align(VerticalAlign::Top)
        .transition(transition(250).easing(Easing::CubicBezier { x1: 0.25, y1: -1.5, x2: 1.0, y2: 2.5 }))
}

fn every_text() -> Vec<Text> {
    let full = Text::new("Ada", 24.0)
        .id("text")
        .max_width(300.0)
        .max_height(200.0)
        .line_height(30.0)
        .color(RED)
        .background_color(HALF_BLUE)
        .font_family("Inter")
        .style(TextStyle::Italic)
        .align(HorizontalAlign::Center)
        .wrap(TextWrapMode::Word)
        .weight(TextWeight::ExtraBold);
    let mut all = vec![Text::new("Zażółć\n\"gęślą\"", 12.5), Text::new("", 1.0).size(10.0, 20.0), full];
    let small = |content: &str| Text::new(content, 10.0);
    all.extend([TextStyle::Normal, TextStyle::Oblique].map(|style| small("style").style(style)));
    all.extend(WEIGHTS.map(|weight| small("weight").weight(weight)));
    all.extend([TextWrapMode::None, TextWrapMode::Glyph].map(|wrap| small("wrap").width(50.0).wrap(wrap)));
    let aligns = [HorizontalAlign::Center, HorizontalAlign::Justified, HorizontalAlign::Left, HorizontalAlign::Right];
    all.extend(aligns.map(|align| small("align").align(align)));
    all
}

fn every_align() -> [Tiles; 4] {
    [VerticalAlign::Bottom, VerticalAlign::Center, VerticalAlign::Justified, VerticalAlign::Top]
        .map(|align| Tiles::new().vertical_align(align))
}

pub(crate) fn every_component() -> Scene {
    let root = View::new()
        .child(every_view())
        .children(every_rescaler())
        .child(every_tiles())
        .children(every_text())
        .children(every_align())
        .transition(transition(1));
    Scene::new(root)
}
