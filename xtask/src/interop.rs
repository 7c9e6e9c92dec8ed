//! `cargo xtask interop`: compares the official Python SDKs with this SDK.
//!
//! Prepares a Python environment for each official SDK under `target/`. Rebuilds an environment if its requirements change
//! or if it is broken. Then runs the program `interop` of the crate `fishjam-tests`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::Outcome;

/// The oldest supported version of Python.
const OLDEST_PYTHON: (u8, u8) = (3, 11);

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
        command.arg(option).arg(environment(root, requirements, name)?);
    }
    let status = command.args(scenarios).status().context("cannot run cargo")?;
    match status.code() {
        Some(0) => Ok(Outcome::Clean),
        Some(1) => Ok(Outcome::Findings),
        _ => bail!("the interop program ended with {status}"),
    }
}

/// Returns the Python of the environment with this name. Installs the requirements first, if necessary.
fn environment(root: &Path, requirements: &str, name: &str) -> Result<PathBuf> {
    let requirements = root.join("tests/interop").join(requirements);
    let required = fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let directory = root.join("target/venv").join(name);
    let python = directory.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    // Written last, so that an incomplete environment is rebuilt.
    let installed = directory.join("installed-requirements.txt");
    if fs::read(&installed).is_ok_and(|installed| installed == required) && is_recent(&python).unwrap_or(false) {
        return Ok(python);
    }
    let system = env::var_os("PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let (major, minor) = OLDEST_PYTHON;
    ensure!(
        is_recent(&system)?,
        "{} is older than Python {major}.{minor}; set the variable PYTHON to a newer one",
        system.display()
    );
    eprintln!("installing the packages of {} in {}", requirements.display(), directory.display());
    succeed(Command::new(&system).args(["-m", "venv", "--clear"]).arg(&directory))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    succeed(Command::new(&python).args(install).arg(&requirements))?;
    fs::write(&installed, required).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}

/// Returns `true` if this Python is new enough.
fn is_recent(python: &Path) -> Result<bool> {
    let (major, minor) = OLDEST_PYTHON;
    let test = format!("import sys; sys.exit(sys.version_info < ({major}, {minor}))");
    let status = Command::new(python).arg("-c").arg(test).status();
    let status = status.with_context(|| format!("cannot run {}", python.display()))?;
    Ok(status.success())
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
