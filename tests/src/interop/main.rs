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
//! A scenario of an older contract is run with the official SDK of that time, whose Python is `--older-python`.
//!
//! It ends with 1 when a check failed and with 2 when it could not run.

mod agents;
mod calls;
mod conversation;
mod credentials;
mod difference;
mod events;
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

use std::{env, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};
use fishjam_emulator::Contract;

use crate::{difference::Tolerances, python::Python, report::Report, scenario::Scenario};

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
];

const USAGE: &str = "usage: interop --python PROGRAM [--older-python PROGRAM] [SCENARIO...]";

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

const NO_OLDER: &str = "the scenarios of an older contract need --older-python";

/// How many checks failed.
async fn run(mut arguments: impl Iterator<Item = String>) -> Result<usize> {
    let (mut program, mut older, mut names) = (None, None, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--python" => program = Some(arguments.next().context(USAGE)?),
            "--older-python" => older = Some(arguments.next().context(USAGE)?),
            name if SCENARIOS.iter().any(|scenario| scenario.name == name) => names.push(argument),
            other => {
                let known: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
                bail!("{USAGE}\n{other} is none of the scenarios: {}", known.join(", "));
            }
        }
    }
    let (python, older) = (Python::new(program.context(USAGE)?), older.map(Python::new));
    let (mut report, mut tolerances) = (Report::default(), Tolerances::default());
    for scenario in SCENARIOS {
        tolerances.add(scenario.name, scenario.tolerated);
    }
    let chosen = |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    let is_older = |scenario: &Scenario| scenario.contract == Contract::V0_22;
    ensure!(older.is_some() || !SCENARIOS.iter().filter(chosen).any(is_older), NO_OLDER);
    for scenario in SCENARIOS.iter().filter(chosen) {
        let python = match scenario.contract {
            Contract::V0_22 => older.as_ref().context(NO_OLDER)?,
            _ => &python,
        };
        scenario.run(python, &mut tolerances, &mut report).await?;
    }
    for scenario in SCENARIOS.iter().filter(chosen) {
        tolerances.judge(scenario.name, &mut report);
    }
    report.finish()
}
