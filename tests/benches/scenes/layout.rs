//! The layout of scenes with 10 to 10,000 components, and its drawing.

use std::{hint::black_box, time::Duration};

use fishjam_sdk::composition::{
    Color, Component, Image, InputSizes, InputStream, Rescaler, Scene, Text, Tiles, View, ViewDirection,
};

use crate::setup::rounds::{Candidate, Measured, take_turns, turn};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const ROUNDS: usize = 9;

/// Goal for 1,000 components.
const GOAL: Duration = Duration::from_millis(1);

/// Prints a table: the time of a layout and of a drawing, per scene and per component.
pub(crate) fn run() -> anyhow::Result<()> {
    println!("\nlayout of a scene; medians of {ROUNDS} rounds; goal: 1,000 components in less than {GOAL:?}");
    println!(
        "{:<8} {:>10} {:>12} {:>14} {:>12} {:>14}",
        "scene", "components", "layout us", "ns/component", "SVG us", "ns/component"
    );
    for (name, build) in [("tiles", tiles as fn(usize) -> Scene), ("mixed", mixed)] {
        for count in SIZES {
            let scene = build(count);
            let [layout, drawing] = measure(&scene, count)?;
            let (micros, each) = (|m: &Measured| m.wall * 1e6, |m: &Measured| m.wall * 1e9 / count as f64);
            println!(
                "{name:<8} {count:>10} {:>12.1} {:>14.1} {:>12.1} {:>14.1}",
                micros(&layout),
                each(&layout),
                micros(&drawing),
                each(&drawing),
            );
        }
    }
    Ok(())
}

fn measure(scene: &Scene, count: usize) -> anyhow::Result<[Measured; 2]> {
    let sizes = InputSizes::new().other_inputs(1280.0, 720.0).image("logo", 200.0, 100.0);
    let compute = || scene.layout((1920, 1080), black_box(sizes.clone()));
    let layout = compute()?;
    anyhow::ensure!(layout.boxes().len() == count, "{} components, not {count}", layout.boxes().len());
    // Short work is repeated, so that a turn takes more than the resolution of the clock.
    let repeats = u32::try_from(20_000 / count)?;
    let measured = take_turns(
        ROUNDS,
        &mut [
            Candidate::new("layout", || {
                turn(repeats, || {
                    (0..repeats).try_for_each(|_| compute().map(|layout| drop(black_box(layout))).map_err(Into::into))
                })
            }),
            Candidate::new("drawing", || {
                turn(repeats, || {
                    (0..repeats).for_each(|_| drop(black_box(layout.to_svg())));
                    Ok(())
                })
            }),
        ],
    )?;
    measured.try_into().map_err(|_| anyhow::anyhow!("a candidate is missing"))
}

/// One list of tiles.
fn tiles(count: usize) -> Scene {
    let inputs = (1..count).map(|number| InputStream::new(format!("peer-{number}")));
    Scene::new(Tiles::new().margin(2.0).children(inputs))
}

/// Cards of nine components in columns, which is a root and as many cards as fit. Empty views are the rest.
fn mixed(count: usize) -> Scene {
    let cards = (0..(count - 1) / 9).map(|number| Component::from(card(number)));
    let rest = (0..(count - 1) % 9).map(|_| Component::from(View::new()));
    Scene::new(View::new().direction(ViewDirection::Column).children(cards.chain(rest)))
}

fn card(number: usize) -> View {
    let input = |name: &str| {
        Rescaler::new(InputStream::new(format!("{name}-{number}"))).border_width(2.0).border_color(Color::WHITE)
    };
    let caption = View::new().background_color(Color::BLACK).padding(4.0).child(Text::new("a caption of a peer", 24.0));
    View::new()
        .id(format!("card-{number}"))
        .child(input("camera").width(320.0).height(180.0))
        .child(input("screen"))
        .child(caption)
        .child(Image::new("logo").width(40.0))
        .child(View::new().border_radius(8.0))
}
