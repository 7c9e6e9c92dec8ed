//! Python environments under `target/venv`, for programs that this workspace installs from PyPI.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// The oldest supported version of Python.
const OLDEST_PYTHON: (u8, u8) = (3, 11);

/// A Python environment with installed packages.
#[derive(Debug)]
pub struct Environment {
    directory: PathBuf,
}

impl Environment {
    /// Returns the environment `target/venv/NAME` with the packages of a requirements file.
    ///
    /// Installs them first if the requirements have changed or if the environment is broken. The variable `PYTHON` selects
    /// the Python that creates it.
    ///
    /// # Errors
    ///
    /// Returns an error if Python is too old, or if a package cannot be installed.
    pub fn prepare(root: &Path, name: &str, requirements: &Path) -> Result<Self> {
        let required = fs::read(requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
        let environment = Self { directory: root.join("target/venv").join(name) };
        let python = environment.python();
        // Written last, so that an incomplete environment is rebuilt.
        let installed = environment.directory.join("installed-requirements.txt");
        if fs::read(&installed).is_ok_and(|installed| installed == required) && is_recent(&python).unwrap_or(false) {
            return Ok(environment);
        }
        let system = env::var_os("PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
        let (major, minor) = OLDEST_PYTHON;
        ensure!(
            is_recent(&system)?,
            "{} is older than Python {major}.{minor}; set the variable PYTHON to a newer one",
            system.display()
        );
        eprintln!("installing the packages of {} in {}", requirements.display(), environment.directory.display());
        succeed(Command::new(&system).args(["-m", "venv", "--clear"]).arg(&environment.directory))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        succeed(Command::new(&python).args(install).arg(requirements))?;
        fs::write(&installed, required).with_context(|| format!("cannot write {}", installed.display()))?;
        Ok(environment)
    }

    /// Returns the Python of this environment.
    #[must_use]
    pub fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// Returns the path of an installed program.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        let programs = self.directory.join(if cfg!(windows) { "Scripts" } else { "bin" });
        programs.join(name).with_extension(env::consts::EXE_EXTENSION)
    }
}

/// Runs a command.
///
/// # Errors
///
/// Returns an error if the command cannot be started, or if its exit status is not 0.
pub fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

/// Returns `true` if this Python is new enough.
fn is_recent(python: &Path) -> Result<bool> {
    let (major, minor) = OLDEST_PYTHON;
    let test = format!("import sys; sys.exit(sys.version_info < ({major}, {minor}))");
    let status = Command::new(python).arg("-c").arg(test).status();
    let status = status.with_context(|| format!("cannot run {}", python.display()))?;
    Ok(status.success())
}
