//! How the cost of each feature grows, next to the bare crates with the same work.
//!
//! `cargo bench -p fishjam-tests --bench growth` measures all curves. It writes one drawing for each curve to
//! `docs/growth/`, and replaces the tables in `docs/performance.md`. `-- rooms_view` measures one group and prints its
//! tables, without writing. The sockets of both ends are open files of this process: `ulimit -n 8192`.

mod agents;
mod batches;
mod calls;
mod curve;
mod lists;
mod notifier;
mod rooms_view;
#[path = "../setup"]
mod setup {
    pub(crate) mod agent_service;
    pub(crate) mod bare;
    pub(crate) mod bare_agent;
    pub(crate) mod burst;
    pub(crate) mod fixed_response;
    pub(crate) mod rounds;
}
mod webhooks;

use self::curve::Curve;

/// A group of curves. It has one file.
struct Group {
    name: &'static str,
    measure: fn() -> anyhow::Result<Vec<Curve>>,
}

const GROUPS: [Group; 7] = [
    Group { name: "rooms_view", measure: rooms_view::measure },
    Group { name: "lists", measure: lists::measure },
    Group { name: "webhooks", measure: webhooks::measure },
    Group { name: "agents", measure: agents::measure },
    Group { name: "notifier", measure: notifier::measure },
    Group { name: "calls", measure: calls::measure },
    Group { name: "batches", measure: batches::measure },
];

fn main() -> anyhow::Result<()> {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for group in GROUPS {
        if chosen.is_empty() || chosen.iter().any(|name| name == group.name) {
            for curve in (group.measure)()? {
                println!("{}", curve.table());
            }
        }
    }
    Ok(())
}
