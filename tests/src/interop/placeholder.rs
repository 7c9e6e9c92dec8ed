//! Ids differ from run to run, but stand for the same objects.

use std::collections::HashMap;

use serde_json::Value;

/// Replaces ids, which are UUIDs, by names: `{room1}` is the first room of the run.
#[derive(Default)]
pub(crate) struct Placeholders {
    names: HashMap<String, String>,
    counts: HashMap<String, usize>,
}

impl Placeholders {
    /// Returns the name of an id. `kind` is the path segment before it. Other strings stay unchanged.
    pub(crate) fn name(&mut self, kind: &str, text: &str) -> String {
        if !is_uuid(text) {
            return text.to_owned();
        }
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let name = format!("{{{kind}{count}}}");
        self.names.insert(text.to_owned(), name.clone());
        name
    }

    /// Names all ids in a JSON value, after the member that holds them.
    pub(crate) fn replace(&mut self, member: &str, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.name(member, &text)),
            Value::Array(list) => list.into_iter().map(|value| self.replace(member, value)).collect(),
            Value::Object(object) => {
                Value::Object(object.into_iter().map(|(key, value)| (key.clone(), self.replace(&key, value))).collect())
            }
            other => other,
        }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_numbered_by_appearance() {
        let [first, second] = ["aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"];
        let mut placeholders = Placeholders::default();
        assert_eq!(placeholders.name("room", second), "{room1}");
        assert_eq!(placeholders.name("room", first), "{room2}");
        assert_eq!(placeholders.name("room", second), "{room1}");
        assert_eq!(placeholders.name("room", "invalid id"), "invalid id");
        assert_eq!(
            placeholders.replace("body", json!({ "ids": [first, "cccccccc-0000-4000-8000-000000000000"], "n": 1 })),
            json!({ "ids": ["{room2}", "{ids1}"], "n": 1 })
        );
    }
}
