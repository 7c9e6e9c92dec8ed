//! The service's word on the age of this client: warned of once, readable at any time, never in the way.

use std::sync::{
    RwLock,
    atomic::{AtomicBool, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use crate::{error::OneLine, secret::redact};

const HEADER: HeaderName = HeaderName::from_static("x-fishjam-api-deprecated");
/// A header longer than this is not taken for a message to a person, in bytes.
const LIMIT: usize = 4096;

/// What the service says about the API version that this client speaks.
///
/// It comes in the response header `x-fishjam-api-deprecated`, with any response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deprecation {
    /// How urgent it is.
    pub status: DeprecationStatus,
    /// What to do about it, in the service's words.
    pub message: String,
}

/// How urgent a [`Deprecation`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeprecationStatus {
    /// Still answered, for the time being.
    Deprecated,
    /// No longer supported.
    Unsupported,
    /// A word that this version does not know.
    Unknown(String),
}

#[derive(Deserialize)]
struct Content {
    status: String,
    message: String,
}

/// Remembers what came and whether it was said.
#[derive(Debug, Default)]
pub(super) struct Notice {
    warned: AtomicBool,
    /// The header as it came, beside what it means: most responses repeat it.
    latest: RwLock<Option<(HeaderValue, Deprecation)>>,
}

impl Notice {
    /// Reads the header, if there is one; one that cannot be understood is as good as none. Secrets that it repeats
    /// are neither logged nor kept.
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
            tracing::warn!(status = ?deprecation.status, "Fishjam on this client's API version: {message}");
        }
        if let Ok(mut latest) = self.latest.write() {
            let mut known = value.clone();
            known.set_sensitive(true);
            *latest = Some((known, deprecation));
        }
    }

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

    #[test]
    fn x14_a_malformed_header_is_ignored_and_costs_the_next_one_nothing() {
        let notice = Notice::default();
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
            notice.read(&headers(malformed), Vec::new);
            assert_eq!(notice.latest(), None, "{malformed}");
            assert!(!notice.warned.load(Ordering::Relaxed), "{malformed}");
        }
        notice.read(&headers(r#"{"status":"deprecated","message":"update"}"#), Vec::new);
        let said = notice.latest().unwrap();
        assert_eq!((said.status, said.message.as_str()), (DeprecationStatus::Deprecated, "update"));
        assert!(notice.warned.load(Ordering::Relaxed));
    }

    #[test]
    fn a_secret_that_the_service_repeats_is_not_kept() {
        let notice = Notice::default();
        notice.read(&headers(r#"{"status":"for sentinel","message":"sentinel is old"}"#), || vec!["sentinel"]);
        let said = notice.latest().unwrap();
        assert_eq!(said.message, "[redacted] is old");
        assert_eq!(said.status, DeprecationStatus::Unknown("for [redacted]".to_owned()));
        assert!(!format!("{notice:?}").contains("sentinel"), "{notice:?}");
    }

    #[test]
    fn a_later_word_replaces_an_earlier_one_and_an_unknown_word_is_kept() {
        let notice = Notice::default();
        notice.read(&headers(r#"{"status":"deprecated","message":"a"}"#), Vec::new);
        notice.read(&headers(r#"{"status":"unsupported","message":"b"}"#), Vec::new);
        assert_eq!(notice.latest().unwrap().status, DeprecationStatus::Unsupported);
        notice.read(&headers(r#"{"status":"sunset","message":"c"}"#), Vec::new);
        assert_eq!(notice.latest().unwrap().status, DeprecationStatus::Unknown("sunset".to_owned()));
    }
}
