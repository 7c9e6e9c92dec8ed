//! JSON that peers and publishers write. It is kept as text.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Value, value::RawValue};

/// A JSON value as text, which is not decoded yet.
///
/// Decoding a response checks only the syntax of the value. The depth, the numbers and the strings matter only when the
/// text is decoded. Thus an odd value cannot make the whole response unreadable.
/// `Debug` prints only the length, because the value can hold personal data.
#[derive(Clone)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Returns the text of the value.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

/// Two values are equal if they have the same text.
impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.get().len())
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Decodes JSON text without a copy. Other formats, and values that serde has buffered, become JSON text.
impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(AnyFormat(deserializer)).map(Self)
    }
}

/// A deserializer that can decode a `RawValue`, although only serde_json supports it.
///
/// serde buffers the content of types with `#[serde(flatten)]`, `#[serde(tag = "…")]` and `#[serde(untagged)]`. Without
/// this type, a room in such a type could not be decoded.
struct AnyFormat<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for AnyFormat<D> {
    type Error = D::Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, RawVisitor { name, inner: visitor })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The visitor of a `RawValue`.
struct RawVisitor<V> {
    /// The name by which serde_json recognizes a `RawValue`.
    name: &'static str,
    inner: V,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for RawVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    /// Forwards the text, which serde_json passes in this form.
    fn visit_map<A: MapAccess<'de>>(self, text: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(text)
    }

    /// Converts the value that all other deserializers pass.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        Value::deserialize(value)?.deserialize_newtype_struct(self.name, self.inner).map_err(D::Error::custom)
    }
}
