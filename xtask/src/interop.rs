//! `cargo xtask interop`: compares the official Python SDKs with this SDK.
//!
//! Prepares a Python environment for each official SDK. Then runs the program `interop` of the crate `fishjam-tests`.

use std::{env, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{Outcome, venv::Environment};

/// The official SDKs: the option of the program, the requirements file, and the name of the environment.
const PYTHONS: [(&str, &str, &str); 5] = [
    ("--python", "requirements.txt", "interop"),
    ("--python-0.29", "requirements-0.29.txt", "interop-0.29"),
    ("--older-python", "requirements-0.22.txt", "interop-0.22"),
    ("--jellyfish-python", "requirements-jellyfish.txt", "interop-jellyfish"),
    ("--self-hosted-python", "requirements-self-hosted.txt", "interop-self-hosted"),
];

/// Runs the scenarios with these names, or all scenarios.
///
/// # Errors
///
/// Returns an error if Python or an official SDK cannot be installed, or if the program cannot be built or run.
pub fn run(root: &Path, scenarios: &[String]) -> Result<Outcome> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args(["run", "--quiet", "--package", "fishjam-tests", "--bin", "interop", "--"]);
    for (option, requirements, name) in PYTHONS {
        let requirements = root.join("tests/interop").join(requirements);
        command.arg(option).arg(Environment::prepare(root, name, &requirements)?.python());
    }
    let status = command.args(scenarios).status().context("cannot run cargo")?;
    match status.code() {
        Some(0) => Ok(Outcome::Clean),
        Some(1) => Ok(Outcome::Findings),
        _ => bail!("the interop program ended with {status}"),
    }
}
