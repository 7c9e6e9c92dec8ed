//! Remembers that the server reported this client's API version as outdated.

use std::sync::{
    RwLock,
    atomic::{AtomicBool, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use crate::{error::OneLine, secret::redact};

const HEADER: HeaderName = HeaderName::from_static("x-fishjam-api-deprecated");
/// Maximum length of the header, in bytes. A longer header is ignored.
const LIMIT: usize = 4096;

/// The server's report that this client's API version is outdated.
///
/// The server sends it in the header `x-fishjam-api-deprecated` of any response.
///
/// [`FishjamClient::deprecation`](crate::FishjamClient::deprecation) returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deprecation {
    /// Urgency of the report.
    pub status: DeprecationStatus,
    /// The server's message, which explains what to do.
    pub message: String,
}

/// Urgency of a [`Deprecation`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeprecationStatus {
    /// The server still supports the API version.
    Deprecated,
    /// The server no longer supports the API version.
    Unsupported,
    /// A status that this version of the SDK does not know.
    Unknown(String),
}

#[derive(Deserialize)]
struct Content {
    status: String,
    message: String,
}

/// The latest deprecation, and whether the client logged one.
#[derive(Debug, Default)]
pub(super) struct DeprecationState {
    warned: AtomicBool,
    /// The header and its meaning. Most responses repeat the header, so it is parsed only once.
    latest: RwLock<Option<(HeaderValue, Deprecation)>>,
}

impl DeprecationState {
    /// Reads the header of a response, and logs the first deprecation.
    ///
    /// A malformed header is ignored. Secrets in the header are redacted.
    pub(super) fn read<'a>(&self, headers: &HeaderMap, secrets: impl FnOnce() -> Vec<&'a str>) {
        let Some(value) = headers.get(HEADER) else { return };
        if let Ok(latest) = self.latest.read()
            && latest.as_ref().is_some_and(|(known, _)| known == value)
        {
            return;
        }
        let Some(deprecation) = parse(value, &secrets()) else { return };
        if !self.warned.swap(true, Ordering::Relaxed) {
            let message = OneLine(&deprecation.message);
            tracing::warn!(status = ?deprecation.status, server_message = %message, "API version is deprecated");
        }
        if let Ok(mut latest) = self.latest.write() {
            let mut known = value.clone();
            known.set_sensitive(true);
            *latest = Some((known, deprecation));
        }
    }

    /// Returns the latest deprecation.
    pub(super) fn latest(&self) -> Option<Deprecation> {
        self.latest.read().ok()?.as_ref().map(|(_, deprecation)| deprecation.clone())
    }
}

fn parse(value: &HeaderValue, secrets: &[&str]) -> Option<Deprecation> {
    if value.len() > LIMIT || !value.as_bytes().trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let Content { status, message } = serde_json::from_slice(value.as_bytes()).ok()?;
    let status = match status.as_str() {
        "deprecated" => DeprecationStatus::Deprecated,
        "unsupported" => DeprecationStatus::Unsupported,
        _ => DeprecationStatus::Unknown(redact(secrets, &status)),
    };
    Some(Deprecation { status, message: redact(secrets, &message) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HEADER, HeaderValue::from_static(value))])
    }

    // Defect X14 of the official SDKs.
    #[test]
    fn malformed_header_is_ignored() {
        let state = DeprecationState::default();
        for malformed in [
            "",
            "soon",
            "[]",
            "[1]",
            "null",
            "{}",
            r#"{"status":"deprecated"}"#,
            r#"{"message":"m"}"#,
            r#"{"status":1,"message":"m"}"#,
        ] {
            state.read(&headers(malformed), Vec::new);
            assert_eq!(state.latest(), None, "{malformed}");
            assert!(!state.warned.load(Ordering::Relaxed), "{malformed}");
        }
        state.read(&headers(r#"{"status":"deprecated","message":"update"}"#), Vec::new);
        let latest = state.latest().unwrap();
        assert_eq!((latest.status, latest.message.as_str()), (DeprecationStatus::Deprecated, "update"));
        assert!(state.warned.load(Ordering::Relaxed));
    }

    #[test]
    fn secret_in_header_is_redacted() {
        let state = DeprecationState::default();
        state.read(&headers(r#"{"status":"for sentinel","message":"sentinel is old"}"#), || vec!["sentinel"]);
        let latest = state.latest().unwrap();
        assert_eq!(latest.message, "[redacted] is old");
        assert_eq!(latest.status, DeprecationStatus::Unknown("for [redacted]".to_owned()));
        assert!(!format!("{state:?}").contains("sentinel"), "{state:?}");
    }

    #[test]
    fn later_status_replaces_earlier_and_unknown_is_kept() {
        let state = DeprecationState::default();
        state.read(&headers(r#"{"status":"deprecated","message":"a"}"#), Vec::new);
        state.read(&headers(r#"{"status":"unsupported","message":"b"}"#), Vec::new);
        assert_eq!(state.latest().unwrap().status, DeprecationStatus::Unsupported);
        state.read(&headers(r#"{"status":"sunset","message":"c"}"#), Vec::new);
        assert_eq!(state.latest().unwrap().status, DeprecationStatus::Unknown("sunset".to_owned()));
    }
}
