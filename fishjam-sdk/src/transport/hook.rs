//! The hook with which a backend adds headers to its requests.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::{HeaderMap, HeaderName, header};

use crate::{
    config::RequestHook,
    error::{Error, Result},
};

/// Headers that only the SDK and the HTTP crate set. Another value would break the request or its authorization.
const RESERVED: [HeaderName; 17] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::RANGE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::USER_AGENT,
    super::attempts::API_CLIENT,
];
/// Start of the names of the headers of a WebSocket handshake.
const RESERVED_PREFIX: &str = "sec-websocket-";

/// Runs a hook. Returns its headers, which are all allowed and marked as sensitive.
///
/// The hook starts with an empty map, so that it cannot see the token.
///
/// # Errors
///
/// Returns an error if the hook panics or sets a reserved header. The request is not sent.
pub(super) fn headers(hook: &RequestHook) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    catch_unwind(AssertUnwindSafe(|| hook.run(&mut headers)))
        .map_err(|_| Error::setup("the hook of `on_request` panicked"))?;
    for (name, value) in &mut headers {
        if RESERVED.contains(name) || name.as_str().starts_with(RESERVED_PREFIX) {
            return Err(Error::invalid_input(format!("invalid on_request: it cannot set the header {name}")));
        }
        value.set_sensitive(true);
    }
    Ok(headers)
}

/// Adds the headers of a hook to the headers of a request.
pub(super) fn append(headers: &mut HeaderMap, added: HeaderMap) {
    let mut last = None;
    // The name of a header is missing for its second value and later ones.
    for (name, value) in added {
        last = name.or(last);
        if let Some(name) = &last {
            headers.append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn hook_adds_headers_that_are_sensitive() {
        let hook = RequestHook::new(|headers| {
            assert!(headers.is_empty());
            headers.append("x-key", HeaderValue::from_static("sentinel"));
            headers.append("x-key", HeaderValue::from_static("b"));
            headers.insert("traceparent", HeaderValue::from_static("c"));
        });
        let mut all = HeaderMap::new();
        append(&mut all, headers(&hook).unwrap());
        assert_eq!(all.get_all("x-key").iter().collect::<Vec<_>>(), ["sentinel", "b"]);
        assert_eq!(all["traceparent"], "c");
        assert!(!format!("{hook:?} {all:?}").contains("sentinel"));
    }

    #[test]
    fn hook_cannot_set_reserved_headers() {
        let names = RESERVED.into_iter().chain([header::SEC_WEBSOCKET_KEY, header::SEC_WEBSOCKET_PROTOCOL]);
        for name in names {
            let reserved = name.clone();
            let hook = RequestHook::new(move |headers| {
                headers.insert(&reserved, HeaderValue::from_static("sentinel"));
            });
            let error = headers(&hook).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
            assert!(error.to_string().contains("on_request") && error.to_string().contains(name.as_str()), "{error}");
            assert!(!format!("{error:?}").contains("sentinel"));
        }
    }

    #[test]
    fn panic_of_hook_is_an_error() {
        let error = headers(&RequestHook::new(|_| panic!("sentinel"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(!format!("{error:#} {error:?}").contains("sentinel"));
    }
}
