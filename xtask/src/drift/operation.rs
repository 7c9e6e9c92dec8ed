//! Pairs the operations of two documents and compares them.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    content,
    difference::{Difference, Findings, Position},
    parameter,
    rules::{Change, Direction},
    schema::Walk,
    security,
};
use crate::document::{Document, Operation};

/// Returns all differences between our contract and another document, sorted.
///
/// # Errors
///
/// Returns an error if a document is invalid.
pub fn compare(before: &Document, after: &Document) -> Result<Vec<Difference>> {
    let mut findings = Findings::default();
    let (olds, news) = (before.operations()?, after.operations()?);
    let mut matched = BTreeSet::new();
    for old in &olds {
        let same_place = |new: &Operation<'_>| new.method == old.method && template(new.path) == template(old.path);
        // An operation at the same place, unless our contract has its id.
        let renamed = |new: &Operation<'_>| same_place(new) && !olds.iter().any(|known| known.id == new.id);
        let partner = news.iter().position(|new| new.id == old.id).or_else(|| news.iter().position(renamed));
        let at = Position::operation(&old.id, "operation");
        let mut add = |change, detail: &str| findings.add(&at, change, detail, Direction::Request, &old.id);
        let Some(index) = partner else {
            add(Change::OperationRemoved, &place(old));
            continue;
        };
        let new = &news[index];
        if new.id != old.id {
            add(Change::OperationRenamed, &new.id);
        } else if !same_place(new) {
            add(Change::OperationMoved, &format!("{} -> {}", place(old), place(new)));
        }
        matched.insert(index);
        pair(before, after, old, new, &mut findings).with_context(|| format!("operation {}", old.id))?;
    }
    for (_, new) in news.iter().enumerate().filter(|(index, _)| !matched.contains(index)) {
        let at = Position::operation(&new.id, "operation");
        findings.add(&at, Change::OperationAdded, &place(new), Direction::Request, &new.id);
    }
    Ok(findings.into_sorted())
}

fn place(operation: &Operation<'_>) -> String {
    format!("{} {}", operation.method, operation.path)
}

/// Returns a path template without the names of its parameters, which are not part of a request.
fn template(path: &str) -> String {
    let mut template = String::new();
    let mut inside = false;
    for character in path.chars() {
        inside = match character {
            '{' => true,
            '}' => false,
            _ => inside,
        };
        if !inside || character == '{' {
            template.push(character);
        }
    }
    template
}

fn pair(
    before: &Document,
    after: &Document,
    old: &Operation<'_>,
    new: &Operation<'_>,
    findings: &mut Findings,
) -> Result<()> {
    let at = Position::operation(&old.id, "operation");
    let mut request = Walk::new(before, after, &old.id, Direction::Request, findings);
    let deprecated = |operation: &Operation<'_>| operation.node.get("deprecated") == Some(&Value::Bool(true));
    request.deprecation(&at, deprecated(old), deprecated(new));
    security::compare(&mut request, &at, old, new)?;
    parameter::compare(&mut request, old, new)?;
    content::request(&mut request, old, new)?;
    let mut response = Walk::new(before, after, &old.id, Direction::Response, findings);
    content::responses(&mut response, old, new)
}
