//! The journey of one call: what is added to its request, how often it is sent, and what counts as success.

use std::{
    error::Error as StdError,
    future::{Future, poll_fn},
    io,
    pin::pin,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::{runtime::Handle, time::Instant};
use tracing::field::Empty;

use super::{
    body, budget,
    context::Carrier,
    http::{retry_after_header, timed_out},
    io_turn::io_turn,
    operations::Operation,
    response::{self, Answer},
    retry::{self, Class, Decision, Failure, Progress},
};
use crate::{
    error::{Error, Result},
    listing::{Listing, UnreadableItem},
};

/// The longest URL that the HTTP crate takes, in bytes.
const MAX_URL: usize = 65_534;

const API_CLIENT: HeaderName = HeaderName::from_static("x-fishjam-api-client");
const API_CLIENT_VALUE: HeaderValue = HeaderValue::from_static(concat!("rust-server/", env!("CARGO_PKG_VERSION")));

/// Builds the request of a call, once for each attempt.
pub(super) type Build<'a> = dyn Fn() -> Result<Box<reqwest::Request>> + Sync + 'a;

/// Carries the request of one call to the server, more than once if need be.
pub(super) struct Journey<'a> {
    pub(super) carrier: &'a Carrier,
    pub(super) operation: Operation,
    pub(super) build: &'a Build<'a>,
    /// What the request holds and no error may repeat.
    pub(super) hidden: &'a [SecretString],
}

impl Journey<'_> {
    /// Travels, and reads what the answer says.
    pub(super) async fn outcome<T: DeserializeOwned>(&self) -> Result<T> {
        self.read(|answer| answer.decode(self.operation.strict, || self.secrets())).await
    }

    /// Travels, and reads the list in the response.
    pub(super) async fn list<L: DeserializeOwned, T: DeserializeOwned>(
        &self,
        items: impl FnOnce(L) -> Vec<T>,
    ) -> Result<Listing<T>> {
        let Listing { items, unreadable } = self.read(|answer| answer.decode_list(items, || self.secrets())).await?;
        let named = |item: UnreadableItem| UnreadableItem { error: item.error.on_operation(self.operation.id), ..item };
        Ok(Listing { items, unreadable: unreadable.into_iter().map(named).collect() })
    }

    async fn read<T>(&self, decode: impl FnOnce(Answer) -> Result<T>) -> Result<T> {
        let (answer, attempts) = self.travel().await;
        let outcome = answer.and_then(|answer| decode(answer).map_err(|error| self.note_effect(error, true)));
        outcome.map_err(|error| error.on_operation(self.operation.id).after_attempts(attempts))
    }

    /// Attempts until there is a success or no sense in another one; says also how many there were.
    pub(super) async fn travel(&self) -> (Result<Answer>, u32) {
        let span = tracing::debug_span!(
            "fishjam_call",
            operation = self.operation.id,
            attempts = Empty,
            status = Empty,
            duration_ms = Empty
        );
        if let Err(e) = Handle::try_current() {
            return (Err(Error::invalid_input("a request needs a Tokio runtime").caused_by(e)), 0);
        }
        let started = Instant::now();
        let mut attempts = 0;
        let outcome = {
            // Not `Instrument`: it would move the future, which is large. What a dropped call logs is outside its span.
            let mut sending = pin!(self.attempts(started, &mut attempts));
            poll_fn(|cx| span.in_scope(|| sending.as_mut().poll(cx))).await
        };
        span.record("attempts", attempts);
        span.record("duration_ms", started.elapsed().as_millis() as u64);
        let status = match &outcome {
            Ok(answer) => Some(answer.status.as_u16()),
            Err(error) => error.status(),
        };
        status.map(|status| span.record("status", status));
        (outcome, attempts)
    }

    /// Adds what every request has.
    fn equip(&self, request: &mut reqwest::Request) {
        let without_body = request.method() == http::Method::POST && request.body().is_none();
        let headers = request.headers_mut();
        if without_body {
            // Some servers and proxies refuse a POST that does not say how long it is.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if self.operation.file {
            headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        } else {
            headers.insert(header::AUTHORIZATION, self.carrier.authorization.clone());
            headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        }
        // Without it, a server may choose any coding. Nothing here decodes one.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(API_CLIENT, API_CLIENT_VALUE);
    }

    async fn attempts(&self, started: Instant, attempts: &mut u32) -> Result<Answer> {
        let Carrier { limits, retry, budget, .. } = self.carrier;
        let class = self.operation.class;
        let needed = retry::useful_time(limits.timeout, limits.overall);
        let (mut refused, mut ambiguous) = (0, false);
        let (mut last_retry, mut last_response) = (None, None);
        loop {
            let mut request = (self.build)()?;
            check_length(request.url())?;
            self.equip(&mut request);
            let left = limits.overall.saturating_sub(started.elapsed());
            let before = Progress { attempts: *attempts, refused, ambiguous, left, needed };
            if !retry.repeats_broken(class, before) || !budget.has(budget::cost(Failure::Broken)) {
                io_turn().await;
            }
            let limit = limits.timeout.min(limits.overall.saturating_sub(started.elapsed()));
            let attempt = self.attempt(request, limit).await;
            let (failure, error) = match attempt {
                Ok(answer) => {
                    *attempts += 1;
                    budget.refund(budget::refund(last_retry));
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            *attempts += u32::from(failure != Failure::Unsent);
            refused += u32::from(failure.is_rejection());
            let left = limits.overall.saturating_sub(started.elapsed());
            let progress = Progress { attempts: *attempts, refused, ambiguous, left, needed };
            ambiguous |= failure.is_ambiguous();
            match retry.decide(class, failure, progress, fastrand::f64()) {
                Decision::Again(wait) if budget.take(budget::cost(failure)) => {
                    tracing::debug!(attempt = *attempts, wait_ms = wait.as_millis() as u64, "trying again");
                    last_retry = Some(budget::cost(failure));
                    last_response = error.status().is_some().then_some(error).or(last_response);
                    tokio::time::sleep(wait).await;
                }
                Decision::Success => {
                    budget.refund(budget::refund(last_retry));
                    return Ok(Answer::none());
                }
                stop => {
                    if stop != Decision::Stop {
                        tracing::debug!(attempt = *attempts, "retry budget is empty");
                    }
                    let timed_out = failure == Failure::TimedOut;
                    let error = match last_response {
                        // The server's message says more than a timeout. Only a create has to report the timeout: after
                        // a mere 429, a caller would create again.
                        Some(response) if timed_out && class == Class::Create => error.caused_by(response),
                        Some(response) if timed_out => response,
                        _ => error,
                    };
                    return Err(self.note_effect(error, ambiguous));
                }
            }
        }
    }

    /// Notes whether the call may have taken effect though it failed.
    fn note_effect(&self, error: Error, ambiguous: bool) -> Error {
        error.with_possible_effect(retry::may_have_taken_effect(self.operation.class, ambiguous))
    }

    /// What no error may repeat.
    fn secrets(&self) -> Vec<&str> {
        [self.carrier.token.expose()].into_iter().chain(self.hidden.iter().map(ExposeSecret::expose_secret)).collect()
    }

    /// Sends one request and reads its answer, within the limit.
    async fn attempt(&self, mut request: Box<reqwest::Request>, limit: Duration) -> Result<Answer, (Failure, Error)> {
        if self.operation.file {
            return Box::pin(self.open(request, limit)).await;
        }
        let limits = &self.carrier.limits;
        if limit < limits.timeout {
            *request.timeout_mut() = Some(limit);
        }
        let mut response = self.send(request).await?;
        let status = response.status();
        let body = body::whole(&mut response, limits.max_response).await.map_err(|broken| {
            let (failure, error) = match broken {
                body::Broken::Connection(e) => {
                    let e = e.with_url(response.url().clone());
                    (failure(&e), self.carrier.http.connection_error(e).status_code(status.as_u16()))
                }
                // Sent again, it would be as large again.
                body::Broken::TooLarge(error) => (Failure::Status(status.as_u16(), None), error),
            };
            (failure, error.request(response::request_id(response.headers(), &self.secrets())))
        })?;
        Ok(Answer { status, headers: std::mem::take(response.headers_mut()), body, file: None })
    }

    /// Sends one request for a file, whose answer must begin within the limit and may take longer to be read.
    async fn open(&self, mut request: Box<reqwest::Request>, limit: Duration) -> Result<Answer, (Failure, Error)> {
        *request.timeout_mut() = Some(Duration::MAX);
        let proxy = self.carrier.http.proxy(request.url()).ok().flatten();
        let sent = tokio::time::timeout(limit, self.send(request)).await;
        let mut response = sent.map_err(|_| (Failure::TimedOut, timed_out(proxy)))??;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(Answer { status, headers, body: Bytes::new(), file: Some(Box::new(response)) })
    }

    /// Sends one request; anything but a success is a failure.
    async fn send(&self, request: Box<reqwest::Request>) -> Result<reqwest::Response, (Failure, Error)> {
        let carrier = self.carrier;
        let sent = carrier.http.pool.execute(*request).await;
        let mut response = sent.map_err(|e| (failure(&e), carrier.http.connection_error(e)))?;
        carrier.deprecation.read(response.headers(), || self.secrets());
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let start = body::start(&mut response, response::ERROR_BODY_LIMIT).await;
        let asked = retry_after_header(response.headers(), SystemTime::now());
        let mut error = response::refusal(&response, &start, &self.secrets()).retry_in(asked);
        if error.message().is_none() && response.url().scheme() == "http" {
            // A proxy that forwards requests may have sent this.
            error = error.through(carrier.http.proxy(response.url()).ok().flatten());
        }
        Err((Failure::Status(status.as_u16(), asked), error))
    }
}

/// Checks that the HTTP crate can send a request to this URL.
fn check_length(url: &Url) -> Result<()> {
    let length = url.as_str().len();
    if length <= MAX_URL {
        return Ok(());
    }
    Err(Error::invalid_input(format!(
        "the request URL is too long: {length} bytes; the limit is {MAX_URL}, so use shorter ids or filters"
    )))
}

/// What a failure of the connection means for another attempt.
fn failure(error: &reqwest::Error) -> Failure {
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

/// Returns the failure if the other side or the network rejected the connection, as a server does that restarts. An
/// unknown host or a wrong certificate is another matter.
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
            // The source of an I/O error is that of the error inside, which would be skipped.
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
                // The limit is the HTTP crate's.
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
            // A wrong certificate, an unknown host, a connection that took too long.
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
