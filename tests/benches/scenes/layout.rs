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

/// Prints a table: the time and the processor time of a layout and of a drawing. The last columns are per component.
pub(crate) fn run() -> anyhow::Result<()> {
    println!("\nlayout of a scene; medians of {ROUNDS} rounds; goal: 1,000 components in less than {GOAL:?}");
    println!("{:<16} {:>10} {:>12} {:>12} {:>14}", "", "components", "us", "CPU us", "CPU ns each");
    for (name, build) in [("tiles", tiles as fn(usize) -> Scene), ("mixed", mixed)] {
        for count in SIZES {
            for measured in measure(&build(count), count)? {
                let cpu = measured.cpu.unwrap_or(f64::NAN);
                let (wall, each) = (measured.wall * 1e6, cpu * 1e9 / count as f64);
                let name = format!("{name}, {}", measured.name);
                println!("{name:<16} {count:>10} {wall:>12.1} {:>12.1} {each:>14.1}", cpu * 1e6);
            }
        }
    }
    Ok(())
}

fn measure(scene: &Scene, count: usize) -> anyhow::Result<Vec<Measured>> {
    let sizes = InputSizes::new().other_inputs(1280.0, 720.0).image("logo", 200.0, 100.0);
    let compute = || scene.layout((1920, 1080), black_box(sizes.clone()));
    let layout = compute()?;
    anyhow::ensure!(layout.boxes().len() == count, "{} components, not {count}", layout.boxes().len());
    // Short work is repeated, so that a turn takes more than the resolution of the clock.
    let repeats = u32::try_from(20_000 / count)?;
    take_turns(
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
    )
}

/// One list of tiles.
fn tiles(count: usize) -> Scene {
    let inputs = (1..count).map(|number| InputStream::new(format!("peer-{number}")));
    Scene::new(Tiles::new().margin(2.0).children(inputs))
}

/// Cards of nine components. Empty views complete the number.
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
