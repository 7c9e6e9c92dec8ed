//! JSON that other parties write, kept as it arrived.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

/// One JSON value as text, which nothing has read yet.
///
/// Only its extent is checked when a response is decoded. Depth, the size of numbers and the content of strings matter
/// when the text is read, so that such a value cannot make the response around it unreadable.
/// `Debug` prints only the length, because the value may hold personal data.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Returns the text of the value.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.get().len())
    }
}
