//! Errors of JSON decoding that quote no value.

use std::{error::Error as StdError, fmt};

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::error::Category;
use serde_path_to_error::Track;

/// The reason and the place of an error.
///
/// serde_json's own error quotes values, such as tokens, which must not reach a log.
#[derive(Debug)]
pub(crate) struct JsonError {
    reason: String,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for JsonError {
    fn from(error: &serde_json::Error) -> Self {
        let reason = match error.classify() {
            Category::Data => missing_field(error)
                .map_or_else(|| "it does not match the type".to_owned(), |field| format!("missing field `{field}`")),
            Category::Syntax => syntax(error).to_owned(),
            Category::Eof => "it ends too early (EOF)".to_owned(),
            Category::Io => "it cannot be read".to_owned(),
        };
        Self { reason, line: error.line(), column: error.column() }
    }
}

/// Returns the reason of a syntax error. serde_json's messages about syntax are a fixed set and quote nothing.
fn syntax(error: &serde_json::Error) -> &'static str {
    let text = error.to_string();
    if text.starts_with("recursion limit exceeded") {
        "it is nested too deeply"
    } else if text.starts_with("number out of range") {
        "a number is out of range"
    } else if text.starts_with("lone leading surrogate") || text.starts_with("unexpected end of hex escape") {
        "a string has half of a surrogate pair"
    } else {
        "it is not valid JSON"
    }
}

/// Returns the name of a missing field. The name comes from our own type, not from the text.
fn missing_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let (field, _) = text.strip_prefix("missing field `")?.split_once('`')?;
    Some(field.to_owned())
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, line, column } = self;
        write!(f, "{reason}, at line {line} column {column}")
    }
}

impl StdError for JsonError {}

/// Deserializes a value. The error names the place and quotes no value.
///
/// The errors of serde's derive macros quote values, which can be secrets and personal data. Errors of the format, such as invalid
/// JSON, are returned unchanged.
pub(crate) fn read_unquoted<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut track = Track::new();
    T::deserialize(serde_path_to_error::Deserializer::new(deserializer, &mut track)).map_err(|error| {
        let Some(problem) = problem(&error.to_string()) else { return error };
        match track.path().to_string().as_str() {
            "." => D::Error::custom(problem),
            path => D::Error::custom(format_args!("{problem} at `{path}`")),
        }
    })
}

/// Returns the problem in a message of serde about a value, without the value.
///
/// The result starts with the same words as the message. The decoder of an outer type thus recognizes it, and adds its
/// part of the path.
fn problem(text: &str) -> Option<String> {
    const QUOTES_THE_VALUE: [&str; 4] = ["invalid type", "invalid value", "invalid length", "unknown variant"];
    const NAMES_A_MEMBER: [&str; 2] = ["missing field `", "duplicate field `"];
    if let Some(problem) = QUOTES_THE_VALUE.iter().find(|problem| text.starts_with(**problem)) {
        return Some((*problem).to_owned());
    }
    NAMES_A_MEMBER.iter().find_map(|problem| {
        // The name comes from our own type.
        let (member, _) = text.strip_prefix(problem)?.split_once('`')?;
        Some(format!("{problem}{member}`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Room {
        #[allow(dead_code, reason = "only read by the decoder")]
        id: u8,
    }

    #[test]
    fn error_names_reason_and_place_but_quotes_nothing() {
        for (json, expected) in [
            (r#"{"id":"sentinel"}"#, "it does not match the type, at line 1 column 16"),
            (r#"{"sentinel":1}"#, "missing field `id`, at line 1 column 14"),
            (r#"{"id":1 sentinel"#, "it is not valid JSON, at line 1 column 9"),
            (r#"{"id""#, "it ends too early (EOF), at line 1 column 5"),
            (r#"{"id":1e400}"#, "a number is out of range, at line 1 column 11"),
        ] {
            let error = serde_json::from_str::<Room>(json).unwrap_err();
            let error = JsonError::from(&error);
            assert_eq!(error.to_string(), expected);
            assert!(!format!("{error:?}").contains("sentinel"));
        }
    }
}
