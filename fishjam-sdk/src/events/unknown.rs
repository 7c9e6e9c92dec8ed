//! Notifications that this version does not know.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::wire::{self, Field};
use crate::json_error::read_unquoted;

/// A notification that this version does not know, with its encoded content.
///
/// The notification is newer than this version, or it is `malformed`. A damaged member of a batch is malformed, and so is a
/// batch in a batch. `Debug` prints only the length of the content, because the content may hold personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UnknownNotification {
    /// The field number in `ServerMessage`, or 0 if the number was not readable.
    pub field_number: u32,
    /// The encoded content, or all received bytes if the number is 0. Serialized as hexadecimal digits.
    #[serde(serialize_with = "hexadecimal")]
    pub bytes: Vec<u8>,
    /// Whether the content is damaged.
    pub malformed: bool,
}

impl UnknownNotification {
    pub(crate) fn new(field: &Field<'_>) -> Self {
        Self { field_number: field.number, bytes: field.value.to_vec(), malformed: false }
    }

    pub(crate) fn malformed(message: &[u8]) -> Self {
        match wire::fields(message).try_fold(None, |_, field| field.map(Some)) {
            Ok(Some(field)) => Self { malformed: true, ..Self::new(&field) },
            Ok(None) | Err(_) => Self { field_number: 0, bytes: message.to_vec(), malformed: true },
        }
    }
}

/// ` field=35 bytes=12`, with a space before each field. This text follows the notification's name.
impl fmt::Display for UnknownNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field_number, bytes, malformed } = self;
        write!(f, " field={field_number} bytes={}", bytes.len())?;
        if *malformed { f.write_str(" malformed") } else { Ok(()) }
    }
}

impl fmt::Debug for UnknownNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownNotification")
            .field("field_number", &self.field_number)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .field("malformed", &self.malformed)
            .finish()
    }
}

/// Returns the number of the field that decides the meaning of an unknown message, or 0 if the message has no fields.
pub(crate) fn unnamed_field(message: &[u8]) -> u32 {
    let mut unnamed: Option<Field<'_>> = None;
    for field in wire::fields(message).flatten() {
        if field.supersedes(unnamed.as_ref()) {
            unnamed = Some(field);
        }
    }
    unnamed.map_or(0, |field| field.number)
}

impl<'de> Deserialize<'de> for UnknownNotification {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members {
            field_number: u32,
            #[serde(deserialize_with = "bytes_of_hexadecimal")]
            bytes: Vec<u8>,
            malformed: bool,
        }
        let Members { field_number, bytes, malformed } = read_unquoted(deserializer)?;
        Ok(Self { field_number, bytes, malformed })
    }
}

fn hexadecimal<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&HEXLOWER.encode(bytes))
}

fn bytes_of_hexadecimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let digits = String::deserialize(deserializer)?;
    HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .map_err(|_| D::Error::custom("invalid value: the bytes are not hexadecimal digits"))
}
