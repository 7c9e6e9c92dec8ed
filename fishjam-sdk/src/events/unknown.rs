//! Notifications that this version does not know.

use std::fmt;

use serde::{Serialize, Serializer};

use super::wire::{self, Field};

/// A notification that this version does not know, with its encoded content.
///
/// The notification is newer than this version, or it is `malformed`. A damaged member of a batch is malformed, and so is a
/// batch in a batch. `Debug` prints only the length of the content, because the content may hold personal data.
#[derive(Clone, PartialEq, Eq, Serialize)]
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

fn hexadecimal<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    struct Hexadecimal<'a>(&'a [u8]);
    impl fmt::Display for Hexadecimal<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
    serializer.collect_str(&Hexadecimal(bytes))
}
