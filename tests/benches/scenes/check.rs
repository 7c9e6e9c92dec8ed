//! The cost of a scene before it is sent.

use std::{hint::black_box, time::Duration};

use fishjam_api::composition::types;
use fishjam_sdk::composition::{
    BoxShadow, Color, Component, Easing, Image, InputStream, Position, RescaleMode, Rescaler, Scene, Text, TextWeight,
    Tiles, Transition, View, ViewDirection,
};
use serde::Serialize;

use crate::setup::rounds::{Candidate, Figure, print, take_turns, turn};

const COMPONENTS: usize = 1_000;
/// The number of scenes in a turn, and the number of turns.
const SCENES: u32 = 100;
const ROUNDS: usize = 41;

/// The body of an update, without the SDK.
#[derive(Serialize)]
struct Bare {
    root: types::Component,
}

pub(crate) fn run() -> anyhow::Result<()> {
    compare("inputs in tiles", inputs())?;
    compare("inputs in tiles, with ids", inputs_with_ids())?;
    compare("speakers with captions", speakers())
}

/// The plainest scene: its JSON is short, so that the check is a large part of the time.
fn inputs() -> Component {
    Tiles::new().children((1..COMPONENTS).map(|number| InputStream::new(format!("peer-{number}")))).into()
}

fn inputs_with_ids() -> Component {
    let input = |number| InputStream::new(format!("peer-{number}")).id(format!("tile-{number}"));
    Tiles::new().id("tiles").children((1..COMPONENTS).map(input)).into()
}

/// Five components for each speaker, with the options of a typical layout.
fn speakers() -> Component {
    let speaker = |number: usize| {
        let caption = Text::new(format!("Speaker {number}"), 24.0)
            .weight(TextWeight::Bold)
            .color(Color::WHITE)
            .background_color(Color::rgba(0, 0, 0, 160));
        let badge = View::new().position(Position::bottom_left(12.0, 12.0)).width(240.0).height(36.0).child(caption);
        View::new()
            .id(format!("speaker-{number}"))
            .direction(ViewDirection::Column)
            .background_color(Color::rgb(16, 24, 32))
            .border_radius(12.0)
            .border_width(2.0)
            .border_color(Color::rgb(80, 160, 240))
            .box_shadow(BoxShadow::new().offset_y(4.0).blur_radius(12.0).color(Color::rgba(0, 0, 0, 96)))
            .padding(4.0)
            .transition(Transition::new(Duration::from_millis(300)).easing(Easing::Bounce))
            .child(Rescaler::new(InputStream::new(format!("peer-{number}"))).mode(RescaleMode::Fill))
            .child(badge)
    };
    let logo = View::new().position(Position::top_right(20.0, 20.0)).child(Image::new("logo").width(120.0));
    let children = (0..COMPONENTS / 5 - 1).map(|number| speaker(number).into());
    Tiles::new().margin(8.0).children(children.chain([Component::from(logo)])).into()
}

fn compare(name: &str, root: Component) -> anyhow::Result<()> {
    let scene = Scene::new(root);
    let json = serde_json::to_string(&scene)?;
    let members: serde_json::Value = serde_json::from_str(&json)?;
    let bare = Bare { root: serde_json::from_value(members["root"].clone())? };
    anyhow::ensure!(serde_json::to_string(&bare)? == json, "both write the same JSON");

    let serialize = || drop(black_box(serde_json::to_vec(black_box(&bare))));
    let check_and_serialize = || {
        let scene = black_box(&scene);
        if scene.check().is_ok() {
            drop(black_box(serde_json::to_vec(scene)));
        }
    };
    let check = || drop(black_box(black_box(&scene).check()));
    let decode = || drop(black_box(Scene::from_json(black_box(&json))));
    let many = |work: &dyn Fn()| {
        turn(SCENES, || {
            (0..SCENES).for_each(|_| work());
            Ok(())
        })
    };
    let measured = take_turns(
        ROUNDS,
        &mut [
            Candidate::new("serde_json alone", || many(&serialize)),
            Candidate::new("check and serialize", || many(&check_and_serialize)),
            Candidate::new("check alone", || many(&check)),
            Candidate::new("from_json", || many(&decode)),
        ],
    )?;
    let components = json.matches("\"type\":").count();
    println!(
        "\n{name}: {components} components, {} KB of JSON; medians of {ROUNDS} rounds in turns",
        json.len() / 1_000
    );
    print("", "scene", Figure::PerSecond, &measured);
    for candidate in &measured {
        println!(
            "{:<28} {:>7.3} ms, {:.2} of the time of serde_json",
            candidate.name,
            candidate.wall * 1e3,
            candidate.wall_ratio
        );
    }
    Ok(())
}
