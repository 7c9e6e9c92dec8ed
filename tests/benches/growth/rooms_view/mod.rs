//! A view of all rooms: events, stale rooms, consumers and resyncs.
//!
//! `-- rooms_view stale` measures one part: `events`, `stale`, `resync` or `memory`.

mod events;
pub(crate) mod memory;
pub(crate) mod resync;
mod stale;

use std::env;

use tokio::runtime::{Builder, Runtime};

use super::{
    curve::Curve,
    setup::{
        rooms_service::RoomsService,
        view::{Kind, View},
    },
};

/// The number of rounds. Each curve has the medians.
const ROUNDS: usize = 3;
/// The number of peers in each room, unless their number is measured.
const PEERS: usize = 5;

/// A part of this group.
type Part = fn() -> anyhow::Result<Vec<Curve>>;

const PARTS: [(&str, Part); 4] =
    [("events", events::measure), ("stale", stale::measure), ("resync", resync::measure), ("memory", memory::measure)];

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    let chosen: Vec<String> = env::args().filter(|arg| PARTS.iter().any(|(name, _)| name == arg)).collect();
    let mut curves = Vec::new();
    for (name, part) in PARTS {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            curves.extend(part()?);
        }
    }
    Ok(curves)
}

/// Returns a runtime that runs in this thread, so that the processor time of this thread includes all tasks of a view.
fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A view, and its socket of the server.
struct Followed {
    view: View,
    socket: usize,
}

impl Followed {
    async fn start(kind: Kind, service: &RoomsService) -> anyhow::Result<Self> {
        let view = View::start(kind, service.url()).await?;
        Ok(Self { view, socket: service.sockets() - 1 })
    }
}
