//! Reads the options of components and peers from JSON, with the conversions of the server.

use serde_json::{Map, Value};

use super::command_error::CommandError;
use crate::refusal::Refusal;

/// The reason why options are rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OptionError {
    /// A required member is missing.
    Missing(&'static str),
    /// A member has the wrong type or is out of range.
    Invalid,
}

/// Uses the messages of the server.
impl From<OptionError> for Refusal {
    fn from(error: OptionError) -> Self {
        match error {
            OptionError::Missing(name) => Refusal::bad_request(format!("Required field \"{name}\" missing")),
            OptionError::Invalid => Refusal::structure(),
        }
    }
}

impl From<OptionError> for CommandError {
    fn from(error: OptionError) -> Self {
        CommandError::Refused(error.into())
    }
}

/// The members of an options object. Unknown members are ignored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Options<'a> {
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// Checks the presence of required members, in this order, before their types are checked.
    pub(super) fn require(self, names: &[&'static str]) -> Result<(), OptionError> {
        match names.iter().find(|name| !self.0.contains_key(**name)) {
            Some(name) => Err(OptionError::Missing(name)),
            None => Ok(()),
        }
    }

    pub(super) fn string(self, name: &str) -> Result<String, OptionError> {
        self.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(OptionError::Invalid)
    }

    pub(super) fn boolean(self, name: &str, default: bool) -> Result<bool, OptionError> {
        self.get(name).map_or(Ok(default), |value| boolean(value).ok_or(OptionError::Invalid))
    }

    pub(super) fn number(self, name: &str, default: i64, min: i64, max: i64) -> Result<i64, OptionError> {
        let number = self.get(name).map_or(Ok(default), |value| number(value).ok_or(OptionError::Invalid))?;
        if (min..=max).contains(&number) { Ok(number) } else { Err(OptionError::Invalid) }
    }

    /// Returns a number, or `None` for `null` and a missing member.
    pub(super) fn nullable_number(self, name: &str) -> Result<Option<i64>, OptionError> {
        match self.non_null(name) {
            None => Ok(None),
            Some(value) => number(value).map(Some).ok_or(OptionError::Invalid),
        }
    }

    /// Returns a string, or `None` for `null` and a missing member.
    pub(super) fn nullable_string(self, name: &str) -> Result<Option<String>, OptionError> {
        self.non_null(name).map(|value| value.as_str().map(str::to_owned).ok_or(OptionError::Invalid)).transpose()
    }

    /// Returns an object, or `None` for `null` and a missing member.
    pub(super) fn nullable_object(self, name: &str) -> Result<Option<Options<'a>>, OptionError> {
        self.non_null(name).map(|value| value.as_object().map(Options).ok_or(OptionError::Invalid)).transpose()
    }

    pub(super) fn object(self, name: &str) -> Result<Options<'a>, OptionError> {
        self.get(name).and_then(Value::as_object).map(Options).ok_or(OptionError::Invalid)
    }

    fn non_null(self, name: &str) -> Option<&'a Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}

/// Returns an integer, which may also be written as a string.
pub(super) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(string) => string.parse().ok(),
        _ => None,
    }
}

/// Returns a number that is valid as a purge timeout or as `maxPeers`. Strings are not valid.
pub(super) fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().filter(|_| number(value).is_some())
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(string) if string == "true" => Some(true),
        Value::String(string) if string == "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_convert_values() {
        let object = json!({
            "string": "a", "number": 5, "in_string": "5", "plus": "+5", "float": 1.5, "whole_float": 2.0,
            "yes": true, "yes_in_string": "true", "no_number": "5x", "null": null, "object": {},
        });
        let options = Options(object.as_object().unwrap());
        assert_eq!(options.require(&["string", "missing", "other"]), Err(OptionError::Missing("missing")));
        assert_eq!(options.require(&["null"]), Ok(()));
        for (name, number) in [("number", 5), ("in_string", 5), ("plus", 5), ("absent", 7)] {
            assert_eq!(options.number(name, 7, 0, 10), Ok(number), "{name}");
        }
        for name in ["float", "whole_float", "no_number", "null", "yes", "string"] {
            assert_eq!(options.number(name, 7, 0, 10), Err(OptionError::Invalid), "{name}");
        }
        assert_eq!(options.number("number", 7, 6, 10), Err(OptionError::Invalid));
        for (name, value) in [("yes", Ok(true)), ("yes_in_string", Ok(true)), ("absent", Ok(false))] {
            assert_eq!(options.boolean(name, false), value, "{name}");
        }
        for name in ["number", "string", "null"] {
            assert_eq!(options.boolean(name, false), Err(OptionError::Invalid), "{name}");
        }
        assert_eq!(options.nullable_number("null"), Ok(None));
        assert_eq!(options.nullable_number("in_string"), Ok(Some(5)));
        assert_eq!(options.nullable_string("number"), Err(OptionError::Invalid));
        assert_eq!(options.string("null"), Err(OptionError::Invalid));
        assert!(options.nullable_object("null").unwrap().is_none());
        assert!(options.object("object").is_ok() && options.object("string").is_err());
    }
}
