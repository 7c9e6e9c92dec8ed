//! The commands of this workspace: `cargo xtask <command>`.
//!
//! | command | check | findings |
//! |---|---|---|
//! | [`arrows`] | dependencies between modules run in one direction | a cycle, or a dependency that the table lacks |
//! | [`browser`] | the web pages of the examples work in headless Chromium | a failed test |
//! | [`budget`] | a dependent compiles few crates | a tree above its limit, or with a forbidden crate |
//! | [`codegen`] | the committed code is the output of the generators | `--check` found a difference |
//! | [`coverage`] | the facade offers each operation and notification of the contracts | a missing item, or a stale exception |
//! | [`drift`] | another OpenAPI document has the same meaning as ours | a difference that is not allowed, or a stale entry |
//! | [`guide`] | the guide has all pages, and its links work | a dead link, a missing page, a program that is too long |
//! | [`interop`] | the official SDKs and this SDK send the same requests and receive the same events | a difference |
//! | [`public_api`] | the committed lists have the public API of the published crates | `--check` found a difference, or a private type |
//! | [`tutorial`] | the README and the tutorial work as pasted | a block that does not compile, or another output |
//!
//! The exit status is 0 without findings, 1 with findings, and 2 after an error such as invalid input or a failed build.

use std::{
    env,
    path::{Path, PathBuf},
};

pub mod arrows;
pub mod browser;
pub mod budget;
pub mod codegen;
pub mod coverage;
pub mod document;
pub mod drift;
pub mod fences;
pub mod guide;
pub mod interop;
pub mod public_api;
pub mod source;
pub mod tutorial;
pub mod venv;

/// Result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There are no findings.
    Clean,
    /// There are findings. The command has printed them.
    Findings,
}

/// Returns the root of this workspace.
#[must_use]
pub fn workspace_root() -> PathBuf {
    // `cargo xtask` sets the variable. Without cargo, use the directory of the build.
    let manifest_dir =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir.parent().map_or_else(|| manifest_dir.clone(), Path::to_path_buf)
}
