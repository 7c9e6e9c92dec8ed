//! `cargo xtask interop`: prepares a Python for each official SDK, and runs the program that compares them with ours.
//!
//! The virtual environments are under `target/`; one is made anew when its requirements change or it does not work
//! any more. The program is `interop` of the crate `fishjam-tests`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::Outcome;

/// What the scripts are written for.
const OLDEST_PYTHON: (u8, u8) = (3, 11);

/// The official SDKs: the option of the program, the requirements, and the name of the environment.
const PYTHONS: [(&str, &str, &str); 5] = [
    ("--python", "requirements.txt", "interop"),
    ("--python-0.29", "requirements-0.29.txt", "interop-0.29"),
    ("--older-python", "requirements-0.22.txt", "interop-0.22"),
    ("--jellyfish-python", "requirements-jellyfish.txt", "interop-jellyfish"),
    ("--self-hosted-python", "requirements-self-hosted.txt", "interop-self-hosted"),
];

/// Runs the scenarios with these names, or all of them.
///
/// # Errors
///
/// When Python or the official SDK cannot be had, or the program cannot be built or run.
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

/// The Python in whose environment, which has this name, these requirements are installed.
fn environment(root: &Path, requirements: &str, name: &str) -> Result<PathBuf> {
    let requirements = root.join("tests/interop").join(requirements);
    let wanted = fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let directory = root.join("target/venv").join(name);
    let python = directory.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    // Written last, so that what is half made is made again.
    let installed = directory.join("installed-requirements.txt");
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) && is_recent(&python).unwrap_or(false) {
        return Ok(python);
    }
    let system = env::var_os("PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let (major, minor) = OLDEST_PYTHON;
    ensure!(
        is_recent(&system)?,
        "{} is older than Python {major}.{minor}; name a newer one in the variable PYTHON",
        system.display()
    );
    eprintln!("Installing what {} names under {}", requirements.display(), directory.display());
    succeed(Command::new(&system).args(["-m", "venv", "--clear"]).arg(&directory))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    succeed(Command::new(&python).args(install).arg(&requirements))?;
    fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}

/// Whether this Python is new enough.
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
