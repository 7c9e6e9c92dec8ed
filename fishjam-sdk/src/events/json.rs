//! Reads notifications from JSON with errors that quote no value.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_path_to_error::Track;

/// Deserializes a value. The error names the place and quotes no value.
///
/// The errors of serde's derive macros quote values, which can be personal data. Errors of the format, such as invalid
/// JSON, are returned unchanged.
pub(crate) fn read<'de, T, D>(deserializer: D) -> Result<T, D::Error>
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

/// Returns the problem that one of serde's errors about values names, without the value.
///
/// The result starts like the text, so that the error of an outer type can name the longer path.
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
