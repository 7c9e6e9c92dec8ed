//! Drawings of scenes that people use, as files in `../snapshots`.
//!
//! To write the files again, set the environment variable `UPDATE_SNAPSHOTS` to 1.

use std::{env, fs, path::PathBuf};

use super::super::{
    super::scene::{
        AspectRatio, BoxShadow, Color, Component, HorizontalAlign, Image, InputStream, Overflow, Position, RescaleMode,
        Rescaler, Scene, Text, TextStyle, TextWeight, TextWrapMode, Tiles, VerticalAlign, View, ViewDirection,
    },
    sizes::InputSizes,
};

const HD: (u32, u32) = (1280, 720);
const PHONE: (u32, u32) = (720, 1280);
const NAVY: Color = Color::rgb(16, 32, 64);
const TOMATO: Color = Color::rgb(255, 99, 71);

fn inputs(count: usize) -> impl Iterator<Item = InputStream> {
    (1..=count).map(|number| InputStream::new(format!("peer-{number}")))
}

fn tiles(count: usize) -> Tiles {
    Tiles::new().children(inputs(count))
}

fn filled(input: &str) -> Rescaler {
    Rescaler::new(InputStream::new(input)).mode(RescaleMode::Fill)
}

fn caption(text: &str) -> View {
    let text = Text::new(text, 36.0).size(600.0, 48.0).align(HorizontalAlign::Center).weight(TextWeight::Bold);
    View::new()
        .position(Position::bottom_left(40.0, 40.0))
        .width(600.0)
        .height(48.0)
        .padding(12.0)
        .background_color(Color::rgba(0, 0, 0, 160))
        .border_radius(12.0)
        .child(text)
}

fn logo(position: Position) -> View {
    View::new().position(position).width(160.0).height(80.0).child(Rescaler::new(Image::new("logo")))
}

fn column(children: impl IntoIterator<Item = impl Into<Component>>) -> View {
    View::new().direction(ViewDirection::Column).children(children)
}

fn card(color: Color) -> View {
    View::new().background_color(color)
}

/// Returns the scenes: name, size of the picture, root.
fn scenes() -> Vec<(&'static str, (u32, u32), Component)> {
    let palette = [NAVY, TOMATO, Color::rgb(46, 139, 87), Color::rgb(255, 215, 0)];
    let shadow = || BoxShadow::new().offset_x(12.0).offset_y(12.0).color(Color::rgba(0, 0, 0, 128));
    let long_text = "A caption that is longer than its box ends its lines between two words.";
    vec![
        ("tiles_1", HD, tiles(1).into()),
        ("tiles_2_margin", HD, tiles(2).margin(8.0).into()),
        ("tiles_3_justified", HD, tiles(3).horizontal_align(HorizontalAlign::Justified).margin(10.0).into()),
        (
            "tiles_5_left_bottom",
            HD,
            tiles(5).horizontal_align(HorizontalAlign::Left).vertical_align(VerticalAlign::Bottom).into(),
        ),
        ("tiles_9_padding", HD, tiles(9).padding(12.0).background_color(NAVY).into()),
        ("tiles_20", HD, tiles(20).margin(4.0).into()),
        (
            "tiles_square",
            HD,
            Tiles::new()
                .tile_aspect_ratio(AspectRatio::new(1, 1))
                .children(["ada", "bob", "tall"].map(filled))
                .margin(16.0)
                .into(),
        ),
        ("tiles_phone", PHONE, tiles(4).margin(10.0).vertical_align(VerticalAlign::Justified).into()),
        (
            "tiles_mixed_inputs",
            HD,
            Tiles::new()
                .children(["ada", "vga", "tall", "nobody"].map(InputStream::new))
                .background_color(Color::rgb(40, 40, 40))
                .into(),
        ),
        ("tiles_110_beyond_limit", HD, tiles(110).margin(2.0).into()),
        ("row_of_shares", HD, View::new().children(palette.map(card)).into()),
        (
            "row_of_sizes",
            HD,
            View::new()
                .child(card(NAVY).width(200.0))
                .child(card(TOMATO))
                .child(card(palette[2]).width(300.0).height(300.0))
                .into(),
        ),
        ("column_of_shares", PHONE, column(palette.map(card)).into()),
        (
            "padding_and_border",
            HD,
            card(NAVY)
                .padding(40.0)
                .padding_left(160.0)
                .border_width(20.0)
                .border_color(TOMATO)
                .child(card(palette[2]).border_width(10.0).border_color(Color::WHITE).border_radius(60.0))
                .into(),
        ),
        (
            "anchors",
            HD,
            card(NAVY)
                .children(
                    [
                        Position::top_left(20.0, 20.0),
                        Position::top_right(20.0, 20.0),
                        Position::bottom_left(20.0, 20.0),
                        Position::bottom_right(-40.0, -40.0),
                    ]
                    .map(|position| card(TOMATO).width(200.0).height(120.0).border_radius(16.0).position(position)),
                )
                .into(),
        ),
        (
            "rotation",
            HD,
            View::new()
                .child(
                    card(TOMATO)
                        .position(Position::top_left(200.0, 400.0).rotation(30.0))
                        .width(480.0)
                        .height(270.0)
                        .border_width(8.0)
                        .border_color(Color::WHITE)
                        .child(filled("ada")),
                )
                .into(),
        ),
        (
            "nested_rotation",
            HD,
            View::new()
                .child(
                    card(NAVY)
                        .position(Position::top_left(210.0, 440.0).rotation(-20.0))
                        .width(400.0)
                        .height(300.0)
                        .child(
                            card(TOMATO)
                                .position(Position::top_right(30.0, 30.0).rotation(45.0))
                                .width(120.0)
                                .height(120.0),
                        ),
                )
                .into(),
        ),
        (
            "overflow_hidden",
            HD,
            View::new()
                .child(card(NAVY).width(400.0).height(300.0).border_radius(80.0).child(card(TOMATO).width(900.0)))
                .into(),
        ),
        (
            "overflow_visible",
            HD,
            View::new()
                .overflow(Overflow::Visible)
                .child(
                    card(NAVY)
                        .width(400.0)
                        .height(300.0)
                        .overflow(Overflow::Visible)
                        .child(card(TOMATO).width(900.0).height(100.0)),
                )
                .into(),
        ),
        ("overflow_fit", HD, View::new().overflow(Overflow::Fit).padding(20.0).children(inputs(3)).into()),
        ("rescaler_fit", HD, Rescaler::new(InputStream::new("vga")).border_width(10.0).border_color(TOMATO).into()),
        ("rescaler_fill_top", HD, filled("tall").vertical_align(VerticalAlign::Top).border_radius(100.0).into()),
        (
            "rescaler_of_a_view",
            HD,
            Rescaler::new(
                card(NAVY)
                    .width(400.0)
                    .height(400.0)
                    .border_width(10.0)
                    .border_color(Color::WHITE)
                    .child(InputStream::new("vga")),
            )
            .horizontal_align(HorizontalAlign::Right)
            .into(),
        ),
        (
            "shadows",
            HD,
            card(Color::WHITE)
                .child(
                    card(TOMATO)
                        .position(Position::top_left(200.0, 300.0))
                        .width(600.0)
                        .height(300.0)
                        .border_radius(40.0)
                        .box_shadow(shadow().blur_radius(40.0))
                        .box_shadow(shadow()),
                )
                .into(),
        ),
        (
            "picture_in_picture",
            HD,
            View::new()
                .child(filled("ada"))
                .child(
                    Rescaler::new(InputStream::new("bob"))
                        .position(Position::bottom_right(32.0, 32.0))
                        .width(320.0)
                        .height(180.0)
                        .border_width(4.0)
                        .border_color(Color::WHITE)
                        .border_radius(24.0),
                )
                .into(),
        ),
        (
            "broadcast",
            HD,
            View::new()
                .child(tiles(4).margin(8.0))
                .child(caption("Ada & Bob: <live>"))
                .child(logo(Position::top_right(24.0, 24.0)))
                .into(),
        ),
        (
            "speaker_and_gallery",
            HD,
            View::new()
                .child(View::new().width(960.0).child(Rescaler::new(InputStream::new("ada"))))
                .child(Tiles::new().children(inputs(4)).padding(6.0).background_color(NAVY))
                .into(),
        ),
        ("text_of_estimated_size", HD, card(NAVY).child(Text::new("Hello\nworld", 80.0)).child(card(TOMATO)).into()),
        (
            "text_in_columns",
            HD,
            View::new()
                .padding(20.0)
                .child(Text::new(long_text, 48.0).width(500.0).wrap(TextWrapMode::Word).background_color(NAVY))
                .child(
                    Text::new(long_text, 48.0)
                        .size(400.0, 200.0)
                        .line_height(60.0)
                        .wrap(TextWrapMode::Glyph)
                        .style(TextStyle::Italic)
                        .align(HorizontalAlign::Right)
                        .color(TOMATO),
                )
                .into(),
        ),
        (
            "images",
            HD,
            View::new()
                .child(Image::new("logo"))
                .child(Image::new("logo").width(300.0))
                .child(Image::new("logo").width(100.0).height(300.0))
                .child(Tiles::new().child(Image::new("logo")))
                .into(),
        ),
    ]
}

#[test]
fn drawings_equal_their_snapshots() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/composition/preview/snapshots");
    let sizes = InputSizes::new()
        .other_inputs(1280.0, 720.0)
        .input("vga", 640.0, 480.0)
        .input("tall", 360.0, 640.0)
        .input("nobody", 0.0, 0.0)
        .image("logo", 200.0, 100.0);
    let update = env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut names = Vec::new();
    for (name, resolution, root) in scenes() {
        let drawing = Scene::new(root).layout(resolution, sizes.clone()).unwrap().to_svg();
        names.push(format!("{name}.svg"));
        let file = folder.join(format!("{name}.svg"));
        if update {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &drawing).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        // Not `assert_eq`, because the documents are long.
        let difference = drawing.lines().zip(expected.lines()).find(|(drawn, expected)| drawn != expected);
        assert!(
            drawing == expected,
            "{name}.svg differs, first in {difference:?}; review it, then set UPDATE_SNAPSHOTS=1"
        );
    }
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    names.sort();
    assert_eq!(files, names);
    assert_eq!(names.len(), 30);
}
