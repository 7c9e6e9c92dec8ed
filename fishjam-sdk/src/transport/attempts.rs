//! Sends the request of one call until an attempt succeeds or the retry policy stops.

use std::{
    error::Error as StdError,
    future::{Future, poll_fn, ready},
    io,
    pin::pin,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderValue, header};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::{runtime::Handle, time::Instant};
use tracing::field::Empty;

use super::{
    body::{self, BodyError},
    budget,
    context::{CallSettings, ClientContext},
    hook::{self, API_CLIENT},
    http::{retry_after_header, timed_out},
    io_turn::io_turn,
    operations::Operation,
    response::{self, ApiResponse},
    retry::{self, Decision, Failure, Progress, RetryClass},
};
use crate::{
    error::{Error, Result},
    listing::{Listing, UnreadableItem},
};

/// Maximum length of a URL, in bytes. The HTTP crate sets this limit.
const MAX_URL: usize = 65_534;

const API_CLIENT_VALUE: HeaderValue = HeaderValue::from_static(concat!("rust-server/", env!("CARGO_PKG_VERSION")));

/// Builds the request of a call, once for each attempt.
pub(super) type Build<'a> = dyn Fn() -> Result<Box<reqwest::Request>> + Sync + 'a;

/// The attempts of one call.
pub(super) struct Attempts<'a> {
    pub(super) context: &'a ClientContext,
    pub(super) settings: &'a CallSettings,
    pub(super) operation: Operation,
    pub(super) build: &'a Build<'a>,
    /// Secrets in the request. No error may contain them.
    pub(super) secrets: &'a [SecretString],
}

impl Attempts<'_> {
    /// Sends the request and decodes the response.
    pub(super) async fn run<T: DeserializeOwned>(&self) -> Result<T> {
        self.run_decoded(|response| ready(response.decode(self.operation.strict, || self.all_secrets()))).await
    }

    /// Sends the request and decodes the list in the response. `convert` converts its items.
    pub(super) async fn run_list<W: DeserializeOwned, T>(&self, convert: impl Fn(W) -> T) -> Result<Listing<T>> {
        let decode = |response: ApiResponse| async move { response.decode_list(convert, || self.all_secrets()).await };
        let Listing { items, unreadable } = self.run_decoded(decode).await?;
        let named = |item: UnreadableItem| UnreadableItem { error: self.operation.failed(item.error), ..item };
        Ok(Listing { items, unreadable: unreadable.into_iter().map(named).collect() })
    }

    /// Sends the request in a tracing span, and decodes the response.
    pub(super) async fn run_decoded<T, F>(&self, decode: impl FnOnce(ApiResponse) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let Operation { id, method, .. } = self.operation;
        if let Err(e) = Handle::try_current() {
            return Err(self.operation.failed(Error::setup("a request needs a Tokio runtime").caused_by(e)));
        }
        let span = tracing::debug_span!(
            "fishjam_call",
            operation = id,
            method,
            attempts = Empty,
            status = Empty,
            duration_ms = Empty
        );
        let started = Instant::now();
        let mut attempts = 0;
        let outcome = in_span(&span, self.repeat(started, &mut attempts)).await;
        let duration_ms = started.elapsed().as_millis() as u64;
        span.record("attempts", attempts);
        span.record("duration_ms", duration_ms);
        let status = match &outcome {
            Ok(response) => Some(response.status.as_u16()),
            Err(error) => error.status(),
        };
        status.map(|status| span.record("status", status));
        let decoded = match outcome {
            Ok(response) => in_span(&span, decode(response)).await.map_err(|error| self.note_effect(error, true)),
            Err(error) => Err(error),
        };
        let decoded = decoded.map_err(|error| self.operation.failed(error).after_attempts(attempts));
        let _entered = span.enter();
        match &decoded {
            Ok(_) => tracing::debug!(method, status, attempts, duration_ms, "call succeeded"),
            Err(error) => {
                tracing::debug!(
                    method,
                    status,
                    attempts,
                    duration_ms,
                    error = format_args!("{error:#}"),
                    "call failed"
                );
            }
        }
        decoded
    }

    /// Adds the headers of the hook, and then the headers that every request has.
    fn add_headers(&self, request: &mut reqwest::Request) -> Result<()> {
        let without_body = request.method() == http::Method::POST && request.body().is_none();
        let headers = request.headers_mut();
        if let Some(hook) = &self.context.http.hook {
            hook::append(headers, hook::headers(hook)?);
        }
        if without_body {
            // Some servers and proxies reject a POST without a length.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if self.operation.file {
            headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        } else {
            headers.insert(header::AUTHORIZATION, self.context.authorization.clone());
            headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        }
        // Without this header, a server can choose any coding, and the SDK decodes none.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(API_CLIENT, API_CLIENT_VALUE);
        Ok(())
    }

    /// Makes attempts until one succeeds or the retry policy stops.
    async fn repeat(&self, started: Instant, attempts: &mut u32) -> Result<ApiResponse> {
        let (CallSettings { limits, retry }, budget) = (self.settings, &self.context.budget);
        let class = self.operation.class;
        let (timeout, overall) = limits.times(self.operation);
        let needed = retry::useful_time(timeout, overall);
        let (mut refused, mut ambiguous) = (0, false);
        let (mut last_retry, mut last_response) = (None, None);
        loop {
            let mut request = (self.build)()?;
            check_length(request.url())?;
            self.add_headers(&mut request).map_err(|error| self.note_effect(error, ambiguous))?;
            let left = overall.saturating_sub(started.elapsed());
            let before = Progress { attempts: *attempts, refused, ambiguous, left, needed };
            if !retry.repeats_broken(class, before) || !budget.has(budget::cost(Failure::Broken)) {
                io_turn().await;
            }
            let limit = timeout.min(overall.saturating_sub(started.elapsed()));
            let attempt = self.attempt(request, limit).await;
            let (failure, error) = match attempt {
                Ok(response) => {
                    *attempts += 1;
                    budget.refund(budget::refund(last_retry));
                    return Ok(response);
                }
                Err(failed) => failed,
            };
            *attempts += u32::from(failure != Failure::Unsent);
            refused += u32::from(failure.is_rejection());
            let left = overall.saturating_sub(started.elapsed());
            let progress = Progress { attempts: *attempts, refused, ambiguous, left, needed };
            ambiguous |= failure.is_ambiguous();
            match retry.decide(class, failure, progress, fastrand::f64()) {
                Decision::Again(wait) if budget.take(budget::cost(failure)) => {
                    // Without this line, a call waits for many seconds during an outage, and the log does not say why.
                    tracing::info!(
                        method = self.operation.method,
                        attempt = *attempts,
                        wait_ms = wait.as_millis() as u64,
                        error = format_args!("{error:#}"),
                        "request failed; retrying"
                    );
                    last_retry = Some(budget::cost(failure));
                    last_response = error.status().is_some().then_some(error).or(last_response);
                    tokio::time::sleep(wait).await;
                }
                Decision::Success => {
                    budget.refund(budget::refund(last_retry));
                    return Ok(ApiResponse::empty());
                }
                stop => {
                    if stop != Decision::Stop {
                        tracing::warn!(method = self.operation.method, attempt = *attempts, "retry budget is empty");
                    }
                    let timed_out = failure == Failure::TimedOut;
                    let error = match last_response {
                        // The server's message is more useful than a timeout. But after a create, a 429 would tell the
                        // caller to create again, although the last attempt may have taken effect.
                        Some(response) if timed_out && class == RetryClass::Create => error.caused_by(response),
                        Some(response) if timed_out => response,
                        _ => error,
                    };
                    return Err(self.note_effect(error, ambiguous));
                }
            }
        }
    }

    /// Records whether a failed call may have taken effect.
    fn note_effect(&self, error: Error, ambiguous: bool) -> Error {
        error.with_possible_effect(retry::may_have_taken_effect(self.operation.class, ambiguous))
    }

    /// Returns all secrets that no error may contain.
    fn all_secrets(&self) -> Vec<&str> {
        [self.context.token.expose()].into_iter().chain(self.secrets.iter().map(ExposeSecret::expose_secret)).collect()
    }

    /// Sends one request and reads its response, within the limit.
    async fn attempt(
        &self,
        mut request: Box<reqwest::Request>,
        limit: Duration,
    ) -> Result<ApiResponse, (Failure, Error)> {
        if self.operation.file {
            return Box::pin(self.open(request, limit)).await;
        }
        if limit != self.context.default_timeout {
            *request.timeout_mut() = Some(limit);
        }
        let mut response = self.send(request).await?;
        let status = response.status();
        let read = body::read_all(&mut response, self.settings.limits.max_response).await;
        // The status says everything. The body can be empty, unreadable or cut off.
        let read = if self.operation.command { Ok(Bytes::new()) } else { read };
        let body = read.map_err(|error| {
            let (failure, error) = match error {
                BodyError::Connection(e) => {
                    let e = e.with_url(response.url().clone());
                    (failure(&e), self.context.http.connection_error(e).status_code(status.as_u16()))
                }
                // Another response would have the same size.
                BodyError::TooLarge(error) => (Failure::Status(status.as_u16(), None), error),
            };
            (failure, error.request(response::request_id(response.headers(), &self.all_secrets())))
        })?;
        Ok(ApiResponse { status, headers: std::mem::take(response.headers_mut()), body, file: None })
    }

    /// Sends one request for a file. Only the start of the response must arrive within the limit.
    async fn open(&self, mut request: Box<reqwest::Request>, limit: Duration) -> Result<ApiResponse, (Failure, Error)> {
        *request.timeout_mut() = Some(Duration::MAX);
        let proxy = self.context.http.proxy(request.url()).ok().flatten();
        let sent = tokio::time::timeout(limit, self.send(request)).await;
        let mut response = sent.map_err(|_| (Failure::TimedOut, timed_out(proxy)))??;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(ApiResponse { status, headers, body: Bytes::new(), file: Some(Box::new(response)) })
    }

    /// Sends one request. Any status that is not a success is a failure.
    async fn send(&self, request: Box<reqwest::Request>) -> Result<reqwest::Response, (Failure, Error)> {
        let context = self.context;
        let sent = context.http.pool.execute(*request).await;
        let mut response = sent.map_err(|e| (failure(&e), context.http.connection_error(e)))?;
        context.deprecation.read(response.headers(), || self.all_secrets());
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let start = body::read_start(&mut response, response::ERROR_BODY_LIMIT).await;
        let wait = retry_after_header(response.headers(), SystemTime::now());
        let mut error = response::status_error(&response, &start, &self.all_secrets()).retry_in(wait);
        if error.message().is_none() && response.url().scheme() == "http" {
            // A proxy that forwards requests may have sent this response.
            error = error.through(context.http.proxy(response.url()).ok().flatten());
        }
        Err((Failure::Status(status.as_u16(), wait), error))
    }
}

/// Runs a future inside a span. `Instrument` would move the large future, and log its end outside the span if it is dropped.
async fn in_span<F: Future>(span: &tracing::Span, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| span.in_scope(|| future.as_mut().poll(cx))).await
}

/// Checks that the HTTP crate can send a request to this URL.
pub(super) fn check_length(url: &Url) -> Result<()> {
    let length = url.as_str().len();
    if length <= MAX_URL {
        return Ok(());
    }
    Err(Error::invalid_input(format!(
        "the request URL is too long: {length} bytes; the limit is {MAX_URL}, so use shorter ids or filters"
    )))
}

/// Classifies a connection error for the retry policy.
pub(super) fn failure(error: &reqwest::Error) -> Failure {
    if error.is_builder() {
        Failure::Unsent
    } else if error.is_connect() {
        rejection(error).unwrap_or(Failure::Unreached)
    } else if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::Broken
    }
}

/// Returns the failure if the server or the network rejected the connection, for example during a restart.
///
/// An unknown host and a wrong certificate are not rejections.
fn rejection(error: &(dyn StdError + 'static)) -> Option<Failure> {
    use io::ErrorKind as Kind;
    let mut cause = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        match io.map(io::Error::kind) {
            Some(Kind::ConnectionRefused | Kind::HostUnreachable | Kind::NetworkUnreachable) => {
                return Some(Failure::Refused);
            }
            Some(Kind::ConnectionReset | Kind::ConnectionAborted | Kind::UnexpectedEof) => return Some(Failure::Reset),
            // The source of an I/O error is the source of its inner error, so `source` would skip the inner error.
            _ => {
                cause = match io.and_then(io::Error::get_ref) {
                    Some(inner) => Some(inner),
                    None => error.source(),
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn url_over_limit_is_invalid_input() {
        for (length, sendable) in [(MAX_URL, true), (MAX_URL + 1, false), (100_000, false)] {
            let base = ["http://h/", "http://h/?a="];
            for url in base.map(|base| format!("{base}{}", "a".repeat(length - base.len()))) {
                let url = Url::parse(&url).unwrap();
                let outcome = check_length(&url).map_err(|error| error.kind());
                assert_eq!(outcome, if sendable { Ok(()) } else { Err(ErrorKind::InvalidInput) });
                // The HTTP crate defines this limit.
                assert_eq!(url.as_str().parse::<http::Uri>().is_ok(), sendable);
            }
        }
    }

    #[test]
    fn rejection_depends_on_the_cause() {
        use io::ErrorKind as Kind;
        for (kind, failure) in [
            (Kind::ConnectionRefused, Some(Failure::Refused)),
            (Kind::HostUnreachable, Some(Failure::Refused)),
            (Kind::NetworkUnreachable, Some(Failure::Refused)),
            (Kind::ConnectionReset, Some(Failure::Reset)),
            (Kind::ConnectionAborted, Some(Failure::Reset)),
            (Kind::UnexpectedEof, Some(Failure::Reset)),
            // A wrong certificate, an unknown host, a slow connection.
            (Kind::InvalidData, None),
            (Kind::Other, None),
            (Kind::TimedOut, None),
        ] {
            assert_eq!(rejection(&io::Error::from(kind)), failure, "{kind}");
            let error = Error::new(ErrorKind::Connection).caused_by(io::Error::from(kind));
            assert_eq!(rejection(&error), failure, "{kind}");
            // As during a TLS handshake.
            assert_eq!(rejection(&io::Error::other(io::Error::from(kind))), failure, "{kind}");
        }
    }
}
