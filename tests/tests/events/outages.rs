//! A thousand outages, each repeatable from its seed: the picture rebuilt from events and snapshots is the server's.

use fishjam_emulator::Emulator;
use fishjam_sdk::RoomsView;
use futures_util::StreamExt;

use crate::{
    quick,
    world::{Dice, World, interrupt},
};

const TRACES: u64 = 1000;

/// Things happen, connections are lost in between, and at the end the view must be right.
async fn trace(seed: u64) -> anyhow::Result<()> {
    let mut dice = Dice::new(seed);
    let emulator = Emulator::start().await?;
    let mut world = World::new(&emulator)?;
    let view = RoomsView::start(world.fishjam(), &quick(&emulator).build()?).await?;
    for _ in 0..dice.roll(25) + 5 {
        world.happen(&mut dice).await?;
        if dice.roll(6) == 0 {
            interrupt(&emulator, &mut dice);
        }
        if dice.roll(10) == 0 {
            emulator.faults().on("server_socket").status(503).times(dice.roll(3) as u64 + 1);
        }
    }
    world.is_shown_by(&view).await
}

// Defect X2 of the official SDKs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn view_is_right_after_a_thousand_random_outages() -> anyhow::Result<()> {
    let mut traces = futures_util::stream::iter(0..TRACES)
        .map(|seed| tokio::spawn(async move { trace(seed).await.map_err(|e| e.context(format!("seed {seed}"))) }))
        .buffer_unordered(8);
    let mut right = 0;
    while let Some(outcome) = traces.next().await {
        outcome??;
        right += 1;
    }
    assert_eq!(right, TRACES);
    Ok(())
}
