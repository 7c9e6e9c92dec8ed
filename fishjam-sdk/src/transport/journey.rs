//! The journey of one call: what is added to its request, how often it is sent, and what counts as success.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::field::Empty;

use super::{
    answer::{self, Answer},
    body,
    carrier::Carrier,
    operation::Operation,
    retry::{self, Decision, Failure, Progress},
};
use crate::{
    error::{Error, ErrorKind, Result},
    listing::{Listing, UnreadableItem},
};

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
        headers.insert(API_CLIENT, API_CLIENT_VALUE);
    }

    async fn attempts(&self, started: Instant, attempts: &mut u32) -> Result<Answer> {
        let limits = &self.carrier.limits;
        let mut ambiguous = false;
        loop {
            let mut request = (self.build)()?;
            self.equip(&mut request);
            *attempts += 1;
            let left = limits.overall.saturating_sub(started.elapsed());
            let (failure, error) = match self.attempt(request, limits.timeout.min(left)).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let left = limits.overall.saturating_sub(started.elapsed());
            let progress = Progress { attempts: *attempts, ambiguous, left };
            match self.carrier.retry.decide(self.operation.class, failure, progress, fastrand::f64()) {
                Decision::Again(wait) => {
                    tracing::debug!(attempt = *attempts, wait_ms = wait.as_millis() as u64, "trying again");
                    ambiguous |= failure.is_ambiguous();
                    tokio::time::sleep(wait).await;
                }
                Decision::Stop => return Err(self.note_effect(error, ambiguous || failure.is_ambiguous())),
                Decision::Success => return Ok(Answer::none()),
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
                body::Broken::Connection(e) => (failure(&e), transport_failure(e).status_code(status.as_u16())),
                // Sent again, it would be as large again.
                body::Broken::TooLarge(error) => (Failure::Status(status.as_u16(), None), error),
            };
            (failure, error.request(answer::request_id(response.headers(), &self.secrets())))
        })?;
        Ok(Answer { status, headers: std::mem::take(response.headers_mut()), body, file: None })
    }

    /// Sends one request for a file, whose answer must begin within the limit and may take longer to be read.
    async fn open(&self, mut request: Box<reqwest::Request>, limit: Duration) -> Result<Answer, (Failure, Error)> {
        *request.timeout_mut() = Some(Duration::MAX);
        let sent = tokio::time::timeout(limit, self.send(request)).await;
        let mut response = sent.map_err(|_| (Failure::TimedOut, timed_out()))??;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(Answer { status, headers, body: Bytes::new(), file: Some(Box::new(response)) })
    }

    /// Sends one request; anything but a success is a failure.
    async fn send(&self, request: Box<reqwest::Request>) -> Result<reqwest::Response, (Failure, Error)> {
        let carrier = self.carrier;
        let mut response = carrier.http.execute(*request).await.map_err(|e| (failure(&e), transport_failure(e)))?;
        carrier.deprecation.read(response.headers(), || self.secrets());
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let start = body::start(&mut response, answer::ERROR_BODY_LIMIT).await;
        let asked = asked_to_wait(response.headers());
        let error = answer::refusal(&response, &start, &self.secrets()).retry_in(asked);
        Err((Failure::Status(status.as_u16(), asked), error))
    }
}

/// What a failure of the connection means for another attempt.
fn failure(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        Failure::Unreached
    } else if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::Broken
    }
}

/// How long an answer asks to wait, if it does.
pub(crate) fn asked_to_wait(headers: &HeaderMap) -> Option<Duration> {
    retry::retry_after(headers.get(header::RETRY_AFTER)?.to_str().ok()?, SystemTime::now())
}

/// No answer within the limit of one request.
pub(super) fn timed_out() -> Error {
    Error::new(ErrorKind::Timeout)
}

/// A failure of the connection, with its chain of causes and without the URL.
pub(crate) fn transport_failure(error: reqwest::Error) -> Error {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Connection };
    Error::new(kind).caused_by(error.without_url())
}
