//! Decodes a value and checks that all of it arrived.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it is made of")]

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Decodes; fails if the result would be the same with something else in the place of any part of the value.
pub(crate) fn whole<T: DeserializeOwned + Debug>(value: &Value) -> T {
    let decoded: T = serde_json::from_value(value.clone()).unwrap();
    let mut paths = Vec::new();
    ends(value, String::new(), &mut paths);
    for path in paths {
        let mut other = value.clone();
        let end = other.pointer_mut(&path).unwrap();
        *end = another(end);
        if let Ok(other) = serde_json::from_value::<T>(other) {
            assert_ne!(format!("{other:?}"), format!("{decoded:?}"), "nothing reads {path} of {value}");
        }
    }
    decoded
}

/// The places of everything that holds nothing else.
fn ends(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, member)| ends(member, format!("{path}/{name}"), paths));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, item)| ends(item, format!("{path}/{at}"), paths));
        }
        _ => paths.push(path),
    }
}

/// Returns another value, of the same kind if there is one. Its text has another length: raw JSON prints only that.
fn another(end: &Value) -> Value {
    match end {
        Value::Bool(value) => json!(!value),
        Value::Number(value) => value.as_i64().map_or(json!(0.25), |value| json!(value + 10)),
        Value::String(value) => json!(format!("{value}x")),
        _ => json!("x"),
    }
}
