//! `cargo xtask coverage`: checks that the facade offers each operation and notification of the contracts.
//!
//! - Operations: `transport/operations.rs` has one constant for each. A constant that no method uses does not compile.
//! - Notifications: the `decode_table!` of the server's `events/mod.rs` has one row for each.
//!
//! `coverage-withheld.toml` lists each item that the facade withholds, with a reason. An entry that is not necessary is a
//! finding, too.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::Path,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{Outcome, document::Document, source};

mod contract;
mod facade;

/// The facade in the workspace.
const FACADE: &str = "fishjam-sdk/src";

/// The table of operations in the facade.
const OPERATIONS: &str = "transport/operations.rs";

/// The withheld items: names and reasons.
type Withheld = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllWithheld {
    #[serde(default)]
    fishjam: ContractWithheld,
    #[serde(default)]
    composition: ContractWithheld,
    #[serde(default)]
    jellyfish: ContractWithheld,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContractWithheld {
    #[serde(default)]
    operations: Withheld,
    #[serde(default)]
    notifications: Withheld,
}

/// A contract, and its place in the facade.
struct Contract {
    name: &'static str,
    /// The OpenAPI document, in the directory of the workspace.
    document: &'static str,
    /// The module of [`OPERATIONS`] with the constants. Empty for those at the top.
    module: &'static str,
    /// The package of the notifications, and the file of the facade that decodes them.
    notifications: Option<(&'static str, &'static str)>,
    withheld: ContractWithheld,
}

/// Checks the workspace in `root`. Prints the problems, then a summary of each contract.
///
/// # Errors
///
/// Returns an error if a contract, the facade or the list of withheld items is unreadable or invalid.
pub fn run(root: &Path, out: &mut dyn Write) -> Result<Outcome> {
    let read = |path: &str| source::read(&root.join(path).display().to_string());
    let withheld: AllWithheld = toml::from_str(&read("coverage-withheld.toml")?).context("coverage-withheld.toml")?;
    let mut operations = facade::operations(&read(&format!("{FACADE}/{OPERATIONS}"))?);
    let contracts = [
        Contract {
            name: "Fishjam",
            document: "openapi.yaml",
            module: "",
            notifications: Some(("fishjam", "events/mod.rs")),
            withheld: withheld.fishjam,
        },
        Contract {
            name: "Composition",
            document: "openapi-composition.yaml",
            module: "composition",
            notifications: None,
            withheld: withheld.composition,
        },
        Contract {
            name: "Jellyfish",
            document: "openapi-jellyfish.yaml",
            module: "jellyfish",
            notifications: Some(("jellyfish", "jellyfish/events/mod.rs")),
            withheld: withheld.jellyfish,
        },
    ];
    let (mut problems, mut summaries) = (Vec::new(), Vec::new());
    for Contract { name, document, module, notifications, withheld } in contracts {
        let document = Document::read(&root.join(document).display().to_string())?;
        let ids = document.operations()?.into_iter().map(|operation| operation.id).collect();
        let operations = operations.remove(module).unwrap_or_default();
        let (fields, rows, events) = match notifications {
            Some((package, events)) => (
                contract::notifications(&root.join("proto/proto"), package)?,
                facade::notifications(&read(&format!("{FACADE}/{events}"))?),
                events,
            ),
            None => (BTreeMap::new(), BTreeMap::new(), ""),
        };
        let mut found = judge("operation", OPERATIONS, &ids, &operations, &withheld.operations)?;
        let (known, decoded) = (fields.keys().cloned().collect(), rows.keys().cloned().collect());
        found.extend(judge("notification", events, &known, &decoded, &withheld.notifications)?);
        found.extend(rows.iter().filter_map(|(row, number)| {
            let contract = fields.get(row).filter(|contract| *contract != number)?;
            Some(format!("notification {row}: {events} has the number {number}, but the contract has {contract}"))
        }));
        problems.extend(found.into_iter().map(|problem| format!("{name}: {problem}")));
        let rows = notifications.map(|_| format!(", {} notifications", rows.len())).unwrap_or_default();
        summaries.push(format!("{name}: {} operations{rows}", operations.len()));
    }
    for line in problems.iter().chain(&summaries) {
        writeln!(out, "{line}")?;
    }
    Ok(if problems.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// Compares the items of a contract with the items in a table of the facade and the withheld items.
fn judge(
    kind: &str,
    table: &str,
    contract: &BTreeSet<String>,
    facade: &BTreeSet<String>,
    withheld: &Withheld,
) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for name in contract {
        match (facade.contains(name), withheld.contains_key(name)) {
            (false, false) => problems.push(format!("{kind} {name}: add it to {table} or to coverage-withheld.toml")),
            (true, true) => problems.push(format!("{kind} {name}: remove it from coverage-withheld.toml")),
            _ => {}
        }
    }
    for name in facade.difference(contract) {
        problems.push(format!("{kind} {name}: {table} has it, but the contract does not"));
    }
    for (name, reason) in withheld {
        if reason.trim().is_empty() {
            bail!("coverage-withheld.toml: {name} needs a reason");
        }
        if !contract.contains(name) {
            problems.push(format!("{kind} {name}: coverage-withheld.toml has it, but the contract does not"));
        }
    }
    Ok(problems)
}
