//! The project's own commands, run as `cargo xtask <command>`.
//!
//! | command | asks | exit status |
//! |---|---|---|
//! | [`budget`] | how many crates does a dependent compile, and may it be so many? | 1: a tree is above its limit, or holds what it must not |
//! | [`codegen`] | is the committed code what the generators produce? | 1: `--check` found a difference |
//! | [`drift`] | does another OpenAPI document mean the same as ours? | 1: a difference that is not allowed, or a stale allowance |
//! | [`coverage`] | is everything in the contracts reachable through the facade? | 1: something is missing, or a stale exception |
//! | [`interop`] | does the official SDK take the emulator for Fishjam, and does ours send and hear the same? | 1: a check failed |
//!
//! Every command ends with 2 when it could not answer: unreadable or invalid input, a failed build, wrong arguments.

use std::{
    env,
    path::{Path, PathBuf},
};

pub mod arrows;
pub mod budget;
pub mod codegen;
pub mod coverage;
pub mod document;
pub mod drift;
pub mod interop;
pub mod source;

/// What a check found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to object to.
    Clean,
    /// There are findings; they have been printed.
    Findings,
}

/// The root of the workspace that this crate belongs to.
#[must_use]
pub fn workspace_root() -> PathBuf {
    // Cargo sets the variable for `cargo run` and so for `cargo xtask`; a binary started by hand knows where it was built.
    let manifest_dir =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir.parent().map_or_else(|| manifest_dir.clone(), Path::to_path_buf)
}
