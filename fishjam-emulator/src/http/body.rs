//! JSON request bodies, which the service reads with lenient casts and without unknown members.

use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// The members of a JSON object. Members that are left over are unknown.
#[derive(Debug)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    /// Returns the members of a JSON object, or an error for another value.
    pub(crate) fn of(value: Value) -> Result<Self, Refusal> {
        match value {
            Value::Object(members) => Ok(Members(members)),
            _ => Err(Refusal::structure()),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Takes a member that may be `null`, which means the same as an absent member.
    pub(crate) fn take_nullable(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a boolean with the default `false`.
    pub(crate) fn take_bool(&mut self, name: &str) -> Result<bool, Refusal> {
        self.take_bool_or(name, false)
    }

    /// Takes a boolean that may be `null`, with the default `false`.
    pub(crate) fn take_nullable_bool(&mut self, name: &str) -> Result<bool, Refusal> {
        self.0.retain(|other, value| other != name || !value.is_null());
        self.take_bool(name)
    }

    /// Takes a boolean with a default.
    pub(crate) fn take_bool_or(&mut self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.take(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(value),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            Some(other) => Err(unexpected(name, "a boolean", &other)),
        }
    }

    /// Takes the URL of a webhook, which may be `null`.
    pub(crate) fn take_webhook_url(&mut self) -> Result<Option<String>, Refusal> {
        match self.take_nullable("webhookUrl") {
            None => Ok(None),
            Some(value) => url_with_path("webhookUrl", value).map(Some),
        }
    }

    /// Takes the URL of a composition, which is required.
    pub(crate) fn take_composition_url(&mut self) -> Result<String, Refusal> {
        url_with_path("compositionURL", self.take("compositionURL").ok_or_else(Refusal::structure)?)
    }

    /// Returns an error if members are left over.
    ///
    /// The contract forbids unknown members. The error message is an assumption.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        match self.0.keys().next() {
            Some(name) => Err(Refusal::bad_request(format!("Unexpected field: {name}"))),
            None => Ok(()),
        }
    }
}

/// Reads a number of at least 0, also from a string ("10"), as the service casts it.
pub(crate) fn whole_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

/// Creates the error of an invalid value, with the message of the service's predecessor.
pub(crate) fn unexpected(name: &str, wanted: &str, got: &Value) -> Refusal {
    let got = match got {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Refusal::bad_request(format!("Expected {name} to be {wanted}, got: {got}"))
}

/// Returns the value if it is a URL with a path.
fn url_with_path(name: &str, value: Value) -> Result<String, Refusal> {
    match value {
        Value::String(url) if is_url_with_path(&url) => Ok(url),
        other => Err(unexpected(name, "valid URL", &other)),
    }
}

/// Returns `true` if the service accepts the URL: `^https?://[^/]+/.*$`. It requires the slash after the host.
pub(crate) fn is_url_with_path(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.and_then(|rest| rest.split_once('/')).is_some_and(|(host, _)| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_number_is_read_from_numbers_and_strings() {
        for (value, number) in [
            (json!(10), Some(10)),
            (json!("10"), Some(10)),
            (json!(0), Some(0)),
            (json!(-1), None),
            (json!(2.0), None),
            (json!("nan"), None),
            (json!(""), None),
            (json!("-1"), None),
            (json!("99999999999999999999"), None),
            (json!(true), None),
            (json!([1]), None),
        ] {
            assert_eq!(whole_number(&value), number, "{value}");
        }
    }

    #[test]
    fn url_needs_http_and_a_path() {
        for (text, is_url) in [
            ("https://host/", true),
            ("http://host:1/a?b", true),
            ("https://host", false),
            ("https:///a", false),
            ("ftp://host/a", false),
            ("host/a", false),
            ("", false),
        ] {
            assert_eq!(is_url_with_path(text), is_url, "{text}");
        }
    }
}
