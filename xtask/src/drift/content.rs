//! Compares content types, statuses and headers of bodies. The walk compares the schemas.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::{Map, Value};

use super::{difference::Position, rules::Change, schema::Walk, view::View};
use crate::document::{Document, Operation, Resolved};

const JSON: &str = "application/json";

/// Reports differences between the request bodies of two operations.
pub(super) fn request<'a>(walk: &mut Walk<'a, '_>, old: &Operation<'a>, new: &Operation<'a>) -> Result<()> {
    let body = |document: &'a Document, operation: &Operation<'a>| -> Result<Option<Resolved<'a>>> {
        operation.node.get("requestBody").map(|body| document.resolve(body)).transpose()
    };
    let required = |body: Resolved<'_>| body.node.get("required") == Some(&Value::Bool(true));
    let inline = Position::operation(walk.operation, "request.body");
    match (body(walk.before, old)?, body(walk.after, new)?) {
        (None, None) => {}
        (None, Some(new)) => walk.added(&inline, required(new)),
        (Some(_), None) => walk.add(&inline, Change::Removed, ""),
        (Some(old), Some(new)) => {
            let at = old.name.map_or(inline, |name| Position::component("request body", name));
            walk.necessity(&at, required(old), required(new));
            contents(walk, &at, old.node, new.node)?;
        }
    }
    Ok(())
}

/// Reports differences between the responses of two operations.
pub(super) fn responses<'a>(walk: &mut Walk<'a, '_>, old: &Operation<'a>, new: &Operation<'a>) -> Result<()> {
    let (before, after) = (statuses(walk.before, old)?, statuses(walk.after, new)?);
    let every: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for status in every {
        let at = Position::operation(walk.operation, &format!("response {status}"));
        match (before.get(status), after.get(status)) {
            (None, Some(_)) => walk.add(&at, Change::StatusAdded, ""),
            (Some(_), None) if status.starts_with('2') => walk.add(&at, Change::SuccessStatusRemoved, ""),
            (Some(_), None) => walk.add(&at, Change::ErrorStatusRemoved, ""),
            (Some(old), Some(new)) => {
                let at = old.name.map_or(at, |name| Position::component("response", name));
                headers(walk, &at, old.node, new.node)?;
                contents(walk, &at, old.node, new.node)?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

fn statuses<'a>(document: &'a Document, operation: &Operation<'a>) -> Result<BTreeMap<String, Resolved<'a>>> {
    let stated = operation.node.get("responses").and_then(Value::as_object).into_iter().flatten();
    stated
        .filter(|(status, _)| !status.starts_with("x-"))
        .map(|(status, response)| {
            let status = if status == "default" { status.clone() } else { status.to_uppercase() };
            Ok((status, document.resolve(response)?))
        })
        .collect()
}

fn headers<'a>(
    walk: &mut Walk<'a, '_>,
    at: &Position,
    old: &'a Map<String, Value>,
    new: &'a Map<String, Value>,
) -> Result<()> {
    let named = |document: &'a Document, response: &'a Map<String, Value>| -> Result<BTreeMap<String, Resolved<'a>>> {
        let stated = response.get("headers").and_then(Value::as_object).into_iter().flatten();
        stated.map(|(name, header)| Ok((name.to_lowercase(), document.resolve(header)?))).collect()
    };
    let (before, after) = (named(walk.before, old)?, named(walk.after, new)?);
    let required = |header: &Resolved<'_>| header.node.get("required") == Some(&Value::Bool(true));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names.into_iter().filter(|name| *name != "content-type") {
        let at = at.field(&format!("header.{name}"));
        match (before.get(name), after.get(name)) {
            (None, Some(header)) => walk.added(&at, required(header)),
            (Some(_), None) => walk.add(&at, Change::Removed, ""),
            (Some(old), Some(new)) => {
                walk.necessity(&at, required(old), required(new));
                walk.visited.clear();
                walk.schemas(&at, old.node.get("schema").as_slice(), new.node.get("schema").as_slice())?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

fn contents<'a>(
    walk: &mut Walk<'a, '_>,
    at: &Position,
    old: &'a Map<String, Value>,
    new: &'a Map<String, Value>,
) -> Result<()> {
    let (before, after) = (media_types(old), media_types(new));
    let every: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for media_type in every {
        match (before.get(media_type), after.get(media_type)) {
            (None, Some(_)) => walk.add(at, Change::ContentTypeAdded, media_type),
            (Some(_), None) => walk.add(at, Change::ContentTypeRemoved, media_type),
            (Some(old), Some(new)) => {
                let at = if media_type == JSON { at.clone() } else { at.suffixed(&format!("[{media_type}]")) };
                encodings(walk, &at, old, new)?;
                walk.visited.clear();
                walk.schemas(&at, old.get("schema").as_slice(), new.get("schema").as_slice())?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

/// Returns the content types without parameters, in lower case.
fn media_types(body: &Map<String, Value>) -> BTreeMap<String, &Value> {
    let stated = body.get("content").and_then(Value::as_object).into_iter().flatten();
    stated
        .map(|(media_type, content)| {
            let essence = media_type.split(';').next().unwrap_or_default();
            (essence.trim().to_lowercase(), content)
        })
        .collect()
}

/// Compares the encoding of the parts that both multipart bodies have.
fn encodings<'a>(walk: &mut Walk<'a, '_>, at: &Position, old: &'a Value, new: &'a Value) -> Result<()> {
    if !(old.get("encoding").is_some() || new.get("encoding").is_some()) {
        return Ok(());
    }
    let (before, after) = (parts(walk.before, old, walk)?, parts(walk.after, new, walk)?);
    for (name, old) in &before {
        if let Some(new) = after.get(name).filter(|new| *new != old) {
            walk.add(&at.field(name), Change::SerializationChanged, &format!("{old} -> {new}"));
        }
    }
    Ok(())
}

/// Returns the content type of each part. Parts without one have OpenAPI's default.
fn parts<'a>(document: &'a Document, content: &'a Value, walk: &Walk<'a, '_>) -> Result<BTreeMap<&'a str, String>> {
    let view = View::new(document, content.get("schema").as_slice())?;
    let mut parts = BTreeMap::new();
    for (name, property) in view.properties(document, walk.direction)? {
        let stated = content.get("encoding").and_then(|encoding| encoding.get(name)?.get("contentType")?.as_str());
        let usual = usual_content_type(&View::new(document, &property.schemas)?)?;
        parts.insert(name, stated.unwrap_or(usual).to_owned());
    }
    Ok(parts)
}

fn usual_content_type(part: &View<'_>) -> Result<&'static str> {
    let binary = part.stated("format").any(|format| matches!(format.as_str(), Some("binary" | "base64")));
    Ok(match part.kind()? {
        _ if binary => "application/octet-stream",
        Some("string" | "integer" | "number" | "boolean") => "text/plain",
        _ => JSON,
    })
}
