//! A thousand random outages, each reproducible from its seed. The view must equal the server's rooms.

use fishjam_emulator::Emulator;
use fishjam_sdk::RoomsView;
use futures_util::StreamExt;

use crate::{
    fixture::{Fixture, Rng, interrupt},
    quick,
};

const TRACES: u64 = 1000;

/// Changes rooms and loses connections at random. At the end, the view must equal the server.
async fn trace(seed: u64) -> anyhow::Result<()> {
    let mut rng = Rng::new(seed);
    let emulator = Emulator::start().await?;
    let mut fixture = Fixture::new(&emulator)?;
    let view = RoomsView::start(fixture.fishjam(), &quick(&emulator).build()?).await?;
    for _ in 0..rng.below(25) + 5 {
        fixture.random_change(&mut rng).await?;
        if rng.below(6) == 0 {
            interrupt(&emulator, &mut rng);
        }
        if rng.below(10) == 0 {
            emulator.faults().on("server_socket").status(503).times(rng.below(3) as u64 + 1);
        }
    }
    fixture.is_shown_by(&view).await
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
