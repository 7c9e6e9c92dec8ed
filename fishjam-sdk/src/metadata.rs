//! Metadata: JSON that applications attach to peers, tracks and recordings.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

use crate::{
    error::{Error, ErrorKind, Result},
    json_error::JsonError,
    json_text::{self, Nested},
    secret::REDACTED,
};

/// Metadata as the server sent it: a JSON value as text.
///
/// Browsers and other clients write metadata, so it can be any JSON value. The SDK keeps the text and decodes it only
/// in [`parse`](Self::parse). Invalid metadata therefore does not affect the rest of a response.
///
/// Two values are equal if they are the same JSON. If one of them cannot be parsed, they are equal if they have the
/// same bytes. Cloning is cheap. `Debug` prints only the length, because metadata can hold personal data.
///
/// The type serializes as the JSON value itself, not as a string with JSON. Text that [`parse`](Self::parse) cannot
/// parse into a `serde_json::Value` serializes as a string, so that a peer cannot make your response fail. Deserializing
/// accepts any JSON value. It reads a string as a JSON string.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::Metadata;
/// use serde_json::json;
///
/// let metadata: Metadata = serde_json::from_value(json!({ "name": "Ada" }))?;
/// assert_eq!(metadata.as_str(), r#"{"name":"Ada"}"#);
/// assert_eq!(serde_json::to_value(&metadata)?, json!({ "name": "Ada" }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Metadata(Arc<str>);

impl Metadata {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the metadata in a member of a response, or `None` if the member is absent or `null`.
    pub(crate) fn from_member(member: Option<fishjam_api::RawJson>) -> Option<Self> {
        member.map(|json| Self::new(json.get())).filter(|metadata| !metadata.is_null())
    }

    /// Returns the text as the server sent it.
    ///
    /// Fishjam documents the text as JSON, and the SDK does not check it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `true` if there is no metadata: the server sent `null` or an empty string.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.json(), "null")
    }

    /// Parses the metadata into `T`, such as `serde_json::Value` or your own struct.
    ///
    /// An empty string is parsed as `null`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`] if:
    ///
    /// - the text is not valid JSON, or does not match the type
    /// - the value is nested more than 127 levels deep
    /// - a number that `T` contains is out of range, such as `1e400`
    /// - a string that `T` contains has half of a surrogate pair
    ///
    /// The error names the reason and the position. Neither the error nor its source quotes the text.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        self.read("metadata cannot be read")
    }

    /// Like [`parse`](Self::parse), and names the owner of the metadata in the error.
    pub(crate) fn parse_from<T: DeserializeOwned>(&self, owner: &'static str) -> Result<T> {
        self.read(format!("metadata of {owner} cannot be read"))
    }

    /// Like [`parse`](Self::parse), with this message in the error.
    pub(crate) fn read<T: DeserializeOwned>(&self, failure: impl Into<Cow<'static, str>>) -> Result<T> {
        serde_json::from_str(self.json())
            .map_err(|e| Error::new(ErrorKind::Decode).message_text(failure).caused_by(JsonError::from(&e)))
    }

    /// Returns the metadata with one member replaced. Does not decode the other values.
    ///
    /// Returns `None` if the metadata is not an object, or if `value` is not JSON.
    pub(crate) fn with_member(&self, name: &str, value: &Self) -> Option<Self> {
        let mut members: BTreeMap<String, &RawValue> = serde_json::from_str(self.json()).ok()?;
        members.insert(name.to_owned(), serde_json::from_str(value.json()).ok()?);
        serde_json::to_string(&members).ok().map(Self::new)
    }

    /// Returns the JSON without surrounding whitespace, or `null` if it is empty.
    fn json(&self) -> &str {
        json_text::trimmed(&self.0)
    }
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        json_text::is_same(&self.0, &other.0)
    }
}

impl Eq for Metadata {}

impl Hash for Metadata {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match json_text::value(&self.0) {
            Some(value) => value.hash(state),
            None => self.json().hash(state),
        }
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Nested(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fishjam_api::RawJson::deserialize(deserializer).map(|json| Self::new(json.get()))
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Metadata({} bytes)", self.0.len())
    }
}

/// Metadata of an option. `Debug` does not print it, because it can hold personal data.
#[derive(Clone, Default)]
pub(crate) struct NewMetadata(Option<Result<Map<String, Value>>>);

impl NewMetadata {
    /// Serializes the value of a setter with the name `metadata`.
    pub(crate) fn new(metadata: &impl Serialize) -> Self {
        Self(Some(object(metadata)))
    }

    /// Returns the object, or the error of its serialization.
    pub(crate) fn into_object(self) -> Result<Option<Map<String, Value>>> {
        self.0.transpose()
    }
}

impl fmt::Debug for NewMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map(|_| REDACTED).fmt(f)
    }
}

/// Serializes metadata to a JSON object.
fn object(metadata: &impl Serialize) -> Result<Map<String, Value>> {
    let kind = match serde_json::to_value(metadata) {
        Ok(Value::Object(object)) => return Ok(object),
        Ok(Value::Null) => "null",
        Ok(Value::Bool(_)) => "a boolean",
        Ok(Value::Number(_)) => "a number",
        Ok(Value::String(_)) => "a string",
        Ok(Value::Array(_)) => "an array",
        // The text of the error can quote the metadata.
        Err(_) => return Err(Error::invalid_input("invalid metadata: must serialize to JSON")),
    };
    Err(Error::invalid_input(format!("invalid metadata: must be a JSON object, not {kind}")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_without_object_is_an_error_with_its_type() {
        for (metadata, name) in [
            (json!(null), "null"),
            (json!(true), "boolean"),
            (json!(1), "number"),
            (json!("a"), "string"),
            (json!([]), "array"),
        ] {
            let error = object(&metadata).unwrap_err();
            assert!(error.to_string().contains(name) && error.to_string().contains("invalid metadata: "), "{error}");
        }
        let error = object(&BTreeMap::from([((1, 2), 3)])).unwrap_err();
        assert!(error.to_string().contains("invalid metadata: must serialize to JSON"), "{error}");
    }

    #[test]
    fn value_that_serializes_to_object_is_metadata() {
        let object = object(&BTreeMap::from([("a", 1)])).unwrap();
        assert_eq!(Value::Object(object), json!({ "a": 1 }));
    }

    #[test]
    fn parse_names_the_reason_of_unreadable_metadata() {
        for (text, reason) in [
            ("[".repeat(200) + &"]".repeat(200), "nested too deeply"),
            (r#"{"sentinel":1e400}"#.to_owned(), "out of range"),
            (r#"{"sentinel":"\ud800"}"#.to_owned(), "surrogate"),
            (r#"{"sentinel":"\udc00"}"#.to_owned(), "surrogate"),
            ("sentinel".to_owned(), "not valid JSON"),
        ] {
            let error = Metadata::new(text).parse::<Value>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert!(format!("{error:#}").contains("metadata cannot be read"), "{error}");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains(reason) && !source.contains("sentinel"), "{source}");
        }
    }

    #[test]
    fn metadata_is_equal_if_it_means_the_same() {
        let metadata = |text: &str| Metadata::new(text);
        for (one, other, equal) in [
            (r#"{"a":1,"b":2}"#, r#" { "b": 2, "a": 1 }"#, true),
            ("null", "", true),
            ("[1e400]", "[1e400]", true),
            ("[1e400]", "[ 1e400]", false),
            ("1", "2", false),
        ] {
            assert_eq!(metadata(one) == metadata(other), equal, "{one} {other}");
            let distinct = HashSet::from([metadata(one), metadata(other)]).len();
            assert_eq!(distinct == 1, equal, "{one} {other}");
        }
    }

    #[test]
    fn metadata_serializes_as_nested_json() {
        for text in [r#"{"a":[1,null]}"#, "null", "[]", "7", r#""text""#] {
            let metadata = Metadata::new(text);
            assert_eq!(serde_json::to_string(&metadata).unwrap(), text);
            let value = serde_json::to_value(&metadata).unwrap();
            let back: [Metadata; 2] =
                [serde_json::from_str(text).unwrap(), serde_json::from_value(value.clone()).unwrap()];
            assert_eq!(back, [metadata.clone(), metadata]);
            assert_eq!(back[0].as_str(), text);
        }
    }

    #[test]
    fn unreadable_metadata_serializes_as_string() {
        for text in ["{", "sentinel", "[1e400]", r#""\ud800""#] {
            assert_eq!(serde_json::to_value(Metadata::new(text)).unwrap(), json!(text));
        }
        // JSON text without a `Value` still decodes.
        assert_eq!(serde_json::from_str::<Metadata>(r#"{"a":1e400}"#).unwrap().as_str(), r#"{"a":1e400}"#);
    }

    #[test]
    fn metadata_decodes_from_buffered_content() {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Buffered {
            Metadata { metadata: Metadata },
        }
        let Buffered::Metadata { metadata } = serde_json::from_str(r#"{"metadata":{"b":1,"a":"x"}}"#).unwrap();
        assert_eq!(metadata, Metadata::new(r#"{"a":"x","b":1}"#));
    }

    #[test]
    fn with_member_keeps_values_that_cannot_be_read() {
        let deep = Metadata::new("[".repeat(500) + &"]".repeat(500));
        let metadata = Metadata::new(r#"{"server":1e400,"peer":0}"#).with_member("peer", &deep).unwrap();
        assert_eq!(metadata.as_str(), format!(r#"{{"peer":{},"server":1e400}}"#, deep.as_str()));
        for (whole, member) in [("[]", "1"), ("null", "1"), ("{}", "{")] {
            assert!(Metadata::new(whole).with_member("peer", &Metadata::new(member)).is_none(), "{whole} {member}");
        }
    }
}
