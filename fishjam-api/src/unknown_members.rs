//! Members of responses that this version does not know.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use crate::raw_json::RawJson;

/// Members of an object that its type does not have, as JSON.
///
/// Most objects have none, so an empty value allocates nothing and is as small as a pointer. `Debug` prints the names and
/// the lengths, because the values can hold secrets and personal data.
#[derive(Clone, Default, PartialEq, Eq)]
#[allow(clippy::box_collection, reason = "each peer and each track has this field, which is almost always empty")]
pub struct UnknownMembers(Option<Box<BTreeMap<String, RawJson>>>);

impl UnknownMembers {
    /// Returns `true` if there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RawJson> {
        self.0.as_ref()?.get(name)
    }

    /// Returns all members, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0.iter().flat_map(|members| members.iter()).map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn insert(&mut self, name: String, value: RawJson) {
        self.0.get_or_insert_default().insert(name, value);
    }
}

impl fmt::Debug for UnknownMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Decodes a struct with its derived decoder, and collects the members that this decoder would ignore.
///
/// serde's `flatten` would copy every member first, and could not keep the values as raw JSON.
///
/// # Errors
///
/// Returns the errors of `decode`.
pub fn with_unknown_members<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    decode: impl FnOnce(Collector<'_, D>) -> Result<T, D::Error>,
) -> Result<(T, UnknownMembers), D::Error> {
    let mut unknown = UnknownMembers::default();
    let value = decode(Collector { deserializer, unknown: &mut unknown })?;
    Ok((value, unknown))
}

/// A deserializer of a struct that hides unknown members from the struct's decoder.
pub struct Collector<'a, D> {
    deserializer: D,
    unknown: &'a mut UnknownMembers,
}

impl<D> fmt::Debug for Collector<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Collector<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserializer.deserialize_struct(name, fields, Members { inner: visitor, fields, unknown: self.unknown })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserializer.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The visitor or the members of a struct, without the unknown members.
struct Members<'a, T> {
    inner: T,
    fields: &'static [&'static str],
    unknown: &'a mut UnknownMembers,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Members<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Members { inner: members, fields: self.fields, unknown: self.unknown })
    }

    /// Compact formats write a struct as a sequence, which has no unknown members.
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(items)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(Name(name)) = self.inner.next_key()? {
            if self.fields.contains(&name.as_ref()) {
                return seed.deserialize(name.into_deserializer()).map(Some);
            }
            // If a member occurs twice, the last one counts, as in a map.
            self.unknown.insert(name.into_owned(), self.inner.next_value()?);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// The name of a member. It is borrowed from the JSON if it has no escapes.
pub(crate) struct Name<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_identifier(NameVisitor)
    }
}

/// Implements decoding for a generated struct, which keeps unknown members in `extra`.
///
/// The struct has `#[serde(remote = "Self")]`. Thus its derived functions are inherent, and the traits are free.
macro_rules! keep_unknown_members {
    ($name:ident: Serialize) => {
        keep_unknown_members!($name);

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    };
    ($name:ident) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let decoded = crate::with_unknown_members(deserializer, |members| Self::deserialize(members));
                decoded.map(|(mut value, extra)| {
                    value.extra = extra;
                    value
                })
            }
        }
    };
}
