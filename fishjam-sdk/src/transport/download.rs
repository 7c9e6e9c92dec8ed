//! Downloads files from hosts that the server names. These hosts receive no token.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use fishjam_api::ApiClient;
use http::{HeaderMap, HeaderValue, Method, header};
use reqwest::Url;

use super::{
    Transport,
    attempts::{check_length, failure},
    http::{HttpClient, retry_after_header, timed_out},
    response::unexpected_coding,
    retry::{Decision, Failure, Progress, RetryClass},
};
use crate::error::{Error, ErrorKind, Result};

/// Maximum number of redirects before a file.
const MAX_REDIRECTS: u32 = 5;

/// The bytes of a file that have arrived, so that another request continues after them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResumeAt<'a> {
    /// Number of bytes.
    pub(crate) offset: u64,
    /// The strong entity tag of the file, so that the host sends the whole file if it has changed.
    pub(crate) etag: &'a HeaderValue,
}

/// A failed request or an interrupted transfer.
#[derive(Debug)]
pub(crate) struct FileError {
    pub(crate) error: Error,
    failure: Failure,
}

impl FileError {
    /// Creates the error for a file that another request would not change.
    pub(crate) fn permanent(error: Error) -> Self {
        Self { error, failure: Failure::Unsent }
    }

    /// Creates the error for a transfer that ended early.
    pub(crate) fn interrupted(message: &'static str) -> Self {
        Self { error: Error::new(ErrorKind::Connection).message_text(message), failure: Failure::Broken }
    }

    /// Creates the error for a response that no host of files should send.
    pub(crate) fn unusable(message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::permanent(Error::new(ErrorKind::Decode).message_text(message))
    }

    /// Returns `true` if the URL may have expired. Hosts respond to an expired URL with different statuses.
    pub(crate) fn may_have_expired(&self) -> bool {
        matches!(self.failure, Failure::Status(400 | 401 | 403 | 404 | 410, _))
    }
}

/// The failures since the last progress of a transfer.
#[derive(Debug, Default)]
pub(crate) struct FileRetries {
    attempts: u32,
    refused: u32,
}

/// The head of a response with a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileHead {
    /// Position of the first byte in the file.
    pub(crate) start: u64,
    /// Size of the file in bytes. `None` if the host does not know it yet.
    pub(crate) total: Option<u64>,
    /// The strong entity tag of the file.
    pub(crate) etag: Option<HeaderValue>,
}

/// A response with a file, or with the rest of it.
pub(crate) struct FileResponse {
    pub(crate) head: FileHead,
    response: reqwest::Response,
    http: HttpClient,
    timeout: Duration,
}

impl FileResponse {
    /// Returns the next bytes, or `None` after the last. They must arrive within the time limit of a request.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        match tokio::time::timeout(self.timeout, self.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(e)) => {
                let e = e.with_url(self.response.url().clone());
                Err(FileError { failure: failure(&e), error: self.http.connection_error(e) })
            }
            Err(_) => {
                let proxy = self.http.proxy(self.response.url()).ok().flatten();
                let error = timed_out(proxy).message_text("the next bytes of the file did not arrive in time");
                Err(FileError { error, failure: Failure::TimedOut })
            }
        }
    }
}

impl<C: ApiClient> Transport<C> {
    /// Requests a file, or the rest of it. Follows redirects, because the request contains no token.
    ///
    /// Returns when the file starts to arrive.
    pub(crate) async fn open_file(&self, url: &str, resume: Option<ResumeAt<'_>>) -> Result<FileResponse, FileError> {
        let parsed = Url::parse(url).map_err(|_| FileError::unusable("the URL of the file is malformed"))?;
        let mut url = checked(parsed, self.endpoint.is_tls())?;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.request_file(url.clone(), resume).await?;
            let status = response.status().as_u16();
            url = match status {
                200 | 206 => {
                    let head = read_head(status, response.headers())?;
                    let (http, timeout) = (self.context.http.clone(), self.settings.limits.timeout);
                    return Ok(FileResponse { head, response, http, timeout });
                }
                301 | 302 | 303 | 307 | 308 => redirect(&url, response.headers())?,
                _ => {
                    let wait = retry_after_header(response.headers(), SystemTime::now());
                    let error = Error::new(kind_of_status(status)).status_code(status).retry_in(wait);
                    let error = error.message_text("the host of the file responded with an error");
                    return Err(FileError { error, failure: Failure::Status(status, wait) });
                }
            };
        }
        Err(FileError::unusable(format!("the host of the file redirects more than {MAX_REDIRECTS} times")))
    }

    /// Sends one request. Only the head of the response must arrive within the time limit.
    async fn request_file(&self, url: Url, resume: Option<ResumeAt<'_>>) -> Result<reqwest::Response, FileError> {
        let http = &self.context.http;
        // Without this check, a request whose proxy is unusable would be sent without a proxy.
        let proxy = http.proxy(&url).map_err(FileError::permanent)?;
        let mut request = reqwest::Request::new(Method::GET, url.clone());
        // The limit of the client would include the body.
        *request.timeout_mut() = Some(Duration::MAX);
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        // Positions in a file do not match positions in its compressed form.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(ResumeAt { offset, etag }) = resume {
            let range = HeaderValue::try_from(format!("bytes={offset}-"));
            headers.insert(header::RANGE, range.map_err(|_| FileError::unusable("the position is invalid"))?);
            headers.insert(header::IF_RANGE, etag.clone());
        }
        match tokio::time::timeout(self.settings.limits.timeout, http.pool.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(e)) => Err(FileError { failure: failure(&e), error: http.connection_error(e) }),
            Err(_) => Err(FileError { error: timed_out(proxy), failure: Failure::TimedOut }),
        }
    }

    /// Returns the wait before the next request for a file, or `None` if there must be no other.
    ///
    /// The policy for reads of the API decides. The retry budget does not apply, because it protects the API's server.
    pub(crate) fn wait_before_next(&self, retries: &mut FileRetries, failed: &FileError) -> Option<Duration> {
        retries.attempts += 1;
        retries.refused += u32::from(failed.failure.is_rejection());
        let progress = Progress {
            attempts: retries.attempts,
            refused: retries.refused,
            ambiguous: false,
            left: self.settings.limits.overall,
            needed: Duration::ZERO,
        };
        match self.settings.retry.decide(RetryClass::Read, failed.failure, progress, fastrand::f64()) {
            Decision::Again(wait) => Some(wait),
            Decision::Stop | Decision::Success => None,
        }
    }
}

/// Returns the kind of an error of a host that does not know the management token.
fn kind_of_status(status: u16) -> ErrorKind {
    match ErrorKind::of_status(status) {
        // It would look like a wrong management token.
        ErrorKind::Unauthorized => ErrorKind::UnexpectedStatus,
        kind => kind,
    }
}

/// Checks that the SDK can request this URL.
fn checked(url: Url, needs_tls: bool) -> Result<Url, FileError> {
    let problem = match url.scheme() {
        "http" if needs_tls => "the URL of the file lacks TLS",
        "http" | "https" if url.username().is_empty() && url.password().is_none() => {
            check_length(&url).map_err(FileError::permanent)?;
            return Ok(url);
        }
        "http" | "https" => "the URL of the file contains a user name or a password",
        _ => "the URL of the file has an unknown scheme",
    };
    Err(FileError::unusable(problem))
}

/// Returns the URL in a redirect. A redirect from `https` to `http` is an error.
fn redirect(from: &Url, headers: &HeaderMap) -> Result<Url, FileError> {
    let target = headers.get(header::LOCATION).and_then(|target| from.join(target.to_str().ok()?).ok());
    let target = target.ok_or_else(|| FileError::unusable("the host of the file redirects to an invalid URL"))?;
    checked(target, from.scheme() == "https")
}

/// Reads the head of a success. The size of the file must be verifiable.
fn read_head(status: u16, headers: &HeaderMap) -> Result<FileHead, FileError> {
    if let Some(message) = unexpected_coding(headers, &[]) {
        return Err(FileError::unusable(message));
    }
    let text = |name| headers.get(name)?.to_str().ok();
    let etag = headers.get(header::ETAG).filter(|etag| etag.as_bytes().starts_with(b"\"")).cloned();
    if status == 206 {
        let range = text(header::CONTENT_RANGE).and_then(parse_content_range);
        let (start, total) = range.ok_or_else(|| FileError::unusable("the response has an invalid range"))?;
        return Ok(FileHead { start, total: Some(total), etag });
    }
    let total = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    // Without both headers, the end of the connection ends the file, and an interruption looks the same.
    if total.is_none() && !headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(FileError::unusable("the response lacks the length of the file"));
    }
    Ok(FileHead { start: 0, total, etag })
}

/// Parses `bytes START-END/TOTAL`. Returns the start and the total.
fn parse_content_range(value: &str) -> Option<(u64, u64)> {
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end, total) = (number(start)?, number(end)?, number(total)?);
    (start <= end && end < total).then_some((start, total))
}

/// Parses digits. `u64::from_str` also accepts a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(header::HeaderName, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn content_range_is_parsed_strictly() {
        for (value, range) in [
            ("bytes 0-9/10", Some((0, 10))),
            ("bytes 5-9/10", Some((5, 10))),
            ("bytes 5-7/10", Some((5, 10))),
            ("bytes 5-10/10", None),
            ("bytes 7-5/10", None),
            ("bytes 5-9/*", None),
            ("bytes */10", None),
            ("bytes +5-9/10", None),
            ("bytes 5-9/18446744073709551616", None),
            ("items 0-9/10", None),
            ("bytes -/", None),
            ("", None),
        ] {
            assert_eq!(parse_content_range(value), range, "{value}");
        }
    }

    #[test]
    fn head_needs_a_verifiable_length() {
        let (etag, length) = ((header::ETAG, "\"a\""), (header::CONTENT_LENGTH, "10"));
        let head = read_head(200, &headers(&[etag.clone(), length.clone()])).unwrap();
        assert_eq!(head, FileHead { start: 0, total: Some(10), etag: Some(HeaderValue::from_static("\"a\"")) });
        let chunked = read_head(200, &headers(&[(header::TRANSFER_ENCODING, "chunked")])).unwrap();
        assert_eq!(chunked, FileHead { start: 0, total: None, etag: None });
        let weak = read_head(200, &headers(&[(header::ETAG, "W/\"a\""), length.clone()])).unwrap();
        assert_eq!(weak.etag, None);
        for (status, lines, problem) in [
            (200, vec![etag.clone()], "lacks the length"),
            (206, vec![etag, length.clone()], "invalid range"),
            (200, vec![length, (header::CONTENT_ENCODING, "gzip")], "gzip"),
        ] {
            let error = read_head(status, &headers(&lines)).unwrap_err().error;
            assert!(error.kind() == ErrorKind::Decode && error.to_string().contains(problem), "{error}");
        }
    }

    #[test]
    fn redirect_stays_secure_and_is_not_printed() {
        let from = Url::parse("https://host/a?sentinel").unwrap();
        for (location, target) in [
            ("/b", Ok("https://host/b")),
            ("https://other/c?d", Ok("https://other/c?d")),
            ("http://host/b?sentinel", Err("lacks TLS")),
            ("https://sentinel:sentinel@host/", Err("user name")),
            ("file:///sentinel", Err("scheme")),
            ("https://", Err("invalid URL")),
        ] {
            match (redirect(&from, &headers(&[(header::LOCATION, location)])), target) {
                (Ok(found), Ok(target)) => assert_eq!(found.as_str(), target),
                (Err(FileError { error, .. }), Err(problem)) => {
                    let printed = format!("{error:#} {error:?}");
                    assert!(printed.contains(problem) && !printed.contains("sentinel"), "{printed}");
                }
                (found, _) => panic!("{location}: {found:?}"),
            }
        }
        assert!(redirect(&from, &HeaderMap::new()).is_err());
        let plain = Url::parse("http://host/").unwrap();
        assert_eq!(redirect(&plain, &headers(&[(header::LOCATION, "https://host/")])).unwrap().scheme(), "https");
    }

    #[test]
    fn rejected_url_does_not_look_like_a_wrong_token() {
        assert_eq!(kind_of_status(401), ErrorKind::UnexpectedStatus);
        assert_eq!(kind_of_status(403), ErrorKind::UnexpectedStatus);
        assert_eq!(kind_of_status(503), ErrorKind::ServiceUnavailable);
    }
}
