//! Members of a response that this version of the SDK does not know.

use std::fmt;

use fishjam_api::UnknownMembers;
use serde::{
    de::DeserializeOwned,
    ser::{Serialize, SerializeMap, Serializer},
};

use crate::{
    error::{Error, ErrorKind, Result},
    json_error::JsonError,
    json_text::{Nested, is_same},
};

/// Members of a response that this version of the SDK does not know.
///
/// A newer server can send members for which the SDK has no field yet. The method `extra` of each object, such as
/// [`Room::extra`](crate::Room::extra), returns them as JSON. Serializing the object writes them back. A future member can
/// be a secret, which the SDK cannot recognize, so it is not redacted.
///
/// `Debug` prints only the names, because the values can hold secrets and personal data.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::Viewer;
///
/// let viewer: Viewer = serde_json::from_str(r#"{ "id": "v", "token": "t", "seats": 2 }"#)?;
/// assert_eq!(viewer.extra().get("seats"), Some("2"));
/// assert_eq!(viewer.extra().parse::<u32>("seats")?, Some(2));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Extra(UnknownMembers);

impl Extra {
    pub(crate) fn new(members: UnknownMembers) -> Self {
        Self(members)
    }

    /// Returns the number of bytes in the names and the values.
    pub(crate) fn size(&self) -> usize {
        self.iter().map(|(name, json)| name.len() + json.len()).sum()
    }

    /// Returns `true` if the SDK knows all members of the object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns a member as JSON text, as the server sent it. Returns `None` if the object does not have the member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|json| json.get())
    }

    /// Returns the names of all members and their values as JSON text, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, json)| (name, json.get()))
    }

    /// Parses a member into `T`. Returns `None` if the object does not have the member.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`] if the value does not match the type. Neither the error nor its source quotes the
    /// value.
    pub fn parse<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let parsed = self.get(name).map(serde_json::from_str).transpose();
        parsed.map_err(|e| {
            Error::new(ErrorKind::Decode).message_text("extra member cannot be read").caused_by(JsonError::from(&e))
        })
    }
}

/// Two values are equal if they have the same names and the same JSON.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        let (mut ours, mut others) = (self.iter(), other.iter());
        loop {
            match (ours.next(), others.next()) {
                (None, None) => return true,
                (Some((name, json)), Some((other_name, other))) if name == other_name && is_same(json, other) => {}
                _ => return false,
            }
        }
    }
}

impl Eq for Extra {}

/// Writes the members as an object.
impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, json) in self.iter() {
            map.serialize_entry(name, &Nested(json))?;
        }
        map.end()
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extra")?;
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Implements decoding with the generated type, so that there is one decoder. Also implements `extra`.
///
/// The error of decoding names the place and quotes no value, because a value can be a token or personal data.
///
/// The type has a private field `extra`, which it serializes with `#[serde(flatten)]`, and a function `from_wire`. A type
/// with secrets adds a closure that returns `true` if one of them is redacted. Such a value cannot be read.
macro_rules! read_model {
    ($name:ident, $wire:ty) => {
        read_model!($name, $wire, |_value| false);
    };
    ($name:ident, $wire:ty, |$value:ident| $redacted:expr) => {
        impl $name {
            /// Returns the members of the response that this version of the SDK does not know.
            #[must_use]
            pub fn extra(&self) -> &$crate::extra::Extra {
                &self.extra
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let wire: $wire = $crate::json_error::read_unquoted(deserializer)?;
                let value = Self::from_wire(wire);
                let $value = &value;
                if $redacted { Err(serde::de::Error::custom($crate::secret::REDACTED_HINT)) } else { Ok(value) }
            }
        }
    };
}
pub(crate) use read_model;

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    fn extra(json: &str) -> Extra {
        #[derive(Deserialize)]
        struct Nothing {}
        let mut json = serde_json::Deserializer::from_str(json);
        Extra::new(fishjam_api::with_unknown_members(&mut json, |members| Nothing::deserialize(members)).unwrap().1)
    }

    #[test]
    fn extra_returns_raw_and_parsed_values() {
        let extra = extra(r#"{"b":[1, 2],"a":null}"#);
        assert_eq!(extra.iter().collect::<Vec<_>>(), [("a", "null"), ("b", "[1, 2]")]);
        assert_eq!((extra.get("b"), extra.get("c")), (Some("[1, 2]"), None));
        assert_eq!(extra.parse::<Vec<u8>>("b").unwrap(), Some(vec![1, 2]));
        assert_eq!(extra.parse::<Vec<u8>>("c").unwrap(), None);
        assert_eq!(extra.parse::<Option<u8>>("a").unwrap(), Some(None));
        assert_eq!(serde_json::to_value(&extra).unwrap(), json!({ "a": null, "b": [1, 2] }));
        assert!(!extra.is_empty() && Extra::default().is_empty());
    }

    #[test]
    fn unreadable_extra_member_is_an_error_without_value() {
        let error = extra(r#"{"a":"sentinel"}"#).parse::<u8>("a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        for printed in [format!("{error:#}"), format!("{error:?}")] {
            assert!(!printed.contains("sentinel"), "{printed}");
        }
    }

    #[test]
    fn extra_is_equal_if_it_means_the_same() {
        for (one, other, equal) in [
            ("{}", "{}", true),
            (r#"{"a":{"b":1,"c":2}}"#, r#"{"a":{"c":2, "b":1}}"#, true),
            (r#"{"a":1}"#, "{}", false),
            (r#"{"a":1}"#, r#"{"b":1}"#, false),
            (r#"{"a":1}"#, r#"{"a":2}"#, false),
        ] {
            assert_eq!(extra(one) == extra(other), equal, "{one} {other}");
        }
    }

    #[test]
    fn debug_prints_only_names_of_extra_members() {
        let extra = extra(r#"{"seats":"sentinel"}"#);
        assert_eq!(format!("{extra:?}"), r#"Extra{"seats"}"#);
        assert_eq!(format!("{:?}", Extra::default()), "Extra{}");
    }
}
