//! Reading JSON request bodies as the service does: closed objects, lenient casts.

use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// The members of a closed object. Each is taken once; what is left over was not asked for.
#[derive(Debug)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    /// The members of a JSON object; another value is not a body.
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

    /// A member that the contract lets be `null`, which then counts as absent.
    pub(crate) fn take_nullable(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// A boolean with the default `false`.
    pub(crate) fn take_bool(&mut self, name: &str) -> Result<bool, Refusal> {
        self.take_bool_or(name, false)
    }

    /// A boolean that may be null, with the default `false`.
    pub(crate) fn take_nullable_bool(&mut self, name: &str) -> Result<bool, Refusal> {
        self.0.retain(|other, value| other != name || !value.is_null());
        self.take_bool(name)
    }

    /// A boolean with a default.
    pub(crate) fn take_bool_or(&mut self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.take(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(value),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            Some(other) => Err(unexpected(name, "a boolean", &other)),
        }
    }

    /// A webhook's address, which may be null.
    pub(crate) fn take_webhook_url(&mut self) -> Result<Option<String>, Refusal> {
        match self.take_nullable("webhookUrl") {
            None => Ok(None),
            Some(value) => url_with_path("webhookUrl", value).map(Some),
        }
    }

    /// The address of a composition, which must be there.
    pub(crate) fn take_composition_url(&mut self) -> Result<String, Refusal> {
        url_with_path("compositionURL", self.take("compositionURL").ok_or_else(Refusal::structure)?)
    }

    /// Refuses members that nobody took.
    ///
    /// The contract closes request objects; the text is an assumption.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        match self.0.keys().next() {
            Some(name) => Err(Refusal::bad_request(format!("Unexpected field: {name}"))),
            None => Ok(()),
        }
    }
}

/// A number of at least 0, also in a text ("10"), as the service casts it.
pub(crate) fn whole_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

/// The refusal of a member's value, in the words of the service's predecessor.
pub(crate) fn unexpected(name: &str, wanted: &str, got: &Value) -> Refusal {
    let got = match got {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Refusal::bad_request(format!("Expected {name} to be {wanted}, got: {got}"))
}

/// A text that the service takes for a URL.
fn url_with_path(name: &str, value: Value) -> Result<String, Refusal> {
    match value {
        Value::String(url) if is_url_with_path(&url) => Ok(url),
        other => Err(unexpected(name, "valid URL", &other)),
    }
}

/// Whether the service takes it for a URL: `^https?://[^/]+/.*$`, so the slash after the host is needed.
pub(crate) fn is_url_with_path(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.and_then(|rest| rest.split_once('/')).is_some_and(|(host, _)| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers() {
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
    fn urls() {
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
