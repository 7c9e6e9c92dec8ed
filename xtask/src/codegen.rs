//! `cargo xtask codegen`: runs the generators and freezes, or checks, what they produce.
//!
//! The build script of each generated crate is its generator: with the feature `codegen` it leaves its output in
//! `OUT_DIR/frozen`, which is committed verbatim as `src/generated`. The methods of the SDK's blocking client are written
//! from the SDK's own code by [`blocking`].

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use crate::codegen::freeze::Change;
use crate::{Outcome, blocking};

pub mod freeze;
pub mod generator;

/// A generated crate and its directory in the workspace.
const CRATES: [(&str, &str); 2] = [("fishjam-api", "fishjam-api"), ("fishjam-proto", "proto")];

/// Generates every crate; with `check` prints what would change and changes nothing.
///
/// # Errors
///
/// When a generator fails, or its output cannot be read or written.
pub fn run(root: &Path, check: bool, out: &mut dyn Write) -> Result<Outcome> {
    let mut outcome = Outcome::Clean;
    let mut freeze = |plan: &[Change], committed: &str| -> Result<()> {
        if check {
            for change in plan {
                write!(out, "{}", change.report(committed))?;
                outcome = Outcome::Findings;
            }
            return Ok(());
        }
        freeze::apply(plan, &root.join(committed)).with_context(|| format!("cannot write to {committed}"))?;
        for change in plan {
            writeln!(out, "{}", change.headline(committed))?;
        }
        Ok(())
    };
    for (package, directory) in CRATES {
        let frozen = generator::run(root, package, directory)?;
        let committed = format!("{directory}/src/generated");
        let plan = freeze::plan(&frozen, &root.join(&committed))
            .with_context(|| format!("cannot compare the output of {package}"))?;
        freeze(&plan, &committed)?;
    }
    let plan = blocking::plan(root).context("cannot write the methods of the blocking client")?;
    freeze(&plan, blocking::DIRECTORY)?;
    if outcome == Outcome::Findings {
        writeln!(out, "The committed code is not what the generators produce; run `cargo xtask codegen`.")?;
    }
    Ok(outcome)
}
