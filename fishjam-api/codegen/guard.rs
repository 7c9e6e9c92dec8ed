//! Checks that the client will accept responses of a newer server.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Outcome;

/// Rejects a document if a response contains a closed enum or object that no overlay edit opens.
pub(crate) fn check(document: &Value, open: &[String]) -> Outcome<()> {
    let mut reached = BTreeSet::new();
    for response in responses(document) {
        reach(document, response, &mut reached);
    }
    let mut problems = Vec::new();
    for name in &reached {
        closed(&document["components"]["schemas"][name], name, open, &mut problems);
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("responses of newer servers would be rejected; add overlay edits for: {}", problems.join(", ")))
}

fn responses(document: &Value) -> impl Iterator<Item = &Value> {
    members(&document["paths"]).flat_map(members).flat_map(|operation| members(&operation["responses"]))
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(|object| object.values())
}

fn reach(document: &Value, value: &Value, reached: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(name) = value["$ref"].as_str().and_then(|target| target.rsplit('/').next())
                && reached.insert(name.to_owned())
            {
                reach(document, &document["components"]["schemas"][name], reached);
            }
            object.values().for_each(|member| reach(document, member, reached));
        }
        Value::Array(items) => items.iter().for_each(|item| reach(document, item, reached)),
        _ => {}
    }
}

fn closed(value: &Value, name: &str, open: &[String], problems: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if value["additionalProperties"] == Value::Bool(false) {
                problems.push(format!("{name} (closed object)"));
            }
            if value["enum"].is_array() && !open.iter().any(|known| known == name) {
                problems.push(format!("{name} (closed enum)"));
            }
            object.values().for_each(|member| closed(member, name, open, problems));
        }
        Value::Array(items) => items.iter().for_each(|item| closed(item, name, open, problems)),
        _ => {}
    }
}
