//! Why JSON could not be read, without a word of what it held.

use std::{error::Error as StdError, fmt};

use serde_json::error::Category;

/// The reason and the place. serde_json's own error quotes values and would take them into a log: a token, say.
#[derive(Debug)]
pub(crate) struct JsonError {
    why: String,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for JsonError {
    fn from(error: &serde_json::Error) -> Self {
        let why = match error.classify() {
            Category::Data => missing_field(error)
                .map_or_else(|| "it does not fit the type".to_owned(), |field| format!("missing field `{field}`")),
            Category::Syntax => syntax(error).to_owned(),
            Category::Eof => "it ends too early (EOF)".to_owned(),
            Category::Io => "it cannot be read".to_owned(),
        };
        Self { why, line: error.line(), column: error.column() }
    }
}

/// Returns why serde_json cannot read the text. Its messages about syntax are a fixed set and quote nothing.
fn syntax(error: &serde_json::Error) -> &'static str {
    let text = error.to_string();
    if text.starts_with("recursion limit exceeded") {
        "it is nested too deeply"
    } else if text.starts_with("number out of range") {
        "a number is out of range"
    } else if text.starts_with("lone leading surrogate") || text.starts_with("unexpected end of hex escape") {
        "a string has half of a surrogate pair"
    } else {
        "it is not JSON"
    }
}

/// The name of a field that our own type asks for: it comes from the type, not from the text.
fn missing_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let (field, _) = text.strip_prefix("missing field `")?.split_once('`')?;
    Some(field.to_owned())
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { why, line, column } = self;
        write!(f, "{why}, at line {line} column {column}")
    }
}

impl StdError for JsonError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Room {
        #[allow(dead_code, reason = "only read by the decoder")]
        id: u8,
    }

    #[test]
    fn the_reason_and_the_place_are_said_and_the_text_is_not() {
        for (json, said) in [
            (r#"{"id":"sentinel"}"#, "it does not fit the type, at line 1 column 16"),
            (r#"{"sentinel":1}"#, "missing field `id`, at line 1 column 14"),
            (r#"{"id":1 sentinel"#, "it is not JSON, at line 1 column 9"),
            (r#"{"id""#, "it ends too early (EOF), at line 1 column 5"),
            (r#"{"id":1e400}"#, "a number is out of range, at line 1 column 11"),
        ] {
            let error = serde_json::from_str::<Room>(json).unwrap_err();
            let unreadable = JsonError::from(&error);
            assert_eq!(unreadable.to_string(), said);
            assert!(!format!("{unreadable:?}").contains("sentinel"));
        }
    }
}
