//! The journal: every HTTP request, in order, with the status of its response.

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
/// Operations have the names of the service's contract: `create_room`, `add_peer`, `refresh_token`,
/// `generate_viewer_token`, ... The method names of the Python SDK (`create_peer`, `refresh_peer_token`, ...) mean the
/// same. Other names are:
///
/// - `server_socket`, `peer_socket`, `agent_socket` and `composition_socket` for sockets
/// - the operation ids of the composition API, such as `create_composition`, `register_input` and `start`
/// - `whip`, `whep`, `whep_public`, `whip_end` and `whep_end` for media of livestreams
/// - `composition_whip` and `composition_whip_end` for media of compositions
/// - `unknown_route` for all other requests
///
/// The journal keeps the newest requests: at most 65,536 of them, and at most 64 MiB, bodies and headers included.
/// [`EmulatorBuilder::journal_capacity`] and [`EmulatorBuilder::journal_bytes`] set these limits. Counts include the
/// requests that were dropped.
///
/// The journal keeps only the first 4,096 bytes of a body in three cases:
///
/// - The request has no valid management token.
/// - The emulator rejected the request with a 4xx or 5xx status. A status from a fault does not count.
/// - The request alone exceeds the limit in bytes.
///
/// [`EmulatorBuilder::journal_capacity`]: crate::EmulatorBuilder::journal_capacity
/// [`EmulatorBuilder::journal_bytes`]: crate::EmulatorBuilder::journal_bytes
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fishjam_emulator::Result<()> {
/// let emulator = fishjam_emulator::Emulator::start().await?;
/// // ... the tested code calls the API ...
/// for request in emulator.journal().requests_for("create_room") {
///     println!("{} {}", request.method(), request.path());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Journal {
    records: Arc<Mutex<Records>>,
}

struct Records {
    requests: Log<RecordedRequest>,
    counts: HashMap<&'static str, usize>,
}

/// The number of bytes that the journal keeps of a body that it shortens.
pub(crate) const SHORT_BODY: usize = 4096;

/// One request in the [`Journal`].
///
/// For an example, see [`Journal`].
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
        let records = Records { requests: Log::new(capacity, bytes), counts: HashMap::new() };
        Journal { records: Arc::new(Mutex::new(records)) }
    }

    /// Returns the number of requests for an operation, or of all requests for `"*"`.
    pub fn count(&self, operation: &str) -> usize {
        let records = lock(&self.records);
        match operation::canonical(operation) {
            "*" => records.counts.values().sum(),
            name => records.counts.get(name).copied().unwrap_or(0),
        }
    }

    /// Returns all kept requests, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.records).requests.iter().cloned().collect()
    }

    /// Returns the kept requests for one operation, oldest first.
    pub fn requests_for(&self, operation: &str) -> Vec<RecordedRequest> {
        let name = operation::canonical(operation);
        lock(&self.records).requests.iter().filter(|request| request.operation == name).cloned().collect()
    }

    /// Drops all requests and counts.
    pub fn clear(&self) {
        let mut records = lock(&self.records);
        records.requests.clear();
        records.counts.clear();
    }

    /// Records a request and returns its number.
    ///
    /// A client without the token must not remove other requests. A body that does not fit must not remove them either.
    pub(crate) fn record(&self, mut request: RecordedRequest) -> u64 {
        let mut records = lock(&self.records);
        *records.counts.entry(request.operation).or_default() += 1;
        if request.authorization != Authorization::Valid || request.size() > records.requests.max_bytes() {
            request.shorten();
        }
        let size = request.size();
        records.requests.push(request, size)
    }

    /// Shortens the body of a rejected request.
    pub(crate) fn shorten(&self, number: u64) {
        lock(&self.records).requests.resize(number, |request| {
            request.shorten();
            request.size()
        });
    }

    /// Records the status of the response to a request.
    pub(crate) fn record_status(&self, number: u64, status: u16) {
        if let Some(request) = lock(&self.records).requests.get_mut(number) {
            request.status = Some(status);
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(lock(&self.records).requests.iter()).finish()
    }
}

impl RecordedRequest {
    /// Returns the name of the operation in the contract.
    pub fn operation(&self) -> &str {
        self.operation
    }

    /// Returns the HTTP method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path as sent, without the prefix `/api/v1/connect/{id}`.
    pub fn path(&self) -> &str {
        &self.target.path
    }

    /// Returns the path as sent.
    pub fn full_path(&self) -> &str {
        &self.target.full_path
    }

    /// Returns the query as sent, without the question mark. Returns `None` for a URL without a query.
    pub fn query(&self) -> Option<&str> {
        self.target.query.as_deref()
    }

    /// Returns the names (in lower case) and values of the headers, without `authorization`.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Returns the first header of this name, which is not case sensitive.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the result of checking the `authorization` header. The journal does not keep its value.
    pub fn authorization(&self) -> Authorization {
        self.authorization
    }

    /// Returns the body as sent, or its first 4,096 bytes. [`Journal`] lists the cases.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the body as JSON, if it is valid JSON.
    pub fn body_json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns the parts of a `multipart/form-data` body. Returns `None` for other bodies.
    pub fn parts(&self) -> Option<Vec<Part>> {
        multipart::parts(self.header("content-type")?, &self.body)
    }

    /// Keeps only the beginning of the body.
    fn shorten(&mut self) {
        if let Some(beginning) = self.body.get(..SHORT_BODY) {
            // The prefix is copied, because a slice would keep the whole body in memory.
            self.body = Bytes::copy_from_slice(beginning);
        }
    }

    /// Returns the approximate size in bytes.
    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len() + 2 * size_of::<String>());
        size_of::<Self>() + self.target.size() + headers.sum::<usize>() + self.body.len()
    }

    /// Returns the status of the response.
    ///
    /// Returns `None` before the response, and if the connection was cut before it.
    pub fn status(&self) -> Option<u16> {
        self.status
    }
}

/// Shows no body and no query, because they can contain secrets.
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
        // The path and the headers exceed the limit even without a body.
        journal.record(wide(1000));
        journal.record(long(1 << 20));
        assert_eq!((journal.count("get_room"), journal.requests().len()), (2, 3));
        // This path counts three times: as sent, without its prefix and in segments.
        journal.record(long(200_000));
        assert_eq!((journal.count("get_room"), journal.requests().len()), (3, 2));
        journal.clear();
        // Shortened requests free their bytes.
        for _ in 0..10 {
            let number = journal.record(large("add_peer"));
            journal.shorten(number);
        }
        let bodies: Vec<_> = journal.requests().iter().map(|request| request.body().len()).collect();
        assert_eq!(bodies, [SHORT_BODY; 10]);
        let number = journal.record(request("add_peer"));
        journal.shorten(number);
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
    fn journal_keeps_newest_requests_and_all_counts() {
        let journal = Journal::new(2, 1 << 20);
        let first = journal.record(request("create_room"));
        let second = journal.record(request("create_room"));
        let third = journal.record(request("add_peer"));
        for (number, status) in [(first, 201), (second, 400), (third, 409)] {
            journal.record_status(number, status);
        }
        assert_eq!((journal.count("create_room"), journal.count("create_peer"), journal.count("*")), (2, 1, 3));
        let statuses: Vec<_> = journal.requests().iter().map(RecordedRequest::status).collect();
        assert_eq!(statuses, [Some(400), Some(409)]);
        journal.clear();
        journal.record_status(third, 500);
        assert_eq!((journal.count("*"), journal.requests().len()), (0, 0));
        let fourth = journal.record(request("get_room"));
        journal.record_status(fourth, 200);
        assert_eq!(journal.requests_for("get_room").first().and_then(RecordedRequest::status), Some(200));
    }
}
