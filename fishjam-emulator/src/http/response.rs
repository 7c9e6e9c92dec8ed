//! HTTP responses, before they become responses of the web framework.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::refusal::{Errors, Refusal};

const JSON: &str = "application/json; charset=utf-8";

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
    ///
    /// The depth is not limited, because a response nests deeper than the request whose values it repeats.
    pub(crate) fn value(&self) -> Option<Value> {
        let mut deserializer = serde_json::Deserializer::from_slice(&self.body);
        deserializer.disable_recursion_limit();
        let value = Value::deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(value)
    }

    /// Sets a header and removes earlier values.
    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

impl From<Refusal> for HttpResponse {
    fn from(refusal: Refusal) -> Self {
        match refusal.errors {
            Errors::Text(text) => HttpResponse::json(refusal.status, &json!({ "errors": text })),
            Errors::Framework(detail) => HttpResponse::json(refusal.status, &json!({ "errors": { "detail": detail } })),
            Errors::Empty => HttpResponse::empty(refusal.status),
        }
    }
}
