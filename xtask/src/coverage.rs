//! `cargo xtask coverage`: is everything in the contract reachable through the facade?
//!
//! | subject | comes from | is surfaced when |
//! |---|---|---|
//! | operation | `openapi.yaml` | code under `fishjam-sdk/src` calls the generated method ([`facade`]) |
//! | notification | oneof `content` of `fishjam.ServerMessage` | its arm in `fishjam-sdk/src/events/decode.rs` makes a `Notification` ([`facade`]) |
//!
//! What is not surfaced has to be in `coverage-withheld.toml`, with a reason ([`withheld`]); what is in there and is
//! surfaced after all, or does not exist, is an error too.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::Outcome;
use crate::coverage::facade::{Calls, Decoder};
use crate::coverage::withheld::Withheld;
use crate::document::Document;

pub mod facade;
pub mod notifications;
pub mod withheld;

/// What was found for one kind of subject.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    total: usize,
    surfaced: usize,
    withheld: usize,
    /// What is wrong, one line each.
    pub problems: Vec<String>,
}

/// Checks the workspace under `root` and prints what is missing or stale, then a summary.
///
/// # Errors
///
/// When a contract, the facade or the list of what is withheld cannot be read.
pub fn run(root: &Path, out: &mut dyn Write) -> Result<Outcome> {
    let withheld = Withheld::read(&root.join("coverage-withheld.toml"))?;
    let contract = Document::read(&root.join("openapi.yaml").display().to_string())?;
    let ids: BTreeSet<String> = contract.operations()?.into_iter().map(|operation| operation.id).collect();
    let notifications = notifications::names(&root.join("proto/proto"), "fishjam/server_notifications.proto")?;
    let facade = root.join("fishjam-sdk/src");
    let calls = Calls::read(&facade)?;
    let decoder = Decoder::read(&facade.join("events/decode.rs"))?;

    let operations = judge("operation", &ids, &withheld.operations, |id| {
        let method = id.to_snake_case();
        if calls.contains(&method) { Ok(()) } else { Err(format!("no call of `.{method}(` in fishjam-sdk/src")) }
    });
    let notifications = judge("notification", &notifications, &withheld.notifications, |name| {
        let variant = name.to_upper_camel_case();
        if decoder.surfaces(&variant) {
            Ok(())
        } else if decoder.knows(&variant) {
            Err(format!("the arm `Content::{variant}` of events/decode.rs makes no `Notification` of it"))
        } else {
            Err(format!("events/decode.rs has no arm `Content::{variant}`"))
        }
    });

    for problem in operations.problems.iter().chain(&notifications.problems) {
        writeln!(out, "{problem}")?;
    }
    let summary = [("operations", &operations), ("notifications", &notifications)].map(|(kind, report)| {
        format!("{} {kind}: {} surfaced, {} withheld", report.total, report.surfaced, report.withheld)
    });
    writeln!(out, "{}", summary.join("; "))?;
    let clean = operations.problems.is_empty() && notifications.problems.is_empty();
    Ok(if clean { Outcome::Clean } else { Outcome::Findings })
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
