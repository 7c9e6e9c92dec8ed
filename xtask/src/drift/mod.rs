//! `cargo xtask drift`: compares two OpenAPI documents by meaning.
//!
//! The report has one line per difference: verdict, subject, path and change. For a shared component, it lists the
//! operations that use it. The table in [`rules`] defines the verdicts. Subject, path and change identify a difference in
//! the allow-list ([`allow`]).

use std::{io::Write, path::Path};

use anyhow::Result;

use self::{allow::AllowList, rules::Verdict};
use crate::{Outcome, document::Document};

pub mod allow;
mod constraint;
mod content;
pub mod difference;
pub mod operation;
mod parameter;
pub mod rules;
pub mod schema;
mod security;
mod union;
pub mod view;

/// Compares our contract with the upstream document and prints the differences.
///
/// # Errors
///
/// Returns an error if a document or the allow-list is unreadable or invalid.
pub fn run(contract: &str, upstream: &str, allow: &Path, out: &mut dyn Write) -> Result<Outcome> {
    let mut allowed = AllowList::read(allow)?;
    let before = Document::read(contract)?;
    let after = Document::read(upstream)?;
    let (mut breaking, mut additive, mut known) = (0, 0, 0);
    for difference in operation::compare(&before, &after)? {
        if let Some(reason) = allowed.reason(&difference.identity) {
            known += 1;
            writeln!(out, "{difference}  [allowed: {}]", reason.trim())?;
            continue;
        }
        match difference.verdict {
            Verdict::Breaking => breaking += 1,
            Verdict::Additive => additive += 1,
        }
        writeln!(out, "{difference}")?;
    }
    let mut stale = 0;
    for identity in allowed.stale() {
        stale += 1;
        writeln!(out, "stale     {identity}  [in the allow-list, but there is no such difference]")?;
    }
    out.flush()?;
    eprintln!("{breaking} breaking, {additive} additive, {known} allowed, {stale} stale in the allow-list");
    Ok(if breaking + additive + stale == 0 { Outcome::Clean } else { Outcome::Findings })
}
