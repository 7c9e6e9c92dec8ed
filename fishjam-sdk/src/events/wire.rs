//! A reader for the top-level fields of a protobuf message. It keeps unknown fields, which prost drops.

use std::{error::Error as StdError, fmt, ops::RangeInclusive};

/// The valid field numbers.
const NUMBERS: RangeInclusive<u32> = 1..=0x1FFF_FFFF;
/// The wire type of a length-delimited field.
const DELIMITED: u64 = 2;

/// A field of a message.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    /// The field number.
    pub(crate) number: u32,
    /// Whether the field is length-delimited: a message, a string or bytes, and not a number.
    pub(crate) delimited: bool,
    /// The encoded value, without number and length.
    pub(crate) value: &'a [u8],
    /// The position of the next field.
    pub(crate) end: usize,
}

impl Field<'_> {
    /// Returns `true` if this field, rather than an earlier one, decides the meaning of a message with unknown fields.
    ///
    /// As everywhere in protobuf, the last field counts. But a number never supersedes a message, because all variants of
    /// a server message are messages.
    pub(crate) fn supersedes(&self, earlier: Option<&Self>) -> bool {
        self.delimited || earlier.is_none_or(|earlier| !earlier.delimited)
    }
}

/// Iterates over the top-level fields of a message. The iterator ends after the first error.
pub(crate) fn fields(message: &[u8]) -> Fields<'_> {
    Fields { message, at: 0 }
}

/// Returns the field of a message that consists of one length-delimited field, as most messages do.
pub(crate) fn single_field(message: &[u8]) -> Option<Field<'_>> {
    let mut fields = fields(message);
    let (key, length) = (fields.varint().ok()?, fields.varint().ok()?);
    let value = message.get(fields.at..)?;
    let number = u32::try_from(key >> 3).ok().filter(|number| NUMBERS.contains(number))?;
    (key & 7 == DELIMITED && length == value.len() as u64).then_some(Field {
        number,
        delimited: true,
        value,
        end: message.len(),
    })
}

pub(crate) struct Fields<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Result<Field<'a>, Malformed> {
        let key = self.varint()?;
        let number = match u32::try_from(key >> 3) {
            Ok(number) if NUMBERS.contains(&number) => number,
            _ => return Err(Malformed::FieldNumber),
        };
        let delimited = key & 7 == DELIMITED;
        let value = match key & 7 {
            0 => {
                let start = self.at;
                self.varint()?;
                self.message.get(start..self.at).ok_or(Malformed::Truncated)?
            }
            1 => self.take(8)?,
            DELIMITED => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed::Truncated)?;
                self.take(length)?
            }
            5 => self.take(4)?,
            // proto3 has no groups (3, 4), and the other wire types are undefined.
            _ => return Err(Malformed::WireType),
        };
        Ok(Field { number, delimited, value, end: self.at })
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let value = self.message.get(self.at..).and_then(|rest| rest.get(..length)).ok_or(Malformed::Truncated)?;
        self.at += length;
        Ok(value)
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        match self.message.get(self.at) {
            Some(byte) if byte & 0x80 == 0 => {
                self.at += 1;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = *self.message.get(self.at).ok_or(Malformed::Truncated)?;
            self.at += 1;
            // The tenth byte has room for one bit.
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed::Varint)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.message.len() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.at = self.message.len();
        }
        Some(field)
    }
}

/// The reason why bytes are not a valid message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    Truncated,
    Varint,
    FieldNumber,
    WireType,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "a field ends after the message",
            Self::Varint => "a number is longer than ten bytes",
            Self::FieldNumber => "a field has an invalid number",
            Self::WireType => "a field has an encoding that proto3 does not support",
        })
    }
}

impl StdError for Malformed {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn single_field_equals_the_only_field_of_an_iteration(
            key in prop_oneof![proptest::collection::vec(any::<u8>(), 1..7), Just(vec![0x1a]), Just(vec![0x9a, 0x80, 0])],
            length in 0..5_u8,
            rest in proptest::collection::vec(any::<u8>(), 0..6),
        ) {
            let message = [key.as_slice(), &[length], &rest].concat();
            let walked: Vec<_> = fields(&message).collect();
            let expected = match walked.as_slice() {
                [Ok(field)] if field.delimited => Some((field.number, field.value, field.end)),
                _ => None,
            };
            prop_assert_eq!(single_field(&message).map(|field| (field.number, field.value, field.end)), expected);
        }
    }

    #[test]
    fn fields_returns_the_bytes_of_every_encoding() {
        let message = [
            [0x08, 0x96, 0x01].as_slice(),
            &[0x11, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0x1a, 2, b'h', b'i'],
            &[0x25, 1, 2, 3, 4],
            &[0xf8, 0xff, 0xff, 0xff, 0x0f, 0],
        ]
        .concat();
        let seen: Vec<_> =
            fields(&message).map(|field| field.unwrap()).map(|f| (f.number, f.delimited, f.value)).collect();
        let expected: [(u32, bool, &[u8]); 5] = [
            (1, false, &[0x96, 0x01]),
            (2, false, &[1, 2, 3, 4, 5, 6, 7, 8]),
            (3, true, b"hi"),
            (4, false, &[1, 2, 3, 4]),
            (0x1FFF_FFFF, false, &[0]),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn fields_ends_after_a_malformed_field() {
        for (message, why) in [
            ([0x08].as_slice(), Malformed::Truncated),
            (&[0x80], Malformed::Truncated),
            (&[0x11, 1], Malformed::Truncated),
            (&[0x1a, 2, 1], Malformed::Truncated),
            (&[0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], Malformed::Truncated),
            (&[0x25, 1, 2, 3], Malformed::Truncated),
            (&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], Malformed::Varint),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0], Malformed::Varint),
            (&[0x02, 0], Malformed::FieldNumber),
            (&[0x82, 0x80, 0x80, 0x80, 0x10, 0], Malformed::FieldNumber),
            (&[0x0b], Malformed::WireType),
            (&[0x0c], Malformed::WireType),
            (&[0x0e], Malformed::WireType),
            (&[0x0f], Malformed::WireType),
        ] {
            let mut walk = fields(message);
            assert_eq!(walk.next().map(|field| field.err()), Some(Some(why)), "{message:x?}");
            assert!(walk.next().is_none());
        }
    }
}
