//! The official Python SDKs against our emulator, and their requests and events against ours: `cargo xtask interop`.
//!
//! A scenario has one file per side, `tests/interop/<noun>.py` and `tests/src/interop/<noun>.rs`, and an entry in
//! [`SCENARIOS`]. For each scenario, this program does three things:
//!
//! 1. The script's `check` calls the emulator through the official client. The official client must accept the
//!    responses.
//! 2. The script's `calls` and the Rust file's `calls` make the same calls, each on a new emulator. The program
//!    compares the requests. The Rust file lists the tolerated differences with a reason. A tolerance that no request
//!    needs is a failure, too.
//! 3. The scenario's `run_both` runs both SDKs against one emulator.
//!
//! Each official SDK has a separate Python. An option names it; see [`Sdk`].
//!
//! The exit code is 1 if a check failed, and 2 if the program could not run.

mod agents;
mod calls;
mod composition_statuses;
mod compositions;
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
mod scenes;
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
    compositions::SCENARIO,
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

/// Number of failed checks.
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
