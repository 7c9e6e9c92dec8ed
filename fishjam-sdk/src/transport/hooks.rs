//! The journey of one call: what is added to its requests, how often it is sent, and what counts as success.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use fishjam_api::hooks::{Carrier, Carrying, NotCarried};
use http::{HeaderName, HeaderValue, header};
use tokio::time::Instant;
use tracing::{Instrument, field::Empty};

use super::{
    Transport,
    amendment::Amendment,
    answer, body,
    operation::Operation,
    retry::{self, Decision, Failure, Progress},
};
use crate::error::{Error, ErrorKind};

const API_CLIENT: HeaderName = HeaderName::from_static("x-fishjam-api-client");
const API_CLIENT_VALUE: HeaderValue = HeaderValue::from_static(concat!("rust-server/", env!("CARGO_PKG_VERSION")));
/// Sent by the generated code; nothing in the service's contract knows it.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// Carries the requests of one call and remembers why none of them brought a success.
#[derive(Debug)]
pub(super) struct Journey {
    transport: Arc<Transport>,
    operation: Operation,
    amendment: Amendment,
    end: Mutex<End>,
}

/// How a journey ended.
#[derive(Debug, Default)]
pub(super) struct End {
    /// How many requests were sent.
    pub(super) attempts: u32,
    /// Why there was no success, if there was none.
    pub(super) failure: Option<Error>,
    /// The status of the success, if there was one.
    pub(super) status: Option<u16>,
    /// The server's id of the request that succeeded, if it gave one.
    pub(super) request_id: Option<String>,
}

impl Journey {
    pub(super) fn new(transport: Arc<Transport>, operation: Operation, amendment: Amendment) -> Self {
        Self { transport, operation, amendment, end: Mutex::default() }
    }

    /// How it ended; asked once, after the call.
    pub(super) fn end(&self) -> End {
        std::mem::take(&mut *self.end.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Attempts until there is a success or no sense in another one.
    async fn travel(&self, request: reqwest::Request) -> Result<reqwest::Response, NotCarried> {
        let span = tracing::debug_span!(
            "fishjam_call",
            operation = self.operation.id,
            attempts = Empty,
            status = Empty,
            duration_ms = Empty
        );
        let started = Instant::now();
        let mut end = End::default();
        let outcome = self.attempts(request, started, &mut end.attempts).instrument(span.clone()).await;
        span.record("attempts", end.attempts);
        span.record("duration_ms", started.elapsed().as_millis() as u64);
        let outcome = match outcome {
            Ok(response) => {
                span.record("status", response.status().as_u16());
                end.status = Some(response.status().as_u16());
                end.request_id = answer::request_id(response.headers(), &self.secrets());
                Ok(response)
            }
            Err(error) => {
                error.status().map(|status| span.record("status", status));
                end.failure = Some(error);
                Err(NotCarried)
            }
        };
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = end;
        outcome
    }

    async fn attempts(
        &self,
        request: reqwest::Request,
        started: Instant,
        attempts: &mut u32,
    ) -> Result<reqwest::Response, Error> {
        let transport = &self.transport;
        let limits = &transport.limits;
        let mut next = Some(request);
        let mut ambiguous = false;
        loop {
            let Some(request) = next.take() else { return Err(Error::new(ErrorKind::Connection)) };
            // A body that is a stream cannot be sent twice; none of ours is.
            next = request.try_clone();
            *attempts += 1;
            let left = limits.overall.saturating_sub(started.elapsed());
            let (failure, error) = match self.attempt(request, limits.timeout.min(left)).await {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            let left = limits.overall.saturating_sub(started.elapsed());
            let progress = Progress { attempts: *attempts, ambiguous, left };
            match transport.retry.decide(self.operation.class, failure, progress, fastrand::f64()) {
                Decision::Again(wait) if next.is_some() => {
                    tracing::debug!(attempt = *attempts, wait_ms = wait.as_millis() as u64, "trying again");
                    ambiguous |= failure.is_ambiguous();
                    tokio::time::sleep(wait).await;
                }
                Decision::Again(_) | Decision::Stop => return Err(error),
                Decision::Success => return Ok(body::none(http::StatusCode::NO_CONTENT)),
            }
        }
    }

    /// What no error may repeat.
    fn secrets(&self) -> Vec<&str> {
        [self.transport.token.expose()].into_iter().chain(self.amendment.hidden()).collect()
    }

    /// Sends one request and reads its answer.
    async fn attempt(
        &self,
        mut request: reqwest::Request,
        limit: std::time::Duration,
    ) -> Result<reqwest::Response, (Failure, Error)> {
        let transport = &self.transport;
        let without_body = request.method() == http::Method::POST && request.body().is_none();
        let headers = request.headers_mut();
        if without_body {
            // Some servers and proxies refuse a POST that does not say how long it is.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        headers.insert(API_CLIENT, API_CLIENT_VALUE);
        headers.remove(API_VERSION);
        if self.operation.file {
            headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        } else {
            headers.insert(header::AUTHORIZATION, transport.authorization.clone());
            headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            *request.timeout_mut() = Some(limit);
        }

        let executed = transport.http.execute(request);
        // A file's answer has begun within the limit, and may take longer to be read.
        let executed = match self.operation.file {
            true => tokio::time::timeout(limit, executed).await.map_err(|_| (Failure::TimedOut, timed_out()))?,
            false => executed.await,
        };
        let mut response = executed.map_err(|e| (failure(&e), transport_failure(e)))?;
        transport.deprecation.read(response.headers(), &self.secrets());
        let status = response.status();
        if !status.is_success() {
            let start = tokio::time::timeout(limit, body::start(&mut response, answer::ERROR_BODY_LIMIT)).await;
            let start = start.unwrap_or_default();
            let asked = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
            let asked = asked.and_then(|value| retry::retry_after(value, SystemTime::now()));
            let error = answer::refusal(&response, &start, &self.secrets()).retry_in(asked);
            return Err((Failure::Status(status.as_u16(), asked), error));
        }
        if self.operation.file {
            return Ok(response);
        }
        body::whole(response, transport.limits.max_response).await.map_err(|broken| match broken {
            body::Broken::Connection(e) => (failure(&e), transport_failure(e).status_code(status.as_u16())),
            // Sent again, it would be as large again.
            body::Broken::TooLarge(error) => (Failure::Status(status.as_u16(), None), error),
        })
    }
}

impl Carrier for Journey {
    fn carry<'a>(&'a self, _operation_id: &'static str, mut request: reqwest::Request) -> Carrying<'a> {
        self.amendment.apply(&mut request);
        Box::pin(self.travel(request))
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

/// No answer within the limit of one request.
pub(super) fn timed_out() -> Error {
    Error::new(ErrorKind::Timeout)
}

/// A failure of the connection, with its chain of causes and without the URL.
pub(crate) fn transport_failure(error: reqwest::Error) -> Error {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Connection };
    Error::new(kind).caused_by(error.without_url())
}
