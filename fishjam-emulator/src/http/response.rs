//! HTTP responses, before they become responses of the web framework.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::refusal::{Errors, Refusal};

const JSON: &str = "application/json; charset=utf-8";

/// The number of levels that a response can add to the values of a request.
const MAX_ENVELOPE: usize = 16;

/// A status, headers and a body.
#[derive(Clone, Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// Whether the usual headers are missing, because a lower layer of the server responded.
    pub(crate) bare: bool,
    /// Whether only the id of the request is missing among the usual headers.
    pub(crate) unnumbered: bool,
}

impl HttpResponse {
    pub(crate) fn empty(status: u16) -> Self {
        HttpResponse { status, headers: Vec::new(), body: Bytes::new(), bare: false, unnumbered: false }
    }

    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => HttpResponse {
                status,
                headers: vec![("content-type".to_owned(), JSON.to_owned())],
                body: body.into(),
                bare: false,
                unnumbered: false,
            },
            Err(_) => Refusal::crash().into(),
        }
    }

    /// Creates a response with a body without a content type.
    pub(crate) fn bytes(status: u16, body: Bytes) -> Self {
        HttpResponse { body, ..HttpResponse::empty(status) }
    }

    /// Creates a response with a string without a content type.
    pub(crate) fn plain(status: u16, text: &str) -> Self {
        HttpResponse::bytes(status, Bytes::copy_from_slice(text.as_bytes()))
    }

    /// Returns the JSON of the body, if it is valid JSON.
    pub(crate) fn value(&self) -> Option<Value> {
        read_deep(std::str::from_utf8(&self.body).ok()?, MAX_ENVELOPE)
    }

    /// Sets a header and removes earlier values.
    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

/// Reads JSON that nests up to `levels` deeper than serde_json allows.
///
/// A response nests deeper than the request whose values it repeats. serde_json has a feature for any depth. With it, the
/// tests of a program would compile serde_json and all crates that use it a second time.
fn read_deep(json: &str, levels: usize) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(json) {
        return Some(value);
    }
    let levels = levels.checked_sub(1)?;
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(json) {
        let members = members.into_iter().map(|(name, value)| Some((name, read_deep(value.get(), levels)?)));
        return members.collect::<Option<_>>().map(Value::Object);
    }
    let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    items.into_iter().map(|item| read_deep(item.get(), levels)).collect::<Option<_>>().map(Value::Array)
}

impl From<Refusal> for HttpResponse {
    fn from(refusal: Refusal) -> Self {
        match refusal.errors {
            Errors::Text(text) => HttpResponse::json(refusal.status, &json!({ "errors": text })),
            Errors::Framework(detail) => HttpResponse::json(refusal.status, &json!({ "errors": { "detail": detail } })),
            Errors::Composition { code: Some(code), message } => {
                HttpResponse::json(refusal.status, &json!({ "message": message, "error_code": code }))
            }
            Errors::Composition { code: None, message } => {
                HttpResponse::json(refusal.status, &json!({ "message": message }))
            }
            Errors::Plain(text) => {
                let mut response = HttpResponse::plain(refusal.status, &text);
                response.set_header("content-type", "text/plain; charset=utf-8");
                response
            }
            Errors::Empty => HttpResponse::empty(refusal.status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composition_error_has_a_message_and_a_code() {
        let body = |refusal: Refusal| HttpResponse::from(refusal).value().unwrap();
        assert_eq!(
            body(Refusal::build_scene("no image")),
            json!({ "message": "no image", "error_code": "BUILD_SCENE_ERROR" })
        );
        assert_eq!(body(Refusal::composition(404, None, "no composition")), json!({ "message": "no composition" }));
    }

    #[test]
    fn value_nests_deeper_than_a_request() {
        let nested = |depth: usize, inner: &str| format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth));
        let value = |body: String| HttpResponse::bytes(200, body.into()).value();
        for (depth, is_read) in [(1, true), (127, true), (128, true), (143, true), (300, false), (1_000_000, false)] {
            assert_eq!(value(nested(depth, "")).is_some(), is_read, "{depth}");
        }
        let deep = format!(r#"{{"data":{{"peers":[{{"b":{},"a":"ż"}},1]}}}}"#, nested(127, "1.5"));
        assert_eq!(value(deep).unwrap()["data"]["peers"][0]["a"], "ż");
        assert_eq!(value(nested(128, "x")), None);
    }
}
