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
//! A scenario of an older contract is run with the official SDK of that time, whose Python is `--older-python`, and one
//! of Jellyfish with Jellyfish's, whose Python is `--jellyfish-python`.
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

use std::{env, process::ExitCode};

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
];

const USAGE: &str =
    "usage: interop --python PROGRAM [--older-python PROGRAM] [--jellyfish-python PROGRAM] [SCENARIO...]";

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
const NO_JELLYFISH: &str = "the scenarios of Jellyfish need --jellyfish-python";

/// How many checks failed.
async fn run(mut arguments: impl Iterator<Item = String>) -> Result<usize> {
    let (mut program, mut older, mut jellyfish, mut names) = (None, None, None, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--python" => program = Some(arguments.next().context(USAGE)?),
            "--older-python" => older = Some(arguments.next().context(USAGE)?),
            "--jellyfish-python" => jellyfish = Some(arguments.next().context(USAGE)?),
            name if SCENARIOS.iter().any(|scenario| scenario.name == name) => names.push(argument),
            other => {
                let known: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
                bail!("{USAGE}\n{other} is none of the scenarios: {}", known.join(", "));
            }
        }
    }
    let (python, older, jellyfish) =
        (Python::new(program.context(USAGE)?), older.map(Python::new), jellyfish.map(Python::new));
    let (mut report, mut tolerances) = (Report::default(), Tolerances::default());
    for scenario in SCENARIOS {
        tolerances.add(scenario.name, scenario.tolerated);
    }
    let chosen = |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    let needs = |sdk| SCENARIOS.iter().filter(chosen).any(|scenario: &Scenario| scenario.sdk == sdk);
    ensure!(older.is_some() || !needs(Sdk::V0_22), NO_OLDER);
    ensure!(jellyfish.is_some() || !needs(Sdk::Jellyfish), NO_JELLYFISH);
    for scenario in SCENARIOS.iter().filter(chosen) {
        let python = match scenario.sdk {
            Sdk::Current => &python,
            Sdk::V0_22 => older.as_ref().context(NO_OLDER)?,
            Sdk::Jellyfish => jellyfish.as_ref().context(NO_JELLYFISH)?,
        };
        scenario.run(python, &mut tolerances, &mut report).await?;
    }
    for scenario in SCENARIOS.iter().filter(chosen) {
        tolerances.judge(scenario.name, &mut report);
    }
    report.finish()
}
