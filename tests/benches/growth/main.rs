//! How the cost of each feature grows, next to the bare crates with the same work.
//!
//! `cargo bench -p fishjam-tests --bench growth` measures all curves. It writes one drawing for each curve to
//! `docs/growth/`, and replaces the text between the markers of `docs/growth.md`. `-- rooms_view` measures one group
//! and prints its tables. `-- rooms_view --write` also replaces the sections and the drawings of this group. The sockets of
//! both ends are open files of this process: `ulimit -n 8192`.

mod agents;
mod axis;
mod batches;
mod calls;
mod chart;
mod child;
mod curve;
mod document;
mod lists;
mod notifier;
mod rooms_view;
#[path = "../setup"]
mod setup {
    pub(crate) mod agent_service;
    pub(crate) mod bare;
    pub(crate) mod bare_agent;
    pub(crate) mod bare_events;
    pub(crate) mod bare_view;
    pub(crate) mod burst;
    pub(crate) mod fixed_response;
    pub(crate) mod in_flight;
    pub(crate) mod room_data;
    pub(crate) mod rooms_service;
    pub(crate) mod rounds;
    pub(crate) mod view;
}
mod webhooks;

use std::{env, path::Path};

use anyhow::ensure;

use self::curve::Curve;

/// A group of curves. It has one module.
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
    child::run_task()?;
    let (options, names): (Vec<String>, Vec<String>) = env::args().skip(1).partition(|arg| arg.starts_with('-'));
    // `cargo test --benches` does not measure.
    if !options.iter().any(|option| option == "--bench") {
        return Ok(());
    }
    let all = names.is_empty();
    // A group can have names for its parts.
    let groups: Vec<_> = GROUPS.iter().filter(|group| all || names.iter().any(|name| name == group.name)).collect();
    ensure!(!groups.is_empty(), "no group has one of the names {}", names.join(", "));
    let writes = all || options.iter().any(|option| option == "--write");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/growth.md");
    if writes {
        document::check(&path)?;
    }
    let mut curves = Vec::new();
    for group in groups {
        for curve in (group.measure)()? {
            println!("{}", curve.table());
            curves.push(curve);
        }
    }
    match (writes, all) {
        (true, true) => document::replace(&path, &curves),
        (true, false) => document::update(&path, &curves),
        (false, _) => Ok(()),
    }
}
