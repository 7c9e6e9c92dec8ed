//! The members of a JSON object, taken out by their names.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    composition::scene::path::{Path, error_at},
    error::{Error, Result},
};

/// The members of a JSON object that no field has taken yet.
///
/// A member that is `null` is absent.
pub(super) struct Members<'a> {
    path: &'a Path<'a>,
    members: Map<String, Value>,
}

impl<'a> Members<'a> {
    pub(super) fn of(value: Value, path: &'a Path<'a>) -> Result<Self> {
        match value {
            Value::Object(members) => Ok(Self { path, members }),
            other => Err(wrong_type(path, "an object", &other)),
        }
    }

    /// Takes a member of any type.
    pub(super) fn any(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<f64>> {
        self.any(name).map(|value| number(&value, &self.path.member(name))).transpose()
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(&self.path.member(name), "a string", &other)),
        }
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(wrong_type(&self.path.member(name), "a boolean", &other)),
        }
    }

    /// Takes a string that is a value of an enum. The error lists the values.
    pub(super) fn choice<T: DeserializeOwned>(&mut self, name: &'static str, values: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let unknown = |_| self.path.member(name).error(format_args!("unknown value; use {values}"));
        serde_json::from_value(Value::String(text)).map(Some).map_err(unknown)
    }

    /// Takes a list, and decodes each of its items.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        decode: impl Fn(Value, &Path<'_>) -> Result<T>,
    ) -> Result<Option<Vec<T>>> {
        let path = self.path.member(name);
        match self.any(name) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let items = items.into_iter().enumerate().map(|(index, item)| decode(item, &path.item(index)));
                items.collect::<Result<_>>().map(Some)
            }
            Some(other) => Err(wrong_type(&path, "an array", &other)),
        }
    }

    /// Takes a member, and decodes it.
    pub(super) fn object<T>(
        &mut self,
        name: &'static str,
        decode: impl FnOnce(Value, &Path<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.any(name).map(|value| decode(value, &self.path.member(name))).transpose()
    }

    /// Returns the value of a required member.
    pub(super) fn required<T>(&self, name: &'static str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.path.member(name).error("missing member"))
    }

    /// Rejects the members that no field has taken.
    pub(super) fn end(self) -> Result<()> {
        let Some((name, _)) = self.members.into_iter().next() else { return Ok(()) };
        // The caller's JSON can have any names.
        let printable =
            (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        Err(if printable && self.path.is_scene() {
            error_at(name, "unknown member")
        } else if printable {
            error_at(format_args!("{}.{name}", self.path), "unknown member")
        } else {
            self.path.error(format_args!("unknown member with a name of {} bytes", name.len()))
        })
    }
}

/// Decodes a number.
pub(super) fn number(value: &Value, path: &Path<'_>) -> Result<f64> {
    value.as_f64().ok_or_else(|| wrong_type(path, "a number", value))
}

/// Returns the error for a value of the wrong type. It does not quote the value.
fn wrong_type(path: &Path<'_>, expected: &str, found: &Value) -> Error {
    struct Kind<'a>(&'a Value);

    impl fmt::Display for Kind<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self.0 {
                Value::Null => "null",
                Value::Bool(_) => "a boolean",
                Value::Number(_) => "a number",
                Value::String(_) => "a string",
                Value::Array(_) => "an array",
                Value::Object(_) => "an object",
            })
        }
    }

    path.error(format_args!("expected {expected}, found {}", Kind(found)))
}
