//! The casts of component and peer options: what a schema makes of a JSON value.

use serde_json::{Map, Value};

use super::command_error::Refused;
use crate::refusal::Refusal;

/// Why options do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// A required member is not there.
    Missing(&'static str),
    /// Something has the wrong type or is out of range.
    Invalid,
}

/// What is wrong with options, in the server's words.
impl From<Misfit> for Refusal {
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::Missing(name) => Refusal::bad_request(format!("Required field \"{name}\" missing")),
            Misfit::Invalid => Refusal::structure(),
        }
    }
}

impl From<Misfit> for Refused {
    fn from(misfit: Misfit) -> Self {
        Refused::Answer(misfit.into())
    }
}

/// The members of an options object. Those that are not asked for are ignored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Options<'a> {
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// Checks that required members are there, in this order; it comes before any of them is cast.
    pub(super) fn require(self, names: &[&'static str]) -> Result<(), Misfit> {
        match names.iter().find(|name| !self.0.contains_key(**name)) {
            Some(name) => Err(Misfit::Missing(name)),
            None => Ok(()),
        }
    }

    pub(super) fn text(self, name: &str) -> Result<String, Misfit> {
        self.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(Misfit::Invalid)
    }

    pub(super) fn boolean(self, name: &str, default: bool) -> Result<bool, Misfit> {
        self.get(name).map_or(Ok(default), |value| boolean(value).ok_or(Misfit::Invalid))
    }

    pub(super) fn number(self, name: &str, default: i64, least: i64, most: i64) -> Result<i64, Misfit> {
        let number = self.get(name).map_or(Ok(default), |value| number(value).ok_or(Misfit::Invalid))?;
        if (least..=most).contains(&number) { Ok(number) } else { Err(Misfit::Invalid) }
    }

    /// A number that may be `null`, which is the default.
    pub(super) fn nullable_number(self, name: &str) -> Result<Option<i64>, Misfit> {
        match self.given(name) {
            None => Ok(None),
            Some(value) => number(value).map(Some).ok_or(Misfit::Invalid),
        }
    }

    /// A text that may be `null`, which is the default.
    pub(super) fn nullable_text(self, name: &str) -> Result<Option<String>, Misfit> {
        self.given(name).map(|value| value.as_str().map(str::to_owned).ok_or(Misfit::Invalid)).transpose()
    }

    /// An object that may be `null`, which is the default.
    pub(super) fn nullable_object(self, name: &str) -> Result<Option<Options<'a>>, Misfit> {
        self.given(name).map(|value| value.as_object().map(Options).ok_or(Misfit::Invalid)).transpose()
    }

    pub(super) fn object(self, name: &str) -> Result<Options<'a>, Misfit> {
        self.get(name).and_then(Value::as_object).map(Options).ok_or(Misfit::Invalid)
    }

    fn given(self, name: &str) -> Option<&'a Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}

/// An integer, also in a text.
pub(super) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Returns a number that a purge timeout or `maxPeers` may be. Strings are not numbers.
pub(super) fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().filter(|_| number(value).is_some())
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn casts() {
        let object = json!({
            "text": "a", "number": 5, "in_text": "5", "plus": "+5", "float": 1.5, "whole_float": 2.0,
            "yes": true, "yes_in_text": "true", "no_number": "5x", "null": null, "object": {},
        });
        let options = Options(object.as_object().unwrap());
        assert_eq!(options.require(&["text", "gone", "lost"]), Err(Misfit::Missing("gone")));
        assert_eq!(options.require(&["null"]), Ok(()));
        for (name, number) in [("number", 5), ("in_text", 5), ("plus", 5), ("absent", 7)] {
            assert_eq!(options.number(name, 7, 0, 10), Ok(number), "{name}");
        }
        for name in ["float", "whole_float", "no_number", "null", "yes", "text"] {
            assert_eq!(options.number(name, 7, 0, 10), Err(Misfit::Invalid), "{name}");
        }
        assert_eq!(options.number("number", 7, 6, 10), Err(Misfit::Invalid));
        for (name, value) in [("yes", Ok(true)), ("yes_in_text", Ok(true)), ("absent", Ok(false))] {
            assert_eq!(options.boolean(name, false), value, "{name}");
        }
        for name in ["number", "text", "null"] {
            assert_eq!(options.boolean(name, false), Err(Misfit::Invalid), "{name}");
        }
        assert_eq!(options.nullable_number("null"), Ok(None));
        assert_eq!(options.nullable_number("in_text"), Ok(Some(5)));
        assert_eq!(options.nullable_text("number"), Err(Misfit::Invalid));
        assert_eq!(options.text("null"), Err(Misfit::Invalid));
        assert!(options.nullable_object("null").unwrap().is_none());
        assert!(options.object("object").is_ok() && options.object("text").is_err());
    }
}
