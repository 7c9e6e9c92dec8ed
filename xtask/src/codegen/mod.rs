//! `cargo xtask codegen`: runs the generators, then copies or compares their output.
//!
//! The build script of each generated crate is its generator. With the feature `codegen`, it writes its output to
//! `OUT_DIR/frozen`. The committed files under `src/generated` are an exact copy.

use std::{io::Write, path::Path};

use anyhow::{Context, Result};

use crate::Outcome;

pub mod freeze;
pub mod generator;

/// Each generated crate and its directory in the workspace.
const CRATES: [(&str, &str); 2] = [("fishjam-api", "fishjam-api"), ("fishjam-proto", "proto")];

/// Generates each crate and updates the committed files. With `check`, prints the differences and changes no file.
///
/// # Errors
///
/// Returns an error if a generator fails, or if its output cannot be read or written.
pub fn run(root: &Path, check: bool, out: &mut dyn Write) -> Result<Outcome> {
    let mut outcome = Outcome::Clean;
    for (package, directory) in CRATES {
        let frozen = generator::run(root, package, directory)?;
        let committed = format!("{directory}/src/generated");
        let changes = freeze::plan(&frozen, &root.join(&committed))
            .with_context(|| format!("cannot compare the output of {package}"))?;
        if check {
            for change in changes {
                write!(out, "{}", change.report(&committed))?;
                outcome = Outcome::Findings;
            }
            continue;
        }
        freeze::apply(&changes, &root.join(&committed)).with_context(|| format!("cannot write to {committed}"))?;
        for change in changes {
            writeln!(out, "{}", change.headline(&committed))?;
        }
    }
    if outcome == Outcome::Findings {
        writeln!(out, "the committed code differs from the output of the generators; run `cargo xtask codegen`")?;
    }
    Ok(outcome)
}
