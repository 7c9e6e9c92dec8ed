//! The official Python SDK against our emulator, and our requests and events against its: `cargo xtask interop`.
//!
//! A scenario is one file per side, `tests/interop/<noun>.py` and `tests/src/interop/<noun>.rs`, and a line in
//! [`SCENARIOS`]. For each of them this program
//!
//! 1. lets the script's `check` drive an emulator: the official client has to be content with it;
//! 2. lets the script's `calls` and the Rust file's `calls` make the same calls, each on a fresh emulator, and
//!    compares what the two emulators received; what may differ is listed in the Rust file, with a reason, and a
//!    line of such a list that no request needs is a failure too;
//! 3. runs whatever the two do together.
//!
//! Each official SDK has a Python of its own, which its option names; see [`Sdk`].
//!
//! It ends with 1 when a check failed and with 2 when it could not run.

mod agents;
mod calls;
mod conversation;
mod credentials;
mod difference;
mod events;
mod jellyfish_events;
mod jellyfish_rooms;
mod livestreams;
mod moq;
mod notifications;
mod older;
mod peer_socket;
mod peers;
mod placeholder;
mod python;
mod recordings;
mod report;
mod request;
mod rooms;
mod scenario;
mod signatures;

use std::{collections::HashMap, env, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    difference::Tolerances,
    python::Python,
    report::Report,
    scenario::{Scenario, Sdk},
};

const SCENARIOS: &[Scenario] = &[
    credentials::SCENARIO,
    rooms::SCENARIO,
    peers::SCENARIO,
    agents::SCENARIO,
    conversation::SCENARIO,
    livestreams::SCENARIO,
    moq::SCENARIO,
    recordings::SCENARIO,
    notifications::SCENARIO,
    events::SCENARIO,
    signatures::SCENARIO,
    older::SCENARIO,
    jellyfish_rooms::SCENARIO,
    jellyfish_events::SCENARIO,
    conversation::OLDER,
    jellyfish_rooms::SELF_HOSTED,
    jellyfish_events::SELF_HOSTED,
];

const USAGE: &str = "usage: interop --python PROGRAM [--python-0.29 PROGRAM] [--older-python PROGRAM] \
                     [--jellyfish-python PROGRAM] [--self-hosted-python PROGRAM] [SCENARIO...]";

#[tokio::main]
async fn main() -> ExitCode {
    match run(env::args().skip(1)).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// How many checks failed.
async fn run(mut arguments: impl Iterator<Item = String>) -> Result<usize> {
    let (mut pythons, mut names) = (HashMap::new(), Vec::new());
    while let Some(argument) = arguments.next() {
        if let Some(sdk) = Sdk::ALL.into_iter().find(|sdk| sdk.option() == argument) {
            pythons.insert(sdk, Python::new(arguments.next().context(USAGE)?));
            continue;
        }
        match argument.as_str() {
            name if SCENARIOS.iter().any(|scenario| scenario.name == name) => names.push(argument),
            other => {
                let known: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
                bail!("{USAGE}\n{other} is none of the scenarios: {}", known.join(", "));
            }
        }
    }
    let (mut report, mut tolerances) = (Report::default(), Tolerances::default());
    for scenario in SCENARIOS {
        tolerances.add(scenario.name, scenario.tolerated);
    }
    let chosen = |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    for scenario in SCENARIOS.iter().filter(chosen) {
        let (name, option) = (scenario.name, scenario.sdk.option());
        ensure!(pythons.contains_key(&scenario.sdk), "the scenario {name} needs {option}");
    }
    for scenario in SCENARIOS.iter().filter(chosen) {
        let python = pythons.get(&scenario.sdk).context(USAGE)?;
        scenario.run(python, &mut tolerances, &mut report).await?;
    }
    for scenario in SCENARIOS.iter().filter(chosen) {
        tolerances.judge(scenario.name, &mut report);
    }
    report.finish()
}
