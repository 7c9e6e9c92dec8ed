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
//! It ends with 1 when a check failed and with 2 when it could not run.

mod calls;
mod credentials;
mod difference;
mod livestreams;
mod notifications;
mod peer_socket;
mod peers;
mod placeholder;
mod python;
mod report;
mod request;
mod rooms;
mod scenario;

use std::{env, process::ExitCode};

use anyhow::{Context, Result, bail};

use crate::{difference::Tolerances, python::Python, report::Report, scenario::Scenario};

const SCENARIOS: &[Scenario] =
    &[credentials::SCENARIO, rooms::SCENARIO, peers::SCENARIO, livestreams::SCENARIO, notifications::SCENARIO];

const USAGE: &str = "usage: interop --python PROGRAM [SCENARIO...]";

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
    let (mut program, mut names) = (None, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--python" => program = Some(arguments.next().context(USAGE)?),
            name if SCENARIOS.iter().any(|scenario| scenario.name == name) => names.push(argument),
            other => {
                let known: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
                bail!("{USAGE}\n{other} is none of the scenarios: {}", known.join(", "));
            }
        }
    }
    let python = Python::new(program.context(USAGE)?);
    let (mut report, mut tolerances) = (Report::default(), Tolerances::default());
    for scenario in SCENARIOS {
        tolerances.add(scenario.name, scenario.tolerated);
    }
    let chosen = |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    for scenario in SCENARIOS.iter().filter(chosen) {
        scenario.run(&python, &mut tolerances, &mut report).await?;
    }
    for scenario in SCENARIOS.iter().filter(chosen) {
        tolerances.judge(scenario.name, &mut report);
    }
    report.finish()
}
