//! String enums that keep unknown values.

use std::{error, fmt};

use serde::de;

/// Longest part of a refused value that an error quotes, in characters.
const QUOTED: usize = 40;

/// The error for a string that is not a value of an enum.
///
/// The message names the enum and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseEnumError {
    name: &'static str,
    values: &'static [&'static str],
    refused: String,
}

impl ParseEnumError {
    /// Creates the error for an enum with these values.
    #[doc(hidden)]
    #[must_use]
    pub fn new(name: &'static str, values: &'static [&'static str], refused: &str) -> Self {
        let mut quoted: String = refused.chars().take(QUOTED).collect();
        if quoted.len() < refused.len() {
            quoted.push('…');
        }
        Self { name, values, refused: quoted }
    }
}

impl fmt::Display for ParseEnumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, values, refused } = self;
        write!(f, "invalid {name} {refused:?}: must be ")?;
        for (at, value) in values.iter().enumerate() {
            let separator = match at {
                0 => "",
                at if at + 1 == values.len() => " or ",
                _ => ", ",
            };
            write!(f, "{separator}{value:?}")?;
        }
        Ok(())
    }
}

impl error::Error for ParseEnumError {}

/// Reads a value without a copy, because most values are known.
pub(crate) struct Word<T>(pub(crate) fn(&str) -> T);

impl<T> de::Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        Ok(self.0(value))
    }
}

/// Defines a string enum that keeps unknown values and writes them back unchanged.
///
/// Only a server sends unknown values. A string of a user parses only if it is a known value.
macro_rules! open_enum {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $wire:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value that this version does not know, as sent by the server.
            Unknown(String),
        }

        impl $name {
            /// Returns the value as sent by the server.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)+
                    Self::Unknown(value) => value,
                }
            }

            /// Returns the variant of a value that a server sent.
            #[doc(hidden)]
            #[must_use]
            pub fn from_server(value: &str) -> Self {
                Self::known(value).unwrap_or_else(|| Self::Unknown(value.to_owned()))
            }

            fn known(value: &str) -> Option<Self> {
                match value {
                    $($wire => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        /// Parses a known value. Any other string is an error, because it is probably a typo.
        impl std::str::FromStr for $name {
            type Err = crate::ParseEnumError;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::known(value)
                    .ok_or_else(|| crate::ParseEnumError::new(stringify!($name), &[$($wire,)+], value))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::open_enum::Word(Self::from_server))
            }
        }
    };
}
