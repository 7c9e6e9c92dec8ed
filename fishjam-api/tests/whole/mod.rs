//! Decodes a value and looks whether all of it arrived.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Decodes; fails if a member is read by nothing, or something that a member holds is not in the result.
pub(crate) fn whole<T: DeserializeOwned + Debug>(value: &Value) -> T {
    let mut ignored = Vec::new();
    let decoded: T = serde_ignored::deserialize(value, |path| ignored.push(path.to_string())).unwrap();
    assert!(ignored.is_empty(), "nothing reads {ignored:?} of {value}");
    let printed = plain(&format!("{decoded:?}"));
    for leaf in leaves(value) {
        assert!(printed.contains(&plain(&leaf)), "{leaf} of {value} is not in {decoded:?}");
    }
    decoded
}

/// All that is neither an object nor a list nor `null`.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Object(members) => members.values().flat_map(leaves).collect(),
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        leaf => vec![leaf.to_string()],
    }
}

/// `"audio_only"` as the variant `AudioOnly` is printed, and as it is.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
