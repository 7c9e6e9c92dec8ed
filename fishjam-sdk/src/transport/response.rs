//! Reads responses: the message of an error, and the body of a success.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind, OneLine, Result},
    json_error::JsonError,
    secret::redact,
};

/// Maximum number of bytes that are read from the body of an error.
pub(super) const ERROR_BODY_LIMIT: usize = 64 * 1024;
/// Maximum length of a body excerpt in an error, in bytes.
const EXCERPT_LIMIT: usize = 2048;
/// Maximum length of the server's message in an error, in bytes.
const MESSAGE_LIMIT: usize = 512;
/// Maximum length of the name of a content coding in an error, in bytes.
const CODING_LIMIT: usize = 32;

/// Creates the error for a response with an unsuccessful status.
pub(super) fn status_error(response: &reqwest::Response, body: &[u8], secrets: &[&str]) -> Error {
    let status = response.status().as_u16();
    let text = redact(secrets, &String::from_utf8_lossy(body));
    let error = Error::new(ErrorKind::of_status(status))
        .status_code(status)
        .request(request_id(response.headers(), secrets))
        .excerpt((!text.is_empty()).then(|| truncate(&text, EXCERPT_LIMIT).to_owned()));
    match server_message(body) {
        Some(text) => error.message_text(OneLine(truncate(&redact(secrets, &text), MESSAGE_LIMIT)).to_string()),
        None if response.status().is_redirection() && response.headers().contains_key(header::LOCATION) => error
            .message_text(
                "the server redirects to another URL, and the SDK follows no redirects; use that URL instead",
            ),
        None => match unexpected_coding(response.headers(), secrets) {
            Some(message) => error.message_text(message),
            None => error,
        },
    }
}

/// Returns the message for a body with a content coding. Requests accept no content coding.
pub(super) fn unexpected_coding(headers: &HeaderMap, secrets: &[&str]) -> Option<String> {
    let coding = headers.get(header::CONTENT_ENCODING)?;
    let coding = redact(secrets, &String::from_utf8_lossy(coding.as_bytes()));
    let coding = coding.trim();
    let expected = coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    (!expected).then(|| {
        let coding = OneLine(truncate(coding, CODING_LIMIT));
        format!("the body has the content coding {coding}, which the request does not accept")
    })
}

/// Removes the byte order mark that some proxies and servers add before a body.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Returns the request id that the server sent.
pub(super) fn request_id(headers: &HeaderMap, secrets: &[&str]) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    Some(truncate(&redact(secrets, id), MESSAGE_LIMIT).to_owned())
}

/// Returns the server's message: the member `errors`, `detail` or `message`.
fn server_message(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(without_mark(body)).ok()?;
    ["errors", "detail", "message"].into_iter().find_map(|key| message_text(value.get(key)?))
}

fn message_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(members) => match members.get("detail") {
            Some(Value::String(text)) => Some(text.clone()),
            _ => Some(value.to_string()),
        },
        other => Some(other.to_string()),
    }
}

fn truncate(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A response with a successful status.
pub(super) struct ApiResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The response without its headers, if its body is a file that is read in pieces.
    #[cfg_attr(not(feature = "jellyfish"), allow(dead_code, reason = "only Jellyfish has files"))]
    pub(super) file: Option<Box<reqwest::Response>>,
}

impl ApiResponse {
    /// Creates a response without content.
    pub(super) fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Bytes::new(), file: None }
    }

    /// Decodes the body, or returns an error that names the wrong place.
    ///
    /// If `T` needs no body, the server can still send one. With `strict`, such a body must be JSON. An HTML page is always
    /// an error, because it comes from another server.
    pub(super) fn decode<'a, T: DeserializeOwned>(
        &self,
        strict: bool,
        secrets: impl Fn() -> Vec<&'a str>,
    ) -> Result<T> {
        let text = self.text();
        if let Ok(value) = serde_json::from_str(&text) {
            return Ok(value);
        }
        // If no body is expected, the content of the body does not matter.
        if let Ok(nothing) = T::deserialize(serde::de::value::UnitDeserializer::<serde::de::value::Error>::new()) {
            let body = without_mark(&self.body).trim_ascii();
            return match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
                _ if body.is_empty() => Ok(nothing),
                // A captive portal or a proxy responds to every URL with such a body.
                Err(e) if strict || body.starts_with(b"<") => {
                    Err(self.decode_error("the response", &secrets).caused_by(JsonError::from(&e)))
                }
                _ => Ok(nothing),
            };
        }
        self.decode_at("", &text, &secrets)
    }

    /// Returns the body as text. Replaces invalid UTF-8, so that it affects only the string that contains it.
    pub(super) fn text(&self) -> Cow<'_, str> {
        let body = without_mark(&self.body);
        // This check is much faster than the one in `from_utf8_lossy`.
        std::str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed)
    }

    /// Decodes a part of the body, or returns an error that names the wrong place.
    ///
    /// This is slower than decoding without the place.
    pub(super) fn decode_at<'a, T: DeserializeOwned>(
        &self,
        part: &str,
        text: &str,
        secrets: &impl Fn() -> Vec<&'a str>,
    ) -> Result<T> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
            let path = e.path().to_string();
            let place = match (part, path.as_str()) {
                ("", ".") => "the response".to_owned(),
                (part, ".") => part.to_owned(),
                ("", path) => truncate(path, MESSAGE_LIMIT).to_owned(),
                (part, path) => format!("{part}.{}", truncate(path, MESSAGE_LIMIT)),
            };
            self.decode_error(&place, secrets).caused_by(JsonError::from(e.inner()))
        })?;
        match reader.end() {
            Ok(()) => Ok(value),
            Err(e) => Err(self.decode_error("the data after the response", secrets).caused_by(JsonError::from(&e))),
        }
    }

    pub(super) fn decode_error<'a>(&self, place: &str, secrets: &impl Fn() -> Vec<&'a str>) -> Error {
        let secrets = secrets();
        let message = unexpected_coding(&self.headers, &secrets)
            .unwrap_or_else(|| format!("{} is not what the API documents", OneLine(place)));
        Error::new(ErrorKind::Decode)
            .status_code(self.status.as_u16())
            .request(request_id(&self.headers, &secrets))
            .message_text(message)
    }
}
