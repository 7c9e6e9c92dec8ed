//! What arrived: every HTTP request, in order, with the status that it got.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use serde_json::Value;

use crate::{
    http::{
        auth::Authorization,
        multipart::{self, Part},
        target::Target,
    },
    lock::lock,
    log::Log,
    operation,
};

/// The requests that an emulator received.
///
/// Operations are named as in the service's contract (`create_room`, `add_peer`, `refresh_token`,
/// `generate_viewer_token`, ...); the Python SDK's method names (`create_peer`, `refresh_peer_token`, ...) mean the
/// same. Sockets are `server_socket`, `peer_socket` and `agent_socket`, media `whip`, `whep`, `whep_public`, `whip_end`
/// and `whep_end`; a request that is none of these is `unknown_route`.
///
/// The journal keeps the newest requests: at most 65,536 of them, and at most 64 MiB, bodies and headers included.
/// [`EmulatorBuilder::journal_capacity`] and [`EmulatorBuilder::journal_bytes`] set these limits. Counts include the
/// requests that were dropped.
///
/// The journal keeps only the first 4,096 bytes of a body in three cases:
///
/// * The request has no valid management token.
/// * The emulator refused the request with a 4xx or 5xx status. A status from a fault is not a refusal.
/// * The request alone exceeds the limit in bytes.
///
/// [`EmulatorBuilder::journal_capacity`]: crate::EmulatorBuilder::journal_capacity
/// [`EmulatorBuilder::journal_bytes`]: crate::EmulatorBuilder::journal_bytes
#[derive(Clone)]
pub struct Journal {
    pages: Arc<Mutex<Pages>>,
}

struct Pages {
    requests: Log<RecordedRequest>,
    counts: HashMap<&'static str, usize>,
}

/// The number of bytes that the journal keeps of a body that it shortens.
pub(crate) const SHORT_BODY: usize = 4096;

/// One request in the [`Journal`].
#[derive(Clone)]
pub struct RecordedRequest {
    pub(crate) operation: &'static str,
    pub(crate) method: String,
    pub(crate) target: Target,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) authorization: Authorization,
    pub(crate) body: Bytes,
    pub(crate) status: Option<u16>,
}

impl Journal {
    pub(crate) fn new(capacity: usize, bytes: usize) -> Self {
        let pages = Pages { requests: Log::new(capacity, bytes), counts: HashMap::new() };
        Journal { pages: Arc::new(Mutex::new(pages)) }
    }

    /// How many requests for an operation arrived, answered or not; `"*"` counts all.
    pub fn count(&self, operation: &str) -> usize {
        let pages = lock(&self.pages);
        match operation::canonical(operation) {
            "*" => pages.counts.values().sum(),
            name => pages.counts.get(name).copied().unwrap_or(0),
        }
    }

    /// All requests, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.pages).requests.iter().cloned().collect()
    }

    /// The requests for one operation, oldest first.
    pub fn requests_for(&self, operation: &str) -> Vec<RecordedRequest> {
        let name = operation::canonical(operation);
        lock(&self.pages).requests.iter().filter(|request| request.operation == name).cloned().collect()
    }

    /// Forgets all requests and counts.
    pub fn clear(&self) {
        let mut pages = lock(&self.pages);
        pages.requests.clear();
        pages.counts.clear();
    }

    /// Records a request and returns its number.
    ///
    /// A client without the token must not remove other requests. A body that does not fit must not remove them either.
    pub(crate) fn record(&self, mut request: RecordedRequest) -> u64 {
        let mut pages = lock(&self.pages);
        *pages.counts.entry(request.operation).or_default() += 1;
        if request.authorization != Authorization::Valid || request.size() > pages.requests.max_bytes() {
            request.shorten();
        }
        let size = request.size();
        pages.requests.push(request, size)
    }

    /// Shortens the body of a request that was refused.
    pub(crate) fn refused(&self, number: u64) {
        lock(&self.pages).requests.resize(number, |request| {
            request.shorten();
            request.size()
        });
    }

    /// Records the status of the response to a request.
    pub(crate) fn answered(&self, number: u64, status: u16) {
        if let Some(request) = lock(&self.pages).requests.get_mut(number) {
            request.status = Some(status);
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(lock(&self.pages).requests.iter()).finish()
    }
}

impl RecordedRequest {
    /// The operation's name in the contract.
    pub fn operation(&self) -> &str {
        self.operation
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path as sent, without the prefix `/api/v1/connect/{id}`.
    pub fn path(&self) -> &str {
        &self.target.path
    }

    /// The path as sent.
    pub fn full_path(&self) -> &str {
        &self.target.full_path
    }

    /// The query as sent, without the question mark.
    pub fn query(&self) -> Option<&str> {
        self.target.query.as_deref()
    }

    /// Names (in lower case) and values of the headers, without `authorization`.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What the `authorization` header was worth; its value is not kept.
    pub fn authorization(&self) -> Authorization {
        self.authorization
    }

    /// Returns the body as sent, or its first 4,096 bytes. [`Journal`] lists the cases.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON, if it is JSON.
    pub fn body_json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The parts of a `multipart/form-data` body, if it is one.
    pub fn parts(&self) -> Option<Vec<Part>> {
        multipart::parts(self.header("content-type")?, &self.body)
    }

    /// Keeps only the beginning of the body.
    fn shorten(&mut self) {
        if let Some(beginning) = self.body.get(..SHORT_BODY) {
            // A copy, because a slice would keep the whole body.
            self.body = Bytes::copy_from_slice(beginning);
        }
    }

    /// Returns how many bytes it occupies, roughly.
    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len() + 2 * size_of::<String>());
        size_of::<Self>() + self.target.size() + headers.sum::<usize>() + self.body.len()
    }

    /// The status of the answer; `None` while there is none, and for a connection that was cut before it.
    pub fn status(&self) -> Option<u16> {
        self.status
    }
}

/// Prints no body and no query: they may hold what a test would not print.
impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.target.path)
            .field("authorization", &self.authorization)
            .field("body_length", &self.body.len())
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(operation: &'static str) -> RecordedRequest {
        RecordedRequest {
            operation,
            method: "POST".to_owned(),
            target: Target::new("/room", None),
            headers: Vec::new(),
            authorization: Authorization::Valid,
            body: Bytes::new(),
            status: None,
        }
    }

    #[test]
    fn journal_is_limited_in_bytes() {
        let journal = Journal::new(1000, 1 << 20);
        let large = |operation| RecordedRequest { body: vec![0; 300_000].into(), ..request(operation) };
        for _ in 0..10 {
            journal.record(large("create_room"));
        }
        assert_eq!((journal.count("create_room"), journal.requests().len()), (10, 3));
        let wide =
            |count| RecordedRequest { headers: vec![("x".into(), "y".repeat(1000)); count], ..request("get_room") };
        let long =
            |length| RecordedRequest { target: Target::new(&format!("/{}", "a".repeat(length)), None), ..wide(0) };
        // They exceed the limit even without a body.
        journal.record(wide(1000));
        journal.record(long(1 << 20));
        assert_eq!((journal.count("get_room"), journal.requests().len()), (2, 3));
        // This path counts three times: as sent, without its prefix and in segments.
        journal.record(long(200_000));
        assert_eq!((journal.count("get_room"), journal.requests().len()), (3, 2));
        journal.clear();
        // What is shortened makes room.
        for _ in 0..10 {
            let number = journal.record(large("add_peer"));
            journal.refused(number);
        }
        let bodies: Vec<_> = journal.requests().iter().map(|request| request.body().len()).collect();
        assert_eq!(bodies, [SHORT_BODY; 10]);
        let number = journal.record(request("add_peer"));
        journal.refused(number);
        assert_eq!(journal.requests().last().map(|request| request.body().len()), Some(0));
    }

    #[test]
    fn long_body_does_not_remove_other_requests() {
        let journal = Journal::new(1000, 1 << 20);
        let create = || RecordedRequest { body: vec![0; 80_000].into(), ..request("create_room") };
        for _ in 0..10 {
            journal.record(create());
        }
        let body = |length| vec![0; length].into();
        for authorization in [Authorization::Missing, Authorization::Invalid] {
            journal.record(RecordedRequest { body: body(900_000), authorization, ..request("unknown_route") });
        }
        journal.record(RecordedRequest { body: body(2 << 20), ..request("unknown_route") });
        assert_eq!(journal.requests_for("create_room").len(), 10);
        let short = journal.requests_for("unknown_route");
        let lengths: Vec<_> = short.iter().map(|request| request.body().len()).collect();
        assert_eq!(lengths, [SHORT_BODY; 3]);
    }

    #[test]
    fn keeps_the_newest_and_counts_all() {
        let journal = Journal::new(2, 1 << 20);
        let first = journal.record(request("create_room"));
        let second = journal.record(request("create_room"));
        let third = journal.record(request("add_peer"));
        for (number, status) in [(first, 201), (second, 400), (third, 409)] {
            journal.answered(number, status);
        }
        assert_eq!((journal.count("create_room"), journal.count("create_peer"), journal.count("*")), (2, 1, 3));
        let statuses: Vec<_> = journal.requests().iter().map(RecordedRequest::status).collect();
        assert_eq!(statuses, [Some(400), Some(409)]);
        journal.clear();
        journal.answered(third, 500);
        assert_eq!((journal.count("*"), journal.requests().len()), (0, 0));
        let fourth = journal.record(request("get_room"));
        journal.answered(fourth, 200);
        assert_eq!(journal.requests_for("get_room").first().and_then(RecordedRequest::status), Some(200));
    }
}
