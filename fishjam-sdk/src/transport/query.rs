//! Objects in a query, in the form that OpenAPI calls `deepObject`: `name[key]=value`, `name[key][inner]=value`.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The names and values, not percent-encoded yet, that an object is in a query.
///
/// `null`, numbers and booleans are written as their JSON text. An object without members writes nothing. What would
/// be read back as something else is refused: a list, a key that is empty (servers read it as a list's) and one that
/// contains `][` (they read it as two).
pub(crate) fn deep_object(name: &str, object: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    extend(&mut pairs, name, object)?;
    Ok(pairs)
}

fn extend(pairs: &mut Vec<(String, String)>, prefix: &str, object: &Map<String, Value>) -> Result<()> {
    for (key, value) in object {
        if key.is_empty() || key.contains("][") {
            return Err(Error::invalid_input(format!("{prefix} has the key {key:?}, which no query can hold")));
        }
        let name = format!("{prefix}[{key}]");
        match value {
            Value::Object(object) => extend(pairs, &name, object)?,
            Value::Array(_) => {
                return Err(Error::invalid_input(format!("{name} is a list, which no query can hold")));
            }
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
    fn every_value_has_its_pair() {
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
    fn what_would_be_read_back_as_something_else_is_refused_by_its_place() {
        for (object, place) in [
            (json!({ "a": { "b": ["c"] } }), "metadata[a][b]"),
            (json!({ "a": { "": "c" } }), "metadata[a]"),
            (json!({ "a][b": "c" }), "\"a][b\""),
        ] {
            let error = pairs(object.clone()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{object}");
            assert!(error.to_string().contains(place), "{error}");
        }
    }
}
