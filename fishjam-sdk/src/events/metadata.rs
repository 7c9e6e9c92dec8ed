//! What applications attach to peers, tracks and recordings.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use super::payload::FromWire;
use crate::{
    error::{Error, ErrorKind, Result},
    unreadable::Unreadable,
};

/// Metadata as it was sent: a JSON value as text.
///
/// Serialized as a string that holds the text. It may hold personal data, so that `Debug` prints only its length.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Metadata(String);

impl Metadata {
    /// The text as it was sent. The service documents it to be JSON; nothing has checked that.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none: the service sends the text `null` or nothing at all then.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.json(), "null")
    }

    /// Reads it as a type of yours, for example `serde_json::Value` or a struct; nothing at all reads as `null`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if it is not JSON or does not fit the type. The error says where, and
    /// neither it nor its source repeats a part of the text.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.json()).map_err(|error| {
            Error::new(ErrorKind::Decode).message_text("metadata cannot be read").caused_by(Unreadable::from(&error))
        })
    }

    /// [`parse`](Self::parse) on behalf of what carries the metadata.
    pub(crate) fn parse_from<T: DeserializeOwned>(&self, carrier: &'static str) -> Result<T> {
        self.parse().map_err(|error| error.message_text(format!("metadata of {carrier} cannot be read")))
    }

    /// The text, where nothing at all is a `null` too.
    fn json(&self) -> &str {
        let json = self.0.trim_matches([' ', '\t', '\r', '\n']);
        if json.is_empty() { "null" } else { json }
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Metadata({} bytes)", self.0.len())
    }
}

impl FromWire<String> for Metadata {
    fn from_wire(wire: String) -> Self {
        Self(wire)
    }
}
