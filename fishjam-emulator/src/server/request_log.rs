//! The request log of the program: one line for each request on stderr.

use std::{
    io::{self, Write},
    time::Instant,
};

use axum::extract::Request;

/// The line of one request. It is written when the response is ready, or when the request ends without one.
///
/// The line has no query and no header, because both can contain secrets.
pub(super) struct RequestLine {
    method: String,
    path: String,
    status: Option<u16>,
    started: Instant,
}

/// The mark of a response that the client does not get, because a fault ended the connection.
#[derive(Clone, Copy)]
pub(super) struct Withheld;

impl RequestLine {
    pub(super) fn start(request: &Request) -> Self {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        RequestLine { method, path, status: None, started: Instant::now() }
    }

    pub(super) fn finish(mut self, status: Option<u16>) {
        self.status = status;
    }

    fn line(&self, milliseconds: u128) -> String {
        let status = self.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        format!("{} {} {status} {milliseconds} ms\n", self.method, self.path.escape_default())
    }
}

impl Drop for RequestLine {
    fn drop(&mut self) {
        // Nobody may read stderr anymore. One write, so that lines of several requests do not mix.
        let _ = io::stderr().write_all(self.line(self.started.elapsed().as_millis()).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn line_contains_no_query_and_no_header() {
        let request = Request::post("/room/r/peer?token=secret").header("authorization", "Bearer secret");
        let mut line = RequestLine::start(&request.body(Body::empty()).unwrap());
        assert_eq!(line.line(3), "POST /room/r/peer - 3 ms\n");
        line.status = Some(201);
        assert_eq!(line.line(0), "POST /room/r/peer 201 0 ms\n");
    }
}
