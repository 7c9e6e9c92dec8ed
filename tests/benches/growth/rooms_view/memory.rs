//! The memory of a consumer that never reads its changes.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::sleep;

use super::{
    super::{
        child,
        curve::{Curve, Point},
        setup::{
            bare, room_data,
            rooms_service::RoomsService,
            view::{Kind, View},
        },
    },
    runtime,
};

const ROOMS: usize = 10;
const PEERS: usize = 500;
/// The numbers of events after which the memory is read.
const EVENTS: [usize; 3] = [100, 500, 2_000];

pub(super) fn measure() -> anyhow::Result<Vec<Curve>> {
    let service = RoomsService::start(ROOMS, PEERS, Duration::ZERO)?;
    let numbers = |candidate| child::run::<{ EVENTS.len() }>("consumer_of_changes", &[candidate, service.url()]);
    let (bare, sdk) = (numbers("bare")?, numbers("sdk")?);
    let sizes = EVENTS.iter().zip(sdk.iter().zip(&bare));
    Ok(vec![Curve {
        title: "Memory of a consumer of changes that never reads",
        size: "events of rooms with 500 peers",
        cost: "MB",
        bare: "a broadcast of 1,024 `Arc`s",
        goal: "bounded in bytes",
        points: sizes.map(|(&size, (&sdk, &bare))| Point { size: size as u64, sdk, bare: Some(bare) }).collect(),
    }])
}

/// The task of a child process: returns the memory of the changes after each number of events, in megabytes.
pub(crate) fn run_task(arguments: &[&str]) -> anyhow::Result<Vec<f64>> {
    let (kind, url) = match arguments {
        ["bare", url] => (Kind::Bare, *url),
        ["sdk", url] => (Kind::Sdk, *url),
        _ => bail!("wrong arguments: {arguments:?}"),
    };
    runtime()?.block_on(async {
        let (view, http) = (View::start(kind, url).await?, bare::client()?);
        update_all(&view, &http, url).await?;
        let _changes = view.changes();
        let before = child::memory()?;
        let (mut events, mut numbers) = (0, Vec::new());
        for goal in EVENTS {
            while events < goal {
                update_all(&view, &http, url).await?;
                events += ROOMS;
            }
            // The allocator can return memory of the updates.
            numbers.push((child::memory()? - before).max(0.0) / 1e6);
        }
        Ok(numbers)
    })
}

/// Updates each room once, and waits until the view shows the last update.
async fn update_all(view: &View, http: &reqwest::Client, url: &str) -> anyhow::Result<()> {
    let last: u64 = bare::get(http, &format!("{url}/control/updates")).await?;
    let room = room_data::room_id(ROOMS - 1);
    while view.get(&room).context("no room")?.update() != Some(last) {
        sleep(Duration::from_micros(200)).await;
    }
    Ok(())
}
