//! Decodes a value and checks that every part has an effect.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Decodes a value. Panics if a different leaf value gives the same result.
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

/// Collects the paths of all leaf values.
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

/// Returns a different value, of the same kind if possible. Its length differs, because raw JSON prints only its length.
fn another(end: &Value) -> Value {
    match end {
        Value::Bool(value) => json!(!value),
        Value::Number(value) => value.as_i64().map_or(json!(0.25), |value| json!(value + 10)),
        Value::String(value) => json!(format!("{value}x")),
        _ => json!("x"),
    }
}
