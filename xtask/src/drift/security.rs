//! Compares the required credentials by their kind, not by the name of the scheme.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use serde_json::Value;

use super::{difference::Position, rules::Change, schema::Walk};
use crate::document::{Document, Operation};

const NOTHING: &str = "none";

/// Reports a difference between the required credentials of two operations.
pub(super) fn compare(walk: &mut Walk<'_, '_>, at: &Position, old: &Operation<'_>, new: &Operation<'_>) -> Result<()> {
    let (before, after) = (alternatives(walk.before, old)?, alternatives(walk.after, new)?);
    if before == after {
        return Ok(());
    }
    let looser = after.is_superset(&before) || after.contains(NOTHING);
    let change = if looser { Change::SecurityLoosened } else { Change::SecurityChanged };
    let text = |alternatives: BTreeSet<String>| alternatives.into_iter().collect::<Vec<_>>().join(" or ");
    walk.add(at, change, &format!("{} -> {}", text(before), text(after)));
    Ok(())
}

/// Returns the alternatives. Each one is a list of credentials.
fn alternatives(document: &Document, operation: &Operation<'_>) -> Result<BTreeSet<String>> {
    let stated = operation.node.get("security").or_else(|| document.root().get("security"));
    let mut alternatives = BTreeSet::new();
    for requirement in stated.and_then(Value::as_array).into_iter().flatten() {
        let mut credentials = BTreeSet::new();
        for (name, scopes) in requirement.as_object().into_iter().flatten() {
            credentials.insert(credential(document, name, scopes)?);
        }
        let all = credentials.into_iter().collect::<Vec<_>>().join(" and ");
        alternatives.insert(if all.is_empty() { NOTHING.to_owned() } else { all });
    }
    if alternatives.is_empty() {
        alternatives.insert(NOTHING.to_owned());
    }
    Ok(alternatives)
}

fn credential(document: &Document, name: &str, scopes: &Value) -> Result<String> {
    let schemes = document.root().pointer("/components/securitySchemes");
    let scheme =
        schemes.and_then(|schemes| schemes.get(name)).ok_or_else(|| anyhow!("undefined security scheme {name}"))?;
    let scheme = document.resolve(scheme)?.node;
    let stated = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut text = match stated("type") {
        "http" => format!("http {}", stated("scheme").to_lowercase()),
        "apiKey" => format!("apiKey {} {}", stated("in"), stated("name")),
        other => format!("{other} {}", stated("openIdConnectUrl")).trim_end().to_owned(),
    };
    let scopes: BTreeSet<&str> = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !scopes.is_empty() {
        text.push_str(&format!(" [{}]", scopes.into_iter().collect::<Vec<_>>().join(", ")));
    }
    Ok(text)
}
