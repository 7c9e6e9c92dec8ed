//! The JSON form of an error that is part of an event or of a list.
//!
//! The form has no excerpt of a body, because it may contain tokens. It also has no name of a method, because only the
//! caller of a method can use the name.

use std::{error::Error as StdError, fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Error, ErrorKind, OneLine, printing::causes};

/// The maximum number of causes that are written or read. It bounds the recursion when an error is dropped.
const MAX_CAUSES: usize = 16;
/// The longest [`Error::retry_after`]: one day.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn serialize<S: Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
    Form {
        kind: error.kind(),
        operation: error.operation().map(str::to_owned),
        status: error.status(),
        message: error.message().map(str::to_owned),
        proxy: error.0.proxy.clone(),
        request_id: error.request_id().map(str::to_owned),
        attempts: error.attempts(),
        may_have_taken_effect: error.may_have_taken_effect(),
        retry_after_ms: error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        close_code: error.close_code(),
        close_reason: error.close_reason().map(str::to_owned),
        causes: causes(error).take(MAX_CAUSES).map(|cause| OneLine(&cause.to_string()).to_string()).collect(),
    }
    .serialize(serializer)
}

/// Reads an error. Its strings become one line each, because they can come from any party and end up in logs.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Error, D::Error> {
    let Form {
        kind,
        operation,
        status,
        message,
        proxy,
        request_id,
        attempts,
        may_have_taken_effect,
        retry_after_ms,
        close_code,
        close_reason,
        causes,
    } = Form::deserialize(deserializer)?;
    let one_line = |text: String| OneLine(&text).to_string();
    let mut error = Error::new(kind)
        .request(request_id.map(one_line))
        .after_attempts(attempts)
        .with_possible_effect(may_have_taken_effect)
        .retry_in(retry_after_ms.map(|wait| Duration::from_millis(wait).min(MAX_RETRY_AFTER)))
        .with_close_code(close_code)
        .with_close_reason(close_reason.map(one_line));
    if let Some(operation) = operation {
        error = error.with(|repr| repr.operation = Some(one_line(operation).into()));
    }
    if let Some(status) = status {
        error = error.status_code(status);
    }
    if let Some(message) = message {
        error = error.message_text(one_line(message));
    }
    if let Some(proxy) = proxy {
        error = error.with_proxy(one_line(proxy));
    }
    let cause = causes
        .into_iter()
        .take(MAX_CAUSES)
        .rev()
        .fold(None, |source, message| Some(Box::new(ReadCause { message: one_line(message), source })));
    Ok(match cause {
        Some(cause) => error.caused_by(cause as super::Cause),
        None => error,
    })
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    #[serde(with = "KindForm")]
    kind: ErrorKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    attempts: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    may_have_taken_effect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The names of the kinds. A kind that has no name here does not compile.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ErrorKind", rename_all = "camelCase")]
enum KindForm {
    BadRequest,
    Unauthorized,
    QuotaExceeded,
    NotFound,
    Conflict,
    RateLimited,
    ServiceUnavailable,
    Server,
    UnexpectedStatus,
    InvalidCredentials,
    InvalidInput,
    Setup,
    Timeout,
    Connection,
    Decode,
    TooLarge,
    WebSocket,
    Closed,
}

/// A cause that was read. Only its message is known.
#[derive(Debug)]
struct ReadCause {
    message: String,
    source: Option<Box<Self>>,
}

impl fmt::Display for ReadCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for ReadCause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Holder {
        #[serde(with = "super")]
        error: Error,
    }

    fn to_json(error: &Error) -> Value {
        serde_json::to_value(Holder { error: error.clone() }).unwrap()["error"].take()
    }

    fn of_json(json: Value) -> serde_json::Result<Error> {
        serde_json::from_value::<Holder>(json!({ "error": json })).map(|holder| holder.error)
    }

    fn full() -> Error {
        Error::new(ErrorKind::RateLimited)
            .status_code(429)
            .message_text("wait")
            .with_proxy("proxy:3128".to_owned())
            .excerpt(Some("sentinel".to_owned()))
            .request(Some("id".to_owned()))
            .after_attempts(2)
            .with_possible_effect(true)
            .retry_in(Some(Duration::from_millis(1500)))
            .with_close_code(Some(4000))
            .with_close_reason(Some("Room stopped".to_owned()))
            .caused_by(Error::new(ErrorKind::Connection).caused_by(std::io::Error::other("refused\nby peer")))
    }

    #[test]
    fn error_round_trips_without_its_body() {
        let json = to_json(&full());
        assert_eq!(
            json,
            json!({
                "kind": "rateLimited", "status": 429, "message": "wait", "proxy": "proxy:3128", "requestId": "id",
                "attempts": 2, "mayHaveTakenEffect": true, "retryAfterMs": 1500, "closeCode": 4000,
                "closeReason": "Room stopped", "causes": ["connection failed", "refused by peer"],
            })
        );
        let error = of_json(json.clone()).unwrap();
        assert_eq!(to_json(&error), json);
        assert_eq!(format!("{error:#}"), format!("{:#}", full()));
        assert_eq!(error.body_excerpt(), None);
    }

    #[test]
    fn error_without_values_is_its_kind() {
        let error = Error::new(ErrorKind::WebSocket);
        assert_eq!(to_json(&error), json!({ "kind": "webSocket" }));
        assert_eq!(of_json(json!({ "kind": "webSocket", "new": 1 })).unwrap().to_string(), "WebSocket failed");
        let json = json!({ "kind": "webSocket", "operation": "add_peer" });
        assert_eq!(to_json(&error.on_call("create_peer", "add_peer")), json);
        assert_eq!(of_json(json).unwrap().operation(), Some("add_peer"));
    }

    #[test]
    fn error_of_another_party_is_bounded_and_one_line() {
        let many = vec!["a\nb"; 100_000];
        let json = json!({
            "kind": "closed", "message": "m\nn", "closeReason": "c\u{1b}r", "requestId": "r\ns", "proxy": "p\nq",
            "retryAfterMs": u64::MAX, "causes": many, "operation": "o\np",
        });
        let error = of_json(json).unwrap();
        assert_eq!(causes(&error).count(), 16);
        assert_eq!(error.retry_after(), Some(MAX_RETRY_AFTER));
        assert_eq!(
            (error.message(), error.close_reason(), error.request_id()),
            (Some("m n"), Some("c r"), Some("r s"))
        );
        assert!(!format!("{error:#}").contains(char::is_control));
        assert_eq!(error.operation(), Some("o p"));
    }

    #[test]
    fn unknown_kind_and_wrong_shape_are_errors() {
        for json in [json!({}), json!({ "kind": "new" }), json!({ "kind": "closed", "status": "1" }), json!("closed")] {
            assert!(of_json(json).is_err());
        }
    }
}
