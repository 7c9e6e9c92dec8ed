//! Compares parameters: path parameters by position, other parameters by name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::{Map, Value};

use super::{difference::Position, rules::Change, schema::Walk, view::View};
use crate::document::{Document, Operation};

/// A parameter of an operation.
#[derive(Debug)]
struct Parameter<'a> {
    name: &'a str,
    place: &'a str,
    /// Name of the component. `None` for an inline parameter.
    component: Option<&'a str>,
    node: &'a Map<String, Value>,
}

/// Place and name of a parameter. A path parameter has its position instead of a name.
type Key = (String, String);

/// Reports differences between the parameters of two operations.
pub(super) fn compare<'a>(walk: &mut Walk<'a, '_>, old: &Operation<'a>, new: &Operation<'a>) -> Result<()> {
    let (before, after) = (effective(walk.before, old)?, effective(walk.after, new)?);
    let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let inline = |parameter: &Parameter<'_>| {
            Position::operation(walk.operation, &format!("{} parameter {}", parameter.place, parameter.name))
        };
        match (before.get(key), after.get(key)) {
            (None, Some(new)) => {
                let at = inline(new);
                walk.added(&at, new.required());
            }
            (Some(old), None) => {
                let at = inline(old);
                walk.add(&at, Change::Removed, "");
            }
            (Some(old), Some(new)) => {
                let at = old.component.map_or_else(|| inline(old), |name| Position::component("parameter", name));
                pair(walk, &at, old, new)?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

/// Returns the parameters of an operation and the inherited parameters of its path.
fn effective<'a>(document: &'a Document, operation: &Operation<'a>) -> Result<BTreeMap<Key, Parameter<'a>>> {
    let mut parameters = BTreeMap::new();
    for owner in [operation.item, operation.node] {
        for stated in owner.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let resolved = document.resolve(stated)?;
            let text = |key: &str| resolved.node.get(key).and_then(Value::as_str).unwrap_or_default();
            let (name, place) = (text("name"), text("in"));
            let key = match place {
                "path" => position_in(operation.path, name).map_or_else(|| name.to_owned(), |index| index.to_string()),
                "header" => name.to_lowercase(),
                _ => name.to_owned(),
            };
            // OpenAPI ignores definitions of these three headers.
            if place == "header" && matches!(key.as_str(), "accept" | "content-type" | "authorization") {
                continue;
            }
            let parameter = Parameter { name, place, component: resolved.name, node: resolved.node };
            parameters.insert((place.to_owned(), key), parameter);
        }
    }
    Ok(parameters)
}

fn position_in(path: &str, name: &str) -> Option<usize> {
    path.split('{').skip(1).position(|rest| rest.split('}').next() == Some(name))
}

fn pair<'a>(walk: &mut Walk<'a, '_>, at: &Position, old: &Parameter<'a>, new: &Parameter<'a>) -> Result<()> {
    if old.place == "path" && old.name != new.name {
        walk.add(at, Change::PathParameterRenamed, new.name);
    }
    walk.necessity(at, old.required(), new.required());
    walk.deprecation(at, old.flag("deprecated"), new.flag("deprecated"));
    let (before, after) = (old.serialization(walk.before)?, new.serialization(walk.after)?);
    if before != after {
        walk.add(at, Change::SerializationChanged, &format!("{before} -> {after}"));
    }
    walk.visited.clear();
    walk.schemas(at, old.schema().as_slice(), new.schema().as_slice())
}

impl<'a> Parameter<'a> {
    fn flag(&self, key: &str) -> bool {
        self.node.get(key) == Some(&Value::Bool(true))
    }

    fn required(&self) -> bool {
        self.place == "path" || self.flag("required")
    }

    /// Returns the only content type of a parameter that is not serialized by style.
    fn content(&self) -> Option<(&'a String, &'a Value)> {
        self.node.get("content")?.as_object()?.iter().next()
    }

    fn schema(&self) -> Option<&'a Value> {
        self.node.get("schema").or_else(|| self.content()?.1.get("schema"))
    }

    /// Describes the serialization of the value, including OpenAPI's defaults.
    fn serialization(&self, document: &'a Document) -> Result<String> {
        if let Some((media_type, _)) = self.content() {
            return Ok(media_type.clone());
        }
        let usual = if matches!(self.place, "query" | "cookie") { "form" } else { "simple" };
        let style = self.node.get("style").and_then(Value::as_str).unwrap_or(usual);
        let mut text = style.to_owned();
        let view = View::new(document, self.schema().as_slice())?;
        // `explode` has no effect on a single value.
        if !view.unions.is_empty() || matches!(view.kind()?, None | Some("array" | "object")) {
            let explode = self.node.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
            text.push_str(if explode { ", exploded" } else { ", not exploded" });
        }
        if self.flag("allowReserved") {
            text.push_str(", reserved characters not encoded");
        }
        Ok(text)
    }
}
