//! The journey of one request: what is added to it, how its answer is read, and what counts as success.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use fishjam_api::hooks::{Carrier, Carrying, NotCarried};
use http::{HeaderName, HeaderValue, header};

use super::{Transport, answer};
use crate::error::{Error, ErrorKind, Result};

const API_CLIENT: HeaderName = HeaderName::from_static("x-fishjam-api-client");
const API_CLIENT_VALUE: HeaderValue = HeaderValue::from_static(concat!("rust-server/", env!("CARGO_PKG_VERSION")));
/// Sent by the generated code; nothing in the service's contract knows it.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// Carries the requests of one call and remembers why none of them brought a success.
#[derive(Debug)]
pub(super) struct Journey {
    transport: Arc<Transport>,
    failure: Mutex<Option<Error>>,
}

impl Journey {
    pub(super) fn new(transport: Arc<Transport>) -> Self {
        Self { transport, failure: Mutex::new(None) }
    }

    /// Why there was no success, if it was not the decoding.
    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn attempt(&self, mut request: reqwest::Request) -> Result<reqwest::Response> {
        let transport = &self.transport;
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, transport.authorization.clone());
        headers.insert(API_CLIENT, API_CLIENT_VALUE);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.remove(API_VERSION);
        *request.timeout_mut() = Some(transport.limits.timeout);

        let mut response = transport.http.execute(request).await.map_err(transport_failure)?;
        transport.deprecation.read(response.headers());
        if !response.status().is_success() {
            let body = read_at_most(&mut response, answer::ERROR_BODY_LIMIT).await;
            return Err(answer::refusal(&response, &body, transport.token.expose()));
        }
        let body = read(&mut response, transport.limits.max_response).await?;
        let mut whole = http::Response::new(reqwest::Body::from(body));
        *whole.status_mut() = response.status();
        *whole.headers_mut() = std::mem::take(response.headers_mut());
        Ok(whole.into())
    }
}

impl Carrier for Journey {
    fn carry<'a>(&'a self, _operation_id: &'static str, request: reqwest::Request) -> Carrying<'a> {
        Box::pin(async move {
            self.attempt(request).await.map_err(|error| {
                let error = error.after_attempts(1);
                *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                NotCarried
            })
        })
    }
}

/// A failure of the connection, with its chain of causes and without the URL.
pub(crate) fn transport_failure(error: reqwest::Error) -> Error {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Connection };
    Error::new(kind).caused_by(error.without_url())
}

/// The whole body of a successful answer, unless it is larger than the limit.
async fn read(response: &mut reqwest::Response, limit: usize) -> Result<Bytes> {
    let status = response.status().as_u16();
    let too_large = || {
        Error::new(ErrorKind::Decode)
            .status_code(status)
            .message_text(format!("the answer is larger than the limit of {limit} bytes"))
    };
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let Some(first) = next(response).await? else { return Ok(Bytes::new()) };
    let Some(second) = next(response).await? else {
        // Most answers come in one piece, which need not be copied.
        return if first.len() <= limit { Ok(first) } else { Err(too_large()) };
    };
    let mut body = BytesMut::with_capacity(first.len() + second.len());
    body.extend_from_slice(&first);
    body.extend_from_slice(&second);
    while body.len() <= limit {
        match next(response).await? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => return Ok(body.freeze()),
        }
    }
    Err(too_large())
}

async fn next(response: &mut reqwest::Response) -> Result<Option<Bytes>> {
    let status = response.status().as_u16();
    response.chunk().await.map_err(|e| transport_failure(e).status_code(status))
}

/// The beginning of a body, as far as it can be read: an error's status counts, whatever happens to its body.
async fn read_at_most(response: &mut reqwest::Response, limit: usize) -> Bytes {
    let mut body = BytesMut::new();
    while body.len() < limit {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk[..chunk.len().min(limit - body.len())]),
            Ok(None) | Err(_) => break,
        }
    }
    body.freeze()
}
