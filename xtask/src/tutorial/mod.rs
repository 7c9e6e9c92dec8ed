//! `cargo xtask tutorial`: proves that the first programs of a user work as pasted.
//!
//! - [`readme`] compiles each Rust block of README.md as a program of its own, with exactly the dependencies of the block
//!   `toml` of README.md.
//! - [`page`] follows the guide's page "A backend in ten minutes" in a new folder. It creates the files that info strings
//!   name (`rust,src/main.rs`), runs the blocks `sh` in one shell, and compares the output of each with the block `text`
//!   after it.
//!
//! The pages expect the clone of this repository at `../fishjam-rs`. The command replaces this path. It also replaces the
//! ports of the page with free ones.
//!
//! All programs have the versions of this workspace's `Cargo.lock`, and its target directory and debug information. Thus cargo
//! reuses crates such as aws-lc-sys, which takes most of the time.

pub mod page;
pub mod ports;
pub mod readme;
pub mod shell;

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::Outcome;

/// The path of the clone in the pages.
const CLONE: &str = "../fishjam-rs";

/// Checks both pages, and prints the problems.
///
/// # Errors
///
/// Returns an error if a file cannot be read or written, or if cargo or the shell cannot be started.
pub fn run(root: &Path, out: &mut dyn Write) -> Result<Outcome> {
    let workspace = Workspace { root, target: target_directory(root) };
    let tutorial = "docs/guide/src/ten-minutes.md";
    let (readme, page) = (read(&root.join("README.md"))?, read(&root.join(tutorial))?);
    let mut problems = readme::problems(&workspace, &readme)?;
    problems.extend(page::problems(&workspace, tutorial, &page)?);
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    Ok(if problems.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// The clone that the programs depend on, and the directory of their build.
#[derive(Debug)]
pub struct Workspace<'a> {
    /// The root of the clone.
    pub root: &'a Path,
    /// The target directory.
    pub target: PathBuf,
}

impl Workspace<'_> {
    /// Replaces the path of the clone in a file or a command.
    #[must_use]
    pub fn adapt(&self, text: &str) -> String {
        text.replace(CLONE, &self.root.display().to_string())
    }

    /// Copies the versions of this workspace into the folder of a program.
    fn copy_versions(&self, folder: &Path) -> Result<()> {
        fs::copy(self.root.join("Cargo.lock"), folder.join("Cargo.lock")).context("cannot copy Cargo.lock")?;
        Ok(())
    }

    /// Sets the environment of a user, except for the settings that make the build faster.
    fn prepare(&self, command: &mut Command) {
        command.env("CARGO_TARGET_DIR", &self.target);
        if env::var_os("CARGO_PROFILE_DEV_DEBUG").is_none() {
            // As in the profile of this workspace.
            command.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
        }
        for variable in ["FISHJAM_ID", "FISHJAM_MANAGEMENT_TOKEN", "FISHJAM_WEBHOOK_SECRET", "FISHJAM_COMPOSITION_URL"]
        {
            command.env_remove(variable);
        }
        // Without these variables, curl sends even requests to this machine through the proxy.
        command.env("NO_PROXY", "127.0.0.1,localhost").env("no_proxy", "127.0.0.1,localhost");
    }
}

fn target_directory(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Creates a file and its folders.
fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
