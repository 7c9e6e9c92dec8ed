//! The memory of a consumer that never reads its changes.

use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

use super::{
    super::{
        curve::{Curve, Point},
        setup::{
            bare, room_data,
            rooms_service::RoomsService,
            view::{Kind, View},
        },
    },
    child, runtime,
};

const ROOMS: usize = 10;
const PEERS: usize = 500;
/// The numbers of events after which the memory is read.
const EVENTS: [usize; 3] = [100, 500, 2_000];
const BARE: &str = "bare_consumer";
const SDK: &str = "sdk_consumer";

pub(super) fn measure() -> anyhow::Result<Vec<Curve>> {
    let service = RoomsService::start(ROOMS, PEERS, Duration::ZERO)?;
    let (bare, sdk) = (child::run(BARE, service.url())?, child::run(SDK, service.url())?);
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

/// Runs a task in a child process. Returns `false` if the task is of another curve.
pub(super) fn run_task(task: &str, url: &str) -> anyhow::Result<bool> {
    let kind = match task {
        BARE => Kind::Bare,
        SDK => Kind::Sdk,
        _ => return Ok(false),
    };
    runtime()?.block_on(async {
        let (view, http) = (View::start(kind, url).await?, bare::client()?);
        update_all(&view, &http, url).await?;
        let _changes = view.changes();
        let before = child::memory("VmRSS:")?;
        let mut events = 0;
        for goal in EVENTS {
            while events < goal {
                update_all(&view, &http, url).await?;
                events += ROOMS;
            }
            println!("{}", child::memory("VmRSS:")? - before);
        }
        Ok(true)
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
