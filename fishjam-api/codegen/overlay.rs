//! Overlays: edits that the generator makes to its copy of a document.
//!
//! The published document stays free of workarounds. An edit without a target is an error.

use serde::Deserialize;
use serde_json::Value;

use crate::Outcome;

/// An edit in an overlay file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// The schema to edit. An edit has either this or `operation`.
    schema: Option<String>,
    /// The id of the operation to edit.
    operation: Option<String>,
    /// The reason why the generator needs the edit.
    reason: String,
    #[serde(flatten)]
    action: Action,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// Removes the values at these places. Each must exist.
    Remove(Vec<String>),
    /// Adds a member that must not exist yet.
    Insert { at: String, value: Value },
    /// Adds a value to the list at a place.
    Append { to: String, value: Value },
    /// Opens an enum: it keeps unknown values instead of rejecting them.
    OpenEnum(bool),
    /// Uses this handwritten type for the schema instead of a generated type.
    ReplaceWith(String),
}

/// The schemas without a type of progenitor.
#[derive(Debug, Default)]
pub(crate) struct Replaced {
    /// The names of the open enums.
    pub(crate) open: Vec<String>,
    /// The names of the schemas with a handwritten type, and the path of the type.
    pub(crate) by_hand: Vec<(String, String)>,
}

/// Applies the edits in order. Returns the schemas without a type of progenitor.
pub(crate) fn apply(document: &mut Value, edits: &[Edit]) -> Outcome<Replaced> {
    let mut replaced = Replaced::default();
    for edit in edits {
        let name = edit.name();
        if edit.reason.trim().is_empty() {
            return Err(format!("overlay edit of {name}: the reason is missing"));
        }
        edit.apply(document, &mut replaced)
            .map_err(|problem| format!("stale overlay edit of {name} ({}): {problem}", edit.reason.trim()))?;
    }
    replaced.open.sort();
    Ok(replaced)
}

impl Edit {
    fn name(&self) -> String {
        match (&self.schema, &self.operation) {
            (Some(schema), _) => format!("schema {schema}"),
            (None, Some(operation)) => format!("operation {operation}"),
            (None, None) => "nothing".to_owned(),
        }
    }

    fn apply(&self, document: &mut Value, replaced: &mut Replaced) -> Outcome<()> {
        let target = self.target(document)?;
        match &self.action {
            Action::Remove(places) => {
                for place in places {
                    remove(target, place)?;
                }
            }
            Action::Insert { at, value } => insert(target, at, value.clone())?,
            Action::Append { to, value } => {
                let list = find(target, to)?.as_array_mut().ok_or_else(|| format!("{to} is not a list"))?;
                if list.contains(value) {
                    return Err(format!("{to} already holds {value}"));
                }
                list.push(value.clone());
            }
            Action::OpenEnum(false) => return Err("invalid open_enum: use true, or omit it".to_owned()),
            Action::OpenEnum(true) => {
                if target.get("type") != Some(&Value::from("string")) || target.get("enum").is_none() {
                    return Err("it is not a string enum".to_owned());
                }
                replaced.open.extend(self.schema.clone());
            }
            Action::ReplaceWith(path) => {
                let Some(schema) = self.schema.clone() else {
                    return Err("only a schema has a type to replace".to_owned());
                };
                if target.get("type").is_some_and(|kind| kind != "object") {
                    return Err("it is not an object, a union or any JSON value".to_owned());
                }
                replaced.by_hand.push((schema, path.clone()));
            }
        }
        Ok(())
    }

    fn target<'a>(&self, document: &'a mut Value) -> Outcome<&'a mut Value> {
        match (&self.schema, &self.operation) {
            (Some(schema), None) => find(document, &format!("/components/schemas/{schema}")),
            (None, Some(id)) => operation(document, id).ok_or_else(|| "there is no such operation".to_owned()),
            _ => Err("name either a schema or an operation".to_owned()),
        }
    }
}

fn operation<'a>(document: &'a mut Value, id: &str) -> Option<&'a mut Value> {
    document
        .get_mut("paths")?
        .as_object_mut()?
        .values_mut()
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut())
        .find(|operation| operation.get("operationId").and_then(Value::as_str) == Some(id))
}

/// Returns the value at a JSON pointer.
///
/// A step into a list names an element: a string by its value, a parameter by its `name`, and a reference by its `$ref`.
fn find<'a>(value: &'a mut Value, pointer: &str) -> Outcome<&'a mut Value> {
    steps(pointer).try_fold(value, |value, step| child(value, &step)).ok_or_else(|| format!("nothing at {pointer}"))
}

fn insert(value: &mut Value, pointer: &str, member: Value) -> Outcome<()> {
    let (parent, last) = pointer.rsplit_once('/').ok_or_else(|| format!("{pointer} is not a JSON pointer"))?;
    let members = find(value, parent)?.as_object_mut().ok_or_else(|| format!("{parent} is not an object"))?;
    match members.insert(unescape(last), member) {
        None => Ok(()),
        Some(_) => Err(format!("{pointer} already exists")),
    }
}

fn remove(value: &mut Value, pointer: &str) -> Outcome<()> {
    let nothing = || format!("nothing at {pointer}");
    let (parent, last) = pointer.rsplit_once('/').ok_or_else(nothing)?;
    let last = unescape(last);
    match find(value, parent)? {
        Value::Object(members) => members.remove(&last).map(drop).ok_or_else(nothing),
        Value::Array(items) => {
            let at = items.iter().position(|item| is_named(item, &last)).ok_or_else(nothing)?;
            items.remove(at);
            Ok(())
        }
        _ => Err(nothing()),
    }
}

fn child<'a>(value: &'a mut Value, step: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.iter_mut().find(|item| is_named(item, step)),
        _ => None,
    }
}

fn is_named(item: &Value, name: &str) -> bool {
    let named = |key| item.get(key).and_then(Value::as_str) == Some(name);
    item.as_str() == Some(name) || named("name") || named("$ref")
}

fn steps(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(unescape)
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
