//! Encodes objects in a query with the OpenAPI style `deepObject`: `name[key]=value`, `name[key][inner]=value`.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Returns the names and values of an object, without percent-encoding. `name` is also the name of its setter.
///
/// `null`, numbers and booleans become their JSON text. An empty object becomes nothing.
///
/// # Errors
///
/// Returns an error if a server would read a different object, which happens if the object contains:
///
/// - a list
/// - an empty key, which a server reads as a list
/// - a key with `][`, which a server reads as two keys
pub(crate) fn deep_object(name: &str, object: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    extend(&mut pairs, name, object)
        .map_err(|problem| Error::invalid_input(format!("invalid {name}: a query cannot contain {problem}")))?;
    Ok(pairs)
}

fn extend(pairs: &mut Vec<(String, String)>, prefix: &str, object: &Map<String, Value>) -> Result<(), String> {
    for (key, value) in object {
        if key.is_empty() || key.contains("][") {
            return Err(format!("the key {key:?} of {prefix}"));
        }
        let name = format!("{prefix}[{key}]");
        match value {
            Value::Object(object) => extend(pairs, &name, object)?,
            Value::Array(_) => return Err(format!("the list {name}")),
            Value::String(text) => pairs.push((name, text.clone())),
            Value::Null | Value::Bool(_) | Value::Number(_) => pairs.push((name, value.to_string())),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    fn pairs(object: Value) -> Result<Vec<(String, String)>> {
        deep_object("metadata", object.as_object().unwrap())
    }

    #[test]
    fn each_value_becomes_a_pair() {
        let table: [(Value, &[(&str, &str)]); 12] = [
            (json!({}), &[]),
            (json!({ "a": "b" }), &[("metadata[a]", "b")]),
            (json!({ "a": "b", "c": "d" }), &[("metadata[a]", "b"), ("metadata[c]", "d")]),
            (json!({ "a": { "b": { "c": "d" } } }), &[("metadata[a][b][c]", "d")]),
            (json!({ "a": { "b": "1", "c": "2" } }), &[("metadata[a][b]", "1"), ("metadata[a][c]", "2")]),
            (json!({ "a": {} }), &[]),
            (json!({ "a": null }), &[("metadata[a]", "null")]),
            (
                json!({ "a": true, "b": 1.5, "c": -7 }),
                &[("metadata[a]", "true"), ("metadata[b]", "1.5"), ("metadata[c]", "-7")],
            ),
            (json!({ "a": "" }), &[("metadata[a]", "")]),
            (json!({ "ключ": "żółw 🐢" }), &[("metadata[ключ]", "żółw 🐢")]),
            (json!({ "a[b]": "c" }), &[("metadata[a[b]]", "c")]),
            (json!({ "a&b=c%20": "&=%+" }), &[("metadata[a&b=c%20]", "&=%+")]),
        ];
        for (object, expected) in table {
            let pairs = pairs(object.clone()).unwrap();
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(pairs, expected, "{object}");
        }
    }

    #[test]
    fn ambiguous_object_is_an_error_with_its_place() {
        for (object, place) in [
            (json!({ "a": { "b": ["c"] } }), "metadata[a][b]"),
            (json!({ "a": { "": "c" } }), "metadata[a]"),
            (json!({ "a][b": "c" }), "\"a][b\""),
        ] {
            let error = pairs(object.clone()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{object}");
            let message = error.message().unwrap();
            assert!(message.starts_with("invalid metadata: ") && message.contains(place), "{message}");
        }
    }
}
