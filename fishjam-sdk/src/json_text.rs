//! JSON that is kept as text: comparison and serialization.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// Returns the JSON without surrounding whitespace, or `null` if it is empty.
pub(crate) fn trimmed(text: &str) -> &str {
    let json = text.trim_matches([' ', '\t', '\r', '\n']);
    if json.is_empty() { "null" } else { json }
}

/// Returns the value, if it can be parsed.
pub(crate) fn value(text: &str) -> Option<Value> {
    serde_json::from_str(trimmed(text)).ok()
}

/// Returns `true` if both strings are the same JSON. Strings that cannot be parsed must have the same bytes.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other || trimmed(one) == trimmed(other) || value(one).is_some_and(|one| value(other) == Some(one))
}

/// JSON in a string, which serializes as the value itself.
///
/// JSON that cannot be parsed serializes as a string. Otherwise JSON of another party, such as a deeply nested list, would
/// make the whole object unserializable. The value passes through `Value`, because serde_json's `RawValue` fails for such
/// JSON, and other formats do not support it.
pub(crate) struct Nested<'a>(pub(crate) &'a str);

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match value(self.0) {
            Some(value) => value.serialize(serializer),
            None => serializer.serialize_str(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_text_serializes_as_its_value() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for (text, expected) in [
            (r#" {"a":[1,null]} "#, json!({ "a": [1, null] })),
            ("", json!(null)),
            (r#""a""#, json!("a")),
            ("{", json!("{")),
            ("1e400", json!("1e400")),
            (r#""\ud800""#, json!(r#""\ud800""#)),
            (&deep, json!(deep)),
        ] {
            assert_eq!(serde_json::to_value(Nested(text)).unwrap(), expected);
        }
    }
}
