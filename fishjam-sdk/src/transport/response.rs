//! What an answer means: the words of a refusal, and successes that the contract did not expect.

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

/// How much of an error's body is read, in bytes.
pub(super) const ERROR_BODY_LIMIT: usize = 64 * 1024;
/// How much of a body an error keeps, in bytes.
const EXCERPT_LIMIT: usize = 2048;
/// How much of the server's words a message keeps, in bytes.
const MESSAGE_LIMIT: usize = 512;
/// How much of a content coding's name a message keeps, in bytes.
const CODING_LIMIT: usize = 32;

/// The error of an answer that is no success: its status first, its words as far as they can be read.
pub(super) fn refusal(response: &reqwest::Response, body: &[u8], secrets: &[&str]) -> Error {
    let status = response.status().as_u16();
    let text = redact(secrets, &String::from_utf8_lossy(body));
    let error = Error::new(ErrorKind::of_status(status))
        .status_code(status)
        .request(request_id(response.headers(), secrets))
        .excerpt((!text.is_empty()).then(|| cut(&text, EXCERPT_LIMIT).to_owned()));
    match words(body) {
        Some(words) => error.message_text(OneLine(cut(&redact(secrets, &words), MESSAGE_LIMIT)).to_string()),
        None if response.status().is_redirection() && response.headers().contains_key(header::LOCATION) => {
            error.message_text("the server redirects to another address, which is not followed; use that one instead")
        }
        None => match unexpected_coding(response.headers(), secrets) {
            Some(message) => error.message_text(message),
            None => error,
        },
    }
}

/// Returns the message for a body that has a content coding. Requests accept none.
pub(super) fn unexpected_coding(headers: &HeaderMap, secrets: &[&str]) -> Option<String> {
    let coding = headers.get(header::CONTENT_ENCODING)?;
    let coding = redact(secrets, &String::from_utf8_lossy(coding.as_bytes()));
    let coding = coding.trim();
    let expected = coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    (!expected).then(|| {
        let coding = OneLine(cut(coding, CODING_LIMIT));
        format!("the body has the content coding {coding}, which the request does not accept")
    })
}

/// Removes the byte order mark that some proxies and servers put before a body.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// The server's id of the request, if it gave one.
pub(super) fn request_id(headers: &HeaderMap, secrets: &[&str]) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    Some(cut(&redact(secrets, id), MESSAGE_LIMIT).to_owned())
}

/// The server's words: `errors` as text or nested, `detail` or `message`, whichever there is.
fn words(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(without_mark(body)).ok()?;
    ["errors", "detail", "message"].into_iter().find_map(|key| spoken(value.get(key)?))
}

fn spoken(value: &Value) -> Option<String> {
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

fn cut(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A success, as it was received. Which 2xx it is does not matter.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The answer without its headers, if its body is a file to be read piece by piece.
    #[cfg_attr(not(feature = "jellyfish"), allow(dead_code, reason = "only Jellyfish has files"))]
    pub(super) file: Option<Box<reqwest::Response>>,
}

impl Answer {
    /// An answer that is all status.
    pub(super) fn none() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Bytes::new(), file: None }
    }

    /// What the body says, or an error that names the place that is wrong.
    ///
    /// `strict` is whether a body that nobody expects has to be at least JSON; a page in its place never is an answer of
    /// the service.
    pub(super) fn decode<'a, T: DeserializeOwned>(
        &self,
        strict: bool,
        secrets: impl Fn() -> Vec<&'a str>,
    ) -> Result<T> {
        let text = self.text();
        if let Ok(value) = serde_json::from_str(&text) {
            return Ok(value);
        }
        // Where no body is expected, whatever the service says is as good as nothing.
        if let Ok(nothing) = T::deserialize(serde::de::value::UnitDeserializer::<serde::de::value::Error>::new()) {
            let body = without_mark(&self.body).trim_ascii();
            return match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
                _ if body.is_empty() => Ok(nothing),
                // A proxy or a portal that takes every address for its own answers in this way.
                Err(e) if strict || body.starts_with(b"<") => {
                    Err(self.undecodable("the answer", &secrets).caused_by(JsonError::from(&e)))
                }
                _ => Ok(nothing),
            };
        }
        self.decode_at("", &text, &secrets)
    }

    /// Returns the body as text. Bytes that are not UTF-8 are replaced: they must affect only the string that has them.
    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(without_mark(&self.body))
    }

    /// Decodes a part of the body, or returns an error that names the place. Slower than decoding without the place.
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
                ("", ".") => "the answer".to_owned(),
                (part, ".") => part.to_owned(),
                ("", path) => cut(path, MESSAGE_LIMIT).to_owned(),
                (part, path) => format!("{part}.{}", cut(path, MESSAGE_LIMIT)),
            };
            self.undecodable(&place, secrets).caused_by(JsonError::from(e.inner()))
        })?;
        match reader.end() {
            Ok(()) => Ok(value),
            Err(e) => Err(self.undecodable("the data after the response", secrets).caused_by(JsonError::from(&e))),
        }
    }

    fn undecodable<'a>(&self, place: &str, secrets: &impl Fn() -> Vec<&'a str>) -> Error {
        let secrets = secrets();
        let message = unexpected_coding(&self.headers, &secrets)
            .unwrap_or_else(|| format!("{} is not what the API documents", OneLine(place)));
        Error::new(ErrorKind::Decode)
            .status_code(self.status.as_u16())
            .request(request_id(&self.headers, &secrets))
            .message_text(message)
    }
}
