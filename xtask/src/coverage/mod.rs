//! `cargo xtask coverage`: is everything in the contracts reachable through the facade?
//!
//! | subject | comes from | is surfaced when |
//! |---|---|---|
//! | operation | `openapi.yaml` | code under `fishjam-sdk/src` calls the generated method on `api` ([`facade`]) |
//! | notification | oneof `content` of `fishjam.ServerMessage` | its arm in `fishjam-sdk/src/events/decode.rs` makes a `Notification`, or its list has it with its number ([`facade`]) |
//!
//! Jellyfish is a contract of its own: `openapi-jellyfish.yaml` and `jellyfish.ServerMessage`, surfaced by what is under
//! `fishjam-sdk/src/jellyfish`, which counts for nothing of Fishjam's, and the other way round.
//!
//! What is not surfaced has to be in `coverage-withheld.toml`, with a reason ([`withheld`]); what is in there and is
//! surfaced after all, or does not exist, is an error too.

use std::{collections::BTreeSet, io::Write, path::Path};

use anyhow::Result;
use heck::{ToSnakeCase, ToUpperCamelCase};

use self::{
    facade::{Calls, Decoder},
    withheld::{Lists, Withheld},
};
use crate::{Outcome, document::Document};

pub mod facade;
pub mod notifications;
pub mod withheld;

/// One contract and what surfaces it.
struct Contract {
    /// What its findings begin with.
    prefix: &'static str,
    document: &'static str,
    notifications: &'static str,
    /// Where the facade is, in the workspace.
    facade: &'static str,
    /// What in there belongs to another contract.
    apart: &'static [&'static str],
    /// The decoder, in the facade.
    decoder: &'static str,
}

/// The macros by which decoders are written down, if they are not part of them.
const MACROS: &str = "fishjam-sdk/src/events/contents.rs";

const FISHJAM: Contract = Contract {
    prefix: "",
    document: "openapi.yaml",
    notifications: "fishjam/server_notifications.proto",
    facade: "fishjam-sdk/src",
    apart: &["jellyfish"],
    decoder: "events/decode.rs",
};

const JELLYFISH: Contract = Contract {
    prefix: "Jellyfish: ",
    document: "openapi-jellyfish.yaml",
    notifications: "jellyfish/server_notifications.proto",
    facade: "fishjam-sdk/src/jellyfish",
    apart: &[],
    decoder: "events/decode.rs",
};

/// What was found for one kind of subject.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    total: usize,
    surfaced: usize,
    withheld: usize,
    /// What is wrong, one line each.
    pub problems: Vec<String>,
}

/// Checks the workspace under `root` and prints what is missing or stale, then a summary of each contract.
///
/// # Errors
///
/// When a contract, the facade or the list of what is withheld cannot be read.
pub fn run(root: &Path, out: &mut dyn Write) -> Result<Outcome> {
    let withheld = Withheld::read(&root.join("coverage-withheld.toml"))?;
    let found = [(&FISHJAM, &withheld.fishjam), (&JELLYFISH, &withheld.jellyfish)];
    // Everything is read before anything is said.
    let found =
        found.into_iter().map(|(contract, lists)| examine(root, contract, lists)).collect::<Result<Vec<_>>>()?;
    let problems: Vec<&String> = found.iter().flat_map(|(problems, _)| problems).collect();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    for (_, summary) in &found {
        writeln!(out, "{summary}")?;
    }
    Ok(if problems.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// What is wrong with one contract, one line each, and a summary.
fn examine(root: &Path, contract: &Contract, withheld: &Lists) -> Result<(Vec<String>, String)> {
    let Contract { prefix, facade: directory, decoder, .. } = contract;
    let document = Document::read(&root.join(contract.document).display().to_string())?;
    let ids: BTreeSet<String> = document.operations()?.into_iter().map(|operation| operation.id).collect();
    let numbers = notifications::fields(&root.join("proto/proto"), contract.notifications)?;
    let notifications: BTreeSet<String> = numbers.keys().cloned().collect();
    let facade = root.join(directory);
    let apart: Vec<_> = contract.apart.iter().map(|directory| facade.join(directory)).collect();
    let calls = Calls::read(&facade, &apart)?;
    let arms = Decoder::read(&facade.join(decoder), &root.join(MACROS))?;

    let operations = judge("operation", &ids, &withheld.operations, |id| {
        let method = id.to_snake_case();
        if calls.contains(&method) { Ok(()) } else { Err(format!("no call of `api.{method}(` in {directory}")) }
    });
    let notifications = judge("notification", &notifications, &withheld.notifications, |name| {
        let variant = name.to_upper_camel_case();
        if arms.surfaces(&variant) {
            match (arms.number(&variant), numbers.get(name).map(ToString::to_string)) {
                (Some(stated), Some(number)) if stated != number => {
                    Err(format!("{decoder} has `{variant} = {stated}`, but its number is {number}"))
                }
                _ => Ok(()),
            }
        } else if arms.knows(&variant) {
            Err(format!("the arm `Content::{variant}` of {decoder} makes no `Notification` of it"))
        } else {
            Err(format!("{decoder} has no arm `Content::{variant}`"))
        }
    });

    let problems = operations.problems.iter().chain(&notifications.problems);
    let problems = problems.map(|problem| format!("{prefix}{problem}")).collect();
    let summary = [("operations", &operations), ("notifications", &notifications)].map(|(kind, report)| {
        format!("{} {kind}: {} surfaced, {} withheld", report.total, report.surfaced, report.withheld)
    });
    Ok((problems, format!("{prefix}{}", summary.join("; "))))
}

/// Holds what exists against what is surfaced and what is withheld; `surfaced` says what is missing if it is not.
pub fn judge(
    kind: &str,
    existing: &BTreeSet<String>,
    withheld: &BTreeSet<String>,
    surfaced: impl Fn(&str) -> Result<(), String>,
) -> Report {
    let mut report = Report { total: existing.len(), ..Report::default() };
    for name in existing {
        match (surfaced(name), withheld.contains(name)) {
            (Ok(()), false) => report.surfaced += 1,
            (Err(_), true) => report.withheld += 1,
            (Err(missing), false) => report.problems.push(format!("{kind} {name}: {missing}, and it is not withheld")),
            (Ok(()), true) => {
                report.surfaced += 1;
                report.problems.push(format!("{kind} {name}: listed as withheld, but it is surfaced"));
            }
        }
    }
    for name in withheld.difference(existing) {
        report.problems.push(format!("{kind} {name}: listed as withheld, but the contract has no such {kind}"));
    }
    report
}
