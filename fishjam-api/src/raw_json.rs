//! JSON that peers and publishers write. It is kept as text.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A JSON value as text, which is not decoded yet.
///
/// Decoding a response checks only the syntax of the value. The depth, the numbers and the strings matter only when the
/// text is decoded. Thus an odd value cannot make the whole response unreadable.
/// `Debug` prints only the length, because the value can hold personal data.
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
